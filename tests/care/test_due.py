"""The one definition of due: what counts, from when, for whom."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.care.models import FrequencyRule, ServicePlan
from apps.care.reminders import settle
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
START, TODAY = date(2026, 1, 1), date(2026, 6, 30)


@pytest.fixture(autouse=True)
def rules(db):
    make.rules()


@pytest.fixture
def worker(person):
    return person()


@pytest.fixture
def someone(places):
    return make.cadre(places["浔阳区教育局"])


def due(plan, today=TODAY):
    """(contact, visit) due days after settling."""
    settle([plan.pk], today=today)
    plan.refresh_from_db()
    return plan.contact_due_on, plan.visit_due_on


def test_nobody_seen_yet_counts_from_the_first_day(someone):
    assert due(make.plan(someone, START)) == (date(2026, 1, 31), date(2026, 4, 1))


def test_a_meeting_is_a_contact_too_and_a_call_is_no_meeting(someone, worker):
    plan = make.plan(someone, START)
    make.visit(someone, date(2026, 2, 1), worker)
    make.visit(someone, date(2026, 3, 1), worker, in_person=False)
    assert due(plan) == (date(2026, 3, 31), date(2026, 5, 2))


def test_settled_elsewhere_is_seen_once_a_year(someone):
    assert due(make.plan(someone, START, away=True))[1] == START + timedelta(days=365)


def test_visits_of_earlier_years_count_and_later_ones_not_yet(someone, worker):
    make.visit(someone, date(2025, 12, 20), worker)
    make.visit(someone, date(2026, 7, 1), worker)
    plan = make.plan(someone, START)
    assert due(plan) == (date(2026, 1, 19), date(2026, 3, 20))
    assert due(plan, date(2026, 7, 1)) == (date(2026, 7, 31), date(2026, 9, 29))


def test_a_voided_visit_does_not_count(someone, worker):
    made = make.visit(someone, date(2026, 2, 1), worker)
    plan = make.plan(someone, START)
    assert due(plan)[1] == date(2026, 5, 2)
    made.voided_at, made.voided_by = timezone.now(), worker
    made.save()
    assert due(plan)[1] == date(2026, 4, 1)


@pytest.mark.parametrize(("standing", "died"), [("moved", None), ("deceased", date(2026, 5, 1))])
def test_who_left_the_register_is_owed_nothing(someone, standing, died):
    plan = make.plan(someone, START)
    assert due(plan)[1]
    someone.standing, someone.deceased_on = standing, died
    someone.save()
    assert due(plan) == (None, None)


def test_a_new_year_s_plan_takes_over_and_hides_nobody_forgotten(someone):
    old = make.plan(someone, START)
    new = make.plan(someone, date(2027, 1, 1), year=2027)
    assert due(new, date(2027, 1, 2)) == (date(2026, 1, 31), date(2026, 4, 1))
    old.refresh_from_db()
    assert (old.contact_due_on, old.visit_due_on) == (None, None)


def test_29_february(someone, worker):
    plan = make.plan(someone, date(2028, 1, 30), "key")
    assert due(plan, date(2028, 2, 1)) == (date(2028, 2, 6), date(2028, 2, 29))
    make.visit(someone, date(2028, 2, 29), worker)
    assert due(plan, date(2028, 3, 1))[1] == date(2028, 3, 30)


def test_another_class_and_another_rule_move_the_day(someone, places):
    plan = make.plan(someone, START)
    ServicePlan.objects.filter(pk=plan.pk).update(attention_class="key")
    assert due(plan)[1] == date(2026, 1, 31)
    FrequencyRule.objects.create(attention_class="key", contact_days=5, visit_days=20, valid_from=date(2026, 5, 1))
    other = make.plan(make.cadre(places["濂溪区卫生局"]), START, "key")
    assert settle(today=TODAY) == 2
    for row in (plan, other):
        row.refresh_from_db()
        assert row.visit_due_on == date(2026, 1, 21)
    assert settle(today=TODAY) == 0


def test_a_class_without_rule_owes_nothing_rather_than_something_invented(someone):
    FrequencyRule.objects.all().update(valid_to=date(2026, 3, 1))
    assert due(make.plan(someone, START)) == (None, None)


def test_settle_keeps_to_its_scope(someone, places, inside, as_owner):
    mine = make.plan(someone, START)
    theirs = make.plan(make.cadre(places["濂溪区卫生局"]), START)
    with inside("濂溪区"):
        assert settle(today=TODAY) == 1
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.visit_due_on, theirs.visit_due_on) == (None, date(2026, 4, 1))
