"""集中走访: whom a campaign concerns and who goes, as one statement; what a head sees before is what starting opens.

Whoever is paired (the worker of the plan in force) goes. The rest are shared evenly among the workers nearest to each person's unit: those of the
county before those of the city. Somebody with a to-do of the campaign already, open or not, is planned no more, so it may be run again at any time.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from apps.accounts.permissions import ROLES, Right, Role
from apps.cadres.selectors.people import Filters, filtered
from apps.care.models import Campaign, Share, Source
from apps.core.metrics import named
from apps.core.scope import Scope
from apps.files.importing.asking import by_hash

RULE = "campaign"
"""``ToDo.rule`` of a campaign's to-dos; ``subject_id`` is the campaign."""

THE_PERSON = """
SELECT c.id AS cadre_id, NULL::bigint AS survivor_id, c.id AS key, c.name_sort, c.org_id, c.org_path, p.worker_id
FROM cadres_cadre c LEFT JOIN care_serviceplan p ON p.cadre_id = c.id AND p.state = 'active'
WHERE c.id IN ({people})
  AND NOT EXISTS (SELECT FROM care_todo t WHERE t.cadre_id = c.id AND t.survivor_id IS NULL AND t.rule = %(rule)s AND t.subject_id = %(campaign)s)
"""
SURVIVORS = """
SELECT c.id AS cadre_id, s.id AS survivor_id, s.id AS key, c.name_sort, c.org_id, c.org_path, p.worker_id
FROM cadres_cadre c JOIN cadres_survivor s ON s.cadre_id = c.id AND s.alive
LEFT JOIN LATERAL (SELECT worker_id FROM care_serviceplan WHERE cadre_id = c.id ORDER BY year DESC LIMIT 1) p ON true
WHERE c.id IN ({people})
  AND NOT EXISTS (SELECT FROM care_todo t WHERE t.cadre_id = c.id AND t.survivor_id = s.id AND t.rule = %(rule)s AND t.subject_id = %(campaign)s)
"""
PLANNED = """
WITH target AS MATERIALIZED ({who}), hand AS (
  SELECT t.cadre_id, t.survivor_id, t.key, t.name_sort, t.org_id, t.org_path, m.key IS NOT NULL AS by_hand, x.reason,
    CASE WHEN m.key IS NOT NULL THEN m.worker_id ELSE u.id END AS owner_id
  FROM target t
  LEFT JOIN accounts_user u ON u.id = t.worker_id AND u.is_active
  LEFT JOIN unnest(%(moved)s::bigint[], %(moved_to)s::bigint[]) m(key, worker_id) ON m.key = t.key
  LEFT JOIN unnest(%(excluded)s::bigint[], %(reasons)s::text[]) x(key, reason) ON x.key = t.key
), load AS (
  SELECT worker_id, count(*) AS n FROM care_todo WHERE source = %(source)s AND rule = %(rule)s AND subject_id = %(campaign)s GROUP BY worker_id
), helper AS (
  SELECT DISTINCT o.path, m.user_id, COALESCE(l.n, 0) AS n
  FROM accounts_membership m
  JOIN accounts_organization o ON o.id = m.org_id AND (o.path ^@ %(place)s OR %(place)s ^@ o.path)
  JOIN accounts_user u ON u.id = m.user_id AND u.is_active
  LEFT JOIN load l ON l.worker_id = m.user_id
  WHERE m.starts_on <= %(today)s AND (m.ends_on IS NULL OR m.ends_on >= %(today)s) AND m.role = ANY(%(roles)s)
    AND (%(helpers)s::bigint[] IS NULL OR m.user_id = ANY(%(helpers)s))
), desk AS (
  SELECT path, array_agg(user_id ORDER BY n, user_id) AS users FROM helper GROUP BY path
), nearest AS (
  SELECT DISTINCT ON (r.org_path) r.org_path, d.path, d.users
  FROM (SELECT DISTINCT org_path FROM hand WHERE owner_id IS NULL AND NOT by_hand AND reason IS NULL) r JOIN desk d ON r.org_path ^@ d.path
  ORDER BY r.org_path, length(d.path) DESC
), rest AS (
  SELECT h.key, n.users[1 + (row_number() OVER (PARTITION BY n.path ORDER BY h.org_path, h.key) - 1) %% cardinality(n.users)] AS user_id
  FROM hand h JOIN nearest n ON n.org_path = h.org_path
  WHERE h.owner_id IS NULL AND NOT h.by_hand AND h.reason IS NULL
), planned AS (
  SELECT h.cadre_id, h.survivor_id, h.key, h.name_sort, h.org_id, h.org_path, COALESCE(h.owner_id, r.user_id) AS worker_id, h.reason,
    h.owner_id IS NOT NULL AND NOT h.by_hand AS paired
  FROM hand h LEFT JOIN rest r ON r.key = h.key
)
"""
OPEN = """
INSERT INTO care_todo (cadre_id, survivor_id, source, rule, subject_id, title, concerns, occasion, meet, opens_on, due_on, first_due_on, worker_id, state, result,
  moved_note, created_at, version, org_id, org_path)
{planned}
SELECT cadre_id, survivor_id, %(source)s, %(rule)s, %(campaign)s, %(title)s, %(concerns)s, %(occasion)s, %(meet)s, LEAST(%(opens_on)s, %(due_on)s), %(due_on)s, %(due_on)s,
  worker_id, CASE WHEN reason IS NULL THEN 'open' ELSE 'closed' END, COALESCE(reason, ''), '', now(), 1, org_id, org_path
FROM planned ORDER BY org_path, name_sort, key
ON CONFLICT DO NOTHING
"""
BY_WORKER = """{planned}
SELECT worker_id, count(*) FILTER (WHERE paired AND reason IS NULL), count(*) FILTER (WHERE reason IS NULL), count(*) FILTER (WHERE reason IS NOT NULL)
FROM planned GROUP BY worker_id ORDER BY 3 DESC, 1
"""
PART = """{planned}
SELECT cadre_id, survivor_id, key, worker_id, reason, paired FROM planned WHERE {narrowed}
ORDER BY org_path, name_sort, key OFFSET %(start)s LIMIT %(size)s
"""


