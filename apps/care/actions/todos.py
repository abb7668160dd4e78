"""To-dos: settled by a visit, finished, put off with a reason, closed when they are owed no more."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.activity import audit
from apps.cadres.models import Cadre
from apps.care.actions.parts import follow_items
from apps.care.models import (
    WITHOUT_A_VISIT,
    Campaign,
    CampaignState,
    Frequency,
    ItemState,
    PlanItem,
    PlanState,
    Reminder,
    ServicePlan,
    Source,
    ToDo,
    ToDoState,
    Trigger,
    Visit,
)  # fmt: skip
from apps.care.reminders import settle
from apps.care.selectors.todos import open_todos, rules_of
from apps.care.standards import EVIDENCE_LABEL, LONGEST_DELAY_DAYS
from apps.core.refusal import Refused, Stale
from apps.files.storage import accept_document, save

MOST_FILES = 9


def settled_by_default(visit: Visit, todos: Iterable[ToDo]) -> list[ToDo]:
    """Which open to-dos a visit settles when nobody says so: those of its occasion and of the rhythm, if they show by its day and it was a meeting
    where one is asked for."""
    rhythms = {rule.key for rule in rules_of(Trigger.RHYTHM)}
    fits = (todo for todo in todos if todo.occasion == visit.occasion or todo.rule in rhythms)
    return [todo for todo in fits if reason_against(todo, visit) == ""]


def reason_against(todo: ToDo, visit: Visit) -> str:
    """Why this visit can't settle the to-do; "" when it can."""
    if todo.source in WITHOUT_A_VISIT:
        return f"“{todo.title}”不是走访能办结的。"
    if todo.cadre_id != visit.cadre_id or (todo.concerns == "survivor") != (visit.survivor_id is not None) or todo.survivor_id not in (None, visit.survivor_id):
        return "不是同一位走访对象。"
    if todo.meet and not visit.in_person:
        return f"“{todo.title}”须见到本人。"
    if visit.visited_on < todo.opens_on:
        return f"“{todo.title}”从 {todo.opens_on:%Y-%m-%d} 起算，这次走访在那之前。"
    return ""


@transaction.atomic
def settle_todos(*, visit: Visit, chosen: Iterable[ToDo] | None, by) -> list[ToDo]:
    """Mark what a visit settled and return it: of those ``chosen`` by whoever logged it the ones it can settle, or what it settles by default.

    A late one keeps its due day, so that it stays visible as late.
    """
    waiting = open_todos(visit.cadre_id).select_for_update()
    asked = settled_by_default(visit, waiting) if chosen is None else waiting.filter(pk__in=[todo.pk for todo in chosen])
    found = [todo for todo in asked if reason_against(todo, visit) == ""]
    ToDo.objects.filter(pk__in=[todo.pk for todo in found]).update(
        state=ToDoState.DONE, visit=visit, done_on=visit.visited_on, done_by=visit.worker, version=F("version") + 1
    )
    end_single_items([todo.item_id for todo in found], state=ItemState.DONE, result=f"{visit.visited_on:%Y-%m-%d} 走访时办结", by=by)
    return found


def end_single_items(keys: Iterable[int | None], *, state: str, result: str, by) -> int:
    """Items done once are over with their only to-do; those of a rhythm go on. Returns how many ended."""
    found = PlanItem.objects.filter(pk__in=[key for key in keys if key], frequency=Frequency.ONCE, state=ItemState.OPEN)
    ending = list(found.values_list("pk", flat=True))
    ended = found.update(state=state, result=result, closed_at=timezone.now(), closed_by=by, version=F("version") + 1)
    follow_items(ending)
    return ended


@transaction.atomic
def unsettle_todos(*, visit: Visit, by) -> int:
    """Open again what a visit settled that has been voided, or can settle it no longer after a correction."""
    held = [todo for todo in ToDo.objects.filter(visit=visit) if visit.voided_at or reason_against(todo, visit)]
    single = PlanItem.objects.filter(pk__in=[todo.item_id for todo in held if todo.item_id], frequency=Frequency.ONCE, state=ItemState.DONE, plan__state=PlanState.ACTIVE)
    reopening = list(single.values_list("pk", flat=True))
    single.update(state=ItemState.OPEN, result="", closed_at=None, closed_by=None, version=F("version") + 1)
    follow_items(reopening)
    again = ToDo.objects.filter(pk__in=[todo.pk for todo in held])
    return again.update(state=ToDoState.OPEN, visit=None, done_on=None, done_by=None, version=F("version") + 1)


