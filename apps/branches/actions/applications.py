"""申报示范党支部: written with scores and papers, taken step by step to the name, looked back at, objections answered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from apps.accounts.models import Organization
from apps.accounts.permissions import Right
from apps.accounts.selectors import nearest_with
from apps.activity import audit, notify
from apps.branches.actions.branches import held as held_branch
from apps.branches.actions.draws import draw_from
from apps.branches.actions.rectifications import open_rectification, usual_due
from apps.branches.checking import years_on
from apps.branches.models import (
    HOLDING,
    UNDER_WAY,
    Application,
    ApplicationState,
    ApplicationStep,
    BallotState,
    Branch,
    Draw,
    DrawPurpose,
    ItemPaper,
    ItemScore,
    Objection,
    RectifySource,
    Standard,
    StandardItem,
    StandardState,
)  # fmt: skip
from apps.branches.selectors import applications as selectors
from apps.branches.selectors.facts import facts_for, gates_against
from apps.branches.standards import EVIDENCE
from apps.branches.workflow import APPLY, APPLY_STEPS
from apps.cadres.constraints import as_sentences
from apps.core.refusal import Refused
from apps.core.scope import Scope, system_scope
from apps.core.workdays import working_days
from apps.core.workflow import lock, take
from apps.files.storage import accept_document, save

WRITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED)
MOST_PAPERS, MOST_OBJECTIONS = 60, 200
LONGEST_STORY = 1500


@dataclass(frozen=True)
class Given:
    """What a person gives an item: points (None: not yet) and the words beside."""

    score: Decimal | None
    note: str = ""


@transaction.atomic
def begin_application(*, scope: Scope, branch: Branch, by, today: date, now: datetime) -> Application:
    """A draft by the standard in force, each item pre-filled from the books. Raises ``Refused``."""
    found = held_branch(branch)
    standard = Standard.objects.filter(state=StandardState.IN_FORCE).first()
    if standard is None:
        raise Refused("现在没有现行的创建标准。", code="no_standard", status=409)
    if found.kind not in HOLDING:
        raise Refused("申报的应是组织关系所在的党支部。", code="kind", status=409)
    if sentence := _barred(found, today):
        raise Refused(sentence, code="barred", status=409)
    case = Application(branch=found, org=found.org, standard=standard, year=today.year)
    with as_sentences(Application):
        case.save()
    items = list(standard.items.all())
    facts = facts_for(scope, found, items, today)
    ItemScore.objects.bulk_create([_prefilled(case, item, facts.get(item.pk)) for item in items])
    _write(case, step="open", before="", note="", by=by, at=now)
    return case


def _prefilled(case: Application, item: StandardItem, fact) -> ItemScore:
    row = ItemScore(application=case, item=item, org=case.org, org_path=case.org_path)
    if fact:
        row.fact_text, row.self_score = fact.text[:120], fact.points
    return row


def _barred(branch: Branch, today: date) -> str:
    """Removed less than a year ago, or failed this year."""
    last = Application.objects.filter(branch=branch, ended_on__isnull=False).exclude(state=ApplicationState.WITHDRAWN).order_by("-ended_on").first()
    if last is None:
        return ""
    again = years_on(last.ended_on, 1) if last.state == ApplicationState.REMOVED else date(last.ended_on.year + 1, 1, 1)
    return f"{last.ended_on:%Y-%m-%d} {last.get_state_display()}，{again:%Y-%m-%d} 起可以再申报。" if today < again else ""


def _locked(case: Application, version: int | None) -> Application:
    return lock(Application.objects.select_related("branch__org", "org", "standard", "applied_by", "reviewed_by", "scored_by"), case.pk, version)


def _checked(case: Application, given: dict[int, Given], rows: dict[int, ItemScore], *, mark: str) -> None:
    """Points lie between zero and the item's; ``mark`` begins the field's name."""
    for item, one in given.items():
        if item not in rows:
            raise Refused("标准已经换了，请刷新后再填。", code="item_unknown")
        most = rows[item].item.points
        if one.score is not None and not 0 <= one.score <= most:
            raise Refused(f"在 0 到 {most:f} 分之间。", code="score", field=f"{mark}_{item}")


@transaction.atomic
def write_application(
    *, case: Application, story: str, honours: str, bonus: Decimal, bonus_why: str, given: dict[int, Given], by, papers: dict[int, Iterable] | None = None,
    version: int | None = None,
) -> Application:  # fmt: skip
    """Write a draft, or one that was returned. ``given``: item → self-score and note; ``papers``: item → files. Raises ``Refused`` (fields ``story``, ``bonus``,
    ``bonus_why``, ``self_<item>``, ``papers_<item>``), ``Stale``."""
    held = _locked(case, version)
    if held.state not in WRITABLE:
        raise Refused(f"这份申报现在是“{held.get_state_display()}”，不能再改。", code="application_closed", status=409)
    if len(story) > LONGEST_STORY:
        raise Refused(f"主要做法不超过 {LONGEST_STORY} 字，现在 {len(story)} 字。", code="story_long", field="story")
    if not 0 <= bonus <= held.standard.bonus_cap:
        raise Refused(f"加分在 0 到 {held.standard.bonus_cap:f} 分之间。", code="bonus", field="bonus")
    if bonus and not bonus_why.strip():
        raise Refused("加分要有文件依据，请写文件名和文号。", code="bonus_why", field="bonus_why")
    rows = {row.item_id: row for row in ItemScore.objects.select_for_update(of=("self",)).select_related("item").filter(application=held)}
    _checked(held, given, rows, mark="self")
    for item, one in given.items():
        rows[item].self_score, rows[item].self_note = one.score, one.note.strip()[:200]
    ItemScore.objects.bulk_update(rows.values(), ["self_score", "self_note"])
    _keep(held, papers or {}, rows, by)
    held.story, held.honours, held.bonus, held.bonus_why = story.strip(), honours.strip(), bonus, bonus_why.strip()
    held.self_total = sum((row.self_score or Decimal(0) for row in rows.values()), Decimal(0))
    held.version += 1
    held.save()
    audit.record("application.changed", held, by=by, title=str(held.branch), data={"self": str(held.self_total)})
    return held


def _keep(held: Application, papers: dict[int, Iterable], rows: dict[int, ItemScore], by) -> None:
    n = selectors.evidence(held).count()
    for item, files in papers.items():
        for upload in files:
            n += 1
            if n > MOST_PAPERS:
                raise Refused(f"一份申报最多 {MOST_PAPERS} 份佐证。", code="file_count", field=f"papers_{item}")
            try:
                one = accept_document(upload)
            except Refused as problem:
                raise Refused(problem.sentence, code=problem.code, field=f"papers_{item}") from None
            name = f"{rows[item].item.order:02d} {one.name}"
            kept = save(one.content, name=name, content_type=one.content_type, label=EVIDENCE, org=held.org, by=by, subject_id=held.pk)
            ItemPaper.objects.create(score=rows[item], file=kept, org=held.org)


@transaction.atomic
def comment_items(*, case: Application, comments: dict[int, str], by, version: int | None = None) -> Application:
    """What the reviewer says at the items, before returning it. Raises ``Refused``, ``Stale``."""
    held = _locked(case, version)
    if held.state != ApplicationState.SUBMITTED:
        raise Refused(f"这份申报现在是“{held.get_state_display()}”，不能写初审意见。", code="application_state", status=409)
    if by.pk == held.applied_by_id:
        raise Refused("申报是您提交的，须由别人办理。", code="not_apart", status=409)
    for row in ItemScore.objects.filter(application=held, item__in=comments):
        if row.comment != comments[row.item_id].strip()[:200]:
            ItemScore.objects.filter(pk=row.pk).update(comment=comments[row.item_id].strip()[:200])
    held.version += 1
    held.save(update_fields=["version"])
    return held


@transaction.atomic
def score_items(
    *, case: Application, team: str, given: dict[int, Given], by, today: date, veto: str = "", veto_why: str = "", version: int | None = None
) -> Application:  # fmt: skip
    """The team's points, as many as there are; saved as often as one likes until the step 核查打分完成. Points taken off ask for the reason; so does ``veto``, one of
    the standard's ``vetoes``. Raises ``Refused`` (fields ``team``, ``team_<item>``, ``why_<item>``, ``veto``, ``veto_why``), ``Stale``."""
    held = _locked(case, version)
    if sentence := APPLY.reason_against(held, "score", by=by, today=today):
        raise Refused(sentence, code="step_refused", status=409)
    if not team.strip():
        raise Refused("请写核查组成员，两人以上。", code="team_required", field="team")
    if veto and veto not in held.standard.vetoes:
        raise Refused("请选标准里写明的否决情形。", code="veto_unknown", field="veto")
    if veto and not veto_why.strip():
        raise Refused("请写否决的事实和依据。", code="veto_why", field="veto_why")
    rows = {row.item_id: row for row in ItemScore.objects.select_for_update(of=("self",)).select_related("item").filter(application=held)}
    _checked(held, given, rows, mark="team")
    for item, one in given.items():
        if one.score is not None and one.score < rows[item].item.points and not one.note.strip():
            raise Refused("扣了分，请写原因。", code="why_required", field=f"why_{item}")
        rows[item].team_score, rows[item].team_note = one.score, one.note.strip()[:200]
    ItemScore.objects.bulk_update(rows.values(), ["team_score", "team_note"])
    held.team, held.veto, held.veto_why, held.version = team.strip()[:120], veto, veto_why.strip()[:200] if veto else "", held.version + 1
    held.save(update_fields=["team", "veto", "veto_why", "version"])
    audit.record("application.scored", held, by=by, title=str(held.branch))
    return held


