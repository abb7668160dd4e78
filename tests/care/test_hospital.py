"""Stays in hospital: listed from admission to discharge, details and visitor written down, the visit owed and closed; a death ends it all."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.notify import Message, tell_each
from apps.cadres.actions.changes import register_status_change
from apps.cadres.models import Survivor
from apps.care import standards
from apps.care.actions.hospital import LEFT_HOSPITAL, record_stay
from apps.care.actions.visits import log_visit, void_visit
from apps.care.models import Digest, HospitalStay, Reminder, ToDo
from apps.care.reminders.digests import over
from apps.care.selectors import hospital as selectors
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope, system_scope
from tests.factories import duties as make

DAY, TODAY = date(2026, 11, 10), date(2026, 11, 12)


@pytest.fixture
def county(places):
    return Scope((places["浔阳区"].path,))


@pytest.fixture
def staff(person):
    return {name: person("浔阳区", Role.WORKER, username=name, display_name=name) for name in ("甲", "乙")}


@pytest.fixture
def who(places, staff, whole):
    standards.load()
    found = make.cadre(places["浔阳区教育局"], "老人")
    make.plan(found, date(2026, 1, 1), worker=staff["甲"], class_decided=True)
    return found


def happens(who, kind, day, by, county, today=TODAY, **values):
    return register_status_change(cadre=who, kind=kind, effective_on=day, by=by, scope=county, today=today, values=values)


def record(admission, by, **given):
    values = {"hospital": "第一医院", "ward": "3 病区", "reason": "肺炎", "visitor": None} | given
    return record_stay(admission=admission, by=by, today=TODAY, **values)


def visit(who, by, day, **given):
    values = {"occasion": "hospital", "way": "hospital", "situation": "好转", "once": uuid.uuid4(), "today": TODAY} | given
    return log_visit(cadre=who, visited_on=day, by=by, **values)


def listed(county, **which):
    return [one.cadre.name for one in selectors.in_hospital(county, **which)]


def test_listed_until_the_discharge_and_unseen_until_somebody_meets_them(who, staff, county):
    happens(who, "admitted", DAY, staff["甲"], county)
    assert listed(county) == listed(county, unseen=True) == ["老人"]
    assert listed(Scope(("/36/3604/360402/",))) == []
    visit(who, staff["甲"], DAY, way="phone", in_person=False)
    assert listed(county, unseen=True) == ["老人"]
    seen = visit(who, staff["甲"], TODAY)
    assert listed(county, unseen=True) == []
    void_visit(visit=seen, reason="记错", by=staff["甲"], today=TODAY)
    assert listed(county, unseen=True) == ["老人"]
    happens(who, "discharged", TODAY, staff["甲"], county, self_care="partly")
    assert listed(county) == []
    assert [(one.left_on, one.left_grade) for one in selectors.stays_of(county, who.pk)] == [(TODAY, "partly")]
    happens(who, "admitted", TODAY, staff["甲"], county)
    assert listed(county) == ["老人"]


def test_moved_to_another_hospital_is_listed_once(who, staff, county):
    happens(who, "admitted", DAY, staff["甲"], county)
    happens(who, "admitted", TODAY, staff["甲"], county, hospital="省立医院")
    assert [one.effective_on for one in selectors.in_hospital(county)] == [TODAY]


def test_the_visit_owed_goes_to_whoever_visits_and_ends_with_the_discharge(who, staff, county):
    admission = happens(who, "admitted", DAY, staff["甲"], county)
    owed = ToDo.objects.get(rule="admitted")
    assert (owed.due_on, owed.worker) == (DAY + timedelta(days=3), staff["甲"])
    stay = record(admission, staff["甲"], visitor=staff["乙"])
    owed.refresh_from_db()
    assert owed.worker == staff["乙"]
    happens(who, "discharged", TODAY, staff["甲"], county)
    owed.refresh_from_db()
    assert (owed.state, owed.result) == ("closed", LEFT_HOSPITAL)
    assert ToDo.objects.get(rule="discharged").due_on == TODAY + timedelta(days=7)
    assert stay.cadre == who


def test_two_who_write_at_once_and_who_cannot_visit(who, staff, county, person):
    admission = happens(who, "admitted", DAY, staff["甲"], county)
    record(admission, staff["甲"], version=0)
    with pytest.raises(Stale):
        record(admission, staff["乙"], version=0)
    record(admission, staff["乙"], version=1, ward="5 病区")
    assert HospitalStay.objects.get().ward == "5 病区"
    with pytest.raises(Refused, match="请换一位"):
        record(admission, staff["甲"], version=2, visitor=person("濂溪区", Role.WORKER))
    fell = happens(who, "diagnosed", DAY, staff["甲"], county, health="serious")
    with pytest.raises(Refused, match="不是住院"):
        record(fell, staff["甲"])
    assert ToDo.objects.get(rule="review_diagnosed").source == "review"


def test_a_death_ends_every_duty_and_stops_a_mail_on_its_way(who, staff, county, places):
    Survivor.objects.create(cadre=who, org=who.org, name="老伴", relation="配偶")
    admission = happens(who, "admitted", DAY, staff["甲"], county)
    told = tell_each([Message(staff["甲"], "走访提醒", "digest:2026-11-12")], now=timezone.now())[0]
    digest = Digest.objects.create(user=staff["甲"], day=TODAY, notification=told)
    owed = ToDo.objects.get(rule="admitted")
    Reminder.objects.create(todo=owed, rule="occasion", due_on=owed.due_on, stage="upcoming", opened_on=TODAY, user=staff["甲"], org=who.org, digest=digest)
    assert over([told.pk]) == set()
    happens(who, "deceased", TODAY, staff["甲"], county)
    assert over([told.pk]) == {told.pk}
    assert listed(county) == []
    assert set(ToDo.objects.filter(state="open").values_list("concerns", flat=True)) == {"survivor"}
    with pytest.raises(Refused, match="已不在册"):
        record(admission, staff["甲"])


@pytest.fixture
def patient(who, staff, county):
    return happens(who, "admitted", DAY, staff["甲"], county)


def test_the_pages(client, patient, staff, who, county):
    client.force_login(staff["甲"])
    form = reverse("care:stay", args=[patient.pk])
    assert client.get(form).status_code == 200
    values = {"version": 0, "hospital": "第一医院", "ward": "12 床", "reason": "肺炎", "visitor": staff["乙"].pk}
    assert client.post(form, values).status_code == 302
    assert client.post(form, values).status_code == 409
    for address in (reverse("care:hospital"), reverse("care:hospital") + "?show=unseen", reverse("cadres:detail", args=[who.pk])):
        shown = client.get(address).content.decode()
        for part in ("第一医院", "12 床", "还没看望", "乙"):
            assert part in shown, (address, part)
    with system_scope("test"):
        visit(who, staff["甲"], TODAY)
    assert "没有住院还没看望的人" in client.get(reverse("care:hospital") + "?show=unseen").content.decode()
