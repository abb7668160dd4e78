"""Needs and what is done about them."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from apps.activity import audit
from apps.care.actions.plans import locked
from apps.care.models import ItemState, PlanItem, ServicePlan
from apps.core.refusal import Refused, Stale

FIELDS = ("category", "need", "measure", "lead_unit", "worker", "starts_on", "due_on")


def _check(values: dict) -> None:
    if not values["need"].strip():
        raise Refused("请写明需求。", code="need_required", field="need")
    starts, due = values.get("starts_on"), values.get("due_on")
    if starts and due and due < starts:
        raise Refused("办结期限早于开始日期。", code="date_order", field="due_on")


@transaction.atomic
def add_item(
    *, plan: ServicePlan, category: str, need: str, by, measure: str = "", lead_unit: str = "", worker=None,
    starts_on: date | None = None, due_on: date | None = None, visit=None,
) -> PlanItem:  # fmt: skip
    """Add a need to an active plan; ``worker`` defaults to the plan's. Raises ``Refused`` (fields ``need``, ``due_on``)."""
    values = {"category": category, "need": need.strip(), "measure": measure, "lead_unit": lead_unit, "starts_on": starts_on, "due_on": due_on}
    _check(values)
    held = locked(plan)
    item = PlanItem.objects.create(plan=held, org=held.org, worker=worker or held.worker, visit=visit, **values)
    audit.record("item.changed", item, by=by, note="新增服务事项", title=str(held.cadre))
    return item


def _held(item: PlanItem, version: int | None) -> PlanItem:
    held = PlanItem.objects.select_for_update(of=("self",)).select_related("plan__cadre").get(pk=item.pk)
    if version is not None and held.version != version:
        raise Stale()
    return held


@transaction.atomic
def edit_item(*, item: PlanItem, by, version: int | None = None, **values) -> PlanItem:
    """Change ``FIELDS`` of an open item. Raises ``Stale``, ``Refused`` (closed, fields ``need``, ``due_on``)."""
    held = _held(item, version)
    if held.state != ItemState.OPEN:
        raise Refused("这件事已经办结，不能再改。", code="item_closed")
    _check({"need": held.need, "starts_on": held.starts_on, "due_on": held.due_on} | values)
    changed = [name for name in FIELDS if name in values and getattr(held, name) != values[name]]
    if changed:
        for name in changed:
            setattr(held, name, values[name])
        held.version += 1
        held.save(update_fields=[*changed, "version"])
        audit.record("item.changed", held, by=by, data={"fields": changed}, title=str(held.plan.cadre))
    return held


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
    audit.record("item.changed", held, by=by, note=held.get_state_display(), title=str(held.plan.cadre))
    return held


@transaction.atomic
def reopen_item(*, item: PlanItem, by, version: int | None = None) -> PlanItem:
    """Take a closing back, while the plan is active. Raises ``Stale``, ``Refused``."""
    held = _held(item, version)
    locked(held.plan)
    if held.state == ItemState.OPEN:
        return held
    held.state, held.closed_at, held.closed_by, held.version = ItemState.OPEN, None, None, held.version + 1
    held.save(update_fields=["state", "closed_at", "closed_by", "version"])
    audit.record("item.changed", held, by=by, note="重新打开", title=str(held.plan.cadre))
    return held