@transaction.atomic
def take_step(*, case: Application, step: str, by, today: date, now: datetime, note: str = "", version: int | None = None, **given) -> Application:
    """Move an application by one of ``workflow.APPLY_STEPS``. ``given``: ``scope`` (submit), ``due_on`` (rectify, yellow), ``document_no`` and ``plaque_no`` (name).
    Raises ``Refused``, ``Stale``."""
    held = _locked(case, version)
    if step == "propose":
        Standard.objects.select_for_update(no_key=True).get(pk=held.standard_id)  # a quota is counted by one at a time
    take(APPLY, held, step, by=by, today=today, now=now, note=note, effect=EFFECTS.get(step), write=_write, **given)
    if step in ("rectify", "yellow"):
        problem = f"{APPLY_STEPS[step].label}：{note.strip()}"
        source = RectifySource.LOOKBACK if step == "yellow" else RectifySource.OTHER
        open_rectification(branch=held.branch, problem=problem, source=source, due_on=given.get("due_on") or usual_due(today), by=by, today=today, now=now)
    _tell(held, step, note, by, today, now)
    return held


def _write(held: Application, *, step: str, before: str, note: str, by, at: datetime) -> None:
    ApplicationStep.objects.create(case=held, org=held.org, step=step, before=before, after=held.state, note=note, by=by, at=at)
    audit.record("application.step", held, by=by, note=note[:100], title=str(held.branch), data={"step": step, "from": before, "to": held.state})


