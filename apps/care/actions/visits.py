"""Logging a visit once, correcting it soon, voiding it with a reason; never deleting it."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.activity import audit
from apps.cadres.models import Cadre, Standing, Survivor
from apps.care.actions.items import add_item, close_item
from apps.care.actions.plans import open_plans
from apps.care.actions.todos import promise, settle_todos, unsettle_todos
from apps.care.models import ItemState, PlanItem, PlanState, ServicePlan, ToDo, Visit, VisitPhoto
from apps.care.reminders import settle
from apps.care.standards import EDIT_WITHIN_DAYS, LATE_AFTER_DAYS, MEETING_WAYS, NEED_DUE_DAYS
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope
from apps.files.storage import accept_photo, save

TEXTS = ("place", "companions", "gifts", "situation", "need", "next_step")
EDITABLE = ("visited_on", "occasion", "way", "in_person", *TEXTS)
PHOTO_LABEL = "care.visit"
MOST_PHOTOS = 9


@transaction.atomic
def log_visit(
    *, cadre: Cadre, visited_on: date, occasion: str, way: str, situation: str, once: UUID, by, today: date, in_person: bool = True,
    worker=None, survivor: Survivor | None = None, late_reason: str = "", photos: Iterable = (), item: dict | None = None, done: Iterable = (),
    settles: Iterable[ToDo] | None = None, promised: str = "", promise_due_on: date | None = None, **texts: str,
) -> Visit:  # fmt: skip
    """Log a visit or contact; the same ``once`` again (twice pressed, sent anew after a lost line, at the same moment) gives the first one back.

    ``texts`` are any of place, companions, gifts, need, next_step. A ``need`` becomes a plan item with ``item`` (category, worker, due_on).
    ``done`` are open items of the person that this visit settled, ``settles`` the to-dos (None: those of its occasion); what was ``promised`` becomes
    a to-do due on ``promise_due_on``. In person counts only where one meets (上门, 医院, 养老机构).
    ``worker`` defaults to ``by``. Raises ``Refused`` naming the field.
    """
    if known := _known(once, cadre):
        return known
    _check(cadre=cadre, visited_on=visited_on, survivor=survivor, situation=situation, late_reason=late_reason, today=today, logged_on=today)
    accepted = _accepted(photos)
    visit = Visit(
        cadre=cadre, org=cadre.org, survivor=survivor, visited_on=visited_on, occasion=occasion, way=way, in_person=in_person and way in MEETING_WAYS,
        worker=worker or by, once=once, late_reason=late_reason.strip(), situation=situation.strip(), **{name: text.strip() for name, text in texts.items()},
    )  # fmt: skip
    try:
        with transaction.atomic():
            visit.save(force_insert=True)
    except IntegrityError:
        if known := _known(once, cadre):
            return known
        raise
    _keep(visit, accepted, by)
    if visit.need and cadre.standing == Standing.ACTIVE:
        _need_becomes_item(visit, item or {}, by=by, today=today)
    for one in PlanItem.objects.filter(pk__in=[item.pk for item in done], plan__cadre=cadre, state=ItemState.OPEN):
        close_item(item=one, state=ItemState.DONE, result=f"{visited_on:%Y-%m-%d} 走访时办结", by=by)
    settled = settle_todos(visit=visit, chosen=settles, by=by)
    if promised.strip():
        promise(visit=visit, what=promised, due_on=promise_due_on or max(visited_on, today) + timedelta(days=NEED_DUE_DAYS), by=by, worker=worker)
    settle_person(cadre.pk, today=today)
    audit.record("visit.logged", visit, by=by, title=str(cadre), data={"way": way, "occasion": occasion, "photos": len(accepted), "settled": [todo.pk for todo in settled]})
    return visit


def _known(once: UUID, cadre: Cadre) -> Visit | None:
    found = Visit.objects.filter(once=once).first()
    if found and found.cadre_id != cadre.pk:
        raise Refused("这张表单已经用过，请重新打开再填。", code="once_used")
    return found


def _check(*, cadre: Cadre, visited_on: date, survivor: Survivor | None, situation: str, late_reason: str, today: date, logged_on: date) -> None:
    if visited_on > today:
        raise Refused("走访日期不能晚于今天。", code="date_in_future", field="visited_on")
    if cadre.born_on and visited_on < cadre.born_on:
        raise Refused("走访日期早于本人出生日期，请核对年份。", code="date_before_birth", field="visited_on")
    if cadre.deceased_on and survivor is None and visited_on > cadre.deceased_on:
        raise Refused(f"{cadre.name}已于 {cadre.deceased_on:%Y-%m-%d} 去世，只能登记对遗属的走访。", code="deceased", field="survivor")
    if survivor is not None and (survivor.cadre_id != cadre.pk or cadre.standing != Standing.DECEASED):
        raise Refused("所选遗属不属于这位干部。", code="survivor_unknown", field="survivor")
    if cadre.standing == Standing.MERGED:
        raise Refused(f"{cadre.name}的这份档案已并入另一份，请在合并后的档案里记走访。", code="merged")
    if cadre.standing == Standing.MOVED:
        raise Refused(f"{cadre.name}已转出，不再登记走访。", code="moved")
    if not situation.strip():
        raise Refused("请写一句走访情况。", code="situation_required", field="situation")
    if logged_on - visited_on > timedelta(days=LATE_AFTER_DAYS) and not late_reason.strip():
        raise Refused(f"走访过了 {(logged_on - visited_on).days} 天才登记，请写明补记原因。", code="late_reason_required", field="late_reason")


def _accepted(photos: Iterable) -> list:
    chosen = list(photos)
    if len(chosen) > MOST_PHOTOS:
        raise Refused(f"一次最多传 {MOST_PHOTOS} 张照片。", code="photo_count", field="photos")
    try:
        return [accept_photo(photo) for photo in chosen]
    except Refused as refused:
        raise Refused(refused.sentence, code=refused.code, field="photos") from None


def _keep(visit: Visit, accepted: list, by) -> None:
    for photo in accepted:
        file = save(photo.content, name=photo.name, content_type=photo.content_type, label=PHOTO_LABEL, org=visit.org, by=by, subject_id=visit.pk)
        VisitPhoto.objects.create(visit=visit, org=visit.org, file=file)


def _need_becomes_item(visit: Visit, item: dict, *, by, today: date) -> None:
    plan = plan_for(visit.cadre, by=by, today=today)
    add_item(
        plan=plan, category=item.get("category") or "errand", need=visit.need, measure=visit.next_step, worker=item.get("worker") or by,
        starts_on=visit.visited_on, due_on=item.get("due_on") or max(visit.visited_on, today) + timedelta(days=NEED_DUE_DAYS), visit=visit, by=by,
    )  # fmt: skip


def plan_for(cadre: Cadre, *, by, today: date) -> ServicePlan:
    """The person's plan in force; one of this year is opened where there is none."""
    if (plan := _plan_in_force(cadre)) is None:
        open_plans(scope=Scope((cadre.org_path,)), year=today.year, by=by, today=today, cadres=[cadre.pk])
        plan = _plan_in_force(cadre)
    return plan


