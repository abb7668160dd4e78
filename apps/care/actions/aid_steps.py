"""Taking one step with a case: locked, checked against the table, moved, written into the trail, told to whoever is next. All or nothing."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.accounts.selectors import nearest_with
from apps.activity import audit, notify
from apps.care.actions.aid import accepted_papers, keep_papers, locked
from apps.care.actions.aid_money import give_back, take_money
from apps.care.models import CaseStep, HardshipCase, PayWay
from apps.care.selectors import aid as selectors
from apps.care.selectors.aid import RECEIPT_LABEL
from apps.care.workflow import AID, STEPS, next_step, reason_against
from apps.core.refusal import Refused
from apps.core.workflow import take

BLANK = {
    "applied": {"applied_by": None, "applied_on": None},
    "reviewed": {"reviewed_by": None, "reviewed_on": None},
    "published": {"published_on": None, "publicity_ends_on": None, "publicity_place": ""},
    "granted": {
        "amount_granted": None, "budget_org": None, "approved_by": None, "approved_on": None, "document_no": "", "exception": False, "exception_reason": ""
    },
}  # fmt: skip
"""What a step back takes out of the case; the trail keeps it."""


@transaction.atomic
def take_step(*, case: HardshipCase, step: str, by, today: date, now: datetime, note: str = "", version: int | None = None, **given) -> HardshipCase:
    """Move a case by one of ``STEPS``. ``given`` is what the step asks for: ``days`` and ``place`` (publish); ``amount``, ``document_no``, ``exception_reason``
    (approve); ``paid_on``, ``pay_way`` (pay); ``received_on``, ``received_by``, ``papers`` (receipt). Raises ``Refused`` (naming the field), ``Stale``.
    """
    held, note = locked(case, version), note.strip()
    try:
        with transaction.atomic():
            take(AID, held, step, by=by, today=today, now=now, note=note, effect=EFFECTS.get(step), write=write_step, **given)
    except IntegrityError as broken:
        if "aid_one_grant_a_year" not in str(broken):
            raise
        raise Refused("此人今年刚刚已批准过一笔。", code="granted_already", field="exception_reason", status=409) from None
    _tell(held, step, note, by, today, now)
    return held


def write_step(held: HardshipCase, *, step: str, before: str, note: str, by, at: datetime) -> CaseStep:
    """One line of the trail, and of the audit."""
    amount = held.amount_granted if held.amount_granted is not None else held.amount_asked
    row = CaseStep.objects.create(case=held, org=held.org, step=step, before=before, after=held.state, note=note, amount=amount, by=by, at=at)
    audit.record("aid.step", held, by=by, note=note[:100], title=str(held.cadre), data={"step": step, "from": before, "to": held.state, "amount": str(amount)})
    return row


def blank(held: HardshipCase, *parts: str) -> None:
    for part in parts:
        for name, value in BLANK[part].items():
            setattr(held, name, value)


def _submit(held: HardshipCase, *, by, today: date) -> None:
    standard = selectors.standard(held.kind, today)
    if standard is None:
        raise Refused("这一类帮扶现在没有标准，请先订标准或另选类别。", code="no_standard", field="note")
    if held.amount_asked > standard.ceiling:
        raise Refused(f"按现行标准，这一类帮扶最多 {standard.ceiling:,.2f} 元，请修改申请金额。", code="over_standard", field="note")
    if not selectors.papers(held).exists():
        raise Refused("请先在“修改”里附上证明材料，如诊断证明、费用单据、社区证明。", code="proof_required", field="note")
    held.standard, held.applied_by, held.applied_on = standard, by, today


def _review(held: HardshipCase, *, by, today: date) -> None:
    held.reviewed_by, held.reviewed_on = by, today


def _publish(held: HardshipCase, *, by, today: date, days: int | None = None, place: str = "") -> None:
    least = max(held.standard.publicity_days, 1)
    days = least if days is None else days
    if days < least:
        raise Refused(f"按标准至少公示 {least} 天。", code="publicity_short", field="days")
    held.published_on, held.publicity_ends_on, held.publicity_place = today, today + timedelta(days=days - 1), place.strip()


def _approve(held: HardshipCase, *, by, today: date, amount: Decimal, document_no: str = "", exception_reason: str = "") -> None:
    if amount <= 0:
        raise Refused("批准金额须大于 0 元。", code="amount", field="amount")
    if amount > held.amount_asked:
        raise Refused(f"批准金额不能超过申请的 {held.amount_asked:,.2f} 元。", code="over_asked", field="amount")
    if amount > held.standard.ceiling:
        raise Refused(f"这一类帮扶最多 {held.standard.ceiling:,.2f} 元。", code="over_standard", field="amount")
    again, why = selectors.granted_already(held).first(), exception_reason.strip()
    if again and not why:
        said = f"此人 {held.year} 年已批准过一笔 {again.amount_granted:,.2f} 元。每人每年一次；确需再次帮扶，请写明理由。"
        raise Refused(said, code="granted_already", field="exception_reason")
    held.exception, held.exception_reason = bool(again), why if again else ""
    held.budget_org = take_money(org=held.org, year=held.year, amount=amount)
    held.amount_granted, held.approved_by, held.approved_on, held.document_no = amount, by, today, document_no.strip()


def _pay(held: HardshipCase, *, by, today: date, paid_on: date | None = None, pay_way: str = PayWay.BANK) -> None:
    day = paid_on or today
    if not held.approved_on <= day <= today:
        raise Refused("发放日期应在批准之后、今天及以前。", code="date_order", field="paid_on")
    if pay_way not in PayWay.values:
        raise Refused("请选发放方式。", code="pay_way", field="pay_way")
    held.paid_by, held.paid_on, held.pay_way = by, day, pay_way


def _receipt(held: HardshipCase, *, by, today: date, received_on: date | None = None, received_by: str = "", papers: Iterable = ()) -> None:
    day = received_on or today
    if not received_by.strip():
        raise Refused("请写签收人姓名。", code="name_required", field="received_by")
    if not held.paid_on <= day <= today:
        raise Refused("签收日期应在发放之后、今天及以前。", code="date_order", field="received_on")
    accepted = accepted_papers(papers, "papers")
    keep_papers(held, accepted, RECEIPT_LABEL, by)
    held.received_on, held.received_by = day, received_by.strip()


def _back(held: HardshipCase, **how) -> None:
    blank(held, "applied", "reviewed", "published")


def _stop(held: HardshipCase, **how) -> None:
    blank(held, "published")


def release(held: HardshipCase, **how) -> None:
    """Take a grant back that nobody was paid: the money returns to the budget it came from."""
    give_back(org=held.budget_org, year=held.year, amount=held.amount_granted)
    blank(held, "applied", "reviewed", "published", "granted")


def _unreceipt(held: HardshipCase, **how) -> None:
    held.received_on, held.received_by = None, ""


EFFECTS = {
    "submit": _submit, "review": _review, "publish": _publish, "approve": _approve, "pay": _pay, "receipt": _receipt,
    "return": _back, "refuse": _stop, "withdraw": _stop, "revoke": release, "reopen": _unreceipt,
}  # fmt: skip
RESULTS = {"approve": "已批准", "return": "被退回", "refuse": "未批准", "revoke": "批准已撤销"}


def _tell(held: HardshipCase, step: str, note: str, by, today: date, now: datetime) -> None:
    """Who applied hears what came of it; who comes next hears that it waits."""
    url, key = reverse("care:aid_case", args=[held.pk]), f"aid:{held.pk}:{held.version}"
    if step in RESULTS and by.pk != held.created_by_id:
        notify.tell([held.created_by], title=f"困难帮扶{RESULTS[step]}：{held.cadre.name}", body=note, url=url, key=key, now=now)
    if step in ("submit", "review", "publish") and (following := next_step(held)) in ("review", "approve"):
        people = [user for user in nearest_with(held.org, today, *STEPS[following].rights) if not reason_against(held, following, by=user, today=date.max)]
        body = f"公示到 {held.publicity_ends_on:%Y-%m-%d} 为止，第二天起可以审批。" if step == "publish" else ""
        notify.tell(people, title=f"困难帮扶等您{STEPS[following].label}：{held.cadre.name}", body=body, url=url, key=key, now=now)