def _tell(held: Application, step: str, note: str, by, today: date, now: datetime) -> None:
    waiting = {"submit": Right.BRANCH_INSPECT, "review": Right.BRANCH_INSPECT, "score": Right.BRANCH_NAME, "propose": Right.BRANCH_INSPECT}
    people = nearest_with(held.org, today, waiting[step]) if step in waiting else []
    if step not in ("submit", "withdraw") and held.applied_by:
        people = [*people, held.applied_by]
    others = [user for user in people if user.pk != by.pk]
    title, url = f"示范党支部申报{held.get_state_display()}：{held.branch.name}", reverse("branches:application", args=[held.pk])
    notify.tell(others, title=title, body=note, url=url, key=f"application:{held.pk}:{held.version}", now=now)


def _submit(held: Application, *, by, today: date, scope: Scope) -> None:
    open_items = ItemScore.objects.filter(application=held, self_score=None).select_related("item").order_by("item__order")
    if missing := [row.item.name for row in open_items]:
        raise Refused(f"还有 {len(missing)} 项没有自评分：{'、'.join(missing[:5])}。", code="items_open", field="note")
    if not held.story.strip():
        raise Refused("请写主要做法。", code="story_required", field="note")
    if gates := gates_against(scope, held.branch, today):
        raise Refused(f"现在不能申报：{gates[0]}", code="gate", field="note")
    held.applied_by = by
    held.reviewed_by = held.scored_by = None
    ItemScore.objects.filter(application=held).update(comment="")


def _review(held: Application, *, by, today: date) -> None:
    held.reviewed_by = by


