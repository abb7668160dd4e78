"""Opening reminders: one statement for the rules of the rhythm, which reads each plan once, one for all to-dos; each row once, whoever runs it and however often.

A stage is open while the day lies in its window: from its own offset to the day before the next stage's. A missed day is therefore caught up
the next time (the window is still open), and after a long outage a duty gets the newest stage it has reached and not the ones it slept through.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Q

from apps.accounts.permissions import Role
from apps.care.models import DailyRun, StageRule
from apps.care.reminders.rules import settle_after_rule_change

LOCK_NUMBER = 0x0CAD_0D0E
"""Advisory lock of a run: a second one waits and then finds everything done."""
DEPUTIES = {Role.LEADER: (Role.LEADER, Role.COUNTY_OFFICER), Role.COUNTY_OFFICER: (Role.COUNTY_OFFICER, Role.LEADER)}
FIRST_ASKED = Role.COUNTY_OFFICER
"""Who is told where nobody active is responsible."""

RHYTHM = """
SELECT p.id, o.rule, p.org_id, p.org_path, o.due_on, p.worker_id FROM care_serviceplan p
CROSS JOIN LATERAL (VALUES ('contact', p.contact_due_on), (CASE WHEN p.away THEN 'away' ELSE 'visit' END, p.visit_due_on)) o(rule, due_on)
WHERE p.state = 'active' AND o.due_on <= %(newest)s AND NOT EXISTS (SELECT FROM cadres_cadre c WHERE c.id = p.cadre_id AND c.standing <> 'active')
"""
"""What plans owe by the rules of the rhythm, as ``RULES`` has them (a test holds the two together): each plan is read once for all of them."""

OWED_ONCE = """
SELECT t.id, t.source AS rule, t.org_id, t.org_path, t.due_on, t.worker_id FROM care_todo t
WHERE t.state = 'open' AND t.opens_on <= %(today)s AND t.due_on <= %(newest)s
"""

STAGED = """
SELECT w.id, w.rule, w.org_id, w.org_path, w.due_on, {stage} AS stage, w.worker_id FROM ({owed}) w
"""
"""The same with the stage reached: the window the due day lies in."""

KNOWN = """
SELECT count(*) FROM ({staged}) d JOIN care_reminder r ON r.{owner} = d.id AND r.rule = d.rule AND r.due_on = d.due_on AND r.stage = d.stage
"""

OPEN = """
WITH ladder AS (
  SELECT o.path AS org_path, n, '/' || array_to_string((string_to_array(trim(BOTH '/' FROM o.path), '/'))[1:n], '/') || '/' AS path
  FROM accounts_organization o, generate_series(2, array_length(string_to_array(trim(BOTH '/' FROM o.path), '/'), 1)) n
), held AS (
  SELECT l.org_path, l.n, m.user_id, m.role FROM ladder l
  JOIN accounts_organization o ON o.path = l.path
  JOIN accounts_membership m ON m.org_id = o.id AND m.role IN {roles} AND m.starts_on <= %(today)s AND (m.ends_on IS NULL OR m.ends_on >= %(today)s)
  JOIN accounts_user u ON u.id = m.user_id AND u.is_active
), holder AS MATERIALIZED (
  SELECT DISTINCT org_path, role, user_id FROM (
    SELECT h.org_path, a.role, h.user_id, rank() OVER (PARTITION BY h.org_path, a.role ORDER BY h.role <> a.role, h.n DESC) AS place
    FROM held h, (VALUES {asked}) a(role, deputy) WHERE h.role IN (a.role, a.deputy)
  ) ranked WHERE place = 1
)
INSERT INTO care_reminder ({owner}, rule, due_on, stage, opened_on, user_id, org_id, org_path)
SELECT d.id, d.rule, d.due_on, d.stage, %(today)s, COALESCE(u.id, h.user_id), d.org_id, d.org_path
FROM ({staged}) d JOIN (VALUES {told}) told(stage, role) ON told.stage = d.stage
LEFT JOIN accounts_user u ON u.id = d.worker_id AND u.is_active AND told.role = ''
LEFT JOIN holder h ON h.org_path = d.org_path AND h.role = COALESCE(NULLIF(told.role, ''), '{first}') AND u.id IS NULL
WHERE NOT EXISTS (SELECT FROM care_reminder r WHERE r.{owner} = d.id AND r.rule = d.rule AND r.due_on = d.due_on AND r.stage = d.stage)
ON CONFLICT DO NOTHING
"""
"""``ladder``: every organisation with those above it up to the city; ``holder``: who answers for a place in a role, the nearest first, else the deputy;
``told``: each stage with whom it goes to, twice where somebody is told beside them. Who is both is told once."""


@dataclass(frozen=True)
class Window:
    """A stage and the due days it is open for: ``oldest`` < due day ≤ ``newest``."""

    stage: str
    told: tuple[str, ...]
    newest: date
    oldest: date


def windows(today: date) -> list[Window]:
    """The stages in force on ``today``, soonest first; the last one has no oldest day."""
    rules = StageRule.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today).order_by("valid_from")
    stages = sorted({rule.stage: rule for rule in rules}.values(), key=lambda rule: rule.offset_days)
    found = []
    for n, rule in enumerate(stages):
        oldest = today - timedelta(days=stages[n + 1].offset_days) if n + 1 < len(stages) else date.min
        told = tuple(dict.fromkeys((rule.goes_to, rule.also_to or rule.goes_to)))
        found.append(Window(rule.stage, told, today - timedelta(days=rule.offset_days), oldest))
    return found


@transaction.atomic
def open_reminders(*, today: date) -> tuple[int, int]:
    """Open every reminder whose stage is reached on ``today``, a statement for plans and one for to-dos; returns (opened, already open).

    Told are: the person responsible; where the stage says so (or nobody active is responsible) the holders of a role in the nearest
    organisation from the plan's upwards to the city, of the other of 领导 and 县区干事 where that role is held by nobody. Run in the whole scope.
    """
    take_turns()
    settle_after_rule_change(today=today)
    stages = windows(today)
    if not stages:
        return 0, 0
    found = [_open(sql, owner, stages, today) for sql, owner in ((RHYTHM, "plan_id"), (OWED_ONCE, "todo_id"))]
    opened, already = (sum(part) for part in zip(*found, strict=True))
    run, _ = DailyRun.objects.select_for_update().get_or_create(day=today)
    run.opened += opened
    run.save()
    return opened, already


def _open(owed: str, owner: str, stages: list[Window], today: date) -> tuple[int, int]:
    values: dict = {"today": today, "newest": stages[0].newest}
    staged = STAGED.format(owed=owed, stage=_by_window(stages, values))
    told = ", ".join(f"('{window.stage}', '{role}')" for window in stages for role in window.told)
    asked = ", ".join(f"('{role}', '{deputy}')" for role, deputy in DEPUTIES.values())
    roles = f"({', '.join(repr(role.value) for role in DEPUTIES)})"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # PostgreSQL cannot guess how many rows the steps of these statements hand on
        cursor.execute(KNOWN.format(staged=staged, owner=owner), values)
        (known,) = cursor.fetchone()
        cursor.execute(OPEN.format(staged=staged, owner=owner, roles=roles, asked=asked, told=told, first=FIRST_ASKED.value), values)
        opened = cursor.rowcount
        cursor.execute("SET LOCAL enable_nestloop = on")
    return opened, known


def _by_window(stages: list[Window], values: dict) -> str:
    """SQL for the stage of the window that ``w.due_on`` lies in; the last window has no oldest day."""
    whens = ""
    for n, window in enumerate(stages):
        values[f"oldest{n}"], values[f"stage{n}"] = window.oldest, window.stage
        whens += f" WHEN w.due_on > %(oldest{n})s THEN %(stage{n})s" if n + 1 < len(stages) else f" ELSE %(stage{n})s"
    return f"CASE{whens} END" if len(stages) > 1 else "%(stage0)s::text"


def take_turns() -> None:
    """One run at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_NUMBER])
