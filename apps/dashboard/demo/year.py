"""What happens to the demo people in two years: retirements, hospital, bereavement, moves, deaths. Registered by the same action as on the page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.cadres.actions.changes import register_status_change
from apps.cadres.actions.family import remove_relative, save_survivor
from apps.cadres.models import Cadre, ChangeKind, Relative, RetireKind, Standing, StatusChange, Survivor
from apps.core.scope import Scope

EVERYWHERE = Scope(("/",))
FOCUS = "360403"
"""Where the demo logins work: most happens there, and one retirement of the year is left unregistered."""


@dataclass(frozen=True)
class Happening:
    """``often``: how many in the county of the demo logins, and one in so many of the others; ``ago``: days before today, else spread over the year."""

    kind: ChangeKind
    here: int
    every: int
    ago: tuple[int, ...] = ()
    whom: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    note: str = ""
    paper: bool = False


Event = tuple[date, Happening, Cadre]

MARRIED = {"marital": "20"}
SHENZHEN = {"resettled_place": "广东省深圳市", "receiving_unit": "深圳市福田区委老干部局", "residence_kind": "other_province"}
OLD = {"born_on__year__lt": 1948}
DEATH = Happening(ChangeKind.DECEASED, 3, 3, whom=MARRIED | OLD, note="因病医治无效")
DEPARTURE = Happening(ChangeKind.MOVED_OUT, 2, 9, note="随子女迁往南昌市，档案移交当地老干部局", paper=True)
HOME = Happening(ChangeKind.DISCHARGED, 0, 0, note="病情平稳，出院休养")
THIS_YEAR = (
    DEATH,
    DEPARTURE,
    Happening(ChangeKind.DECEASED, 2, 9, (9, 3), whom=MARRIED | OLD, note="因病医治无效"),
    Happening(ChangeKind.RECEIVED, 2, 9, note="由省直单位移交地方管理", paper=True),
    Happening(ChangeKind.WIDOWED, 2, 7, (12, 95), whom=MARRIED | {"living": "spouse"}, values={"living": "alone"}, note="老伴病故"),
    Happening(ChangeKind.RESETTLED, 1, 12, values=SHENZHEN, note="易地安置，由当地老干部局接收", paper=True),
    Happening(ChangeKind.DISABLED, 1, 10, (21,), whom=OLD, values={"self_care": "dependent"}, note="失能评估为重度"),
    Happening(ChangeKind.RESIDENCE, 1, 8, values={"address": "滨江东路 66 号 3 栋 201", "living": "children"}, note="搬到女儿家同住"),
    Happening(ChangeKind.TREATMENT, 1, 8, whom={"retire_kind": RetireKind.LIXIU}, values={"medical_treatment": "care_121"}, note="提高医疗待遇", paper=True),
    Happening(ChangeKind.ADMITTED, 4, 4, (1, 2, 6, 33), whom=OLD, values={"hospital": "九江市第一人民医院"}, note="肺部感染"),
    Happening(ChangeKind.ADMITTED, 4, 5, (16, 20, 26, 55), whom=OLD, values={"hospital": "九江市中医医院"}, note="冠心病复查治疗"),
    Happening(ChangeKind.FELL, 1, 12, (5,), whom=OLD | {"self_care": "full"}, values={"self_care": "partly"}, note="在家中卫生间滑倒，右腕骨裂，已固定"),
)
RETIREMENT = Happening(ChangeKind.REGISTERED, 0, 0, note="到龄办理退休", paper=True)
STAY = {16: 11, 20: 16, 26: 22, 55: 40}
"""Days ago admitted → days in hospital, for those who are home again."""


def last_year(units: dict[str, list[Organization]], by: dict[str, User], *, today: date, random: Random) -> None:
    """Deaths and a transfer of the year before, registered before this year's plans are opened."""
    first = date(today.year - 1, 1, 1)
    for number, code in enumerate(sorted(units)):
        for n in range(3 if code == FOCUS else number % 2):
            _register(DEATH, _some(units[code], DEATH.whom, random), first + timedelta(days=40 + 90 * n + number * 3), by, today)
    _register(DEPARTURE, _some(units[FOCUS], DEPARTURE.whom, random), first + timedelta(days=160), by, today)


