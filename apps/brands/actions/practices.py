"""经验做法清单: issued by the city; practices on it, questions about them, plans to learn them and what became of these."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from apps.accounts.models import Level, Organization
from apps.accounts.permissions import Right
from apps.accounts.selectors import nearest_with
from apps.activity import audit, notify
from apps.brands.models import HOLDING, TAKEN, Brand, FitFor, Practice, PracticeList, Question, StudyNote, StudyPhase, StudyPlan, StudyState
from apps.brands.selectors import practices as selectors
from apps.brands.standards import PLAN_DAYS, PRACTICE_FILE, STILL_AFTER_DAYS
from apps.cadres.constraints import as_sentences
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from apps.core.workflow import lock
from apps.files.models import StoredFile
from apps.files.storage import accept_documents, discard, save

MOST_PHASES, MOST_QUESTIONS, MOST_FILES = 12, 200, 10
USUAL_PHASES = (("学习：看材料、问来源单位、实地看", 30), ("试点：选一个地方先做", 90), ("推开：总结后在本地推开", 180))
"""What a plan begins with, to be changed: (work, days from the start). This platform's proposal."""


@dataclass(frozen=True)
class PhaseRow:
    """``phase``: key of one there is already."""

    text: str
    person: str
    due_on: date
    phase: int | None = None


@transaction.atomic
def begin_list(*, org: Organization, title: str, by, today: date) -> PracticeList:
    """A list in the making, with the next number of the year. Raises ``Refused`` (field ``title``)."""
    if org.level not in (Level.CITY, Level.PROVINCE, Level.COUNTRY):
        raise Refused("经验做法清单由市以上印发。", code="level", status=409)
    if not title.strip():
        raise Refused("请写标题。", code="title_required", field="title")
    if PracticeList.objects.filter(org=org, issued_on=None).exists():
        raise Refused("上一期还没有印发，请先印发。", code="list_open", status=409)
    number = PracticeList.objects.filter(org=org, year=today.year).count() + 1
    made = PracticeList(org=org, year=today.year, number=number, title=title.strip())
    with as_sentences(PracticeList):
        made.save()
    audit.record("practice.list", made, by=by, title=made.title)
    return made


def _open(listed: PracticeList) -> PracticeList:
    held = lock(PracticeList.objects.select_related("org"), listed.pk)
    if held.issued_on:
        raise Refused("这一期已经印发，不能再改。", code="list_issued", status=409)
    return held


@transaction.atomic
def write_practice(
    *, listed: PracticeList, brand: Brand, title: str, steps: list[str], conditions: str, results: str, contact: str, fit_for: list[str], by, practice: Practice | None = None,
    papers: Iterable = (),
) -> Practice:  # fmt: skip
    """Put a practice of a named brand on a list in the making, or change it. ``steps``: three; ``papers``: uploads that come along. Raises ``Refused`` (fields ``brand``,
    ``title``, ``step1`` …, ``fit_for``, ``papers``)."""
    held = _open(listed)
    if brand.state not in HOLDING:
        raise Refused("清单上的做法来自已命名的品牌。", code="not_named", field="brand")
    steps = [text.strip()[:200] for text in steps]
    if (empty := next((n for n, text in enumerate(steps, 1) if not text), None)) or len(steps) != 3:
        raise Refused("请把做法写成三步，别人照着能做。", code="steps_required", field=f"step{empty or 3}")
    if not fit_for or set(fit_for) - set(FitFor.values):
        raise Refused("请选适用范围。", code="fit_required", field="fit_for")
    found = Practice.objects.get(pk=practice.pk, listed=held) if practice else Practice(listed=held, number=Practice.objects.filter(listed=held).count() + 1)
    found.org, found.brand, found.brand_name, found.owner = held.org, brand, brand.name, brand.org
    found.title, found.steps, found.conditions, found.results, found.contact = title.strip(), steps, conditions.strip(), results.strip(), contact.strip()
    found.fit_for = [one for one in FitFor.values if one in fit_for]
    accepted = accept_documents(papers, most=MOST_FILES, field="papers")
    with as_sentences(Practice):
        found.save()
    if accepted and selectors.files(found).count() + len(accepted) > MOST_FILES:
        raise Refused(f"一项做法最多 {MOST_FILES} 份材料。", code="file_count", field="papers")
    for one in accepted:
        save(one.content, name=one.name, content_type=one.content_type, label=PRACTICE_FILE, org=held.org, by=by, subject_id=found.pk)
    audit.record("practice.written", found, by=by, title=found.title)
    return found


@transaction.atomic
def remove_file(*, practice: Practice, stored: StoredFile, by) -> None:
    """Take a paper off a practice whose list is still in the making. Raises ``Refused``."""
    _open(practice.listed)
    audit.record("practice.written", practice, by=by, note="删除材料", title=practice.title, data={"file": stored.name, "sha256": stored.sha256})
    discard(stored)


