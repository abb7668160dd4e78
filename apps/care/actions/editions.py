"""Submitting plans to the head, approving, returning, withdrawing. Who submitted doesn't approve."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from apps.accounts.permissions import ROLES, Right
from apps.accounts.selectors import ancestors, holders
from apps.activity import audit, notify
from apps.care.actions.opening import follow_present
from apps.care.models import EditionState, PlanEdition, PlanState, ServicePlan
from apps.care.selectors.editions import content_of, differences, latest_approved
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope


@dataclass(frozen=True)
class Submitted:
    """``submitted`` plans; ``unchanged``: nothing new since their approval; ``undecided``: the class isn't decided; ``waiting``: they wait already."""

    submitted: int
    unchanged: int
    undecided: int
    waiting: int


@transaction.atomic
def submit_plans(*, scope: Scope, plan_ids: Iterable[int], by, now: datetime) -> Submitted:
    """Put these plans before the head as they are now. Those with an undecided class, those that wait already unchanged and those approved unchanged are left out and counted;
    what waits but has changed since is put anew. Raises ``Refused`` when none is left."""
    found = ServicePlan.objects.visible_to(scope).select_for_update(of=("self",)).filter(pk__in=list(plan_ids)).exclude(state=PlanState.CLOSED)
    if drafts := list(found.filter(state=PlanState.DRAFT).values_list("pk", flat=True)):
        follow_present(drafts)
    plans = list(found.select_related("cadre", "org", "worker").order_by("pk"))
    contents = content_of(plans)
    waiting = {one.plan_id: one for one in PlanEdition.objects.filter(plan__in=contents, state=EditionState.SUBMITTED).select_for_update()}
    approved = {one.plan_id: one for one in PlanEdition.objects.filter(plan__in=contents, state=EditionState.APPROVED).order_by("number")}
    made, unchanged, undecided, kept = [], 0, 0, 0
    for plan in plans:
        content = contents[plan.pk]
        if not plan.class_decided:
            undecided += 1
        elif (held := waiting.get(plan.pk)) and held.content == content:
            kept += 1
        elif not held and plan.pk in approved and approved[plan.pk].content == content:
            unchanged += 1
        elif held:
            held.content, held.submitted_by, held.submitted_at, held.version = content, by, now, held.version + 1
            held.save(update_fields=["content", "submitted_by", "submitted_at", "version"])
            made.append(held)
        else:
            made.append(PlanEdition(plan=plan, org=plan.org, org_path=plan.org_path, content=content, submitted_by=by, submitted_at=now))
    if not made:
        raise Refused(_nothing(len(plans), unchanged, undecided, kept), code="nothing_to_submit", status=409)
    PlanEdition.objects.bulk_create([one for one in made if one.pk is None])
    audit.record("plan.submitted", made[0].plan if len(made) == 1 else None, by=by, data={"plans": len(made)}, title=str(made[0].plan.cadre) if len(made) == 1 else "方案送审")
    _tell_heads(made, by, now)
    return Submitted(len(made), unchanged, undecided, kept)


def _nothing(total: int, unchanged: int, undecided: int, kept: int) -> str:
    if undecided and undecided == total:
        return "类别还没有确定，请先确定类别再送审。"
    if kept and kept == total:
        return "已经送审，正在等审批。"
    return "自批准以来没有改动，不用再送审。" if unchanged else "没有可以送审的方案。"


def _tell_heads(made: list[PlanEdition], by, now: datetime) -> None:
    """Whoever may approve in the nearest organisation upwards hears of it once per day and place, by number; names stay inside."""
    places = {one.plan.org.path: one.plan.org for one in made}
    roles = tuple(role for role, rights in ROLES.items() if Right.PLAN_APPROVE in rights)
    heads = {}
    for org in places.values():
        near = next((found for place in reversed(ancestors(org)) if (found := [user for user in holders(place, now.date(), roles=roles) if user.pk != by.pk])), [])
        heads |= {user.pk: user for user in near}
    notify.tell(list(heads.values()), title="有方案等您审批", body="", url=reverse("care:editions"), key=f"editions:{now:%Y-%m-%d}", now=now)


