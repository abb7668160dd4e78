"""A death stops everything, a transfer takes everything along, a mistake is undone."""

import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.cadres.actions.changes import register_status_change
from apps.care import standards
from apps.care.actions.campaigns import end_campaign, make_campaign, start_campaign
from apps.care.actions.items import add_item
from apps.care.actions.plans import assign_worker, open_plans
from apps.care.actions.visits import log_visit
from apps.care.models import PlanItem, Reminder, ServicePlan, ToDo, Visit
from apps.care.reminders import duties_due
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
TODAY = date(2026, 11, 22)


@pytest.fixture
def officer(person):
    return person("九江市", Role.WORKER, username="city")


@pytest.fixture
def county_worker(person):
    return person("浔阳区", username="county")


@pytest.fixture
def plan(places, officer, county_worker, scope_of):
    """A plan with a worker of the county, an open item, a visit and a reminder not told yet."""
    standards.load()
    who = make.cadre(places["浔阳区教育局"])
    key = open_plans(scope=scope_of("九江市"), year=2026, by=officer, today=date(2026, 1, 1)).plan_ids[0]
    assign_worker(scope=scope_of("九江市"), plan_ids=[key], worker=county_worker, by=officer)
    plan = ServicePlan.objects.get(pk=key)
    add_item(plan=plan, category="errand", need="修灯", by=officer)
    log_visit(cadre=who, visited_on=date(2026, 3, 1), occasion="daily", way="home", situation="好", once=uuid.uuid4(), by=county_worker, today=date(2026, 3, 1))
    Reminder.objects.create(plan=plan, org=plan.org, rule="visit", due_on=TODAY, stage="overdue", opened_on=TODAY, user=county_worker)
    return ServicePlan.objects.get(pk=key)


@pytest.fixture
def happens(plan, officer, scope_of):
    def register(kind, **given):
        register_status_change(cadre=plan.cadre, kind=kind, effective_on=TODAY, by=officer, scope=scope_of("九江市"), today=TODAY, **given)
        return ServicePlan.objects.select_related("cadre").get(pk=plan.pk)

    return register


def test_a_death_closes_the_plan_and_whatever_was_open(plan, happens, scope_of):
    assert any(duties_due(scope_of("九江市"), today=TODAY))
    after = happens("deceased")
    assert (after.state, after.visit_due_on, after.contact_due_on) == ("closed", None, None)
    item = plan.items.get()
    assert (item.state, item.result) == ("dropped", "本人去世，不再办理")
    assert plan.reminders.get().settled_at
    assert [row["title"] for row in duties_due(scope_of("九江市"), today=TODAY)] == ["吊唁慰问家属"]


def test_a_death_registered_by_mistake_is_undone(plan, happens):
    happens("deceased")
    after = happens("restored")
    assert (after.state, after.last_visit_on, after.visit_due_on) == ("active", date(2026, 3, 1), date(2026, 3, 1) + timedelta(days=180))
    assert plan.items.get().state == "open"


def test_whoever_leaves_the_deployment_is_owed_nothing(plan, happens):
    assert happens("moved_out", note="迁往外省").state == "closed"
    assert plan.items.get().result == "本人已转出，不再办理"


def test_a_transfer_takes_plan_items_visits_and_reminders_along(plan, happens, places):
    after = happens("moved_out", org=places["濂溪区卫生局"])
    path = places["濂溪区卫生局"].path
    assert (after.state, after.org_path, after.last_visit_on) == ("active", path, date(2026, 3, 1))
    for model in (PlanItem, Visit, Reminder):
        assert model.objects.get().org_path == path


def test_a_worker_who_cannot_see_the_new_place_is_released(plan, happens, places):
    after = happens("moved_out", org=places["濂溪区卫生局"])
    assert after.worker is None
    assert plan.items.get().worker is None
    assert plan.reminders.get().settled_at


def test_within_the_county_the_worker_stays(plan, happens, places, county_worker):
    assert happens("moved_out", org=places["浔阳区"]).worker == county_worker


def test_the_receiving_county_sees_the_story_and_the_old_one_no_more(plan, happens, places, inside):
    happens("moved_out", org=places["濂溪区卫生局"])
    with inside("濂溪区"):
        assert (ServicePlan.objects.count(), Visit.objects.count()) == (1, 1)
    with inside("浔阳区"):
        assert (ServicePlan.objects.count(), Visit.objects.count()) == (0, 0)


def test_settled_elsewhere_binds_the_yearly_visit(happens):
    after = happens("resettled", values={"resettled_place": "南昌市"})
    assert after.away
    assert after.visit_due_on == date(2026, 3, 1) + timedelta(days=365)


def test_a_campaign_of_the_old_county_ends_there_and_one_of_the_city_goes_on(plan, happens, places, officer, scope_of):
    days = {"starts_on": TODAY, "ends_on": TODAY, "occasion": "festival", "concerns": "cadre", "meet": True, "note": "", "whom": {}, "share": "workers", "helpers": []}
    for place in ("浔阳区", "九江市"):
        made = make_campaign(scope=scope_of("九江市"), org=places[place], by=officer, today=TODAY, title=place, **days)
        start_campaign(campaign=made, by=officer, today=TODAY, now=timezone.now())
    happens("moved_out", org=places["濂溪区卫生局"])
    assert dict(ToDo.objects.values_list("title", "state")) == {"浔阳区": "closed", "九江市": "open"}
    assert ToDo.objects.get(title="浔阳区").result == "已移交外单位，不在本次走访范围"


def test_what_a_campaign_asked_is_open_again_after_a_mistaken_death_unless_it_has_ended(plan, happens, places, officer, scope_of):
    days = {"starts_on": TODAY, "ends_on": TODAY, "occasion": "festival", "concerns": "cadre", "meet": True, "note": "", "whom": {}, "share": "workers", "helpers": []}
    made = [make_campaign(scope=scope_of("九江市"), org=places["浔阳区"], by=officer, today=TODAY, title=title, **days) for title in ("甲", "乙")]
    for one in made:
        start_campaign(campaign=one, by=officer, today=TODAY, now=timezone.now())
    happens("deceased")
    end_campaign(scope=scope_of("九江市"), campaign=made[1], reason="", by=officer, now=timezone.now())
    happens("restored")
    assert dict(ToDo.objects.filter(source="campaign").values_list("title", "state")) == {"甲": "open", "乙": "closed"}
