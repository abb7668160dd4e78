"""Who belongs to a branch: joining, one main branch, leaving, and what a life event or a merge does."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.accounts.models import Level, Organization
from apps.branches.actions import members as actions
from apps.branches.actions.branches import change_branch, dissolve_branch
from apps.branches.actions.committees import Holder, save_committee
from apps.branches.models import Committee, CommitteeMember, PartyMember
from apps.cadres.actions import ask_transfer, confirm_transfer, merge_cadres, register_status_change, unmerge_cadres
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope, entered, system_scope
from tests.branches.conftest import FIELDS, TODAY


def rows(**wanted) -> list[PartyMember]:
    with system_scope("test"):
        return list(PartyMember.objects.filter(**wanted).order_by("pk"))


def test_a_person_is_in_one_branch(comrade, set_up, officer, scope_of):
    someone = comrade("甲")
    set_up(members=[someone])
    other = set_up("机关党支部")
    with entered(scope_of("浔阳区")) as scope:
        with pytest.raises(Refused, match="甲：组织关系已在另一个党支部"):
            actions.join(scope=scope, branch=other, cadre=someone, by=officer, today=TODAY)
        joined = actions.join_many(scope=scope, branch=other, cadres=[someone.pk, comrade("乙").pk], by=officer, today=TODAY)
    assert ([one.cadre.name for one in joined.members], len(joined.refused)) == (["乙"], 1)
    club = set_up("书画社功能型党支部", kind="functional", members=[someone])
    assert [(one.branch_id == club.pk, one.main) for one in rows(cadre=someone, left_on=None)] == [(False, True), (True, False)]
    with system_scope("test"), pytest.raises(IntegrityError), transaction.atomic():
        PartyMember.objects.create(branch=other, cadre=someone, org=someone.org)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"political_status": "13"}, "不是中共党员"), ({"place": "濂溪区卫生局"}, "不在“教育局离退休党支部”的管理单位之下"), ({"standing": "moved"}, "已转出")],
)
def test_who_can_not_join(comrade, set_up, officer, given, sentence):
    someone, branch = comrade("甲", **given), set_up()
    with system_scope("test") as scope, pytest.raises(Refused, match=sentence):
        actions.join(scope=scope, branch=branch, cadre=someone, by=officer, today=TODAY)


def test_a_probationary_member_is_one(comrade, set_up):
    set_up(members=[comrade("甲", political_status="02")])
    assert [one.standing for one in rows()] == ["probationary"]


@pytest.mark.django_db(transaction=True)
def test_four_branches_that_take_the_same_person_at_once(comrade, set_up, officer, scope_of):
    someone, branches = comrade("甲"), [set_up(f"第{n}党支部") for n in range(4)]
    answers = []

    def press(branch):
        try:
            with entered(scope_of("浔阳区")) as scope:
                actions.join(scope=scope, branch=branch, cadre=someone, by=officer, today=TODAY)
            answers.append("in")
        except Refused as problem:
            answers.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(one,)) for one in branches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["in", "party_member_one_branch", "party_member_one_branch", "party_member_one_branch"]


def test_two_who_change_one_member_and_one_branch(comrade, set_up, officer, places):
    branch = set_up(members=[comrade("甲")])
    (member,) = rows()
    with system_scope("test") as scope:
        actions.change_member(member=member, by=officer, today=TODAY, version=1, group="一组")
        with pytest.raises(Stale):
            actions.change_member(member=member, by=officer, today=TODAY, version=1, group="二组")
        values = FIELDS | {"name": "改名", "org": places["浔阳区教育局"], "hosts": [], "by": officer, "today": TODAY, "version": 1, "scope": scope}
        change_branch(branch=branch, **values)
        with pytest.raises(Stale):
            change_branch(branch=branch, **values)
        with pytest.raises(Refused, match="请先转出全部党员"):
            change_branch(branch=branch, **values | {"kind": "functional", "version": 2})
        with pytest.raises(Refused, match="有党员不在这个单位"):
            change_branch(branch=branch, **values | {"org": places["濂溪区"], "version": 2})


def appoint(branch, someone, officer) -> Committee:
    with system_scope("test"):
        return save_committee(branch=branch, holders=[Holder("secretary", someone.pk)], by=officer, today=TODAY, starts_on=date(2026, 1, 1))


def event(cadre, kind, officer, **given):
    with system_scope("test") as scope:
        return register_status_change(cadre=cadre, kind=kind, effective_on=date(2026, 11, 20), by=officer, scope=scope, today=TODAY, **given)


def test_a_death_ends_membership_and_post_and_a_mistake_is_taken_back(comrade, set_up, officer):
    someone = comrade("甲")
    branch = set_up(members=[someone])
    term = appoint(branch, someone, officer)
    assert term.ends_on == date(2029, 1, 1)
    event(someone, "deceased", officer)
    (member,) = rows()
    assert (member.left_on, member.left_reason) == (date(2026, 11, 20), "deceased")
    with system_scope("test"):
        assert CommitteeMember.objects.get().left_on == date(2026, 11, 20)
    event(someone, "restored", officer)
    assert [one.left_on for one in rows()] == [None]
    with system_scope("test"):
        assert CommitteeMember.objects.get().left_on is None


def test_a_post_filled_meanwhile_stays_with_the_successor(comrade, set_up, officer):
    first, second = comrade("甲"), comrade("乙")
    branch = set_up(members=[first, second])
    term = appoint(branch, first, officer)
    event(first, "deceased", officer)
    with system_scope("test"):
        save_committee(branch=branch, committee=term, holders=[Holder("secretary", second.pk)], by=officer, today=TODAY, starts_on=date(2026, 1, 1))
    event(first, "restored", officer)
    with system_scope("test"):
        assert [one.cadre_id for one in CommitteeMember.objects.filter(left_on=None)] == [second.pk]
    assert [one.left_on for one in rows()] == [None, None]


def test_a_death_entered_at_the_unit_ends_it_in_a_branch_of_the_county(comrade, set_up, person, officer, scope_of):
    """The branch lies above the worker's place; the membership follows the person all the same."""
    from apps.accounts.permissions import Role

    someone = comrade("甲")
    appoint(set_up("联合党支部", org="浔阳区", kind="joint", members=[someone]), someone, officer)
    worker = person("浔阳区教育局", Role.WORKER)
    with entered(scope_of("浔阳区教育局")) as scope:
        register_status_change(cadre=someone, kind="deceased", effective_on=date(2026, 11, 20), by=worker, scope=scope, today=TODAY)
    assert [one.left_reason for one in rows()] == ["deceased"]
    with system_scope("test"):
        assert CommitteeMember.objects.get().left_on == date(2026, 11, 20)