@transaction.atomic
def take_off(*, practice: Practice, by) -> None:
    """Take a practice off a list in the making; the numbers behind it move up. Raises ``Refused``."""
    held = _open(practice.listed)
    audit.record("practice.taken_off", practice, by=by, title=practice.title)
    for stored in selectors.files(practice):
        discard(stored)
    with system_scope("numbers of a list in the making"):
        Practice.objects.filter(pk=practice.pk, listed=held).delete()
        for n, one in enumerate(Practice.objects.filter(listed=held).order_by("number"), 1):
            Practice.objects.filter(pk=one.pk).update(number=n)


@transaction.atomic
def issue_list(*, listed: PracticeList, by, today: date, now: datetime) -> PracticeList:
    """Every place below reads it from now on; the counties are told. Raises ``Refused``."""
    held = _open(listed)
    if not Practice.objects.filter(listed=held).exists():
        raise Refused("清单上还没有做法。", code="list_empty", status=409)
    held.issued_on, held.issued_by, held.version = today, by, held.version + 1
    held.save()
    audit.record("practice.issued", held, by=by, title=held.title)
    counties = Organization.objects.filter(path__startswith=held.org_path, level=Level.COUNTY, valid_to=None)
    people = {user for county in counties for user in nearest_with(county, today, Right.BRAND_EDIT)}
    url = reverse("brands:practice_list", args=[held.pk])
    title, body = f"经验做法清单{held}：{held.title}", f"{PLAN_DAYS} 天内订出学习推广计划。"
    notify.tell([one for one in people if one.pk != by.pk], title=title, body=body, url=url, key=f"practice_list:{held.pk}", now=now)
    return held


@transaction.atomic
def ask(*, practice: Practice, org: Organization, text: str, by, today: date, now: datetime) -> Question:
    """Ask the owner of a practice. Raises ``Refused`` (field ``text``)."""
    if not text.strip():
        raise Refused("请写问题。", code="text_required", field="text")
    if selectors.owns(practice, org):
        raise Refused("这是本单位的做法。", code="own_practice", field="text")
    with system_scope("question about a practice"):
        if Question.objects.filter(practice=practice, asker=org).count() >= MOST_QUESTIONS:
            raise Refused("问题太多，请直接联系来源单位。", code="many_questions", field="text")
        made = Question.objects.create(practice=practice, org=practice.org, asker=org, asked_by=by, asked_on=today, text=text.strip()[:300])
        audit.record("practice.asked", made, by=by, title=practice.title)
    people = [user for user in nearest_with(practice.owner, today, Right.BRAND_EDIT) if user.pk != by.pk]
    url = reverse("brands:practice", args=[practice.pk])
    notify.tell(people, title=f"{org.name}问：{practice.title}", body=made.text, url=url, key=f"practice_question:{made.pk}", now=now)
    return made


@transaction.atomic
def answer(*, question: Question, org: Organization, text: str, by, today: date, now: datetime) -> Question:
    """By the owner of the practice or a place above it. Raises ``Refused`` (field ``text``)."""
    if not selectors.owns(question.practice, org):
        raise Refused("由来源单位答复。", code="not_owner", status=409)
    if not text.strip():
        raise Refused("请写答复。", code="text_required", field="text")
    with system_scope("answer about a practice"):
        held = Question.objects.select_for_update(of=("self",)).select_related("practice", "asked_by", "org").get(pk=question.pk)
        held.answer, held.answered_by, held.answered_on = text.strip()[:600], by, today
        held.save()
        audit.record("practice.answered", held, by=by, title=held.practice.title)
    url = reverse("brands:practice", args=[held.practice_id])
    notify.tell([held.asked_by], title=f"已答复：{held.practice.title}", body=held.answer, url=url, key=f"practice_answer:{held.pk}:{today}", now=now)
    return held


@transaction.atomic
def adopt(*, practice: Practice, org: Organization, by, today: date) -> StudyPlan:
    """Make a practice a plan of ``org``, with the usual phases to be changed. Raises ``Refused``."""
    if practice.listed.issued_on is None:
        raise Refused("这一期还没有印发。", code="not_issued", status=409)
    if selectors.owns(practice, org):
        raise Refused("这是本单位的做法，不用再学。", code="own_practice", status=409)
    made = StudyPlan(practice=practice, org=org, started_on=today, started_by=by)
    with as_sentences(StudyPlan):
        made.save()
    StudyPhase.objects.bulk_create(
        StudyPhase(plan=made, org=org, org_path=org.path, order=n, text=text, due_on=today + timedelta(days=days)) for n, (text, days) in enumerate(USUAL_PHASES, 1)
    )
    audit.record("study.begun", made, by=by, title=practice.title)
    return made


