"""党支部表 and 支部党员表 from file to record, as offices send them."""

from datetime import date
from decimal import Decimal

import pytest
import tablib

from apps.accounts.models import Level, Organization
from apps.accounts.permissions import Role
from apps.branches.actions.branches import save_area
from apps.branches.models import Branch, Committee, CommitteeMember, PartyMember
from apps.branches.sheets import BranchSheet, CommitteeSheet, MemberSheet
from apps.core.scope import system_scope
from tests.cadres.kinds_kit import read, sheet
from tests.cadres.sheets_kit import TODAY, applied
from tests.factories import registry

BRANCHES = "序号 支部名称 支部类型 单位 覆盖单位 上级党组织 片区 成立时间 文号 活动地点 主题党日 支部书记"
MEMBERS = "姓名 身份证号 所在支部 政治面貌 党小组 参加活动情况 入党时间 转入时间 流出时间 流向 联系人 党费基数（元） 备注"


@pytest.fixture
def clerk(person):
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


@pytest.fixture
def enrol(places, clerk, inside):
    def make(name, place="浔阳区教育局", seq=1, **values):
        with inside(place):
            return registry.register(places[place], clerk, name=name, id_number=registry.number(seq=seq), **({"political_status": "01"} | values))

    return make


def branches() -> list[Branch]:
    with system_scope("test"):
        return list(Branch.objects.select_related("area", "org").prefetch_related("hosts").order_by("pk"))


def members() -> list[PartyMember]:
    with system_scope("test"):
        return list(PartyMember.objects.filter(left_on=None).select_related("branch", "cadre").order_by("pk"))


def row(name, **given) -> tuple:
    return (None, name, *(given.get(one) for one in BRANCHES.split()[2:]))


def test_a_messy_sheet_of_branches(tmp_path, places, county, clerk, scope_of):
    water = Organization.objects.create(parent=county, name="浔阳区水利局", level=Level.UNIT, path="/36/3604/360403/u9/")
    with system_scope("test") as scope:
        save_area(scope=scope, org=county, by=clerk, name="城中片区", head="", deputy="", note="")
    path = sheet(
        tmp_path, BRANCHES,
        row(" 教育局离退休 党支部", 单位="浔阳区教育局", 支部类型="支部", 成立时间="2015.07", 文号="浔教党〔2015〕3号", 主题党日="10", 片区="城中片区", 支部书记="王某"),
        row("区直联合党支部", 覆盖单位="浔阳区教育局、浔阳区水利局", 成立时间="2016年7月1日", 活动地点="老干部活动中心"),
        row("错片区", 单位="浔阳区教育局", 片区="没有的片区"), row("错单位", 单位="不存在的局"), row("错日期", 成立时间="2099-01-01"), row("错日子", 主题党日="32"),
        row("错类型", 支部类型="俱乐部"), row("邻县支部", 单位="濂溪区卫生局"), row("区直联合党支部", 活动地点="另一处"),
    )  # fmt: skip
    outcome = read("branches", path, county, clerk)
    assert outcome.tally == (2, 0, 0, 7), outcome.problems
    assert {"code_unknown", "region_unknown", "date_future", "number_range", "duplicate_in_file"} <= outcome.errors
    assert applied(outcome, clerk).batch.error == ""
    first, joint = branches()
    assert (first.org, first.kind, first.founded_on, first.fixed_day, str(first.area)) == (places["浔阳区教育局"], "branch", date(2015, 7, 1), 10, "城中片区")
    assert (joint.org, joint.kind, {unit.pk for unit in joint.hosts.all()}) == (county, "joint", {places["浔阳区教育局"].pk, water.pk})
    with system_scope("test"):
        Branch.objects.filter(pk=first.pk).update(founded_on=date(2015, 7, 15))
    again = read("branches", path, county, clerk)
    assert again.tally == (0, 0, 2, 7)
    other = read("branches", sheet(tmp_path, BRANCHES, row("区直联合党支部", 活动地点="新活动室"), name="b"), county, clerk)
    assert other.tally == (0, 1, 0, 0)
    applied(other, clerk)
    joint = branches()[1]
    assert (joint.meeting_place, joint.kind, len(joint.hosts.all())) == ("新活动室", "joint", 2)


