"""A to-do from opening to end: on the work list, settled by a visit, put off with a reason, ended by a death."""

import uuid
from datetime import date

import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.cadres.actions.changes import register_status_change
from apps.care import standards
from apps.care.actions import todos as actions
from apps.care.actions.visits import log_visit, void_visit
from apps.care.models import OccasionRule, Reminder, ServicePlan, ToDo
from apps.care.reminders import ONCE, counts, open_occasions, open_reminders, page_of_duties, send_digests, settle
from apps.care.tasks import run_day
from apps.core.refusal import Refused
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
TODAY = date(2026, 3, 10)


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER, username="worker")


@pytest.fixture
def patient(places, worker, scope_of):
    """Somebody just taken to hospital, with a plan that owes nothing else soon."""
    standards.load()
    OccasionRule.objects.filter(opens="review").delete()
    who = make.cadre(places["浔阳区教育局"], born_on=date(1950, 1, 1))
    make.plan(who, date(2026, 3, 1), "routine", worker=worker, class_decided=True)
    settle(today=TODAY)
    register_status_change(cadre=who, kind="admitted", effective_on=TODAY, by=worker, scope=scope_of("浔阳区"), today=TODAY, values={"hospital": "市一院"})
    return who


def visit(who, worker, day=TODAY, **given):
    facts = {"occasion": "hospital", "way": "hospital", "situation": "已看望", "once": uuid.uuid4()} | given
    return log_visit(cadre=who, visited_on=day, by=worker, today=max(day, TODAY), **facts)


def test_an_admission_stands_on_the_work_list_at_once(patient, worker, scope_of):
    (duty,) = page_of_duties(scope_of("浔阳区"), today=TODAY, worker=worker).duties
    assert (duty.rule, duty.title, duty.due_on, duty.is_todo) == (ONCE, "住院看望", date(2026, 3, 13), True)
    assert counts(scope_of("浔阳区"), today=TODAY, worker=worker).coming == 1


def test_a_visit_settles_what_fits_and_says_which(patient, worker):
    done = visit(patient, worker)
    todo = ToDo.objects.get()
    assert (todo.state, todo.visit, todo.done_on, todo.done_by) == ("done", done, TODAY, worker)


def test_a_call_settles_nothing_that_asks_for_a_meeting(patient, worker):
    visit(patient, worker, way="phone")
    assert ToDo.objects.get().state == "open"


def test_a_late_visit_settles_and_stays_late(patient, worker):
    visit(patient, worker, day=date(2026, 3, 20))
    todo = ToDo.objects.get()
    assert todo.state == "done"
    assert todo.done_on > todo.due_on


def test_one_visit_settles_several_and_no_more_than_chosen(patient, worker, scope_of):
    register_status_change(cadre=patient, kind="widowed", effective_on=TODAY, by=worker, scope=scope_of("浔阳区"), today=TODAY)
    first, second = ToDo.objects.order_by("rule")
    visit(patient, worker, settles=[second])
    assert [ToDo.objects.get(pk=todo.pk).state for todo in (first, second)] == ["open", "done"]
    visit(patient, worker, settles=[first, second])
    assert ToDo.objects.get(pk=first.pk).state == "done"


def test_a_voided_visit_opens_it_again(patient, worker):
    done = visit(patient, worker)
    void_visit(visit=done, reason="记错人", by=worker, today=TODAY)
    todo = ToDo.objects.get()
    assert (todo.state, todo.visit, todo.done_on) == ("open", None, None)


def test_the_same_visit_sent_twice_settles_once(patient, worker):
    once = uuid.uuid4()
    assert visit(patient, worker, once=once) == visit(patient, worker, once=once)
    assert ToDo.objects.get().version == 2


def test_putting_off_asks_for_a_reason_and_keeps_the_first_day(patient, worker):
    todo = ToDo.objects.get()
    for due_on, note, field in ((date(2026, 3, 20), " ", "note"), (date(2026, 3, 9), "忙", "due_on"), (date(2027, 3, 9), "忙", "due_on")):
        with pytest.raises(Refused) as refused:
            actions.move_todo(todo=todo, by=worker, today=TODAY, due_on=due_on, note=note)
        assert refused.value.field == field
    moved = actions.move_todo(todo=todo, due_on=date(2026, 3, 20), note="家属说转院中", by=worker, today=TODAY)
    assert (moved.due_on, moved.first_due_on, moved.moved_note) == (date(2026, 3, 20), date(2026, 3, 13), "家属说转院中")
    assert open_occasions(today=date(2026, 3, 14)) == 0