def _running(plan: StudyPlan, version: int | None = None) -> StudyPlan:
    held = lock(StudyPlan.objects.select_related("org", "practice"), plan.pk, version)
    if held.state != StudyState.DOING:
        raise Refused(f"这个计划{held.get_state_display()}，不能再改。", code="plan_ended", status=409)
    return held


@transaction.atomic
def change_plan(*, plan: StudyPlan, values: dict, phases: Iterable[PhaseRow], by, version: int | None = None) -> StudyPlan:
    """``values``: why, adaptation, person, expected. Phases that are done stay as they are; others that aren't named go. Raises ``Refused`` (field ``phases``), ``Stale``."""
    held, rows = _running(plan, version), list(phases)
    if not 1 <= len(rows) <= MOST_PHASES:
        raise Refused(f"计划分 1 到 {MOST_PHASES} 个阶段。", code="phase_count", field="phases")
    if any(later.due_on < earlier.due_on for earlier, later in zip(rows, rows[1:], strict=False)):
        raise Refused("后一阶段的时限早于前一阶段。", code="phase_order", field="phases")
    for name in ("why", "adaptation", "person", "expected"):
        setattr(held, name, values[name].strip())
    known = {one.pk: one for one in StudyPhase.objects.select_for_update().filter(plan=held)}
    kept = {row.phase for row in rows if row.phase}
    if any(one.done_on for pk, one in known.items() if pk not in kept):
        raise Refused("已完成的阶段不能删去。", code="phase_done", field="phases")
    StudyPhase.objects.filter(plan=held).exclude(pk__in=kept).delete()
    StudyPhase.objects.filter(plan=held).update(order=F("order") + 1000)
    for order, row in enumerate(rows, 1):
        one = known.get(row.phase) or StudyPhase(plan=held, org=held.org)
        one.order = order
        if not one.done_on:
            one.text, one.person, one.due_on = row.text.strip(), row.person.strip(), row.due_on
        one.save()
    held.version += 1
    held.save()
    audit.record("study.changed", held, by=by, title=held.practice.title)
    return held


@transaction.atomic
def note_progress(*, plan: StudyPlan, text: str, by, now: datetime, phase: StudyPhase | None = None, result: str = "", today: date) -> StudyPlan:
    """A line of progress; with ``phase`` that one is done. Raises ``Refused`` (field ``text``)."""
    held = _running(plan)
    if not text.strip():
        raise Refused("请写进展。", code="text_required", field="text")
    if phase:
        row = StudyPhase.objects.select_for_update().get(pk=phase.pk, plan=held)
        if row.done_on:
            raise Stale()
        row.done_on, row.result, row.org = today, result.strip()[:200], held.org
        row.save()
    StudyNote.objects.create(plan=held, org=held.org, text=text.strip()[:300], by=by, at=now)
    audit.record("study.progress", held, by=by, title=held.practice.title, data={"phase": phase.order if phase else None})
    return held


@transaction.atomic
def end_plan(*, plan: StudyPlan, state: str, outcome: str, by, today: date, version: int | None = None) -> StudyPlan:
    """Adopted, adapted, or dropped with the reason. Raises ``Refused`` (fields ``state``, ``outcome``), ``Stale``."""
    held = _running(plan, version)
    if state not in StudyState.values or state == StudyState.DOING:
        raise Refused("请选结果。", code="state_required", field="state")
    if not outcome.strip():
        raise Refused("请写没有采用的原因。" if state == StudyState.DROPPED else "请写成果：在哪些地方用了、有什么数字。", code="outcome_required", field="outcome")
    held.state, held.outcome, held.ended_on, held.version = state, outcome.strip()[:300], today, held.version + 1
    held.save()
    audit.record("study.ended", held, by=by, title=held.practice.title, note=held.outcome[:100], data={"state": state})
    return held


@transaction.atomic
def check_plan(*, plan: StudyPlan, still_works: bool, note: str, by, today: date, version: int | None = None) -> StudyPlan:
    """A year on: does it still work? Raises ``Refused`` (field ``note``), ``Stale``."""
    held = lock(StudyPlan.objects.select_related("org", "practice"), plan.pk, version)
    if held.state not in TAKEN or held.ended_on > today - timedelta(days=STILL_AFTER_DAYS):
        raise Refused("采用满一年后回访。", code="too_early", status=409)
    if not note.strip():
        raise Refused("请写回访看到的情况。", code="note_required", field="note")
    held.still_works, held.checked_on, held.checked_note, held.version = still_works, today, note.strip()[:200], held.version + 1
    held.save()
    audit.record("study.checked", held, by=by, title=held.practice.title, data={"still": still_works})
    return held