def test_a_move_keeps_the_branch_above_and_ends_the_one_left_behind(comrade, set_up, officer, places):
    with system_scope("test"):
        water = Organization.objects.create(parent=places["浔阳区"], name="浔阳区水利局", level=Level.UNIT, path="/36/3604/360403/u9/")
    stays, goes = comrade("甲"), comrade("乙")
    set_up("联合党支部", org="浔阳区", kind="joint", members=[stays])
    set_up(members=[goes])
    for one in (stays, goes):
        event(one, "moved_out", officer, org=water)
    assert [(one.left_reason, one.org_path) for one in rows()] == [("", water.path), ("transferred", water.path)]


def test_a_transfer_to_another_county_ends_membership_and_post(set_up, officer, person, places, scope_of):
    from apps.accounts.permissions import Role
    from tests.factories import registry

    with entered(scope_of("浔阳区")):
        someone = registry.register(places["浔阳区教育局"], officer, "甲", id_number=registry.number(), political_status="01")
    branch = set_up("联合党支部", org="浔阳区", kind="joint", members=[someone])
    appoint(branch, someone, officer)
    asker, now = person("濂溪区", Role.COUNTY_OFFICER), timezone.now()
    with entered(scope_of("濂溪区")) as scope:
        request = ask_transfer(number=registry.number(), name="甲", org=places["濂溪区卫生局"], reason="已迁居", by=asker, scope=scope, today=TODAY, now=now)
    with entered(scope_of("浔阳区")) as scope:
        confirm_transfer(request=request, by=officer, scope=scope, today=TODAY, now=now)
    (member,) = rows()
    assert (member.left_reason, member.org_id) == ("transferred", places["濂溪区卫生局"].pk)
    with system_scope("test"):
        assert [(one.left_on, one.org_id) for one in CommitteeMember.objects.all()] == [(TODAY, places["濂溪区卫生局"].pk)]


