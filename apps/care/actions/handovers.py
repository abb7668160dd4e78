"""交接: a worker's people go to successors; both sides say so, then plan, to-dos and items change hands together."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Right
from apps.accounts.selectors import memberships_of, rights_of, rights_over
from apps.activity import audit
from apps.activity.notify import tell
from apps.care.models import Handover, HandoverState, ItemState, PlanItem, PlanState, Reminder, ServicePlan, ToDo, ToDoState
from apps.care.reminders import readdress
from apps.core.refusal import Refused
from apps.core.scope import Scope

BOTH = "已由双方确认"


def has_left(user, today: date) -> bool:
    """Whether somebody answers for nobody any more: the account is off, or no present role allows visits."""
    return not user.is_active or not any(Right.CARE_VISIT in rights_of(one) for one in memberships_of(user, today))


@transaction.atomic
def hand_over(*, scope: Scope, giver, receivers: Sequence, by, today: date, now: datetime, cadres: Iterable[int] | None = None, note: str = "") -> list[Handover]:
    """Offer these people of ``giver`` (None: all in ``scope``) to one receiver, or in equal parts, in the order of the list, to several.

    The giver's own offer is the giver's word; a head gives it for a giver who has left. Whoever has an open handover already is left alone.
    Raises ``Refused`` (fields ``receivers``, ``people``).
    """
    if not receivers:
        raise Refused("请选择交给谁。", code="receiver_required", field="receivers")
    if giver in receivers:
        raise Refused("不能交给移交人自己。", code="receiver_same", field="receivers")
    plans = ServicePlan.objects.visible_to(scope).filter(state=PlanState.ACTIVE, worker=giver)
    if cadres is not None:
        plans = plans.filter(cadre__in=list(cadres))
    held = list(plans.select_for_update(of=("self",)).select_related("cadre").order_by("org_path", "cadre__name_sort", "pk"))
    handing = set(Handover.objects.filter(cadre__in=[plan.cadre_id for plan in held], state=HandoverState.OPEN).values_list("cadre", flat=True))
    found = [plan for plan in held if plan.cadre_id not in handing]
    if not found:
        raise Refused("没有可以交接的人：请先勾选，已在交接中的不能重复提出。", code="nobody", field="people")
    agreed = by == giver or has_left(giver, today)
    rows = []
    for n, plan in enumerate(found):
        receiver = receivers[n * len(receivers) // len(found)]
        _check_receiver(receiver, plan, today)
        rows.append(Handover(
            cadre=plan.cadre, org_id=plan.org_id, org_path=plan.org_path, giver=giver, receiver=receiver, note=note.strip(), created_by=by,
            given_at=now if agreed else None, given_by=by if agreed else None,
        ))  # fmt: skip
    made = Handover.objects.bulk_create(rows)
    for row in made:
        audit.record("handover.offered", row, by=by, title=str(row.cadre), note=f"{giver} → {row.receiver}", data={"giver": giver.pk, "receiver": row.receiver_id})
    for receiver in {row.receiver for row in made}:
        many = sum(row.receiver_id == receiver.pk for row in made)
        _tell(receiver, f"{giver}有 {many} 位老同志要交给您", "请看过交接单后确认接收；确认以前仍由原责任人负责。", made[0], now)
    if not agreed:
        _tell(giver, f"{by}提出把您负责的 {len(made)} 位老同志交给他人", "请看过交接单后确认移交；确认以前仍由您负责。", made[0], now)
    return made


def _check_receiver(receiver, plan: ServicePlan, today: date) -> None:
    if Right.CARE_VISIT not in rights_over(receiver, plan.org_path, today):
        raise Refused(f"{receiver}看不到{plan.cadre.name}的档案，不能接收。", code="receiver_outside", field="receivers")


def _tell(user, title: str, body: str, first: Handover, now: datetime) -> None:
    if user.is_active:
        tell([user], title=title, body=body, url=reverse("care:handovers"), key=f"handover:{first.pk}", now=now)


@transaction.atomic
def confirm_handovers(*, handovers: Iterable[int], scope: Scope, by, today: date, now: datetime, as_head: bool = False) -> tuple[int, int]:
    """One's own word on each: as giver, as receiver, as a head for a giver who has left. Returns (confirmed, of which now complete).

    Said twice it counts once. Raises ``Refused``: nothing of the whole is kept then.
    """
    confirmed = complete = 0
    found = Handover.objects.visible_to(scope).filter(pk__in=list(handovers)).select_for_update(of=("self",))
    for held in found.select_related("cadre", "giver", "receiver").order_by("pk"):
        done, whole = _confirm(held, by, today, now, as_head)
        confirmed, complete = confirmed + done, complete + whole
    return confirmed, complete


def _confirm(held: Handover, by, today: date, now: datetime, as_head: bool) -> tuple[bool, bool]:
    receives, gives = by.pk == held.receiver_id, by.pk == held.giver_id or as_head and has_left(held.giver, today)
    if not receives and not gives:
        raise Refused(f"{held.cadre.name}的交接要由{held.giver}和{held.receiver}确认。", code="not_a_party")
    if held.state == HandoverState.DONE:
        return False, False
    if held.state != HandoverState.OPEN:
        raise Refused(f"{held.cadre.name}的交接已经结束：{held.reason}。", code="handover_over", status=409)
    if receives and held.received_at is None:
        held.received_at = now
    elif gives and held.given_at is None:
        held.given_at, held.given_by = now, by
    else:
        return False, False
    whole = bool(held.given_at and held.received_at)
    if whole:
        held.state, held.ended_at, held.ended_by, held.moved = HandoverState.DONE, now, by, _pass_on(held, today)
    held.save(update_fields=["received_at", "given_at", "given_by", "state", "ended_at", "ended_by", "moved"])
    note = BOTH if whole else "移交人确认" if gives and not receives else "接收人确认"
    audit.record("handover.done" if whole else "handover.confirmed", held, by=by, title=str(held.cadre), note=f"{held.giver} → {held.receiver}，{note}", data=held.moved)
    return True, whole


def _pass_on(held: Handover, today: date) -> dict[str, int]:
    """Plan, open to-dos and open items of the giver become the receiver's, and so does what was still to be told."""
    plan = ServicePlan.objects.select_for_update(of=("self",)).select_related("cadre").filter(cadre=held.cadre_id, state=PlanState.ACTIVE).order_by("-year").first()
    if plan is None or plan.worker_id != held.giver_id:
        raise Refused(f"{held.cadre.name}现在的责任人已不是{held.giver}，请撤回这次交接。", code="worker_changed", status=409)
    _check_receiver(held.receiver, plan, today)
    theirs = {"worker": held.giver_id}
    todos = list(ToDo.objects.filter(cadre=held.cadre_id, state=ToDoState.OPEN, **theirs).values_list("pk", flat=True))
    readdress(plans=[plan.pk], todos=todos, old=held.giver_id, new=held.receiver_id)
    untold = Reminder.objects.filter(user=held.giver_id, digest=None, settled_at=None)
    for owed in ({"plan": plan.pk}, {"todo__in": todos}):
        untold.filter(**owed).update(settled_at=timezone.now())
    ServicePlan.objects.filter(pk=plan.pk).update(worker=held.receiver_id, version=F("version") + 1)
    ToDo.objects.filter(pk__in=todos).update(worker=held.receiver_id, version=F("version") + 1)
    items = PlanItem.objects.filter(plan__cadre=held.cadre_id, state=ItemState.OPEN, **theirs).update(worker=held.receiver_id, version=F("version") + 1)
    return {"todos": len(todos), "items": items}


