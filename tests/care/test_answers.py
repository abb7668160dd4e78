"""Lists that answer: each number is its list, inside one's own place, as of today."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.cadres.models import Cadre, StatusChange
from apps.care import standards
from apps.care.answers import ANSWERS
from apps.care.models import DoctorContract, ToDo
from apps.care.reminders import settle
from apps.core.calendar import quarter_of
from apps.core.metrics import METRICS, Period, count
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER, username="甲")


@pytest.fixture
def county(places, worker, today):
    """For each list one person who belongs and one who nearly does; a neighbour who belongs to all."""
    standards.load()
    old, years = today.replace(year=today.year - 85, day=1), timedelta(days=400)

    def one(name, place="浔阳区教育局", attention="routine", away=False, **kwargs):
        who = make.cadre(places[place], name, **kwargs)
        make.plan(who, today - years, attention, year=today.year, worker=worker, away=away)
        return who

    def admitted(who, days, kind="admitted"):
        StatusChange.objects.create(cadre=who, org=who.org, kind=kind, effective_on=today - timedelta(days=days), recorded_by=worker)

    def promised(who, days):
        day = today - timedelta(days=days)
        days = {"opens_on": day, "due_on": day, "first_due_on": day}
        ToDo.objects.create(cadre=who, org=who.org, source="promise", rule="promise", subject_id=uuid.uuid4().int % 10**9, title="送药", worker=worker, **days)

    for name in ("住院", "住院见过", "已出院"):
        admitted(one(name), 5)
    people = {}
    for name in ("独居", "独居联系过", "独居不老"):
        people[name] = one(name, living="alone", born_on=old if name != "独居不老" else today.replace(year=today.year - 70, day=1))
    make.visit(people["独居联系过"], today - timedelta(days=13), worker, in_person=False)
    make.visit(people["独居"], today - timedelta(days=14), worker, in_person=False)
    for name in ("易地", "易地走过"):
        people[name] = one(name, away=True)
    make.visit(people["易地走过"], today.replace(month=1, day=1), worker)
    for name, days in (("答应", 1), ("答应今天", 0)):
        promised(one(name), days)
    promised_twice = one("答应两件")
    promised(promised_twice, 3)
    promised(promised_twice, 4)
    neighbour = one("邻县", "濂溪区卫生局", away=True, living="alone", born_on=old)
    admitted(neighbour, 5)
    promised(neighbour, 5)
    make.visit(Cadre.objects.get(name="住院见过"), today - timedelta(days=4), worker)
    admitted(Cadre.objects.get(name="已出院"), 1, "discharged")
    for name, *terms in (("签约到期", 0), ("签约续了", 0, 400), ("签约还早", 400)):
        who = one(name)
        for more in terms:
            ends = quarter_of(today).last + timedelta(days=more)
            DoctorContract.objects.create(cadre=who, org=who.org, doctor="王医生", institution="社区", starts_on=ends - timedelta(days=365), ends_on=ends, created_by=worker)
    settle(today=today)
    return places["浔阳区"]


WANTED = {
    "hospital_unseen": {"住院"},
    "alone_silent": {"独居"},
    "away_unseen": {"易地"},
    "promises_late": {"答应", "答应两件"},
    "doctor_ends": {"签约到期"},
    "unassigned": set(),
}


def test_numbers_are_their_lists(county, today, scope_of):
    period = Period.of(quarter_of(today), today)
    found = count([METRICS[key] for key in WANTED], county.path, period)
    for key, names in WANTED.items():
        rows = METRICS[key].rows(scope_of("浔阳区"), period)
        people = set(rows.values_list("name" if key != "unassigned" else "cadre__name", flat=True))
        assert people == names, key
        assert found[key][county.path] == len(names), key


def test_of_a_past_quarter_nothing_is_said(county, today, scope_of):
    past = Period.of(quarter_of(today).previous, today)
    assert not METRICS["hospital_unseen"].rows(scope_of("浔阳区"), past).exists()


def test_the_page_leads_to_lists_that_may_be_exported(client, county, worker):
    client.force_login(worker)
    shown = client.get(reverse("care:answers")).content.decode()
    for key in ANSWERS:
        assert METRICS[key].name in shown
    assert "2 人" in shown
    listed = client.get(METRICS["hospital_unseen"].list_url(county.pk, Period.parse("", timezone.localdate()))).content.decode()
    assert "住院" in listed
    assert "邻县" not in listed
