"""The work list: who is due and why, whose, in which order; the sheet; the neighbour."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.care import standards
from apps.care.actions.visits import log_visit
from apps.care.models import ServicePlan
from apps.care.reminders import settle
from apps.core.scope import system_scope
from tests.factories import duties as make


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def worker(person):
    return person(display_name="走访人")


@pytest.fixture
def signed_in(client, worker):
    client.force_login(worker)
    return client


@pytest.fixture
def owed(places, today, worker):
    """``owed("甲", days=97, worker=…)``: a plan of 定期关注 that began so many days ago, never visited (contact 30, visit 90)."""
    with system_scope("test"):
        standards.load()

    def add(name, days, place="浔阳区", worker=worker, **given):
        with system_scope("test"):
            plan = make.plan(make.cadre(places[place], name), today - timedelta(days=days), worker=worker, year=today.year, **given)
            settle([plan.pk], today=today)
        return plan

    return add


def names(answer):
    return [row.cadre.name for _, _, rows in answer.context["groups"] for row in rows]


def test_groups_and_reasons(signed_in, owed):
    owed("逾期", 97)
    owed("今天", 30)
    owed("将到", 25)
    owed("还早", 1)
    answer = signed_in.get(reverse("worklist"))
    groups = {key: [row.cadre.name for row in rows] for key, _, rows in answer.context["groups"]}
    assert groups == {"late": ["逾期"], "today": ["今天"], "coming": ["将到"]}
    assert answer.context["counts"] == {"late": 2, "today": 1, "coming": 1}
    text = answer.content.decode()
    assert "建立方案后还没有见过面，应每 90 天一次" in text
    assert "已过 67 天" in text


def test_a_person_owed_two_things_stands_there_once(signed_in, owed):
    owed("两样", 97)
    answer = signed_in.get(reverse("worklist"))
    assert names(answer) == ["两样"]
    row = answer.context["groups"][0][2][0]
    assert ([duty.rule for duty in row.duties], row.act) == (["contact", "visit"], "visit")


def test_a_visit_takes_the_person_off_the_list(signed_in, owed, worker, today):
    plan = owed("逾期", 97)
    with system_scope("test"):
        log_visit(cadre=plan.cadre, visited_on=today, occasion="daily", way="home", situation="好", once=uuid.uuid4(), by=worker, today=today)
    answer = signed_in.get(reverse("worklist"))
    assert names(answer) == []
    assert "眼下没有到期的人" in answer.content.decode()


def test_the_sentence_counts_from_the_last_meeting(signed_in, owed, worker, today):
    plan = owed("见过", 200)
    day = today - timedelta(days=97)
    with system_scope("test"):
        log_visit(cadre=plan.cadre, visited_on=day, occasion="daily", way="home", situation="上次说要修灯", once=uuid.uuid4(), by=worker, today=day, need="修灯")
        settle([plan.pk], today=today)
    text = signed_in.get(reverse("worklist")).content.decode()
    assert "距上次见面 97 天，应每 90 天一次" in text
    assert "上次说要修灯" in text
    assert "未办结：修灯" in text


def test_mine_holds_what_nobody_answers_for_and_all_holds_the_rest(signed_in, owed, person):
    owed("我的", 97)
    owed("没人管", 96, worker=None)
    owed("别人的", 95, worker=person(username="other"))
    assert names(signed_in.get(reverse("worklist"))) == ["我的", "没人管"]
    assert names(signed_in.get(reverse("worklist") + "?who=all")) == ["我的", "没人管", "别人的"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?when=late", ["逾期"]),
        ("?when=today", ["今天"]),
        ("?when=coming", ["将到"]),
        ("?kind=visit", ["逾期"]),
        ("?when=x&kind=x&who=x&after=x", ["逾期", "今天", "将到"]),
    ],
)
def test_each_figure_leads_to_its_rows(signed_in, owed, query, expected):
    owed("逾期", 97)
    owed("今天", 30)
    owed("将到", 25)
    assert names(signed_in.get(reverse("worklist") + query)) == expected


def test_pages_walk_on(signed_in, owed):
    for n in range(30):
        owed(f"测试{n:02}", 97 + n)
    first = signed_in.get(reverse("worklist"))
    second = signed_in.get(reverse("worklist") + f"?after={first.context['after']}")
    assert len(set(names(first)) | set(names(second))) == 30
    assert first.context["total"] == 60


def test_it_costs_the_same_for_two_and_for_twenty(signed_in, owed):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert signed_in.get(reverse("worklist")).status_code == 200
        return len(seen)

    owed("一", 97)
    owed("二", 98)
    queries()
    few = queries()
    for n in range(18):
        owed(f"测试{n}", 97 + n)
    assert queries() == few


def test_undecided_people_are_pointed_out(signed_in, owed):
    owed("待定", 5)
    assert "类别还没有人确定" in signed_in.get(reverse("worklist")).content.decode()
    with system_scope("test"):
        ServicePlan.objects.update(class_decided=True)
    assert "类别还没有人确定" not in signed_in.get(reverse("worklist")).content.decode()


def test_promises_near_their_term(signed_in, owed, worker, today):
    plan = owed("答应过", 1)
    with system_scope("test"):
        given = {"occasion": "daily", "way": "home", "situation": "好", "need": "换优待证", "item": {"due_on": today + timedelta(days=3)}}
        log_visit(cadre=plan.cadre, visited_on=today, once=uuid.uuid4(), by=worker, today=today, **given)
    assert "换优待证" in signed_in.get(reverse("worklist")).content.decode()


def test_the_sheet_to_take_along_is_on_the_trail(signed_in, owed, worker):
    owed("逾期", 97)
    assert "逾期" in signed_in.get(reverse("worklist_sheet")).content.decode()
    with system_scope("test"):
        assert AuditEvent.objects.get(verb="cadre.printed").actor_id == worker.pk


def test_a_leader_looks_and_has_no_button(client, person, owed):
    owed("逾期", 97)
    client.force_login(person("九江市", Role.LEADER))
    text = client.get(reverse("worklist")).content.decode()
    assert "逾期" in text
    assert reverse("care:visit_log") not in text


def test_the_neighbour_sees_nobody(client, person, owed):
    owed("逾期", 97, worker=None)
    client.force_login(person("濂溪区", Role.COUNTY_OFFICER))
    answer = client.get(reverse("worklist") + "?who=all")
    assert names(answer) == []
    assert answer.context["counts"] == {"late": 0, "today": 0, "coming": 0}


def test_an_administrator_of_accounts_does_not_come_here(client, person):
    client.force_login(person("九江市", Role.SYSTEM_ADMIN))
    assert client.get(reverse("worklist")).status_code == 403
