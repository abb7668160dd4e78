"""党费 as a register: who paid which month, who is behind and by how much. Members whose membership lies in the branch; a branch that registers no dues
here is behind in none."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from apps.branches.checking import OWN_RECORD, WARNING, Finding, Rule, dues, plain
from apps.branches.models import Branch, DuesPayment, PartyMember
from apps.branches.selectors.rules import rules_in_force
from apps.core.scope import Scope

BEHIND = """
WITH started AS (
  SELECT m.branch_id, min(d.month) AS month FROM branches_duespayment d JOIN branches_partymember m ON m.id = d.member_id WHERE m.branch_id = ANY(%(branches)s) GROUP BY 1
), last AS (
  SELECT d.member_id, max(d.month) AS month FROM branches_duespayment d JOIN branches_partymember m ON m.id = d.member_id WHERE m.branch_id = ANY(%(branches)s) GROUP BY 1
)
SELECT m.id, m.branch_id, %(months)s - COALESCE(extract(year FROM l.month) * 12 + extract(month FROM l.month),
    extract(year FROM GREATEST(s.month, m.joined_on)) * 12 + extract(month FROM GREATEST(s.month, m.joined_on)) - 1) AS behind
FROM branches_partymember m JOIN started s ON s.branch_id = m.branch_id LEFT JOIN last l ON l.member_id = m.id
WHERE m.branch_id = ANY(%(branches)s) AND m.left_on IS NULL AND m.main
"""
"""Whole months that are over and not registered, since the last one that is, or since the branch began to register (or the member joined)."""

SILENT = """
SELECT branch_id, count(*) FROM branches_partymember WHERE branch_id = ANY(%(branches)s) AND left_on IS NULL AND floating_from IS NOT NULL AND floating_contact <> ''
  AND GREATEST(contacted_on, floating_from) < %(since)s GROUP BY 1
"""


@dataclass
class DuesLine:
    """A member's year: month → payment; ``due`` a month by the bands or the branch's decision; ``behind`` whole months."""

    member: PartyMember
    due: Decimal | None
    behind: int = 0
    paid: dict[int, DuesPayment] = field(default_factory=dict)


def _asked(sql: str, branch_ids: list[int], **given) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"branches": branch_ids} | given)
        return cursor.fetchall()


def behind(branch_ids: list[int], today: date) -> dict[int, dict[int, int]]:
    """Branch → member → whole months behind, those that are alone."""
    found: dict[int, dict[int, int]] = {}
    for member, branch, months in _asked(BEHIND, branch_ids, months=today.year * 12 + today.month - 1):
        if months > 0:
            found.setdefault(branch, {})[member] = int(months)
    return found


def findings_about_people(branch_ids: list[int], rules: dict[str, Rule], today: date) -> dict[int, list[Finding]]:
    """Branch → what is behind with dues and who away hasn't been heard of; warnings: what isn't registered may have been done."""
    found: dict[int, list[Finding]] = {}
    mark, red, contact = rules["dues_mark"], rules["dues_red"], rules["contact_days"]
    for branch, members in behind(branch_ids, today).items():
        if worst := sum(n >= red.value for n in members.values()):
            sentence = f"{worst} 名党员的党费 {plain(red.value)} 个月以上没有登记，请逐人核实原因，按规定处理。"
            found.setdefault(branch, []).append(Finding("dues_red", WARNING, sentence, red.source))
        if late := sum(mark.value <= n < red.value for n in members.values()):
            found.setdefault(branch, []).append(Finding("dues_late", WARNING, f"{late} 名党员的党费 {plain(mark.value)} 个月以上没有登记。", mark.source))
    for branch, n in _asked(SILENT, branch_ids, since=today - timedelta(days=int(contact.value))):
        found.setdefault(branch, []).append(Finding("silent", WARNING, f"外出党员 {n} 名超过 {plain(contact.value)} 天没有登记联系。", OWN_RECORD))
    return found


def register(branch: Branch, year: int, today: date) -> list[DuesLine]:
    """Present members of the branch with their year, in the order of groups and names."""
    rules, late = rules_in_force(today), behind([branch.pk], today).get(branch.pk, {})
    people = PartyMember.objects.filter(branch=branch, left_on=None, main=True).select_related("cadre").order_by("group", "cadre__name_sort", "pk")
    lines = {one.pk: DuesLine(one, dues(one.dues_base, one.dues_rate, rules), late.get(one.pk, 0)) for one in people}
    for paid in DuesPayment.objects.filter(member__in=lines, month__year=year).select_related("by"):
        lines[paid.member_id].paid[paid.month.month] = paid
    return list(lines.values())


def collected(branch: Branch, year: int) -> Decimal:
    """Of everybody who was a member, in 元."""
    return DuesPayment.objects.filter(member__branch=branch, month__year=year).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def payment(scope: Scope, pk: int) -> DuesPayment:
    """Raises ``DuesPayment.DoesNotExist`` outside the scope."""
    return DuesPayment.objects.visible_to(scope).select_related("member__branch").get(pk=pk)
