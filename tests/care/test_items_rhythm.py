"""Dates of service items: weekly to yearly, 31 January and 29 February, none after the last day, moved along, with what was done."""

import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.care import standards
from apps.care.actions import items
from apps.care.actions.following import stop_todos
from apps.care.actions.plans import begin_year, open_plans
from apps.care.actions.todos import drop_todo, finish_todo
from apps.care.actions.visits import log_visit, void_visit
from apps.care.models import OccasionRule, PlanItem, ToDo
from apps.care.reminders import next_date, open_occasions
from apps.core.refusal import Refused
from apps.files.models import StoredFile
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
TODAY = date(2026, 3, 10)
LONG_AGO = datetime(2020, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def rules(db):
    standards.load()
    OccasionRule.objects.exclude(trigger="item").delete()


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER, username="worker")


@pytest.fixture
def plan(places, worker):
    return make.plan(make.cadre(places["浔阳区教育局"]), date(2026, 1, 1), "routine", worker=worker)


@pytest.fixture
def item(plan, worker):
    """``item("monthly", date(2026, 1, 31))``, made long ago."""

    def make_one(frequency="monthly", starts_on=None, due_on=None, **given):
        one = items.add_item(plan=plan, category="medical", need="送药上门", by=worker, frequency=frequency, starts_on=starts_on, due_on=due_on, **given)
        PlanItem.objects.filter(pk=one.pk).update(created_at=LONG_AGO)
        return one

    return make_one


def days() -> list[date]:
    return list(ToDo.objects.filter(source="item").order_by("due_on").values_list("due_on", flat=True))


def run(first: date, last: date) -> list[date]:
    """What the daily job opens from day to day."""
    day = first
    while day <= last:
        open_occasions(today=day)
        day += timedelta(days=1)
    return days()


class TestDates:
    @pytest.mark.parametrize(
        ("frequency", "first", "last", "expected"),
        [
            ("weekly", date(2026, 2, 24), date(2026, 3, 12), [date(2026, 2, 24), date(2026, 3, 3), date(2026, 3, 10)]),
            ("monthly", date(2026, 1, 31), date(2026, 4, 20), [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]),
            ("quarterly", date(2025, 11, 30), date(2026, 6, 1), [date(2025, 11, 30), date(2026, 2, 28), date(2026, 5, 30)]),
            ("half_yearly", date(2026, 1, 5), date(2026, 7, 5), [date(2026, 1, 5), date(2026, 7, 5)]),
            ("yearly", date(2024, 2, 29), date(2028, 3, 1), [date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]),
            ("once", None, date(2026, 6, 1), [date(2026, 3, 15)]),
        ],
    )
    def test_day_by_day(self, item, frequency, first, last, expected):
        item(frequency, first, date(2026, 3, 15) if frequency == "once" else None)
        begin = max(first or date(2026, 1, 1), last - timedelta(days=1200))
        assert run(begin, last) == expected

    def test_shown_ahead_but_a_week_s_work_not_a_week_before(self, item):
        item("monthly", date(2026, 3, 20))
        item("weekly", date(2026, 3, 20))
        assert run(date(2026, 3, 12), date(2026, 3, 12)) == []
        assert run(date(2026, 3, 13), date(2026, 3, 13)) == [date(2026, 3, 20)]
        assert run(date(2026, 3, 17), date(2026, 3, 17)) == [date(2026, 3, 20), date(2026, 3, 20)]

    def test_nothing_after_the_last_day_nor_when_closed(self, item, worker):
        one = item("weekly", date(2026, 3, 3), date(2026, 3, 16))
        assert run(date(2026, 3, 3), date(2026, 4, 20)) == [date(2026, 3, 3), date(2026, 3, 10)]
        assert next_date(one.pk, today=date(2026, 3, 11)) is None
        other = item("weekly", date(2026, 3, 3))
        items.close_item(item=other, state="done", result="住进了护理院", by=worker)
        assert len(run(date(2026, 3, 3), date(2026, 4, 20))) == 2

    def test_after_an_outage_only_whose_turn_it_is(self, item):
        item("weekly", date(2026, 1, 6))
        assert run(TODAY, TODAY) == [date(2026, 3, 10)]

    def test_nothing_is_owed_for_days_before_it_was_made(self, item):
        one = item("monthly", date(2026, 1, 5))
        PlanItem.objects.filter(pk=one.pk).update(created_at=datetime(2026, 3, 6, tzinfo=ZoneInfo("Asia/Shanghai")))
        assert run(TODAY, TODAY) == []

    def test_twice_the_same_day_opens_once(self, item):
        item("weekly", TODAY)
        assert open_occasions(today=TODAY) == 1
        assert open_occasions(today=TODAY) == 0
        assert ToDo.objects.get().title == "送药上门"

    def test_the_two_definitions_agree(self, item):
        """``next_date`` and what opens day by day."""
        for frequency in ("weekly", "monthly", "quarterly"):
            one = item(frequency, date(2026, 1, 31))
            day, seen = date(2026, 1, 31), []
            while day and day < date(2026, 7, 1):
                seen.append(day)
                day = next_date(one.pk, today=day + timedelta(days=1))
            run(date(2026, 1, 31), date(2026, 6, 30))
            assert [due for due in ToDo.objects.filter(item=one).order_by("due_on").values_list("due_on", flat=True) if due < date(2026, 7, 1)] == seen


