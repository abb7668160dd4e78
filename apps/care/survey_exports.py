"""Answers to a survey as they leave: a line for each question of each person. No ID number, phone or address stands in it."""

from collections.abc import Iterator
from datetime import date

from apps.accounts.models import Organization
from apps.accounts.permissions import Right
from apps.accounts.selectors import organization
from apps.care.forms.surveys import AnswerFilter
from apps.care.models import Campaign
from apps.care.selectors import campaigns, surveys
from apps.care.selectors.codes import CATEGORY_TABLE, names
from apps.core.scope import Scope
from apps.files.exporting.kinds import EXPORTS, ExportColumn, ExportKind

CHUNK = 500
COLUMNS = (
    ExportColumn("name", "姓名", "人员", 10),
    ExportColumn("survivor", "遗属", "人员", 12),
    ExportColumn("org", "管理单位", "人员", 24),
    ExportColumn("question", "问题", "回答", 30),
    ExportColumn("said", "回答", "回答", 30),
    ExportColumn("category", "需求类别", "回答", 10),
    ExportColumn("need", "需求", "回答", 24),
    ExportColumn("taken", "转办", "转办", 12),
    ExportColumn("worker", "谁办", "转办", 10),
    ExportColumn("due_on", "期限", "转办", 12, "date"),
    ExportColumn("state", "办理情况", "转办", 10),
    ExportColumn("manner", "怎样问的", "填写", 9),
    ExportColumn("answered_on", "问需日期", "填写", 12, "date"),
    ExportColumn("by", "填写人", "填写", 10),
)


def _found(scope: Scope, query: dict[str, str], today: date) -> tuple:
    """(answers, questions shown) that the list with this query shows; nothing without a campaign in sight."""
    key = query.get("campaign", "")
    try:
        campaign = campaigns.campaign(scope, int(key) if key.isdecimal() and len(key) < 19 else 0)
        rows = list(surveys.questions(campaign))
        wanted = AnswerFilter(query, rows=rows, scope=scope, today=today).wanted()
        places = {name: organization(scope, wanted[name]) for name in ("org", "own") if wanted.get(name)}
    except (Campaign.DoesNotExist, Organization.DoesNotExist):
        return None, []
    return surveys.filtered(scope, campaign, rows, wanted | places), [row for row in rows if row.key == wanted.get("question")] or rows


def count(scope: Scope, query: dict[str, str], today: date, most: int) -> int:
    """People; the lines of the sheet are more."""
    found, _ = _found(scope, query, today)
    return found.order_by().values("pk")[:most].count() if found is not None else 0


def rows(scope: Scope, query: dict[str, str], keys: list[str], full: bool, today: date) -> Iterator[list]:
    """In the order of units, questions in their order."""
    found, asked = _found(scope, query, today)
    if found is None:
        return
    tables = names()[CATEGORY_TABLE]
    for one in found.prefetch_related("taken__item__worker", "taken__todo__worker").iterator(chunk_size=CHUNK):
        taken = {row.question_id: row for row in one.taken.all()}
        for question in asked:
            if said := surveys.words(question, one.answers):
                line = _line(one, question, said, taken.get(question.pk), tables)
                yield [line[key] for key in keys]


def _line(one, question, said: str, taken, tables: dict) -> dict:
    matter = (taken.item or taken.todo) if taken else None
    became = ("一人一策事项" if taken.item_id else f"不需办理：{taken.declined}" if taken.declined else "待办") if taken else ""
    return {
        "name": one.cadre.name, "survivor": one.survivor.name if one.survivor else "", "org": str(one.org), "question": question.text, "said": said,
        "category": tables.get(question.category, question.category), "need": surveys.need_of(question, one.answers),
        "taken": became, "worker": str(matter.worker or "") if matter else "",
        "due_on": matter.due_on if matter else None, "state": matter.get_state_display() if matter else "", "manner": one.get_manner_display(),
        "answered_on": one.answered_on, "by": str(one.by),
    }  # fmt: skip


def told(query: dict[str, str]) -> str:
    return "；".join(f"{name}={'（有）' if name in ('q', 'value') else value}" for name, value in sorted(query.items()))


EXPORTS.add("survey_answers", ExportKind("survey_answers", "问需回答", "人", Right.CADRE_EXPORT, "survey.exported", "care:campaigns", lambda: COLUMNS, count, rows, told))
