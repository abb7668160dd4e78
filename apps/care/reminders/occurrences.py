"""Dates of service items: from the first day on in steps, none after the last day. Counted from the first day always: 31 January, 28 February, 31 March.

An item done once has one date, its term (or, without one, its first day). Of a rhythm only the date whose turn it is counts, until the next one comes: after
an outage nobody is sent through the weeks it slept through. Nothing is owed for days before the item was made.
"""

from datetime import date

from django.db import connection

from apps.care.models import Frequency

STEPS = {
    Frequency.WEEKLY: (0, 7),
    Frequency.MONTHLY: (1, 0),
    Frequency.QUARTERLY: (3, 0),
    Frequency.HALF_YEARLY: (6, 0),
    Frequency.YEARLY: (12, 0),
}
"""(months, days) of a step."""
BASE = date(1970, 1, 1)
PER_ITEM = 100_000
ONCE_BACK = 60
"""Days. A single item overdue for longer than this when it is first looked at opens nothing any more."""

DATES = """
  SELECT COALESCE(i.due_on, i.starts_on) AS day, NULL::date AS next_day, 14 AS step
  WHERE i.frequency = 'once' AND COALESCE(i.due_on, i.starts_on) >= %(today)s::date - {once_back}
  UNION ALL
  SELECT (i.starts_on + n * f.step)::date, (i.starts_on + (n + 1) * f.step)::date, f.days
  FROM (VALUES {steps}) f(name, months, days, step),
    generate_series(GREATEST(0, (CASE WHEN f.months = 0 THEN (%(today)s::date - i.starts_on) / f.days
      ELSE ((extract(year FROM %(today)s::date) - extract(year FROM i.starts_on)) * 12 + extract(month FROM %(today)s::date) - extract(month FROM i.starts_on))::int
        / f.months END) - 1), GREATEST(0, CASE WHEN f.months = 0 THEN (%(today)s::date - i.starts_on) / f.days
      ELSE ((extract(year FROM %(today)s::date) - extract(year FROM i.starts_on)) * 12 + extract(month FROM %(today)s::date) - extract(month FROM i.starts_on))::int
        / f.months END) + 2) n
  WHERE f.name = i.frequency
""".format(
    once_back=ONCE_BACK,
    steps=", ".join(f"('{name}', {months}, {days or months * 30}, make_interval(months => {months}, days => {days}))" for name, (months, days) in STEPS.items()),
)
"""For an item ``i``: (day, the one after it, days between them) about ``today``."""
IN_TURN = """(d.next_day IS NULL OR d.next_day > %(today)s AND d.day >= (i.created_at AT TIME ZONE 'Asia/Shanghai')::date) AND (i.due_on IS NULL OR d.day <= i.due_on)"""

DUE_ITEMS = f"""
SELECT p.cadre_id, NULL::bigint AS survivor_id, i.id * {PER_ITEM} + (d.day - '1970-01-01'::date) AS subject_id, d.day - %(due)s AS due_on,
  d.day - %(due)s - LEAST(%(ahead)s, d.step / 2) AS opens_on, COALESCE(i.worker_id, p.worker_id) AS worker_id, i.org_id, i.org_path, left(i.need, 80) AS title, i.id AS item_id
FROM care_planitem i JOIN care_serviceplan p ON p.id = i.plan_id AND p.state = 'active' JOIN cadres_cadre c ON c.id = p.cadre_id AND c.standing = 'active'
CROSS JOIN LATERAL ({DATES}) d
WHERE i.state = 'open' AND {IN_TURN} AND d.day - %(due)s - LEAST(%(ahead)s, d.step / 2) <= %(today)s
"""
NEXT = f"""
SELECT min(d.day) FROM care_planitem i CROSS JOIN LATERAL ({DATES}) d WHERE i.id = %(item)s AND {IN_TURN} AND (d.next_day IS NULL OR d.day >= %(today)s)
"""


def next_date(item_id: int, *, today: date) -> date | None:
    """The item's next date from ``today`` on (of one done once its only one); None when there is none any more."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"item": item_id, "today": today})
        return cursor.fetchone()[0]


def subject_of(item_id: int, day: date) -> int:
    return item_id * PER_ITEM + (day - BASE).days
