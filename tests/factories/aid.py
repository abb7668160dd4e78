"""Applications for aid in any state, made by the steps themselves. Call inside a scope."""

import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.care.actions.aid import apply_for_aid
from apps.care.actions.aid_money import set_budget
from apps.care.actions.aid_steps import take_step
from apps.care.models import CaseState, HardshipCase
from apps.core.scope import Scope

DAY = date(2026, 3, 2)
ENDS = date(2026, 3, 6)
LATER = date(2026, 3, 10)
S = CaseState
WAY = {
    S.DRAFT: (), S.APPLIED: ("submit",), S.FIRST_REVIEWED: ("submit", "review"), S.PUBLISHED: ("submit", "review", "publish"),
    S.APPROVED: ("submit", "review", "publish", "approve"), S.PAID: ("submit", "review", "publish", "approve", "pay"),
    S.RECEIPTED: ("submit", "review", "publish", "approve", "pay", "receipt"), S.RETURNED: ("submit", "return"),
    S.REFUSED: ("submit", "review", "publish", "refuse"), S.WITHDRAWN: ("withdraw",),
}  # fmt: skip
"""State → the steps that lead there."""
GIVEN = {
    "approve": {"amount": Decimal("3000.00")},
    "receipt": {"received_by": "王德福"},
    "return": {"note": "材料不全"},
    "refuse": {"note": "不符合条件"},
    "withdraw": {"note": "本人不要了"},
    "revoke": {"note": "批错人了"},
    "reopen": {"note": "签收人写错"},
}
WHO = {"submit": "clerk", "review": "officer", "publish": "officer", "return": "officer", "withdraw": "clerk", "pay": "clerk", "receipt": "clerk", "reopen": "clerk"}


def moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10)))


def staff(person) -> dict:
    """One who applies, one who reviews, one who approves, all of 浔阳区."""
    return {"clerk": person("浔阳区", Role.WORKER), "officer": person("浔阳区", Role.COUNTY_OFFICER), "leader": person("浔阳区", Role.LEADER)}


def proof(name: str = "诊断证明.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.4 proof", content_type="application/pdf")


def draft(who, people: dict, day: date = DAY, **given) -> HardshipCase:
    values = {"kind": "illness", "applicant": "self", "reason": "住院自付八万元", "amount_asked": Decimal("4000.00"), "proofs": [proof()], "once": uuid.uuid4()} | given
    return apply_for_aid(cadre=who, by=people["clerk"], today=day, now=moment(day), **values)


def step(case: HardshipCase, name: str, people: dict, day: date | None = None, **given) -> HardshipCase:
    """One step by whoever takes it; approving and what follows on ``LATER``, when the 公示 is over."""
    by = given.pop("by", None) or people[WHO.get(name, "leader")]
    day = day or (LATER if name in ("approve", "pay", "receipt", "refuse", "revoke", "reopen") else DAY)
    return take_step(case=case, step=name, by=by, today=day, now=moment(day), **(GIVEN.get(name, {}) | given))


def bring(case: HardshipCase, state: str, people: dict, **given) -> HardshipCase:
    """Take a draft to ``state``; ``given`` goes to the approval."""
    for name in WAY[state]:
        case = step(case, name, people, **(given if name == "approve" else {}))
    return case


def budget(org, by, amount: str = "10000.00", year: int = 2026, day: date = DAY):
    return set_budget(org=org, year=year, amount=Decimal(amount), by=by, scope=Scope((org.path,)), today=day)


def after(case: HardshipCase) -> HardshipCase:
    return HardshipCase.objects.select_related("cadre", "survivor", "standard").get(pk=case.pk)


NEXT_DAY = ENDS + timedelta(days=1)
