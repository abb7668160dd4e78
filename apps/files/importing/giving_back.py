"""The refused rows given back: the user's own titles and cells, a column 问题 behind them, ready to be corrected and uploaded again."""

import io
from datetime import date, datetime

import xlsxwriter

from apps.core.scope import Scope
from apps.core.workbooks.reading import Sheet, read_workbook
from apps.core.workbooks.values import CellError, Row
from apps.files import selectors, storage
from apps.files.models import ImportBatch, RowState

TITLE = "问题"
WIDEST = 60


def refused(scope: Scope, batch: ImportBatch) -> io.BytesIO:
    """An .xlsx with one sheet per sheet that has refused rows. Read from the kept file, so every cell is as it came. Raises ``NotToBeHad``."""
    wanted: dict[str, dict[int, list[dict]]] = {}
    for row in selectors.rows(scope, batch, RowState.REFUSED).values("sheet", "number", "problems").iterator(chunk_size=2000):
        wanted.setdefault(row["sheet"], {}).setdefault(row["number"], []).extend(row["problems"])
    headers = {sheet["name"]: sheet["last"] for sheet in batch.sheets if sheet.get("last")}
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}) as book:
        paper = _Paper(book)
        with storage.laid_open(batch.file) as path, read_workbook(path) as source:
            for sheet in source:
                if sheet.name in wanted:
                    paper.copy(sheet, headers[sheet.name], wanted[sheet.name])
    out.seek(0)
    return out


class _Paper:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.text = book.add_format({"num_format": "@"})
        self.head = book.add_format({"num_format": "@", "bold": True, "bg_color": "#f3f1ee", "border": 1, "border_color": "#c9c3bb", "text_wrap": True})
        self.wrong = book.add_format({"text_wrap": True, "font_color": "#a3231d", "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})

    def copy(self, sheet: Sheet, last_header: int, wanted: dict[int, list[dict]]) -> None:
        """Everything down to the titles as it stands, then the refused rows, closed up."""
        page = self.book.add_worksheet(sheet.name or "待修改")
        width = max((len(row.cells) for row in sheet.peek(60)), default=1)
        page.set_column(0, max(width - 1, 0), 14)
        page.set_column(width, width, WIDEST)
        for merge in sheet.merged:
            if merge.last_row <= last_header and merge.last_column < width:
                page.merge_range(merge.first_row - 1, merge.first_column, merge.last_row - 1, merge.last_column, "", self.head)
        page.write_string(last_header - 1, width, TITLE, self.head)
        page.freeze_panes(last_header, 0)
        line = last_header
        for row in sheet.rows():
            if row.number <= last_header:
                self._cells(page, row.number - 1, row, self.head)
            elif row.number in wanted:
                self._cells(page, line, row, self.text)
                page.write_string(line, width, "；".join(self._sentence(one) for one in wanted[row.number]), self.wrong)
                line += 1

    @staticmethod
    def _sentence(one: dict) -> str:
        return f"【{one['title']}】{one['message']}" if one["title"] else one["message"]

    def _cells(self, page, line: int, row: Row, form) -> None:
        for column, value in enumerate(row.cells):
            if value is None:
                continue
            if isinstance(value, str | CellError):
                page.write_string(line, column, str(value), form)
            elif isinstance(value, bool):
                page.write_boolean(line, column, value)
            elif isinstance(value, date | datetime):
                page.write_datetime(line, column, value, self.day)
            else:
                page.write_number(line, column, value)
