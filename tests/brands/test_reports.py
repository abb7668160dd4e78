"""季度进展: who owes one, written and handed in, late, read line by line, two at once, who is told, the documents."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

from apps.accounts.models import Organization
from apps.activity.models import Notification
from apps.brands.actions import reports as actions
from apps.brands.actions.telling import tell_duties
from apps.brands.documents import collection_document, report_document
from apps.brands.models import QuarterReport, ReportState
from apps.brands.selectors import brands
from apps.brands.selectors import reports as selectors
from apps.brands.workflow import REPORT
from apps.core.calendar import Quarter
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from tests.brands.conftest import QUARTERS, TODAY, WRITTEN, at

Q1, Q2, Q3 = QUARTERS


def refused(act, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as caught, system_scope("test"):
        act(*args, **kwargs)
    return caught.value


@pytest.fixture
def brand(approved):
    return approved()


@pytest.fixture
def fill(brand, county):
    def write(quarter=Q3, day=TODAY, **given):
        with system_scope("test"):
            figures = given.pop("figures", {goal.pk: Decimal(10) for goal in brand.goals.all()})
            return actions.write_report(brand=brand, quarter=quarter, by=county, today=day, **{"values": WRITTEN, "figures": figures} | given)

    return write


@pytest.mark.parametrize("state", ReportState.values)
def test_every_step_from_every_state(brand, fill, city, county, state):
    held = fill()
    held.state = state
    for key, rule in REPORT.steps.items():
        by = city if key in ("accept", "return", "reopen") else county
        reason = REPORT.reason_against(held, key, by=by, today=TODAY)
        assert (reason == "") == (state in rule.sources), (key, reason)


def test_handed_in_once_the_first_day_counts(brand, fill, report):
    made = report(brand, Q3, "submit", day=date(2026, 10, 10))
    assert not made.late
    report(brand, Q3, "return", day=date(2026, 10, 12))
    assert not report(brand, Q3, "submit", day=date(2026, 11, 1)).late
    assert report(brand, Q2, "submit", day=date(2026, 7, 11)).late


def test_not_before_the_last_month(brand, fill, report):
    fill(Quarter(2026, 4))
    assert "2026-12-01 起" in refused(report, brand, Quarter(2026, 4), "submit", day=TODAY).sentence
    assert refused(fill, Quarter(2027, 1)).code == "quarter_ahead"
    assert refused(fill, Quarter(2025, 4)).code == "before_approval"


def test_what_is_missing_is_named(brand, fill, report):
    fill(values=WRITTEN | {"done": " ", "activities": None}, figures={})
    sentence = refused(report, brand, Q3, "submit").sentence
    assert sentence == "还没有填：完成情况、开展活动（次）、派单。没有的填 0。"


def test_two_tabs_lose_nothing(brand, fill):
    first = fill()
    with pytest.raises(Stale):
        fill(version=0, values=WRITTEN | {"done": "另一页写的"})
    fill(version=first.version, values=WRITTEN | {"done": "接着写的"})
    with pytest.raises(Stale):
        fill(version=first.version, values=WRITTEN | {"done": "旧页写的"})
    with system_scope("test"):
        assert QuarterReport.objects.get().done == "接着写的"


def test_hostile_numbers_goals_and_files(brand, fill):
    assert refused(fill, values=WRITTEN | {"activities": -1}).field == "activities"
    assert refused(fill, figures={999999: Decimal(1)}).code == "goal_unknown"
    assert refused(fill, files=[SimpleUploadedFile("a.exe", b"MZ")]).field == "files"
    with system_scope("test"):
        assert not QuarterReport.objects.exists()
    fill(files=[SimpleUploadedFile("a.pdf", b"%PDF-1.4 x")])
    with system_scope("test"):
        assert [one.name for one in selectors.files(QuarterReport.objects.get())] == ["a.pdf"]


def test_read_line_by_line(brand, report, city, county, neighbour):
    report(brand, Q3, "submit")
    accept = {"brand": brand, "quarter": Q3, "step": "accept", "today": TODAY, "now": at(TODAY)}
    assert refused(actions.take_report_step, by=city, **accept).field == "mark"
    assert "须由上级" in refused(actions.take_report_step, by=neighbour, mark="good", **accept).sentence
    assert "别人审阅" in refused(actions.take_report_step, by=county, mark="good", **accept).sentence
    back = report(brand, Q3, "return", comments={"done": " 数字呢 ", "x": "y", "problems": ""})
    assert (back.state, back.comments) == ("returned", {"done": "数字呢"})
    assert report(brand, Q3, "submit").comments == {}
    done = report(brand, Q3, "accept", comments={"next_step": "好"})
    assert (done.mark, done.comments) == ("good", {"next_step": "好"})
    again = report(brand, Q3, "reopen")
    assert (again.mark, again.accepted_by) == ("", None)


def test_who_owes_one(brand, fill, report, write, scope_of):
    write(name="没有立项的")

    def owing(quarter=Q3, state=""):
        with system_scope("test"):
            return [one.name for one in selectors.narrowed(selectors.owing(scope_of("九江市"), quarter), state)]

    assert owing(Quarter(2025, 4)) == []
    assert owing() == owing(state="missing") == ["银龄先锋站"]
    fill()
    assert owing(state="missing") == ["银龄先锋站"]
    report(brand, Q3, "submit", day=TODAY)
    assert (owing(state="missing"), owing(state="late"), owing(state="submitted")) == ([], ["银龄先锋站"], ["银龄先锋站"])
    with system_scope("test"):
        counted = selectors.tally(selectors.owing(scope_of("九江市"), Q3))
        assert (counted["missing"], counted["submitted"], counted["late"]) == (0, 1, 1)
        assert list(selectors.owing(scope_of("濂溪区"), Q3)) == []


def test_an_ended_brand_owes_what_was_before(brand, step, scope_of):
    step(brand, "stop", day=date(2026, 8, 1), note="停")
    with system_scope("test"):
        assert selectors.owing(scope_of("九江市"), Q2).count() == 1
        assert selectors.owing(scope_of("九江市"), Q3).count() == 0


def test_told_on_its_days_and_once(brand, county, city):
    def tell(day):
        with system_scope("test") as scope:
            return tell_duties(scope=scope, today=day, now=at(day))

    assert [tell(date(2026, 10, day)) for day in (1, 1, 5, 8, 9, 10)] == [1, 0, 0, 1, 0, 0]
    assert tell(date(2026, 10, 11)) == 2
    assert Notification.objects.filter(user=city, title__contains="逾期未报").count() == 1
    assert [tell(date(2026, 10, day)) for day in (12, 14, 15, 31)] == [0, 0, 0, 0]


def test_figures_and_course(brand, fill, report):
    with system_scope("test"):
        goal = brand.goals.get()
    fill(Q2, figures={goal.pk: Decimal(10)})
    fill(Q3, figures={goal.pk: Decimal(40)})
    with system_scope("test"):
        assert selectors.course(brand) is None  # a draft's figures are nobody's yet
        assert brands.standing(brand)[0][1] is None
    report(brand, Q2, "submit")
    report(brand, Q3, "submit")
    with system_scope("test"):
        (line,) = selectors.figures(brand, Q3)
        assert (line.before, line.now, line.share, line.reached) == (10, 40, 100, True)
        chart = selectors.course(brand)
        assert (chart["categories"], chart["series"][0]["data"]) == (["2026 年 2 季度", "2026 年 3 季度"], [25, 100])


def test_documents(brand, report, write, step, places):
    made = report(brand, Q3, "submit", "accept")
    other = write(name="没报的")
    for key in ("apply", "hear", "approve"):
        step(other, key, day=date(2026, 2, 1))
    with system_scope("test") as scope:
        content, name = report_document(report=made, today=TODAY, now=at(TODAY))
        assert name == "浔阳区 银龄先锋站 2026年第三季度进展.docx"
        assert "办了九场" in text_of(content)
        missing = [one for one in selectors.owing(scope, Q3) if one.given != "accepted"]
        content, _ = collection_document(
            org=Organization.objects.get(name="九江市"), quarter=Q3, reports=selectors.collection(scope, Q3), missing=missing, today=TODAY, now=at(TODAY)
        )
        text = text_of(content)
        assert "没有接受的1份：浔阳区“没报的”" in text
        assert "合计开展活动9次，参与120人次，受益老同志60人" in text


def text_of(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in document.paragraphs] + cells)
