"""Spreadsheets going out (.xlsx): constant memory, typed columns, ready to print on A4.

    write_xlsx(path, [SheetOut("名册", "离退休干部名册", [Column("姓名", 10), Column("身份证号", 20)], rows, notes=["……"])])

Text stays text: "=1+1", "360499…", "0792" and web addresses are written as strings, never as formulas, numbers or links.
"""

import itertools
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from apps.core.literal_books import LiteralBook

MOST_ROWS = 1_048_576
LONGEST_TEXT = 32_767
LONGEST_NAME = 31
KINDS = {"text": "@", "date": "@", "int": "#,##0", "number": "General", "percent": "0.0%"}
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
A4 = 9
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_HEADER = 255


@dataclass(frozen=True)
class Column:
    """``width`` in characters. ``kind``: text, int, number, percent (0.98 shows 98.0%), or date, written as text.

    A date column takes date (2026-10-08), datetime (2026-10-08 09:30) or anything whose str() says it, such as a partial date.
    """

    title: str
    width: float = 12
    kind: str = "text"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of column: {self.kind}")


@dataclass(frozen=True)
class SheetOut:
    """One sheet: ``name`` on its tab, ``title`` in its first row (may be empty), ``rows`` read once, ``notes`` below them.

    ``mark`` (who, when, why) stands below the title and on top of every printed page. More rows than a sheet holds go on in further sheets with the same head.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    notes: Sequence[str] = field(default_factory=tuple)
    mark: str = ""


def write_xlsx(target: str | Path | BinaryIO, sheets: Sequence[SheetOut], *, moment: datetime | None = None) -> None:
    """Write a workbook to a path or binary file; nothing is left behind when ``rows`` fails halfway.

    ``moment`` stands in the file's properties; without it the file says 1980, so that equal sheets are equal bytes.
    ValueError for no sheets or a row longer than its columns.
    """
    if not sheets:
        raise ValueError("a workbook needs a sheet")
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        path = Path(folder) / "out.xlsx"
        options = {"constant_memory": True, "tmpdir": folder, "use_zip64": True}
        with LiteralBook(path, options) as book:  # after a fault too: what it then writes goes away with the folder
            created = moment or datetime(1980, 1, 1, tzinfo=UTC)
            book.set_properties({"created": (created.astimezone(UTC) if created.tzinfo else created).replace(tzinfo=None)})
            writer = _Writer(book)
            for sheet in sheets:
                writer.add(sheet)
        if hasattr(target, "write"):
            with path.open("rb") as made:
                shutil.copyfileobj(made, target)
        else:
            shutil.move(path, target)


def clean_text(value: Any) -> str:
    """Text as a cell can hold it: no control characters, at most 32,767 characters."""
    text = _UNWANTED.sub("", str(value))
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def date_text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else clean_text(value)


def print_mark(text: str) -> str:
    """The text as a print header in small type on the right: control signs doubled, cut to what a header holds."""
    if not text:
        return ""
    found = "&R&8"
    for sign in clean_text(text):
        found += "&&" if sign == "&" else sign
        if len(found) >= LONGEST_HEADER - 3:
            break
    return found


class _Writer:
    def __init__(self, book: LiteralBook) -> None:
        base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
        cell = base | {"border": 1, "text_wrap": True}
        self.book, self.names = book, set()
        self.title = book.add_format(base | {"font_size": 16, "bold": True, "align": "center"})
        self.head = book.add_format(cell | {"bold": True, "align": "center", "bg_color": "#EDEDED"})
        self.note = book.add_format(base | {"font_size": 10})
        self.mark = book.add_format(base | {"font_size": 9, "text_wrap": True})
        self.cells = {kind: book.add_format(cell | {"num_format": form}) for kind, form in KINDS.items()}

    def add(self, sheet: SheetOut) -> None:
        rows = iter(sheet.rows)
        room = MOST_ROWS - 2 - bool(sheet.mark) - len(sheet.notes)
        while True:
            worksheet = self.book.add_worksheet(self._name(sheet.name))
            top = self._head(worksheet, sheet)
            below = top
            for below, row in enumerate(itertools.islice(rows, room), top + 1):  # noqa: B007
                self._row(worksheet, below, sheet.columns, row)
            following = next(rows, None)
            if following is None:
                break
            rows = itertools.chain([following], rows)
        for line, note in enumerate(sheet.notes, below + 1):
            worksheet.write_string(line, 0, clean_text(note), self.note)

    def _name(self, wanted: str) -> str:
        base = _NOT_IN_NAMES.sub(" ", wanted).strip().strip("'")[:LONGEST_NAME] or "Sheet"
        name, number = base, 1
        while name.lower() in self.names or name.lower() == "history":
            number += 1
            ending = f" ({number})"
            name = base[: LONGEST_NAME - len(ending)] + ending
        self.names.add(name.lower())
        return name

    def _head(self, worksheet, sheet: SheetOut) -> int:
        """Title and column titles, frozen and repeated in print; returns the row number of the column titles."""
        top = bool(sheet.title) + bool(sheet.mark)
        for number, column in enumerate(sheet.columns):
            worksheet.set_column(number, number, column.width)
        worksheet.set_landscape()
        worksheet.set_paper(A4)
        worksheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        worksheet.fit_to_pages(1, 0)
        worksheet.center_horizontally()
        worksheet.set_footer("&C第 &P 页")
        worksheet.repeat_rows(0, top)
        worksheet.freeze_panes(top + 1, 0)
        if sheet.title:
            worksheet.set_row(0, 30)
            self._across(worksheet, 0, sheet, sheet.title, self.title)
        if sheet.mark:
            worksheet.set_row(top - 1, 30)
            self._across(worksheet, top - 1, sheet, sheet.mark, self.mark)
            worksheet.set_header(print_mark(sheet.mark))
        for number, column in enumerate(sheet.columns):
            worksheet.write_string(top, number, clean_text(column.title), self.head)
        return top

    def _across(self, worksheet, at: int, sheet: SheetOut, text: str, form) -> None:
        worksheet.write_string(at, 0, clean_text(text), form)
        if len(sheet.columns) > 1:
            worksheet.merge_range(at, 0, at, len(sheet.columns) - 1, clean_text(text), form)

    def _row(self, worksheet, at: int, columns: Sequence[Column], row: Sequence[Any]) -> None:
        for number, (column, value) in enumerate(zip(columns, row, strict=True)):
            form = self.cells[column.kind]
            if value is None or value == "":
                worksheet.write_blank(at, number, None, form)
            elif column.kind not in ("text", "date") and isinstance(value, (int, float)) and not isinstance(value, bool):
                worksheet.write_number(at, number, value, form)
            elif isinstance(value, bool):
                worksheet.write_string(at, number, "是" if value else "否", form)
            else:
                text = date_text(value) if column.kind == "date" else clean_text(value)
                worksheet.write_string(at, number, text, form)
