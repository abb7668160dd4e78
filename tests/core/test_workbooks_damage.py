"""Whatever happens to a file: rows or a sentence come out, never a trace, and never an endless wait."""

import io
import json

import pytest
import xlwt

from apps.core.workbooks.blocks import packed, rows_of
from apps.core.workbooks.child import messages
from apps.core.workbooks.limits import SENTENCES, Limits, UnreadableWorkbook
from apps.core.workbooks.reading import read_workbook
from tests.workbooks.by_hand import cell, in_memory, line, parts, row, sheet
from tests.workbooks.damage import damaged

ROWS = "".join(line(number, f"王{number}", "男", number, 1945.1) for number in range(1, 60))
GOOD = parts(
    [("名册", "visible", sheet(ROWS + row(70, cell("C70", 16664, 3), '<c r="D70" t="s"><v>1</v></c>'), after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>'))]
) | {"xl/sharedStrings.xml": "<sst><si><t>甲</t></si><si><r><t>乙</t></r></si></sst>"}
TEXTS = {
    "csv": '姓名,性别\n王伟,男\n"甲\n乙",女\n'.encode("gb18030") * 20,
    "html": "<table><tr><td rowspan=2>姓名<td>x</tr><tr><td>1</table>".encode() * 5,
    "xml2003": (
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        b'<Table><Row ss:Index="2"><Cell ss:Index="3" ss:MergeDown="2"><Data ss:Type="Number">5</Data></Cell></Row></Table></Worksheet></Workbook>'
    ),
}


def outcome(path) -> str:
    """rows, or the code of the refusal; everything else is a failure of the reader."""
    try:
        for message in messages(path, Limits()):
            body = packed(message)[4:]
            if "n" in message:
                assert all(each.number > 0 for each in rows_of(json.loads(body)))
    except UnreadableWorkbook as refused:
        return refused.code
    return "rows"


@pytest.mark.parametrize("part", [*GOOD, "the whole"])
def test_an_xlsx_with_damage_in_any_part(part, tmp_path):
    found = set()
    for seed in range(60):
        data = in_memory(GOOD)
        if part == "the whole":
            data = damaged(data, seed)
        else:
            data = in_memory(GOOD | {part: damaged(GOOD[part].encode(), seed)})
        path = tmp_path / "a.xlsx"
        path.write_bytes(data)
        found.add(outcome(path))
    assert found <= {"rows", *SENTENCES}
    assert found


@pytest.mark.parametrize("form", TEXTS)
def test_a_damaged_text(form, tmp_path):
    path = tmp_path / "a.xls"
    found = set()
    for seed in range(100):
        path.write_bytes(damaged(TEXTS[form], seed))
        found.add(outcome(path))
    assert {"rows"} < found <= {"rows", *SENTENCES}


def test_a_damaged_xls_in_the_child(tmp_path):
    """Only through the child: damage to a BIFF file can make any reader ask for all the memory there is."""
    book, stream = xlwt.Workbook(), io.BytesIO()
    only = book.add_sheet("名册")
    for number in range(200):
        only.write(number, 0, f"王{number}")
        only.write(number, 2, 1945.1, xlwt.easyxf(num_format_str="0.00"))
    book.save(stream)
    path, found = tmp_path / "a.xls", set()
    for seed in range(25):
        path.write_bytes(damaged(stream.getvalue(), seed))
        try:
            with read_workbook(path) as opened:
                assert all(each.number > 0 for one in opened for each in one.rows())
            found.add("rows")
        except UnreadableWorkbook as refused:
            found.add(refused.code)
    assert {"rows"} < found <= {"rows", *SENTENCES}


@pytest.mark.parametrize("part", GOOD)
def test_a_part_that_is_missing_or_empty(part, tmp_path):
    path = tmp_path / "a.xlsx"
    for left in ({name: data for name, data in GOOD.items() if name != part}, GOOD | {part: ""}, GOOD | {part: "<"}):
        path.write_bytes(in_memory(left))
        assert outcome(path) in {"rows", *SENTENCES}