def member(cadre, branch="教育局离退休党支部", **given) -> tuple:
    return (cadre.name, cadre.id_number, branch, *(given.get(one) for one in MEMBERS.split()[3:]))


def test_members_go_in_once_and_differences_are_changed(tmp_path, county, clerk, enrol, set_up):
    branch = set_up()
    wang, li = enrol("王德福"), enrol("李远", seq=3)
    path = sheet(
        tmp_path, MEMBERS,
        member(wang, "教育局 离退休党支部", 政治面貌="中共党员", 党小组="一组", 参加活动情况="卧床", 入党时间="1965.7", 转入时间="2015.8", **{"党费基数（元）": "4,321.50"}),
        member(li, 流出时间="2025-01-01", 流向="深圳", 联系人="王德福"),
    )  # fmt: skip
    outcome = read("branch_members", path, county, clerk)
    assert (outcome.tally, outcome.errors) == ((2, 0, 0, 0), set()), outcome.problems
    assert applied(outcome, clerk).batch.error == ""
    first, second = members()
    assert (first.branch, first.group, first.health, first.joined_on, first.dues_base, first.main) == (branch, "一组", "bedridden", date(2015, 8, 1), Decimal("4321.50"), True)
    assert (second.floating_to, second.floating_contact, second.standing) == ("深圳", "王德福", "formal")
    assert read("branch_members", path, county, clerk).tally == (0, 0, 2, 0)
    other = read("branch_members", sheet(tmp_path, MEMBERS, member(wang, 党小组="二组"), name="b"), county, clerk)
    assert other.tally == (0, 1, 0, 0)
    applied(other, clerk)
    assert (members()[0].group, members()[0].health) == ("二组", "bedridden")


def test_who_is_not_taken_in(tmp_path, county, clerk, enrol, set_up):
    set_up(), set_up("机关党支部")
    taken, lay, away, neighbour = enrol("已在"), enrol("群众", seq=3, political_status="13"), enrol("外出", seq=5), enrol("邻人", "濂溪区卫生局", seq=7)
    applied(read("branch_members", sheet(tmp_path, MEMBERS, member(taken)), county, clerk), clerk)
    rows = [
        member(taken, "机关党支部"), member(lay), member(away, "没有的支部"), member(neighbour), member(away, 流向="深圳"), member(away, 转入时间="2099-01-01"),
        member(away), member(away, "机关党支部"), member(away),
    ]  # fmt: skip
    outcome = read("branch_members", sheet(tmp_path, MEMBERS, *rows, name="b"), county, clerk)
    assert outcome.tally == (1, 0, 0, 8), outcome.problems
    assert outcome.errors == {"in_other_branch", "not_a_candidate", "branch_unknown", "other_unit", "required_missing", "date_future", "duplicate_in_file"}
    assert applied(outcome, clerk).batch.error == ""
    assert [(one.cadre.name, one.branch.name) for one in members()] == [("已在", "教育局离退休党支部"), ("外出", "教育局离退休党支部")]


def test_who_joined_elsewhere_between_check_and_import_is_refused(tmp_path, county, clerk, enrol, set_up, officer):
    from apps.branches.actions.members import join

    set_up()
    other, wang = set_up("机关党支部"), enrol("王德福")
    outcome = read("branch_members", sheet(tmp_path, MEMBERS, member(wang)), county, clerk)
    assert outcome.tally == (1, 0, 0, 0)
    with system_scope("test") as scope:
        join(scope=scope, branch=other, cadre=wang, by=officer, today=TODAY)
    done = applied(outcome, clerk)
    assert (done.tally, done.errors) == ((0, 0, 0, 1), {"in_other_branch"})
    assert [one.branch.name for one in members()] == ["机关党支部"]


