"""整改台账: a problem put on it, taken step by step to its closing, re-checked by a draw."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from apps.accounts.models import Organization
from apps.accounts.permissions import Right
from apps.accounts.selectors import nearest_with
from apps.activity import audit, notify
from apps.branches.actions.branches import held as held_branch
from apps.branches.actions.draws import draw_from
from apps.branches.checking import months_on
from apps.branches.models import Ballot, Branch, Draw, DrawPurpose, Inspection, Matter, Rectification, RectificationStep, RectifySource, RectifyState
from apps.branches.selectors import supervision as selectors
from apps.branches.selectors.rules import rules_in_force
from apps.branches.standards import RECTIFY_PROOF
from apps.branches.workflow import RECTIFY
from apps.core.refusal import Refused
from apps.core.workflow import lock, take
from apps.files.storage import accept_documents, save

MOST_PROOFS = 9


def usual_due(today: date) -> date:
    """The last day where none is named."""
    return today + timedelta(days=int(rules_in_force(today)["rectify_days"].value))


@transaction.atomic
def open_rectification(
    *, branch: Branch, problem: str, by, today: date, now: datetime, source: str = RectifySource.OTHER, matter: str = Matter.OTHER, measure: str = "", owner: str = "",
    due_on: date | None = None, inspection: Inspection | None = None, ballot: Ballot | None = None,
) -> Rectification:  # fmt: skip
    """Put a problem on the ledger and tell the branch. Raises ``Refused`` (fields ``problem``, ``due_on``)."""
    found = held_branch(branch)
    if not problem.strip():
        raise Refused("请写明问题。", code="problem_required", field="problem")
    due_on = due_on or usual_due(today)
    if due_on < today:
        raise Refused("整改时限不能早于今天。", code="date_past", field="due_on")
    made = Rectification.objects.create(
        branch=found, org=found.org, source=source, matter=matter, problem=problem.strip()[:300], measure=measure.strip(), owner=owner.strip(), opened_on=today, due_on=due_on,
        first_due_on=due_on, inspection=inspection, ballot=ballot, opened_by=by,
    )  # fmt: skip
    write_step(made, step="open", before="", note="", by=by, at=now)
    _tell(nearest_with(found.org, today, Right.BRANCH_EDIT), made, f"新开整改：{made.problem[:40]}", f"时限 {due_on:%Y-%m-%d}。", by, now)
    return made


def write_step(held: Rectification, *, step: str, before: str, note: str, by, at: datetime) -> None:
    """One line of the trail, and of the audit."""
    RectificationStep.objects.create(case=held, org=held.org, step=step, before=before, after=held.state, note=note, by=by, at=at)
    audit.record("rectify.step", held, by=by, note=note[:100], title=str(held.branch), data={"step": step, "from": before, "to": held.state, "due": str(held.due_on)})


def _tell(people: Iterable, held: Rectification, title: str, body: str, by, now: datetime) -> None:
    others = [user for user in people if user.pk != by.pk]
    notify.tell(others, title=title, body=body, url=reverse("branches:rectification", args=[held.pk]), key=f"rectify:{held.pk}:{held.version}", now=now)


@transaction.atomic
def change_rectification(*, case: Rectification, by, version: int | None = None, **values: str) -> Rectification:
    """``measure``, ``owner``, ``matter`` of one still open: the branch plans how it mends it. Raises ``Refused``, ``Stale``."""
    held = _locked(case, version)
    if held.state != RectifyState.OPEN:
        raise Refused(f"这项整改现在是“{held.get_state_display()}”，不能再改。", code="rectify_closed", status=409)
    changed = {name: value for name, value in values.items() if name in ("measure", "owner", "matter") and getattr(held, name) != value}
    if not changed:
        return held
    for name, value in changed.items():
        setattr(held, name, value)
    held.version += 1
    held.save(update_fields=[*changed, "version"])
    audit.record("rectify.changed", held, by=by, title=str(held.branch), data={"fields": sorted(changed)})
    return held


def _locked(case: Rectification, version: int | None) -> Rectification:
    return lock(Rectification.objects.select_related("branch__org", "org", "opened_by", "reported_by"), case.pk, version)


@transaction.atomic
def take_step(*, case: Rectification, step: str, by, today: date, now: datetime, note: str = "", version: int | None = None, **given) -> Rectification:
    """Move a rectification by one of ``workflow.STEPS``. ``given``: ``result`` and ``proofs`` (report), ``due_on`` (extend, relapse). Raises ``Refused``, ``Stale``."""
    held = _locked(case, version)
    take(RECTIFY, held, step, by=by, today=today, now=now, note=note, effect=EFFECTS.get(step), write=write_step, **given)
    people: list = []
    if step == "report":
        people = [held.opened_by, *nearest_with(held.org, today, Right.BRANCH_INSPECT)]
    elif step in ("close", "return", "extend", "supervise", "relapse", "void"):
        people = [*nearest_with(held.org, today, Right.BRANCH_EDIT), *([held.reported_by] if held.reported_by else [])]
    _tell(people, held, f"整改{RECTIFY.steps[step].label}：{held.problem[:40]}", note, by, now)
    return held


def _report(held: Rectification, *, by, today: date, result: str = "", proofs: Iterable = ()) -> None:
    if not result.strip():
        raise Refused("请写明怎样整改、结果如何。", code="result_required", field="result")
    accepted = accept_documents(proofs, most=MOST_PROOFS, field="proofs")
    if not accepted and not selectors.proofs(held).exists():
        raise Refused("请附佐证材料：照片、记录或文件。", code="proof_required", field="proofs")
    for one in accepted:
        save(one.content, name=one.name, content_type=one.content_type, label=RECTIFY_PROOF, org=held.org, by=by, subject_id=held.pk)
    held.result, held.reported_on, held.reported_by = result.strip()[:500], today, by


def _close(held: Rectification, *, by, today: date) -> None:
    held.closed_on, held.closed_by = today, by
    held.recheck_due_on, held.recheck_drawn_on, held.rechecked_on = months_on(today, int(rules_in_force(today)["recheck_months"].value)), None, None


def _extend(held: Rectification, *, by, today: date, due_on: date | None = None) -> None:
    if due_on is None or due_on <= held.due_on or due_on < today:
        raise Refused(f"新的时限应在今天以后，并晚于 {held.due_on:%Y-%m-%d}。", code="date_order", field="due_on")
    held.due_on = due_on


def _supervise(held: Rectification, *, by, today: date) -> None:
    held.supervised_on = today


def _confirm(held: Rectification, *, by, today: date) -> None:
    held.rechecked_on = today


def _relapse(held: Rectification, *, by, today: date, due_on: date | None = None) -> None:
    due_on = due_on or usual_due(today)
    if due_on < today:
        raise Refused("整改时限不能早于今天。", code="date_past", field="due_on")
    held.due_on, held.closed_on, held.closed_by, held.supervised_on = due_on, None, None, None
    held.recheck_due_on, held.recheck_drawn_on = None, None


EFFECTS: dict[str, Callable] = {"report": _report, "close": _close, "extend": _extend, "supervise": _supervise, "confirm": _confirm, "relapse": _relapse}


@transaction.atomic
def draw_rechecks(*, org: Organization, cases, size: int, by, today: date, now: datetime) -> Draw:
    """Draw ``size`` of the closed rectifications ``cases`` (a queryset) whose time has come, none twice. Raises ``Refused`` (field ``size``)."""
    waiting = list(selectors.to_recheck(cases, today).select_for_update(of=("self",)).select_related("branch"))
    if not waiting:
        raise Refused("现在没有到了复查时间、还没抽过的整改。", code="nothing_to_draw", field="size")
    if size < 1:
        raise Refused("请填要抽几项。", code="size", field="size")
    names = {one.pk: f"{one.branch.name}：{one.problem[:60]}" for one in waiting}
    made = draw_from(names, size=size, purpose=DrawPurpose.RECHECK, org=org, by=by, now=now)
    Rectification.objects.filter(pk__in=[pk for pk, _ in made.chosen]).update(recheck_drawn_on=today)
    return made