def _keep(todo: ToDo, files: Iterable, by) -> None:
    """Keep what shows that it was done: pictures, PDF, Word, Excel."""
    given = list(files)
    if len(given) > MOST_FILES:
        raise Refused(f"一次最多上传 {MOST_FILES} 个文件。", code="file_count", field="files")
    for upload in given:
        try:
            accepted = accept_document(upload)
        except Refused as refused:
            raise Refused(refused.sentence, code=refused.code, field="files") from None
        save(accepted.content, name=accepted.name, content_type=accepted.content_type, label=EVIDENCE_LABEL, org=todo.org, by=by, subject_id=todo.pk)


def _held(todo: ToDo, version: int | None) -> ToDo:
    held = ToDo.objects.select_for_update(of=("self",)).select_related("cadre", "org").get(pk=todo.pk)
    if version is not None and held.version != version:
        raise Stale()
    if held.state != ToDoState.OPEN:
        raise Refused("这件事已经办结，不用再办。", code="todo_over", status=409)
    return held


def check_delay(due_on: date, was: date, note: str, today: date) -> None:
    """What putting something off asks for. Raises ``Refused`` (fields ``due_on``, ``note``)."""
    if not note.strip():
        raise Refused("请写明改期原因。", code="note_required", field="note")
    if due_on < today:
        raise Refused("新的日期不能早于今天。", code="date_past", field="due_on")
    if due_on == was:
        raise Refused("日期没有变化。", code="date_unchanged", field="due_on")
    if due_on > max(was, today) + timedelta(days=LONGEST_DELAY_DAYS):
        raise Refused(f"一次最多推迟 {LONGEST_DELAY_DAYS} 天。", code="date_far", field="due_on")


@transaction.atomic
def move_todo(*, todo: ToDo, due_on: date, note: str, by, today: date, version: int | None = None) -> ToDo:
    """Put a to-do off (or forward), with a reason; its first due day is kept. Raises ``Refused`` (fields ``due_on``, ``note``), ``Stale``."""
    held = _held(todo, version)
    check_delay(due_on, held.due_on, note, today)
    was = held.due_on
    held.due_on, held.opens_on, held.moved_note, held.version = due_on, min(held.opens_on, due_on), note.strip(), held.version + 1
    held.save(update_fields=["due_on", "opens_on", "moved_note", "version"])
    audit.record("todo.moved", held, by=by, note=note.strip(), data={"was": str(was), "now": str(due_on), "rule": held.rule}, title=f"{held.cadre} {held.title}")
    return held


@transaction.atomic
def move_visit(*, plan: ServicePlan, due_on: date, note: str, by, today: date, version: int | None = None) -> ServicePlan:
    """Put the visit off that a plan's rhythm owes, until the next one has taken place. Raises ``Refused`` (fields ``due_on``, ``note``), ``Stale``."""
    held = ServicePlan.objects.select_for_update(of=("self",)).select_related("cadre").get(pk=plan.pk)
    if version is not None and held.version != version:
        raise Stale()
    if held.state != PlanState.ACTIVE or held.visit_due_on is None:
        raise Refused("这份方案现在没有待办的走访。", code="nothing_due", status=409)
    was = held.visit_due_on
    check_delay(due_on, was, note, today)
    held.moved_to, held.moved_on, held.moved_note, held.version = due_on, today, note.strip(), held.version + 1
    held.save(update_fields=["moved_to", "moved_on", "moved_note", "version"])
    settle([held.pk], today=today)
    held.refresh_from_db()
    audit.record("todo.moved", held, by=by, note=note.strip(), data={"was": str(was), "now": str(due_on)}, title=f"{held.cadre} 走访")
    return held


