"""A campaign from draft to end: divided as shown, started once, settled by visits, joined by new arrivals, left by the dead."""

import uuid
from collections import Counter
from datetime import date

import pytest
from django.db.models import Count
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.cadres.actions.changes import register_status_change
from apps.cadres.models import Cadre, Survivor
from apps.care import standards
from apps.care.actions import campaigns as actions
from apps.care.actions import dividing
from apps.care.actions.todos import move_todo
from apps.care.actions.visits import log_visit, void_visit
from apps.care.models import Reminder, ToDo
from apps.care.reminders import open_reminders, planned_part, split
from apps.care.selectors import campaigns as selectors
from apps.core.refusal import Refused
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
TODAY, LAST = date(2026, 10, 8), date(2026, 10, 20)
VALUES = {
    "title": "重阳走访", "occasion": "festival", "concerns": "cadre", "meet": True, "starts_on": TODAY, "ends_on": LAST, "note": "", "whom": {"age": "80-"},
    "share": "workers", "helpers": [],
}  # fmt: skip


@pytest.fixture
def head(person):
    return person("浔阳区", Role.COUNTY_OFFICER, username="head")


@pytest.fixture
def county(places, person):
    """Three workers, five people over 80 (the first two paired with 甲), one of 70, one over 80 next door."""
    standards.load()
    workers = [person("浔阳区", Role.WORKER, username=name, display_name=name) for name in ("甲", "乙", "丙")]
    people = [make.cadre(places["浔阳区教育局"], f"老人{n}", born_on=date(1936, 1, n + 1)) for n in range(5)]
    for who in people[:2]:
        make.plan(who, date(2026, 1, 1), "routine", worker=workers[0])
    make.cadre(places["浔阳区教育局"], "年轻", born_on=date(1956, 1, 1))
    make.cadre(places["濂溪区卫生局"], "邻县", born_on=date(1936, 1, 1))
    return workers, people


@pytest.fixture
def draft(head, county, places, scope_of):
    return actions.make_campaign(scope=scope_of("浔阳区"), org=places["浔阳区"], by=head, today=TODAY, **VALUES)


@pytest.fixture
def running(draft, head):
    actions.start_campaign(campaign=draft, by=head, today=TODAY, now=timezone.now())
    draft.refresh_from_db()
    return draft


def visit(who, worker, day=TODAY, **given):
    facts = {"occasion": "festival", "way": "home", "situation": "已看望", "once": uuid.uuid4()} | given
    return log_visit(cadre=who, visited_on=day, by=worker, today=max(day, TODAY), **facts)


def shares(found):
    return {part.worker_id: (part.paired, part.total) for part in found}


def test_the_paired_go_to_their_worker_and_the_rest_are_shared_evenly(draft, county):
    workers, _ = county
    found = shares(split(draft, today=TODAY))
    assert sum(total for _, total in found.values()) == 5
    assert found[workers[0].pk] == (2, 3)
    assert found[workers[1].pk] == found[workers[2].pk] == (0, 1)


def test_starting_opens_what_was_shown(draft, head, county):
    before = shares(split(draft, today=TODAY))
    started = actions.start_campaign(campaign=draft, by=head, today=TODAY, now=timezone.now())
    assert (started.opened, started.again) == (5, False)
    todos = ToDo.objects.filter(source="campaign", subject_id=draft.pk)
    assert {todo.worker_id for todo in todos} == set(before)
    assert {(todo.title, todo.opens_on, todo.due_on, todo.meet, todo.occasion) for todo in todos} == {("重阳走访", TODAY, LAST, True, "festival")}


def test_pressing_again_opens_nothing(running, head):
    again = actions.start_campaign(campaign=running, by=head, today=TODAY, now=timezone.now())
    assert (again.opened, again.again) == (0, True)
    assert ToDo.objects.count() == 5


def test_shared_among_the_chosen_only_or_by_nobody(draft, head, county, scope_of):
    workers, _ = county
    for share, helpers, expected in (("chosen", [workers[2].pk], {workers[0].pk: (2, 2), workers[2].pk: (0, 3)}), ("nobody", [], {workers[0].pk: (2, 2), None: (0, 3)})):
        draft = actions.change_campaign(scope=scope_of("浔阳区"), campaign=draft, by=head, today=TODAY, share=share, helpers=helpers)
        assert shares(split(draft, today=TODAY)) == expected


