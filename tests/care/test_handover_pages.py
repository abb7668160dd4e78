"""Pages of handovers and absences: who may press what, what the sheet shows, and what it keeps masked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.cadres.models import Relative
from apps.care import standards
from apps.care.models import Absence, Handover, ServicePlan, ToDo
from apps.care.reminders import settle
from apps.core.scope import system_scope
from tests.factories import duties as make


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def staff(person):
    return {name: person("浔阳区", Role.WORKER, username=name, display_name=name) for name in ("甲", "乙", "丙")}


@pytest.fixture
def people(places, staff, today):
    with system_scope("test"):
        standards.load()
        found = [make.cadre(places["浔阳区教育局"], f"老人{n}") for n in range(2)]
        for who in found:
            make.plan(who, today - timedelta(days=300), year=today.year, worker=staff["甲"], wishes="电话打给女儿")
        Relative.objects.create(cadre=found[0], org=found[0].org, relation="长女", name="女儿", phone="13812342206", phone_masked="138****2206")
        ToDo.objects.create(
            cadre=found[0], org=found[0].org, source="promise", rule="promise", title="送药上门", opens_on=today, due_on=today, first_due_on=today, worker=staff["甲"]
        )
        for n in range(4):
            make.visit(found[0], today - timedelta(days=100 + n), staff["甲"])
        settle(today=today)
    return found


def sign_in(client, user):
    client.force_login(user)
    return client


def offer(client, staff, **given):
    return client.post(reverse("care:handover_start"), {"receivers": [staff["乙"].pk], "note": "听力不好"} | given)


def test_from_offer_to_confirmation(client, staff, people):
    answer = offer(sign_in(client, staff["甲"]), staff, people=[people[0].pk])
    assert answer.status_code == 302, answer.content.decode()
    with system_scope("test"):
        one = Handover.objects.get()
    sheet = reverse("care:handover", args=[one.pk])
    assert answer.url == sheet

    sign_in(client, staff["乙"])
    assert "老人0" in client.get(reverse("care:handovers")).content.decode()
    shown = client.get(sheet).content.decode()
    for part in ("送药上门", "电话打给女儿", "听力不好", "138****2206", "长女", "确认接收", "身体尚好"):
        assert part in shown, part
    assert "13812342206" not in shown
    assert shown.count("身体尚好") == 3
    for _ in range(2):
        client.post(reverse("care:handover_confirm"), {"handover": [one.pk]})
    with system_scope("test"):
        assert ServicePlan.objects.get(cadre=people[0]).worker == staff["乙"]
        assert ServicePlan.objects.get(cadre=people[1]).worker == staff["甲"]
    assert "已交接" in client.get(sheet).content.decode()


def test_a_third_colleague_and_a_wrong_word(client, staff, people):
    offer(sign_in(client, staff["甲"]), staff, people=[people[0].pk])
    with system_scope("test"):
        one = Handover.objects.get()
    sign_in(client, staff["丙"])
    assert "确认接收" not in client.get(reverse("care:handover", args=[one.pk])).content.decode()
    answer = client.post(reverse("care:handover_confirm"), {"handover": [one.pk]}, follow=True)
    assert "要由甲和乙确认" in answer.content.decode()
    answer = client.post(reverse("care:handover_end", args=[one.pk]), {"reason": "x"})
    assert answer.status_code == 422
    assert "与您无关" in answer.content.decode()
    sign_in(client, staff["乙"])
    assert client.post(reverse("care:handover_end", args=[one.pk]), {"reason": ""}).status_code == 422
    assert client.post(reverse("care:handover_end", args=[one.pk]), {"reason": "住得太远"}).status_code == 302
    assert client.post(reverse("care:handover_end", args=[one.pk]), {"reason": "再按一次"}).status_code == 409


def test_nobody_chosen_is_said_at_the_form(client, staff, people):
    sign_in(client, staff["甲"])
    answer = offer(client, staff)
    assert answer.status_code == 422
    assert "没有可以交接的人" in answer.content.decode()
    assert client.post(reverse("care:handover_start"), {"people": [people[0].pk]}).status_code == 422
    assert offer(client, staff, whole="1").status_code == 302
    with system_scope("test"):
        assert Handover.objects.count() == 2


def test_a_head_hands_over_for_somebody_who_has_left(client, staff, people, person, today):
    staff["甲"].is_active = False
    staff["甲"].save()
    sign_in(client, person("浔阳区", Role.COUNTY_OFFICER, username="head"))
    start = f"{reverse('care:handover_start')}?giver={staff['甲'].pk}"
    assert "老人1" in client.get(start).content.decode()
    assert client.post(start, {"receivers": [staff["乙"].pk], "whole": "1"}).status_code == 302
    sign_in(client, staff["乙"])
    with system_scope("test"):
        keys = list(Handover.objects.values_list("pk", flat=True))
    client.post(reverse("care:handover_confirm"), {"handover": keys})
    with system_scope("test"):
        assert set(ServicePlan.objects.values_list("worker__username", flat=True)) == {"乙"}


def test_an_ordinary_worker_hands_over_nobody_elses_people(client, staff, people):
    sign_in(client, staff["丙"])
    shown = client.get(f"{reverse('care:handover_start')}?giver={staff['甲'].pk}").content.decode()
    assert "老人0" not in shown


def test_the_deputys_work_list_says_for_whom(client, staff, people, today):
    sign_in(client, staff["甲"])
    values = {"worker": staff["甲"].pk, "deputy": staff["乙"].pk, "starts_on": today, "ends_on": today + timedelta(days=3), "reason": "年休假"}
    assert client.post(reverse("care:absence_add"), values).status_code == 302
    again = client.post(reverse("care:absence_add"), values)
    assert again.status_code == 422
    assert "时间重叠" in again.content.decode()
    shown = sign_in(client, staff["乙"]).get(reverse("worklist")).content.decode()
    assert "代 甲" in shown
    assert "老人0" in shown
    assert "老人0" not in sign_in(client, staff["丙"]).get(reverse("worklist")).content.decode()
    with system_scope("test"):
        one = Absence.objects.get()
    assert client.post(reverse("care:absence_end", args=[one.pk])).status_code == 403
    assert sign_in(client, staff["甲"]).post(reverse("care:absence_end", args=[one.pk])).status_code == 302
    assert "老人0" not in sign_in(client, staff["乙"]).get(reverse("worklist")).content.decode()
