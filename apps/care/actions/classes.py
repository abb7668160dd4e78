"""Deciding a person's class: one by one with a reason, or many at once as suggested. Deciding settles what was open to be looked at again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core import signing
from django.db import transaction
from django.db.models import F, QuerySet

from apps.activity import audit
from apps.cadres.actions.attention import set_attention_class
from apps.care.actions.plans import locked
from apps.care.models import AttentionClass, ClassDecision, PlanState, ServicePlan, Source, ToDo, ToDoState
from apps.care.reminders import settle
from apps.care.selectors.plans import plan_with_suggestion
from apps.care.selectors.suggestions import rules_in_force, suggestion_of, with_suggestion
from apps.core.refusal import Refused
from apps.core.scope import Scope

AT_ONCE = 5000
UNCHANGED = "复核后维持不变"
ACCEPTED, TAKEN_BACK = "接受系统建议（批量）", "撤销批量确定"
UNDO_SECONDS = 3600
SALT = "care.accepted"


@dataclass(frozen=True)
class Accepted:
    """How many were decided, how many of the chosen had been decided already, and the token that undoes it within the hour."""

    decided: int
    skipped: int
    undo: str


@transaction.atomic
def decide_class(*, scope: Scope, plan: ServicePlan, attention_class: str, note: str, by, today: date, version: int | None = None) -> ClassDecision:
    """Put the person into a class; "stays as it is" settles an open review. ``note`` is required when it isn't what the record suggests.

    Raises ``Refused`` (fields ``attention_class``, ``note``) and ``Stale``.
    """
    if attention_class not in AttentionClass.values:
        raise Refused("请选择类别。", code="class_unknown", field="attention_class")
    held = locked(plan, version)
    row, rules = plan_with_suggestion(scope, held.pk, today)
    found, note = suggestion_of(row, rules), note.strip()
    if attention_class != found.attention_class and not note:
        raise Refused(f"与系统建议的「{found.attention_class.label}」不同，请写明理由。", code="note_required", field="note")
    if held.class_decided and held.attention_class == attention_class and not note:
        if not open_reviews([held.cadre_id]).exists():
            raise Refused("类别没有变化。要重新确认，请写一句理由。", code="class_unchanged", field="note")
        note = UNCHANGED
    before = held.attention_class if held.class_decided else ""
    held.attention_class, held.class_decided, held.version = attention_class, True, held.version + 1
    held.save(update_fields=["attention_class", "class_decided", "version"])
    decision = ClassDecision.objects.create(
        plan=held, org=held.org, before=before, after=attention_class, suggested=found.attention_class, reasons=found.weighed, note=note, by=by
    )
    set_attention_class(cadres=[held.cadre_id], attention_class=attention_class, by=by)
    settle_reviews(cadre_ids=[held.cadre_id], result=f"定为{held.get_attention_class_display()}", by=by, today=today)
    settle([held.pk], today=today)
    audit.record("plan.classed", held, by=by, note=note, data={"before": before, "after": attention_class, "suggested": found.attention_class}, title=str(held.cadre))
    return decision


def open_reviews(cadre_ids: Iterable[int]) -> QuerySet:
    return ToDo.objects.filter(cadre__in=list(cadre_ids), source=Source.REVIEW, state=ToDoState.OPEN)


def settle_reviews(*, cadre_ids: Iterable[int], result: str, by, today: date) -> int:
    """The class was looked at again: whatever asked for it is done. Returns how many."""
    done = {"state": ToDoState.DONE, "done_on": today, "done_by": by, "result": result}
    return open_reviews(cadre_ids).update(**done, version=F("version") + 1)


def _chosen(plans: QuerySet | Iterable[int]) -> list[int]:
    chosen = list(plans.values_list("pk", flat=True)[: AT_ONCE + 1]) if isinstance(plans, QuerySet) else list(plans)
    if len(chosen) > AT_ONCE:
        raise Refused(f"一次最多确定 {AT_ONCE} 人，请先按县区或单位筛选。", code="too_many")
    return chosen


@transaction.atomic
def accept_suggestions(*, scope: Scope, plans: QuerySet | Iterable[int], by, today: date) -> Accepted:
    """Decide every undecided active plan among these as the record suggests now; those decided meanwhile are left alone.

    At most ``AT_ONCE`` in one go, else ``Refused``.
    """
    chosen = _chosen(plans)
    rules = rules_in_force(today)
    open_ones = ServicePlan.objects.visible_to(scope).filter(pk__in=chosen, state=PlanState.ACTIVE, class_decided=False)
    keys = list(open_ones.select_for_update().order_by("pk").values_list("pk", flat=True))
    rows, by_class = [], {}
    for plan in with_suggestion(ServicePlan.objects.filter(pk__in=keys), today, "cadre__", rules).order_by("pk"):
        found = suggestion_of(plan, rules)
        by_class.setdefault(str(found.attention_class), []).append(plan)
        rows.append(
            ClassDecision(
                plan=plan, org_id=plan.org_id, org_path=plan.org_path, after=found.attention_class,
                suggested=found.attention_class, reasons=found.weighed, note=ACCEPTED, by=by,
            )
        )  # fmt: skip
    made = ClassDecision.objects.bulk_create(rows, batch_size=1000)
    for name, group in by_class.items():
        ServicePlan.objects.filter(pk__in=[plan.pk for plan in group]).update(attention_class=name, class_decided=True, version=F("version") + 1)
        set_attention_class(cadres=[plan.cadre_id for plan in group], attention_class=name, by=by)
    settle(keys, today=today)
    if not made:
        return Accepted(0, len(chosen), "")
    numbers = {name: len(group) for name, group in by_class.items()}
    audit.record("plan.classed", made[0].plan if len(made) == 1 else None, by=by, note=f"{ACCEPTED} {len(made)} 人", data=numbers)
    undo = signing.dumps({"first": made[0].pk, "last": made[-1].pk, "by": by.pk}, salt=SALT)
    return Accepted(len(made), len(chosen) - len(made), undo)


@dataclass(frozen=True)
class Reviewed:
    """How many got the suggested class, how many stay as they are, and how many of the chosen were left alone."""

    changed: int
    kept: int
    skipped: int


@transaction.atomic
def review_classes(*, scope: Scope, plans: QuerySet | Iterable[int], follow: bool, note: str, by, today: date) -> Reviewed:
    """Decide many decided classes again with one reason: as the record suggests now (``follow``), or all as they are.

    Left alone: undecided and closed plans; with ``follow`` whose class agrees and nothing asks for a review. Each gets a decision of its own, open
    reviews are settled. ``Refused`` (field ``note``) without a reason where a class changes or stays against the suggestion; at most ``AT_ONCE``.
    """
    chosen, note, rules = _chosen(plans), note.strip(), rules_in_force(today)
    decided = ServicePlan.objects.visible_to(scope).filter(pk__in=chosen, state=PlanState.ACTIVE, class_decided=True)
    keys = list(decided.select_for_update().order_by("pk").values_list("pk", flat=True))
    found = list(with_suggestion(ServicePlan.objects.filter(pk__in=keys), today, "cadre__", rules).order_by("pk"))
    asked = set(open_reviews(plan.cadre_id for plan in found).values_list("cadre_id", flat=True))
    rows, moving = [], {}
    for plan in found:
        suggestion = suggestion_of(plan, rules)
        differs = suggestion.attention_class != plan.attention_class
        if follow and not differs and plan.cadre_id not in asked:
            continue
        if differs and not note:
            raise Refused("类别与建议不一致或要改定，请写一句理由。", code="note_required", field="note")
        after = str(suggestion.attention_class) if follow else plan.attention_class
        if after != plan.attention_class:
            moving.setdefault(after, []).append(plan)
        rows.append(
            ClassDecision(
                plan=plan, org_id=plan.org_id, org_path=plan.org_path, before=plan.attention_class, after=after, suggested=suggestion.attention_class,
                reasons=suggestion.weighed, note=note or UNCHANGED, by=by,
            )
        )  # fmt: skip
    ClassDecision.objects.bulk_create(rows, batch_size=1000)
    for name, group in moving.items():
        ServicePlan.objects.filter(pk__in=[plan.pk for plan in group]).update(attention_class=name, version=F("version") + 1)
        set_attention_class(cadres=[plan.cadre_id for plan in group], attention_class=name, by=by)
    changed = [plan.pk for group in moving.values() for plan in group]
    settle_reviews(cadre_ids=[row.plan.cadre_id for row in rows], result=note or UNCHANGED, by=by, today=today)
    settle(changed, today=today)
    if rows:
        numbers = {"changed": len(changed), "kept": len(rows) - len(changed)}
        audit.record("plan.classed", by=by, note=f"批量复核 {len(rows)} 人，改定 {len(changed)} 人：{note or UNCHANGED}", data=numbers)
    return Reviewed(len(changed), len(rows) - len(changed), len(chosen) - len(rows))


@transaction.atomic
def undo_acceptance(*, scope: Scope, token: str, by, today: date) -> int:
    """Take back what ``accept_suggestions`` decided, for those nobody has decided again since; returns how many.

    ``Refused`` when the token is older than an hour, another person's, or spoilt.
    """
    try:
        span = signing.loads(token, salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        raise Refused("撤销的时限已过，请逐个重新确定。", code="undo_expired") from None
    if span["by"] != by.pk:
        raise Refused("只能撤销自己刚才的操作。", code="undo_not_yours")
    made = ClassDecision.objects.visible_to(scope).filter(pk__gte=span["first"], pk__lte=span["last"], by=by, note=ACCEPTED)
    later = ClassDecision.objects.filter(plan__in=made.values("plan"), pk__gt=span["last"]).values("plan")
    standing = ServicePlan.objects.filter(pk__in=made.values("plan"), state=PlanState.ACTIVE).exclude(pk__in=later)
    plans = {plan.pk: plan for plan in standing.select_for_update()}
    rows = [
        ClassDecision(
            plan=plan, org_id=plan.org_id, org_path=plan.org_path, before=plan.attention_class, after=plan.attention_class,
            suggested=plan.attention_class, note=TAKEN_BACK, by=by,
        )
        for plan in plans.values()
    ]  # fmt: skip
    ClassDecision.objects.bulk_create(rows, batch_size=1000)
    ServicePlan.objects.filter(pk__in=plans).update(class_decided=False, version=F("version") + 1)
    set_attention_class(cadres=[plan.cadre_id for plan in plans.values()], attention_class="", by=by)
    if plans:
        audit.record("plan.classed", by=by, note=f"{TAKEN_BACK} {len(plans)} 人")
    return len(plans)
