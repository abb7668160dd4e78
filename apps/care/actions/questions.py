"""The questions of a campaign's survey: written while nobody has answered yet."""

from django.db import transaction

from apps.activity import audit
from apps.care.actions.campaigns import held
from apps.care.models import ASKING_FOR_NEEDS, Campaign, CampaignState, QuestionKind, SurveyQuestion
from apps.care.selectors.surveys import questions
from apps.care.standards import MOST_OPTIONS, MOST_QUESTIONS, SURVEYS
from apps.core.refusal import Refused

FIELDS = ("kind", "text", "options", "required", "category", "need")


def reason_against(campaign: Campaign) -> str:
    """Why the questions can't be changed now; "" when they can."""
    if campaign.state == CampaignState.ENDED:
        return "这次走访已经结束，问题不能再改。"
    if campaign.answers.exists():
        return "已经有人填过问需表，问题不能再改，否则前后答的不是同一题。"
    return ""


def _open(campaign: Campaign) -> Campaign:
    found = held(campaign, CampaignState.DRAFT, CampaignState.RUNNING)
    if sentence := reason_against(found):
        raise Refused(sentence, code="answered", status=409)
    return found


def _checked(values: dict) -> dict:
    text, kind, options = values["text"].strip(), values["kind"], [one.strip() for one in values["options"] if one.strip()]
    if not text:
        raise Refused("请写出问题。", code="text_required", field="text")
    if kind in (QuestionKind.ONE, QuestionKind.SEVERAL):
        if len(options) < 2:
            raise Refused("请至少写两个选项，一行一个。", code="options_required", field="options")
        if len(options) > MOST_OPTIONS or len(set(options)) < len(options):
            raise Refused(f"选项最多 {MOST_OPTIONS} 个，不能重复。", code="options_many", field="options")
    if values["category"] and kind not in ASKING_FOR_NEEDS:
        raise Refused("只有“是或否”“可选多项”“填文字”的回答可以当作需求转办。", code="no_need", field="category")
    return {**values, "text": text, "options": options if kind in (QuestionKind.ONE, QuestionKind.SEVERAL) else [], "need": values["need"].strip()}


@transaction.atomic
def add_question(*, campaign: Campaign, by, **values) -> SurveyQuestion:
    """``values`` are ``FIELDS``; the new one stands last. Raises ``Refused`` (fields ``text``, ``options``, ``category``; answered already; too many)."""
    found, values = _open(campaign), _checked(values)
    known = list(questions(found))
    if len(known) >= MOST_QUESTIONS:
        raise Refused(f"一份问需表最多 {MOST_QUESTIONS} 题，一分钟才答得完。", code="too_many")
    made = SurveyQuestion.objects.create(campaign=found, order=max((one.order for one in known), default=0) + 1, **values)
    audit.record("survey.changed", found, by=by, data={"questions": len(known) + 1})
    return made


@transaction.atomic
def use_set(*, campaign: Campaign, key: str, by) -> int:
    """Begin with one of the question sets; only where there is no question yet. Returns how many."""
    found = _open(campaign)
    rows = next((rows for one, _, rows in SURVEYS if one == key), None)
    if rows is None:
        raise Refused("请选一套问题。", code="set_unknown")
    if questions(found).exists():
        raise Refused("已经有问题了；要换一套，请先删去原来的。", code="not_empty", status=409)
    made = [SurveyQuestion(campaign=found, order=n, **dict(zip(("kind", "text", "options", "required", "category", "need"), row, strict=True))) for n, row in enumerate(rows, 1)]
    SurveyQuestion.objects.bulk_create(made)
    audit.record("survey.changed", found, by=by, data={"questions": len(made), "set": key})
    return len(made)


@transaction.atomic
def copy_questions(*, campaign: Campaign, like: Campaign, by) -> int:
    """The questions of an earlier campaign, for one that has none yet; returns how many."""
    found = _open(campaign)
    if questions(found).exists():
        raise Refused("已经有问题了，没有再放入。", code="not_empty", status=409)
    plain = [SurveyQuestion(campaign=found, order=n, **{name: getattr(row, name) for name in FIELDS}) for n, row in enumerate(questions(like), 1)]
    SurveyQuestion.objects.bulk_create(plain)
    if plain:
        audit.record("survey.changed", found, by=by, data={"questions": len(plain), "like": like.pk})
    return len(plain)


@transaction.atomic
def change_question(*, question: SurveyQuestion, by, **values) -> SurveyQuestion:
    """Raises ``Refused`` as ``add_question``."""
    found, values = _open(question.campaign), _checked(values)
    for name, value in values.items():
        setattr(question, name, value)
    question.save(update_fields=list(values))
    audit.record("survey.changed", found, by=by)
    return question


@transaction.atomic
def remove_question(*, question: SurveyQuestion, by) -> None:
    found = _open(question.campaign)
    question.delete()
    audit.record("survey.changed", found, by=by)


@transaction.atomic
def clear_questions(*, campaign: Campaign, by) -> int:
    """All of them, to begin anew; returns how many."""
    found = _open(campaign)
    gone, _ = questions(found).delete()
    if gone:
        audit.record("survey.changed", found, by=by, data={"questions": 0})
    return gone


@transaction.atomic
def move_up(*, question: SurveyQuestion, by) -> None:
    """One place towards the beginning."""
    found = _open(question.campaign)
    rows = list(questions(found))
    at = next((n for n, one in enumerate(rows) if one.pk == question.pk), 0)
    if at:
        rows[at - 1], rows[at] = rows[at], rows[at - 1]
        for n, one in enumerate(rows, 1):
            one.order = n
        SurveyQuestion.objects.bulk_update(rows, ["order"])
        audit.record("survey.changed", found, by=by)
