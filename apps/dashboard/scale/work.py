"""A year's work on the people: visits in the order of their days, one plan each with its due days settled, the changes that explain the register."""

from datetime import date, datetime

from apps.cadres.models import Cadre, StatusChange
from apps.care.models import ServicePlan, Visit
from apps.dashboard.scale.people import insert_select

SITUATIONS = "{精神尚可，饮食正常，送去学习材料，拉了家常。,身体恢复较好，已能下楼走动，嘱按时服药。,血压偏高，已提醒复查，家属在旁照料。,近况平稳，暂无需要办的事。}"

SERVED = """
SELECT p.id, p.org_id, p.org_path, p.attention_class, p.standing, p.resettled, s.workers[1 + s.n %% cardinality(s.workers)] AS worker_id
FROM cadres_cadre p
JOIN (SELECT u.org_id, u.n, c.workers FROM scale_county c JOIN scale_unit u ON u.n >= c.first_unit AND u.n < c.first_unit + c.units) s ON s.org_id = p.org_id
"""
"""Everybody with the worker of the unit."""

RULE = """
LEFT JOIN (SELECT DISTINCT ON (attention_class) * FROM care_frequencyrule WHERE valid_from <= %(today)s AND (valid_to IS NULL OR valid_to >= %(today)s)
           ORDER BY attention_class, valid_from DESC) r ON r.attention_class = coalesce(nullif(p.attention_class, ''), 'routine')
"""

VISITS = """
FROM (
  SELECT p.*, v.m, v.chance, v.other, %(today)s::date - 1 - floor(v.chance * 1.15 * CASE WHEN v.other < 0.35 THEN r.visit_days ELSE r.contact_days END)::int
                                       - (v.m / greatest(%(people)s, 1) * r.visit_days) AS visited_on
  FROM (SELECT m, random() AS chance, random() AS other FROM generate_series(0, %(visits)s - 1) m OFFSET 0) v
  JOIN (SELECT s.*, row_number() OVER (ORDER BY s.id) - 1 AS k FROM ({served}) s WHERE s.standing = 'active') p ON p.k = v.m %% %(people)s
  {rule}
) d ORDER BY visited_on, m
"""
"""Everybody in turn; within the rhythm of the class seven times in eight, further ones earlier by whole intervals."""

VISIT_COLUMNS = {
    "cadre_id": "d.id",
    "org_id": "d.org_id",
    "org_path": "d.org_path",
    "worker_id": "d.worker_id",
    "visited_on": "d.visited_on",
    "occasion": "CASE WHEN other < 0.8 THEN 'daily' WHEN other < 0.95 THEN 'festival' ELSE 'birthday' END",
    "way": "CASE WHEN chance < 0.2 THEN 'phone' WHEN chance < 0.93 THEN 'home' ELSE 'hospital' END",
    "in_person": "chance >= 0.2",
    "situation": "(%(situations)s::text[])[1 + floor(chance * 4)::int]",
    "once": "gen_random_uuid()",
    "logged_at": "(d.visited_on + time '17:00') AT TIME ZONE 'Asia/Shanghai'",
}

PLANS = """
FROM ({served}) p
LEFT JOIN (SELECT cadre_id, max(visited_on) AS contact, max(visited_on) FILTER (WHERE in_person) AS visit FROM care_visit GROUP BY cadre_id) v ON v.cadre_id = p.id
{rule}
WHERE p.standing = 'active' ORDER BY p.id
"""

PLAN_COLUMNS = {
    "cadre_id": "p.id",
    "org_id": "p.org_id",
    "org_path": "p.org_path",
    "year": "extract(year FROM %(today)s::date)::int",
    "attention_class": "coalesce(nullif(p.attention_class, ''), 'routine')",
    "class_decided": "p.attention_class <> ''",
    "worker_id": "CASE WHEN p.id %% 25 > 0 THEN p.worker_id END",
    "starts_on": "%(start)s::date",
    "away": "p.resettled",
    "last_contact_on": "v.contact",
    "last_visit_on": "v.visit",
    "contact_due_on": "coalesce(v.contact, %(start)s::date) + r.contact_days",
    "visit_due_on": "coalesce(v.visit, %(start)s::date) + CASE WHEN p.resettled THEN r.away_visit_days ELSE r.visit_days END",
    "created_at": "%(now)s::timestamptz",
}

CHANGES = """
FROM ({served}) p
JOIN cadres_cadre c ON c.id = p.id
CROSS JOIN LATERAL (
  SELECT 'registered' AS kind, c.retired_on AS day WHERE c.retired_on > %(today)s::date - 730
  UNION ALL SELECT 'deceased', c.deceased_on WHERE c.deceased_on IS NOT NULL
  UNION ALL SELECT 'moved_out', %(today)s::date - 1 - (c.id %% 600)::int WHERE c.standing = 'moved'
) e ORDER BY e.day
"""

CHANGE_COLUMNS = {
    "cadre_id": "p.id", "org_id": "p.org_id", "org_path": "p.org_path", "recorded_by_id": "p.worker_id",
    "kind": "e.kind", "effective_on": "e.day", "recorded_at": "%(now)s::timestamptz",
}  # fmt: skip


def make_visits(count: int, *, today: date) -> int:
    """``count`` visits and calls to the people on the register, none of it after yesterday."""
    people = Cadre.objects.filter(standing="active").count()
    parameters = {"visits": count if people else 0, "people": people, "today": today, "situations": SITUATIONS}
    return insert_select(Visit, VISIT_COLUMNS, VISITS.format(served=SERVED, rule=RULE), parameters)


def make_plans(*, today: date, now: datetime) -> int:
    """This year's plan for everybody on the register, with the due days that ``care.reminders.settle`` would write; one in 25 answers to nobody."""
    parameters = {"today": today, "start": date(today.year, 1, 1), "now": now}
    return insert_select(ServicePlan, PLAN_COLUMNS, PLANS.format(served=SERVED, rule=RULE), parameters)


def make_changes(*, today: date, now: datetime) -> int:
    """新办离退休 of the last two years, deaths, and those who moved out."""
    return insert_select(StatusChange, CHANGE_COLUMNS, CHANGES.format(served=SERVED), {"today": today, "now": now})
