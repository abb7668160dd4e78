"""Formats read by calamine: .xls (BIFF), .xlsb and .ods. Only ever called in the child process."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine as calamine

from apps.core.workbooks.biff import ERRORS, Formats, read_formats
from apps.core.workbooks.limits import Limits, UnreadableWorkbook

BATCH = 500
_ERRORS = frozenset(ERRORS.values())


def read_legacy(path: Path, form: str, limits: Limits) -> Iterator[dict]:
    """The messages of the child process for one workbook of an older or binary format."""
    try:
        book = calamine.CalamineWorkbook.from_filelike(path.open("rb"))
    except calamine.PasswordError as fault:
        raise UnreadableWorkbook("encrypted") from fault
    except (calamine.CalamineError, OSError, ValueError) as fault:
        raise UnreadableWorkbook("encrypted" if "assword" in str(fault) else "broken") from fault
    sheets = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
    if len(sheets) > limits.sheets:
        raise UnreadableWorkbook("too_many_sheets", limit=limits.sheets)
    hidden = [meta.name for meta in sheets if meta.visible != calamine.SheetVisibleEnum.Visible]
    yield {"book": {"format": form, "hidden": hidden}}
    formats = read_formats(path) if form == "xls" else []
    for number, meta in enumerate(sheets):
        if meta.name not in hidden:
            yield from _sheet(book, meta.name, formats[number] if len(formats) == len(sheets) else {})


def _sheet(book, name: str, formats: Formats) -> Iterator[dict]:
    try:
        sheet = book.get_sheet_by_name(name)
    except calamine.CalamineError as fault:
        raise UnreadableWorkbook("broken") from fault
    merged = [(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
    yield {"sheet": {"name": name, "merged": merged[:20_000]}}
    if sheet.start is None:
        return
    left = sheet.start[1]
    block: dict = {"n": [], "r": [], "x": []}
    errors = _errors(formats)
    for number, line in enumerate(sheet.iter_rows(), start=1):
        for column, error in errors.get(number - 1, ()):
            if 0 <= column - left < len(line):
                line[column - left] = error
        _add(block, number, left, line, formats)
        if len(block["n"]) >= BATCH:
            yield block
            block = {"n": [], "r": [], "x": []}
    if block["n"]:
        yield block


def _errors(formats: Formats) -> dict[int, list[tuple[int, str]]]:
    """Row → (column, error): calamine gives cells with errors as blanks."""
    found: dict[int, list[tuple[int, str]]] = {}
    for (row, column), kind in formats.items():
        if kind.startswith("#"):
            found.setdefault(row, []).append((column, kind))
    return found


def _add(block: dict, number: int, left: int, line: list, formats: Formats) -> None:
    """Append one line, whose first value stands in column ``left``, unless it is blank."""
    filled = [(column, value) for column, value in enumerate(line, start=left) if value != "" and value is not None]
    if not filled:
        return
    cells: list = [None] * (filled[-1][0] + 1)
    for column, value in filled:
        kind, plain = _plain(value)
        if formats and isinstance(value, (int, float, date)) and not isinstance(value, bool) and (shown := formats.get((number - 1, column))):
            kind = shown if (shown == "m") == isinstance(value, date) else kind
        if kind:
            block["x"].append([len(block["n"]), column, kind, plain])
        else:
            cells[column] = plain
    block["n"].append(number)
    block["r"].append(cells)


def _plain(value: object) -> tuple[str, object]:
    if isinstance(value, str):
        return ("e", value) if value in _ERRORS else ("", value or None)
    if isinstance(value, bool) or value is None:
        return "", value
    if isinstance(value, float):
        return "", int(value) if value.is_integer() else value if value - value == 0 else None
    if isinstance(value, datetime):
        return "d", value.date().isoformat() if value.time() == time() else value.replace(microsecond=0).isoformat()
    if isinstance(value, date):
        return "d", value.isoformat()
    return "", str(value) if isinstance(value, (time, timedelta)) else value