def test_a_regular_visit_put_off_is_due_on_the_new_day_until_somebody_was_there(patient, worker):
    plan = ServicePlan.objects.get()
    was = plan.visit_due_on
    actions.move_visit(plan=plan, due_on=date(2026, 10, 8), note="外出探亲", by=worker, today=date(2026, 8, 20))
    assert ServicePlan.objects.get().visit_due_on == date(2026, 10, 8) != was
    settle(today=date(2026, 9, 1))
    assert ServicePlan.objects.get().visit_due_on == date(2026, 10, 8)
    visit(patient, worker, day=date(2026, 9, 15), occasion="daily", way="home")
    assert ServicePlan.objects.get().visit_due_on > date(2026, 12, 31)


def test_two_people_moving_it_one_is_told(patient, worker):
    todo = ToDo.objects.get()
    actions.move_todo(todo=todo, due_on=date(2026, 3, 15), note="甲", by=worker, today=TODAY, version=1)
    with pytest.raises(Refused):
        actions.move_todo(todo=todo, due_on=date(2026, 3, 16), note="乙", by=worker, today=TODAY, version=1)


def test_reminded_once_a_stage_and_not_after_it_is_done(patient, worker, person, django_assert_max_num_queries):
    leader, _ = person("浔阳区", Role.LEADER, username="leader"), person("浔阳区", Role.COUNTY_OFFICER, username="head")
    now = "2026-03-10T00:00:00+00:00"
    assert open_reminders(today=TODAY)[0] == 1
    assert open_reminders(today=TODAY)[0] == 0
    assert send_digests(today=TODAY, now=now) == 1
    open_reminders(today=date(2026, 3, 14))
    visit(patient, worker, day=date(2026, 3, 14))
    assert send_digests(today=date(2026, 3, 14), now=now) == 0
    assert Reminder.objects.filter(settled_at__isnull=False).count() == 2
    assert not Reminder.objects.filter(user=leader).exists()


def test_fifteen_days_late_goes_to_the_leader(patient, person):
    leader = person("浔阳区", Role.LEADER, username="leader")
    run_day(date(2026, 3, 28), now="2026-03-28T00:00:00+00:00")
    assert Reminder.objects.get(todo__isnull=False).user == leader


def test_a_death_ends_it_at_once_and_opens_what_is_owed_to_the_family(patient, worker, scope_of):
    open_reminders(today=TODAY)
    change = {"cadre": patient, "effective_on": TODAY, "by": worker, "scope": scope_of("浔阳区"), "today": TODAY}
    register_status_change(kind="deceased", **change)
    assert {todo.rule: todo.state for todo in ToDo.objects.all()} == {"admitted": "closed", "bereaved": "open"}
    assert not Reminder.objects.filter(todo__rule="admitted", settled_at=None).exists()
    register_status_change(kind="restored", **change)
    assert {todo.rule: todo.state for todo in ToDo.objects.all()} == {"admitted": "open", "bereaved": "closed"}


def test_a_promise_is_tracked_until_it_is_kept(patient, worker, scope_of):
    visit(patient, worker, promised="带老花镜", promise_due_on=date(2026, 3, 12))
    todo = ToDo.objects.get(source="promise")
    assert (todo.title, todo.due_on, todo.meet) == ("带老花镜", date(2026, 3, 12), False)
    actions.finish_todo(todo=todo, result="已送到", by=worker, today=TODAY)
    assert ToDo.objects.get(pk=todo.pk).state == "done"
    with pytest.raises(Refused):
        actions.finish_todo(todo=todo, result="再送", by=worker, today=TODAY)


def test_pages_put_off_and_finish(client, patient, worker):
    client.force_login(worker)
    todo = ToDo.objects.get()
    page = client.get(reverse("worklist"))
    assert "住院看望" in page.content.decode()
    answer = client.post(reverse("care:todo_move", args=[todo.pk]), {"due_on": "2020-01-01", "note": "x", "version": todo.version})
    assert answer.status_code == 422
    assert "不能早于今天" in answer.content.decode()
    answer = client.post(reverse("care:todo_finish", args=[todo.pk]), {"end": "done", "result": "x", "version": todo.version})
    assert "请登记走访" in answer.content.decode()
    assert client.get(reverse("cadres:detail", args=[patient.pk])).content.decode().count("住院看望") >= 1


def test_a_neighbour_sees_and_moves_nothing(client, patient, person):
    client.force_login(person("濂溪区", Role.WORKER, username="neighbour"))
    todo = ToDo.objects.get()
    for name in ("care:todo_move", "care:todo_finish"):
        assert client.post(reverse(name, args=[todo.pk]), {"due_on": "2030-01-01", "note": "x", "version": 1}).status_code == 404
