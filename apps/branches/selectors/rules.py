"""The numbers of the set-up rules in force, and as they stood."""

from datetime import date
from decimal import Decimal

from django.db.models import Q

from apps.branches.checking import Rule
from apps.branches.models import BranchRule
from apps.branches.standards import RULES


def rules_in_force(today: date) -> dict[str, Rule]:
    """Key → number with its source; the published default where the table has none."""
    found = {key: Rule(Decimal(value), source, basis) for key, _, value, _, basis, source in RULES}
    for one in BranchRule.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today).order_by("valid_from"):
        found[one.key] = Rule(one.value, one.source, one.basis)
    return found


def rule_history() -> list[BranchRule]:
    """All versions, rules in their published order, the newest version first."""
    place = {row[0]: n for n, row in enumerate(RULES)}
    return sorted(BranchRule.objects.order_by("-valid_from"), key=lambda one: place.get(one.key, len(place)))


def newest_rule(key: str) -> BranchRule:
    """Raises ``BranchRule.DoesNotExist``."""
    return BranchRule.objects.filter(key=key).order_by("-valid_from")[:1].get()
