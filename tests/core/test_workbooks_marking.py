"""Marked copies of workbooks: what comes along, what doesn't, and that nothing a stranger wrote can break or abuse the copy."""

import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image as Picture

from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.marking.marking import Mark, ProblemList, mark_workbook
from apps.core.workbooks.marking.plain import Line, PlainBook
from apps.core.workbooks.reading import read_workbook
from apps.core.workbooks.values import CellError, Merge, MonthDate, Number
from tests.workbooks import by_hand, hostile

LOOKS = ("number_format", "font", "border", "alignment")
RED, AMBER = "FFFFC7CF", "FFFFE69B"
NAME = "花名册 '一'"
LISTED = ProblemList("问题清单：a.xlsx", ["共 2 处。"], [(NAME, "D5", "出生日期", "=HYPERLINK(1)", "error", "+看不懂"), (NAME, "C6", "身份证号", "3604**", "warning", "请核对")])
MARKS = [Mark(5, 3, "error", "看不懂这个日期。"), Mark(6, 2, "warning", "请核对 <号码> & “证件”。"), Mark(6, 9, "error", "这一格没有"), Mark(60, 1, "error", "这一行没有")]


def marked(path: Path, marks=None, listed=LISTED, target: Path | None = None) -> Path:
    target = target or path.with_name("out-" + path.name)
    with target.open("w+b") as out:
        mark_workbook(path, out, marks or {}, listed)
    return target