def test_leaving_and_dissolving(comrade, set_up, officer):
    someone = comrade("甲")
    branch = set_up(members=[someone])
    appoint(branch, someone, officer)
    (member,) = rows()
    with system_scope("test"):
        PartyMember.objects.update(joined_on=date(2026, 3, 1))
        with pytest.raises(Refused, match="还有 1 名党员"):
            dissolve_branch(branch=branch, reason="合并", on=TODAY, by=officer, today=TODAY)
        with pytest.raises(Refused, match="离开时间应在转入之后"):
            actions.leave(member=member, reason="transferred", on=date(2026, 1, 1), by=officer, today=TODAY)
        actions.leave(member=member, reason="transferred", on=TODAY, by=officer, today=TODAY)
        with pytest.raises(Refused, match="已经离开"):
            actions.leave(member=member, reason="transferred", on=TODAY, by=officer, today=TODAY)
        assert CommitteeMember.objects.get().left_on == TODAY
        dissolve_branch(branch=branch, reason="合并", on=TODAY, by=officer, today=TODAY)
        with pytest.raises(Refused, match="已经撤销"):
            actions.join(scope=Scope(("/",)), branch=branch, cadre=someone, by=officer, today=TODAY)


def test_two_records_merged_leave_one_membership(comrade, set_up, officer):
    kept, twin = (comrade("甲", born_on=date(1940, 5, 1)) for _ in range(2))
    set_up(members=[kept])
    set_up("机关党支部", members=[twin])
    with system_scope("test") as scope:
        merged = merge_cadres(kept=kept, absorbed=twin, versions=(1, 1), choices={}, by=officer, scope=scope, today=TODAY, now=timezone.now())
    assert [(one.cadre_id, one.left_reason) for one in rows()] == [(kept.pk, ""), (kept.pk, "merged")]
    with system_scope("test") as scope:
        unmerge_cadres(record=merged, by=officer, scope=scope, today=TODAY, now=timezone.now())
    assert [(one.cadre_id, one.left_reason) for one in rows()] == [(kept.pk, ""), (twin.pk, "")]


def test_a_committee_takes_members_only_and_holds_no_post_twice(comrade, set_up, officer):
    someone, stranger = comrade("甲"), comrade("乙")
    branch = set_up(members=[someone])
    with system_scope("test"):
        with pytest.raises(Refused, match="本支部现在的党员"):
            save_committee(branch=branch, holders=[Holder("secretary", stranger.pk)], by=officer, today=TODAY, starts_on=date(2026, 1, 1))
        with pytest.raises(Refused, match="实到人数多于应到"):
            save_committee(branch=branch, holders=[Holder("secretary", someone.pk)], by=officer, today=TODAY, starts_on=date(2026, 1, 1), eligible=3, present=4)
    term = appoint(branch, someone, officer)
    with system_scope("test"):
        with pytest.raises(Refused, match="已经登记过"):
            save_committee(branch=branch, holders=[Holder("secretary", someone.pk)], by=officer, today=TODAY, starts_on=date(2026, 1, 1))
        given = {"branch": branch, "committee": term, "by": officer, "today": TODAY, "starts_on": date(2026, 1, 1), "version": 1}
        save_committee(holders=[Holder("secretary", name="在职书记"), Holder("publicity", someone.pk)], **given)
        with pytest.raises(Stale):
            save_committee(holders=[Holder("secretary", someone.pk)], **given)
        assert sorted(CommitteeMember.objects.values_list("post", "name")) == [("publicity", ""), ("secretary", "在职书记")]
