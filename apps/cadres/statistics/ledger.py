"""增减台账: opening + new + received − moved out − died = closing, by 离休 and 退休 and by place, every number a list."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.models import Organization
from apps.cadres.metrics import ledger_difference, ledger_keys
from apps.cadres.models import RetireKind
from apps.cadres.statistics.annual import Cell
from apps.cadres.statistics.counted import KEPT, LARGE
from apps.core.metrics import METRICS, Counts, Period, count

KINDS = ("", *RetireKind.values)
KIND_NAMES = {"": "合计", RetireKind.LIXIU.value: "离休干部", RetireKind.RETIRED.value: "退休干部"}
HEADS = ("期初在册", "新办离退休", "接收调入", "调出移交", "去世", "期末在册", "差")
SIGNS = ("", "＋", "＋", "－", "－", "＝", "")


@dataclass(frozen=True)
class Line:
    """One place or kind: six terms and the difference, each with its list. ``key`` is the organisation's, 0 for people on the place itself."""

    key: int
    title: str
    url: str
    cells: tuple[Cell, ...]

    @property
    def empty(self) -> bool:
        return not any(cell.value or cell.people for cell in self.cells)


@dataclass(frozen=True)
class Ledger:
    """``kinds`` is the place as a whole; ``places`` those below, for the kind asked for; ``handed`` moved between units of the system, ``converted`` changed kind."""

    org: Organization
    period: Period
    kinds: tuple[Line, ...]
    places: tuple[Line, ...]
    handed: Cell
    converted: Cell
    at: datetime


def ledger(org: Organization, children: list[Organization], period: Period, kind: str, *, now: datetime) -> Ledger:
    """Runs inside the reader's scope, in one query; large places are kept for a while."""
    numbers, at = _counted(org, period, now)
    kinds = tuple(line(KIND_NAMES[one], org, one, numbers, period) for one in KINDS)
    places = [line(child.label, child, kind, numbers, period, address(child, period, kind)) for child in children]
    places.append(_own(org, kind, numbers, places))
    extra = {key: Cell(numbers[key][org.path], METRICS[key].list_url(org.pk, period)) for key in ("ledger_handed", "ledger_converted")}
    return Ledger(org, period, kinds, tuple(one for one in places if not one.empty), extra["ledger_handed"], extra["ledger_converted"], at)


def _counted(org: Organization, period: Period, now: datetime) -> tuple[Counts, datetime]:
    place = f"ledger:{connection.settings_dict['NAME']}:{org.path}:{period.text}:{period.today}"
    if kept := cache.get(place):
        return kept
    keys = ("ledger_handed", "ledger_converted", *(key for kind in KINDS for key in (*ledger_keys(kind), unexplained(kind))))
    found = count([METRICS[key] for key in keys], org.path, period), now
    if found[0]["people"][org.path] >= LARGE:
        cache.set(place, found, KEPT)
    return found


def line(title: str, org: Organization, kind: str, numbers: Counts, period: Period, url: str = "") -> Line:
    keys = ledger_keys(kind)
    own = {key: numbers[key].get(org.path, 0) for key in keys}
    difference = ledger_difference(own, kind)
    cells = [Cell(own[key], METRICS[key].list_url(org.pk, period) if own[key] else "") for key in keys]
    query = {"ledger": period.text, "kind": kind, "org": org.pk}
    people = numbers[unexplained(kind)].get(org.path, 0)
    return Line(org.pk, title, url, (*cells, Cell(difference, f"{reverse('cadres:differences')}?{urlencode(query)}" if people else "", people)))


def unexplained(kind: str) -> str:
    return f"ledger_unexplained_{kind}" if kind else "ledger_unexplained"


def _own(org: Organization, kind: str, numbers: Counts, places: list[Line]) -> Line:
    """People on the organisation itself and none below; they have no list of their own."""
    keys = ledger_keys(kind)
    own = [numbers[key][org.path] - sum(place.cells[n].value for place in places) for n, key in enumerate(keys)]
    people = numbers[unexplained(kind)][org.path] - sum(place.cells[-1].people for place in places)
    return Line(0, "本级直接管理", "", (*(Cell(n) for n in own), Cell(ledger_difference(dict(zip(keys, own, strict=True)), kind), "", people)))


def address(org: Organization, period: Period, kind: str = "") -> str:
    query = {"org": org.pk, "period": period.text} | ({"kind": kind} if kind else {})
    return f"{reverse('cadres:ledger')}?{urlencode(query)}"
