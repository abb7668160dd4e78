"""A visit that arrives hours after it was written: whoever or whatever has changed meanwhile, no word of it is lost and nothing counts twice."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.cadres.models import Cadre, Standing, Survivor
from apps.care import standards
from apps.care.actions.todos import promise
from apps.care.actions.visits import log_visit
from apps.care.models import ToDo, Visit
from apps.core.scope import system_scope
from tests.factories import duties as make

FETCH = {"X-Portal-Fetch": "1"}


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def officer(person):
    return person(display_name="走访人")


@pytest.fixture
def signed_in(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def who(places):
    with system_scope("test"):
        standards.load()
        return make.cadre(places["浔阳区"], "王德福")


def letter(today, **given):
    return {"once": str(uuid.uuid4()), "visited_on": today, "way": "home", "occasion": "daily", "in_person": "1", "situation": "门口坐了一会儿。"} | given


def send(client, who, sent):
    return client.post(reverse("care:visit_log") + f"?cadre={who.pk}", sent, headers=FETCH)


def visits():
    with system_scope("test"):
        return Visit.objects.count()


def change(who, **values):
    with system_scope("test"):
        Cadre.objects.filter(pk=who.pk).update(**values)


def test_what_is_stored_is_marked_so(signed_in, who, today):
    sent = letter(today)
    answers = [send(signed_in, who, sent) for _ in range(2)]
    assert [(answer.status_code, answer["X-Portal-Saved"]) for answer in answers] == [(204, "1")] * 2
    assert visits() == 1


def test_written_before_a_death_registered_since(signed_in, who, today):
    change(who, standing=Standing.DECEASED, deceased_on=today)
    answer = send(signed_in, who, letter(today, need="修灯"))
    assert "X-Portal-Saved" in answer.headers
    assert visits() == 1


def test_visited_after_the_death_is_refused_with_its_words(signed_in, who, today):
    change(who, standing=Standing.DECEASED, deceased_on=today - timedelta(days=2))
    with system_scope("test"):
        Survivor.objects.create(cadre=who, org=who.org, name="李秀英")
    answer = send(signed_in, who, letter(today))
    assert (answer.status_code, visits()) == (422, 0)
    assert "门口坐了一会儿。" in answer.content.decode()
    assert "X-Portal-Saved" not in answer.headers


def test_transferred_meanwhile_inside_the_scope(signed_in, who, today):
    change(who, standing=Standing.MOVED)
    answer = send(signed_in, who, letter(today))
    assert answer.status_code == 422
    assert "已转出，不再登记走访" in answer.content.decode()
    assert "门口坐了一会儿。" in answer.content.decode()
    assert visits() == 0
    opened = signed_in.get(reverse("care:visit_log") + f"?cadre={who.pk}")
    assert (opened.status_code, opened.headers.get("X-Portal-Saved")) == (302, None)


def test_transferred_to_the_neighbour_is_not_found_and_not_marked_as_stored(signed_in, who, places, today):
    change(who, org=places["濂溪区"], org_path=places["濂溪区"].path)
    answer = send(signed_in, who, letter(today))
    assert (answer.status_code, answer.headers.get("X-Portal-Saved"), visits()) == (404, None, 0)


def test_a_duty_somebody_else_settled_is_named_and_not_settled_again(signed_in, who, officer, person, today):
    colleague = person(username="colleague", display_name="张三")
    with system_scope("test"):
        first = log_visit(cadre=who, visited_on=today, occasion="daily", way="home", situation="先来一步", once=uuid.uuid4(), by=officer, today=today - timedelta(days=0))
        duty = promise(visit=first, what="送老花镜", due_on=today, by=officer, worker=officer) or ToDo.objects.get(title="送老花镜")
        log_visit(cadre=who, visited_on=today, occasion="daily", way="home", situation="顺路送到", once=uuid.uuid4(), by=colleague, today=today, settles=[duty])
        assert ToDo.objects.get(pk=duty.pk).state == "done"
    sent = letter(today, settles=[str(duty.pk)])
    answer = send(signed_in, who, sent)
    assert answer["X-Portal-Saved"] == "1"
    shown = signed_in.get(reverse("worklist")).content.decode()
    assert "此前已办结或不再需要，不重复计：送老花镜（张三）" in shown
    with system_scope("test"):
        assert ToDo.objects.get(pk=duty.pk).done_by == colleague


def test_sent_twice_it_says_nothing_of_what_it_settled_itself(signed_in, who, officer, today):
    with system_scope("test"):
        first = log_visit(cadre=who, visited_on=today, occasion="daily", way="home", situation="先来一步", once=uuid.uuid4(), by=officer, today=today)
        duty = promise(visit=first, what="送老花镜", due_on=today, by=officer, worker=officer) or ToDo.objects.get(title="送老花镜")
    sent = letter(today, settles=[str(duty.pk)])
    for _ in range(2):
        send(signed_in, who, sent)
    assert "不重复计" not in signed_in.get(reverse("worklist")).content.decode()


def test_another_role_in_this_browser_does_not_store_it(signed_in, who, officer, today):
    wrong = {**FETCH, "X-Portal-For": f"{officer.pk}.0"}
    answer = signed_in.post(reverse("care:visit_log") + f"?cadre={who.pk}", letter(today), headers=wrong)
    assert (answer.status_code, visits()) == (401, 0)
