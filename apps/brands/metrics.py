"""Brands in numbers: the funnel from a proposal to the name, who owes a report, goals reached, counties where nothing happens or nothing is learned, practices
nobody took over.

Where a brand stood on a day is read from its trail, today from the brand itself. A report is owed once the last day after the last quarter that was over by then has
passed. A county is idle when nothing of ``HAPPENED`` happened there in ``IDLE_DAYS`` days; it is without a plan when the newest list that reached it is ``PLAN_DAYS`` old
and none was made since.
"""

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from apps.brands.models import HOLDING, REPORTING
from apps.brands.selectors.effort import COUNTY, HAPPENED
from apps.brands.selectors.reports import due_on
from apps.brands.standards import IDLE_DAYS, PLAN_DAYS
from apps.core.calendar import Quarter, quarter_of
from apps.core.metrics import Family, Metric, Period, inside, register
from apps.core.scope import Scope

NOW = "SELECT b.id, b.org_path, b.approved_on, b.state FROM brands_brand b WHERE {inside}"
THEN = """SELECT b.id, b.org_path, b.approved_on, s.after AS state FROM brands_brand b
  JOIN LATERAL (SELECT t.after FROM brands_brandstep t WHERE t.case_id = b.id AND (t.at AT TIME ZONE 'Asia/Shanghai')::date <= %(as_of)s ORDER BY t.id DESC LIMIT 1) s ON true
  WHERE {inside}"""
BRANDS = """
WITH here AS MATERIALIZED (
  {here}
), figure AS (
  SELECT DISTINCT ON (f.goal_id) f.goal_id, f.now FROM brands_goalfigure f JOIN brands_quarterreport r ON r.id = f.report_id
  WHERE r.state IN ('submitted', 'accepted') AND r.submitted_on <= %(as_of)s ORDER BY f.goal_id, r.year DESC, r.quarter DESC
), goal AS (
  SELECT g.brand_id, bool_and(f.now IS NOT NULL AND CASE WHEN g.target > g.start THEN f.now >= g.target ELSE f.now <= g.target END) AS reached
  FROM brands_goal g JOIN here h ON h.id = g.brand_id LEFT JOIN figure f ON f.goal_id = g.id GROUP BY g.brand_id
)
SELECT h.id AS pk, h.org_path, h.state NOT IN ('removed', 'stopped') AS brands, h.state IN ('draft', 'applied', 'returned', 'hearing') AS proposing,
  h.state = 'building' AS building, h.state IN ('applying', 'shortlisted', 'proposed', 'public') AS judging, h.state = ANY(%(holding)s) AS named,
  COALESCE(g.reached AND h.state = ANY(%(reporting)s), false) AS reached,
  h.state = ANY(%(reporting)s) AND h.approved_on <= %(last_day)s AND %(due)s < %(until)s AND NOT EXISTS (
    SELECT FROM brands_quarterreport r WHERE r.brand_id = h.id AND r.year = %(year)s AND r.quarter = %(quarter)s AND r.submitted_on <= %(as_of)s
      AND r.state IN ('submitted', 'accepted')
  ) AS report_late
FROM here h LEFT JOIN goal g ON g.brand_id = h.id
"""

COUNTIES = f"""
WITH busy AS (SELECT DISTINCT {COUNTY} AS path FROM ({HAPPENED}) h WHERE h.day BETWEEN %(since)s AND %(as_of)s),
planned AS (SELECT {COUNTY} AS path, max(h.started_on) AS day FROM brands_studyplan h WHERE h.started_on <= %(as_of)s GROUP BY 1),
newest AS (SELECT l.org_path, max(l.issued_on) AS day FROM brands_practicelist l WHERE l.issued_on <= %(listed_by)s GROUP BY 1),
place AS (SELECT o.id, o.path, '/' || split_part(o.path, '/', 2) || '/' AS province, '/' || split_part(o.path, '/', 2) || '/' || split_part(o.path, '/', 3) || '/' AS city
  FROM accounts_organization o WHERE {{inside}} AND o.level = 'county' AND o.valid_to IS NULL)
SELECT o.id AS pk, o.path AS org_path, true AS counties, busy.path IS NULL AS idle,
  COALESCE(GREATEST(own.day, c.day, p.day, n.day) > COALESCE(planned.day, '-infinity'), false) AS without_plan
FROM place o LEFT JOIN busy ON busy.path = o.path LEFT JOIN planned ON planned.path = o.path LEFT JOIN newest own ON own.org_path = o.path
LEFT JOIN newest c ON c.org_path = o.city LEFT JOIN newest p ON p.org_path = o.province LEFT JOIN newest n ON n.org_path = '/'
"""  # noqa: S608 - no input

