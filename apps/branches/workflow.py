"""The steps of a rectification (整改), of a quarter's sheet (活动情况统计表) and of an application (示范党支部申报) as tables:
from where, to where, with which right, and what speaks against one now.

整改 → 报送结果 → 销号 → (抽中的) 复查. Whoever reported the result doesn't close it; whoever submitted a sheet doesn't accept it.
"""

from datetime import date

from django.db.models import Q

from apps.accounts.models import Level, Membership
from apps.accounts.permissions import Right
from apps.accounts.selectors import ancestors
from apps.branches.models import HOLDING, Application, ApplicationState, Branch, NamingMode, QuarterSheet, Rectification, RectifyState, SheetState
from apps.core.calendar import Quarter
from apps.core.scope import system_scope, upper_bound
from apps.core.workflow import WORKFLOWS, Step, Workflow

S = RectifyState
EDIT, INSPECT = (Right.BRANCH_EDIT,), (Right.BRANCH_INSPECT,)
STEPS: dict[str, Step] = {
    "report": Step("报送整改结果", (S.OPEN,), S.REPORTED, EDIT, "已报送，等检查的人销号。", actor="支部"),
    "close": Step("销号", (S.REPORTED,), S.CLOSED, INSPECT, "已销号。", actor="检查单位"),
    "return": Step("退回再整改", (S.REPORTED,), S.OPEN, INSPECT, "已退回，支部会看到原因。", asks=True, back=True, actor="检查单位"),
    "extend": Step("延期", (S.OPEN,), S.OPEN, INSPECT, "时限已改。", asks=True, actor="检查单位"),
    "supervise": Step("挂牌督办", (S.OPEN,), S.OPEN, INSPECT, "已挂牌督办，支部会收到消息。", actor="检查单位"),
    "confirm": Step("复查通过", (S.CLOSED,), S.CLOSED, INSPECT, "复查结果已登记。", actor="检查单位"),
    "relapse": Step("复查不过，重新整改", (S.CLOSED,), S.OPEN, INSPECT, "已重新开出整改。", asks=True, back=True, actor="检查单位"),
    "void": Step("撤销", (S.OPEN, S.REPORTED), S.VOID, INSPECT, "已撤销，不再计数。", asks=True, back=True, actor="检查单位"),
}


def _apart(case: Rectification, key: str, *, by, today: date) -> str:
    if key == "close" and by.pk == case.reported_by_id:
        return "整改结果是您报送的，须由别人销号。"
    return ""


def _time(case: Rectification, key: str, *, by, today: date) -> str:
    if key == "supervise" and case.supervised_on:
        return f"{case.supervised_on:%Y-%m-%d} 起已在挂牌督办。"
    if key == "supervise" and case.due_on >= today:
        return f"时限 {case.due_on:%Y-%m-%d} 还没有过，逾期的才挂牌督办。"
    if key in ("confirm", "relapse") and not case.recheck_drawn_on:
        return "没有抽中复查。"
    if key in ("confirm", "relapse") and case.rechecked_on:
        return f"{case.rechecked_on:%Y-%m-%d} 已复查过。"
    return ""


RECTIFY = WORKFLOWS.add(
    "rectification",
    Workflow(
        "整改", "这项整改", RectifyState, STEPS, (_apart, _time),
        {
            "report": "写明整改结果，附佐证材料", "close": "销号人不是报送人", "extend": "新时限在今天以后，比原来的晚", "supervise": "已经逾期，还没有挂牌",
            "confirm": "抽中复查，还没有复查过", "relapse": "抽中复查，还没有复查过；定新的时限",
        },
    ),
)  # fmt: skip
reason_against = RECTIFY.reason_against

T = SheetState
SHEET_STEPS: dict[str, Step] = {
    "submit": Step("报送", (T.DRAFT, T.RETURNED), T.SUBMITTED, EDIT, "已报送，等审核。", actor="支部"),
    "accept": Step("接受", (T.SUBMITTED,), T.ACCEPTED, INSPECT, "已接受，计入汇总。", actor="县区"),
    "withdraw": Step("撤回修改", (T.SUBMITTED,), T.DRAFT, EDIT, "已撤回，改好再报。", back=True, actor="支部"),
    "return": Step("退回", (T.SUBMITTED,), T.RETURNED, INSPECT, "已退回，支部会看到原因。", asks=True, back=True, actor="县区"),
    "reopen": Step("取消接受，退回更正", (T.ACCEPTED,), T.RETURNED, INSPECT, "已退回更正，不再计入汇总。", asks=True, back=True, actor="县区"),
}


def _sheet_against(sheet: QuarterSheet, key: str, *, by, today: date) -> str:
    if key == "submit" and today <= (last := Quarter(sheet.year, sheet.quarter).last):
        return f"这个季度到 {last:%Y-%m-%d} 才结束，结束后再报送。"
    if key == "accept" and by.pk == sheet.submitted_by_id:
        return "统计表是您报送的，须由别人审核。"
    return ""


SHEET = WORKFLOWS.add(
    "quarter_sheet",
    Workflow("活动情况统计表", "这张统计表", SheetState, SHEET_STEPS, (_sheet_against,), {"submit": "季度已经结束；填写的栏都填了", "accept": "审核人不是报送人"}),
)

