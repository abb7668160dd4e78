"""What aid may cost: standards with their first day, a budget per county and year, and the money that grants bind. All in 元."""

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F

from apps.accounts.models import Organization
from apps.activity import audit
from apps.care.actions.rules import _check_start, _make_room
from apps.care.models import AidBudget, AidStandard
from apps.care.selectors import aid as selectors
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope, entered


def take_money(*, org: Organization, year: int, amount: Decimal) -> Organization:
    """Bind ``amount`` in the budget of the organisation's county and return whose it is. One statement looks and takes, so two at once can't both have the last
    of it. Raises ``Refused`` (field ``amount``)."""
    place = selectors.budget_place(org)
    if AidBudget.objects.filter(org=place, year=year, amount__gte=F("spent") + amount).update(spent=F("spent") + amount, version=F("version") + 1):
        return place
    found = selectors.budget_of(place, year)
    if found is None:
        raise Refused(f"{place.name} {year} 年的帮扶预算还没有登记，或不归您管理。", code="no_budget", field="amount")
    raise Refused(f"{place.name} {year} 年的预算只剩 {found.remaining:,.2f} 元，不够这一笔。", code="budget_spent", field="amount", status=409)


def give_back(*, org: Organization, year: int, amount: Decimal) -> None:
    """Release what a grant had bound, in the budget it came from: also after the person has moved to another county."""
    with entered(Scope((org.path,))):
        AidBudget.objects.filter(org=org, year=year).update(spent=F("spent") - amount, version=F("version") + 1)


@transaction.atomic
def set_budget(*, org: Organization, year: int, amount: Decimal, by, scope: Scope, today: date, note: str = "", version: int | None = None) -> AidBudget:
    """Set the budget of a county (or city) for this or the next year; ``version`` when changing one. Never below what is granted already.

    Raises ``Refused`` (fields ``org``, ``year``, ``amount``), ``Stale``.
    """
    if not scope.covers(org.path):
        raise Refused("这个单位不在您的管理范围内。", code="region_out_of_scope", field="org")
    if year not in (today.year - 1, today.year, today.year + 1):
        raise Refused(f"只能登记 {today.year - 1} 至 {today.year + 1} 年的预算。", code="year_out_of_range", field="year")
    if amount < 0:
        raise Refused("预算不能是负数。", code="amount", field="amount")
    held = AidBudget.objects.select_for_update(of=("self",)).filter(org=org, year=year).first()
    if held is None:
        return _new_budget(org, year, amount, note, by)
    if version is None:
        raise Refused(f"{org.name} {year} 年已登记过预算，请在列表里修改。", code="budget_exists", field="org", status=409)
    if held.version != version:
        raise Stale("预算或余额刚刚变过，请核对后再保存。")
    if amount < held.spent:
        raise Refused(f"已批准 {held.spent:,.2f} 元，预算不能少于这个数。", code="below_spent", field="amount")
    was, held.amount, held.note, held.version = held.amount, amount, note.strip(), held.version + 1
    held.save(update_fields=["amount", "note", "version"])
    audit.record("aid.budget", held, by=by, note=note.strip(), title=f"{org.name} {year} 年", data={"was": str(was), "now": str(amount)})
    return held


def _new_budget(org: Organization, year: int, amount: Decimal, note: str, by) -> AidBudget:
    try:
        with transaction.atomic():
            made = AidBudget.objects.create(org=org, year=year, amount=amount, note=note.strip())
    except IntegrityError:
        raise Refused(f"{org.name} {year} 年的预算刚刚由别人登记了。", code="budget_exists", field="org", status=409) from None
    audit.record("aid.budget", made, by=by, note=note.strip(), title=f"{org.name} {year} 年", data={"now": str(amount)})
    return made


@transaction.atomic
def new_aid_standard(*, kind: str, ceiling: Decimal, publicity_days: int, source: str, valid_from: date, by, today: date) -> AidStandard:
    """What a kind may amount to from a day on; applications already handed in keep theirs. Raises ``Refused`` (fields ``valid_from``, ``ceiling``)."""
    _check_start(valid_from, today)
    if ceiling <= 0:
        raise Refused("最高金额须大于 0 元。", code="amount", field="ceiling")
    _make_room(AidStandard.objects.select_for_update().filter(kind=kind), valid_from)
    rule = AidStandard.objects.create(kind=kind, ceiling=ceiling, publicity_days=publicity_days, source=source.strip(), valid_from=valid_from)
    data = {"kind": kind, "ceiling": str(ceiling), "days": publicity_days, "from": str(valid_from)}
    audit.record("rule.changed", rule, by=by, note="困难帮扶标准", data=data, title="困难帮扶标准")
    return rule