def this_year(units: dict[str, list[Organization]], *, today: date, random: Random) -> list[Event]:
    """What happens in the running year, in order of days; nothing is registered yet."""
    planned = list(_retirements(units, today))
    for happening in THIS_YEAR:
        for code, count in _where(happening, units):
            for n in range(count):
                if cadre := _some(units[code], happening.whom, random, [one for *_, one in planned]):
                    planned.append((_day(happening, n, today, random), happening, cadre))
    return sorted(planned, key=lambda one: (one[0], one[2].pk))


def _retirements(units: dict[str, list[Organization]], today: date) -> Iterator[Event]:
    """新办离退休 of everybody who retired this year, but for one in ``FOCUS``: that one is the difference the tables explain."""
    fresh = list(Cadre.objects.filter(retired_on__gte=date(today.year, 1, 1), standing=Standing.ACTIVE).select_related("org__parent").order_by("pk"))
    here = [cadre for cadre in fresh if cadre.org in units[FOCUS]]
    for cadre in fresh:
        if cadre not in here[:1]:
            yield cadre.retired_on, RETIREMENT, cadre


def register(events: Iterable[Event], by: dict[str, User], *, today: date) -> None:
    """Register what was planned, and who came home from hospital."""
    for day, happening, cadre in events:
        _register(happening, cadre, day, by, today)
        if happening.kind == ChangeKind.ADMITTED and (stay := STAY.get((today - day).days)):
            _register(HOME, cadre, day + timedelta(days=stay), by, today)


def in_our_care(events: Iterable[Event]) -> dict[int, tuple[date, date]]:
    """Person → the days between which the office could visit, of those who came (or retired), left or died in the year."""
    found: dict[int, tuple[date, date]] = {}
    for day, happening, cadre in events:
        if happening.kind in (ChangeKind.RECEIVED, ChangeKind.REGISTERED):
            found[cadre.pk] = (day, date.max)
        elif happening.kind in (ChangeKind.DECEASED, ChangeKind.MOVED_OUT):
            found[cadre.pk] = (date.min, day)
    return found


def _where(happening: Happening, units) -> Iterator[tuple[str, int]]:
    yield FOCUS, happening.here
    others = [code for code in sorted(units) if code != FOCUS]
    yield from ((code, 1) for code in others[happening.every % 3 :: happening.every])


def _day(happening: Happening, n: int, today: date, random: Random) -> date:
    if happening.ago:
        return today - timedelta(days=happening.ago[n % len(happening.ago)])
    first = date(today.year, 1, 1)
    return first + timedelta(days=random.randint(0, (today - first).days))


def _some(offices: list[Organization], whom: dict, random: Random, taken: Iterable[Cadre] = ()) -> Cadre | None:
    """Somebody of these units to whom it may happen, and nothing else has happened yet."""
    people = Cadre.objects.filter(org__in=offices, standing=Standing.ACTIVE, changes=None, resettled=False, **whom).exclude(pk__in=[one.pk for one in taken])
    found = list(people.select_related("org__parent").order_by("pk"))
    return random.choice(found) if found else None


def _register(happening: Happening, cadre: Cadre, day: date, by: dict[str, User], today: date) -> StatusChange:
    who = by[cadre.org.parent.path]
    paper = f"演示老干〔{day.year}〕{cadre.pk % 60 + 1} 号" if happening.paper else ""
    given = {"values": happening.values, "note": happening.note, "document_no": paper}
    change = register_status_change(cadre=cadre, kind=happening.kind, effective_on=day, by=who, scope=EVERYWHERE, today=today, **given)
    known = min(timezone.make_aware(datetime.combine(day, time(10, cadre.pk % 60))) + timedelta(days=cadre.pk % 3), timezone.now())
    StatusChange.objects.filter(pk=change.pk).update(recorded_at=known)
    if happening.kind == ChangeKind.DECEASED:
        for survivor in Survivor.objects.filter(cadre=cadre):
            save_survivor(cadre=change.cadre, survivor=survivor, values={"has_income": cadre.pk % 3 > 0, "address": cadre.address}, by=who)
    if happening.kind == ChangeKind.WIDOWED:
        for spouse in Relative.objects.filter(cadre=cadre, relation="配偶"):
            remove_relative(relative=spouse, by=who)
    return change