@transaction.atomic
def finish_todo(*, todo: ToDo, result: str, by, today: date, version: int | None = None, files: Iterable = ()) -> ToDo:
    """Done without a visit (a date of a service item, a promise kept), with a photo or paper of it where there is one.

    Raises ``Refused`` (``result`` blank, a meeting or an act of its own is asked for, over already; ``files``), ``Stale``.
    """
    held = _held(todo, version)
    if held.source == Source.REVIEW:
        raise Refused("复核类别请在方案里确定类别，维持不变也可以。", code="decide_class", field="result")
    if held.source == Source.DOCTOR:
        raise Refused("请在家庭医生签约里续约或登记新的签约；不再续约的，选“不再需要”并写明原因。", code="renew_contract", field="result")
    if held.meet:
        raise Refused("这件事须见到本人，请登记走访。", code="visit_needed", field="result")
    if not result.strip():
        raise Refused("请写一句办理结果。", code="result_required", field="result")
    held.state, held.done_on, held.done_by, held.result, held.version = ToDoState.DONE, today, by, result.strip(), held.version + 1
    held.save(update_fields=["state", "done_on", "done_by", "result", "version"])
    _keep(held, files, by)
    end_single_items([held.item_id], state=ItemState.DONE, result=held.result, by=by)
    audit.record("todo.done", held, by=by, title=f"{held.cadre} {held.title}")
    return held


@transaction.atomic
def drop_todo(*, todo: ToDo, reason: str, by, version: int | None = None) -> ToDo:
    """Not needed after all, with the reason. Raises ``Refused`` (field ``result``), ``Stale``."""
    held = _held(todo, version)
    if not reason.strip():
        raise Refused("请写明不再需要的原因。", code="result_required", field="result")
    held.state, held.result, held.done_by, held.version = ToDoState.CLOSED, reason.strip(), by, held.version + 1
    held.save(update_fields=["state", "result", "done_by", "version"])
    end_single_items([held.item_id], state=ItemState.DROPPED, result=held.result, by=by)
    audit.record("todo.dropped", held, by=by, note=reason.strip(), title=f"{held.cadre} {held.title}")
    return held


@transaction.atomic
def promise(*, visit: Visit, what: str, due_on: date, by, worker=None) -> ToDo:
    """What was promised at a visit, owed until it is done. Raises ``Refused`` (fields ``promise``, ``promise_due_on``)."""
    if not what.strip():
        raise Refused("请写明答应了什么。", code="promise_required", field="promise")
    if due_on < visit.visited_on:
        raise Refused("答应的期限早于走访日期。", code="date_order", field="promise_due_on")
    todo = ToDo.objects.create(
        cadre=visit.cadre, survivor=visit.survivor, org=visit.org, source=Source.PROMISE, rule="promise", subject_id=visit.pk, title=what.strip()[:80],
        concerns="survivor" if visit.survivor_id else "cadre", opens_on=visit.visited_on, due_on=due_on, first_due_on=due_on, worker=worker or visit.worker, promised_at=visit,
    )  # fmt: skip
    audit.record("todo.promised", todo, by=by, title=f"{visit.cadre} {todo.title}")
    return todo


@transaction.atomic
def close_todos(*, todos: QuerySet, note: str, by) -> int:
    """Close whatever of these is open; nobody is told of it any more, messages not yet sent included. Returns how many."""
    keys = list(todos.filter(state=ToDoState.OPEN).values_list("pk", flat=True))
    Reminder.objects.filter(todo__in=keys, digest=None, settled_at=None).update(settled_at=timezone.now())
    return ToDo.objects.filter(pk__in=keys).update(state=ToDoState.CLOSED, result=note, done_by=by, version=F("version") + 1)


def reopen_todos(*, cadre: Cadre, notes: tuple[str, ...]) -> int:
    """Undo ``close_todos`` for a person: what was closed with exactly one of ``notes``, unless its campaign has ended since."""
    over = Campaign.objects.filter(state=CampaignState.ENDED).values("pk")
    found = ToDo.objects.filter(Q(done_on=None), ~Q(source=Source.CAMPAIGN, subject_id__in=over), cadre=cadre, state=ToDoState.CLOSED, result__in=notes)
    return found.update(state=ToDoState.OPEN, result="", done_by=None, version=F("version") + 1)
