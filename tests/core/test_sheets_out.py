import io
import zipfile
from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import tablib

from apps.core import sheets_out
from apps.core.dates import PartialDate
from apps.core.formats import FastXLSX
from apps.core.sheets_out import Column, SheetOut, write_xlsx
from apps.core.workbooks.limits import UnreadableWorkbook

ID = "360499194005120313"
COLUMNS = [Column("姓名", 10), Column("身份证号", 20), Column("出生", kind="date"), Column("人次", kind="int"), Column("完成率", kind="percent"), Column("备注")]
ROW = ["王建国", ID, date(1940, 5, 12), 3, 0.98, None]


def made(rows=(ROW,), **options):
    out = io.BytesIO()
    sheet = {"name": "名册", "title": "离退休干部名册", "columns": COLUMNS, "rows": rows} | options
    write_xlsx(out, [SheetOut(**sheet)])
    return out.getvalue()


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


class TestCells:
    def test_title_head_rows_notes(self):
        sheet = opened(made(notes=["注：截至2026年9月30日。"])).active
        assert sheet["A1"].value == "离退休干部名册"
        assert [cell.value for cell in sheet[2]] == [column.title for column in COLUMNS]
        assert [cell.value for cell in sheet[3]] == ["王建国", ID, "1940-05-12", 3, 0.98, None]
        assert sheet["A4"].value == "注：截至2026年9月30日。"
        assert sheet.column_dimensions["B"].width == pytest.approx(20, abs=1)

    def test_ids_are_text_in_text_cells(self):
        cell = opened(made()).active["B3"]
        assert (cell.data_type, cell.number_format) == ("s", "@")
        assert opened(made()).active["E3"].number_format == "0.0%"

    @pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(1)", "+86", "-1", "@SUM(A1)", "{=1}", "http://a.b/c", "mailto:a@b", "internal:x", "0792", "1945.10"])
    def test_strings_stay_strings(self, text):
        rows = [[text, text, text, text, text, text]]
        data = made(rows, title=text)
        cells = opened(data).active[3]
        assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s")] * 6
        assert not any(cell.hyperlink for cell in cells)
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (PartialDate(date(1945, 8, 1), "month"), "1945年8月"),
            (PartialDate(date(1945, 1, 1), "year"), "1945年"),
            (datetime(2026, 10, 8, 9, 30), "2026-10-08 09:30"),
            ("民国三十四年", "民国三十四年"),
        ],
    )
    def test_dates_say_what_is_known(self, value, text):
        rows = [["王", ID, value, 1, 1, ""]]
        assert opened(made(rows)).active["C3"].value == text

    def test_truth_is_said_in_chinese(self):
        assert opened(made([[True, False, None, True, None, ""]])).active["A3"].value == "是"
        assert opened(made([[True, False, None, True, None, ""]])).active["D3"].value == "是"

    def test_unwanted_characters_and_endless_text(self):
        rows = [["甲\x00乙\ud800", "x" * 40_000, None, None, None, "a\nb"]]
        cells = opened(made(rows)).active[3]
        assert cells[0].value == "甲乙"
        assert (len(cells[1].value), cells[1].value[-1]) == (32_767, "…")
        assert cells[5].value == "a\nb"

    def test_a_row_of_another_length_is_refused(self):
        with pytest.raises(ValueError):
            made([["王", ID]])

    def test_an_unknown_kind_is_refused(self):
        with pytest.raises(ValueError, match="money"):
            Column("工资", kind="money")


