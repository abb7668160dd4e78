"""Calendars of the ledger: which day opens how many, told to whom, once."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.models import Delivery, Notification
from apps.care.models import Digest, Reminder, ServicePlan, StageRule
from apps.care.reminders import open_reminders, send_digests, settle
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
START = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def rules(db):
    make.rules()
    StageRule.objects.filter(stage="escalated").update(goes_to=Role.LEADER)


@pytest.fixture
def worker(person):
    return person(email="worker@example.test")


@pytest.fixture
def planned(places, worker):
    """A 定期关注 person of 浔阳区 with ``worker``: contact due 2026-01-31, visit due 2026-04-01."""
    return make.plan(make.cadre(places["浔阳区教育局"]), START, worker=worker)


def run(day: date) -> tuple[int, int, int]:
    """(opened, already, digests) of a day, done twice: the second time opens and tells nothing."""
    settle(today=day)
    opened, already = open_reminders(today=day)
    told = send_digests(today=day, now=timezone.now())
    again, known = open_reminders(today=day)
    assert (again, known) == (0, opened + already)
    assert send_digests(today=day, now=timezone.now()) == 0
    return opened, already, told


def calendar(first: date, last: date, skip=()) -> dict[date, tuple[str, str]]:
    """Day → (rule, stage) of whatever opened on it, running every day but those of ``skip``."""
    for n in range((last - first).days + 1):
        if (day := first + timedelta(days=n)) not in skip:
            run(day)
    return {r.opened_on: (r.rule, r.stage) for r in Reminder.objects.order_by("opened_on")}


def test_three_stages_of_two_duties_over_half_a_year(planned):
    assert calendar(START, date(2026, 5, 31)) == {
        date(2026, 1, 24): ("contact", "upcoming"),
        date(2026, 2, 1): ("contact", "overdue"),
        date(2026, 2, 15): ("contact", "escalated"),
        date(2026, 3, 25): ("visit", "upcoming"),
        date(2026, 4, 2): ("visit", "overdue"),
        date(2026, 4, 16): ("visit", "escalated"),
    }


def test_a_visit_stops_what_is_open_and_starts_anew(planned, worker):
    run(date(2026, 1, 24))
    make.visit(planned.cadre, date(2026, 1, 25), worker)
    assert calendar(date(2026, 1, 25), date(2026, 2, 20)) == {date(2026, 1, 24): ("contact", "upcoming"), date(2026, 2, 17): ("contact", "upcoming")}


def test_a_missed_day_is_caught_up_and_missed_stages_are_not(planned):
    missed = [date(2026, 1, 24), date(2026, 1, 25)]
    assert list(calendar(date(2026, 1, 20), date(2026, 1, 28), skip=missed)) == [date(2026, 1, 26)]
    assert run(date(2026, 2, 20))[0] == 1
    assert list(Reminder.objects.order_by("opened_on").values_list("stage", flat=True)) == ["upcoming", "escalated"]


def test_turn_of_the_year_and_29_february(places, worker):
    make.plan(make.cadre(places["浔阳区教育局"], "甲"), date(2027, 12, 2), worker=worker)
    make.plan(make.cadre(places["浔阳区教育局"], "乙"), date(2028, 1, 30), "key", worker=worker)
    found = calendar(date(2027, 12, 24), date(2028, 1, 3))
    assert found == {date(2027, 12, 25): ("contact", "upcoming"), date(2028, 1, 2): ("contact", "overdue")}
    run(date(2028, 2, 29))
    assert Reminder.objects.filter(rule="visit", due_on=date(2028, 2, 29), stage="upcoming").count() == 1
    assert run(date(2028, 3, 1))[0] == 1
    assert Reminder.objects.filter(rule="visit", due_on=date(2028, 2, 29), stage="overdue").count() == 1


def test_one_digest_a_day_with_counts_and_one_mail(places, worker):
    for n in range(5):
        make.plan(make.cadre(places["浔阳区教育局"], f"测试{n}"), START, worker=worker)
    assert run(date(2026, 1, 24)) == (5, 0, 1)
    (message,) = Notification.objects.filter(user=worker)
    assert message.title == "1 月 24 日走访提醒：即将到期 5 项"
    assert "联系 5 人" in message.body
    assert "测试" not in message.body
    assert Delivery.objects.get(notification=message).address == "worker@example.test"
    assert set(Reminder.objects.values_list("digest__notification", flat=True)) == {message.pk}
    assert run(date(2026, 1, 25)) == (0, 5, 0)


def test_what_opens_after_today_s_message_waits_for_tomorrow(places, planned, worker):
    day = date(2026, 1, 24)
    run(day)
    make.plan(make.cadre(places["浔阳区教育局"], "后来"), START, worker=worker)
    settle(today=day)
    assert open_reminders(today=day) == (1, 1)
    assert send_digests(today=day, now=timezone.now()) == 0
    assert send_digests(today=day + timedelta(days=1), now=timezone.now()) == 1
    assert Counter(Digest.objects.values_list("day", flat=True)) == {day: 1, day + timedelta(days=1): 1}


@pytest.mark.parametrize("end", ["visited", "died", "moved", "closed"])
def test_nobody_is_told_what_is_no_longer_due(planned, worker, end):
    settle(today=date(2026, 1, 24))
    assert open_reminders(today=date(2026, 1, 24)) == (1, 0)
    who = planned.cadre
    if end == "visited":
        make.visit(who, date(2026, 1, 24), worker)
        settle([planned.pk], today=date(2026, 1, 24))
    elif end == "closed":
        ServicePlan.objects.filter(pk=planned.pk).update(state="closed", contact_due_on=None, visit_due_on=None)
    else:
        who.standing, who.deceased_on = ("deceased", date(2026, 1, 24)) if end == "died" else ("moved", None)
        who.save()
    assert send_digests(today=date(2026, 1, 24), now=timezone.now()) == 0
    assert not Notification.objects.exists()
    assert Reminder.objects.get().settled_at
    assert send_digests(today=date(2026, 1, 25), now=timezone.now()) == 0


def test_the_dead_open_nothing_even_before_their_plan_is_closed(planned):
    settle(today=START)
    planned.cadre.standing, planned.cadre.deceased_on = "deceased", date(2026, 1, 5)
    planned.cadre.save()
    assert open_reminders(today=date(2026, 3, 30)) == (0, 0)


def test_escalation_reaches_the_leaders_of_the_county(planned, person):
    leaders = [person("浔阳区", Role.LEADER), person("浔阳区", Role.LEADER)]
    person("九江市", Role.LEADER)
    person("濂溪区", Role.LEADER)
    assert run(date(2026, 2, 15))[0] == 2
    assert {r.user for r in Reminder.objects.all()} == set(leaders)
    assert Notification.objects.filter(user=leaders[0]).get().url == "/dashboard/"


def test_escalation_climbs_to_the_city_and_no_further(planned, person):
    city = person("九江市", Role.LEADER)
    person("浔阳区", Role.COUNTY_OFFICER)
    person("江西省", Role.LEADER)
    run(date(2026, 2, 15))
    assert [r.user for r in Reminder.objects.all()] == [city]


@pytest.mark.parametrize("why", ["nobody", "inactive"])
def test_without_a_worker_the_county_officers_are_told(planned, person, worker, why):
    if why == "nobody":
        ServicePlan.objects.update(worker=None)
    else:
        worker.is_active = False
        worker.save()
    officer = person("浔阳区", Role.COUNTY_OFFICER)
    person("濂溪区", Role.COUNTY_OFFICER)
    run(date(2026, 1, 24))
    assert [r.user for r in Reminder.objects.all()] == [officer]


def test_where_nobody_answers_the_reminder_stands_untold(planned):
    ServicePlan.objects.update(worker=None)
    assert run(date(2026, 1, 24)) == (1, 0, 0)
    assert Reminder.objects.get().user is None


def test_a_new_worker_is_not_told_the_same_stage_again(planned, person):
    run(date(2026, 1, 24))
    ServicePlan.objects.update(worker=person("浔阳区", username="successor"))
    assert run(date(2026, 1, 26)) == (0, 1, 0)


def test_a_rule_that_comes_into_force_settles_everything(planned):
    run(date(2026, 1, 10))
    make.rules(valid_from=date(2026, 1, 15), regular=(20, 60))
    for day, opened in ((date(2026, 1, 14), 0), (date(2026, 1, 15), 1), (date(2026, 1, 16), 0)):
        assert open_reminders(today=day)[0] == opened
    assert Reminder.objects.get().due_on == date(2026, 1, 21)
