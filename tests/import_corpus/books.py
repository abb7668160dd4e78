"""Writers of workbook files: .xlsx by openpyxl, .xls by xlwt, .csv by hand."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import xlwt
from openpyxl import Workbook

from tests.import_corpus.people import TITLES


def grid(people: Sequence[dict], titles: Sequence[str] = TITLES) -> list[list]:
    """A row of titles, then one row per person; values a person lacks are blank."""
    return [list(titles), *[[one.get(title) for title in titles] for one in people]]


def xlsx(path: Path, *sheets: tuple[str, list[list]], merged: dict[str, Sequence[str]] | None = None, hidden: Sequence[str] = ()) -> Path:
    """Sheets as (name, rows); ``merged``: sheet → ranges."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for area in (merged or {}).get(name, ()):
            sheet.merge_cells(area)
        if name in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def xls(path: Path, name: str, rows: list[list]) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(name)
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value is not None:
                sheet.write(r, c, value)
    book.save(str(path))
    return path


def csv_file(path: Path, rows: list[list], encoding: str = "utf-8", separator: str = ",") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(["" if value is None else value for value in row] for row in rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path
