"""New versions of the rules. A version starts tomorrow at the earliest and ends the one before it; what was in force stays readable.

Due days follow on the morning a version comes into force: the daily run settles them (``settle_after_rule_change``).
"""

import uuid
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.activity import audit
from apps.care.models import ClassThreshold, FrequencyRule, OccasionRule, StageRule, SuggestionRule, Trigger
from apps.care.models.rules import STANDING
from apps.care.standards import THRESHOLDS
from apps.core.refusal import Refused

MOST_POINTS = 100


def _check_start(valid_from: date, today: date) -> None:
    if valid_from <= today:
        raise Refused("新规则最早从明天起启用。", code="start_too_early", field="valid_from")


def _make_room(versions: QuerySet, valid_from: date) -> None:
    """End what runs into the new version; ``Refused`` when one starts on that day or later already."""
    if versions.filter(valid_from__gte=valid_from).exists():
        raise Refused("已有从这一天或更晚启用的新规则，请选更晚的日期。", code="start_taken", field="valid_from")
    versions.filter(Q(valid_to=None) | Q(valid_to__gte=valid_from)).update(valid_to=valid_from - timedelta(days=1))


@transaction.atomic
def new_frequency(*, attention_class: str, contact_days: int, visit_days: int, away_visit_days: int, valid_from: date, by, today: date) -> FrequencyRule:
    """How often, from a day on. Raises ``Refused`` (fields ``valid_from``, ``visit_days``)."""
    _check_start(valid_from, today)
    if visit_days < contact_days:
        raise Refused("走访间隔不应短于联系间隔：上门走访也算联系。", code="visit_before_contact", field="visit_days")
    _make_room(FrequencyRule.objects.select_for_update().filter(attention_class=attention_class), valid_from)
    rule = FrequencyRule.objects.create(attention_class=attention_class, contact_days=contact_days, visit_days=visit_days, away_visit_days=away_visit_days, valid_from=valid_from)
    data = {"class": attention_class, "contact": contact_days, "visit": visit_days, "away": away_visit_days, "from": str(valid_from)}
    audit.record("rule.changed", rule, by=by, note="走访频次", data=data, title="走访频次规则")
    return rule


@transaction.atomic
def new_stage(*, stage: str, offset_days: int, goes_to: str, valid_from: date, by, today: date, also_to: str = "") -> StageRule:
    """When a reminder of this stage opens and who is told, from a day on. Raises ``Refused``."""
    _check_start(valid_from, today)
    if stage == "upcoming" and offset_days > 0 or stage != "upcoming" and offset_days < 1:
        raise Refused("「即将到期」应在到期日或之前，其余阶段应在到期日之后。", code="stage_order", field="offset_days")
    _make_room(StageRule.objects.select_for_update().filter(stage=stage), valid_from)
    rule = StageRule.objects.create(stage=stage, offset_days=offset_days, goes_to=goes_to, also_to=also_to, valid_from=valid_from)
    audit.record("rule.changed", rule, by=by, note="提醒阶段", data={"stage": stage, "days": offset_days, "to": [goes_to, also_to], "from": str(valid_from)}, title="提醒阶段规则")
    return rule


@transaction.atomic
def new_suggestion(
    *, weight: int, field: str, operator: str, value, reason: str, valid_from: date, by, today: date, replaces: SuggestionRule | None = None
) -> SuggestionRule:
    """A new suggestion rule, or a new version of ``replaces``. Raises ``Refused`` (fields ``valid_from``, ``weight``)."""
    _check_start(valid_from, today)
    if not 1 <= weight <= MOST_POINTS:
        raise Refused(f"分值应在 1 到 {MOST_POINTS} 之间。", code="weight_range", field="weight")
    key = replaces.key if replaces else f"own_{uuid.uuid4().hex[:12]}"
    _make_room(SuggestionRule.objects.select_for_update().filter(key=key), valid_from)
    rule = SuggestionRule.objects.create(key=key, weight=weight, field=field, operator=operator, value=value, reason=reason.strip(), valid_from=valid_from)
    audit.record("rule.changed", rule, by=by, note="类别建议", data={"key": key, "weight": weight, "value": value, "from": str(valid_from)}, title="类别建议规则")
    return rule


