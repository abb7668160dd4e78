"""Brands with years of quarterly reports for a registry made by ``fill``: one per county (more where counties are few), goals, trail, places, practices, plans to learn."""

from datetime import date

from django.db import connection, transaction

from apps.brands.models import Brand
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from apps.dashboard.scale.bare import bare

TABLES = (
    "brands_brand", "brands_brandstep", "brands_goal", "brands_quarterreport", "brands_goalfigure", "brands_spread", "brands_practicelist", "brands_practice", "brands_studyplan",
)  # fmt: skip
COUNTIES = """(SELECT id, path, name, row_number() OVER (ORDER BY path) - 1 AS k, count(*) OVER () AS size FROM accounts_organization
  WHERE level = 'county' AND valid_to IS NULL)"""
BRANDS = f"""
INSERT INTO brands_brand (name, line, slogan, logo_meaning, meaning, background, problem, target_group, carrier, effect, spread_plan, leader, contact, people, "group", budget,
  media, state, comments, award, document_no, starts_on, approved_on, approved_by_id, named_on, changed_at, version, org_id, org_path)
SELECT o.name || '品牌' || (n / o.size + 1), (ARRAY['problem', 'service', 'role', 'inherit'])[n %% 4 + 1],
  '', '', '内涵', '', '难题', '', '载体', '', '', '', '', '', '', '', '影响',
  CASE WHEN n %% 5 = 0 THEN 'spreading' ELSE 'building' END, '{{}}', '', CASE WHEN n %% 5 = 0 THEN '1' ELSE '' END, make_date(%(year)s - %(years)s, 1, 1),
  make_date(%(year)s - %(years)s, 1, 1), %(user)s, CASE WHEN n %% 5 = 0 THEN make_date(%(year)s, 2, 1) END, now() - make_interval(days => n %% 120), 1, o.id, o.path
FROM generate_series(0, %(brands)s - 1) n JOIN {COUNTIES} o ON o.k = n %% o.size
"""  # noqa: S608 - no input
STEPS = """
INSERT INTO brands_brandstep (case_id, step, before, after, note, at, by_id, org_id, org_path)
SELECT b.id, s.step, '', s.after, '', s.at, %(user)s, b.org_id, b.org_path FROM brands_brand b,
  LATERAL (VALUES (1, 'open', 'draft', b.approved_on::timestamptz - interval '3 days'), (2, 'approve', 'building', b.approved_on::timestamptz),
    (3, 'spread', 'spreading', b.named_on::timestamptz)) s(n, step, after, at)
WHERE s.at IS NOT NULL ORDER BY b.id, s.n
"""
GOALS = """
INSERT INTO brands_goal (brand_id, "order", name, unit, start, target, org_id, org_path)
SELECT id, n, '目标' || n, '次', 0, 100, org_id, org_path FROM brands_brand, generate_series(1, 3) n
"""
REPORTS = """
INSERT INTO brands_quarterreport (brand_id, year, quarter, planned, done, problems, next_step, activities, participants, beneficiaries, state, comments, mark, submitted_on,
  submitted_by_id, late, accepted_on, accepted_by_id, version, org_id, org_path)
SELECT b.id, extract(year FROM q.first)::int, extract(quarter FROM q.first)::int, '计划', '完成', '', '下一步', 9, 120, 60, 'accepted', '{}',
  'good', (q.first + interval '95 days')::date,
  NULL, false, (q.first + interval '97 days')::date, %(user)s, 1, b.org_id, b.org_path
FROM brands_brand b, LATERAL (SELECT make_date(%(year)s - %(years)s, 1, 1) + make_interval(months => 3 * n) AS first FROM generate_series(0, 4 * %(years)s - 1) n) q
WHERE (b.id + extract(quarter FROM q.first)::int) %% 11 <> 0 AND q.first + interval '97 days' <= %(today)s
"""
"""Each misses about one quarter in eleven."""
FIGURES = """
INSERT INTO brands_goalfigure (report_id, goal_id, now, org_id, org_path)
SELECT r.id, g.id, LEAST(100, 8 * (r.year - (%(year)s - %(years)s)) * 4 + 8 * r.quarter), r.org_id,
  r.org_path FROM brands_quarterreport r JOIN brands_goal g ON g.brand_id = r.brand_id
"""
PLACES = """
INSERT INTO brands_spread (brand_id, rung, place, since, people, evidence, ended_why, org_id, org_path)
SELECT id, r.rung, r.place, approved_on + 30, 60, '方案', '', org_id, org_path FROM brands_brand, (VALUES ('pilot', '第一社区'), ('own', '各街道')) r(rung, place)
"""
LISTS = """
INSERT INTO brands_practicelist (year, number, title, issued_on, issued_by_id, version, org_id, org_path)
SELECT %(year)s, 1, '经验做法', %(today)s::date - 60, %(user)s, 1, id, path FROM accounts_organization WHERE level = 'city' AND valid_to IS NULL
"""
PRACTICES = """
INSERT INTO brands_practice (listed_id, number, brand_id, brand_name, owner_id, title, steps, conditions, results, contact, fit_for, org_id, org_path)
SELECT l.id, row_number() OVER (PARTITION BY l.id ORDER BY b.id), b.id, b.name, b.org_id, b.name || '做法',
  '["一", "二", "三"]', '条件', '成效', '', '["county"]', l.org_id, l.org_path
FROM brands_practicelist l JOIN brands_brand b ON b.org_path ^@ l.org_path AND b.state = 'spreading'
"""
PLANS = f"""
INSERT INTO brands_studyplan (practice_id, why, adaptation, person, expected, state, outcome, ended_on, checked_note, started_on, started_by_id, version, org_id, org_path)
SELECT p.id, '', '', '', '', s.state, CASE WHEN s.state = 'doing' THEN '' ELSE '结果' END, CASE WHEN s.state = 'doing' THEN NULL ELSE %(today)s::date - 5 END, '',
  %(today)s::date - 50, %(user)s, 1, o.id, o.path
FROM {COUNTIES} o JOIN LATERAL (SELECT p.id FROM brands_practice p WHERE o.path ^@ p.org_path AND p.owner_id <> o.id ORDER BY p.id LIMIT 2) p ON o.k %% 3 <> 0,
  LATERAL (SELECT (ARRAY['doing', 'adopted', 'adapted', 'dropped'])[(o.k + p.id) %% 4 + 1] AS state) s
"""  # noqa: S608 - no input


@transaction.atomic
def fill_brands(*, brands: int, years: int, today: date) -> int:
    """Make ``brands`` brands with ``years`` years of reports, spread over all counties; returns how many reports. Call it outside any scope.

    Raises ``Refused`` where there are brands already.
    """
    with system_scope("seed for measuring"), connection.cursor() as cursor:
        if Brand.objects.exists():
            raise Refused("已有品牌，测量用的数据只放进空库。", code="not_empty")
        cursor.execute("SELECT min(id) FROM accounts_user")
        given = {"brands": brands, "years": years, "year": today.year, "today": today, "user": cursor.fetchone()[0]}
    with bare(*TABLES), system_scope("seed for measuring"), connection.cursor() as cursor:
        for sql in (BRANDS, STEPS, GOALS, REPORTS, FIGURES, PLACES, LISTS, PRACTICES, PLANS):
            cursor.execute(sql, given)
        cursor.execute("SELECT count(*) FROM brands_quarterreport")
        return cursor.fetchone()[0]
