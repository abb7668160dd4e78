"""Handovers and absences when several people press at once."""

import threading
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.care.actions.absences import register_absence
from apps.care.actions.handovers import confirm_handovers, hand_over
from apps.care.models import Absence, Handover, ServicePlan, ToDo
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from tests.factories import duties as make

pytestmark = pytest.mark.django_db(transaction=True)
TODAY, NOW = date(2026, 11, 20), timezone.now()


@pytest.fixture
def county(places):
    return Scope((places["浔阳区"].path,))


@pytest.fixture
def staff(person):
    return {name: person("浔阳区", Role.WORKER, username=name, display_name=name) for name in ("甲", "乙")}


def at_once(scope, *calls):
    """What each call gave back, or the code of its refusal; all start at the same moment."""
    start, answers = threading.Barrier(len(calls)), []

    def press(call):
        try:
            start.wait()
            with entered(scope):
                answers.append(call())
        except Refused as refused:
            answers.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_both_confirm_and_press_twice_at_the_same_moment(county, staff, places, person):
    head = person("浔阳区", Role.COUNTY_OFFICER, username="head")
    with system_scope("test"):
        who = make.cadre(places["浔阳区教育局"], "老人")
        make.plan(who, date(2026, 1, 1), worker=staff["甲"])
        ToDo.objects.create(cadre=who, org=who.org, source="promise", rule="promise", title="送药", opens_on=TODAY, due_on=TODAY, first_due_on=TODAY, worker=staff["甲"])
        one = hand_over(scope=county, giver=staff["甲"], receivers=[staff["乙"]], by=head, today=TODAY, now=NOW)[0]

    def say(name):
        return lambda: confirm_handovers(handovers=[one.pk], scope=county, by=staff[name], today=TODAY, now=NOW)

    answers = at_once(county, *(say(name) for name in "甲甲乙乙"))

    assert sorted(answers) == [(0, 0), (0, 0), (1, 0), (1, 1)]
    with system_scope("test"):
        assert ServicePlan.objects.get().worker == staff["乙"]
        assert ToDo.objects.get().worker == staff["乙"]
        assert Handover.objects.get().moved == {"todos": 1, "items": 0}
        assert AuditEvent.objects.filter(verb="handover.done").count() == 1


def test_offered_twice_at_the_same_moment(county, staff, places):
    with system_scope("test"):
        make.plan(make.cadre(places["浔阳区教育局"], "老人"), date(2026, 1, 1), worker=staff["甲"])

    def offer():
        return len(hand_over(scope=county, giver=staff["甲"], receivers=[staff["乙"]], by=staff["甲"], today=TODAY, now=NOW))

    answers = at_once(county, offer, offer)

    assert sorted(answers, key=str) == [1, "nobody"]
    with system_scope("test"):
        assert Handover.objects.count() == 1


def test_an_absence_registered_twice_at_the_same_moment(county, staff):
    def away():
        values = {"worker": staff["甲"], "deputy": staff["乙"], "starts_on": TODAY, "ends_on": TODAY, "reason": "年休假"}
        return register_absence(scope=county, by=staff["甲"], today=TODAY, now=NOW, **values) and "made"

    assert sorted(at_once(county, away, away)) == ["made", "overlap"]
    with system_scope("test"):
        assert Absence.objects.count() == 1
