"""The steps of a brand (品牌) and of its quarterly report (季度进展) as tables: from where, to where, with which right, and what speaks against one now.

Whoever creates a brand judges nothing of it; it is judged from a place above its own, never from the own county.
"""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from apps.accounts.models import Membership
from apps.accounts.permissions import Right
from apps.brands.models import UNDER_WAY, Brand, BrandState, QuarterReport, ReportState
from apps.brands.standards import ON_TIME_REPORTS
from apps.core.calendar import Quarter
from apps.core.workflow import WORKFLOWS, Step, Workflow

S = BrandState
EDIT, REVIEW, NAME = (Right.BRAND_EDIT,), (Right.BRAND_REVIEW,), (Right.BRAND_NAME,)
STEPS: dict[str, Step] = {
    "apply": Step("申报", (S.DRAFT, S.RETURNED), S.APPLIED, EDIT, "已申报，等上级审核。", actor="创建单位"),
    "hear": Step("列入立项评审", (S.APPLIED,), S.HEARING, REVIEW, "已列入立项评审。", actor="上级"),
    "approve": Step("立项", (S.HEARING,), S.BUILDING, REVIEW, "已立项，从本季度起报季度进展。", actor="上级"),
    "ask": Step("申请评审", (S.BUILDING,), S.APPLYING, EDIT, "已申请评审。", actor="创建单位"),
    "shortlist": Step("初评通过", (S.APPLYING,), S.SHORTLISTED, REVIEW, "初评已通过，可以列入展评。", actor="上级"),
    "propose": Step("拟命名", (S.SHORTLISTED,), S.PROPOSED, NAME, "已拟命名，请公示。", actor="上级领导"),
    "publish": Step("开始公示", (S.PROPOSED,), S.PUBLIC, REVIEW, "公示已开始，全市都能看到。", actor="上级"),
    "name": Step("命名", (S.PUBLIC,), S.NAMED, NAME, "已命名。", actor="上级领导"),
    "spread": Step("进入推广", (S.NAMED,), S.SPREADING, REVIEW, "已进入推广，可以列入经验做法清单。", actor="上级"),
    "keep": Step("复评保留", (S.SPREADING,), S.SPREADING, REVIEW, "复评结果已登记：保留。", actor="上级"),
    "restore": Step("整改到位，保留", (S.RECTIFYING,), S.SPREADING, REVIEW, "已恢复，保留命名。", actor="上级"),
    "withdraw": Step("撤回修改", (S.APPLIED,), S.DRAFT, EDIT, "已撤回，改好再报。", back=True, actor="创建单位"),
    "return": Step("退回修改", (S.APPLIED, S.HEARING), S.RETURNED, REVIEW, "已退回，创建单位会看到各项意见。", asks=True, back=True, actor="上级"),
    "not_yet": Step("继续创建", (S.APPLYING, S.SHORTLISTED), S.BUILDING, REVIEW, "已退回继续创建。", asks=True, back=True, actor="上级"),
    "drop": Step("不予命名", (S.PROPOSED, S.PUBLIC), S.BUILDING, NAME, "已登记不予命名，继续创建。", asks=True, back=True, actor="上级领导"),
    "rectify": Step("复评整改", (S.SPREADING,), S.RECTIFYING, REVIEW, "已要求整改。", asks=True, back=True, actor="上级"),
    "remove": Step("撤销命名", (S.NAMED, S.SPREADING, S.RECTIFYING), S.REMOVED, NAME, "命名已撤销。", asks=True, back=True, actor="上级领导"),
    "stop": Step("终止", UNDER_WAY, S.STOPPED, (Right.BRAND_EDIT, Right.BRAND_REVIEW), "已终止。", asks=True, back=True, actor="创建单位或上级"),
}  # fmt: skip
OWN = ("apply", "ask", "withdraw", "stop")
"""Steps of whoever creates the brand; all others come from above."""


def offices(users: Iterable, today: date) -> dict[int, list[str]]:
    """User → paths of the places where one holds an office today, in one query."""
    found: dict[int, list[str]] = {user.pk: [] for user in users}
    for pk, path in Membership.objects.in_force(today).filter(user__in=list(found)).values_list("user", "org__path"):
        found[pk].append(path)
    return found


