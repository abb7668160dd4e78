"""Which class the record speaks for, and why: set-based, one query for however many people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, Case, CharField, Exists, ExpressionWrapper, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.lookups import GreaterThanOrEqual

from apps.cadres.models import ChangeKind, StatusChange
from apps.cadres.selectors.people import years_before
from apps.care.models import AttentionClass, ClassThreshold, SuggestionRule
from apps.care.standards import EVENT_SIGNALS, THRESHOLDS

HEAVY_FIRST = (AttentionClass.KEY, AttentionClass.REGULAR)
NOTHING = "档案中没有需特别关注的情况"


@dataclass(frozen=True)
class Signal:
    """A condition outside the table of suggestion rules: what ``condition`` reads of a rule."""

    field: str
    operator: str
    value: object
    key: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A class, the points the record comes to, and the sentences of all rules that hold, heaviest first; ``weighed`` says the points of each."""

    attention_class: AttentionClass
    reasons: list[str]
    points: int
    weighed: list[str]


@dataclass(frozen=True)
class Weighing:
    """The suggestion rules and thresholds of a day: rules heaviest first, class → from how many points on."""

    rules: list[SuggestionRule]
    thresholds: dict[str, int]

    def __iter__(self) -> Iterator[SuggestionRule]:
        return iter(self.rules)

    def with_rule(self, rule: SuggestionRule, *, instead_of: str = "") -> "Weighing":
        """The same with one rule more, or another one in the place of the rule with that key."""
        return Weighing(_heavy_first([*(one for one in self.rules if one.key not in (rule.key, instead_of)), rule]), self.thresholds)


def _heavy_first(rules: list[SuggestionRule]) -> list[SuggestionRule]:
    return sorted(rules, key=lambda rule: (-rule.weight, rule.pk or 0))


def rules_in_force(today: date) -> Weighing:
    """What weighs on ``today``; a class without a threshold of its own in the table has the published one."""
    in_force = Q(valid_to=None) | Q(valid_to__gte=today)
    found = SuggestionRule.objects.filter(in_force, valid_from__lte=today)
    lines = ClassThreshold.objects.filter(in_force, valid_from__lte=today).order_by("valid_from")
    return Weighing(_heavy_first(list(found)), dict(THRESHOLDS) | {line.attention_class: line.points for line in lines})


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


def with_suggestion(people: QuerySet, today: date, prefix: str = "", rules: Weighing | None = None) -> QuerySet:
    """Adds ``suggested_class`` and one boolean ``says_<n>`` per rule (order of ``rules``), all computed by the database."""
    rules = rules_in_force(today) if rules is None else rules
    conditions = [condition(rule, today, prefix) for rule in rules]
    says = {f"says_{n}": ExpressionWrapper(found, output_field=BooleanField()) if isinstance(found, Q) else found for n, found in enumerate(conditions)}
    return people.annotate(**says, suggested_class=class_expression(rules, conditions))


def class_expression(rules: Weighing, conditions: list) -> Case:
    """The suggested class as one expression, the heavier class first.

    A rule that reaches a threshold by itself decides at once; points are added up only where the lighter ones together could reach it.
    """
    whens = []
    for name in HEAVY_FIRST:
        line, light = rules.thresholds[name], []
        for rule, found in zip(rules, conditions, strict=True):
            if rule.weight >= line:
                whens.append(When(found, then=Value(str(name))))
            else:
                light.append((rule.weight, found))
        if sum(weight for weight, _ in light) >= line:
            points = sum((Case(When(found, then=Value(weight)), default=Value(0), output_field=IntegerField()) for weight, found in light), Value(0))
            whens.append(When(GreaterThanOrEqual(points, line), then=Value(str(name))))
    return Case(*whens, default=Value(str(AttentionClass.ROUTINE)), output_field=CharField())


def class_only(people: QuerySet, today: date, prefix: str = "", rules: Weighing | None = None) -> QuerySet:
    """Adds ``suggested_class`` alone, for filters and bulk writes."""
    rules = rules_in_force(today) if rules is None else rules
    return people.annotate(suggested_class=class_expression(rules, [condition(rule, today, prefix) for rule in rules]))


def suggestion_of(row, rules: Weighing) -> Suggestion:
    """What ``with_suggestion`` annotated, read as a class and sentences. Null columns (an unknown birth date) say nothing."""
    holding = [rule for n, rule in enumerate(rules) if getattr(row, f"says_{n}")]
    weighed = [f"{rule.reason}（{rule.weight} 分）" for rule in holding]
    return Suggestion(AttentionClass(row.suggested_class), [rule.reason for rule in holding] or [NOTHING], sum(rule.weight for rule in holding), weighed or [NOTHING])
