"""一人一卡: what it holds, numbers in the clear only with a reason, the QR code, a sheet for a place, the neighbour."""

from datetime import date

import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres.columns import prepare
from apps.care.models import ServicePlan
from apps.core.qr import qr_code
from apps.core.scope import system_scope
from tests.factories import duties as make


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER, username="worker", display_name="李工", phone="0792-8120000")


@pytest.fixture
def somebody(places, worker):
    with system_scope("test"):
        facts = {"name": "王德福", "born_on": date(1940, 1, 1), "phone": "12812345678", "emergency_name": "王小明", "emergency_relation": "儿子", "emergency_phone": "12987654321"}
        known = {name: value for name, value in prepare(facts).items() if name != "name_key"}
        who = make.cadre(places["浔阳区教育局"], **known, address="沙河街 1 号", family_doctor="陈医生")
        make.plan(who, date(2026, 1, 1), worker=worker, community="湓浦社区 王主任")
    return who


def page(client, user, url, **data):
    client.force_login(user)
    answer = client.post(url, data) if data else client.get(url)
    return answer, answer.content.decode()


def test_the_card_names_whom_to_call(client, worker, somebody):
    _, text = page(client, worker, reverse("care:card", args=[somebody.pk]))
    for words in ("王德福", "李工", "0792-8120000", "浔阳区教育局", "湓浦社区 王主任", "陈医生", "王小明（儿子）", "沙河街 1 号", "120"):
        assert words in text
    assert "12812345678" not in text
    assert "12987654321" not in text
    assert "<svg" in text


def test_numbers_in_the_clear_ask_for_a_reason_that_is_kept(client, worker, somebody):
    url = reverse("care:card", args=[somebody.pk])
    answer, text = page(client, worker, url, reason=" ")
    assert answer.status_code == 422
    assert "12812345678" not in text
    answer, text = page(client, worker, url, reason="制作服务卡")
    assert "12812345678" in text
    assert "no-store" in answer["Cache-Control"]
    with system_scope("test"):
        event = AuditEvent.objects.filter(verb="cadre.printed").latest("pk")
    assert (event.note, event.data) == ("制作服务卡", {"cards": 1, "full": True})


def test_a_role_that_may_not_reveal_gets_no_numbers(client, person, somebody):
    secretary = person("浔阳区", Role.BRANCH_SECRETARY, username="secretary")
    url = reverse("care:card", args=[somebody.pk])
    assert page(client, secretary, url)[0].status_code == 200
    assert page(client, secretary, url, reason="想看")[0].status_code == 403


def test_a_sheet_for_a_worker_and_nobody_before_one_has_chosen(client, worker, somebody, places):
    with system_scope("test"):
        make.cadre(places["浔阳区教育局"], name="别人")
    url = reverse("care:cards")
    assert "先选范围" in page(client, worker, url)[1]
    _, text = page(client, worker, f"{url}?worker={worker.pk}")
    assert text.count('class="card"') == 1
    assert page(client, worker, f"{url}?org={places['浔阳区'].pk}&size=a4")[1].count('class="card"') == 2


def test_the_sheet_asks_the_same_number_of_queries_for_one_and_for_many(client, worker, somebody, places, django_assert_max_num_queries):
    client.force_login(worker)
    url = f"{reverse('care:cards')}?org={places['浔阳区'].pk}"
    client.get(url)
    with system_scope("test"):
        for n in range(20):
            make.plan(make.cadre(places["浔阳区教育局"], name=f"人{n}"), date(2026, 1, 1), worker=worker)
    with django_assert_max_num_queries(34):
        assert client.get(url).content.decode().count('class="card"') == 21


def test_a_neighbour_prints_nobody(client, person, somebody, places):
    neighbour = person("濂溪区", Role.WORKER, username="neighbour")
    assert page(client, neighbour, reverse("care:card", args=[somebody.pk]))[0].status_code == 404
    assert 'class="card"' not in page(client, neighbour, f"{reverse('care:cards')}?org={places['浔阳区'].pk}")[1]


def test_the_code_is_a_drawing_without_styles():
    drawn = qr_code("https://portal.example/cadres/12/")
    assert drawn.startswith("<svg")
    assert "style=" not in drawn


def test_community_and_calendar_are_kept_with_the_plan(client, worker, somebody):
    with system_scope("test"):
        plan = ServicePlan.objects.get()
    client.force_login(worker)
    client.post(reverse("care:plan_edit", args=[plan.pk]), {"version": plan.version, "wishes": "", "community": "新社区", "lunar_birthday": "on"})
    with system_scope("test"):
        plan = ServicePlan.objects.get()
    assert (plan.community, plan.lunar_birthday) == ("新社区", True)
