"""Pages of branches: set up, filled by tapping, checked, narrowed, exported; a neighbour and a unit see their own."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.branches.models import Branch, BranchRule, Committee, PartyMember
from apps.branches.selectors.rules import rules_in_force
from apps.core.scope import entered, system_scope


def page(client, name, *args, **query) -> str:
    answer = client.get(reverse(f"branches:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def signed(client, officer):
    client.force_login(officer)
    return client


def filled(org, **given) -> dict:
    return {"name": "教育局离退休党支部", "kind": "branch", "org": org.pk, "hosts": [org.pk]} | given


def test_from_nothing_to_a_checked_branch(signed, places, comrade):
    unit, people = places["浔阳区教育局"], [comrade(f"党员{n}") for n in range(3)]
    comrade("群众", political_status="13")
    assert "还没有党支部" in page(signed, "list")
    answer = signed.post(reverse("branches:branch_add"), filled(unit, founded_on=timezone.localdate()))
    with system_scope("test"):
        branch = Branch.objects.get()
    assert answer.url == reverse("branches:branch", args=[branch.pk])
    shown = page(signed, "branch", branch.pk)
    for sentence in ("正式党员 0 名，不足 3 名", "没有在任的书记", "依据：《中国共产党支部工作条例（试行）》", "还没有登记支委会"):
        assert sentence in shown
    choice = page(signed, "member_add", branch.pk)
    assert "党员0" in choice
    assert "群众" not in choice
    assert "请先勾选" in signed.post(reverse("branches:member_add", args=[branch.pk]), {}, follow=True).content.decode()
    assert "转入 3 人" in signed.post(reverse("branches:member_add", args=[branch.pk]), {"row": [one.pk for one in people]}, follow=True).content.decode()
    today = timezone.localdate()
    answer = signed.post(reverse("branches:committee_add", args=[branch.pk]), {"starts_on": today, "secretary": people[0].pk}, follow=True)
    assert "已登记这一届" in answer.content.decode()
    assert "没有发现" in page(signed, "branch", branch.pk)
    with system_scope("test"):
        member = PartyMember.objects.get(cadre=people[1])
    given = {"standing": "formal", "health": "limited", "dues_base": "6000", "floating_from": "2026-01-01", "floating_to": "南昌", "version": 1}
    signed.post(reverse("branches:member", args=[member.pk]), given)
    shown = page(signed, "branch", branch.pk)
    for sentence in ("60.00 元", "行动不便", "南昌", "外出党员 1 名没有登记联系人"):
        assert sentence in shown
    assert signed.post(reverse("branches:member", args=[member.pk]), {"standing": "formal", "version": 1}).status_code == 409
    person_page = signed.get(reverse("cadres:detail", args=[people[1].pk])).content.decode()
    assert "教育局离退休党支部" in person_page
    assert "党费每月 60.00 元" in person_page
    assert "已离开" in signed.post(reverse("branches:member_leave", args=[member.pk]), {"reason": "removed", "on": today, "version": 2}, follow=True).content.decode()


def test_what_is_wrong_is_said_at_the_field(signed, places):
    unit = places["浔阳区教育局"]
    signed.post(reverse("branches:branch_add"), filled(unit))
    late, day = {"name": "新", "founded_on": "2999-01-01"}, {"name": "新", "fixed_day": 32}
    for given, sentence in (({}, "已经有同名的党支部"), ({"name": ""}, "这一项必须填写"), (late, "不能晚于今天"), (day, "31")):
        answer = signed.post(reverse("branches:branch_add"), filled(unit, **given))
        assert answer.status_code == 422
        assert sentence in answer.content.decode()


def term(branch, days: int, posts: str = "在职书记") -> None:
    today = timezone.localdate()
    with system_scope("test"):
        found = Committee.objects.create(branch=branch, org=branch.org, starts_on=today - timedelta(days=1000), ends_on=today + timedelta(days=days))
        found.posts.create(post="secretary", name=posts, org=branch.org)


def test_the_list_is_narrowed_to_what_its_figures_count(signed, set_up, comrade):
    sound = set_up("好支部", members=[comrade(f"好{n}") for n in range(3)])
    term(sound, 400 - 305)
    late, empty = set_up("过期支部", members=[comrade(f"过{n}") for n in range(3)]), set_up("空支部")
    term(late, -1)
    set_up("二支部", code="B2", area=None, members=[comrade(f"二{n}") for n in range(3)])
    shown = {look: page(signed, "list", look=look) for look in ("wrong", "look", "term", "size", "committee")}
    assert [name for name in ("好支部", "过期支部", "空支部", "二支部") if name in shown["wrong"]] == ["过期支部", "空支部", "二支部"]
    assert [name for name in ("好支部", "过期支部", "空支部") if name in shown["term"]] == ["好支部", "过期支部"]
    assert "空支部" in shown["size"]
    assert "好支部" not in shown["size"]
    assert "二支部" in page(signed, "list", q="B2")
    assert "没有符合条件" in page(signed, "list", q="没有的")
    assert "好支部" in page(signed, "list", look="乱写", kind="乱写", area="x")
    signed.post(reverse("branches:branch_dissolve", args=[empty.pk]), {"on": timezone.localdate(), "reason": "浔委〔2026〕1号", "version": 1})
    assert "空支部" not in page(signed, "list")
    assert "空支部" in page(signed, "list", state="dissolved")


def test_areas(signed, places, set_up):
    assert "还没有片区" in page(signed, "areas")
    given = {"name": "城中片区", "org": places["浔阳区"].pk, "head": "王片长"}
    signed.post(reverse("branches:area_add"), given)
    assert signed.post(reverse("branches:area_add"), given).status_code == 422
    shown = page(signed, "areas")
    assert "王片长" in shown


def test_numbers_are_changed_by_version(client, person, signed):
    client.force_login(person("九江市", Role.DATA_ADMIN))
    assert "3 名" in page(client, "rules")
    url, today = reverse("branches:rule", args=["min_formal"]), timezone.localdate()
    given = {"value": "5", "basis": "practice", "source": "九江市委老干部局通知", "valid_from": today + timedelta(days=1)}
    assert client.post(url, given | {"valid_from": today}).status_code == 422
    assert client.post(url, given).status_code == 302
    assert client.post(url, given).status_code == 422
    assert (rules_in_force(today)["min_formal"].value, rules_in_force(today + timedelta(days=1))["min_formal"].value) == (3, 5)
    assert BranchRule.objects.filter(key="min_formal").count() == 2
    assert client.post(reverse("branches:rule", args=["none"]), given).status_code == 404


def test_who_sees_and_who_writes(client, person, set_up, comrade, scope_of, officer):
    joint = set_up("区直联合党支部", org="浔阳区", kind="joint", members=[comrade("甲")])
    own = set_up()
    client.force_login(person("浔阳区教育局", Role.BRANCH_SECRETARY))
    shown = page(client, "list")
    assert "教育局离退休党支部" in shown
    assert "区直联合党支部" not in shown
    assert client.get(reverse("branches:branch_edit", args=[own.pk])).status_code == 200
    assert client.get(reverse("branches:branch", args=[joint.pk])).status_code == 404
    with system_scope("test"):
        member = PartyMember.objects.get()
    assert client.post(reverse("branches:member_leave", args=[member.pk]), {"reason": "removed", "on": date(2026, 11, 1)}).status_code == 404
    assert "区直联合党支部" in client.get(reverse("cadres:detail", args=[member.cadre_id])).content.decode()
    client.force_login(person("九江市", Role.LEADER))
    assert "区直联合党支部" in page(client, "list")
    assert client.post(reverse("branches:branch_add"), {}).status_code == 403
    client.force_login(person("濂溪区", Role.COUNTY_OFFICER))
    assert "还没有党支部" in page(client, "list")
    with entered(scope_of("濂溪区")):
        assert not Branch.objects.exists()
        assert not PartyMember.objects.exists()


def test_lists_cost_the_same_for_few_and_many(signed, set_up, comrade):
    term(set_up("支部", members=[comrade("甲")]), 50)

    def cost():
        signed.get(reverse("branches:list"))
        with CaptureQueriesContext(connection) as seen:
            signed.get(reverse("branches:list"))
        return len(seen)

    few = cost()
    for n in range(12):
        term(set_up(f"支部{n}", members=[comrade(f"某{n}")]), 50)
    assert cost() == few


def test_exports_follow_the_list(set_up, comrade, officer, scope_of):
    from apps.files.exporting.kinds import EXPORTS

    first = set_up("甲支部", members=[comrade("张三", party_joined_on=date(1970, 7, 1))], hosts=["浔阳区教育局"])
    term(first, -3, "在职书记")
    set_up("乙支部", members=[comrade("李四")])
    today = timezone.localdate()
    with entered(scope_of("浔阳区")) as scope:
        kind, people = EXPORTS["branches"], EXPORTS["branch_members"]
        keys = ["name", "kind", "hosts", "formal", "secretary", "ends_on", "findings"]
        found = list(kind.rows(scope, {"look": "term"}, keys, False, today))
        assert found[0][:6] == ["甲支部", "党支部", 1, 1, "在职书记", today - timedelta(days=3)]
        assert "不足 3 名" in found[0][6]
        assert (len(found), kind.count(scope, {"look": "term"}, today, 100), kind.count(scope, {}, today, 100)) == (1, 1, 2)
        PartyMember.objects.filter(cadre__name="张三").update(dues_base=4000)
        columns = [one.key for one in people.columns()]
        rows = [dict(zip(columns, row, strict=True)) for row in people.rows(scope, {"look": "term"}, columns, False, today)]
        assert [(row["name"], row["branch"], row["party_joined_on"], row["dues"]) for row in rows] == [("张三", "甲支部", date(1970, 7, 1), 20.0)]
        assert people.count(scope, {}, today, 100) == 2
        assert people.count(scope, {"branch": str(first.pk)}, today, 100) == 1
        every = [one.key for one in kind.columns()]
        assert all(len(row) == len(every) for row in kind.rows(scope, {}, every, False, today))
    with entered(scope_of("濂溪区")) as scope:
        assert list(people.rows(scope, {"branch": str(first.pk)}, ["name"], False, today)) == []
        assert list(kind.rows(scope, {}, ["name"], False, today)) == []
