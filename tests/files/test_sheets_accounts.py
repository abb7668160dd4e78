"""组织机构表 and 用户与任职表: taken in by the system administrator, who sees no business data."""

import io
from datetime import date

import openpyxl
import pytest
import tablib
from django.urls import reverse

from apps.accounts.models import Membership, Organization, User
from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from apps.files import actions, selectors
from apps.files.sheets.organisations import OrganisationSheet
from apps.files.sheets.users import UserSheet
from tests.cadres.kinds_kit import read, sheet
from tests.cadres.sheets_kit import NOW, TODAY, applied, looked_at


@pytest.fixture
def admin(person):
    return person("九江市", Role.SYSTEM_ADMIN, username="sysadmin")


@pytest.fixture
def county(places):
    return places["浔阳区"]


UNITS = "单位名称 简称 单位类别 上级单位"


def tree() -> dict[str, str]:
    return {one.name: one.parent.name for one in Organization.objects.select_related("parent").exclude(parent=None)}


def test_units_are_built_parents_first_whatever_their_order(tmp_path, county, admin):
    path = sheet(
        tmp_path, UNITS, ("南湖社区", None, "社区", "甘棠街道"), ("某科", None, "单位", "浔阳区卫健委"), ("浔阳区卫健委", "卫健委", "机关", None),
        ("甘棠街道", None, "街道办事处", "浔阳区"),
    )  # fmt: skip
    outcome = read("organisations", path, county, admin)
    assert (outcome.tally, outcome.problems) == ((4, 0, 0, 0), [])
    assert applied(outcome, admin).batch.error == ""
    made = tree()
    assert (made["南湖社区"], made["某科"], made["浔阳区卫健委"], made["甘棠街道"]) == ("甘棠街道", "浔阳区卫健委", "浔阳区", "浔阳区")
    street, community = Organization.objects.get(name="甘棠街道"), Organization.objects.get(name="南湖社区")
    assert (street.level, community.level, community.path) == ("township", "community", f"{street.path}u{community.pk}/")
    assert read("organisations", path, county, admin).tally == (0, 0, 4, 0)
    again = read("organisations", sheet(tmp_path, UNITS, ("浔阳区卫健委", "卫健", "机关", None), ("新科", None, None, "卫健委"), name="b"), county, admin)
    assert again.tally == (1, 1, 0, 0)
    applied(again, admin)
    assert Organization.objects.get(name="浔阳区卫健委").short_name == "卫健"
    assert tree()["新科"] == "浔阳区卫健委"


def test_what_hangs_nowhere_is_refused(tmp_path, county, admin):
    outcome = read(
        "organisations",
        sheet(
            tmp_path, UNITS, ("甲", None, "单位", "乙"), ("乙", None, "单位", "甲"), ("丙", None, "单位", "不存在的局"), ("丁", None, "县级", None), ("戊", None, "单位", None),
            ("戊", None, "单位", None), ("己", None, "单位", "丙"), ("庚", None, "单位", "濂溪区卫生局"),
        ),
        county, admin,
    )  # fmt: skip
    assert outcome.tally == (1, 0, 0, 7)
    assert outcome.codes() == {
        "parent_loop": ["表!D2", "表!D3"], "parent_unknown": ["表!D4", "表!D8", "表!D9"], "code_unknown": ["表!C5"], "duplicate_in_file": ["表!A7"],
    }  # fmt: skip


PEOPLE = "用户名 姓名 角色 单位 邮箱 任职起 任职止 电话"


def roles(username: str) -> set[tuple]:
    return set(Membership.objects.filter(user__username=username).values_list("org__name", "role"))


