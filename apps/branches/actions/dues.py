"""党费: registered for several members and months at once, taken back one by one."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction

from apps.activity import audit
from apps.branches.actions.branches import held as held_branch
from apps.branches.checking import dues, months_on
from apps.branches.models import Branch, DuesPayment, PartyMember
from apps.branches.selectors.rules import rules_in_force
from apps.core.refusal import Refused

MOST_MONTHS = 24


@transaction.atomic
def register_dues(
    *, branch: Branch, members: Iterable[int], first: date, last: date, paid_on: date, by, today: date, amount: Decimal | None = None, waived: bool = False
) -> tuple[int, int]:  # fmt: skip
    """Register each of ``members`` for the months from ``first`` to ``last``; ``amount`` a month, else by the bands. Returns (rows made, months registered before).

    Raises ``Refused`` (fields ``members``, ``first``, ``last``, ``paid_on``, ``amount``).
    """
    found = held_branch(branch)
    first, last = first.replace(day=1), last.replace(day=1)
    if last < first:
        raise Refused("止月早于起月。", code="date_order", field="last")
    if months_on(first, MOST_MONTHS) <= last:
        raise Refused(f"一次最多登记 {MOST_MONTHS} 个月。", code="many_months", field="last")
    if last > today.replace(month=12, day=1):
        raise Refused("最多预交到今年 12 月。", code="date_future", field="last")
    if paid_on > today:
        raise Refused("收缴日期不能晚于今天。", code="date_future", field="paid_on")
    keys = list(members)
    people = list(PartyMember.objects.select_for_update(of=("self",)).filter(branch=found, pk__in=keys, left_on=None, main=True).select_related("cadre"))
    if not people or len(people) != len(set(keys)):
        raise Refused("请选组织关系在本支部的党员。", code="not_a_member", field="members")
    rules = rules_in_force(today)
    each = {one.pk: Decimal(0) if waived else amount if amount is not None else dues(one.dues_base, one.dues_rate, rules) for one in people}
    if missing := [one.cadre.name for one in people if each[one.pk] is None]:
        raise Refused(f"没有登记党费基数，请填每月金额，或先登记基数：{'、'.join(missing[:5])}。", code="amount_unknown", field="amount")
    months = [first]
    while months[-1] < last:
        months.append(months_on(months[-1], 1))
    known = set(DuesPayment.objects.filter(member__in=people, month__in=months).values_list("member", "month"))
    rows = [
        DuesPayment(member=one, org=found.org, org_path=found.org_path, month=month, amount=each[one.pk], waived=waived, paid_on=paid_on, by=by)
        for one in people for month in months if (one.pk, month) not in known
    ]  # fmt: skip
    DuesPayment.objects.bulk_create(rows)
    audit.record("dues.registered", found, by=by, title=str(found), data={"members": len(people), "from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}", "rows": len(rows)})
    return len(rows), len(known)


@transaction.atomic
def remove_dues(*, payment: DuesPayment, by) -> None:
    """Registered by mistake."""
    found = DuesPayment.objects.select_for_update(of=("self",)).select_related("member__branch", "member__cadre").get(pk=payment.pk)
    branch = found.member.branch
    audit.record("dues.removed", branch, by=by, title=str(branch), data={"member": found.member_id, "month": f"{found.month:%Y-%m}", "amount": str(found.amount)})
    found.delete()