class TestSheet:
    def test_print_set_up(self):
        sheet = opened(made()).active
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.oddFooter.center.text == "第 &P 页"
        assert sheet.print_title_rows == "$1:$2"
        assert sheet.freeze_panes == "A3"
        assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A1:F1"]

    def test_without_title_the_head_is_the_first_row(self):
        sheet = opened(made(title="")).active
        assert (sheet["A1"].value, sheet["A2"].value, sheet.freeze_panes) == ("姓名", "王建国", "A2")

    def test_no_rows_leave_the_head_and_the_notes(self):
        assert [row[0].value for row in opened(made([], notes=["注"])).active.rows] == ["离退休干部名册", "姓名", "注"]

    def test_names_are_made_possible(self):
        out = io.BytesIO()
        names = ["a/b[1]:*?", "A B 1", "'引号'", "", "x" * 40, "x" * 40, "History"]
        write_xlsx(out, [SheetOut(name, "", [Column("甲")], [["1"]]) for name in names])
        got = opened(out.getvalue()).sheetnames
        assert len({name.lower() for name in got}) == len(names)
        assert all(0 < len(name) <= 31 for name in got)

    def test_more_rows_than_a_sheet_holds_go_on_in_the_next(self, monkeypatch):
        monkeypatch.setattr(sheets_out, "MOST_ROWS", 6)
        book = opened(made([[str(n), ID, None, n, None, None] for n in range(7)], notes=["注"]))
        assert book.sheetnames == ["名册", "名册 (2)", "名册 (3)"]
        assert [cell.value for sheet in book for cell in sheet["A"]] == [
            *["离退休干部名册", "姓名", "0", "1", "2"],
            *["离退休干部名册", "姓名", "3", "4", "5"],
            *["离退休干部名册", "姓名", "6", "注"],
        ]

    def test_no_sheet_is_refused(self):
        with pytest.raises(ValueError, match="needs a sheet"):
            write_xlsx(io.BytesIO(), [])


class TestFile:
    def test_rows_that_fail_leave_nothing(self, tmp_path):
        def rows():
            yield ROW
            raise RuntimeError("the database went away")

        with pytest.raises(RuntimeError):
            write_xlsx(tmp_path / "a.xlsx", [SheetOut("名册", "", COLUMNS, rows())])
        assert list(tmp_path.iterdir()) == []

    def test_same_rows_same_bytes(self):
        assert made() == made()

    def test_path_and_moment(self, tmp_path):
        moment = datetime(2026, 10, 8, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
        write_xlsx(tmp_path / "a.xlsx", [SheetOut("名册", "", COLUMNS, [ROW])], moment=moment)
        assert openpyxl.load_workbook(tmp_path / "a.xlsx").properties.created == datetime(2026, 10, 8, 1, 30)


class TestImportExportFormat:
    def test_there_and_back(self):
        table = tablib.Dataset(["王建国", ID, 3, 0.5, date(1940, 5, 12)], ["=1+1", "0792", 4, 1.5, None], headers=["姓名", "身份证号", "人次", "率", "日期"])
        back = FastXLSX().create_dataset(FastXLSX().export_data(table))
        assert back.headers == table.headers
        assert [list(row) for row in back] == [["王建国", ID, 3, 0.5, "1940-05-12"], ["=1+1", "0792", 4, 1.5, None]]

    def test_reads_files_of_other_makers_and_short_rows(self):
        book = openpyxl.Workbook()
        book.active.append(["姓名", "人次", "备注"])
        book.active.append(["王建国", 3.0])
        out = io.BytesIO()
        book.save(out)
        out.seek(0)
        table = FastXLSX().create_dataset(out)
        assert [list(row) for row in table] == [["王建国", 3, None]]

    def test_empty_table(self):
        back = FastXLSX().create_dataset(FastXLSX().export_data(tablib.Dataset(headers=["甲"])))
        assert (back.headers, len(back)) == (["甲"], 0)

    def test_what_is_no_workbook_is_refused(self):
        with pytest.raises(UnreadableWorkbook):
            FastXLSX().create_dataset(b"\x89PNG\r\n\x1a\n" + bytes(200))

    def test_is_what_import_export_asks_for(self):
        form = FastXLSX(encoding="utf-8")
        assert (form.get_title(), form.get_extension(), form.is_binary(), form.get_read_mode()) == ("xlsx", "xlsx", True, "rb")
        assert form.is_available()
        assert form.can_import()
        assert form.can_export()
        assert form.get_content_type().endswith("spreadsheetml.sheet")
