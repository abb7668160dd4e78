"""The same people in every shape a workbook comes in."""

from datetime import date

import pytest
import tablib
import xlwt
from openpyxl import Workbook

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.cadres.sheets.columns import RosterResource
from apps.core.scope import system_scope
from apps.files.importing import template
from apps.files.models import BatchState
from apps.files.sheetkinds import SHEETS
from tests.cadres.sheets_kit import applied, read
from tests.import_corpus.books import csv_file, grid, xls, xlsx
from tests.import_corpus.people import TITLES, person


@pytest.fixture(autouse=True)
def codes(db):
    standards.load()


@pytest.fixture
def clerk(person):
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


PEOPLE = [person(n) for n in range(1, 4)]
PLAIN = grid(PEOPLE)


def two_rows(people):
    upper = ["序号", "姓名", "基本情况", None, None, "工作情况", None, None, "联系方式"]
    lower = [None, None, "性别", "公民身份号码", "出生年月", "参加工作时间", "离（退）休时间", "离退休类型", "手机"]
    order = ["姓名", "性别", "身份证号", "出生日期", "参加工作时间", "离退休时间", "离退休类型", "手机"]
    return [upper, lower, *[[n, *[one[title] for title in order]] for n, one in enumerate(people, 1)]]


SHAPES = {
    "plain": lambda path: xlsx(path, ("花名册", PLAIN)),
    "merged title and unit line": lambda path: xlsx(
        path, ("花名册", [["某某区离退休干部花名册"], ["填报单位：浔阳区委老干部局", None, None, None, "填报日期：2026年10月8日"], *PLAIN]), merged={"花名册": ["A1:H1"]}
    ),
    "two header rows, merged": lambda path: xlsx(path, ("花名册", two_rows(PEOPLE)), merged={"花名册": ["A1:A2", "B1:B2", "C1:E1", "F1:H1"]}),
    "two header rows, not merged": lambda path: xlsx(path, ("花名册", two_rows(PEOPLE))),
    "columns in another order": lambda path: xlsx(path, ("花名册", grid(PEOPLE, TITLES[::-1]))),
    "marks and remarks in the titles": lambda path: xlsx(
        path, ("花名册", [["* 姓 名", "性\n别", "身份证号码（18位）", "出生年月（如1945.08）", "离退休类别", "参加工作\n时间", "离退休时间*", "联系电话"], *PLAIN[1:]])
    ),
    "blank rows between": lambda path: xlsx(path, ("花名册", [PLAIN[0], [], PLAIN[1], [], [], PLAIN[2], PLAIN[3]])),
    "columns begin in C": lambda path: xlsx(path, ("花名册", [[None, None, *row] for row in PLAIN])),
    "totals, notes and signatures": lambda path: xlsx(
        path, ("花名册", [*PLAIN[:3], ["小计", 2], PLAIN[3], ["合计", "3人"], ["注：本表一式两份。"], ["填表人：李某", None, "审核人：王某"]])
    ),
    "lists hanging below": lambda path: xlsx(path, ("花名册", [*PLAIN, [], [None, "男", None, None, "离休"], [None, "女", None, None, "退休"]])),
    "numbered in advance": lambda path: xlsx(
        path, ("花名册", [["序号", *TITLES], *[[n, *row] for n, row in enumerate(PLAIN[1:], 1)], *[[n] for n in range(4, 30)], ["以下空白"]])
    ),
    "an example row": lambda path: xlsx(path, ("花名册", [["序号", *TITLES], ["示例", "张三", "男", None, "1945.08", "退休"], *[[n, *row] for n, row in enumerate(PLAIN[1:], 1)]])),
    "titles repeated on each page": lambda path: xlsx(path, ("花名册", [*PLAIN[:3], PLAIN[0], PLAIN[3]])),
    "an explanation first": lambda path: xlsx(path, ("填表说明", [["请如实填写"], ["姓名必填"]]), ("花名册", PLAIN)),
    "two sheets": lambda path: xlsx(path, ("离休", PLAIN[:2]), ("退休", [PLAIN[0], *PLAIN[2:]])),
    "a hidden sheet of others": lambda path: xlsx(path, ("花名册", PLAIN), ("旧表", grid([person(8), person(9)])), hidden=["旧表"]),
    "old .xls": lambda path: xls(path, "花名册", PLAIN),
    "csv": lambda path: csv_file(path, PLAIN),
    "csv with byte order mark": lambda path: csv_file(path, PLAIN, "utf-8-sig"),
    "csv in GB18030": lambda path: csv_file(path, PLAIN, "gb18030"),
    "csv with tabs, UTF-16": lambda path: csv_file(path, PLAIN, "utf-16", "\t"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_three_people_whatever_the_shape(tmp_path, county, clerk, shape):
    outcome = read(SHAPES[shape](tmp_path / "花名册.xlsx"), county, clerk)
    assert outcome.batch.state == BatchState.CHECKED, outcome.batch.error
    assert outcome.tally == (3, 0, 0, 0), outcome.problems
    assert outcome.errors == set()
    applied(outcome, clerk)
    with system_scope("test"):
        got = list(Cadre.objects.order_by("pk").values_list("name", "retire_kind", "born_on__year", "retired_on__month", "phone_masked"))
    assert got == [(one["姓名"], "retired", int(one["出生日期"][:4]), 10, f"120****{one['手机'][-4:]}") for one in PEOPLE]


def test_rows_are_numbered_as_the_sheet_shows_them(tmp_path, county, clerk):
    rows = [["花名册"], [], ["填报单位：浔阳区"], PLAIN[0], PLAIN[1], [], [*PLAIN[2][:3], "不晓得", *PLAIN[2][4:]]]
    outcome = read(xlsx(tmp_path / "a.xlsx", ("名册", rows)), county, clerk)
    assert outcome.codes() == {"date_unparseable": ["名册!D7"]}


def test_a_csv_has_no_sheet_name(tmp_path, county, clerk):
    outcome = read(csv_file(tmp_path / "a.csv", grid([person(1, 出生日期="不晓得")])), county, clerk)
    assert [(one["sheet"], one["row"], one["column"]) for one in outcome.problems] == [("", 2, "D")]


def test_a_number_typed_into_a_csv_may_have_lost_its_zero(tmp_path, county, clerk):
    outcome = read(csv_file(tmp_path / "a.csv", grid([person(1, 出生日期="1941.1")])), county, clerk)
    assert outcome.errors == {"date_ambiguous"}


def test_cells_merged_downwards_count_in_each_row(tmp_path, places, clerk):
    rows = [["县区", *TITLES], ["浔阳区", *PLAIN[1]], [None, *PLAIN[2]], ["濂溪区", *PLAIN[3]]]
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", rows), merged={"花名册": ["A2:A3"]}), places["九江市"], clerk)
    applied(outcome, clerk)
    with system_scope("test"):
        assert list(Cadre.objects.order_by("pk").values_list("org__name", flat=True)) == ["浔阳区", "浔阳区", "濂溪区"]


def test_unknown_columns_are_listed_and_not_lost_silently(tmp_path, county, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1, 微信号="abc")], [*TITLES, "微信号"]))), county, clerk)
    assert outcome.tally == (1, 0, 0, 0)
    assert [(one["code"], one["row"], one["column"], one["title"], one["level"]) for one in outcome.problems] == [("column_unknown", 1, "I", "微信号", "warning")]


