"""Forms going out as .xlsx: a title over all columns, a line below it, heads of several rows with merged cells, numbers as numbers, notes; A4 landscape.

    write_tables(target, [TableOut("A", "离休干部基本情况统计表", "填报单位：九江市", head, body, widths, notes)])
"""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from apps.core.literal_books import LiteralBook
from apps.core.sheets_out import A4, clean_text, print_mark

NUMBERS = "#,##0;-#,##0;0"
TITLE, BELOW, HEAD, BODY, NOTE = 34, 22, 36, 22, 20
"""Heights of rows in points."""


class HeadCell(Protocol):
    text: str
    rows: int
    columns: int


@dataclass(frozen=True)
class TableOut:
    """``head`` and ``body`` are rows of cells from left to right; a cell that an earlier one reaches over is left out.

    A body row is (labels, values): labels are ``HeadCell``, values numbers or text.
    """

    name: str
    title: str
    below: str
    head: Sequence[Sequence[HeadCell]]
    body: Sequence[tuple[Sequence[HeadCell], Sequence[Any]]]
    widths: Sequence[float]
    notes: Sequence[str] = field(default_factory=tuple)
    mark: str = ""


def write_tables(target: BinaryIO, tables: Iterable[TableOut], *, moment: datetime | None = None) -> None:
    """``moment`` stands in the file's properties; without it the file says 1980, so that equal tables are equal bytes."""
    with tempfile.TemporaryDirectory(prefix="table-") as folder:
        path = Path(folder) / "out.xlsx"
        with LiteralBook(path) as book:
            created = moment or datetime(1980, 1, 1, tzinfo=UTC)
            book.set_properties({"created": (created.astimezone(UTC) if created.tzinfo else created).replace(tzinfo=None)})
            formats = _formats(book)
            for table in tables:
                _write(book.add_worksheet(table.name), table, formats)
        target.write(path.read_bytes())


def _formats(book) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
    cell = base | {"border": 1, "text_wrap": True}
    return {
        "title": book.add_format(base | {"font_size": 18, "bold": True, "align": "center"}),
        "below": book.add_format(base | {"font_size": 11, "align": "left"}),
        "head": book.add_format(cell | {"align": "center"}),
        "label": book.add_format(cell | {"align": "center"}),
        "number": book.add_format(cell | {"align": "center", "num_format": NUMBERS}),
        "text": book.add_format(cell | {"align": "left", "num_format": "@"}),
        "note": book.add_format(base | {"font_size": 9, "text_wrap": True}),
    }


def _write(sheet, table: TableOut, formats: dict[str, Any]) -> None:
    last = len(table.widths) - 1
    for number, width in enumerate(table.widths):
        sheet.set_column(number, number, width)
    sheet.set_row(0, TITLE)
    _put(sheet, 0, 0, 1, last + 1, table.title, formats["title"])
    sheet.set_row(1, BELOW)
    _put(sheet, 1, 0, 1, last + 1, table.below, formats["below"])
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(table.head, 2):
        sheet.set_row(row, HEAD)
        _cells(sheet, row, cells, taken, formats["head"])
    top = 2 + len(table.head)
    for row, (labels, values) in enumerate(table.body, top):
        sheet.set_row(row, BODY)
        column = _cells(sheet, row, labels, taken, formats["label"])
        _values(sheet, row, column, values, formats)
    for row, note in enumerate(table.notes, top + len(table.body)):
        sheet.set_row(row, NOTE)
        _put(sheet, row, 0, 1, last + 1, note, formats["note"])
    _print(sheet, table, top, last)


def _values(sheet, row: int, column: int, values: Sequence[Any], formats: dict[str, Any]) -> None:
    for place, value in enumerate(values, column):
        if isinstance(value, int):
            sheet.write_number(row, place, value, formats["number"])
        else:
            sheet.write_string(row, place, clean_text(value), formats["text"])


def _cells(sheet, row: int, cells: Sequence[HeadCell], taken: set[tuple[int, int]], form) -> int:
    """Put each cell into the next free place; returns the first free column behind them."""
    column = 0
    for cell in cells:
        while (row, column) in taken:
            column += 1
        _put(sheet, row, column, cell.rows, cell.columns, cell.text, form)
        taken |= {(row + down, column + right) for down in range(cell.rows) for right in range(cell.columns)}
        column += cell.columns
    while (row, column) in taken:
        column += 1
    return column


def _put(sheet, row: int, column: int, rows: int, columns: int, text: str, form) -> None:
    if rows > 1 or columns > 1:
        sheet.merge_range(row, column, row + rows - 1, column + columns - 1, "", form)
    sheet.write_string(row, column, clean_text(text), form)


def _print(sheet, table: TableOut, top: int, last: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, top - 1)
    sheet.freeze_panes(top, 0)
    sheet.print_area(0, 0, top + len(table.body) + len(table.notes) - 1, last)
    sheet.set_header(print_mark(table.mark))
    sheet.set_footer("&C第 &P 页 共 &N 页")
