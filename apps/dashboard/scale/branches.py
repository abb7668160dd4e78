"""Branches with years of organisation life for a registry made by ``fill``: members, a committee each, activities, sheets, rectifications.

Every branch lies at a unit that has people; its members are people of that unit. The same numbers give the same branches.
"""

from datetime import date

from django.db import connection, transaction

from apps.branches.models import Branch
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from apps.dashboard.scale.bare import bare

TABLES = (
    "branches_branch", "branches_partymember", "branches_committee", "branches_committeemember", "branches_activity", "branches_participation", "branches_quartersheet",
    "branches_rectification",
)  # fmt: skip
BRANCHES = """
INSERT INTO branches_branch (kind, name, code, superior, approval_no, meeting_place, adviser, dissolved_why, created_at, version, founded_on, org_id, org_path)
SELECT 'branch', u.name || '离退休干部第' || (n / u.units + 1) || '党支部', '', '', '', '', '', '', now(), 1, make_date(%(year)s - %(years)s, 1, 1), u.id, u.path
FROM generate_series(0, %(branches)s - 1) n
JOIN (SELECT o.id, o.name, o.path, row_number() OVER (ORDER BY o.path) - 1 AS k, count(*) OVER () AS units
      FROM accounts_organization o WHERE EXISTS (SELECT FROM cadres_cadre c WHERE c.org_id = o.id)) u ON u.k = n %% u.units
ORDER BY n
"""
MEMBERS = """
INSERT INTO branches_partymember (branch_id, cadre_id, main, standing, "group", health, floating_to, floating_contact, note, left_reason, version, org_id, org_path)
SELECT b.id, c.id, true, 'formal', '', '', '', '', '', '', 1, c.org_id, c.org_path
FROM (SELECT id, org_id, org_path, row_number() OVER (PARTITION BY org_id ORDER BY id) - 1 AS k FROM cadres_cadre WHERE standing = 'active') c
JOIN (SELECT id, org_id, row_number() OVER (PARTITION BY org_id ORDER BY id) - 1 AS k, count(*) OVER (PARTITION BY org_id) AS size FROM branches_branch) b
  ON b.org_id = c.org_id AND b.k = c.k %% b.size
"""
COMMITTEES = """
INSERT INTO branches_committee (branch_id, starts_on, ends_on, approval_no, removed_why, version, org_id, org_path)
SELECT id, %(today)s::date - 30 - (id %% 1000)::int, %(today)s::date - 30 - (id %% 1000)::int + 1095, '', '', 1, org_id, org_path FROM branches_branch
"""
POSTS = """
INSERT INTO branches_committeemember (committee_id, post, cadre_id, name, org_id, org_path)
SELECT t.id, (ARRAY['secretary', 'organisation', 'publicity', 'discipline'])[m.k], m.cadre_id, '', m.org_id, m.org_path FROM branches_committee t
JOIN (SELECT *, row_number() OVER (PARTITION BY branch_id ORDER BY id) AS k FROM branches_partymember) m ON m.branch_id = t.branch_id AND m.k <= 4
"""
ACTIVITIES = """
INSERT INTO branches_activity (kind, held_on, title, place, speaker, by_secretary, "group", guests, minutes, once, removed_why, created_at, version, branch_id,
  created_by_id, org_id, org_path)
SELECT w.kind, d.held_on, to_char(d.held_on, 'YYYY"年"FMMM"月"') || w.name, '', '', false, '', 0, '', gen_random_uuid(), '', now(), 1, b.id, %(user)s, b.org_id, b.org_path
FROM (VALUES ('theme', '主题党日', 1), ('committee', '支委会', 1), ('meeting', '党员大会', 3), ('lecture', '党课', 6), ('volunteer', '志愿服务', 3)) w(kind, name, months),
  LATERAL (SELECT (make_date(%(year)s - %(years)s + 1, 1, 10) + make_interval(months => m))::date AS held_on FROM generate_series(0, 12 * %(years)s - 1, w.months) m) d,
  branches_branch b
WHERE d.held_on <= %(today)s AND (b.id + extract(month FROM d.held_on)::int) %% 13 <> 0 ORDER BY d.held_on
"""
"""Each misses about one month in thirteen."""
PARTICIPATIONS = """
INSERT INTO branches_participation (host, host_name, kind, held_on, title, place, by_secretary, expected, present, removed, version, activity_id, branch_id, org_id, org_path)
SELECT true, '', kind, held_on, title, '', false, 12, 6 + (id %% 7), false, 1, id, branch_id, org_id, org_path FROM branches_activity ORDER BY id
"""
SHEETS = """
INSERT INTO branches_quartersheet (branch_id, year, quarter, state, counted, corrected, typed, problems, submitted_on, submitted_by_id, accepted_on, accepted_by_id, version,
  org_id, org_path)
SELECT b.id, q.year, q.quarter, 'accepted', jsonb_build_object('members', 12, 'expected', 120, 'present', 90,
  'theme', 3, 'committee', 3, 'meeting', 1, 'lecture', 1, 'volunteer', 1),
  '{}', '{"advice": 1, "visits": 4, "news": 2}', '', q.last, %(user)s, q.last, %(other)s, 1, b.org_id, b.org_path
FROM branches_branch b, (SELECT y AS year, n AS quarter, (make_date(y, 1, 1) + make_interval(months => 3 * n))::date AS last
                         FROM generate_series(%(year)s - %(years)s + 1, %(year)s) y, generate_series(1, 4) n) q
WHERE q.last <= %(today)s AND (b.id + q.quarter) %% 9 <> 0
"""
MENDING = """
INSERT INTO branches_rectification (branch_id, source, matter, problem, measure, owner, opened_on, due_on, first_due_on, state, result, opened_by_id, version, org_id, org_path)
SELECT id, 'inspection', 'other', '学习制度没有上墙', '', '', %(today)s::date - 60, %(today)s::date - 20 + (id %% 40)::int, %(today)s::date - 20 + (id %% 40)::int, 'open', '',
  %(user)s, 1, org_id, org_path FROM branches_branch WHERE id %% 4 = 0
"""


@transaction.atomic
def fill_branches(*, branches: int, years: int, today: date) -> int:
    """Make ``branches`` branches with ``years`` years of life in a registry of ``fill``; returns how many activities. Call it outside any scope.

    Raises ``Refused`` where there are branches already or nobody is registered.
    """
    with system_scope("seed for measuring"), connection.cursor() as cursor:
        if Branch.objects.exists():
            raise Refused("已有党支部，测量用的数据只放进空库。", code="not_empty")
        cursor.execute("SELECT min(id), max(id) FROM accounts_user")
        user, other = cursor.fetchone()
    given = {"branches": branches, "years": years, "year": today.year, "today": today, "user": user, "other": other}
    with bare(*TABLES), system_scope("seed for measuring"), connection.cursor() as cursor:
        for sql in (BRANCHES, MEMBERS, COMMITTEES, POSTS, ACTIVITIES, PARTICIPATIONS, SHEETS, MENDING):
            cursor.execute(sql, given)
        cursor.execute("SELECT count(*) FROM branches_activity")
        return cursor.fetchone()[0]
