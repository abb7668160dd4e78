"""What a branch has to do: one list, and messages once per occasion on its days of telling."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.models import Notification
from apps.branches.actions import sheets
from apps.branches.actions.activities import log_activity
from apps.branches.actions.committees import Holder, save_committee
from apps.branches.actions.pledges import log_progress, make_pledge
from apps.branches.actions.rectifications import open_rectification, take_step
from apps.branches.models import Branch, Pledge
from apps.branches.selectors.desk import items_of
from apps.branches.tasks import run_day
from apps.core.calendar import Quarter
from apps.core.scope import system_scope
from apps.core.telling import reached
from tests.branches.test_activities import VALUES

TODAY = date(2026, 11, 22)


@pytest.fixture
def secretary(person):
    return person("浔阳区教育局", Role.BRANCH_SECRETARY, username="secretary")


@pytest.fixture
def branch(set_up, comrade):
    return set_up(members=[comrade("甲"), comrade("乙"), comrade("丙")])


def items(today=TODAY):
    with system_scope("test"):
        return {one.key.split(":")[0] + (":" + one.key.split(":")[2] if one.key.startswith("life") else ""): one for one in items_of(Branch.objects.all(), today)}


def told(user) -> list[str]:
    with system_scope("test"):
        return sorted(Notification.objects.filter(user=user).values_list("title", flat=True))


def test_what_is_owed_goes_away_when_it_is_done(branch, officer):
    found = items()
    assert found["life:theme"].due_on == date(2026, 11, 30)
    assert found["life:volunteer"].title == "志愿服务（0/4）"
    assert found["sheet"].due_on == date(2026, 10, 5)
    assert "life:committee" not in found
    with system_scope("test"):
        log_activity(branch=branch, once=uuid.uuid4(), by=officer, today=TODAY, **VALUES)
    assert "life:theme" not in items()


def test_told_on_the_day_of_telling_and_once(branch, secretary):
    run_day(date(2026, 11, 23), now=timezone.now())
    before = told(secretary)
    run_day(date(2026, 11, 24), now=timezone.now())
    assert [title for title in told(secretary) if title not in before] == [f"{branch.name}：主题党日"]
    for _ in range(2):
        assert run_day(date(2026, 11, 24), now=timezone.now()) == 0


def test_a_day_without_a_run_is_made_up_for(branch, secretary):
    assert reached(items(date(2026, 11, 27))["life:theme"].tells, date(2026, 11, 27)) == date(2026, 11, 24)
    assert reached(items(date(2026, 11, 28))["life:theme"].tells, date(2026, 11, 28)) is None


def test_what_came_back_stands_there_with_the_reason(branch, officer, secretary, client):
    quarter, given = Quarter(2026, 3), {"branch": branch, "quarter": Quarter(2026, 3)}
    with system_scope("test"):
        sheets.fill_sheet(**given, typed={"advice": 0, "visits": 0, "news": 0}, corrected={}, problems="", by=secretary)
        sheets.take_step(**given, step="submit", by=secretary, today=TODAY, now=timezone.now())
    assert "sheet" not in items()
    with system_scope("test"):
        sheets.take_step(**given, step="return", note="主题党日少一次", by=officer, today=TODAY, now=timezone.now())
    assert (items()["sheet"].came_back, items()["sheet"].note) == (True, "退回：主题党日少一次")
    assert quarter.title in items()["sheet"].title
    client.force_login(secretary)
    page = client.get(reverse("branches:desk")).content.decode()
    if timezone.localdate() < date(2027, 1, 1):
        assert "主题党日少一次" in page
    assert "党支部待办" in page


def test_a_rectification_a_week_before_and_the_day_after(branch, officer, secretary):
    with system_scope("test"):
        case = open_rectification(branch=branch, problem="台账不全", by=officer, today=TODAY, now=timezone.now(), due_on=date(2026, 12, 20))
    title = f"{branch.name}：整改：台账不全"
    for day, n in ((date(2026, 12, 12), 0), (date(2026, 12, 13), 1), (date(2026, 12, 20), 1), (date(2026, 12, 21), 2), (date(2026, 12, 22), 2)):
        run_day(day, now=timezone.now())
        assert told(secretary).count(title) == n, day
    with system_scope("test"):
        take_step(case=case, step="void", note="开错了", by=officer, today=TODAY, now=timezone.now())
    assert "rectify" not in items()


def test_the_end_of_a_term_three_times_and_once_more(branch, officer, secretary, comrade):
    with system_scope("test"):
        holder = branch.members.first().cadre_id
        save_committee(branch=branch, holders=[Holder("secretary", holder)], by=officer, today=TODAY, starts_on=date(2024, 1, 1), ends_on=date(2027, 5, 21))
    assert "term" in items(), "180 days before"
    title = f"{branch.name}：支委会换届"
    for days, n in ((181, 0), (180, 1), (91, 1), (90, 2), (30, 3), (-1, 4), (-2, 4)):
        run_day(date(2027, 5, 21) - timedelta(days=days), now=timezone.now())
        assert told(secretary).count(title) == n, days


def test_pledges_without_progress_in_the_last_fortnight(branch, officer, secretary):
    with system_scope("test"):
        for text in ("甲事", "乙事"):
            make_pledge(branch=branch, year=2026, by=officer, today=TODAY, text=text, measure="", responsible="", due_on=date(2026, 12, 31), name_shown=False)
        log_progress(pledge=Pledge.objects.first(), quarter=4, text="办了", by=officer, today=TODAY, now=timezone.now())
    assert items()["pledge"].title == "公开承诺登记4季度进展（1 项）"
    run_day(date(2026, 12, 16), now=timezone.now())
    assert told(secretary).count(f"{branch.name}：公开承诺登记4季度进展（1 项）") == 1


def test_a_fixed_number_of_queries_for_any_number_of_branches(branch, set_up, django_assert_max_num_queries):
    with system_scope("test"), django_assert_max_num_queries(20):
        items_of(Branch.objects.all(), TODAY)
    for n in range(8):
        set_up(f"支部{n}")
    with system_scope("test"), django_assert_max_num_queries(20):
        assert items_of(Branch.objects.all(), TODAY)


def test_who_only_looks_on_is_led_to_no_form(branch, person, client):
    client.force_login(person("浔阳区", Role.LEADER, username="leader"))
    page = client.get(reverse("branches:desk")).content.decode()
    assert reverse("branches:life", args=[branch.pk]) in page
    assert reverse("branches:activity_add", args=[branch.pk]) not in page
