"""The list of people: filters as they stand in the URL, four orders, pages by key."""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from django.db.models import DateField, F, Func, QuerySet, Value
from django.db.models.functions import Coalesce

from apps.accounts.models import Organization
from apps.cadres.models import AttentionClass, Cadre, RetireKind, Standing
from apps.cadres.models.cadre import UNKNOWN_BIRTH
from apps.cadres.selectors.search import RowCompare, matching
from apps.core.metrics import METRICS, Period
from apps.core.scope import Scope, upper_bound

PAGE = 50
COUNTED = 1000
PARTY_MEMBERS = ("01", "02")
SHOWN = str.split(
    "org name retire_kind attention_class sex born_on born_precision rank treatment_level living residence_kind health self_care phone_masked id_masked "
    "original_unit original_post political_status resettled standing deceased_on updated_at org_path name_sort"
)

UNIT = ("org__name", "org__short_name", "org__level", "org__path", "org__parent__name", "org__parent__short_name")


@dataclass(frozen=True)
class Order:
    """Columns a list is sorted by, the last one unique; all ascending or all descending, so that one row comparison pages it."""

    title: str
    columns: tuple[Any, ...]
    names: tuple[str, ...]
    descending: bool = False


ORDERS: dict[str, Order] = {
    "": Order("单位、姓名", ("org_path", "name_sort", "id"), ("org_path", "name_sort", "id")),
    "name": Order("姓名", ("name_sort", "id"), ("name_sort", "id")),
    "oldest": Order("年龄从大到小", (Coalesce("born_on", UNKNOWN_BIRTH), "id"), ("born_on", "id")),
    "youngest": Order("年龄从小到大", (Coalesce("born_on", UNKNOWN_BIRTH), "id"), ("born_on", "id"), True),
    "changed": Order("最近修改", ("updated_at", "id"), ("updated_at", "id"), True),
}


@dataclass(frozen=True)
class Filters:
    """What the URL asks for; unknown values are treated as not given. ``age`` is "80-89", "90-" or "-59"; ``org`` and ``unit`` are keys."""

    q: str = ""
    kind: str = ""
    attention: str = field(default="", metadata={"url": "class"})
    age: str = ""
    sex: str = ""
    residence: str = ""
    party: str = ""
    health: str = ""
    self_care: str = ""
    living: str = ""
    resettled: str = ""
    standing: str = ""
    org: str = ""
    unit: str = ""
    period: str = ""
    metric: str = ""

    @classmethod
    def read(cls, query) -> "Filters":
        """From ``request.GET``."""
        return cls(**{one.name: query.get(one.metadata.get("url", one.name), "").strip()[:60] for one in fields(cls)})

    def as_query(self) -> dict[str, str]:
        return {one.metadata.get("url", one.name): value for one in fields(self) if (value := getattr(self, one.name))}


@dataclass(frozen=True)
class Listing:
    """One page: ``rows``, cursors to the pages around it ("" where there is none), and how many there are up to ``COUNTED``."""

    rows: list[Cadre]
    previous: str
    next: str
    count: int

    @property
    def count_text(self) -> str:
        return f"{COUNTED:,}+" if self.count > COUNTED else f"{self.count:,}"


