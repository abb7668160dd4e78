"""Answering a survey for one person, and what becomes of the needs voiced."""

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.activity import audit
from apps.cadres.models import Standing
from apps.care.actions.items import add_item
from apps.care.actions.visits import log_visit, plan_for
from apps.care.models import Campaign, CampaignState, Manner, NeedTaken, QuestionKind, Source, SurveyAnswer, SurveyQuestion, ToDo, ToDoState
from apps.care.selectors.surveys import need_of, questions
from apps.care.standards import LATE_AFTER_DAYS, NEED_DUE_DAYS
from apps.core.refusal import Refused, Stale

RULE = "survey_need"
"""``ToDo.rule`` of a need that became a to-do; ``subject_id`` is the question, so the database, too, takes it once."""
WAYS = {Manner.DOOR: "home", Manner.PHONE: "phone"}


def _cleaned(rows: list[SurveyQuestion], given: dict) -> dict:
    """What was answered, as it is kept; raises ``Refused`` at the question."""
    kept = {}
    for row in rows:
        value = given.get(row.key)
        value = value.strip() if isinstance(value, str) else value
        if value in (None, "", []):
            if row.required:
                raise Refused("这一题必问，请回答。", code="answer_required", field=row.key)
            continue
        if not _fits(row, value):
            raise Refused("这个回答不在选项里，请重新选。", code="answer_unknown", field=row.key)
        kept[row.key] = value
    return kept


def _fits(row: SurveyQuestion, value) -> bool:
    if row.kind == QuestionKind.YES_NO:
        return value in ("yes", "no")
    if row.kind == QuestionKind.ONE:
        return value in row.options
    if row.kind == QuestionKind.SEVERAL:
        return isinstance(value, list) and set(value) <= set(row.options)
    return isinstance(value, int) and value >= 0 if row.kind == QuestionKind.NUMBER else isinstance(value, str)


@transaction.atomic
def answer_survey(
    *, todo: ToDo, answers: dict, manner: str, answered_on: date, once: UUID, by, today: date, situation: str = "", version: int | None = None
) -> SurveyAnswer:
    """Keep what the person of a campaign's ``todo`` answered: new, or with ``version`` in place of what was answered before.

    The same ``once`` again gives the first one back. With a ``situation`` the visit (or call) is logged along with it and settles what it can.
    Raises ``Refused`` at the question (or ``answered_on``, ``situation``), ``Stale`` with who else has just filled it in.
    """
    campaign = Campaign.objects.get(pk=todo.subject_id)
    if campaign.state != CampaignState.RUNNING:
        raise Refused(f"“{campaign.title}”{campaign.get_state_display()}，不能再填问需表。", code="campaign_state", status=409)
    if todo.state == ToDoState.CLOSED:
        raise Refused(f"{todo.cadre.name}已不在这次走访的名单里：{todo.result}。", code="closed", status=409)
    if not campaign.starts_on <= answered_on <= today:
        raise Refused(f"问需日期应在 {campaign.starts_on:%Y-%m-%d} 到今天之间。", code="date_range", field="answered_on")
    values = {"answers": _cleaned(list(questions(campaign)), answers), "manner": Manner(manner), "answered_on": answered_on, "by": by, "once": once}
    saved, again = _kept(todo, campaign, values, version)
    if again:
        return saved
    if situation.strip():
        late = "随问需表补记" if today - answered_on > timedelta(days=LATE_AFTER_DAYS) else ""
        log_visit(
            cadre=todo.cadre, survivor=todo.survivor, visited_on=answered_on, occasion=campaign.occasion, way=WAYS[Manner(manner)], situation=situation, once=once,
            late_reason=late, by=by, today=today,
        )  # fmt: skip
    audit.record("survey.answered", saved, by=by, title=f"{todo.cadre} {campaign.title}", data={"manner": manner, "answered": len(values["answers"])})
    return saved


def _kept(todo: ToDo, campaign: Campaign, values: dict, version: int | None) -> tuple[SurveyAnswer, bool]:
    """(the answer, whether it had been kept before under the same ``once``)."""
    whose = {"campaign": campaign, "cadre": todo.cadre, "survivor": todo.survivor}
    found = SurveyAnswer.objects.select_for_update(of=("self",)).select_related("by").filter(**whose).first()
    if found is None:
        try:
            with transaction.atomic():
                return SurveyAnswer.objects.create(org=todo.cadre.org, **whose, **values), False
        except IntegrityError:
            found = SurveyAnswer.objects.select_for_update(of=("self",)).select_related("by").get(**whose)
    if found.once == values["once"]:
        return found, True
    if found.version != version:
        at = timezone.localtime(found.at)
        raise Stale(f"{found.by}在 {at:%-m 月 %-d 日 %H:%M} 已经填过{todo.cadre.name}的问需表，没有覆盖。请打开那一份核对，有不同再改。")
    for name, value in values.items():
        setattr(found, name, value)
    found.version += 1
    found.save()
    return found, False


