"""Occasions that oblige to a visit (必访), or to look at the class again (类别复核), to do what a plan says, to renew a contract:
each rule in force is one set-based statement that opens to-dos; run twice it opens nothing twice.

A rule looks at a window that reaches back some days (``LOOK_BACK``), so that missed days are caught up, and ahead as far as the rule shows things
beforehand. Birthdays are solar or, where the plan says so, lunar; dates known only to the month or year make none.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from django.db import connection
from django.db.models import Q

from apps.cadres.models import Cadre
from apps.care.models import OccasionRule, Trigger
from apps.care.models.plan import CARRIED
from apps.care.models.rules import STANDING
from apps.care.reminders.occurrences import DUE_ITEMS
from apps.care.selectors.suggestions import Signal, condition
from apps.core.calendar import NotInCalendar, birthday_in, festival_day, lunar_of, quarter_of, solar_of_lunar
from apps.core.metrics import named

LOOK_BACK = {Trigger.EVENT: 60, Trigger.BIRTHDAY: 10, Trigger.FESTIVAL: 10, Trigger.SEASON: 10, Trigger.QUARTER: 10, Trigger.ITEM: 400, Trigger.CONTRACT: 60}
"""Days. An event registered later than this after it happened, a birthday or festival so long over, opens nothing any more; a rhythm is always caught up."""
OLDEST = 130

EVENT = """
SELECT cadre_id, id AS subject_id, effective_on + %(due)s AS due_on, effective_on AS opens_on
FROM cadres_statuschange WHERE kind = %(kind)s AND effective_on BETWEEN %(since)s AND %(today)s
"""
BIRTHDAY = """
SELECT c.id AS cadre_id, to_char(d.day, 'YYYYMMDD')::bigint AS subject_id, d.day AS due_on, d.day - %(ahead)s AS opens_on
FROM unnest(%(born)s::date[], %(days)s::date[], %(lunar)s::boolean[]) d(born, day, lunar)
JOIN cadres_cadre c ON c.born_on = d.born AND c.born_precision = 'day'
LEFT JOIN care_serviceplan k ON k.cadre_id = c.id AND k.state = 'active'
WHERE coalesce(k.lunar_birthday, false) = d.lunar
"""
EVERYBODY = """
SELECT c.id AS cadre_id, d.subject AS subject_id, d.due_on, d.opens_on
FROM unnest(%(subjects)s::bigint[], %(dues)s::date[], %(opens)s::date[]) d(subject, due_on, opens_on) CROSS JOIN cadres_cadre c
"""
RHYTHM = """
SELECT cadre_id, to_char(seen, 'YYYYMMDD')::bigint AS subject_id, GREATEST(seen + %(every)s, %(begun)s) AS due_on, seen + %(every)s - %(ahead)s AS opens_on
FROM (SELECT cadre_id, coalesce(last_visit_on, starts_on) AS seen FROM care_serviceplan WHERE state = 'active') p
WHERE seen + %(every)s <= %(horizon)s
"""

FOR_THE_PERSON = """
SELECT h.cadre_id, NULL::bigint AS survivor_id, h.subject_id, h.due_on, h.opens_on, p.worker_id, c.org_id, c.org_path
FROM ({happened}) h JOIN cadres_cadre c ON c.id = h.cadre_id AND c.standing = 'active'
LEFT JOIN care_serviceplan p ON p.cadre_id = c.id AND p.state = 'active'
"""
FOR_SURVIVORS = """
SELECT h.cadre_id, s.id AS survivor_id, h.subject_id, h.due_on, h.opens_on, p.worker_id, c.org_id, c.org_path
FROM ({happened}) h JOIN cadres_cadre c ON c.id = h.cadre_id AND c.standing = 'deceased'
{which} JOIN cadres_survivor s ON s.cadre_id = c.id AND s.alive
LEFT JOIN LATERAL (SELECT worker_id FROM care_serviceplan WHERE cadre_id = c.id ORDER BY year DESC LIMIT 1) p ON true
"""
"""A death concerns the family also where nobody has registered a survivor; a festival doesn't."""
FOR_REVIEW = """
SELECT h.cadre_id, NULL::bigint AS survivor_id, h.subject_id, h.due_on, h.opens_on, p.worker_id, c.org_id, c.org_path
FROM ({happened}) h JOIN cadres_cadre c ON c.id = h.cadre_id AND c.standing = 'active'
JOIN care_serviceplan p ON p.cadre_id = c.id AND p.state = 'active' AND p.class_decided
WHERE {undecided_since}
"""
"""A class nobody has decided yet is decided anyway. Whoever was decided by hand in the quarter isn't asked for again in it."""
NOT_IN_THE_QUARTER = """NOT EXISTS (
  SELECT FROM care_classdecision d WHERE d.plan_id = p.id AND d.note <> %(carried)s AND (d.at AT TIME ZONE 'Asia/Shanghai')::date >= to_date(h.subject_id::text, 'YYYYMMDD'))
"""
CONTRACTS = """
SELECT d.cadre_id, NULL::bigint AS survivor_id, d.id AS subject_id, d.ends_on - %(due)s AS due_on, d.ends_on - %(due)s - %(ahead)s AS opens_on, p.worker_id, c.org_id, c.org_path
FROM care_doctorcontract d JOIN cadres_cadre c ON c.id = d.cadre_id AND c.standing = 'active'
LEFT JOIN care_serviceplan p ON p.cadre_id = c.id AND p.state = 'active'
WHERE d.ends_on - %(due)s - %(ahead)s <= %(today)s AND NOT EXISTS (SELECT FROM care_doctorcontract n WHERE n.cadre_id = d.cadre_id AND n.ends_on > d.ends_on)
"""
"""Only the last term of a person asks to be renewed."""