@transaction.atomic
def new_threshold(*, attention_class: str, points: int, valid_from: date, by, today: date) -> ClassThreshold:
    """From how many points on the record speaks for a class, from a day on. Raises ``Refused`` (fields ``valid_from``, ``points``)."""
    _check_start(valid_from, today)
    other = {"key": "regular", "regular": "key"}[attention_class]
    others = list(ClassThreshold.objects.select_for_update().filter(Q(valid_to=None) | Q(valid_to__gte=valid_from), attention_class=other).values_list("points", flat=True))
    others = others or [dict(THRESHOLDS)[other]]
    if attention_class == "key" and points <= max(others) or attention_class == "regular" and points >= min(others):
        raise Refused("重点关注的分数线应高于定期关注。", code="threshold_order", field="points")
    _make_room(ClassThreshold.objects.select_for_update().filter(attention_class=attention_class), valid_from)
    rule = ClassThreshold.objects.create(attention_class=attention_class, points=points, valid_from=valid_from)
    audit.record("rule.changed", rule, by=by, note="类别分数线", data={"class": attention_class, "points": points, "from": str(valid_from)}, title="类别分数线")
    return rule


@transaction.atomic
def end_suggestion(*, rule: SuggestionRule, by, today: date) -> SuggestionRule:
    """The rule is in force today for the last time; one that hasn't started yet never will. Raises ``Refused`` when it has ended already."""
    held = _ended(SuggestionRule.objects.select_for_update().get(pk=rule.pk), today)
    audit.record("rule.changed", by=by, note=f"停用类别建议：{held.reason}", data={"key": held.key}, title="类别建议规则")
    return held


def _ended(held, today: date):
    if held.valid_to and held.valid_to <= today:
        raise Refused("这条规则已经停用。", code="rule_ended")
    held.valid_to = max(today, held.valid_from)
    if held.valid_from > today:
        held.delete()
    else:
        held.save(update_fields=["valid_to"])
    return held


@transaction.atomic
def new_occasion(
    *, trigger: str, name: str, setting: dict, whom: list, concerns: str, due_days: int, ahead_days: int, meet: bool, occasion: str, valid_from: date, by, today: date,
    opens: str = "occasion", replaces: OccasionRule | None = None,
) -> OccasionRule:  # fmt: skip
    """A new occasion that obliges to a visit (必访) or to look at the class again, or a new version of ``replaces``.

    Raises ``Refused`` (fields ``valid_from``, ``name``, ``concerns``, ``occasion``).
    """
    _check_start(valid_from, today)
    if not name.strip():
        raise Refused("请填写名称。", code="name_required", field="name")
    if trigger in STANDING:
        opens = {Trigger.ITEM: "item", Trigger.CONTRACT: "doctor"}[trigger]
        if replaces is None:
            raise Refused("这类规则只有一条，请在规则表里订它的新规则。", code="rule_standing")
    if opens != "occasion":
        concerns, meet, occasion = "cadre", False, ""
    elif trigger == Trigger.QUARTER:
        raise Refused("每季度只能复核类别；定期走访请用「定期」。", code="quarter_reviews", field="occasion")
    elif not occasion:
        raise Refused("请选走访事由。", code="occasion_required", field="occasion")
    if concerns == "survivor" and trigger in (Trigger.BIRTHDAY, Trigger.RHYTHM):
        raise Refused("生日和定期走访只能是本人。", code="concerns_person", field="concerns")
    key = replaces.key if replaces else f"own_{uuid.uuid4().hex[:12]}"
    _make_room(OccasionRule.objects.select_for_update().filter(key=key), valid_from)
    rule = OccasionRule.objects.create(
        key=key, opens=opens, trigger=trigger, name=name.strip(), setting=setting, whom=whom, concerns=concerns, due_days=due_days, ahead_days=ahead_days, meet=meet,
        occasion=occasion, valid_from=valid_from, source=replaces.source if replaces else "",
    )  # fmt: skip
    audit.record("rule.changed", rule, by=by, note=f"必访：{rule.name}", data={"key": key, "setting": setting, "from": str(valid_from)}, title="必访规则")
    return rule


@transaction.atomic
def end_occasion(*, rule: OccasionRule, by, today: date) -> OccasionRule:
    """As ``end_suggestion``; what the rule has opened stays owed."""
    if rule.trigger in STANDING:
        raise Refused("这条规则不能停用，可以订新规则改天数。", code="rule_standing")
    held = _ended(OccasionRule.objects.select_for_update().get(pk=rule.pk), today)
    audit.record("rule.changed", by=by, note=f"停用必访：{held.name}", data={"key": held.key}, title="必访规则")
    return held
