"""The rules as they stand, stood and will stand."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q

from apps.cadres.models import Cadre, Standing
from apps.care.models import ClassThreshold, FrequencyRule, ServicePlan, StageRule, SuggestionRule
from apps.care.selectors import suggestions
from apps.core.scope import Scope


def in_force(rules, today: date):
    return rules.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today)


def frequencies(today: date) -> dict[str, FrequencyRule]:
    """Class → the frequency in force on ``today``; the later start wins where two overlap."""
    return {rule.attention_class: rule for rule in in_force(FrequencyRule.objects.order_by("valid_from"), today)}


def frequency_history():
    return FrequencyRule.objects.order_by("attention_class", "-valid_from")


def stage_history():
    return StageRule.objects.order_by("offset_days", "-valid_from")


def suggestion_history():
    return SuggestionRule.objects.order_by("-weight", "key", "-valid_from")


def threshold_history():
    return ClassThreshold.objects.order_by("-points", "-valid_from")


def present_threshold(attention_class: str, today: date) -> int:
    return suggestions.rules_in_force(today).thresholds[attention_class]


def suggestion_rule(pk: int) -> SuggestionRule:
    """Raises ``SuggestionRule.DoesNotExist``."""
    return SuggestionRule.objects.get(pk=pk)


def present_stage(stage: str, today: date) -> StageRule | None:
    return in_force(StageRule.objects.filter(stage=stage), today).order_by("-valid_from").first()


@dataclass(frozen=True)
class FrequencyEffect:
    """How many plans in force a new frequency concerns, how many of them are late on its first day as things are, and with it."""

    plans: int
    late_before: int
    late_after: int


def frequency_effect(scope: Scope, attention_class: str, *, contact_days: int, visit_days: int, away_visit_days: int, valid_from: date, today: date) -> FrequencyEffect:
    """Reckoned from the due days that stand: the day of the last visit plus the present interval. Nobody is supposed to be visited meanwhile."""
    plans = ServicePlan.objects.visible_to(scope).filter(state="active", attention_class=attention_class)
    now = frequencies(today).get(attention_class)
    if now is None:
        return FrequencyEffect(plans.count(), 0, 0)
    moved = {"contact": contact_days - now.contact_days, "visit": visit_days - now.visit_days, "away": away_visit_days - now.away_visit_days}
    late = {
        "contact": Q(contact_due_on__lt=valid_from - timedelta(days=moved["contact"])),
        "visit": Q(away=False, visit_due_on__lt=valid_from - timedelta(days=moved["visit"])),
        "away": Q(away=True, visit_due_on__lt=valid_from - timedelta(days=moved["away"])),
    }
    before = Q(contact_due_on__lt=valid_from) | Q(visit_due_on__lt=valid_from)
    found = plans.aggregate(plans=Count("pk"), before=Count("pk", filter=before), after=Count("pk", filter=late["contact"] | late["visit"] | late["away"]))
    return FrequencyEffect(found["plans"], found["before"], found["after"])


@dataclass(frozen=True)
class SuggestionEffect:
    """How many people on the register a rule speaks for, and for how many the suggested class would become another one."""

    people: int
    changed: int


def suggestion_effect(scope: Scope, rule: SuggestionRule, *, replaces: SuggestionRule | None, today: date) -> SuggestionEffect:
    """``rule`` need not be saved. Compares the suggestion with and without it (or with what it replaces)."""
    before = suggestions.rules_in_force(today)
    people = Cadre.objects.visible_to(scope).filter(standing=Standing.ACTIVE)
    after = before.with_rule(rule, instead_of=replaces.key if replaces else "")
    return SuggestionEffect(people.filter(suggestions.condition(rule, today)).count(), _changed(people, before, after, today))


def threshold_effect(scope: Scope, attention_class: str, points: int, *, today: date) -> int:
    """For how many people on the register the suggested class would become another one."""
    before = suggestions.rules_in_force(today)
    after = suggestions.Weighing(before.rules, before.thresholds | {attention_class: points})
    return _changed(Cadre.objects.visible_to(scope).filter(standing=Standing.ACTIVE), before, after, today)


def _changed(people, before: suggestions.Weighing, after: suggestions.Weighing, today: date) -> int:
    def suggested(weighing):
        return suggestions.class_expression(weighing, [suggestions.condition(one, today) for one in weighing])

    return people.annotate(class_before=suggested(before), class_after=suggested(after)).exclude(class_before=F("class_after")).count()