A = ApplicationState
NAME = (Right.BRANCH_NAME,)
APPLY_STEPS: dict[str, Step] = {
    "submit": Step("提交申报", (A.DRAFT, A.RETURNED), A.SUBMITTED, EDIT, "已提交，等初审。", actor="支部"),
    "review": Step("初审通过", (A.SUBMITTED,), A.TO_INSPECT, INSPECT, "初审已通过，请组织核查。", actor="县区"),
    "score": Step("核查打分完成", (A.TO_INSPECT,), A.SCORED, INSPECT, "核查结果已登记。", actor="核查组"),
    "propose": Step("拟命名", (A.SCORED,), A.PROPOSED, NAME, "已拟命名，请公示。", actor="局务会"),
    "publish": Step("开始公示", (A.PROPOSED,), A.PUBLIC, INSPECT, "公示已开始，公示页不用登录就能看。", actor="县区"),
    "name": Step("命名授牌", (A.PUBLIC,), A.NAMED, NAME, "已命名，列入名册。", actor="局务会"),
    "lookback": Step("回头看通过", (A.NAMED,), A.NAMED, INSPECT, "已登记回头看。", actor="检查单位"),
    "restore": Step("整改到位，恢复", (A.YELLOW,), A.NAMED, INSPECT, "黄牌已撤，恢复在册。", actor="检查单位"),
    "rescore": Step("整改到位，重新核查", (A.RECTIFYING,), A.TO_INSPECT, INSPECT, "请重新核查打分。", actor="核查组"),
    "return": Step("退回补正", (A.SUBMITTED,), A.RETURNED, INSPECT, "已退回，支部会看到原因。", asks=True, back=True, actor="县区"),
    "rectify": Step("限期整改", (A.SCORED,), A.RECTIFYING, INSPECT, "已开出整改。", asks=True, back=True, actor="核查组"),
    "yellow": Step("黄牌整改", (A.NAMED,), A.YELLOW, INSPECT, "已亮黄牌并开出整改。", asks=True, back=True, actor="检查单位"),
    "remove": Step("摘牌", (A.NAMED, A.YELLOW), A.REMOVED, NAME, "已摘牌。", asks=True, back=True, actor="局务会"),
    "refuse": Step("不通过", (A.SUBMITTED, A.TO_INSPECT, A.SCORED, A.RECTIFYING, A.PROPOSED, A.PUBLIC), A.FAILED, NAME, "已登记不通过。", asks=True, back=True, actor="局务会"),
    "withdraw": Step("撤回申报", (A.DRAFT, A.RETURNED, A.SUBMITTED, A.TO_INSPECT), A.WITHDRAWN, EDIT, "申报已撤回。", asks=True, back=True, actor="支部"),
}
JUDGING = ("review", "score", "propose", "name", "return", "refuse")


def _judges_another(case: Application, key: str, *, by, today: date) -> str:
    """Who applied judges nothing of it; who scores doesn't belong to the branch's own unit."""
    if key in JUDGING and by.pk == case.applied_by_id:
        return "申报是您提交的，须由别人办理。"
    if key == "score" and Membership.objects.in_force(today).filter(user=by, org=case.branch.org_id).exists():
        return "您在这个支部的管理单位任职，不能给它核查打分。"
    return ""


def _quota_full(case: Application, today: date) -> str:
    """With a quota: why no other branch of the city can be named this year."""
    if case.standard.mode != NamingMode.QUOTA:
        return ""
    city = next((one for one in ancestors(case.branch.org) if one.level == Level.CITY), None)
    with system_scope("naming quota of the city"):
        here = {"org_path__gte": city.path, "org_path__lt": upper_bound(city.path)} if city else {}
        most = int(Branch.objects.filter(kind__in=HOLDING, dissolved_on=None, **here).count() * case.standard.quota / 100)
        taken = Application.objects.filter(Q(state__in=(A.PROPOSED, A.PUBLIC)) | Q(state__in=(A.NAMED, A.YELLOW), named_on__year=today.year), **here).count()
    return f"按标准每年命名不超过 {case.standard.quota.normalize():f} %，即 {most} 个，今年已有 {taken} 个。" if taken >= most else ""


def _ripe(case: Application, key: str, *, by, today: date) -> str:
    if key == "propose" and case.team_total + case.bonus < case.standard.pass_score:
        return f"核查 {case.team_total} 分、加分 {case.bonus} 分，不到命名分数线 {case.standard.pass_score} 分。"
    if key in ("propose", "name") and case.veto:
        return f"有一票否决的情形：{case.veto}。"
    if key == "propose" and (full := _quota_full(case, today)):
        return full
    if key in ("rescore", "restore") and case.branch.rectifications.filter(state__in=("open", "reported")).exists():
        return "还有整改没有销号。"
    if key == "name" and today <= case.public_to:
        return f"公示到 {case.public_to:%Y-%m-%d} 为止，第二天起才能命名。"
    if key == "name" and case.objections.filter(answered_on=None).exists():
        return "公示中有意见还没有核实。"
    return ""


APPLY = WORKFLOWS.add(
    "branch_application",
    Workflow(
        "示范党支部申报", "这份申报", ApplicationState, APPLY_STEPS, (_judges_another, _ripe),
        {
            "submit": "每项都有自评分；任期没有超期、党员人数够、半年内有活动；摘牌满一年", "review": "初审人不是申报人",
            "score": "每项都有核查分，扣分写原因；核查人不在本支部的管理单位任职；现场测评已结束",
            "propose": "核查分加加分达到分数线；没有一票否决；按比例命名的，名额没有满", "publish": "公示不少于标准规定的工作日",
            "name": "公示期满；公示意见都已核实；没有一票否决；写明文号",
            "restore": "整改都已销号",
            "rescore": "整改都已销号", "yellow": "定整改时限", "rectify": "定整改时限",
        },
    ),
)  # fmt: skip
