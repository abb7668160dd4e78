"""请假代管: registering somebody's absence with a deputy, and ending it early."""

from datetime import date, datetime

from django.db import connection, transaction
from django.urls import reverse

from apps.accounts.models import Organization
from apps.accounts.permissions import Right
from apps.accounts.selectors import memberships_of, rights_of, rights_over
from apps.activity import audit
from apps.activity.notify import tell
from apps.care.models import Absence
from apps.care.standards import LONGEST_ABSENCE_DAYS
from apps.core.refusal import Refused
from apps.core.scope import Scope

LOCK_NUMBER = 0x0CAD_0AB5
"""Advisory lock: two absences registered at the same moment are looked at one after the other."""


def place_of(scope: Scope, worker, today: date) -> Organization:
    """The widest place in ``scope`` where the worker visits. Raises ``Refused`` (field ``worker``)."""
    held = [one.org for one in memberships_of(worker, today) if Right.CARE_VISIT in rights_of(one) and scope.covers(one.org.path)]
    if not held:
        raise Refused(f"{worker}在您的管理范围内没有走访工作。", code="worker_unknown", field="worker")
    return min(held, key=lambda org: len(org.path))


@transaction.atomic
def register_absence(*, scope: Scope, worker, deputy, starts_on: date, ends_on: date, reason: str, by, today: date, now: datetime) -> Absence:
    """``worker`` is away from–to and ``deputy`` stands in. Raises ``Refused`` (fields ``deputy``, ``starts_on``, ``ends_on``, ``reason``)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_NUMBER])
    org = place_of(scope, worker, today)
    if not reason.strip():
        raise Refused("请写明原因。", code="reason_required", field="reason")
    if ends_on < starts_on:
        raise Refused("截止日期早于开始日期。", code="date_order", field="ends_on")
    if ends_on < today:
        raise Refused("这段时间已经过去了。", code="date_past", field="ends_on")
    if (ends_on - starts_on).days >= LONGEST_ABSENCE_DAYS:
        raise Refused(f"一次最多 {LONGEST_ABSENCE_DAYS} 天；离开更久请办理交接。", code="date_far", field="ends_on")
    if deputy == worker:
        raise Refused("不能由请假人自己代管。", code="deputy_same", field="deputy")
    if Right.CARE_VISIT not in rights_over(deputy, org.path, today):
        raise Refused(f"{deputy}看不到{worker}负责的老同志，请换一位代管人。", code="deputy_outside", field="deputy")
    _check_others(worker, deputy, starts_on, ends_on)
    made = Absence.objects.create(org=org, worker=worker, deputy=deputy, starts_on=starts_on, ends_on=ends_on, reason=reason.strip(), created_by=by)
    audit.record("absence.registered", made, by=by, title=str(made), data={"from": str(starts_on), "to": str(ends_on)})
    body = f"{starts_on:%Y-%m-%d} 至 {ends_on:%Y-%m-%d}，{worker}负责的走访联系由您代管，届时会出现在您的工作台上。"
    tell([deputy], title=f"请您代管{worker}的工作", body=body, url=reverse("worklist"), key=f"absence:{made.pk}", now=now)
    return made


def _check_others(worker, deputy, starts_on: date, ends_on: date) -> None:
    """Nobody is away twice at a time, nobody away stands in, nobody standing in goes away."""
    meanwhile = Absence.objects.filter(ended_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if one := meanwhile.filter(worker=worker).first():
        raise Refused(f"{worker}在 {one.starts_on:%Y-%m-%d} 至 {one.ends_on:%Y-%m-%d} 已经登记过请假，时间重叠。", code="overlap", field="starts_on")
    if one := meanwhile.filter(worker=deputy).first():
        raise Refused(f"{deputy}在 {one.starts_on:%Y-%m-%d} 至 {one.ends_on:%Y-%m-%d} 也请假，请换一位代管人。", code="deputy_away", field="deputy")
    if one := meanwhile.filter(deputy=worker).select_related("worker").first():
        raise Refused(f"{worker}这段时间正替{one.worker}代管，请先为{one.worker}换一位代管人。", code="stands_in", field="starts_on")


@transaction.atomic
def end_absence(*, absence: Absence, by, now: datetime) -> Absence:
    """Back before the day, or registered by mistake. Raises ``Refused`` when it is over already."""
    held = Absence.objects.select_for_update(of=("self",)).select_related("worker", "deputy").get(pk=absence.pk)
    if held.ended_at:
        raise Refused("这次代管已经结束。", code="absence_over", status=409)
    held.ended_at, held.ended_by = now, by
    held.save(update_fields=["ended_at", "ended_by"])
    audit.record("absence.ended", held, by=by, title=str(held))
    tell([held.deputy], title=f"代管{held.worker}的工作已经结束", url=reverse("worklist"), key=f"absence-end:{held.pk}", now=now)
    return held
