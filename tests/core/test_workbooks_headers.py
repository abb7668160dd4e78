"""Finding titles under headlines, joining two levels, and telling data from everything else."""

import pytest

from apps.core.workbooks.headers import find_header
from apps.core.workbooks.row_kinds import reporting_unit
from apps.core.workbooks.titles import normal_title
from apps.core.workbooks.values import Merge, Row

ALIASES = {
    "name": ["姓名"], "sex": ["性别"], "id_number": ["身份证号", "身份证号码", "公民身份号码"], "birth": ["出生年月", "出生日期"],
    "kind": ["离退休类型", "人员类别", "类别"], "unit": ["工作单位", "原工作单位及职务"], "phone": ["联系电话", "手机"],
    "spouse": ["配偶/姓名", "配偶姓名"], "spouse_health": ["配偶/健康状况"], "remark": ["备注"], "retired_on": ["离休时间", "退休时间", "离退休时间"],
}  # fmt: skip


def rows(*lines, first=1):
    """Lines with their number; None for a blank line that does not arrive at all."""
    return [Row(number, list(cells)) for number, cells in enumerate(lines, start=first) if cells]


def fields(header):
    return {column.field: column.letter for column in header.columns if column.field}


class TestTitles:
    @pytest.mark.parametrize(
        ("written", "normal"),
        [
            ("姓 名", "姓名"), ("姓　名", "姓名"), ("姓\n名", "姓名"), ("*姓名", "姓名"), ("姓名（必填）", "姓名"), ("出生年月(如1945.08)", "出生年月"),
            ("总建筑面积\n（平方米）", "总建筑面积"), ("１．姓名", "姓名"), ("①姓名", "姓名"), ("三、姓名", "姓名"), ("配偶状况（健在、死亡）", "配偶状况"),
            ("身份证号【18位】", "身份证号"), ("联系电话：", "联系电话"), ("ＩＤ", "id"), ("出生年月 例：1945.08", "出生年月"), ("原工作单位、职务", "原工作单位职务"),
            ("", ""), ("（盖章）", ""),
        ],
    )  # fmt: skip
    def test_titles_are_brought_to_one_form(self, written, normal):
        assert normal_title(written) == normal


class TestFinding:
    def test_under_a_headline_and_a_reporting_line_in_any_order(self):
        header = find_header(
            rows(
                ["柴桑区离退休干部花名册"], ["填报单位（盖章）：柴桑区委老干部局", None, None, "填报日期：2026年3月1日"], None,
                ["序号", "身份证号码（必填）", "性 别", None, "姓　名*", "喜好"], [1, "360499194508150011", "男", None, "王伟", "钓鱼"],
            ),
            ALIASES,
        )  # fmt: skip
        assert (header.first_row, header.last_row) == (4, 4)
        assert fields(header) == {"id_number": "B", "sex": "C", "name": "E"}
        assert [(column.letter, column.title) for column in header.unknown] == [("A", "序号"), ("F", "喜好")]
        assert header.reporting_unit == "柴桑区委老干部局"
        assert header.notes[0] == "柴桑区离退休干部花名册"
        assert header.fields == {"id_number": 1, "sex": 2, "name": 4}

    @pytest.mark.parametrize("merged", [True, False], ids=["merges known", "merges unknown"])
    def test_two_levels_are_joined(self, merged):
        ranges = [Merge(2, 0, 3, 0), Merge(2, 1, 3, 1), Merge(2, 2, 3, 2), Merge(2, 3, 2, 4), Merge(2, 5, 3, 5)]
        header = find_header(
            rows(["名册"], ["姓名", "性别", "出生年月", "配偶", None, "备注"], [None, None, None, "姓名", "健康状况"], ["王伟", "男"]),
            ALIASES,
            merged=ranges if merged else (),
        )
        assert (header.first_row, header.last_row) == (2, 3)
        assert fields(header) == {"name": "A", "sex": "B", "birth": "C", "spouse": "D", "spouse_health": "E", "remark": "F"}
        assert [column.title for column in header.columns][3:5] == ["配偶/姓名", "配偶/健康状况"]

    def test_two_levels_from_a_file_where_merged_cells_were_filled(self):
        header = find_header(rows(["姓名", "性别", "配偶", "配偶", "备注"], ["姓名", "性别", "姓名", "年龄", "备注"], ["王伟"]), ALIASES, merged=[Merge(1, 2, 1, 3)])
        assert (header.first_row, header.last_row) == (1, 2)
        assert fields(header) == {"name": "A", "sex": "B", "spouse": "C", "remark": "E"}

    def test_the_lower_title_alone_and_not_under_someone_else(self):
        lines = rows(["基本情况", None, None, "紧急联系人", None], ["姓名", "性别", "类别", "联系电话", "与本人关系"], ["王伟"])
        assert fields(find_header(lines, ALIASES))["phone"] == "D"
        apart = find_header(lines, ALIASES, apart=["联系人", "配偶"])
        assert "phone" not in fields(apart)
        assert [column.title for column in apart.unknown] == ["紧急联系人/联系电话", "紧急联系人/与本人关系"]

    def test_own_title_goes_before_a_borrowed_one(self):
        header = find_header(rows(["姓名", "性别", "出生年月", "配偶", None], [None, None, None, "姓名", "出生年月"], ["王伟"]), ALIASES)
        assert fields(header)["birth"] == "C"
        assert header.columns[4].field is None
        assert header.columns[4].candidates == ("birth",)
        assert header.ambiguous == {}

    def test_a_single_row_is_not_joined_with_its_data(self):
        header = find_header(rows(["姓名", "性别", "类别", None, "备注"], ["王伟", "男", "离休", "补充", "无"], ["李红", "女", "退休"]), ALIASES)
        assert (header.first_row, header.last_row) == (1, 1)

    def test_field_codes_above_the_titles_are_passed_over(self):
        header = find_header(rows(["   ", "name", "sex", "idcard"], ["序号", "姓名", "性别", "身份证号"], [1, "王伟", "男"]), ALIASES)
        assert (header.first_row, header.last_row) == (2, 2)

    def test_two_columns_of_one_field_are_reported_and_can_be_settled(self):
        header = find_header(rows(["姓名", "性别", "离休时间", "退休时间"], ["王伟"]), ALIASES)
        assert {name: [column.letter for column in columns] for name, columns in header.ambiguous.items()} == {"retired_on": ["C", "D"]}
        settled = header.with_fields({2: None, 3: "retired_on"})
        assert settled.fields["retired_on"] == 3
        assert settled.ambiguous == {}
        assert header.with_fields({3: "phone"}).column("phone").letter == "D"

    def test_a_sheet_of_another_kind_has_no_header(self):
        assert find_header(rows(["费用表"], ["日期", "项目", "金额"], ["2026-01-01", "水费", 12]), ALIASES) is None
        assert find_header([], ALIASES) is None
        assert find_header(rows(*[["x"]] * 20, ["姓名", "性别", "类别"]), ALIASES) is None

    @pytest.mark.parametrize(
        ("line", "unit"),
        [
            ("填报单位：柴桑区委老干部局", "柴桑区委老干部局"), ("填表单位（盖章）:  教育局   填表日期：2026.3", "教育局"), ("单位：教育局", "教育局"), ("单位：人", ""),
            ("填报单位（公章）：____卫生局____", "卫生局"), ("报送单位:甲局 2026年3月", "甲局"), ("名册", ""), ("填报单位：", ""),
        ],
    )  # fmt: skip
    def test_reporting_unit(self, line, unit):
        assert reporting_unit(line) == unit


