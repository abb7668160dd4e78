"""Everything a quarterly report says, frozen before a file is made: figures per place, the people behind each, names of those to be named.

Figures are the metrics of the dashboard for that period; each list holds the keys of exactly the people counted.
"""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from django.db import connection

from apps.accounts.models import Level, Organization
from apps.accounts.selectors import organizations
from apps.cadres.metrics import PEOPLE_FAMILY, ledger_difference
from apps.care.metrics import SERVED_FAMILY
from apps.core.calendar import Quarter
from apps.core.metrics import AS_USUAL, BY_HASH, METRICS, Family, Period, count
from apps.core.refusal import Refused
from apps.core.scope import Scope

PEOPLE = (
    "people", "people_lixiu", "people_retired", "people_key", "people_regular", "people_routine", "people_unclassed",
    "ledger_opening", "ledger_new", "ledger_in", "ledger_out", "deaths", "ledger_unexplained",
)  # fmt: skip
SERVED = ("planned", "unassigned", "visits_due", "visits_done", "visits_overdue", "visits_today", "visits_overdue_30", "key_silent", "key_unseen", "away_overdue")
VISITS = ("visits_made", "visits_met", "visits_hospital")
EARLIER = ("people", "visits_due", "visits_done", "visits_made", "key_silent")
NAMED = {"visits_overdue": "逾期未访人员", "key_silent": "重点关注 30 天未联系人员", "away_overdue": "易地安置超过一年未走访人员"}


@dataclass(frozen=True)
class Place:
    """A place below the report's, with its figures by metric."""

    name: str
    path: str
    numbers: dict[str, int]
    direct: bool = False
    """A unit of the place itself (市直单位), not a county."""


@dataclass(frozen=True)
class Person:
    """Somebody named in the report, as it was: days are ISO texts, "" where there is none."""

    pk: int
    name: str
    unit: str
    place: str
    attention: str
    last_met: str
    last_contact: str
    due_on: str
    days_late: int
    worker: str


@dataclass(frozen=True)
class QuarterlyVisits:
    """The frozen context. ``lists``: metric → path of the place (the report's own for the rest) → keys of people. ``earlier``: figures a quarter before."""

    org: str
    path: str
    below: str
    quarter: str
    first: str
    as_of: str
    past: bool
    made_at: str
    total: dict[str, int]
    earlier: dict[str, int]
    difference: int
    places: list[Place] = field(default_factory=list)
    named: dict[str, list[Person]] = field(default_factory=dict)
    lists: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def as_json(self) -> dict:
        return asdict(self)

    @classmethod
    def read(cls, data: dict) -> "QuarterlyVisits":
        places = [Place(**one) for one in data["places"]]
        named = {key: [Person(**one) for one in people] for key, people in data["named"].items()}
        return cls(**{**data, "places": places, "named": named})

    @property
    def title(self) -> str:
        until = "" if self.past else f"（截至{int(self.as_of[5:7])}月{int(self.as_of[8:])}日）"
        return f"{self.org}{Quarter.parse(self.quarter).title}走访工作情况报告{until}"


def build(org: Organization, quarter: Quarter, *, today: date, now: datetime) -> dict:
    """The context as JSON. Raises ``Refused`` for a place without anybody on the register."""
    scope, period = Scope((org.path,)), Period.of(quarter, today)
    lists = {**_lists(PEOPLE_FAMILY, PEOPLE, "pk", org, scope, period), **_lists(SERVED_FAMILY, SERVED, "cadre_id", org, scope, period)}
    total = {key: sum(map(len, places.values())) for key, places in lists.items()}
    if not total["people"] and not total["deaths"]:
        raise Refused(f"{org.name}还没有人员档案，没有可以报告的内容。", code="nobody")
    visits = count([METRICS[key] for key in VISITS], org.path, period)
    total |= {key: visits[key][org.path] for key in VISITS}
    before = count([METRICS[key] for key in EARLIER], org.path, Period.of(quarter.previous, today))
    context = QuarterlyVisits(
        org=org.name, path=org.path, below="县（市、区）" if org.level == Level.CITY else "单位", quarter=str(quarter), first=f"{period.first}",
        as_of=f"{period.as_of}", past=period.past, made_at=now.isoformat(), total=total, earlier={key: before[key][org.path] for key in EARLIER},
        difference=ledger_difference(total), places=_places(org, scope, lists, visits, today), named=_named(scope, period), lists=lists,
    )  # fmt: skip
    return context.as_json()


def _lists(family: Family, keys: tuple[str, ...], column: str, org: Organization, scope: Scope, period: Period) -> dict[str, dict[str, list[int]]]:
    sql, parameters = family.sql(scope, period)
    flags = [METRICS[key].flag for key in keys]
    found: dict[str, dict[str, list[int]]] = {key: {} for key in keys}
    with connection.cursor() as cursor:
        wanted = ", ".join(f'f."{flag}"' for flag in flags)
        cursor.execute(f"{BY_HASH}; SELECT f.{column}, split_part(f.org_path, '/', {org.path.count('/') + 1}), {wanted} FROM ({sql}) f ORDER BY 1", parameters)  # noqa: S608
        for pk, segment, *values in cursor:
            place = f"{org.path}{segment}/" if segment else org.path
            for key, value in zip(keys, values, strict=True):
                if value:
                    found[key].setdefault(place, []).append(pk)
        cursor.execute(AS_USUAL)
    return found


def _places(org: Organization, scope: Scope, lists: dict, visits: dict, today: date) -> list[Place]:
    found = []
    for child in organizations(scope).filter(parent=org):
        numbers = {key: len(places.get(child.path, ())) for key, places in lists.items()} | {key: visits[key].get(child.path, 0) for key in VISITS}
        if numbers["people"] or numbers["deaths"]:
            found.append(Place(child.name, child.path, numbers, org.level == Level.CITY and child.level != Level.COUNTY))
    return sorted(found, key=lambda place: place.direct)


NAMES = """
SELECT c.id, c.name, o.name, COALESCE(parent.name, ''), f.attention_class, f.last_met, f.last_contact, f.due_on, %(until)s::date - f.due_on, COALESCE(u.display_name, '')
FROM ({served}) f
JOIN cadres_cadre c ON c.id = f.cadre_id
JOIN accounts_organization o ON o.id = c.org_id
LEFT JOIN accounts_organization parent ON parent.id = o.parent_id
LEFT JOIN accounts_user u ON u.id = f.worker_id
WHERE f."{flag}" ORDER BY f.org_path, f.due_on, c.id
"""


def _named(scope: Scope, period: Period) -> dict[str, list[Person]]:
    sql, parameters = SERVED_FAMILY.sql(scope, period)
    found = {}
    with connection.cursor() as cursor:
        for key in NAMED:
            cursor.execute(f"{BY_HASH}; {NAMES.format(served=sql, flag=METRICS[key].flag)}", parameters)
            found[key] = [_person(row) for row in cursor.fetchall()]
        cursor.execute(AS_USUAL)
    return found


def _person(row: tuple) -> Person:
    pk, name, unit, place, attention, met, contact, due, late, worker = row
    return Person(pk, name, unit, place, attention, *(f"{day}" if day else "" for day in (met, contact, due)), max(late or 0, 0), worker)