OPEN = """
INSERT INTO care_todo (cadre_id, survivor_id, source, rule, subject_id, title, item_id, concerns, occasion, meet, opens_on, due_on, first_due_on, worker_id, state, result,
  moved_note, created_at, version, org_id, org_path)
SELECT w.cadre_id, w.survivor_id, %(source)s, %(key)s, w.subject_id, {title}, %(concerns)s, %(occasion)s, %(meet)s, LEAST(w.opens_on, w.due_on), w.due_on, w.due_on,
  u.id, 'open', '', '', now(), 1, w.org_id, w.org_path
FROM ({who}) w LEFT JOIN accounts_user u ON u.id = w.worker_id AND u.is_active
WHERE w.due_on >= %(since)s {whom} {one}
ON CONFLICT DO NOTHING
"""


def occasion_rules(today: date) -> list[OccasionRule]:
    """The rules in force on ``today``; of two versions of one rule the later."""
    found = OccasionRule.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today).order_by("valid_from")
    return sorted({rule.key: rule for rule in found}.values(), key=lambda rule: rule.key)


def open_occasions(*, today: date, cadre_id: int | None = None) -> int:
    """Open what the rules in force oblige to; for one person, or for everybody the present scope sees. Returns how many were opened."""
    return sum(_open(rule, today, cadre_id) for rule in occasion_rules(today))


def _open(rule: OccasionRule, today: date, cadre_id: int | None) -> int:
    happened, facts = HAPPENED[rule.trigger](rule, today)
    if not happened:
        return 0
    parameters = facts | {
        "source": rule.opens, "carried": CARRIED,
        "key": rule.key, "title": rule.name, "concerns": rule.concerns, "occasion": rule.occasion, "meet": rule.meet,
        "since": _since(rule, today), "one": cadre_id,
    }  # fmt: skip
    who = _who(rule, happened)
    whom, given = _whom(rule, today)
    title = "w.title, w.item_id" if rule.trigger == Trigger.ITEM else "%(title)s, NULL::bigint"
    sql = OPEN.format(who=who, whom=whom, title=title, one="AND w.cadre_id = %(one)s" if cadre_id else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters | given)
        return cursor.rowcount


def _who(rule: OccasionRule, happened: str) -> str:
    if rule.trigger in STANDING:
        return happened
    if rule.opens == "review":
        return FOR_REVIEW.format(happened=happened, undecided_since=NOT_IN_THE_QUARTER if rule.trigger == Trigger.QUARTER else "true")
    if rule.concerns == "survivor":
        return FOR_SURVIVORS.format(happened=happened, which="LEFT" if rule.trigger == Trigger.EVENT else "")
    return FOR_THE_PERSON.format(happened=happened)


def _since(rule: OccasionRule, today: date) -> date:
    if rule.trigger in STANDING:
        return today - timedelta(days=LOOK_BACK[rule.trigger])
    return max(today - timedelta(days=LOOK_BACK[rule.trigger]), rule.valid_from) if rule.trigger in LOOK_BACK else rule.valid_from


def _whom(rule: OccasionRule, today: date) -> tuple[str, dict]:
    """The rule's conditions as one on ``w.cadre_id``: those of the suggestion rules, all of which must hold."""
    if not rule.whom:
        return "", {}
    people = Cadre.objects.order_by()
    for name, operator, value in rule.whom:
        people = people.filter(condition(Signal(name, operator, value), today))
    sql, names = named(people.values("pk"))
    return f"AND w.cadre_id IN ({sql})", names


def _event(rule: OccasionRule, today: date) -> tuple[str, dict]:
    return EVENT, {"kind": rule.setting["kind"], "due": rule.due_days, "today": today}