PRACTICES = """
SELECT p.id AS pk, p.org_path, true AS practices,
  NOT EXISTS (SELECT FROM brands_studyplan s WHERE s.practice_id = p.id AND s.state IN ('adopted', 'adapted') AND s.ended_on <= %(as_of)s) AS unused
FROM brands_practice p JOIN brands_practicelist l ON l.id = p.listed_id WHERE {inside} AND l.issued_on <= %(as_of)s
"""


def _over_by(period: Period) -> Quarter:
    """The last quarter that was over by the end of the period (yesterday, for today)."""
    here = quarter_of(period.as_of)
    return here if period.past and here.last == period.as_of else here.previous


def select_brands(scope: Scope, period: Period) -> tuple[str, dict]:
    condition, parameters = inside(scope, "b.org_path")
    quarter = _over_by(period)
    here = (THEN if period.past else NOW).format(inside=condition)
    return BRANDS.format(here=here), parameters | {
        "as_of": period.as_of, "until": period.until, "holding": list(HOLDING), "reporting": list(REPORTING), "year": quarter.year, "quarter": quarter.q, "last_day": quarter.last,
        "due": due_on(quarter),
    }  # fmt: skip


def select_counties(scope: Scope, period: Period) -> tuple[str, dict]:
    condition, parameters = inside(scope, "o.path")
    return COUNTIES.format(inside=condition), parameters | {
        "as_of": period.as_of, "since": period.as_of - timedelta(days=IDLE_DAYS), "listed_by": period.as_of - timedelta(days=PLAN_DAYS),
    }  # fmt: skip


def select_practices(scope: Scope, period: Period) -> tuple[str, dict]:
    condition, parameters = inside(scope, "p.org_path")
    return PRACTICES.format(inside=condition), parameters | {"as_of": period.as_of}


OF_BRANDS = Family("brands", "brands.Brand", select_brands)
OF_COUNTIES = Family("effort of counties", "accounts.Organization", select_counties)
OF_PRACTICES = Family("practices", "brands.Practice", select_practices)


def _link(url_name: str):
    def link(metric: Metric, org: int, period: Period) -> str:
        query = {"metric": metric.key, "org": org} | ({"period": period.text} if period.text else {})
        return f"{reverse(url_name)}?{urlencode(query)}"

    return link


def _brand(key: str, name: str, flag: str, order: int, **more) -> Metric:
    return register(Metric(key, name, "个", OF_BRANDS, flag, _link("brands:list"), order=order, **more))


def _county(key: str, name: str, flag: str, order: int, **more) -> Metric:
    return register(Metric(key, name, "个", OF_COUNTIES, flag, _link("brands:effort"), order=order, **more))


def _practice(key: str, name: str, flag: str, order: int, **more) -> Metric:
    return register(Metric(key, name, "项", OF_PRACTICES, flag, _link("brands:practices"), order=order, **more))


_brand("brands", "一县一品品牌", "brands", 140, help="期末（或今天）没有撤销、终止的品牌。")
_brand("brands_proposing", "申报中", "proposing", 141, of="brands", help="草稿、已申报、退回修改、立项评审。")
_brand("brands_building", "创建中", "building", 142, of="brands", help="已立项，还没有申请评审。")
_brand("brands_judging", "评审、公示", "judging", 143, of="brands", help="申请评审、初评通过、拟命名、公示中。")
_brand("brands_named", "已命名", "named", 144, of="brands", good=1, help="已命名、推广中、复评整改。")
_brand("brands_goals_reached", "目标全部达到", "reached", 145, of="brands", good=1, help="已立项的品牌，最近一次报送的进展里每个目标都达到目标值。")
_brand("brand_reports_late", "季度进展逾期未报", "report_late", 146, of="brands", good=-1, late=True, help="最近一个结束的季度，过了时限还没有报送进展的品牌。")
_county("brand_counties", "县区", "counties", 147, help="现有县区。")
_county("brand_counties_idle", "60 天没有动静的县区", "idle", 148, of="brand_counties", good=-1, help="60 天内没有办理、报送、会议、推广点或学习进展的县区。")
_county("brand_counties_without_plan", "没有学习推广计划的县区", "without_plan", 149, of="brand_counties", good=-1, help="最近一期满 30 天的清单印发以后，还没有订计划的县区。")
_practice("practices", "经验做法", "practices", 150, help="期末（或今天）已印发清单上的做法。")
_practice("practices_unused", "没有被采用的做法", "unused", 151, of="practices", good=-1, help="印发以后还没有单位采用或改造后采用的做法。")
