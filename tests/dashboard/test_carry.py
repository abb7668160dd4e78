"""带着走访, the server's half: what is handed to a phone, to whom, and what the audit hears of it."""

import time
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.care import standards
from apps.care.reminders import settle
from apps.core.offline import CARRIED_UNTIL
from apps.core.scope import system_scope
from apps.dashboard.views import worklist
from tests.factories import duties as make

CARRY = "/worklist/carry/"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def worker(person):
    return person(display_name="走访人")


@pytest.fixture
def owed(places, today, worker):
    with system_scope("test"):
        standards.load()

    def add(name, days, place="浔阳区", **given):
        with system_scope("test"):
            cadre = make.cadre(places[place], name, **given)
            plan = make.plan(cadre, today - timedelta(days=days), worker=worker if place == "浔阳区" else None, year=today.year)
            settle([plan.pk], today=today)
        return cadre

    return add


def test_hands_over_the_list_and_the_forms_of_what_is_seen(client, worker, owed):
    client.force_login(worker)
    late, call = owed("王德福", 97, address="人民路 18 号"), owed("李桂英", 31)
    answer = client.post(CARRY)
    got = answer.json()
    assert answer["Cache-Control"] == "no-store"
    assert got["people"] == 2
    assert "人民路 18 号" in got["html"]
    assert "〔未知" not in got["html"]
    assert set(got["forms"]) == {f"{reverse('care:visit_log')}?cadre={late.pk}", f"{reverse('care:visit_log')}?cadre={call.pk}&way=phone"}
    assert client.post(CARRY + "?when=late&kind=visit").json()["people"] == 1


def test_the_phone_number_stays_masked(client, worker, owed):
    client.force_login(worker)
    who = owed("王德福", 97, phone="13812345678")
    got = client.post(CARRY).json()
    form = client.get(got["forms"][0], headers={"X-Portal-Carry": "1"}).content.decode()
    for text in (got["html"], form):
        assert "13812345678" not in text
        assert who.phone_masked in text


def test_the_form_comes_without_the_shell_and_is_not_kept_by_the_browser(client, worker, owed):
    client.force_login(worker)
    who = owed("王德福", 97)
    url = f"{reverse('care:visit_log')}?cadre={who.pk}"
    alone, whole = client.get(url, headers={"X-Portal-Carry": "1"}), client.get(url)
    assert alone["Cache-Control"] == "private, no-store"
    text = alone.content.decode()
    assert "data-visit" in text
    assert 'name="once"' in text
    assert "<nav class=\"side\"" not in text
    assert "data-visit" in whole.content.decode()


def test_the_session_lives_as_long_and_the_audit_knows(client, worker, owed, settings):
    client.force_login(worker)
    owed("王德福", 97)
    got = client.post(CARRY).json()
    assert got["until"] - got["fetched"] == settings.OFFLINE_HOURS * 3600 * 1000
    assert client.session[CARRIED_UNTIL] == pytest.approx(time.time() + settings.OFFLINE_HOURS * 3600, abs=60)
    with system_scope("test"):
        told = AuditEvent.objects.get(verb="cadre.carried")

    assert "1 人" in told.note


def test_the_neighbour_carries_nobody_of_ours(client, person, owed):
    who = owed("邻县的人", 97)
    client.force_login(person("濂溪区"))
    got = client.post(CARRY + "?who=all").json()
    assert (got["people"], got["forms"]) == (0, [])
    assert "邻县的人" not in got["html"]
    assert client.get(f"{reverse('care:visit_log')}?cadre={who.pk}", headers={"X-Portal-Carry": "1"}).status_code == 404


@pytest.mark.parametrize("role", [Role.LEADER, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN])
def test_only_those_who_visit_carry(client, person, role):
    client.force_login(person(role=role))
    assert client.post(CARRY).status_code == 403


def test_a_link_carries_nothing(client, worker):
    client.force_login(worker)
    assert client.get(CARRY).status_code == 405
    assert CARRIED_UNTIL not in client.session


def test_switched_off_there_is_neither_button_nor_answer(client, worker, owed, settings):
    client.force_login(worker)
    owed("王德福", 97)
    assert "data-carry=" in client.get(reverse("worklist")).content.decode()
    settings.OFFLINE_HOURS = 0
    assert client.post(CARRY).status_code == 404
    text = client.get(reverse("worklist")).content.decode()
    assert "data-carry=" not in text
    assert 'data-offline-hours="0"' in text


def test_a_long_list_is_cut_and_says_so(client, worker, owed, monkeypatch):
    monkeypatch.setattr(worklist, "CARRIED", 2)
    client.force_login(worker)
    for number in range(3):
        owed(f"王{number}", 97 + number)
    got = client.post(CARRY).json()
    assert got["people"] <= 2
    assert "只带了前 2 项" in got["html"]


def test_once_is_another_with_every_form(client, worker, owed):
    client.force_login(worker)
    url = f"{reverse('care:visit_log')}?cadre={owed('王德福', 97).pk}"
    found = {client.get(url).context["form"]["once"].value() for _ in range(2)}
    assert len(found) == 2
    assert all(uuid.UUID(str(one)) for one in found)