def years_before(today: date, years: int) -> date:
    """The latest birthday of somebody who is ``years`` old today; 29 February counts from 1 March."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 2, 28)


def _age(people: QuerySet, band: str, today: date) -> QuerySet:
    match = re.fullmatch(r"(\d{1,3})?-(\d{1,3})?", band)
    if not match or band == "-":
        return people
    if match[1]:
        people = people.filter(born_on__lte=years_before(today, int(match[1])))
    if match[2]:
        people = people.filter(born_on__gt=years_before(today, int(match[2]) + 1))
    return people


def _coded(people: QuerySet, name: str, value: str) -> QuerySet:
    """One code or several with commas; "none" for those without."""
    return people.filter(**{f"{name}__in": ["" if code == "none" else code for code in value.split(",")]}) if value else people


def _place(people: QuerySet, scope: Scope, key: str) -> QuerySet:
    if not key:
        return people
    found = Organization.objects.visible_to(scope).filter(pk=key).first() if key.isdigit() else None
    return people.filter(org_path__gte=found.path, org_path__lt=upper_bound(found.path)) if found else people.none()


def _standing(people: QuerySet, value: str) -> QuerySet:
    if value == "all":
        return people
    return people.filter(standing=value if value in Standing.values and value != Standing.MERGED else Standing.ACTIVE)


def _metric(people: QuerySet, scope: Scope, filters: Filters, today: date) -> QuerySet:
    """The people behind a figure: its rows are people, or belong to people."""
    if filters.metric not in METRICS:
        return people.none()
    try:
        period = Period.parse(filters.period, today)
    except ValueError:
        return people.none()
    rows = METRICS[filters.metric].rows(scope, period)
    return people.filter(pk__in=rows.values("pk" if rows.model is Cadre else "cadre_id"))


def filtered(scope: Scope, filters: Filters, today: date) -> QuerySet:
    """People in the scope that satisfy every filter, in no order."""
    people = _place(_place(matching(scope, filters.q), scope, filters.org), scope, filters.unit)
    if filters.metric:
        return _metric(people, scope, filters, today)
    people = _standing(people, filters.standing)
    if filters.kind in RetireKind.values:
        people = people.filter(retire_kind=filters.kind)
    if filters.attention in (*AttentionClass.values, "none"):
        people = people.filter(attention_class="" if filters.attention == "none" else filters.attention)
    people = _age(people, filters.age, today)
    if filters.resettled in ("0", "1"):
        people = people.filter(resettled=filters.resettled == "1")
    party = ",".join(PARTY_MEMBERS) if filters.party == "member" else filters.party
    for name, value in (("political_status", party), ("sex", filters.sex), ("residence_kind", filters.residence), ("health", filters.health)):
        people = _coded(people, name, value)
    return _coded(_coded(people, "self_care", filters.self_care), "living", filters.living)


def _pack(row: tuple) -> str:
    plain = [one.isoformat() if isinstance(one, date | datetime) else one for one in row]
    return base64.urlsafe_b64encode(json.dumps(plain, ensure_ascii=False).encode()).decode().rstrip("=")


def _unpack(cursor: str, order: Order) -> list | None:
    """Values of a cursor, None when it isn't one of this order."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(order.names):
            return None
        readers = {"id": int, "born_on": date.fromisoformat, "updated_at": datetime.fromisoformat}
        return [readers.get(name, str)(value) for name, value in zip(order.names, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, UnicodeError):
        return None


def _typed(name: str, value: Any) -> Value:
    return Value(value, output_field=DateField()) if name == "born_on" else Value(value)


def _direction(column: Any, descending: bool) -> Any:
    if isinstance(column, Func):
        return column.desc() if descending else column.asc()
    return F(column).desc() if descending else F(column).asc()


def page_keys(people: QuerySet, order: Order, *, after: str = "", before: str = "", size: int = PAGE) -> tuple[list[tuple], bool, bool]:
    """(keys of the page's rows in order, is there a page before, is there one after). A bad cursor is the first page."""
    cursor = _unpack(after or before, order) if after or before else None
    backwards = bool(before and not after and cursor)
    descending = order.descending != backwards
    if cursor:
        right = [_typed(name, value) for name, value in zip(order.names, cursor, strict=True)]
        people = people.filter(RowCompare(list(order.columns), "<" if descending else ">", right))
    ordered = people.order_by(*(_direction(column, descending) for column in order.columns))
    keys = list(ordered.values_list(*order.columns)[: size + 1])
    more, keys = len(keys) > size, keys[:size]
    return (keys[::-1], more, True) if backwards else (keys, bool(cursor), more)


def listing(scope: Scope, filters: Filters, today: date, *, order: str = "", after: str = "", before: str = "", size: int = PAGE, whole_rows: bool = False) -> Listing:
    """A page of people with their unit; only what the page shows is loaded unless ``whole_rows``. At most three queries, however many rows: keys from an index, the rows,
    and where one page doesn't hold them all the capped count."""
    people, how = filtered(scope, filters, today), ORDERS.get(order, ORDERS[""])
    keys, earlier, later = page_keys(people, how, after=after, before=before, size=size)
    found = Cadre.objects.visible_to(scope).filter(pk__in=[key[-1] for key in keys]).select_related("org", "org__parent")
    if not whole_rows:
        found = found.only(*SHOWN, *UNIT)
    by_key = {row.pk: row for row in found}
    rows = [by_key[key[-1]] for key in keys if key[-1] in by_key]
    count = people.order_by().values("pk")[: COUNTED + 1].count() if earlier or later else len(keys)
    return Listing(rows, _pack(keys[0]) if earlier and keys else "", _pack(keys[-1]) if later and keys else "", count)
