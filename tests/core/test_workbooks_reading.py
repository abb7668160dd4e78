"""What comes out of an honest workbook: names, row numbers, kinds, formats; the same from every spelling and reader."""

import csv
import io
import random
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter
import xlwt

from apps.core.workbooks.reading import read_workbook
from apps.core.workbooks.values import CellError, Merge, MonthDate, Number, column_index, column_letter, kind_of, shown
from tests.workbooks import by_hand
from tests.workbooks.by_hand import DAY, MONTH, TWO_DECIMALS, cell, line, pack, parts, row, sheet, workbook


def read(path):
    with read_workbook(path) as book:
        return book, {sheet.name: list(sheet.rows()) for sheet in book}


def rows_of(path):
    return next(iter(read(path)[1].values()))


def plain(rows):
    """(number, values without the blank end) of each row."""
    found = []
    for each in rows:
        cells = list(each.cells)
        while cells and cells[-1] is None:
            cells.pop()
        found.append((each.number, cells))
    return found


class TestXlsx:
    def test_rows_keep_their_number_and_columns_their_letter(self, tmp_path):
        path = workbook(tmp_path / "a.xlsx", row(4, cell("C4", "姓名"), cell("AA4", "备注")) + row(9, cell("C9", "王伟")))
        first, second = rows_of(path)
        assert (first.number, first.get(2), first.get(26)) == (4, "姓名", "备注")
        assert (second.number, second.get(2), second.get(26)) == (9, "王伟", None)

    def test_kinds_and_formats(self, tmp_path):
        cells = (
            cell("A1", 1945.1, TWO_DECIMALS), cell("B1", 1945.1), cell("C1", 16650, MONTH), cell("D1", 16664, DAY), cell("E1", "360402194005123456", 4),
            cell("F1", "3.60402194005123E+17"), '<c r="G1" t="b"><v>1</v></c>', '<c r="H1" t="e"><v>#N/A</v></c>', cell("I1", 16664.5, DAY),
            '<c r="J1" t="str"><f>"a"&amp;"b"</f><v>甲&amp;乙</v></c>', '<c r="K1"><f>"360499194508150011"</f></c>', '<c r="L1"><f>1+1</f></c>',
            '<c r="M1"><v>3.60402194005123E+17</v></c>', '<c r="N1" t="d"><v>1945-08-15T00:00:00</v></c>', cell("O1", 16664, MONTH),
        )  # fmt: skip
        (only,) = rows_of(workbook(tmp_path / "a.xlsx", row(1, *cells)))
        by_letter = {column_letter(index): value for index, value in enumerate(only.cells)}
        assert isinstance(by_letter["A"], Number)
        assert by_letter["A"].shown == "1945.10"
        assert (type(by_letter["B"]), by_letter["B"]) == (float, 1945.1)
        assert (type(by_letter["C"]), by_letter["C"]) == (MonthDate, date(1945, 8, 1))
        assert (type(by_letter["D"]), by_letter["D"]) == (date, date(1945, 8, 15))
        assert by_letter["E"] == "360402194005123456"
        assert by_letter["F"] == "3.60402194005123E+17"
        assert by_letter["G"] is True
        assert (kind_of(by_letter["H"]), by_letter["H"]) == ("error", "#N/A")
        assert by_letter["I"] == datetime(1945, 8, 15, 12)
        assert by_letter["J"] == "甲&乙"
        assert by_letter["K"] == "360499194508150011"
        assert by_letter["L"] is None
        assert (kind_of(by_letter["M"]), by_letter["M"]) == ("number", int(3.60402194005123e17))
        assert by_letter["N"] == date(1945, 8, 15)
        assert (type(by_letter["O"]), by_letter["O"]) == (date, date(1945, 8, 15)), "a day was typed, whatever the format shows"

    def test_hidden_and_very_hidden_sheets_are_skipped_and_named(self, tmp_path):
        made = parts([("说明", "hidden", sheet(line(1, "x"))), ("名册", "visible", sheet(line(1, "姓名"))), ("代码", "veryHidden", sheet(line(1, "y")))])
        book, sheets = read(pack(tmp_path / "a.xlsx", made))
        assert list(sheets) == ["名册"]
        assert book.hidden_sheets == ["说明", "代码"]
        assert book.format == "xlsx"

    def test_merged_ranges_and_filling_down(self, tmp_path):
        rows = line(1, "单位", "姓名") + line(2, "教育局", "王伟") + line(3, None, "李红") + line(4, None, "张强") + line(5, None, "赵六")
        path = workbook(tmp_path / "a.xlsx", rows, after='<mergeCells count="1"><mergeCell ref="A2:A4"/></mergeCells>')
        with read_workbook(path) as book:
            only = next(iter(book))
            assert only.merged == [Merge(2, 0, 4, 0)]
            assert [each.get(0) for each in only.peek()] == ["单位", "教育局", None, None, None]
            assert [each.get(0) for each in only.rows()] == ["单位", "教育局", "教育局", "教育局", None]

    def test_peeked_rows_come_again(self, tmp_path):
        path = workbook(tmp_path / "a.xlsx", "".join(line(number, f"人{number}") for number in range(1, 101)))
        with read_workbook(path) as book:
            only = next(iter(book))
            assert [each.number for each in only.peek(5)] == [1, 2, 3, 4, 5]
            assert [each.number for each in only.rows()] == list(range(1, 101))

    def test_a_sheet_not_read_to_its_end_is_passed_over(self, tmp_path):
        many = sheet("".join(line(number, f"人{number}") for number in range(1, 5000)))
        path = pack(tmp_path / "a.xlsx", parts([("一", "visible", many), ("二", "visible", sheet(line(1, "末")))]))
        with read_workbook(path) as book:
            seen = [next(each.rows()).cells[0] for each in book]
        assert seen == ["人1", "末"]

    def test_dates_of_the_1904_system(self, tmp_path):
        made = parts([("名册", "visible", sheet(row(1, cell("A1", 15202, DAY))))], workbook='<workbookPr date1904="1"/>')
        assert rows_of(pack(tmp_path / "a.xlsx", made))[0].cells[0] == date(1945, 8, 15)

    def test_macro_workbook_and_wrong_name_are_read_by_content(self, tmp_path):
        data = by_hand.in_memory(parts([("名册", "visible", sheet(line(1, "姓名")))]) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
        path = tmp_path / "a.csv"
        path.write_bytes(data)
        assert rows_of(path)[0].cells[0] == "姓名"

    USUAL = sheet(line(1, "姓名", "性别") + line(2, "王伟", 5))
    SPELLINGS = {
        "usual": USUAL,
        "strict": USUAL.replace(by_hand.MAIN, by_hand.STRICT),
        "prefixed": USUAL.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x="),
        "single quotes": USUAL.partition("\n")[2].replace('"', "'"),
        "blanks in tags": USUAL.replace("</row>", "</row >\n").replace("</c>", "</c\n>"),
        "blanks in value tags": USUAL.replace("</v>", "</v >").replace("</is>", "</is >"),
        "no references": sheet(
            "<row><c t='str'><v>姓名</v></c><c t='str'><v>性别</v></c></row><row><c t='str'><v>王伟</v></c><c><v>5</v></c></row>"
        ),
        "attributes turned": sheet(
            '<row r="1"><c t="str" r="A1"><v>姓名</v></c><c s="0" t="str" r="B1"><v>性别</v></c></row>'
            '<row r="2"><c t="str" r="A2"><v>王伟</v></c><c r="B2"><v>5</v></c></row>'
        ),
        "cdata and comment": USUAL.replace("<t>王伟</t>", "<t><![CDATA[王伟]]></t>").replace("<sheetData>", "<sheetData><!-- <row r='1'> -->"),
        "rich text": USUAL.replace(
            "<is><t>王伟</t></is>", '<is><r><rPr/><t>王</t></r><r><t xml:space="preserve">伟</t></r><rPh sb="0" eb="1"><t>オウ</t></rPh></is>'
        ),
        "references": USUAL.replace("王伟", "&#29579;&#x4F1F;"),
        "empty rows": USUAL.replace('<row r="2">', '<row r="2" ht="12"/><row r="2">').replace("</sheetData>", '<row r="9"/></sheetData>'),
    }

    @pytest.mark.parametrize("xml", SPELLINGS.values(), ids=SPELLINGS)
    def test_every_legal_spelling_reads_the_same(self, xml, tmp_path):
        path = pack(tmp_path / "a.xlsx", parts([("名册", "visible", xml)]))
        assert plain(rows_of(path)) == [(1, ["姓名", "性别"]), (2, ["王伟", 5])]

    def test_utf16_parts(self, tmp_path):
        made = parts([("名册", "visible", "")])
        made["xl/worksheets/sheet1.xml"] = sheet(line(1, "姓名")).replace("UTF-8", "UTF-16").encode("utf-16")
        assert rows_of(pack(tmp_path / "a.xlsx", made))[0].cells[0] == "姓名"

    def test_shared_strings_missing_or_out_of_range_are_blank(self, tmp_path):
        path = workbook(tmp_path / "a.xlsx", row(1, '<c r="A1" t="s"><v>7</v></c>', cell("B1", "有")))
        assert rows_of(path)[0].cells == [None, "有"]

    def test_part_names_of_another_case_and_absolute_targets(self, tmp_path):
        made = parts([("名册", "visible", sheet(line(1, "姓名")))])
        made["xl/_rels/workbook.xml.rels"] = made["xl/_rels/workbook.xml.rels"].replace('Target="worksheets', 'Target="/xl/Worksheets')
        assert rows_of(pack(tmp_path / "a.xlsx", made))[0].cells[0] == "姓名"

    def test_broken_styles_cost_only_the_formats(self, tmp_path):
        made = parts([("名册", "visible", sheet(row(1, cell("A1", 16664, DAY))))])
        made["xl/styles.xml"] = "<styleSheet"
        assert rows_of(pack(tmp_path / "a.xlsx", made))[0].cells[0] == 16664


class TestAgainstOtherLibraries:
    def test_a_mixed_sheet_reads_as_openpyxl_reads_it(self, tmp_path):
        """Random cells with gaps, written by XlsxWriter: the learnt row pattern must not lose or move one."""
        path, rng = tmp_path / "a.xlsx", random.Random(11)
        book = xlsxwriter.Workbook(str(path), {"constant_memory": False})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        two = book.add_format({"num_format": "0.00"})
        only = book.add_worksheet("名册")
        for number in range(1200):
            for column in range(30):
                self._write(only, number, column, rng, day, two)
        book.close()
        theirs = openpyxl.load_workbook(path, read_only=False)["名册"]
        ours = dict(plain(rows_of(path)))
        for number, cells in enumerate(theirs.iter_rows(values_only=True), start=1):
            wanted = [value.date() if isinstance(value, datetime) else value for value in cells]
            while wanted and wanted[-1] is None:
                wanted.pop()
            assert ours.get(number, []) == wanted, number

    def _write(self, only, number, column, rng, day, two):
        choice = rng.randrange(9) if rng.random() < 0.15 else column % 7
        if choice == 0:
            only.write_string(number, column, f"甲<{rng.randrange(50)}>&\"乙\"")
        elif choice == 1:
            only.write_number(number, column, rng.randrange(10**9) / 1000)
        elif choice == 2:
            only.write_number(number, column, rng.randrange(20_000, 40_000), day)
        elif choice == 3:
            only.write_number(number, column, rng.randrange(1_000_000) / 100, two)
        elif choice == 4:
            only.write_number(number, column, rng.randrange(100))
        elif choice == 5:
            only.write_blank(number, column, None, two)
        elif choice == 6:
            only.write_boolean(number, column, bool(rng.randrange(2)))
        elif choice == 7:
            only.write_string(number, column, "汉字 带空格 ")

    @pytest.mark.parametrize("constant_memory", [True, False])
    def test_both_ways_xlsxwriter_writes_strings(self, constant_memory, tmp_path):
        path = tmp_path / "a.xlsx"
        book = xlsxwriter.Workbook(str(path), {"constant_memory": constant_memory})
        only = book.add_worksheet()
        texts = [" 前后 ", "a\nb", "<&>\"'", "_x0041_", "𠮷野", "=1+1", "x" * 32_767]
        for number, text in enumerate(texts):
            only.write_string(number, 0, text)
        book.close()
        assert [each.cells[0] for each in rows_of(path)] == texts


class TestXls:
    def make(self, path):
        book = xlwt.Workbook(encoding="utf-8")
        only = book.add_sheet("名册")
        only.write(1, 2, "姓名")
        only.write(1, 3, "出生")
        only.write(2, 2, "王伟")
        only.write(2, 3, date(1945, 8, 15), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
        only.write(2, 4, 13412345678)
        only.write(2, 5, 1945.5)
        only.write(2, 6, True)
        only.write_merge(5, 6, 2, 2, "合并")
        hidden = book.add_sheet("隐藏")
        hidden.write(0, 0, "x")
        hidden.visibility = 1
        book.save(str(path))
        return path

    def test_biff8(self, tmp_path):
        book, sheets = read(self.make(tmp_path / "a.xls"))
        assert book.format == "xls"
        assert book.hidden_sheets == ["隐藏"]
        first, second, third = sheets["名册"][:3]
        assert (first.number, first.get(2), first.get(3)) == (2, "姓名", "出生")
        assert second.number == 3
        assert [second.get(index) for index in range(2, 7)] == ["王伟", date(1945, 8, 15), 13412345678, 1945.5, True]
        assert (third.number, third.get(2)) == (6, "合并")

    @pytest.mark.parametrize("rows", [3, 400], ids=["small stream", "large stream"])
    def test_number_formats_of_biff(self, rows, tmp_path):
        book = xlwt.Workbook(encoding="utf-8")
        hidden, only = book.add_sheet("藏"), book.add_sheet("名册")
        hidden.visibility = 2
        month, two = xlwt.easyxf(num_format_str='yyyy"年"m"月"'), xlwt.easyxf(num_format_str="0.00")
        for number in range(rows):
            only.write(number, 0, date(1945, 8, 1), month)
            only.write(number, 1, date(1945, 8, 15), month)
            only.write(number, 2, 1945.1, two)
            only.write(number, 3, 1945.1)
            only.write(number, 4, date(1945, 8, 1), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
            only.write(number, 5, 1945, two)
        book.save(str(tmp_path / "a.xls"))
        last = read(tmp_path / "a.xls")[1]["名册"][-1].cells
        assert [type(value) for value in last] == [MonthDate, date, Number, float, date, Number]
        assert (last[0], last[1], last[2].shown, last[3], last[5].shown) == (date(1945, 8, 1), date(1945, 8, 15), "1945.10", 1945.1, "1945.00")

    def test_an_xls_called_xlsx_is_read(self, tmp_path):
        assert read(self.make(tmp_path / "a.xlsx"))[0].format == "xls"


def test_ods(tmp_path):
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    names = f'xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0" xmlns:text="{space}text:1.0"'
    cells = (
        '<table:table-cell office:value-type="string"><text:p>姓名</text:p></table:table-cell>'
        '<table:table-cell office:value-type="date" office:date-value="1945-08-15"><text:p>x</text:p></table:table-cell>'
    )
    made = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f'<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="名册"><table:table-row>{cells}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>",
        "META-INF/manifest.xml": f'<m:manifest xmlns:m="{space}manifest:1.0"/>',
    }
    book, sheets = read(pack(tmp_path / "a.xls", made))
    assert book.format == "ods"
    assert plain(sheets["名册"]) == [(1, ["姓名", date(1945, 8, 15)])]


class TestCsv:
    ROWS = [["姓名", "身份证号", "备注"], ["王伟", "360499194508150011", "第一行\n第二行"], ["李红", "36049919450815002X", 'a"b,c']]

    def write(self, path, encoding, separator=",", rows=None):
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=separator).writerows(rows or self.ROWS)
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_encodings_and_separators(self, encoding, separator, tmp_path):
        book, sheets = read(self.write(tmp_path / "a.csv", encoding, separator))
        assert list(sheets) == [""]
        assert book.format == "csv"
        assert [each.cells for each in sheets[""]] == self.ROWS

    def test_row_numbers_count_records_and_empty_lines(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes('标题\r\n\r\n姓名,性别\r\n"王\n伟",男\r\n李红,女\r\n'.encode())
        assert [(each.number, each.cells[0]) for each in rows_of(path)] == [(1, "标题"), (3, "姓名"), (4, "王\n伟"), (5, "李红")]

    def test_wrapped_digits_are_unwrapped(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes('姓名,号码\r\n王伟,"=""360499194508150011"""\r\n李红,\'36049919450815002X\r\n张强,\t360499194508150038\r\n赵六,="1"\r\n'.encode())
        assert [each.cells[1] for each in rows_of(path)] == ["号码", "360499194508150011", "36049919450815002X", "360499194508150038", "1"]

    def test_separator_line_of_excel(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes("sep=;\r\n姓名;性别\r\n王伟;男\r\n".encode("gb18030"))
        assert [(each.number, each.cells) for each in rows_of(path)] == [(2, ["姓名", "性别"]), (3, ["王伟", "男"])]

    def test_a_csv_called_xlsx_is_read_and_a_character_beyond_gbk_survives(self, tmp_path):
        path = self.write(tmp_path / "a.xlsx", "gb18030", rows=[["姓名", "性别"], ["𬱖㛃", "男"]])
        assert rows_of(path)[1].cells[0] == "𬱖㛃"

    def test_gb18030_cut_in_the_middle_of_a_chunk(self, tmp_path):
        path = self.write(tmp_path / "a.csv", "gb18030", rows=[["x" * (number % 7) + "汉字" * 40, str(number)] for number in range(20_000)])
        assert len(rows_of(path)) == 20_000


class TestMarkup:
    def test_a_web_page_saved_as_xls(self, tmp_path):
        path = tmp_path / "a.xls"
        page = (
            '<html><head><meta charset="gb2312"></head><body><table><tr><td colspan="3">名册</td></tr><tr><th rowspan=2>姓名</th><th colspan=2>配偶</th></tr>'
            "<tr><td>姓名<td>年龄</tr><tr><td>王&nbsp;伟</td><td>李红<br>（已故）</td><td>80</td></tr></table></body></html>"
        )
        path.write_bytes(page.encode("gb18030"))
        book, sheets = read(path)
        assert book.format == "html"
        assert plain(sheets[""])[2:] == [(3, ["姓名", "姓名", "年龄"]), (4, ["王\xa0伟", "李红\n（已故）", "80"])]

    def test_xml_of_2003(self, tmp_path):
        path = tmp_path / "a.xls"
        space = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:x"'
        cells = (
            '<Cell ss:Index="2"><Data ss:Type="String">姓名</Data></Cell><Cell><Data ss:Type="Number">80</Data></Cell>'
            '<Cell><Data ss:Type="DateTime">1945-08-15T00:00:00.000</Data></Cell>'
        )
        path.write_text(
            f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook {space}><Worksheet ss:Name="名册"><Table><Row ss:Index="2">{cells}</Row></Table>'
            '</Worksheet><Worksheet ss:Name="藏"><Table/><x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet></Workbook>',
            encoding="utf-8",
        )
        _book, sheets = read(path)
        assert {name: plain(rows) for name, rows in sheets.items()} == {"名册": [(2, [None, "姓名", 80, "1945-08-15"])]}


def test_column_letters_round_trip():
    assert [column_letter(index) for index in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(column_index(column_letter(index)) == index for index in range(16_384))
    for wrong in ("", "XFE", "a", "1"):
        with pytest.raises(ValueError):
            column_index(wrong)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "blank", ""), ("a", "text", "a"), (5, "number", "5"), (Number(1945.1, 2), "number", "1945.10"), (3.60402194005123e17, "number", "3.60402194005123E+17"),
        (True, "bool", "TRUE"), (CellError("#N/A"), "error", "#N/A"), (date(1945, 8, 15), "date", "1945-08-15"), (MonthDate(1945, 8, 1), "date", "1945-08"),
        (datetime(1945, 8, 15), "date", "1945-08-15"),
    ],
)  # fmt: skip
def test_kinds_and_what_is_quoted(value, kind, text):
    assert (kind_of(value), shown(value)) == (kind, text)