@transaction.atomic
def end_handover(*, handover: Handover, reason: str, by, now: datetime, as_head: bool = False) -> Handover:
    """Refused by the receiver, withdrawn by the giver, by whoever offered it or by a head; with the reason. Raises ``Refused`` (field ``reason``)."""
    held = Handover.objects.select_for_update(of=("self",)).select_related("cadre", "giver", "receiver").get(pk=handover.pk)
    if by.pk not in (held.giver_id, held.receiver_id, held.created_by_id) and not as_head:
        raise Refused("这次交接与您无关，不能撤回。", code="not_a_party")
    if held.state != HandoverState.OPEN:
        raise Refused(f"这次交接{held.get_state_display()}，不能再改。", code="handover_over", status=409)
    if not reason.strip():
        raise Refused("请写明原因。", code="reason_required", field="reason")
    held.state = HandoverState.REFUSED if by.pk == held.receiver_id else HandoverState.WITHDRAWN
    held.reason, held.ended_at, held.ended_by = reason.strip(), now, by
    held.save(update_fields=["state", "reason", "ended_at", "ended_by"])
    audit.record(f"handover.{held.state}", held, by=by, note=held.reason, title=str(held.cadre))
    other = held.giver if by.pk == held.receiver_id else held.receiver
    if other.is_active and other != by:
        word = "没有接收" if held.state == HandoverState.REFUSED else "撤回了"
        where = reverse("care:handover", args=[held.pk])
        tell([other], title=f"{by}{word}一位老同志的交接", body="责任人不变，请登录平台查看原因。", url=where, key=f"handover-end:{held.pk}", now=now)
    return held
