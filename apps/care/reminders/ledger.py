"""Opening reminders: one statement per stage and rule of the rhythm, one per stage for all to-dos; each row once, whoever runs it and however often.

A stage is open while the day lies in its window: from its own offset to the day before the next stage's. A missed day is therefore caught up
the next time (the window is still open), and after a long outage a duty gets the newest stage it has reached and not the ones it slept through.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Q

from apps.accounts.permissions import Role
from apps.care.models import StageRule
from apps.care.reminders.rules import RULES, Rule, settle_after_rule_change

LOCK_NUMBER = 0x0CAD_0D0E
"""Advisory lock of a run: a second one waits and then finds everything done."""
BINDS = {Rule.VISIT: "AND NOT p.away", Rule.AWAY: "AND p.away", Rule.CONTACT: ""}
DEPUTIES = {Role.LEADER: (Role.LEADER, Role.COUNTY_OFFICER), Role.COUNTY_OFFICER: (Role.COUNTY_OFFICER, Role.LEADER)}

RHYTHM = """
WITH duty AS MATERIALIZED (
  SELECT p.id, %(rule)s AS rule, p.org_id, p.org_path, p.{due} AS due_on, CASE WHEN %(role)s = '' THEN u.id END AS user_id,
         COALESCE(r.n, 0) AS opened
  FROM care_serviceplan p
  LEFT JOIN accounts_user u ON u.id = p.worker_id AND u.is_active
  LEFT JOIN (SELECT plan_id, due_on, count(*) AS n FROM care_reminder
             WHERE rule = %(rule)s AND stage = %(stage)s AND due_on <= %(newest)s AND due_on > %(oldest)s GROUP BY plan_id, due_on) r
    ON r.plan_id = p.id AND r.due_on = p.{due}
  WHERE p.state = 'active' AND p.{due} <= %(newest)s AND p.{due} > %(oldest)s {binds}
    AND NOT EXISTS (SELECT FROM cadres_cadre c WHERE c.id = p.cadre_id AND c.standing <> 'active')
"""
"""What a plan owes by its rhythm, with how many reminders of this stage it has already."""

OWED_ONCE = """
WITH duty AS MATERIALIZED (
  SELECT t.id, t.source AS rule, t.org_id, t.org_path, t.due_on, CASE WHEN %(role)s = '' THEN u.id END AS user_id, COALESCE(r.n, 0) AS opened
  FROM care_todo t
  LEFT JOIN accounts_user u ON u.id = t.worker_id AND u.is_active
  LEFT JOIN (SELECT todo_id, due_on, count(*) AS n FROM care_reminder
             WHERE todo_id IS NOT NULL AND stage = %(stage)s AND due_on <= %(newest)s AND due_on > %(oldest)s GROUP BY todo_id, due_on) r
    ON r.todo_id = t.id AND r.due_on = t.due_on
  WHERE t.state = 'open' AND t.opens_on <= %(today)s AND t.due_on <= %(newest)s AND t.due_on > %(oldest)s
"""

TELL = """), place AS (
  SELECT DISTINCT org_path FROM duty WHERE user_id IS NULL
), ladder AS (
  SELECT org_path, n, '/' || array_to_string((string_to_array(trim(BOTH '/' FROM org_path), '/'))[1:n], '/') || '/' AS path
  FROM place, generate_series(2, array_length(string_to_array(trim(BOTH '/' FROM org_path), '/'), 1)) n
), holder AS (
  SELECT DISTINCT l.org_path, m.user_id, rank() OVER (PARTITION BY l.org_path ORDER BY m.role <> %(first)s, l.n DESC) AS place
  FROM ladder l
  JOIN accounts_organization o ON o.path = l.path
  JOIN accounts_membership m ON m.org_id = o.id AND m.role IN (%(first)s, %(second)s) AND m.starts_on <= %(today)s AND (m.ends_on IS NULL OR m.ends_on >= %(today)s)
  JOIN accounts_user u ON u.id = m.user_id AND u.is_active
), made AS (
  INSERT INTO care_reminder ({owner}, rule, due_on, stage, opened_on, user_id, org_id, org_path)
  SELECT d.id, d.rule, d.due_on, %(stage)s, %(today)s, COALESCE(d.user_id, h.user_id), d.org_id, d.org_path
  FROM duty d LEFT JOIN holder h ON h.org_path = d.org_path AND h.place = 1 AND d.user_id IS NULL
  WHERE d.opened = 0
  ON CONFLICT DO NOTHING
  RETURNING 1
)
SELECT (SELECT count(*) FROM made), (SELECT COALESCE(sum(opened), 0)::bigint FROM duty)
"""

@dataclass(frozen=True)
class Window:
    """A stage and the due days it is open for: ``oldest`` < due day ≤ ``newest``."""

    stage: str
    goes_to: str
    newest: date
    oldest: date


def windows(today: date) -> list[Window]:
    """The stages in force on ``today``, soonest first; the last one has no oldest day."""
    rules = StageRule.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today).order_by("valid_from")
    stages = sorted({rule.stage: rule for rule in rules}.values(), key=lambda rule: rule.offset_days)
    found = []
    for n, rule in enumerate(stages):
        oldest = today - timedelta(days=stages[n + 1].offset_days) if n + 1 < len(stages) else date.min
        found.append(Window(rule.stage, rule.goes_to, today - timedelta(days=rule.offset_days), oldest))
    return found


@transaction.atomic
def open_reminders(*, today: date) -> tuple[int, int]:
    """Open every reminder whose stage is reached on ``today``; returns (opened, already open).

    Told are: the person responsible; where the stage says so (or nobody active is responsible) the holders of a role in the nearest
    organisation from the plan's upwards to the city, of the other of 领导 and 县区干事 where that role is held by nobody. Run in the whole scope.
    """
    take_turns()
    settle_after_rule_change(today=today)
    opened = already = 0
    for window in windows(today):
        statements = [(RHYTHM.format(due=rule.due, binds=BINDS[rule.key]), "plan_id", str(rule.key)) for rule in RULES.values()]
        for duty, owner, rule in (*statements, (OWED_ONCE, "todo_id", "")):
            new, known = _open(duty + TELL.format(owner=owner), rule, window, today)
            opened, already = opened + new, already + known
    return opened, already


def _open(sql: str, rule: str, window: Window, today: date) -> tuple[int, int]:
    first, second = DEPUTIES[Role(window.goes_to or Role.COUNTY_OFFICER)]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # PostgreSQL cannot guess how many rows the steps of this statement hand on
        cursor.execute(
            sql,
            {
                "rule": rule, "stage": window.stage, "role": window.goes_to, "today": today, "newest": window.newest, "oldest": window.oldest,
                "first": first.value, "second": second.value,
            },
        )  # fmt: skip
        found = cursor.fetchone()
        cursor.execute("SET LOCAL enable_nestloop = on")
        return found


def take_turns() -> None:
    """One run at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_NUMBER])