def sits_in(paths: list[str], org_path: str) -> bool:
    """Whether one of the offices lies in the place."""
    return any(path.startswith(org_path) for path in paths)


def from_above(org_path: str, by, today: date) -> str:
    """Why ``by`` can't judge what lies at ``org_path``; "" for somebody who sits above it and not in it."""
    paths = offices([by], today)[by.pk]
    if sits_in(paths, org_path):
        return "您在创建单位任职，须由上级办理。"
    return "" if any(org_path.startswith(path) for path in paths) else "须由上级单位办理。"


def _apart(case: Brand, key: str, *, by, today: date) -> str:
    if key in OWN:
        return ""
    if by.pk == case.applied_by_id:
        return "品牌是您申报的，须由别人办理。"
    return from_above(case.org.path, by, today)


def _ripe(case: Brand, key: str, *, by, today: date) -> str:
    if key == "ask":
        on_time = QuarterReport.objects.filter(brand=case, state=ReportState.ACCEPTED, late=False).count()
        if on_time < ON_TIME_REPORTS:
            return f"按时报送并接受的季度进展有 {on_time} 份，满 {ON_TIME_REPORTS} 份才能申请评审。"
    if key == "propose":
        since = case.steps.filter(step="shortlist").order_by("-pk").values_list("at", flat=True).first()
        shown = case.entries.filter(round__state="closed")
        if not (shown.filter(round__opened_on__gte=timezone.localdate(since)) if since else shown).exists():
            return "这次初评通过以后还没有展评结果。"
    if key == "name" and today <= case.public_to:
        return f"公示到 {case.public_to:%Y-%m-%d} 为止，第二天起才能命名。"
    return ""


BRAND = WORKFLOWS.add(
    "brand",
    Workflow(
        "一县一品品牌", "这个品牌", BrandState, STEPS, (_apart, _ripe),
        {
            "apply": "名称、主题、内涵、难题、载体、目标都写了", "hear": "办理人在上级单位任职，不在创建单位", "approve": "办理人在上级单位任职，不是申报人",
            "ask": f"五有齐全；至少 {ON_TIME_REPORTS} 份季度进展按时报送并被接受", "propose": "展评已出结果", "publish": "公示 5 个工作日", "name": "公示期满；写明文号和等次",
        },
    ),
)  # fmt: skip

R = ReportState
REPORT_STEPS: dict[str, Step] = {
    "submit": Step("报送", (R.DRAFT, R.RETURNED), R.SUBMITTED, EDIT, "已报送，等审阅。", actor="创建单位"),
    "accept": Step("接受", (R.SUBMITTED,), R.ACCEPTED, REVIEW, "已接受，列入汇编。", actor="上级"),
    "withdraw": Step("撤回修改", (R.SUBMITTED,), R.DRAFT, EDIT, "已撤回，改好再报。", back=True, actor="创建单位"),
    "return": Step("退回", (R.SUBMITTED,), R.RETURNED, REVIEW, "已退回，创建单位会看到逐条意见。", asks=True, back=True, actor="上级"),
    "reopen": Step("取消接受，退回更正", (R.ACCEPTED,), R.RETURNED, REVIEW, "已退回更正。", asks=True, back=True, actor="上级"),
}


def _report_against(report: QuarterReport, key: str, *, by, today: date) -> str:
    if key == "submit" and today < (first := Quarter(report.year, report.quarter).last.replace(day=1)):
        return f"季度最后一个月起才能报送，即 {first:%Y-%m-%d} 起。"
    if key in ("accept", "return", "reopen"):
        return "进展是您报送的，须由别人审阅。" if by.pk == report.submitted_by_id else from_above(report.brand.org.path, by, today)
    return ""


REPORT = WORKFLOWS.add(
    "brand_report",
    Workflow(
        "一县一品季度进展", "这份进展", ReportState, REPORT_STEPS, (_report_against,),
        {"submit": "完成情况、下一步、三个数和每个目标的现状都填了；季度最后一个月起", "accept": "审阅人在上级单位任职，不是报送人；给出评价"},
    ),
)  # fmt: skip