def test_a_worker_who_was_switched_off_is_no_pair(draft, county):
    workers, _ = county
    workers[0].is_active = False
    workers[0].save()
    assert shares(split(draft, today=TODAY)) == {workers[1].pk: (0, 3), workers[2].pk: (0, 2)}


def test_a_city_divides_by_county(person, county, places, scope_of):
    """Workers of a county take their county; where a county has none, those of the city."""
    city = person("九江市", Role.WORKER, username="city")
    found = actions.make_campaign(scope=scope_of("九江市"), org=places["九江市"], by=city, today=TODAY, **VALUES)
    parts = shares(split(found, today=TODAY))
    assert parts[city.pk] == (0, 1)
    assert sum(total for _, total in parts.values()) == 6
    actions.start_campaign(campaign=found, by=city, today=TODAY, now=timezone.now())
    for place, units in (("九江市", [("濂溪区", 1), ("浔阳区", 5)]), ("浔阳区", [("浔阳区教育局", 5)])):
        seen = selectors.progress(scope_of(place), found, TODAY)
        assert [(unit.label, unit.asked) for unit in seen.units] == units


def test_moved_and_left_out_by_hand_before_the_start(draft, head, county, scope_of):
    workers, people = county
    given = {"scope": scope_of("浔阳区"), "campaign": draft, "by": head}
    dividing.hand_over(keys=[people[0].pk], worker=workers[2], today=TODAY, **given)
    dividing.exclude(keys=[people[1].pk, people[2].pk], reason="在外地过冬", **given)
    dividing.readmit(keys=[people[2].pk], **given)
    draft.refresh_from_db()
    planned = {one.cadre_id: one for one in planned_part(draft, today=TODAY, start=0, size=9)}
    assert planned[people[0].pk].worker_id == workers[2].pk
    actions.start_campaign(campaign=draft, by=head, today=TODAY, now=timezone.now())
    todos = {todo.cadre_id: todo for todo in ToDo.objects.all()}
    assert todos[people[0].pk].worker == workers[2]
    assert (todos[people[1].pk].state, todos[people[1].pk].result) == ("closed", "不列入：在外地过冬")
    assert todos[people[2].pk].state == "open"


def test_nobody_is_given_to_a_worker_who_could_not_see_them(draft, head, county, person, places, scope_of):
    _, people = county
    neighbour = person("濂溪区", Role.WORKER, username="neighbour", display_name="邻")
    given = {"scope": scope_of("浔阳区"), "campaign": draft, "by": head}
    with pytest.raises(Refused, match="邻的工作范围不含其中 1 人"):
        dividing.hand_over(keys=[people[0].pk], worker=neighbour, today=TODAY, **given)
    strange = Cadre.objects.get(name="邻县")
    assert dividing.hand_over(keys=[strange.pk], worker=None, today=TODAY, **given) == 0
    assert dividing.exclude(keys=[strange.pk], reason="x", **given) == 0
    draft.refresh_from_db()
    assert not any(draft.by_hand.values())


def test_a_visit_settles_it_and_a_voided_one_opens_it_again(running, county, scope_of):
    workers, people = county
    made = visit(people[0], workers[0])
    total = selectors.progress(scope_of("浔阳区"), running, TODAY).total
    assert (total.done, total.open, total.share) == (1, 4, 0.2)
    void_visit(visit=made, reason="记错人", by=workers[0], today=TODAY)
    assert selectors.progress(scope_of("浔阳区"), running, TODAY).total.done == 0


def test_a_call_is_no_meeting(running, county, scope_of):
    workers, people = county
    visit(people[0], workers[0], way="phone")
    assert selectors.progress(scope_of("浔阳区"), running, TODAY).total.done == 0


def test_progress_reaches_a_hundred_percent(running, county, scope_of):
    workers, people = county
    for who in people:
        visit(who, workers[0])
    found = selectors.progress(scope_of("浔阳区"), running, LAST)
    assert found.total.share == 1
    assert [(unit.label, unit.asked, unit.done) for unit in found.units] == [("浔阳区教育局", 5, 5)]
    assert sum(worker.done for worker in found.workers) == 5


def test_new_arrivals_are_taken_in_with_one_press(running, head, county, places):
    workers, _ = county
    make.cadre(places["浔阳区教育局"], "新来", born_on=date(1930, 1, 1))
    assert sum(part.total for part in split(running, today=TODAY)) == 1
    assert actions.take_in(campaign=running, by=head, today=TODAY) == 1
    assert actions.take_in(campaign=running, by=head, today=TODAY) == 0
    assert ToDo.objects.get(cadre__name="新来").worker in workers[1:]


