"""The rules as they stand, stood and will stand."""

from datetime import date

from django.db.models import Count, Q

from apps.care.models import AttentionClass, FrequencyRule, ServicePlan, StageRule, SuggestionRule
from apps.core.scope import Scope


def in_force(rules, today: date):
    return rules.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today)


def frequencies(today: date) -> dict[str, FrequencyRule]:
    """Class → the frequency in force on ``today``; the later start wins where two overlap."""
    return {rule.attention_class: rule for rule in in_force(FrequencyRule.objects.order_by("valid_from"), today)}


def frequency_history():
    return FrequencyRule.objects.order_by("attention_class", "-valid_from")


def stage_history():
    return StageRule.objects.order_by("stage", "-valid_from")


def suggestion_history():
    return SuggestionRule.objects.order_by("attention_class", "key", "-valid_from")


def suggestion_rule(pk: int) -> SuggestionRule:
    return SuggestionRule.objects.get(pk=pk)


def frequency_rule(pk: int) -> FrequencyRule:
    return FrequencyRule.objects.get(pk=pk)


def stage_rule(pk: int) -> StageRule:
    return StageRule.objects.get(pk=pk)


def active_by_class(scope: Scope) -> dict[str, int]:
    """Class → number of plans in force: whom a change of frequency would concern."""
    found = ServicePlan.objects.visible_to(scope).filter(state="active").values("attention_class").annotate(n=Count("pk")).values_list("attention_class", "n")
    return {name: 0 for name in AttentionClass.values} | dict(found)
