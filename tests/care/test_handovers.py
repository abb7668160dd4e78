"""Handovers: until both have said so the giver answers for the person; then plan, to-dos, items and what was to be told change hands at once."""

from datetime import date

import pytest
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent, Notification
from apps.cadres.actions.changes import register_status_change
from apps.care import standards
from apps.care.actions.handovers import confirm_handovers, end_handover, hand_over, has_left
from apps.care.actions.plans import assign_worker
from apps.care.models import PlanItem, Reminder, ServicePlan, ToDo
from apps.core.refusal import Refused
from apps.core.scope import Scope
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
TODAY, NOW = date(2026, 11, 20), timezone.now()


@pytest.fixture
def staff(person):
    return {name: person("浔阳区", Role.WORKER, username=name, display_name=name) for name in ("甲", "乙", "丙")}


@pytest.fixture
def head(person):
    return person("浔阳区", Role.COUNTY_OFFICER, username="head")


@pytest.fixture
def people(places, staff):
    """Five people of 甲, the first with an open to-do and item of 甲's and a to-do of 丙's."""
    standards.load()
    found = [make.cadre(places["浔阳区教育局"], f"老人{n}") for n in range(5)]
    plans = [make.plan(who, date(2026, 1, 1), worker=staff["甲"]) for who in found]
    for name, subject in (("甲", 1), ("丙", 2)):
        days = {"opens_on": TODAY, "due_on": TODAY, "first_due_on": TODAY}
        ToDo.objects.create(cadre=found[0], org=found[0].org, source="promise", rule="promise", subject_id=subject, title="送药", worker=staff[name], **days)
    PlanItem.objects.create(plan=plans[0], org=found[0].org, category="errand", need="换证", worker=staff["甲"])
    return found


@pytest.fixture
def county(places):
    return Scope((places["浔阳区"].path,))


@pytest.fixture
def offered(county, staff, people):
    return give(county, staff["甲"], [staff["乙"]], by=staff["甲"], cadres=[people[0].pk])[0]


def give(county, giver, receivers, *, by, **more):
    return hand_over(scope=county, giver=giver, receivers=receivers, by=by, today=TODAY, now=NOW, **more)


def say(one, by, county, **more):
    return confirm_handovers(handovers=[one.pk], scope=county, by=by, today=TODAY, now=NOW, **more)


def workers_of(who):
    return (
        ServicePlan.objects.get(cadre=who).worker.username, sorted(ToDo.objects.filter(cadre=who).values_list("worker__username", flat=True)),
        list(PlanItem.objects.filter(plan__cadre=who).values_list("worker__username", flat=True)),
    )  # fmt: skip


def test_everything_of_the_giver_changes_hands_together(offered, people, staff, county):
    assert workers_of(people[0]) == ("甲", sorted(["甲", "丙"]), ["甲"])
    told = Reminder.objects.create(
        plan=ServicePlan.objects.get(cadre=people[0]), rule="visit", due_on=TODAY, stage="overdue", opened_on=TODAY, user=staff["甲"], org=people[0].org
    )
    assert say(offered, staff["乙"], county) == (1, 1)
    assert workers_of(people[0]) == ("乙", sorted(["乙", "丙"]), ["乙"])
    told.refresh_from_db()
    assert (told.user, told.settled_at) == (staff["乙"], None)
    offered.refresh_from_db()
    assert (offered.state, offered.moved) == ("done", {"todos": 1, "items": 1})
    assert AuditEvent.objects.filter(verb="handover.done", key=str(offered.pk)).count() == 1


def test_said_twice_it_counts_once(offered, staff, county, people):
    say(offered, staff["乙"], county)
    assert say(offered, staff["乙"], county) == (0, 0)
    assert say(offered, staff["甲"], county) == (0, 0)
    assert AuditEvent.objects.filter(verb="handover.done").count() == 1