class TestRowKinds:
    HEADER = find_header(rows(["序号", "姓名", "性别", "身份证号", "类别", "工作单位", "备注"]), {**ALIASES, "number": ["序号"]})
    OPTIONS = frozenset({"离休", "退休", "男", "女"})

    @pytest.mark.parametrize(
        ("cells", "kind"),
        [
            ([1, "王伟", "男", "360499194508150011", "离休", "教育局"], "data"),
            ([1, None, "男", "360499194508150011", "离休"], "data"),
            ([None, None, "男", "360499194508150011"], "data"),
            ([None, "王伟"], "data"),
            ([None, "合计", None, None, 12], "total"),
            (["合  计", None, 12], "total"),
            (["小计：12人"], "total"),
            (["共 12 人"], "total"),
            ([3, "总计", "男", "360499194508150011"], "total"),
            ([3, "计小合", "男"], "data"),
            ([3, "合志明", "男"], "data"),
            (["注：本表一式两份。"], "note"),
            (["备注：以上人员均已核实"], "note"),
            (["填表说明", "1. 请如实填写"], "note"),
            (["填表人：张三", None, None, "审核人：李四", None, "联系电话：0792-8123456"], "note"),
            (["单位负责人：", None, None, "填表日期：2026年3月"], "note"),
            ([None, None, "制表人：张三"], "note"),
            (["本表由各单位人事部门填写，于每年十二月底前报送县委老干部局，逾期不候；请各单位务必认真核对。"], "note"),
            (["示例", "张三", "男", "360499194508150011"], "example"),
            ([1, "（示例）张三", "男"], "example"),
            (["样例1", "张三"], "example"),
            ([None, None, None, None, "离休"], "options"),
            ([None, None, "女", None, "退休"], "options"),
            ([None, None, None, None, "其他人"], "data"),
            ([None, "王伟", None, None, "退休"], "data"),
            (["序号", "姓名", "性别", "身份证号", "类别"], "header"),
            ([1, 2, 3, 4, 5, 6, 7], "codes"),
            (["no", "name", "sex", "idcard"], "codes"),
            ([None, "  ", ""], "blank"),
            ([5, "注意", "男"], "data"),
        ],
    )
    def test_kinds(self, cells, kind):
        assert self.HEADER.kind(Row(9, cells), options=self.OPTIONS) == kind

    def test_rows_up_to_the_titles_are_header(self):
        assert self.HEADER.kind(Row(1, ["王伟"])) == "header"

    def test_without_known_options_nothing_hangs_below(self):
        assert self.HEADER.kind(Row(9, [None, None, None, None, "离休"])) == "data"

    @pytest.mark.parametrize("surname", "单经温范合小总注备说审复制联负签盖报统示样举例填王李买")
    def test_a_surname_like_the_beginning_of_a_label_makes_no_note(self, surname):
        assert self.HEADER.kind(Row(9, [7, f"{surname}志明", "男", "360499194508150011", "离休"]), options=self.OPTIONS) == "data"
        assert self.HEADER.kind(Row(9, ["7", f"{surname}志明"]), options=self.OPTIONS) == "data"
        assert self.HEADER.kind(Row(9, [None, f"{surname}志明"]), options=self.OPTIONS) == "data"