@transaction.atomic
def take_need(*, answer: SurveyAnswer, question: SurveyQuestion, into: str, by, today: date, worker=None, due_on: date | None = None) -> NeedTaken:
    """A need becomes an ``item`` of the plan or a ``todo``, owed by ``worker`` (default ``by``) until ``due_on``; never twice.

    Raises ``Refused``: taken already (by whom), nothing of a need in the answer, no plan possible, field ``due_on``.
    """
    held = SurveyAnswer.objects.select_for_update(of=("self",)).select_related("cadre__org", "survivor", "campaign").get(pk=answer.pk)
    words = need_of(question, held.answers)
    if not words or question.campaign_id != held.campaign_id:
        raise Refused("这一题没有提出需求。", code="no_need", status=409)
    if known := NeedTaken.objects.filter(answer=held, question=question).select_related("by").first():
        raise Refused(f"{known.by}已经转办过这项需求，不再重复。", code="taken", status=409)
    due_on = due_on or today + timedelta(days=NEED_DUE_DAYS)
    if due_on < today:
        raise Refused("办结期限早于今天。", code="date_order", field="due_on")
    given = {"answer": held, "question": question, "org": held.cadre.org, "by": by}
    if into == "item":
        if held.cadre.standing != Standing.ACTIVE:
            raise Refused("本人已去世或转出，没有在执行的方案，请转为待办。", code="no_plan", status=409)
        plan = plan_for(held.cadre, by=by, today=today)
        item = add_item(plan=plan, category=question.category, need=words, worker=worker or by, starts_on=held.answered_on, due_on=due_on, by=by)
        taken = NeedTaken.objects.create(item=item, **given)
    else:
        todo = ToDo.objects.create(
            cadre=held.cadre, survivor=held.survivor, org=held.cadre.org, source=Source.ITEM, rule=RULE, subject_id=question.pk, title=words[:80],
            concerns="survivor" if held.survivor_id else "cadre", opens_on=today, due_on=due_on, first_due_on=due_on, worker=worker or by,
        )  # fmt: skip
        taken = NeedTaken.objects.create(todo=todo, **given)
    audit.record("survey.taken", taken, by=by, title=f"{held.cadre} {words}"[:120], data={"into": into})
    return taken


@transaction.atomic
def decline_need(*, answer: SurveyAnswer, question: SurveyQuestion, reason: str, by) -> NeedTaken:
    """A need that asks for nothing after all, with the reason. Raises ``Refused``: taken or declined already, no need voiced, field ``declined``."""
    held = SurveyAnswer.objects.select_for_update(of=("self",)).select_related("cadre__org").get(pk=answer.pk)
    words = need_of(question, held.answers)
    if not words or question.campaign_id != held.campaign_id:
        raise Refused("这一题没有提出需求。", code="no_need", status=409)
    if known := NeedTaken.objects.filter(answer=held, question=question).select_related("by").first():
        raise Refused(f"{known.by}已经处理过这项需求，不再重复。", code="taken", status=409)
    if not reason.strip():
        raise Refused("请写明为什么不需办理，如：子女已办好。", code="reason_required", field="declined")
    made = NeedTaken.objects.create(answer=held, question=question, org=held.cadre.org, declined=reason.strip()[:120], by=by)
    audit.record("survey.declined", made, by=by, note=made.declined, title=f"{held.cadre} {words}"[:120])
    return made


@transaction.atomic
def take_up_again(*, answer: SurveyAnswer, question: SurveyQuestion, by) -> None:
    """The need waits again. Raises ``Refused`` when it wasn't declined."""
    held = SurveyAnswer.objects.select_for_update(of=("self",)).select_related("cadre").get(pk=answer.pk)
    if not NeedTaken.objects.filter(answer=held, question=question).exclude(declined="").delete()[0]:
        raise Refused("这项需求没有标为不需办理。", code="not_declined", status=409)
    audit.record("survey.declined", held, by=by, note="恢复待办", title=str(held.cadre))
