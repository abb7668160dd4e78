"""Needs: added, changed, done or dropped; the person responsible changes."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.care import standards
from apps.care.actions import items
from apps.care.actions.plans import assign_worker, close_plans, edit_plan, open_plans
from apps.care.models import PlanItem, Reminder, ServicePlan
from apps.core.refusal import Refused, Stale
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
TODAY = date(2026, 11, 22)


@pytest.fixture
def officer(person):
    return person()


@pytest.fixture
def plan(places, officer, scope_of):
    standards.load()
    make.cadre(places["浔阳区"])
    return ServicePlan.objects.get(pk=open_plans(scope=scope_of("浔阳区"), year=2026, by=officer, today=TODAY).plan_ids[0])


@pytest.fixture
def item(plan, officer):
    return items.add_item(plan=plan, category="errand", need=" 换优待证 ", by=officer, due_on=TODAY)


def test_a_need_has_an_owner_and_a_term(item, plan, officer):
    assert (item.need, item.state, item.org_path, item.due_on) == ("换优待证", "open", plan.org_path, TODAY)


def test_the_plan_s_worker_owns_what_nobody_is_named_for(plan, officer, scope_of):
    assign_worker(scope=scope_of("浔阳区"), plan_ids=[plan.pk], worker=officer, by=officer)
    assert items.add_item(plan=plan, category="errand", need="修灯", by=officer).worker == officer


def test_no_need_without_words_and_no_term_before_its_start(plan, officer):
    with pytest.raises(Refused) as refused:
        items.add_item(plan=plan, category="errand", need="  ", by=officer)
    assert refused.value.field == "need"
    with pytest.raises(Refused) as refused:
        items.add_item(plan=plan, category="errand", need="修灯", starts_on=TODAY, due_on=TODAY - timedelta(days=1), by=officer)
    assert refused.value.field == "due_on"


def test_changing_keeps_what_is_not_given_and_refuses_an_old_version(item, officer):
    changed = items.edit_item(item=item, today=TODAY, need="换两张优待证", by=officer, version=item.version)
    assert (changed.need, changed.due_on, changed.version) == ("换两张优待证", TODAY, 2)
    with pytest.raises(Stale):
        items.edit_item(item=item, today=TODAY, need="另一人", by=officer, version=1)


@pytest.mark.parametrize("state", ["done", "dropped"])
def test_closing_says_what_came_of_it(item, officer, state):
    with pytest.raises(Refused) as refused:
        items.close_item(item=item, state=state, result=" ", by=officer)
    assert refused.value.field == "result"
    closed = items.close_item(item=item, state=state, result="已送到家", by=officer)
    assert (closed.state, closed.closed_by, closed.result) == (state, officer, "已送到家")
    with pytest.raises(Refused, match="已经办结"):
        items.close_item(item=item, state=state, result="再来", by=officer)
    with pytest.raises(Refused, match="不能再改"):
        items.edit_item(item=item, today=TODAY, need="再来", by=officer)


def test_a_closing_can_be_taken_back(item, officer):
    items.close_item(item=item, state="done", result="已送到家", by=officer)
    assert items.reopen_item(item=item, by=officer).state == "open"


def test_nothing_moves_in_a_closed_plan(plan, item, officer):
    close_plans(plans=ServicePlan.objects.filter(pk=plan.pk), note="测试", by=officer)
    item.refresh_from_db()
    assert (item.state, item.result) == ("dropped", "测试")
    with pytest.raises(Refused, match="终止"):
        items.add_item(plan=plan, category="errand", need="修灯", by=officer)
    with pytest.raises(Refused, match="终止"):
        items.reopen_item(item=item, by=officer)


def test_the_database_refuses_a_closed_item_without_who_and_when(item):
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanItem.objects.filter(pk=item.pk).update(state="done")


def test_a_new_worker_and_the_old_one_is_told_no_more(plan, officer, person, scope_of):
    other = person(username="other")
    assign_worker(scope=scope_of("浔阳区"), plan_ids=[plan.pk], worker=officer, by=officer)
    Reminder.objects.create(plan=plan, org=plan.org, rule="contact", due_on=TODAY, stage="overdue", opened_on=TODAY, user=officer)
    assert assign_worker(scope=scope_of("浔阳区"), plan_ids=[plan.pk], worker=other, by=officer) == 1
    plan.refresh_from_db()
    assert plan.worker == other
    assert plan.reminders.get().settled_at
    assert assign_worker(scope=scope_of("浔阳区"), plan_ids=[plan.pk], worker=other, by=officer) == 0


def test_the_neighbour_hands_nothing_over(plan, officer, scope_of):
    assert assign_worker(scope=scope_of("濂溪区"), plan_ids=[plan.pk], worker=officer, by=officer) == 0


def test_the_rule_for_those_settled_elsewhere_moves_the_due_day(plan, officer):
    changed = edit_plan(plan=plan, wishes="每月初打电话", away=True, by=officer, today=TODAY, version=plan.version)
    assert (changed.visit_due_on, changed.wishes) == (TODAY + timedelta(days=365), "每月初打电话")
    with pytest.raises(Stale):
        edit_plan(plan=plan, wishes="", away=False, by=officer, today=TODAY, version=plan.version)