def _birthday(rule: OccasionRule, today: date) -> tuple[str, dict]:
    days = [today + timedelta(days=n) for n in range(-LOOK_BACK[Trigger.BIRTHDAY], rule.ahead_days + 1)]
    pairs = [(born, day, lunar) for day in days for born, lunar in _born_for(day, rule.setting)]
    if not pairs:
        return "", {}
    born, on, lunar = zip(*pairs, strict=True)
    return BIRTHDAY, {"born": list(born), "days": list(on), "lunar": list(lunar), "ahead": rule.ahead_days}


def _born_for(day: date, setting: dict) -> Iterator[tuple[date, bool]]:
    """(birth date, kept by the lunar calendar) of everybody who has a birthday of the rule's kind on ``day``.

    A lunar age is counted by lunar years, as the family counts it from the birthday on; who was born in a leap month keeps the month's plain day.
    """
    first, every = int(setting["from_age"]), int(setting.get("every", 1))
    last = int(setting.get("to_age", OLDEST))
    for age in range(first, last + 1, every):
        for born in _solar_births(day, age):
            yield born, False
        yield from ((born, True) for born in _lunar_births(day, age))


def _solar_births(day: date, age: int) -> list[date]:
    found = [date(day.year - age, day.month, day.day)] if (day.month, day.day) != (2, 29) or _leap(day.year - age) else []
    if (day.month, day.day) == (3, 1) and _leap(day.year - age) and birthday_in(day.year, date(day.year - age, 2, 29)) == day:
        found.append(date(day.year - age, 2, 29))
    return found


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@lru_cache(maxsize=8192)
def _lunar_births(day: date, age: int) -> tuple[date, ...]:
    """Solar birth dates whose lunar birthday falls on ``day`` after ``age`` lunar years; a 30th that this year's month lacks is kept on its 29th."""
    now, found = lunar_of(day), []
    if now.leap:
        return ()
    wanted = [now.day] + ([30] if now.day == 29 and _short(now.year, now.month) else [])
    for number in wanted:
        for leap in (False, True):
            try:
                found.append(solar_of_lunar(now.year - age, now.month, number, leap))
            except NotInCalendar:
                continue
    return tuple(found)


def _short(year: int, month: int) -> bool:
    try:
        solar_of_lunar(year, month, 30)
    except NotInCalendar:
        return True
    return False


def _festival(rule: OccasionRule, today: date) -> tuple[str, dict]:
    found = []
    for year in (today.year - 1, today.year, today.year + 1):
        day = festival_day(year, rule.setting["festival"])
        found.append((int(f"{day:%Y%m%d}"), day - timedelta(days=rule.due_days), day - timedelta(days=rule.due_days + rule.ahead_days)))
    return _everybody(found, today)


def _season(rule: OccasionRule, today: date) -> tuple[str, dict]:
    """A season that ends before it begins goes over the turn of the year (12-01 to 02-28)."""
    found = []
    for year in (today.year - 1, today.year):
        first = date.fromisoformat(f"{year}-{rule.setting['from']}")
        last = date.fromisoformat(f"{year}-{rule.setting['to']}")
        found.append((int(f"{first:%Y%m%d}"), last if last >= first else date.fromisoformat(f"{year + 1}-{rule.setting['to']}"), first))
    return _everybody(found, today)


def _quarter(rule: OccasionRule, today: date) -> tuple[str, dict]:
    found = []
    for quarter in (quarter_of(today).previous, quarter_of(today)):
        due_on = quarter.last - timedelta(days=rule.due_days)
        found.append((int(f"{quarter.first:%Y%m%d}"), due_on, due_on - timedelta(days=rule.ahead_days)))
    return _everybody(found, today)


def _items(rule: OccasionRule, today: date) -> tuple[str, dict]:
    return DUE_ITEMS, {"due": rule.due_days, "ahead": rule.ahead_days, "today": today}


def _contracts(rule: OccasionRule, today: date) -> tuple[str, dict]:
    return CONTRACTS, {"due": rule.due_days, "ahead": rule.ahead_days, "today": today}


def _everybody(found: list[tuple[int, date, date]], today: date) -> tuple[str, dict]:
    now = [one for one in found if one[2] <= today and one[1] >= today - timedelta(days=LOOK_BACK[Trigger.SEASON])]
    if not now:
        return "", {}
    subjects, dues, opens = zip(*now, strict=True)
    return EVERYBODY, {"subjects": list(subjects), "dues": list(dues), "opens": list(opens)}


def _rhythm(rule: OccasionRule, today: date) -> tuple[str, dict]:
    return RHYTHM, {"every": int(rule.setting["every"]), "ahead": rule.ahead_days, "begun": rule.valid_from, "horizon": today + timedelta(days=rule.ahead_days)}


HAPPENED = {
    Trigger.EVENT: _event, Trigger.BIRTHDAY: _birthday, Trigger.FESTIVAL: _festival, Trigger.SEASON: _season, Trigger.RHYTHM: _rhythm, Trigger.QUARTER: _quarter,
    Trigger.ITEM: _items, Trigger.CONTRACT: _contracts,
}  # fmt: skip