def test_import_data_reads_the_same_declarations(clerk, enrol, places, set_up):
    wang, branch = enrol("王德福"), set_up()
    with system_scope("test"):
        data = tablib.Dataset(("新支部", "联合党支部"), headers=["党支部名称", "类型"])
        assert BranchSheet().import_data(data, raise_errors=True, by=clerk, org=places["浔阳区教育局"], today=TODAY).totals["new"] == 1
        data = tablib.Dataset((wang.id_number, "一组"), headers=["干部身份证号", "党小组"])
        assert MemberSheet().import_data(data, raise_errors=True, by=clerk, branch=branch, today=TODAY).totals["new"] == 1
    assert [one.kind for one in branches()] == ["branch", "joint"]
    assert [(one.cadre, one.group) for one in members()] == [(wang, "一组")]


COMMITTEES = "序号 党支部 单位 支部职务 姓名 任职时间 任期届满 选举时间 批复"


def seats() -> list[tuple]:
    with system_scope("test"):
        return list(CommitteeMember.objects.order_by("committee__starts_on", "pk").values_list("committee__starts_on", "committee__ends_on", "post", "cadre__name", "name"))


def test_committees_of_two_terms(tmp_path, set_up, enrol, county, clerk):
    branch = set_up(members=[(wang := enrol("王建国", seq=11)), enrol("李淑珍", seq=12), enrol("孙同名", seq=13), enrol("孙同名", seq=14)])

    def line(post, name, start="2025年6月20日", end=None, branch=branch.name):
        return (None, branch, None, post, name, start, end, None, "浔教党〔2025〕8号")

    rows = [
        line("支部书记", "王建国"), line("组织委员", "李淑珍"), line("委员", "局里的赵某"), line("书记", "前任某", "2022-06-20", "2025-06-19"),
        line("书记", "另一个人"), line("副书记", "孙同名"), line("宣传委员", "甲", "2099-01-01"), line("书记", "乙", branch="没有的支部"), line("队长", "丙"), line("委员", None),
    ]  # fmt: skip
    outcome = read("branch_committees", sheet(tmp_path, COMMITTEES, *rows), county, clerk)
    assert outcome.tally == (4, 0, 0, 6), outcome.problems
    assert {"duplicate_in_file", "name_shared", "date_future", "branch_unknown", "code_unknown", "required_missing"} <= outcome.errors
    assert applied(outcome, clerk).batch.error == ""
    former, present = (date(2022, 6, 20), date(2025, 6, 19)), (date(2025, 6, 20), date(2028, 6, 20))
    assert seats() == [
        (*former, "secretary", None, "前任某"), (*present, "secretary", "王建国", ""), (*present, "organisation", "李淑珍", ""), (*present, "other", None, "局里的赵某"),
    ]  # fmt: skip
    assert read("branch_committees", sheet(tmp_path, COMMITTEES, *rows, name="b"), county, clerk).tally == (0, 0, 4, 6)
    taken = read("branch_committees", sheet(tmp_path, COMMITTEES, line("书记", "后来的人"), line("副书记", "补选某"), name="c"), county, clerk)
    assert (taken.tally, taken.errors) == ((1, 0, 0, 1), {"post_taken"})
    applied(taken, clerk)
    assert [row[2:] for row in seats()][-1] == ("deputy", None, "补选某")
    with system_scope("test"):
        assert Committee.objects.get(starts_on=present[0]).approval_no == "浔教党〔2025〕8号"
        assert CommitteeMember.objects.get(post="secretary", cadre=wang).committee.branch == branch


def test_the_sheet_of_committees_as_a_resource(set_up, clerk):
    branch = set_up()
    data = tablib.Dataset(("书记", "王某"), ("组织委员", "李某"), headers=["职务", "姓名"])
    with system_scope("test"):
        result = CommitteeSheet().import_data(data, raise_errors=True, by=clerk, branch=branch, starts_on=date(2025, 6, 20), today=TODAY)
        assert not result.has_errors()
    assert {row[2:] for row in seats()} == {("secretary", None, "王某"), ("organisation", None, "李某")}
