"""The steps of a rectification (整改) as a table: from where, to where, with which right, and what speaks against one now.

整改 → 报送结果 → 销号 → (抽中的) 复查. Whoever reported the result doesn't close it.
"""

from datetime import date

from apps.accounts.permissions import Right
from apps.branches.models import Rectification, RectifyState
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