def test_a_head_offers_and_both_must_agree(county, staff, people, head):
    one = give(county, staff["甲"], [staff["乙"]], by=head, cadres=[people[0].pk])[0]
    assert say(one, staff["乙"], county) == (1, 0)
    assert workers_of(people[0])[0] == "甲"
    with pytest.raises(Refused, match="要由甲和乙确认"):
        say(one, head, county, as_head=True)
    assert say(one, staff["甲"], county) == (1, 1)
    assert workers_of(people[0])[0] == "乙"
    assert set(Notification.objects.values_list("user__username", flat=True)) == {"甲", "乙"}


def test_a_head_speaks_for_somebody_who_has_left(county, staff, people, head):
    staff["甲"].memberships.update(ends_on=date(2026, 11, 1))
    assert has_left(staff["甲"], TODAY)
    one = give(county, staff["甲"], [staff["乙"]], by=head)[0]
    assert (one.given_by, one.given_at) == (head, NOW)
    assert say(one, staff["乙"], county) == (1, 1)


def test_all_people_are_shared_by_several_in_equal_parts(county, staff, people):
    made = give(county, staff["甲"], [staff["乙"], staff["丙"]], by=staff["甲"])
    assert [one.receiver.username for one in made] == ["乙", "乙", "乙", "丙", "丙"]
    with pytest.raises(Refused, match="没有可以交接的人"):
        give(county, staff["甲"], [staff["乙"]], by=staff["甲"])


def test_refused_and_withdrawn_with_a_reason(offered, staff, county, people):
    with pytest.raises(Refused, match="请写明原因"):
        end_handover(handover=offered, reason=" ", by=staff["乙"], now=NOW)
    with pytest.raises(Refused, match="与您无关"):
        end_handover(handover=offered, reason="x", by=staff["丙"], now=NOW)
    assert end_handover(handover=offered, reason="住得太远", by=staff["乙"], now=NOW).state == "refused"
    with pytest.raises(Refused, match="已经结束：住得太远"):
        say(offered, staff["乙"], county)
    with pytest.raises(Refused, match="未接收，不能再改"):
        end_handover(handover=offered, reason="x", by=staff["甲"], now=NOW)
    assert workers_of(people[0])[0] == "甲"
    again = give(county, staff["甲"], [staff["丙"]], by=staff["甲"], cadres=[people[0].pk])[0]
    assert end_handover(handover=again, reason="不走了", by=staff["甲"], now=NOW).state == "withdrawn"


def test_whoever_cannot_see_the_person_receives_nobody(county, staff, people, person):
    stranger = person("濂溪区", Role.WORKER, username="邻")
    leader = person("浔阳区", Role.LEADER, username="领导")
    for one in (stranger, leader):
        with pytest.raises(Refused, match="不能接收"):
            give(county, staff["甲"], [one], by=staff["甲"])
    with pytest.raises(Refused, match="不能交给移交人自己"):
        give(county, staff["甲"], [staff["甲"]], by=staff["甲"])


def test_the_receiver_may_have_left_meanwhile(offered, staff, county, people):
    staff["乙"].memberships.update(ends_on=date(2026, 11, 1))
    with pytest.raises(Refused, match="不能接收"):
        say(offered, staff["乙"], county)
    assert workers_of(people[0])[0] == "甲"


def test_another_worker_a_death_and_a_closed_plan_make_it_void(county, staff, people, head):
    first, second = give(county, staff["甲"], [staff["乙"]], by=staff["甲"], cadres=[people[0].pk, people[1].pk])
    assign_worker(scope=county, plan_ids=[ServicePlan.objects.get(cadre=people[0]).pk], worker=staff["丙"], by=head)
    register_status_change(scope=county, cadre=people[1], kind="deceased", effective_on=TODAY, by=head, today=TODAY)
    for one, reason in ((first, "责任人已另行指定"), (second, "本人去世，不再办理")):
        one.refresh_from_db()
        assert (one.state, one.reason) == ("withdrawn", reason)
        with pytest.raises(Refused, match="已经结束"):
            say(one, staff["乙"], county)
