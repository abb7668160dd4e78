"""Needs and what is done about them, once or in a rhythm. Moving an item's days moves what it has open."""

from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.activity import audit
from apps.care.actions.parts import follow_items
from apps.care.actions.plans import locked
from apps.care.actions.todos import close_todos
from apps.care.models import Frequency, ItemState, PlanItem, ServicePlan, ToDo, ToDoState
from apps.care.reminders import next_date, open_occasions, subject_of
from apps.core.refusal import Refused, Stale

FIELDS = ("category", "need", "measure", "lead_unit", "worker", "frequency", "starts_on", "due_on")
DAYS = ("frequency", "starts_on", "due_on")
CHANGED = "事项的日期已改"


def _check(values: dict) -> None:
    if not values["need"].strip():
        raise Refused("请写明需求。", code="need_required", field="need")
    starts, due = values.get("starts_on"), values.get("due_on")
    if starts and due and due < starts:
        raise Refused("办结期限早于开始日期。", code="date_order", field="due_on")
    if values.get("frequency", Frequency.ONCE) not in Frequency.values:
        raise Refused("请选频次。", code="frequency_unknown", field="frequency")
    if values.get("frequency", Frequency.ONCE) != Frequency.ONCE and not starts:
        raise Refused("按周期办的事，请写首次日期。", code="first_day_required", field="starts_on")


@transaction.atomic
def add_item(
    *, plan: ServicePlan, category: str, need: str, by, measure: str = "", lead_unit: str = "", worker=None,
    frequency: str = Frequency.ONCE, starts_on: date | None = None, due_on: date | None = None, visit=None, today: date | None = None,
) -> PlanItem:  # fmt: skip
    """Add a need to an active plan; ``worker`` defaults to the plan's. With ``today`` its dates that are due open at once, else with the daily run.

    Raises ``Refused`` (fields ``need``, ``frequency``, ``starts_on``, ``due_on``).
    """
    values = {"category": category, "need": need.strip(), "measure": measure, "lead_unit": lead_unit, "frequency": frequency, "starts_on": starts_on, "due_on": due_on}
    _check(values)
    held = locked(plan, draft=True)
    item = PlanItem.objects.create(plan=held, org=held.org, worker=worker or held.worker, visit=visit, **values)
    audit.record("item.changed", item, by=by, note="新增服务事项", title=str(held.cadre))
    if today:
        open_occasions(today=today, cadre_id=held.cadre_id)
    return item


def _held(item: PlanItem, version: int | None) -> PlanItem:
    held = PlanItem.objects.select_for_update(of=("self",)).select_related("plan__cadre", "plan__worker", "worker").get(pk=item.pk)
    if version is not None and held.version != version:
        raise Stale()
    return held


@transaction.atomic
def edit_item(*, item: PlanItem, by, today: date, version: int | None = None, **values) -> PlanItem:
    """Change ``FIELDS`` of an open item; what is open of it moves along. Raises ``Stale``, ``Refused`` (closed, fields ``need``, ``frequency``,
    ``starts_on``, ``due_on``)."""
    held = _held(item, version)
    if held.state != ItemState.OPEN:
        raise Refused("这件事已经办结，不能再改。", code="item_closed")
    _check({name: getattr(held, name) for name in ("need", *DAYS)} | values)
    changed = [name for name in FIELDS if name in values and getattr(held, name) != values[name]]
    if changed:
        for name in changed:
            setattr(held, name, values[name])
        held.version += 1
        held.save(update_fields=[*changed, "version"])
        if "worker" in changed:
            _open_todos(held).update(worker=held.worker or held.plan.worker)
        if "need" in changed:
            _open_todos(held).update(title=held.need[:80])
        if set(changed) & set(DAYS):
            _move_along(held, by=by, today=today)
        follow_items([held.pk])
        audit.record("item.changed", held, by=by, data={"fields": changed}, title=str(held.plan.cadre))
    return held


def _open_todos(item: PlanItem):
    return ToDo.objects.filter(item=item, state=ToDoState.OPEN)


def _move_along(item: PlanItem, *, by, today: date) -> None:
    """The latest open to-do goes to the item's next date, earlier ones and those without a date to go to are closed; what is due besides opens."""
    *earlier, last = list(_open_todos(item).order_by("due_on", "pk")) or [None]
    close_todos(todos=ToDo.objects.filter(pk__in=[todo.pk for todo in earlier]), note=CHANGED, by=by)
    day = next_date(item.pk, today=today)
    if last is not None:
        subject = subject_of(item.pk, day) if day else 0
        if day is None or ToDo.objects.filter(cadre=last.cadre_id, rule=last.rule, subject_id=subject).exclude(pk=last.pk).exists():
            close_todos(todos=ToDo.objects.filter(pk=last.pk), note=CHANGED, by=by)
        else:
            shown = day - (last.first_due_on - last.opens_on)
            ToDo.objects.filter(pk=last.pk).update(
                subject_id=subject, due_on=day, first_due_on=day, opens_on=min(shown, day), moved_note="", version=F("version") + 1
            )
    open_occasions(today=today, cadre_id=item.plan.cadre_id)


@transaction.atomic
def close_item(*, item: PlanItem, state: str, result: str, by, version: int | None = None) -> PlanItem:
    """Done or dropped, with what came of it. Raises ``Stale``, ``Refused`` (field ``result`` when it is blank; closed already)."""
    held = _held(item, version)
    if state not in (ItemState.DONE, ItemState.DROPPED):
        raise Refused("请选择已完成或不再需要。", code="state_unknown", field="state")
    if held.state != ItemState.OPEN:
        raise Refused("这件事已经办结。", code="item_closed")
    if not result.strip():
        raise Refused("请写明办理结果。" if state == ItemState.DONE else "请写明不再需要的原因。", code="result_required", field="result")
    held.state, held.result, held.closed_at, held.closed_by, held.version = state, result.strip(), timezone.now(), by, held.version + 1
    held.save(update_fields=["state", "result", "closed_at", "closed_by", "version"])
    close_todos(todos=ToDo.objects.filter(item=held), note=f"事项{held.get_state_display()}：{held.result}"[:300], by=by)
    follow_items([held.pk])
    audit.record("item.changed", held, by=by, note=held.get_state_display(), title=str(held.plan.cadre))
    return held


@transaction.atomic
def reopen_item(*, item: PlanItem, by, version: int | None = None) -> PlanItem:
    """Take a closing back, while the plan is active. Raises ``Stale``, ``Refused``."""
    held = _held(item, version)
    locked(held.plan, draft=True)
    if held.state == ItemState.OPEN:
        return held
    held.state, held.closed_at, held.closed_by, held.version = ItemState.OPEN, None, None, held.version + 1
    held.save(update_fields=["state", "closed_at", "closed_by", "version"])
    follow_items([held.pk])
    audit.record("item.changed", held, by=by, note="重新打开", title=str(held.plan.cadre))
    return held