def _score(held: Application, *, by, today: date) -> None:
    if held.ballots.filter(state=BallotState.OPEN).exists():
        raise Refused("现场测评还没有结束，请先结束并出结果。", code="ballot_open", field="note")
    rows = selectors.scores(held)
    if missing := [row.item.name for row in rows if row.team_score is None]:
        raise Refused(f"还有 {len(missing)} 项没有核查分：{'、'.join(missing[:5])}。", code="items_open", field="note")
    held.team_total, held.scored_by, held.scored_on = sum((row.team_score for row in rows), Decimal(0)), by, today


def _publish(held: Application, *, by, today: date) -> None:
    held.public_from = today
    held.public_to = working_days().add(today, held.standard.publicity_days)


def _name(held: Application, *, by, today: date, document_no: str = "", plaque_no: str = "") -> None:
    if not document_no.strip():
        raise Refused("请写命名文号。", code="document_required", field="document_no")
    held.named_by, held.named_on, held.document_no, held.plaque_no = by, today, document_no.strip(), plaque_no.strip()


def _due(held: Application, *, by, today: date, due_on: date | None = None) -> None:
    if due_on and due_on < today + timedelta(days=1):
        raise Refused("整改时限应在今天以后。", code="date_past", field="due_on")


def _look_back(held: Application, *, by, today: date) -> None:
    held.looked_back_on = today


def _again(held: Application, *, by, today: date) -> None:
    held.team_total = held.scored_by = held.scored_on = None
    held.veto = held.veto_why = ""


def _end(held: Application, *, by, today: date) -> None:
    held.ended_on = today


EFFECTS: dict[str, Callable] = {
    "submit": _submit, "review": _review, "score": _score, "publish": _publish, "name": _name, "rectify": _due, "yellow": _due, "lookback": _look_back, "restore": _look_back,
    "rescore": _again, "remove": _end, "refuse": _end, "withdraw": _end,
}  # fmt: skip


@transaction.atomic
def draw_lookbacks(*, org: Organization, cases, size: int, by, today: date, now: datetime) -> Draw:
    """Draw ``size`` of the names ``cases`` (a queryset of applications) that wait for no look back and had none within a year. Raises ``Refused`` (field ``size``)."""
    waiting = list(selectors.to_look_back(cases, today).select_for_update(of=("self",)).select_related("branch"))
    if not waiting:
        raise Refused("现在没有要抽的：已命名的一年内都看过，或已经抽中。", code="nothing_to_draw", field="size")
    if size < 1:
        raise Refused("请填要抽几个。", code="size", field="size")
    made = draw_from({one.pk: one.branch.name for one in waiting}, size=size, purpose=DrawPurpose.LOOKBACK, org=org, by=by, now=now)
    Application.objects.filter(pk__in=[pk for pk, _ in made.chosen]).update(lookback_drawn_on=today)
    return made


@transaction.atomic
def object_to(*, key: UUID, text: str, contact: str, today: date) -> Objection:
    """Anybody, from the page of 公示, while it runs. Raises ``Refused`` (field ``text``), ``Application.DoesNotExist``."""
    with system_scope("objection to a name"):
        case = Application.objects.select_for_update(of=("self",)).select_related("org").get(public_key=key, public_from__isnull=False)
        if case.state != ApplicationState.PUBLIC or not case.public_from <= today <= case.public_to:
            raise Refused("公示已经结束。", code="publicity_over", field="text")
        if not text.strip():
            raise Refused("请写意见。", code="text_required", field="text")
        if Objection.objects.filter(application=case).count() >= MOST_OBJECTIONS:
            raise Refused("意见太多，请直接向公布的单位反映。", code="many_objections", field="text")
        return Objection.objects.create(application=case, org=case.org, text=text.strip()[:500], contact=contact.strip()[:60])


@transaction.atomic
def answer_objection(*, objection: Objection, answer: str, by, today: date) -> Objection:
    """What was found out. Raises ``Refused`` (field ``answer``)."""
    if not answer.strip():
        raise Refused("请写核实情况。", code="answer_required", field="answer")
    found = Objection.objects.select_for_update(of=("self",)).select_related("application__branch").get(pk=objection.pk)
    found.answer, found.answered_by, found.answered_on = answer.strip()[:300], by, today
    found.save()
    audit.record("application.objection", found.application, by=by, note=found.answer[:100], title=str(found.application.branch))
    return found


__all__ = [
    "UNDER_WAY", "WRITABLE", "Given", "answer_objection", "begin_application", "comment_items", "draw_lookbacks", "object_to", "score_items", "take_step", "write_application",
]  # fmt: skip