def test_the_same_title_twice_is_said(tmp_path, county, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", [[*TITLES, "出生年月"], [*PLAIN[1], "1941.02"]])), county, clerk)
    assert outcome.tally == (1, 0, 0, 0)
    assert outcome.codes() == {"column_ambiguous": ["花名册!I1"]}


def test_titles_with_two_meanings_follow_their_values(tmp_path, county, clerk):
    titles = ["姓名", "身份证号", "类别", "人员类别", "单位", "原工作单位"]
    rows = [titles, *[[one["姓名"], one["身份证号"], "退休", "公务员", "浔阳区教育局", "老厂"] for one in PEOPLE]]
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", rows)), county, clerk)
    assert outcome.tally == (3, 0, 0, 0), outcome.problems
    applied(outcome, clerk)
    with system_scope("test"):
        one = Cadre.objects.first()
        assert (one.retire_kind, one.personnel_kind, one.org.name, one.original_unit) == ("retired", "civil", "浔阳区教育局", "老厂")


def test_the_unit_below_a_former_unit_is_the_former_one(tmp_path, county, clerk):
    upper, lower = ["姓名", "身份证号", "离退休类型", "原工作单位及职务", None], [None, None, None, "单位", "职务"]
    rows = [upper, lower, *[[one["姓名"], one["身份证号"], "退休", "浔阳区教育局", "科长"] for one in PEOPLE]]
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", rows), merged={"花名册": ["A1:A2", "B1:B2", "C1:C2", "D1:E1"]}), county, clerk)
    applied(outcome, clerk)
    with system_scope("test"):
        assert set(Cadre.objects.values_list("org__name", "original_unit", "original_post")) == {("浔阳区", "浔阳区教育局", "科长")}


def test_two_columns_and_a_kind_for_the_whole_file(tmp_path, county, clerk):
    path = xlsx(tmp_path / "a.xlsx", ("花名册", grid(PEOPLE, ["姓名", "身份证号"])))
    lacking = read(path, county, clerk)
    assert lacking.tally == (0, 0, 0, 3)
    assert [(one["code"], one["column"], one["title"]) for one in lacking.problems] == [("required_missing", "", "离退休类型")] * 3
    outcome = read(path, county, clerk, given={"kind": "退休"})
    assert outcome.tally == (3, 0, 0, 0)
    applied(outcome, clerk)
    with system_scope("test"):
        one = Cadre.objects.order_by("pk").first()
        assert (one.retire_kind, one.sex, one.born_on.year) == ("retired", "1", 1941)


def test_the_telephone_behind_a_contact_is_the_contacts(tmp_path, county, clerk):
    titles = ["姓名", "身份证号", "离退休类型", "紧急联系人", "电话", "联系电话"]
    rows = [titles, *[[one["姓名"], one["身份证号"], "退休", "小明", "12100000001", one["手机"]] for one in PEOPLE]]
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", rows)), county, clerk)
    assert outcome.problems == []
    applied(outcome, clerk)
    with system_scope("test"):
        got = Cadre.objects.order_by("pk").first()
        assert (got.emergency_name, got.emergency_phone, got.phone) == ("小明", "12100000001", PEOPLE[0]["手机"])


def test_people_of_the_spouse_are_not_the_person(tmp_path, county, clerk):
    upper = ["姓名", "身份证号", "离退休类型", "配偶", None]
    lower = [None, None, None, "姓名", "出生日期"]
    rows = [upper, lower, *[[one["姓名"], one["身份证号"], "退休", "配偶名", "1950.01"] for one in PEOPLE]]
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", rows), merged={"花名册": ["A1:A2", "B1:B2", "C1:C2", "D1:E1"]}), county, clerk)
    assert outcome.tally == (3, 0, 0, 0)
    assert outcome.codes() == {"column_unknown": ["花名册!D2", "花名册!E2"]}


def test_our_own_template_comes_back(tmp_path, county, clerk):
    path = tmp_path / "模板.xlsx"
    path.write_bytes(template.workbook(SHEETS["roster"]).getvalue())
    empty = read(path, county, clerk)
    assert (empty.batch.state, empty.tally) == (BatchState.CHECKED, (0, 0, 0, 0))
    assert empty.problems == []
    assert empty.batch.sheets[0]["skipped"] == {"example": 1}


def test_options_in_the_template_are_accepted(tmp_path, county, clerk):
    words = {name: one.widget.options() for name, one in SHEETS["roster"].fields.items() if one.widget.options()}
    titles = [SHEETS["roster"].fields[name].column_name for name in words]
    book = Workbook()
    book.active.append(["姓名", "身份证号", *titles])
    names = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日月盈昃"
    for n in range(34):
        book.active.append([f"赵{names[n]}", person(n + 1)["身份证号"], *[options[n % len(options)] for options in words.values()]])
    book.save(tmp_path / "a.xlsx")
    outcome = read(tmp_path / "a.xlsx", county, clerk)
    assert "code_unknown" not in outcome.errors, [one for one in outcome.problems if one["code"] == "code_unknown"]


def test_an_old_workbook_with_dates_and_numbers(tmp_path, county, clerk):
    """BIFF8: a date cell, a phone as a float, a month as a number."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("花名册")
    for index, title in enumerate(TITLES):
        sheet.write(0, index, title)
    one = person(1)
    values = [one["姓名"], "男", one["身份证号"], date(1941, 2, 2), "退休", 1961.09, 200110, 12000000001.0]
    for index, value in enumerate(values):
        sheet.write(1, index, value, xlwt.easyxf(num_format_str="yyyy-mm-dd") if isinstance(value, date) else xlwt.Style.default_style)
    book.save(str(tmp_path / "a.xls"))
    outcome = read(tmp_path / "a.xls", county, clerk)
    assert outcome.tally == (1, 0, 0, 0), outcome.problems
    applied(outcome, clerk)
    with system_scope("test"):
        got = Cadre.objects.get()
        assert (got.born_on, got.born_precision, got.work_started_on, got.retired_on, got.phone) == (
            date(1941, 2, 2), "day", date(1961, 9, 1), date(2001, 10, 1), "12000000001",
        )  # fmt: skip


def test_the_declaration_works_with_stock_import_data(places, whole):
    """The same Resource as any other: rows in, problems as row errors."""
    titles = [one.column_name for one in RosterResource.fields.values()]
    good, bad = person(1), person(2, 出生日期="不晓得")
    data = tablib.Dataset(*[[one.get(title, "") for title in titles] for one in (good, bad)], headers=titles)

    class Placed(RosterResource):
        class Meta:
            model = Cadre
            import_id_fields = ()

        def before_save_instance(self, instance, row, **kwargs):
            instance.org = places["浔阳区"]
            super().before_save_instance(instance, row, **kwargs)

    Placed.fields = RosterResource.fields
    result = Placed().import_data(data, raise_errors=False)
    assert [one.number for one in result.invalid_rows] + [number for number, _ in result.row_errors()] == [2]
    got = Cadre.objects.get()
    assert (got.name, got.id_number, got.born_on, got.name_key) == (good["姓名"], good["身份证号"], date(1941, 2, 1), good["姓名"])