def _plan_in_force(cadre: Cadre) -> ServicePlan | None:
    return ServicePlan.objects.filter(cadre=cadre, state=PlanState.ACTIVE).order_by("-year").first()


def settle_person(cadre_id: int, *, today: date) -> None:
    """Due days of a person's plans after something happened to their visits."""
    settle(ServicePlan.objects.filter(cadre=cadre_id).values_list("pk", flat=True), today=today)


def reason_against_edit(visit: Visit, by, today: date) -> str:
    """Why ``by`` can't correct this visit now, as a sentence; "" when it can be."""
    if visit.voided_at:
        return "这条走访已作废。"
    if by.pk != visit.worker_id:
        return f"只能由走访人{visit.worker}修改。"
    if today - timezone.localdate(visit.logged_at) > timedelta(days=EDIT_WITHIN_DAYS):
        return f"登记已过 {EDIT_WITHIN_DAYS} 天，不能再改；确有错误请作废后补记。"
    return ""


@transaction.atomic
def edit_visit(*, visit: Visit, by, today: date, version: int | None = None, photos: Iterable = (), **values) -> Visit:
    """Correct ``EDITABLE`` fields (and ``late_reason``) of one's own visit while the term runs; may add photos. Raises ``Refused``, ``Stale``."""
    held = _held(visit, version)
    if sentence := reason_against_edit(held, by, today):
        raise Refused(sentence, code="edit_refused", status=409)
    for name in EDITABLE:
        if name in values:
            setattr(held, name, values[name].strip() if name in TEXTS else values[name])
    held.in_person = held.in_person and held.way in MEETING_WAYS
    held.late_reason = values.get("late_reason", held.late_reason).strip()
    _check(
        cadre=held.cadre, visited_on=held.visited_on, survivor=held.survivor, situation=held.situation,
        late_reason=held.late_reason, today=today, logged_on=timezone.localdate(held.logged_at),
    )  # fmt: skip
    accepted = _accepted(photos)
    if accepted and held.photos.count() + len(accepted) > MOST_PHOTOS:
        raise Refused(f"一次走访最多 {MOST_PHOTOS} 张照片。", code="photo_count", field="photos")
    held.version += 1
    held.save()
    _keep(held, accepted, by)
    unsettle_todos(visit=held, by=by)
    settle_person(held.cadre_id, today=today)
    audit.record("visit.changed", held, by=by, title=str(held.cadre))
    return held


def _held(visit: Visit, version: int | None) -> Visit:
    held = Visit.objects.select_for_update(of=("self",)).select_related("cadre", "org", "worker", "survivor").get(pk=visit.pk)
    if version is not None and held.version != version:
        raise Stale()
    return held


@transaction.atomic
def void_visit(*, visit: Visit, reason: str, by, today: date, version: int | None = None) -> Visit:
    """The visit counts for nothing from now on and stays readable. Raises ``Refused`` (field ``reason``; voided already), ``Stale``."""
    held = _held(visit, version)
    if held.voided_at:
        raise Refused("这条走访已经作废。", code="voided")
    if not reason.strip():
        raise Refused("请写明作废原因。", code="reason_required", field="reason")
    held.voided_at, held.voided_by, held.void_reason, held.version = timezone.now(), by, reason.strip(), held.version + 1
    held.save(update_fields=["voided_at", "voided_by", "void_reason", "version"])
    unsettle_todos(visit=held, by=by)
    settle_person(held.cadre_id, today=today)
    audit.record("visit.voided", held, by=by, note=held.void_reason, title=str(held.cadre))
    return held