@dataclass(frozen=True)
class Part:
    """What one worker (None: nobody) would take: ``paired`` people of ``total``; ``excluded`` ones are in neither."""

    worker_id: int | None
    paired: int
    total: int
    excluded: int


@dataclass(frozen=True)
class Planned:
    """One person the campaign would take in; ``reason``: why not after all."""

    cadre_id: int
    survivor_id: int | None
    key: int
    worker_id: int | None
    reason: str | None
    paired: bool


def split(campaign: Campaign, *, today: date) -> list[Part]:
    """Who would take how many, as far as the present scope sees; after the start: of those who have come since."""
    return [Part(*row) for row in _asked(BY_WORKER, campaign, today)]


def planned_part(campaign: Campaign, *, today: date, start: int, size: int, worker=None, excluded: bool | None = None) -> list[Planned]:
    """Part of the list in its order; of one ``worker`` (0: of nobody), of the ``excluded`` or of the others (None: both)."""
    narrowed = ["true"]
    if worker is not None:
        narrowed.append("worker_id IS NULL" if worker == 0 else "worker_id = %(worker)s")
    if excluded is not None:
        narrowed.append(f"reason IS {'NOT ' if excluded else ''}NULL")
    return [Planned(*row) for row in _asked(PART, campaign, today, narrowed=" AND ".join(narrowed), start=start, size=size, worker=worker)]


def open_campaign(campaign: Campaign, *, today: date) -> int:
    """Open a to-do for everybody planned, in one statement; again: for whoever has come since. Returns how many were added (excluded ones too)."""
    sql, facts = _statement(OPEN, campaign, today)
    with by_hash(), connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return cursor.rowcount


def _asked(form: str, campaign: Campaign, today: date, narrowed: str = "", **more) -> list[tuple]:
    sql, facts = _statement(form, campaign, today, narrowed)
    with by_hash(), connection.cursor() as cursor:  # PostgreSQL cannot guess how many people the conditions leave
        cursor.execute(sql, facts | more)
        return cursor.fetchall()


def _statement(form: str, campaign: Campaign, today: date, narrowed: str = "") -> tuple[str, dict]:
    survivors = campaign.concerns == "survivor"
    filters = Filters(**(Filters.read(campaign.whom).__dict__ | {"q": "", "metric": "", "standing": "deceased" if survivors else "active"}))
    people, given = named(filtered(Scope((campaign.org_path,)), filters, today).order_by().values("pk"))
    planned = PLANNED.format(who=(SURVIVORS if survivors else THE_PERSON).format(people=people))
    return form.format(planned=planned, narrowed=narrowed), given | _facts(campaign, today)


def _facts(campaign: Campaign, today: date) -> dict:
    moved, excluded = campaign.by_hand.get("moved", {}), campaign.by_hand.get("excluded", {})
    helpers = {Share.WORKERS: None, Share.CHOSEN: [int(pk) for pk in campaign.helpers], Share.NOBODY: []}[Share(campaign.share)]
    roles = [Role.WORKER.value] if campaign.share == Share.WORKERS else [role.value for role in Role if Right.CARE_VISIT in ROLES[role]]
    return {
        "rule": RULE, "source": Source.CAMPAIGN.value, "campaign": campaign.pk, "place": campaign.org_path, "today": today, "roles": roles, "helpers": helpers,
        "moved": [int(key) for key in moved], "moved_to": list(moved.values()), "excluded": [int(key) for key in excluded], "reasons": list(excluded.values()),
        "title": campaign.title, "concerns": campaign.concerns, "occasion": campaign.occasion, "meet": campaign.meet,
        "opens_on": campaign.starts_on, "due_on": campaign.ends_on,
    }  # fmt: skip