class TestChanging:
    def test_a_rhythm_asks_for_its_first_day(self, item):
        with pytest.raises(Refused) as refused:
            item("weekly")
        assert refused.value.field == "starts_on"

    def test_moving_the_day_moves_the_open_one(self, item, worker):
        one = item("monthly", date(2026, 3, 12))
        run(TODAY, TODAY)
        items.edit_item(item=one, starts_on=date(2026, 3, 16), by=worker, today=TODAY)
        assert days() == [date(2026, 3, 16)]
        assert run(TODAY, TODAY) == [date(2026, 3, 16)]

    def test_of_a_single_one_too(self, item, worker):
        one = item("once", due_on=date(2026, 3, 12))
        run(TODAY, TODAY)
        items.edit_item(item=one, due_on=date(2026, 5, 1), by=worker, today=TODAY)
        todo = ToDo.objects.get()
        assert (todo.due_on, todo.opens_on > TODAY, todo.state) == (date(2026, 5, 1), True, "open")

    def test_a_last_day_before_it_closes_the_open_one(self, item, worker):
        one = item("monthly", date(2026, 2, 12))
        run(TODAY, TODAY)
        items.edit_item(item=one, due_on=date(2026, 3, 1), by=worker, today=TODAY)
        assert set(ToDo.objects.values_list("state", flat=True)) == {"closed"}

    def test_closing_ends_what_is_open_and_death_too(self, item, worker, plan):
        one = item("weekly", TODAY)
        run(TODAY, TODAY)
        items.close_item(item=one, state="dropped", result="已请保姆", by=worker)
        assert ToDo.objects.get().state == "closed"
        item("weekly", TODAY)
        run(TODAY, TODAY)
        assert stop_todos(cadre=plan.cadre, note="本人去世，不再办理", by=worker) == 1

    def test_the_new_year_s_plan_goes_on_with_the_open_one(self, item, worker, scope_of):
        one = item("weekly", date(2026, 12, 28))
        run(date(2026, 12, 28), date(2026, 12, 28))
        open_plans(scope=scope_of("浔阳区"), year=2027, by=worker, today=date(2026, 12, 29))
        begin_year(today=date(2027, 1, 1))
        carried = PlanItem.objects.exclude(pk=one.pk).get()
        todo = ToDo.objects.get()
        assert (todo.item, todo.state, carried.frequency) == (carried, "open", "weekly")
        PlanItem.objects.update(created_at=datetime(2026, 12, 20, tzinfo=ZoneInfo("Asia/Shanghai")))
        assert open_occasions(today=date(2026, 12, 29)) == 0


class TestDoing:
    @pytest.fixture
    def todo(self, item):
        item("monthly", TODAY)
        open_occasions(today=TODAY)
        return ToDo.objects.get()

    def test_a_date_is_done_with_words_and_papers_and_the_item_goes_on(self, client, todo, worker):
        client.force_login(worker)
        paper = SimpleUploadedFile("回执.pdf", b"%PDF-1.4 x")
        answer = client.post(reverse("care:todo_finish", args=[todo.pk]), {"end": "done", "result": "药已送到", "version": todo.version, "files": [paper]})
        assert answer.status_code == 302
        todo.refresh_from_db()
        assert (todo.state, todo.result, todo.item.state) == ("done", "药已送到", "open")
        stored = StoredFile.objects.get(label="care.todo", subject_id=todo.pk)
        page = client.get(reverse("care:item_record", args=[todo.item_id])).content.decode()
        assert "药已送到" in page
        assert "回执.pdf" in page
        answer = client.get(reverse("files:download", args=[stored.key]))
        assert b"".join(answer.streaming_content) == b"%PDF-1.4 x"
        answer.close()

    def test_a_program_is_no_evidence(self, todo, worker):
        with pytest.raises(Refused) as refused:
            finish_todo(todo=todo, result="x", by=worker, today=TODAY, files=[SimpleUploadedFile("a.exe", b"MZ")])
        assert refused.value.field == "files"

    def test_the_neighbour_opens_no_paper(self, client, todo, worker, person):
        finish_todo(todo=todo, result="已办", by=worker, today=TODAY, files=[SimpleUploadedFile("a.pdf", b"%PDF-1.4 x")])
        client.force_login(person("濂溪区", Role.WORKER))
        assert client.get(reverse("files:download", args=[StoredFile.objects.get().key])).status_code in (403, 404)

    def test_a_single_item_is_over_with_its_date(self, item, worker):
        one = item("once", due_on=TODAY)
        open_occasions(today=TODAY)
        finish_todo(todo=ToDo.objects.get(), result="已换证", by=worker, today=TODAY)
        one.refresh_from_db()
        assert (one.state, one.result, one.closed_by) == ("done", "已换证", worker)

    def test_dropping_a_single_one_drops_the_item(self, item, worker):
        one = item("once", due_on=TODAY)
        open_occasions(today=TODAY)
        drop_todo(todo=ToDo.objects.get(), reason="本人不要了", by=worker)
        one.refresh_from_db()
        assert one.state == "dropped"

    def test_a_visit_is_evidence_and_voiding_it_opens_both_again(self, item, plan, worker):
        one = item("once", due_on=TODAY)
        open_occasions(today=TODAY)
        todo = ToDo.objects.get()
        facts = {"occasion": "daily", "way": "home", "situation": "装好了扶手", "once": uuid.uuid4()}
        visit = log_visit(cadre=plan.cadre, visited_on=TODAY, by=worker, today=TODAY, settles=[todo], **facts)
        one.refresh_from_db()
        todo.refresh_from_db()
        assert (one.state, todo.state, todo.visit) == ("done", "done", visit)
        void_visit(visit=visit, reason="记错人", by=worker, today=TODAY)
        one.refresh_from_db()
        assert one.state == "open"

    def test_no_visit_settles_it_unasked(self, item, plan, worker):
        item("once", due_on=TODAY)
        open_occasions(today=TODAY)
        log_visit(cadre=plan.cadre, visited_on=TODAY, by=worker, today=TODAY, occasion="daily", way="home", situation="好", once=uuid.uuid4())
        assert ToDo.objects.get().state == "open"
