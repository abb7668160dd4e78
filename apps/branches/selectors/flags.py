"""Which figures count a branch, as one SELECT over the tables: those that exist on a day, with the members, committee and rules of that day."""

from apps.branches.life import DEMANDS
from apps.branches.models import HOLDING
from apps.branches.selectors.rules import rules_in_force
from apps.core.metrics import Period

BRANCHES = """
WITH here AS MATERIALIZED (
  SELECT b.id, b.org_path, b.founded_on, b.kind = ANY(%(holding)s) AS holds FROM branches_branch b
  WHERE {inside} AND (b.founded_on IS NULL OR b.founded_on <= %(as_of)s) AND (b.dissolved_on IS NULL OR b.dissolved_on > %(as_of)s)
), member AS (
  SELECT m.branch_id, count(*) FILTER (WHERE m.standing = 'formal') AS formal, count(*) AS total, count(*) FILTER (WHERE m."group" <> '') AS grouped
  FROM branches_partymember m WHERE m.branch_id IN (SELECT id FROM here) AND (m.joined_on IS NULL OR m.joined_on <= %(as_of)s)
    AND (m.left_on IS NULL OR m.left_on > %(as_of)s) GROUP BY 1
), term AS (
  SELECT DISTINCT ON (c.branch_id) c.branch_id, c.id, c.ends_on FROM branches_committee c
  WHERE c.branch_id IN (SELECT id FROM here) AND c.removed_why = '' AND c.starts_on <= %(as_of)s ORDER BY c.branch_id, c.starts_on DESC
), seat AS (
  SELECT t.branch_id, count(DISTINCT COALESCE(s.cadre_id::text, s.name)) AS n FROM term t JOIN branches_committeemember s ON s.committee_id = t.id
  WHERE s.left_on IS NULL OR s.left_on > %(as_of)s GROUP BY 1
), span AS (
  SELECT w.kind, w.months, w.least, g.first::date AS first, (g.first + make_interval(months => w.months))::date AS after
  FROM unnest(%(kinds)s, %(months)s, %(least)s) AS w(kind, months, least),
    LATERAL generate_series(%(new_year)s::timestamp, %(new_year)s::timestamp + interval '11 months', make_interval(months => w.months)) AS g(first)
  WHERE w.least > 0 AND (g.first + make_interval(months => w.months))::date <= %(until)s
), monthly AS (
  SELECT p.branch_id, p.kind, date_trunc('month', p.held_on)::date AS month, count(*) AS n FROM branches_participation p
  WHERE NOT p.removed AND p.branch_id IN (SELECT id FROM here) AND p.held_on >= %(new_year)s AND p.held_on < %(until)s GROUP BY 1, 2, 3
), done AS (
  SELECT m.branch_id, s.kind, s.first, sum(m.n) AS n FROM monthly m JOIN span s ON s.kind = m.kind AND m.month >= s.first AND m.month < s.after GROUP BY 1, 2, 3
), short AS (
  SELECT DISTINCT h.id FROM here h CROSS JOIN span s LEFT JOIN done d ON d.branch_id = h.id AND d.kind = s.kind AND d.first = s.first
  LEFT JOIN seat ON seat.branch_id = h.id LEFT JOIN member m ON m.branch_id = h.id
  WHERE h.holds AND (h.founded_on IS NULL OR h.founded_on < s.after) AND (s.kind <> 'committee' OR seat.n > 1) AND (s.kind <> 'group' OR m.grouped > 0)
    AND COALESCE(d.n, 0) < s.least
), rate AS (
  SELECT p.branch_id, sum(p.present) * 100 / NULLIF(sum(p.expected), 0) AS share FROM branches_participation p
  WHERE NOT p.removed AND p.kind IN ('meeting', 'lecture', 'theme', 'life', 'review') AND p.expected > 0 AND p.present IS NOT NULL
    AND p.held_on >= %(new_year)s AND p.held_on <= %(as_of)s AND p.branch_id IN (SELECT id FROM here) GROUP BY 1
)
SELECT h.id AS pk, h.org_path, true AS branches, h.holds AND COALESCE(m.formal, 0) < %(min_formal)s AS too_few, h.holds AND COALESCE(m.total, 0) > %(max_members)s AS too_many,
  t.ends_on IS NOT NULL AND t.ends_on < %(until)s AS term_over, t.ends_on >= %(until)s AND t.ends_on <= %(as_of)s::date + %(term_first)s::int AS term_near,
  h.id IN (SELECT id FROM short) AS life_short, COALESCE(r.share < %(attendance)s, false) AS attendance_low,
  NOT EXISTS (SELECT FROM branches_inspection i WHERE i.branch_id = h.id AND i.state = 'done' AND i.inspected_on <= %(as_of)s) AS never_inspected
FROM here h LEFT JOIN member m ON m.branch_id = h.id LEFT JOIN term t ON t.branch_id = h.id LEFT JOIN rate r ON r.branch_id = h.id
"""

FLAGS = ("branches", "too_few", "too_many", "term_over", "term_near", "life_short", "attendance_low", "never_inspected")


def flags_of(condition: str, parameters: dict, period: Period) -> tuple[str, dict]:
    """SQL with named parameters: ``pk``, ``org_path`` and a boolean per ``FLAGS``, of the branches (alias b) that meet ``condition``."""
    rules = rules_in_force(period.as_of)
    numbers = {
        "min_formal": rules["min_formal"].value, "max_members": rules["max_members"].value, "term_first": int(rules["term_first"].value),
        "attendance": rules["attendance_least"].value, "kinds": [str(kind) for kind, _, _ in DEMANDS], "months": [months for _, months, _ in DEMANDS],
        "least": [int(rules[key].value) for _, _, key in DEMANDS],
    }  # fmt: skip
    days = {"as_of": period.as_of, "until": period.until, "new_year": period.as_of.replace(month=1, day=1), "holding": [str(kind) for kind in HOLDING]}
    return BRANCHES.format(inside=condition), {**parameters, **numbers, **days}