def test_a_death_ends_it_and_a_restored_person_comes_back(running, head, county, scope_of):
    _, people = county
    facts = {"cadre": people[0], "by": head, "scope": scope_of("浔阳区"), "today": TODAY}
    register_status_change(kind="deceased", effective_on=TODAY, **facts)
    todo = ToDo.objects.get(cadre=people[0], source="campaign")
    assert (todo.state, todo.result) == ("closed", "本人去世，不再办理")
    assert dividing.readmit(scope=scope_of("浔阳区"), campaign=running, keys=[todo.pk], by=head) == 0
    assert selectors.reasons(scope_of("浔阳区"), running) == [("本人去世，不再办理", 1)]


def test_survivors_may_be_what_it_is_about(head, county, places, scope_of):
    _, people = county
    people[0].standing, people[0].deceased_on = "deceased", date(2026, 2, 1)
    people[0].save()
    widow = Survivor.objects.create(cadre=people[0], org=people[0].org, name="遗属")
    values = VALUES | {"concerns": "survivor", "whom": {}, "occasion": "survivor"}
    found = actions.make_campaign(scope=scope_of("浔阳区"), org=places["浔阳区"], by=head, today=TODAY, **values)
    actions.start_campaign(campaign=found, by=head, today=TODAY, now=timezone.now())
    todo = ToDo.objects.get()
    assert (todo.survivor, todo.concerns, todo.worker.display_name) == (widow, "survivor", "甲")
    visit(people[0], todo.worker, occasion="survivor", survivor=widow)
    assert ToDo.objects.get().state == "done"


def test_ending_closes_the_rest_with_the_reason(running, head, county, scope_of):
    workers, people = county
    visit(people[0], workers[0])
    given = {"scope": scope_of("浔阳区"), "campaign": running, "by": head, "now": timezone.now()}
    with pytest.raises(Refused) as refused:
        actions.end_campaign(reason=" ", **given)
    assert refused.value.field == "reason"
    assert actions.end_campaign(reason="天气转冷", **given) == 4
    assert ToDo.objects.filter(result="集中走访结束：天气转冷").count() == 4
    with pytest.raises(Refused):
        actions.end_campaign(reason="再来", **given)
    with pytest.raises(Refused):
        actions.take_in(campaign=running, by=head, today=TODAY)


def test_another_last_day_moves_what_is_open_but_not_what_was_put_off_singly(running, head, county, scope_of):
    workers, people = county
    visit(people[0], workers[0])
    single = ToDo.objects.get(cadre=people[1], source="campaign")
    move_todo(todo=single, due_on=date(2026, 10, 25), note="外出", by=workers[0], today=TODAY)
    given = {"scope": scope_of("浔阳区"), "campaign": running, "by": head, "today": TODAY}
    for ends_on, note, field in ((date(2026, 10, 7), "雪", "ends_on"), (LAST, "雪", "ends_on"), (date(2026, 10, 30), " ", "note")):
        with pytest.raises(Refused) as refused:
            actions.extend_campaign(ends_on=ends_on, note=note, **given)
        assert refused.value.field == field
    assert actions.extend_campaign(ends_on=date(2026, 10, 30), note="大雪封路", **given) == 3
    days = {todo.cadre: (todo.due_on, todo.first_due_on, todo.moved_note) for todo in ToDo.objects.filter(source="campaign")}
    assert days[people[0]] == (LAST, LAST, "")
    assert days[people[1]] == (date(2026, 10, 25), LAST, "外出")
    assert days[people[2]] == (date(2026, 10, 30), LAST, "大雪封路")


def test_the_ledger_reminds_of_it(running, county):
    make.rules()
    open_reminders(today=date(2026, 10, 13))
    assert Reminder.objects.filter(rule="campaign", stage="upcoming").count() == 5
    open_reminders(today=date(2026, 10, 21))
    told = Counter(Reminder.objects.filter(rule="campaign", stage="overdue").values_list("todo", flat=True))
    assert len(told) == 5
    assert set(told.values()) <= {1, 2}
    assert not Reminder.objects.filter(rule="campaign", stage="overdue").values("todo", "user").annotate(n=Count("pk")).filter(n__gt=1)
