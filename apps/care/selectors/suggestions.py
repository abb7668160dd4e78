"""Which class the record speaks for, and why: set-based, one query for however many people."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, Case, CharField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value, When

from apps.cadres.models import ChangeKind, StatusChange
from apps.cadres.selectors.people import years_before
from apps.care.models import AttentionClass, SuggestionRule
from apps.care.standards import EVENT_SIGNALS

ORDER = (AttentionClass.KEY, AttentionClass.REGULAR)
"""The heavier class wins; whoever no rule speaks for is 日常跟踪."""


@dataclass(frozen=True)
class Signal:
    """A condition outside the table of suggestion rules: what ``condition`` reads of a rule."""

    field: str
    operator: str
    value: object
    key: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A class and the sentences of the rules that speak for it; of lighter classes too, so that nothing known is hidden."""

    attention_class: AttentionClass
    reasons: list[str]


def rules_in_force(today: date) -> list[SuggestionRule]:
    """Suggestion rules of ``today``, heavier class first."""
    found = SuggestionRule.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today)
    weight = {name: place for place, name in enumerate(AttentionClass.values)}
    return sorted(found, key=lambda rule: (weight[rule.attention_class], rule.pk))


def _in_hospital(today: date, days: int, person: OuterRef) -> Exists:
    left = StatusChange.objects.filter(cadre=OuterRef("cadre"), kind=ChangeKind.DISCHARGED, effective_on__gte=OuterRef("effective_on"), effective_on__lte=today)
    stays = StatusChange.objects.filter(cadre=person, kind=ChangeKind.ADMITTED, effective_on__lte=today - timedelta(days=days))
    return Exists(stays.filter(~Exists(left)))


def condition(rule: SuggestionRule | Signal, today: date, prefix: str = "") -> Q | Exists:
    """The rule as a condition on Cadre, or with ``prefix`` (``"cadre__"``) on what refers to one. ``ValueError`` for an unknown signal."""
    person = OuterRef(f"{prefix}pk")
    if rule.field == "in_hospital":
        return _in_hospital(today, int(rule.value), person)
    if rule.field in EVENT_SIGNALS:
        since = today - timedelta(days=int(rule.value))
        return Exists(StatusChange.objects.filter(cadre=person, kind=rule.field, effective_on__gt=since, effective_on__lte=today))
    if rule.operator == "age_gte":
        return Q(**{f"{prefix}{rule.field}__lte": years_before(today, int(rule.value))})
    if rule.operator == "in":
        return Q(**{f"{prefix}{rule.field}__in": rule.value})
    if rule.operator == "eq":
        return Q(**{f"{prefix}{rule.field}": rule.value})
    raise ValueError(f"unknown operator {rule.operator!r} of rule {rule.key!r}")


def with_suggestion(people: QuerySet, today: date, prefix: str = "", rules: list[SuggestionRule] | None = None) -> QuerySet:
    """Adds ``suggested_class`` and one boolean ``says_<n>`` per rule (order of ``rules``), all computed by the database."""
    rules = rules_in_force(today) if rules is None else rules
    conditions = [condition(rule, today, prefix) for rule in rules]
    says = {f"says_{n}": ExpressionWrapper(found, output_field=BooleanField()) if isinstance(found, Q) else found for n, found in enumerate(conditions)}
    return people.annotate(**says, suggested_class=class_expression(rules, conditions))


def class_expression(rules: list[SuggestionRule], conditions: list) -> Case:
    """The suggested class as one expression: the first rule that holds, heavier class first."""
    whens = [When(found, then=Value(str(rule.attention_class))) for rule, found in zip(rules, conditions, strict=True)]
    return Case(*whens, default=Value(str(AttentionClass.ROUTINE)), output_field=CharField())


def class_only(people: QuerySet, today: date, prefix: str = "", rules: list[SuggestionRule] | None = None) -> QuerySet:
    """Adds ``suggested_class`` alone, for filters and bulk writes."""
    rules = rules_in_force(today) if rules is None else rules
    return people.annotate(suggested_class=class_expression(rules, [condition(rule, today, prefix) for rule in rules]))


def suggestion_of(row, rules: list[SuggestionRule]) -> Suggestion:
    """What ``with_suggestion`` annotated, read as a class and sentences. Null columns (an unknown birth date) say nothing."""
    reasons = [rule.reason for n, rule in enumerate(rules) if getattr(row, f"says_{n}")]
    return Suggestion(AttentionClass(row.suggested_class), reasons or ["档案中没有需特别关注的情况"])
