"""Party branches in numbers: how many, which break or near a rule, what their year lacks, what is being mended, what was voted.

Of branches: those that exist on the day (set up by then, not yet dissolved), with the members, committee and rules of that day. A period's figures of
organisation life look at what was over by then in the year of the day; activities logged later count, so a past quarter moves only by what was registered later.
Of rectifications: those under way on the day (put on the ledger by then, not closed, not void). Of ballots: those closed within the period.
"""

from urllib.parse import urlencode

from django.urls import reverse

from apps.branches.models import Branch
from apps.branches.selectors.flags import FLAGS, flags_of
from apps.branches.selectors.standing import settle
from apps.core.metrics import Family, Metric, Period, inside, register
from apps.core.scope import Scope

RECTIFICATIONS = """
SELECT r.id AS pk, r.org_path, true AS open, r.due_on < %(until)s AND (r.state = 'open' OR r.reported_on > %(as_of)s) AS late,
  COALESCE(r.supervised_on <= %(as_of)s, false) AS supervised
FROM branches_rectification r
WHERE {inside} AND r.opened_on <= %(as_of)s AND r.state <> 'void' AND (r.state <> 'closed' OR r.closed_on > %(as_of)s)
"""

BALLOTS = """
SELECT b.id AS pk, b.org_path, true AS closed, b.rate < b.threshold AS short FROM branches_ballot b
WHERE {inside} AND b.state = 'closed' AND b.closed_on BETWEEN %(first)s AND %(last)s
"""


def _now(period: Period) -> bool:
    return not period.past


def select_branches(scope: Scope, period: Period) -> tuple[str, dict]:
    """Of today as the standings say it (``settle_branches`` has counted them by then), of a past period from the tables."""
    if _now(period):
        condition, parameters = inside(scope, "s.org_path")
        columns = ", ".join(f"'{flag}' = ANY(s.flags) AS {flag}" for flag in FLAGS)
        return f"SELECT s.branch_id AS pk, s.org_path, {columns} FROM branches_standing s WHERE {condition} AND 'branches' = ANY(s.flags)", parameters  # noqa: S608
    condition, parameters = inside(scope, "b.org_path")
    return flags_of(condition, parameters, period)


def settle_branches(scope: Scope, period: Period) -> None:
    if _now(period):
        settle(Branch.objects.visible_to(scope), period.today)


def select_rectifications(scope: Scope, period: Period) -> tuple[str, dict]:
    condition, parameters = inside(scope, "r.org_path")
    return RECTIFICATIONS.format(inside=condition), {**parameters, "as_of": period.as_of, "until": period.until}


def select_ballots(scope: Scope, period: Period) -> tuple[str, dict]:
    condition, parameters = inside(scope, "b.org_path")
    first = period.first if period.text else period.as_of.replace(month=1, day=1)
    return BALLOTS.format(inside=condition), {**parameters, "first": first, "last": period.as_of}


def _link(url_name: str):
    def link(metric: Metric, org: int, period: Period) -> str:
        query = {"metric": metric.key, "org": org} | ({"period": period.text} if period.text else {})
        return f"{reverse(url_name)}?{urlencode(query)}"

    return link


OF_BRANCHES = Family("party branches", "branches.Branch", select_branches, settle_branches)
OF_RECTIFICATIONS = Family("rectifications", "branches.Rectification", select_rectifications)
OF_BALLOTS = Family("ballots", "branches.Ballot", select_ballots)


def _branch(key: str, name: str, flag: str, order: int, **more) -> Metric:
    return register(Metric(key, name, "个", OF_BRANCHES, flag, _link("branches:list"), order=order, **more))


def _mending(key: str, name: str, flag: str, order: int, **more) -> Metric:
    return register(Metric(key, name, "项", OF_RECTIFICATIONS, flag, _link("branches:rectifications"), order=order, **more))


def _ballot(key: str, name: str, flag: str, order: int, **more) -> Metric:
    return register(Metric(key, name, "次", OF_BALLOTS, flag, _link("branches:ballots"), order=order, **more))


_branch("branches", "党支部", "branches", 110, help="期末（或今天）已成立、没有撤销的党组织，含临时、流动、功能型。")
_branch("branches_term_over", "届满没有换届", "term_over", 111, of="branches", good=-1, late=True, help="现任支委会任期已满的党支部。")
_branch("branches_term_near", "半年内届满", "term_near", 112, of="branches", help="任期在“支部规则”的首次提示天数（缺省 180 天）之内届满的党支部。")
_branch("branches_too_few", "正式党员不足", "too_few", 113, of="branches", good=-1, help="组织关系所在的党支部，正式党员少于规定人数。")
_branch("branches_too_many", "党员过多", "too_many", 114, of="branches", good=-1, help="组织关系所在的党支部，党员多于一般人数。")
_branch("branches_life_short", "组织生活缺项", "life_short", 115, of="branches", good=-1, help="本年度到期末（或今天）为止，有一个已经过完的周期组织生活次数不够的党支部。")
_branch("branches_attendance_low", "到会率偏低", "attendance_low", 116, of="branches", good=-1, help="本年度全体党员参加的活动，实到与应到之比低于“支部规则”的党支部。")
_branch("branches_never_inspected", "从没检查过", "never_inspected", 117, of="branches", good=-1, help="到期末（或今天）为止没有登记过检查的党支部。")
_mending("rectify_open", "整改中", "open", 120, good=-1, help="期末（或今天）还没有销号的整改。")
_mending("rectify_late", "整改逾期", "late", 121, of="rectify_open", good=-1, late=True, help="其中过了时限、没有报送结果的。")
_mending("rectify_supervised", "挂牌督办", "supervised", 122, of="rectify_open", good=-1, help="其中已挂牌督办的。")
_ballot("ballots_closed", "群众评议", "closed", 125, help="本期结束的群众评议；不选时期的，从年初算起。")
_ballot("ballots_short", "满意率不达标", "short", 126, of="ballots_closed", good=-1, late=True, help="总体满意率低于规定的评议。")
