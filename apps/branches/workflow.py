"""The steps of a rectification (整改) and of a quarter's sheet (活动情况统计表) as tables: from where, to where, with which right, and what speaks against one now.

整改 → 报送结果 → 销号 → (抽中的) 复查. Whoever reported the result doesn't close it; whoever submitted a sheet doesn't accept it.
"""

from datetime import date

from apps.accounts.permissions import Right
from apps.branches.models import QuarterSheet, Rectification, RectifyState, SheetState
from apps.core.calendar import Quarter
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