def test_accounts_are_opened_without_a_password_and_handed_out_once(tmp_path, county, admin, client):
    path = sheet(
        tmp_path, PEOPLE, ("zhang.min", "张敏", "工作人员", "浔阳区教育局", "zhang@example.com", "2026.01.01", None, "12012345678"),
        ("li", "李强", "支部书记", None, None, None, "2027-06-30"),
        ("zhang.min", "张敏", "县区干事", "浔阳区", None, None, None),
    )  # fmt: skip
    outcome = read("users", path, county, admin)
    assert (outcome.tally, outcome.problems) == ((2, 1, 0, 0), [])
    done = applied(outcome, admin)
    assert done.batch.error == ""
    zhang, li = User.objects.get(username="zhang.min"), User.objects.get(username="li")
    assert (zhang.has_usable_password(), zhang.must_change_password, zhang.email) == (False, True, "zhang@example.com")
    assert roles("zhang.min") == {("浔阳区教育局", "worker"), ("浔阳区", "county_officer")}
    assert li.memberships.get().ends_on == date(2027, 6, 30)
    assert read("users", path, county, admin).tally == (0, 0, 3, 0)
    row = ("zhang.min", "张敏", "县区干事", "浔阳区", "new@example.com", None, None, None)
    applied(read("users", sheet(tmp_path, PEOPLE, row, name="b"), county, admin), admin)
    zhang.refresh_from_db()
    assert (zhang.email, zhang.phone) == ("new@example.com", "12012345678")

    client.force_login(admin)
    page = client.get(reverse("files:batch", args=[done.batch.pk]))
    assert "发初始密码清单" in page.content.decode()
    answer = client.post(reverse("files:passwords", args=[done.batch.pk]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = [row for row in book.active.iter_rows(values_only=True) if row[0] in ("zhang.min", "li")]
    assert [row[0] for row in rows] == ["li", "zhang.min"]
    assert all(User.objects.get(username=row[0]).check_password(row[2]) for row in rows)
    with system_scope("test"):
        with pytest.raises(Refused, match="都已发过"):
            actions.hand_out_passwords(batch=done.batch, by=admin, now=NOW)
        assert not any(row[2] in str(event.data) for row in rows for event in AuditEvent.objects.all())


def test_what_may_not_be_given(tmp_path, county, admin, person):
    person("浔阳区", Role.LEADER, username="leader", display_name="领导甲")
    person("濂溪区", Role.WORKER, username="elsewhere", display_name="邻人")
    outcome = read(
        "users",
        sheet(
            tmp_path, PEOPLE, ("leader", "别人", "工作人员"), ("elsewhere", "邻人", "工作人员"), ("leader", "领导甲", "安全管理员"), ("新 人", "新人", "工作人员"),
            ("a1", "甲", "皇帝"), ("a2", "乙", "审计管理员"), ("a2", "乙", "工作人员"), ("a3", "丙", "工作人员", "没有这个局"), ("a4", "丁", "工作人员", None, "不是邮箱"),
            ("a5", "戊", "工作人员", None, None, "2026-05-01", "2026-04-01"),
        ),
        county, admin,
    )  # fmt: skip
    assert outcome.tally == (1, 0, 0, 9)
    assert {code: [cell.split("!")[1] for cell in cells] for code, cells in outcome.codes().items()} == {
        "username_taken": ["A2", "A3"], "three_admins_apart": ["C4", "C8"], "username_shape": ["A5"], "code_unknown": ["C6"], "region_unknown": ["D9"],
        "email_shape": ["E10"], "date_order": ["G11"],
    }  # fmt: skip
    assert "濂溪" not in str(outcome.problems)


def test_a_name_taken_between_check_and_import_refuses_its_row_alone(tmp_path, county, admin, person):
    outcome = read("users", sheet(tmp_path, PEOPLE, ("a1", "甲", "工作人员"), ("a2", "乙", "工作人员")), county, admin)
    person("濂溪区", Role.WORKER, username="a1", display_name="甲")
    done = applied(outcome, admin)
    assert (done.tally, done.errors) == ((1, 0, 0, 1), {"username_taken"})
    assert roles("a1") == {("濂溪区", "worker")}


def test_import_data_reads_the_same_declarations(county, admin, inside):
    with inside("浔阳区"):
        units = tablib.Dataset(("某局", "局", "单位"), headers=["单位名称", "简称", "类别"])
        assert OrganisationSheet().import_data(units, raise_errors=True, by=admin, parent=county).totals["new"] == 1
        people = tablib.Dataset(("a1", "甲", "工作人员"), headers=["用户名", "姓名", "角色"])
        assert UserSheet().import_data(people, raise_errors=True, by=admin, org=county, today=TODAY).totals["new"] == 1
    assert tree()["某局"] == "浔阳区"
    assert roles("a1") == {("浔阳区", "worker")}


class TestPages:
    def test_the_administrator_sees_his_kinds_only(self, client, admin, person, tmp_path, county):
        officer = person("浔阳区", Role.COUNTY_OFFICER)
        mine = read("users", sheet(tmp_path, PEOPLE, ("a1", "甲", "工作人员")), county, admin).batch
        theirs = read("roster", sheet(tmp_path, "姓名 身份证号 离退休类型", ("王德福", None, "退休"), name="b"), county, officer).batch
        for user, seen, hidden in ((admin, mine, theirs), (officer, theirs, mine)):
            client.force_login(user)
            page = client.get(reverse("files:batches")).content.decode()
            assert reverse("files:batch", args=[seen.pk]) in page
            assert reverse("files:batch", args=[hidden.pk]) not in page
            assert client.get(reverse("files:batch", args=[seen.pk])).status_code == 200
            assert client.get(reverse("files:batch", args=[hidden.pk])).status_code == 404
            assert b"".join(client.get(reverse("files:download", args=[seen.file.key])).streaming_content)
            assert client.get(reverse("files:download", args=[hidden.file.key])).status_code == 403
        client.force_login(admin)
        page = client.get(reverse("files:upload")).content.decode()
        assert "用户与任职表" in page
        assert "花名册" not in page
        assert client.get(reverse("files:template", args=["roster"])).status_code == 404
        assert b"".join(client.get(reverse("files:template", args=["users"])).streaming_content)
        for state in ("new", "changed", "unchanged", "refused"):
            assert client.get(reverse("files:rows", args=[mine.pk]), {"state": state}).status_code == 200

    def test_a_refused_row_is_put_right_on_the_page(self, client, admin, tmp_path, county):
        found = read("users", sheet(tmp_path, PEOPLE, ("新 人", "新人", "工作人员"), ("a2", "乙", "工作人员")), county, admin)
        client.force_login(admin)
        assert client.get(reverse("files:grid", args=[found.batch.pk])).status_code == 200
        with system_scope("test"):
            row = found.batch.rows.get(state="refused")
        typed = {"cell-A": "xinren", "cell-B": "新人", "cell-C": "工作人员", "version": selectors.row_version(row)}
        client.post(reverse("files:grid_row", args=[found.batch.pk, row.pk]), typed)
        assert looked_at(found.batch).tally == (2, 0, 0, 0)

    def test_passwords_are_for_the_administrator(self, client, admin, person, tmp_path, county):
        batch = applied(read("users", sheet(tmp_path, PEOPLE, ("a1", "甲", "工作人员")), county, admin), admin).batch
        client.force_login(person("浔阳区", Role.COUNTY_OFFICER))
        assert client.post(reverse("files:passwords", args=[batch.pk])).status_code == 403
        client.force_login(person("濂溪区", Role.SYSTEM_ADMIN))
        assert client.post(reverse("files:passwords", args=[batch.pk])).status_code == 404