@pytest.fixture
def rich(tmp_path) -> Path:
    """A workbook with a bit of everything an office puts into one."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = NAME
    sheet.merge_cells("A1:F1")
    sheet["A1"], sheet["A1"].font = "离退休干部花名册", Font(size=18, bold=True)
    sheet.append(["姓名", "性别", "身份证号", "出生日期", "电话", "备注"])
    for line in range(3, 30):
        sheet.append([f"王{line}", "男", f"36040319450815{line:04}", "1945.08", "12000000001", f"=LEN(A{line})"])
    sheet.column_dimensions["C"].width = 24
    sheet.row_dimensions[7].hidden = True
    sheet["D5"].fill, sheet["D5"].border = PatternFill("solid", fgColor="FF00FF00"), Border(left=Side("thick"))
    sheet["C6"].number_format = "@"
    sheet["D5"].comment, sheet["A9"].comment = Comment("我自己的批注", "小李"), Comment("别动", "小李")
    Picture.new("RGB", (40, 50), (200, 60, 60)).save(tmp_path / "a.png")
    sheet.add_image(Image(str(tmp_path / "a.png")), "H3")
    choice = DataValidation("list", formula1='"男,女"')
    sheet.add_data_validation(choice)
    choice.add("B3:B30")
    sheet.conditional_formatting.add("F3:F30", CellIsRule(operator="greaterThan", formula=["2"], fill=PatternFill("solid", bgColor="FF9999FF")))
    sheet.print_title_rows = "1:2"
    other = book.create_sheet("图")
    for line in range(5):
        other.append([line, line * line])
    chart = BarChart()
    chart.add_data(Reference(other, min_col=2, min_row=1, max_row=5))
    other.add_chart(chart, "D2")
    book.create_sheet("藏").sheet_state = "hidden"
    book.defined_names["单位"] = DefinedName("单位", attr_text="'图'!$A$1")
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_bad_cells_are_coloured_and_explained_and_listed(rich):
    book = openpyxl.load_workbook(marked(rich, {NAME: MARKS}))
    assert book.sheetnames == ["问题清单", NAME, "图", "藏"]
    assert book.active.title == "问题清单"
    sheet = book[NAME]
    fills = {cell: sheet[cell].fill.fgColor.rgb for cell in ("D5", "C6", "J6", "B60")}
    assert fills == {"D5": RED, "C6": AMBER, "J6": RED, "B60": RED}
    assert sheet["C6"].comment.text == "请核对 <号码> & “证件”。"
    assert sheet["D5"].comment.text == "我自己的批注\n【导入核对】看不懂这个日期。"
    assert sheet["J6"].comment.text == "这一格没有"
    listed = [[cell.value for cell in row] for row in book["问题清单"].iter_rows(min_row=3, max_row=5)]
    assert listed[0] == ["工作表", "单元格", "列名", "原值", "程度", "问题"]
    assert listed[1] == [NAME, "D5", "出生日期", "=HYPERLINK(1)", "错误", "+看不懂"]
    assert book["问题清单"]["B4"].hyperlink.location == "'花名册 ''一'''!D5"


def test_nothing_in_the_list_can_act(rich):
    """Every cell of the list is a string by its type and formatted as text, whatever it begins with."""
    with zipfile.ZipFile(marked(rich, {NAME: MARKS})) as archive:
        text = archive.read("xl/worksheets/problems1.xml").decode()
    assert "<f" not in text.replace("<fo", "")
    assert set(re.findall(r'<c [^>]*t="(\w+)"', text)) == {"inlineStr"}
    assert len(re.findall(r"<c ", text)) == text.count('t="inlineStr"')


def test_everything_else_comes_back_as_it_was(rich):
    before, after = openpyxl.load_workbook(rich), openpyxl.load_workbook(marked(rich, {NAME: MARKS}))
    touched = {"D5", "C6", "J6", "B60"}
    for old in before:
        new = after[old.title]
        assert new.sheet_state == old.sheet_state
        for row in old.iter_rows():
            for cell in row:
                same = new[cell.coordinate]
                assert same.value == cell.value
                assert [repr(getattr(same, name)) for name in LOOKS] == [repr(getattr(cell, name)) for name in LOOKS]
                assert cell.coordinate in touched or repr(same.fill) == repr(cell.fill)
    sheet = after[NAME]
    assert sheet.column_dimensions["C"].width == 24
    assert sheet.row_dimensions[7].hidden
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:F1"]
    assert sheet["A9"].comment.text == "别动"
    assert sheet.print_title_rows == "$1:$2"
    assert sheet["F3"].value == "=LEN(A3)"
    assert [str(one.sqref) for one in sheet.data_validations.dataValidation] == ["B3:B30"]
    assert (len(sheet.conditional_formatting), len(sheet._images), len(after["图"]._charts)) == (1, 1, 1)
    assert after.defined_names["单位"].attr_text == "'图'!$A$1"
    assert [bool(one.sheet_view.tabSelected) for one in after] == [True, False, False, False]


def test_marking_the_marked_copy_again_forgets_the_first_marks(rich, tmp_path):
    first = marked(rich, {NAME: MARKS})
    second = openpyxl.load_workbook(marked(first, {NAME: [Mark(8, 3, "error", "新的问题")]}, ProblemList("问题清单", [], [(NAME, "D8", "", "", "error", "新的问题")])))
    assert second.sheetnames == ["问题清单", NAME, "图", "藏"]
    sheet = second[NAME]
    assert (sheet["C6"].fill.fill_type, sheet["C6"].comment) == (None, None)
    assert sheet["D5"].comment.text == "我自己的批注"
    assert (sheet["D8"].fill.fgColor.rgb, sheet["D8"].comment.text) == (RED, "新的问题")
    assert [cell.value for cell in second["问题清单"]["F"]][-1] == "新的问题"


def test_a_sheet_of_the_users_own_with_the_lists_name_stays(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "问题清单"
    book.active["A1"] = "我的"
    book.save(tmp_path / "a.xlsx")
    after = openpyxl.load_workbook(marked(tmp_path / "a.xlsx", {"问题清单": [Mark(1, 0, "error", "x")]}))
    assert after.sheetnames == ["问题清单 (2)", "问题清单"]
    assert after["问题清单"]["A1"].value == "我的"


def test_without_a_list_the_sheets_stay_where_they_are(rich):
    assert openpyxl.load_workbook(marked(rich, {NAME: MARKS}, None)).sheetnames == [NAME, "图", "藏"]


def test_only_the_first_cells_get_comments_but_all_their_colour(tmp_path, monkeypatch):
    book = openpyxl.Workbook()
    for line in range(30):
        book.active.append([line, line])
    book.save(tmp_path / "a.xlsx")
    monkeypatch.setattr("apps.core.workbooks.marking.marking.MOST_NOTES", 10)
    sheet = openpyxl.load_workbook(marked(tmp_path / "a.xlsx", {"Sheet": [Mark(line, 0, "error", "x") for line in range(1, 31)]}))["Sheet"]
    assert sum(1 for row in sheet.iter_rows() for cell in row if cell.comment) == 10
    assert sum(1 for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb == RED) == 30


SHEET = by_hand.line(1, "姓名", "性别") + by_hand.line(2, "王伟", "男")
ODD = {
    "a namespace prefix": lambda path: by_hand.pack(
        path, by_hand.parts([("名册", "visible", re.sub(r"<(/?)(\w)", r"<\1x:\2", by_hand.sheet(SHEET)).replace("xmlns=", "xmlns:x=").replace("<x:?xml", "<?xml"))])
    ),
    "rows and cells without numbers": lambda path: by_hand.workbook(path, re.sub(r' r="\w+"', "", SHEET)),
    "strict": lambda path: by_hand.pack(
        path,
        by_hand.parts(
            [("名册", "visible", by_hand.sheet(SHEET, space="http://purl.oclc.org/ooxml/spreadsheetml/main"))],
            space="http://purl.oclc.org/ooxml/spreadsheetml/main", relations="http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    ),
    "no rows": lambda path: by_hand.pack(path, by_hand.parts([("名册", "visible", by_hand.sheet("").replace("<sheetData></sheetData>", "<sheetData/>"))])),
    "a far corner": hostile.far_corner,
    "links to other files": hostile.external_links,
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_but_legal_packages(tmp_path, name):
    path = ODD[name](tmp_path / "a.xlsx")
    made = marked(path, {"名册": [Mark(2, 1, "error", "错")]})
    with read_workbook(made) as book:
        sheets = {sheet.name: [list(row.cells) for row in sheet.rows()] for sheet in book}
    with read_workbook(path) as book:
        before = {sheet.name: [list(row.cells) for row in sheet.rows()] for sheet in book}
    assert sheets.pop("问题清单")[0] == ["问题清单：a.xlsx"]
    assert sheets == before
    if name != "strict":
        assert openpyxl.load_workbook(made)["名册"]["B2"].fill.fgColor.rgb == RED


def acting(path: Path) -> Path:
    """Macros, an embedded object, a control, a connection, a ribbon and a link to another file."""
    made = by_hand.parts([("名册", "visible", by_hand.sheet(SHEET, after='<oleObjects><oleObject progId="Package" shapeId="1" r:id="rId1"/></oleObjects>'))])
    made["xl/worksheets/sheet1.xml"] = made["xl/worksheets/sheet1.xml"].replace("<worksheet ", f'<worksheet xmlns:r="{by_hand.RELATIONS}" ', 1)
    made["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'<Relationships xmlns="{by_hand.PACKAGE}"><Relationship Id="rId1" Type="{by_hand.RELATIONS}/oleObject" Target="../embeddings/o1.bin"/></Relationships>'
    )
    made["xl/embeddings/o1.bin"] = b"MZ evil"
    made["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0 evil"
    made["customUI/customUI.xml"] = "<customUI/>"
    made["xl/connections.xml"] = "<connections/>"
    extra = "".join(
        f'<Relationship Id="rId{number}" Type="{by_hand.RELATIONS}/{kind}" Target="{target}"/>'
        for number, kind, target in ((81, "vbaProject", "vbaProject.bin"), (82, "connections", "connections.xml"))
    )
    made["xl/_rels/workbook.xml.rels"] = made["xl/_rels/workbook.xml.rels"].replace("</Relationships>", extra + "</Relationships>")
    return by_hand.pack(path, made)


def test_what_acts_stays_behind(tmp_path):
    made = marked(acting(tmp_path / "a.xlsm"), {"名册": [Mark(2, 1, "error", "错")]})
    with zipfile.ZipFile(made) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        names = " ".join(archive.namelist())
    for word in ("vbaProject", "embeddings", "customUI", "connections"):
        assert word not in names
    assert b"evil" not in everything
    assert b"oleObject" not in everything
    assert b"macroEnabled" not in everything
    assert openpyxl.load_workbook(made)["名册"]["A2"].value == "王伟"


def test_a_formula_into_another_file_becomes_its_result(tmp_path):
    made = marked(hostile.external_links(tmp_path / "a.xlsx"), {"名册": [Mark(3, 0, "error", "错")]})
    assert openpyxl.load_workbook(made)["名册"]["A3"].value == "李红"
    with zipfile.ZipFile(made) as archive:
        assert not [name for name in archive.namelist() if "externalLink" in name or b"evil" in archive.read(name)]


@pytest.mark.parametrize(
    "write", [hostile.bomb, hostile.lying_bomb, hostile.many_entries, hostile.entities, hostile.entities_in_workbook, hostile.truncated, hostile.damaged,
              hostile.encrypted, hostile.plain_zip, hostile.noise, hostile.empty, hostile.zip_without_sheets, hostile.unclosed_cells],
)  # fmt: skip
def test_files_that_mean_harm_are_refused_with_a_sentence(tmp_path, write):
    with pytest.raises(UnreadableWorkbook) as fault:
        marked(write(tmp_path / "a.xlsx"), {"名册": [Mark(2, 1, "error", "错")]})
    assert fault.value.sentence.endswith("。")


def test_entities_in_a_part_nobody_reads_are_refused_too(tmp_path):
    """The copy goes to other people: what the reader never looks at must not carry a bomb to them."""
    made = by_hand.parts([("名册", "visible", by_hand.sheet(SHEET, after=f'<drawing xmlns:r="{by_hand.RELATIONS}" r:id="rId1"/>'))])
    made["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'<Relationships xmlns="{by_hand.PACKAGE}"><Relationship Id="rId1" Type="{by_hand.RELATIONS}/drawing" Target="../drawings/drawing1.xml"/></Relationships>'
    )
    made["xl/drawings/drawing1.xml"] = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(UnreadableWorkbook):
        marked(by_hand.pack(tmp_path / "a.xlsx", made), {})


def test_a_plain_copy_holds_every_value(tmp_path):
    days = [date(1945, 8, 15), datetime(2020, 1, 2, 3, 4, 5), MonthDate(1950, 3, 1)]
    cells = ["=1+1", 12, 1.5, Number(1945.1, 2), *days, True, CellError("#N/A"), None, 360403194508150016, date(1890, 1, 2)]
    path = tmp_path / "a.xlsx"
    with path.open("w+b") as out, PlainBook(out) as book:
        assert book.sheet("a/b", [Line(1, ["题"], head=True), Line(3, cells)], merged=[Merge(1, 0, 1, 3)], texts=frozenset({10}), top=1) == "a b"
        assert book.sheet("A B", [Line(1, ["x"])]) == "A B (2)"
    with read_workbook(path) as book:
        sheet = next(iter(book))
        rows = list(sheet.rows())
    assert [row.number for row in rows] == [1, 3]
    assert rows[1].cells == [*cells[:-1], "1890-01-02"]
    assert [type(cell) for cell in rows[1].cells[:9]] == [type(cell) for cell in cells[:9]]
    again = openpyxl.load_workbook(path)["a b"]
    assert (again["K3"].number_format, again["A3"].data_type, again.freeze_panes) == ("@", "s", "A2")
    assert openpyxl.load_workbook(marked(path, {"a b": [Mark(3, 0, "error", "错")]}))["a b"]["A3"].fill.fgColor.rgb == RED
