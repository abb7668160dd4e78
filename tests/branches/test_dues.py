"""党费: registered for many at once and once a month, who is behind and since when, what the branch is told; members away nobody heard of."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.branches.actions import dues as actions
from apps.branches.actions.members import change_member
from apps.branches.models import Branch, DuesPayment, PartyMember
from apps.branches.selectors import dues as selectors
from apps.branches.selectors.branches import lines
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from tests.branches.conftest import TODAY

JAN = date(2026, 1, 1)


@pytest.fixture
def branch(set_up, comrade):
    return set_up(members=[comrade("甲"), comrade("乙")])


@pytest.fixture
def people(branch, officer):
    with system_scope("test"):
        found = list(PartyMember.objects.filter(branch=branch).order_by("pk"))
        change_member(member=found[0], dues_base=Decimal("4000"), by=officer, today=TODAY)
        return found


@pytest.fixture
def pay(branch, people, officer):
    def build(**given):
        values = {"members": [people[0].pk], "first": JAN, "last": JAN, "paid_on": TODAY, "amount": None, "waived": False}
        with system_scope("test"):
            return actions.register_dues(branch=branch, by=officer, today=TODAY, **values | given)

    return build


def late(branch, today=TODAY):
    with system_scope("test"):
        return {PartyMember.objects.get(pk=pk).cadre.name: n for pk, n in selectors.behind([branch.pk], today).get(branch.pk, {}).items()}


def test_many_members_and_months_at_once_and_none_twice(pay, people, branch):
    assert pay(members=[one.pk for one in people], last=date(2026, 3, 9), amount=Decimal("20")) == (6, 0)
    assert pay(last=date(2026, 4, 1)) == (1, 3)
    with system_scope("test"):
        assert DuesPayment.objects.get(month=date(2026, 4, 1)).amount == Decimal("20.00"), "0.5 % of 4,000"
        assert selectors.collected(branch, 2026) == Decimal("140.00")
        pay(members=[people[1].pk], first=date(2026, 5, 1), last=date(2026, 5, 1), waived=True)
        rows = {line.member.cadre.name: line for line in selectors.register(branch, 2026, TODAY)}
        assert sorted(rows["乙"].paid) == [1, 2, 3, 5]
        assert (rows["甲"].due, rows["乙"].due) == (Decimal("20.00"), None)


def test_what_is_said_at_the_field(pay, people):
    for given, field in (
        ({"last": date(2025, 12, 1)}, "last"), ({"last": date(2028, 1, 1)}, "last"), ({"first": date(2026, 12, 1), "last": date(2027, 1, 1)}, "last"),
        ({"paid_on": TODAY + timedelta(days=1)}, "paid_on"), ({"members": []}, "members"), ({"members": [99999999]}, "members"), ({"members": [people[1].pk]}, "amount"),
    ):  # fmt: skip
        with pytest.raises(Refused) as problem:
            pay(**given)
        assert problem.value.field == field


def test_behind_from_the_first_month_the_branch_registered(pay, branch, people):
    assert late(branch) == {}, "a branch that registers nothing here is behind in nothing"
    pay(first=date(2026, 6, 1), last=date(2026, 8, 1))
    assert late(branch) == {"甲": 2, "乙": 5}
    assert late(branch, date(2026, 9, 30)) == {"乙": 3}, "a month counts when it is over"
    pay(first=date(2026, 12, 1), last=date(2026, 12, 1))
    assert late(branch) == {"乙": 5}


def test_who_joined_later_is_behind_since_then(pay, branch, people):
    with system_scope("test"):
        PartyMember.objects.filter(pk=people[1].pk).update(joined_on=date(2026, 10, 20))
    pay(last=date(2026, 10, 1))
    assert late(branch) == {"乙": 1}


def test_the_branch_hears_of_it(pay, branch, people):
    pay(last=date(2026, 2, 1))
    pay(members=[people[1].pk], last=date(2026, 7, 1), amount=Decimal(5))

    def said():
        with system_scope("test"):
            return [one.sentence for one in lines(Branch.objects.filter(pk=branch.pk), TODAY)[0].findings if one.key.startswith("dues")]

    assert said() == ["1 名党员的党费 6 个月以上没有登记，请逐人核实原因，按规定处理。", "1 名党员的党费 3 个月以上没有登记。"]
    pay(last=date(2026, 10, 1))
    assert said() == ["1 名党员的党费 3 个月以上没有登记。"]


def test_a_member_away_nobody_has_heard_of(branch, people, officer):
    def silent():
        with system_scope("test"):
            return [one.sentence for one in lines(Branch.objects.filter(pk=branch.pk), TODAY)[0].findings if one.key == "silent"]

    given = {"member": people[0], "by": officer, "today": TODAY}
    with system_scope("test"):
        change_member(floating_from=TODAY - timedelta(days=200), floating_to="三亚", floating_contact="老王", **given)
    assert silent() == ["外出党员 1 名超过 60 天没有登记联系。"]
    with system_scope("test"), pytest.raises(Refused) as problem:
        change_member(contacted_on=TODAY + timedelta(days=1), **given)
    assert problem.value.field == "contacted_on"
    with system_scope("test"):
        change_member(contacted_on=TODAY - timedelta(days=60), **given)
    assert silent() == []


def test_registered_and_taken_back_by_hand(client, person, branch, people):
    client.force_login(person("浔阳区教育局", Role.BRANCH_SECRETARY, username="secretary"))
    address, today = reverse("branches:dues", args=[branch.pk]), timezone.localdate()
    form = {"members": [people[0].pk], "first": f"{today:%Y-%m}", "last": f"{today:%Y-%m}", "paid_on": today}
    assert "请填每月金额" in client.post(address, form | {"members": [people[1].pk]}).content.decode()
    assert "已登记 1 笔。" in client.post(address, form, follow=True).content.decode()
    assert "没有重复" in client.post(address, form, follow=True).content.decode()
    with system_scope("test"):
        paid = DuesPayment.objects.get()
    assert "已撤回" in client.post(reverse("branches:dues_remove", args=[paid.pk]), follow=True).content.decode()
    client.force_login(person("浔阳区", Role.LEADER, username="leader"))
    assert "登记收缴" not in client.get(address).content.decode()
    client.post(address, form)
    with system_scope("test"):
        assert not DuesPayment.objects.exists()