def _held(edition: PlanEdition, version: int | None) -> PlanEdition:
    found = PlanEdition.objects.select_for_update(of=("self",)).select_related("plan__cadre", "plan__org", "plan__worker", "submitted_by").get(pk=edition.pk)
    if found.state != EditionState.SUBMITTED:
        raise Refused(f"这份方案{found.get_state_display()}，不能再办。", code="edition_decided", status=409)
    if version is not None and found.version != version:
        raise Stale("方案刚刚重新提交过，请核对后再批。")
    return found


def reason_against_approving(edition: PlanEdition, by) -> str:
    """Why ``by`` can't decide on it, as a sentence; "" when he can."""
    if edition.state != EditionState.SUBMITTED:
        return f"这份方案{edition.get_state_display()}。"
    return "方案是您提交的，须由别人审批。" if edition.submitted_by_id == by.pk else ""


@transaction.atomic
def approve_edition(*, edition: PlanEdition, by, now: datetime, note: str = "", version: int | None = None) -> PlanEdition:
    """It becomes the plan's next edition. Raises ``Refused`` (own submission; the plan has changed since), ``Stale``."""
    found = _held(edition, version)
    if sentence := reason_against_approving(found, by):
        raise Refused(sentence, code="not_apart", status=409)
    plan = ServicePlan.objects.select_for_update(of=("self",)).select_related("cadre", "org", "worker").get(pk=found.plan_id)
    if changed := differences(found.content, content_of([plan])[plan.pk]):
        raise Refused(f"提交之后方案又有改动（{changed[0]}），请退回，改好再提交。", code="changed_since", status=409)
    last = PlanEdition.objects.filter(plan=found.plan_id).aggregate(last=Max("number"))["last"] or 0
    return _decide(found, EditionState.APPROVED, by, now, note, number=last + 1)


@transaction.atomic
def return_edition(*, edition: PlanEdition, by, now: datetime, note: str, version: int | None = None) -> PlanEdition:
    """Back to whoever submitted it, with the reason. Raises ``Refused`` (own submission; field ``note``), ``Stale``."""
    found = _held(edition, version)
    if sentence := reason_against_approving(found, by):
        raise Refused(sentence, code="not_apart", status=409)
    if not note.strip():
        raise Refused("请写明退回原因，哪里要改。", code="note_required", field="note")
    return _decide(found, EditionState.RETURNED, by, now, note)


@transaction.atomic
def withdraw_edition(*, edition: PlanEdition, by, now: datetime, version: int | None = None) -> PlanEdition:
    """Taken back before it was decided. Raises ``Refused``, ``Stale``."""
    return _decide(_held(edition, version), EditionState.WITHDRAWN, by, now, "")


def _decide(found: PlanEdition, state: str, by, now: datetime, note: str, number: int | None = None) -> PlanEdition:
    found.state, found.number, found.decided_by, found.decided_at, found.note, found.version = state, number, by, now, note.strip()[:200], found.version + 1
    found.save()
    audit.record(f"plan.{state}", found.plan, by=by, note=found.note, title=str(found.plan.cadre), data={"edition": number})
    if state in (EditionState.APPROVED, EditionState.RETURNED):
        title = f"方案{found.get_state_display()}：{found.plan.cadre.name}"
        notify.tell([found.submitted_by], title=title, body=found.note, url=reverse("care:plan", args=[found.plan_id]), key=f"edition:{found.pk}:{found.version}", now=now)
    return found


def approve_several(*, scope: Scope, edition_ids: Iterable[int], by, now: datetime) -> tuple[int, list[str]]:
    """(how many were approved, why the others weren't, a sentence each). Each is decided on its own."""
    done, refused = 0, []
    for one in PlanEdition.objects.visible_to(scope).filter(pk__in=list(edition_ids), state=EditionState.SUBMITTED).select_related("plan__cadre").order_by("submitted_at"):
        try:
            approve_edition(edition=one, by=by, now=now)
            done += 1
        except Refused as problem:
            refused.append(f"{one.plan.cadre.name}：{problem.sentence}")
    return done, refused


def changed_since_approval(plan: ServicePlan) -> list[str]:
    """In words, what the plan says otherwise than its last approved edition; [] when nothing, or when there is none."""
    last = latest_approved(plan)
    return differences(last.content, content_of([plan])[plan.pk]) if last else []
