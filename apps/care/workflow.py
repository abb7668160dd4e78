"""The steps of an application for aid (困难帮扶) as a table: from where, to where, with which right, and what speaks against one now.

原单位初审 → 公示 (where the standard asks for it) → 审批 → 发放 → 回执. Nobody takes two of: applying, reviewing, approving; nobody pays out what he approved.
"""

from datetime import date

from apps.accounts.permissions import Right
from apps.cadres.models import Standing
from apps.care.models import CaseState, HardshipCase
from apps.core.workflow import WORKFLOWS, Step, Workflow

S = CaseState
APPLY, REVIEW, APPROVE = (Right.AID_APPLY,), (Right.AID_REVIEW,), (Right.AID_APPROVE,)


STEPS: dict[str, Step] = {
    "submit": Step("提交初审", (S.DRAFT, S.RETURNED), S.APPLIED, APPLY, "已提交，等原单位初审。"),
    "review": Step("初审通过", (S.APPLIED,), S.FIRST_REVIEWED, REVIEW, "初审已通过。"),
    "publish": Step("开始公示", (S.FIRST_REVIEWED,), S.PUBLISHED, REVIEW, "公示已开始，可以打印公示单张贴。"),
    "approve": Step("批准", (S.FIRST_REVIEWED, S.PUBLISHED), S.APPROVED, APPROVE, "已批准，金额已计入预算。"),
    "pay": Step("登记发放", (S.APPROVED,), S.PAID, APPLY, "已登记发放，等收款人签收。"),
    "receipt": Step("登记回执", (S.PAID,), S.RECEIPTED, APPLY, "回执已登记，这笔帮扶办结。"),
    "return": Step("退回补正", (S.APPLIED, S.FIRST_REVIEWED, S.PUBLISHED), S.RETURNED, (Right.AID_REVIEW, Right.AID_APPROVE), "已退回，申请人会看到原因。", asks=True, back=True),
    "refuse": Step("不批准", (S.FIRST_REVIEWED, S.PUBLISHED), S.REFUSED, APPROVE, "已登记不批准。", asks=True, back=True),
    "withdraw": Step("撤回申请", (S.DRAFT, S.RETURNED, S.APPLIED, S.FIRST_REVIEWED, S.PUBLISHED), S.WITHDRAWN, APPLY, "申请已撤回。", asks=True, back=True),
    "revoke": Step("撤销批准", (S.APPROVED,), S.RETURNED, APPROVE, "批准已撤销，金额已退回预算。", asks=True, back=True),
    "reopen": Step("更正回执", (S.RECEIPTED,), S.PAID, APPLY, "回执已取消，请重新登记。", asks=True, back=True),
}
NEXT: dict[str, tuple[str, ...]] = {
    S.DRAFT: ("submit",), S.RETURNED: ("submit",), S.APPLIED: ("review",), S.FIRST_REVIEWED: ("publish", "approve"), S.PUBLISHED: ("approve",),
    S.APPROVED: ("pay",), S.PAID: ("receipt",),
}  # fmt: skip
"""State → the steps that bring the case on."""
FOR_THE_LIVING = ("submit", "review", "publish", "approve", "pay")
"""Steps that make no sense once the person has died; a receipt may still be given by the family."""


def next_step(case: HardshipCase) -> str:
    """The one step that comes next; "" when it is over. A case whose standard asks for no 公示 goes straight to the approval."""
    steps = NEXT.get(case.state, ())
    if len(steps) > 1:
        return "publish" if case.standard.publicity_days else "approve"
    return steps[0] if steps else ""


def side_steps(case: HardshipCase) -> list[str]:
    """What else may be done from this state."""
    return [key for key, step in STEPS.items() if case.state in step.sources and key != next_step(case)]


def _person(case: HardshipCase, key: str, *, by, today: date) -> str:
    if key not in FOR_THE_LIVING:
        return ""
    if case.cadre.standing in (Standing.MOVED, Standing.MERGED):
        return "此人已转出或档案已合并，不再办理。"
    if case.survivor_id is None and case.cadre.standing == Standing.DECEASED:
        return f"{case.cadre.name}已去世，可以转为遗属申请。"
    if case.survivor_id and not case.survivor.alive:
        return f"遗属{case.survivor.name}已去世，不再办理。"
    return ""


def _apart(case: HardshipCase, key: str, *, by, today: date) -> str:
    applicants = {case.created_by_id, case.applied_by_id}
    if key == "review" and by.pk in applicants:
        return "申请是您登记的，须由别人初审。"
    if key == "approve" and by.pk in applicants | {case.reviewed_by_id}:
        return "申请或初审是您办的，须由别人审批。"
    if key == "pay" and by.pk == case.approved_by_id:
        return "这笔是您批准的，须由别人发放。"
    return ""


def _publicity(case: HardshipCase, key: str, *, by, today: date) -> str:
    if key != "approve":
        return ""
    if case.state == S.FIRST_REVIEWED and case.standard.publicity_days:
        return f"这类帮扶须公示 {case.standard.publicity_days} 天，请先公示。"
    if case.state == S.PUBLISHED and today <= case.publicity_ends_on:
        return f"公示到 {case.publicity_ends_on:%Y-%m-%d} 为止，第二天起才能审批。"
    return ""


AID = WORKFLOWS.add(
    "aid",
    Workflow(
        "困难帮扶", "这份申请", CaseState, STEPS, (_person, _apart, _publicity),
        {
            "submit": "有证明材料；金额不超过标准", "review": "初审人没有登记或提交这份申请", "publish": "不少于标准规定的天数",
            "approve": "须公示的已经公示期满；审批人没有登记、提交或初审；预算够用；同一人一年一笔，再次的写明理由", "pay": "发放人没有批准这一笔", "receipt": "写明签收人和日期",
        },
    ),
)  # fmt: skip
reason_against = AID.reason_against
