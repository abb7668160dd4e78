"""From what a sheet writes about places to organisations: below the one it speaks for, never outside it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import Enum

from apps.accounts.models import Organization
from apps.files import selectors

_BUREAU = re.compile(
    r"(?:委员会|委|党委)?(?:办公室)?(?:老干部工作局|老干部管理局|老干部局|离退休干部工作局|离退休干部局|老干局|老干办|老干部办公室|老干部科|组织部|县委|区委|市委)$"
)
_TAIL = re.compile(r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|新区|林区|自治县|自治旗|省|市|县|区|旗|盟)$")
_CODE = re.compile(r"\d{6}(?:\d{3}|\d{6})?")
NAMELESS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


class Miss(Enum):
    """Why a text names no place we may use."""

    UNKNOWN = "unknown"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as rows are put into it. ``county_path`` is the path of the county it stands in, or its own above counties."""

    pk: int
    path: str
    name: str
    county_path: str


def plain(text: str) -> str:
    """Names are compared without spaces, brackets' contents and width."""
    text = "".join(unicodedata.normalize("NFKC", text or "").split())
    return re.sub(r"^中共|\(.*?\)$", "", text)


class Places:
    """The organisations below ``org``, and the names of all regions of the country. Answers are kept, so ask it row by row."""

    def __init__(self, org: Organization, today: date) -> None:
        self.org, self.today = org, today
        self.here = self._place(org.pk, org.path, org.name)
        self._regions: dict[str, list[Place]] | None = None
        self._codes: dict[str, Place] = {}
        self._units: dict[str, list[Place]] | None = None
        self._known: dict[tuple, Place | Miss | None] = {}

    @staticmethod
    def _county_of(path: str) -> str:
        """The first three segments, which are province, city and county; a shorter path as it is."""
        head = "/".join(path.split("/")[:4])
        return head if head.endswith("/") else head + "/"

    def region(self, text: str) -> Place | Miss | None:
        """Where a county column or a 填报单位 line puts rows; None when it only repeats what stands above ``org``."""
        key = ("region", text)
        if key not in self._known:
            self._known[key] = self._find_region(text)
        return self._known[key]

    def unit(self, text: str, inside: Place) -> Place | Miss | None:
        """The unit of this name at or below ``inside``; None when the text means ``inside`` or what is above it."""
        key = ("unit", text, inside.path)
        if key not in self._known:
            self._known[key] = self._find_unit(text, inside)
        return self._known[key]

    def region_code(self, text: str) -> str:
        """GB/T 2260 code of a place named anywhere in the country, "" when it is unknown or several places bear the name."""
        self._load_regions()
        key = plain(text)
        if _CODE.fullmatch(key):
            return key[:6] if key[:6] in self._codes else ""
        found = {place.path for place in self._regions.get(key, ())}
        return found.pop().rstrip("/").rsplit("/", 1)[-1].ljust(6, "0") if len(found) == 1 else ""

    def _find_region(self, text: str) -> Place | Miss | None:
        self._load_regions()
        key = plain(text)
        if _CODE.fullmatch(key):
            hits = [self._codes[key[:6]]] if key[:6] in self._codes else []
        else:
            hits = self._regions.get(key) or self._regions.get(_BUREAU.sub("", key)) or self._regions.get(plain(_BUREAU.sub("", key))) or []
        if below := [hit for hit in hits if hit.path.startswith(self.org.path)]:
            return below[0] if len(below) == 1 else Miss.UNKNOWN
        if any(self.org.path.startswith(hit.path) for hit in hits):
            return None
        if hits:
            return Miss.OUTSIDE
        return self._find_unit(text, self.here)

    def _find_unit(self, text: str, inside: Place) -> Place | Miss | None:
        self._load_units()
        key = plain(text)
        for spelling in dict.fromkeys((key, self._without_above(key), _BUREAU.sub("", key))):
            hits = {hit for hit in self._units.get(spelling, ()) if hit.path.startswith(inside.path)}
            if len(hits) == 1:
                return hits.pop()
        self._load_regions()
        above = self._regions.get(key) or self._regions.get(_BUREAU.sub("", key)) or ()
        return None if any(inside.path.startswith(place.path) for place in above) else Miss.UNKNOWN

    def _place(self, pk: int, path: str, name: str) -> Place:
        return Place(pk, path, name, self._county_of(path))

    def _without_above(self, key: str) -> str:
        for name in self._above:
            if key.startswith(name) and len(key) > len(name) + 1:
                key = key[len(name) :]
        return key

    def load(self) -> None:
        """Ask the database now, so that nothing asks it later."""
        self._load_regions()
        self._load_units()

    def _load_regions(self) -> None:
        """Every way to write a region: 濂溪区, 九江市濂溪区, 江西省九江市濂溪区, 濂溪."""
        if self._regions is not None:
            return
        self._regions = {}
        names: dict[str, str] = {}
        for pk, path, name, code in selectors.regions(self.today):
            above = names.get(path[: path.rstrip("/").rfind("/") + 1], "")
            names[path] = above + ("" if name in NAMELESS else name)
            place = self._place(pk, path, name)
            if code:
                self._codes[code] = place
            bare = _TAIL.sub("", name)
            tails = [above[at:] + name for at in self._cuts(path, names)]
            for spelling in {name, *tails, *((bare,) if len(bare) > 1 else ())}:
                self._regions.setdefault(plain(spelling), []).append(place)

    @staticmethod
    def _cuts(path: str, names: dict[str, str]) -> list[int]:
        """Where the name of each region above begins in the names run together."""
        parts = path.strip("/").split("/")[:-1]
        paths = ["/" + "/".join(parts[:n]) + "/" for n in range(len(parts))]
        return [len(names.get(one, "")) for one in paths]

    def _load_units(self) -> None:
        """Names and short names of everything below ``org``, also without the county's name in front."""
        if self._units is not None:
            return
        self._units, labels = {}, {}
        for pk, path, name, short_name in selectors.places_below(self.org, self.today):
            labels[path] = name
            county = labels.get(self._county_of(path), self.org.name)
            for spelling in {name, short_name, name.removeprefix(county)} - {""}:
                if len(spelling) > 1:
                    self._units.setdefault(plain(spelling), []).append(self._place(pk, path, name))
        self._above = [name for name in selectors.names_above(self.org) if len(name) > 1]
