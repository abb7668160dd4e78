"""Terms of a committee: nobody is displaced by an empty form, two at once make one, a mistake is taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from apps.branches.actions.committees import Holder, present_term, remove_committee, save_committee
from apps.branches.models import Committee, CommitteeMember
from apps.branches.selectors.members import terms_in_office
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from tests.branches.conftest import TODAY

OLD, NEW = date(2024, 3, 1), date(2026, 6, 1)


@pytest.fixture
def people(comrade):
    return [comrade("甲"), comrade("乙"), comrade("丙")]


@pytest.fixture
def branch(set_up, people):
    return set_up(members=people)


@pytest.fixture
def enter(branch, officer):
    def save(starts_on, holder, **given):
        with system_scope("test"):
            return save_committee(branch=branch, holders=[Holder("secretary", holder.pk)], by=officer, today=TODAY, starts_on=starts_on, **given)

    return save


def present(branch):
    with system_scope("test"):
        return present_term(branch)


def test_an_empty_form_displaces_nobody(client, branch, enter, people, officer):
    sitting = enter(OLD, people[0])
    client.force_login(officer)
    answer = client.post(reverse("branches:committee_add", args=[branch.pk]), {"starts_on": timezone.localdate()})
    assert answer.status_code == 422
    assert "请至少写明一位" in answer.content.decode()
    assert present(branch) == sitting
    assert "现任 2024.03—2027.03 一届到新一届开始的前一天为止" in client.get(reverse("branches:committee_add", args=[branch.pk])).content.decode()


def test_a_corrected_beginning_keeps_its_place_among_the_terms(branch, enter, people):
    old = enter(OLD, people[0])
    enter(NEW, people[1])
    with pytest.raises(Refused) as crossed:
        enter(NEW + timedelta(days=9), people[0], committee=old)
    assert (crossed.value.code, crossed.value.field) == ("terms_crossed", "starts_on")
    assert enter(OLD + timedelta(days=9), people[0], committee=old).starts_on == OLD + timedelta(days=9)


def test_the_former_term_ends_when_the_next_begins(branch, enter, people):
    enter(OLD, people[0])
    enter(NEW, people[1])
    with system_scope("test"):
        assert [(term.starts_on, term.until) for term in terms_in_office(branch)] == [(NEW, date(2029, 6, 1)), (OLD, NEW - timedelta(days=1))]


def test_a_former_term_entered_later_may_not_reach_into_the_next(branch, enter, people):
    enter(NEW, people[1])
    with pytest.raises(Refused, match="重叠"):
        enter(OLD, people[0])
    enter(OLD, people[0], ends_on=NEW - timedelta(days=1))
    assert present(branch).starts_on == NEW


def test_a_mistake_is_taken_back_and_the_former_term_sits_again(client, branch, enter, people, officer):
    sitting, wrong = enter(OLD, people[0]), enter(NEW, people[1])
    client.force_login(officer)
    address = reverse("branches:committee_remove", args=[wrong.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"version": 1, "reason": " "}).status_code == 422
    assert client.post(address, {"version": 1, "reason": "选错了日期"}).status_code == 302
    assert client.post(address, {"version": 1, "reason": "选错了日期"}).status_code == 404
    assert present(branch) == sitting
    with system_scope("test"):
        assert not CommitteeMember.objects.filter(committee=wrong).exists()
        with pytest.raises(Stale):
            remove_committee(committee=wrong, reason="再撤", by=officer)
    assert enter(NEW, people[2]).starts_on == NEW


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_a_term_at_once_make_one(branch, enter, people):
    sitting = enter(OLD, people[0])

    def press(n):
        try:
            enter(NEW + timedelta(days=n), people[n], after=sitting.pk)
        except Stale:
            return "stale"
        finally:
            connections.close_all()
        return "entered"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, (0, 1))) == ["entered", "stale"]
    with system_scope("test"):
        assert Committee.objects.count() == 2
