"""What a person gets back of a file: the whole of it with its problems marked, or the refused rows alone, ready to be corrected and uploaded."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from apps.core.scope import Scope
from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.marking.marking import mark_workbook
from apps.core.workbooks.marking.plain import Line, PlainBook, sheet_name
from apps.core.workbooks.reading import OPEN_FILES, Sheet, read_workbook
from apps.core.workbooks.values import Row, column_index
from apps.files import selectors, storage
from apps.files.importing.columns import GIVEN_BACK, Why
from apps.files.importing.marks import Marks, Places, collected, renamed, sentence_of
from apps.files.importing.rows import typed
from apps.files.models import ImportBatch
from apps.files.sheetkinds import SHEETS, SheetKind

NEAR = 60


def in_memory() -> BinaryIO:
    """An open file without a name: what people gave us lies on disk only sealed."""
    return os.fdopen(os.memfd_create("given-back", os.MFD_CLOEXEC), "w+b")


@contextmanager
def _discarded_on_fault(content: BinaryIO) -> Iterator[BinaryIO]:
    try:
        yield content
    except BaseException:
        content.close()
        raise


def _path(content: BinaryIO) -> Path:
    content.flush()
    return OPEN_FILES / str(content.fileno())


def annotated(scope: Scope, batch: ImportBatch) -> BinaryIO:
    """The user's file with bad cells coloured and explained and a list before its sheets, as an open .xlsx.

    An .xlsx comes back as it came but for the marks; other formats, and packages too odd to be patched, as their cells were read.
    Raises ``NotToBeHad``, ``UnreadableWorkbook``.
    """
    marks, listed = collected(scope, batch)
    with storage.laid_open(batch.file) as path, _discarded_on_fault(in_memory()) as out:
        try:
            mark_workbook(path, out, marks.by_sheet(), listed)
        except UnreadableWorkbook:
            out.seek(0)
            out.truncate()
            with in_memory() as copy:
                names = _plain_copy(path, copy, batch)
                mark_workbook(_path(copy), out, marks.by_sheet(names), renamed(listed, names))
        return out


def _text_columns(letters: dict[str, str], kind: SheetKind) -> frozenset[int]:
    """Columns in which a spreadsheet would spoil what is typed, were they not formatted as text."""
    return frozenset(column_index(letter) for name, letter in letters.items() if kind.fields[name].widget.text_format)


def _plain_copy(path: Path, target: BinaryIO, batch: ImportBatch) -> dict[str, str]:
    """Every visible sheet with each cell where it was; returns the sheets' names there."""
    kind, seen, names = SHEETS[batch.kind], {sheet["name"]: sheet for sheet in batch.sheets}, {}
    with read_workbook(path) as source, PlainBook(target) as book:
        for sheet in source:
            about = seen.get(sheet.name, {})
            first, last = about.get("first", 0), about.get("last", 0)
            near = sheet.peek(NEAR)
            lines = (Line(row.number, row.cells, head=first <= row.number <= last) for row in sheet.rows(fill_down=False))
            names[sheet.name] = book.sheet(
                sheet.name, lines, near=near, merged=sheet.merged, texts=_text_columns(about.get("letters", {}), kind), top=last
            )  # fmt: skip
    return names


def refused(scope: Scope, batch: ImportBatch) -> BinaryIO:
    """The refused rows under their own titles, with the marks of their cells and a column 问题, as an open .xlsx.

    Values given for the whole file stand in columns of their own, so that the rows can be uploaded as they are. Raises ``NotToBeHad``.
    """
    with storage.laid_open(batch.file) as path, in_memory() as copy, _discarded_on_fault(in_memory()) as out:
        marks = Marks()
        with read_workbook(path) as source, PlainBook(copy) as book:
            for sheet in source:
                about = next((one for one in batch.sheets if one["name"] == sheet.name and one.get("rows")), None)
                if about:
                    _RefusedSheet(scope, batch, about, marks).write(sheet, book)
        mark_workbook(_path(copy), out, marks.by_sheet(), None)
        return out


def _corrected(row: Row, cells: str) -> Row:
    """The row with what a person has typed into it on the page; cells left alone stay as the file has them."""
    if not cells:
        return row
    texts = {column_index(letter): text for letter, text in json.loads(cells).items()}
    width = max(len(row.cells), max(texts, default=-1) + 1)
    return Row(row.number, [row.get(index) if typed(row.get(index)) == texts.get(index, "") else texts.get(index) for index in range(width)])


class _RefusedSheet:
    """One sheet of the refused rows: everything down to the titles as it stands, then the rows, closed up."""

    def __init__(self, scope: Scope, batch: ImportBatch, about: dict, marks: Marks) -> None:
        self.kind, self.about, self.marks = SHEETS[batch.kind], about, marks
        self.letters, self.last = about["letters"], about["last"]
        self.places = Places(batch, self.kind)
        self.rows = selectors.refused_lines(scope, batch, about["name"])
        self.given = [(self.kind.fields[name].column_name, text) for name, text in batch.given.items() if name not in self.letters]

    def write(self, sheet: Sheet, book: PlainBook) -> None:
        waiting = next(self.rows, None)
        if waiting is None:
            return
        near = sheet.peek(NEAR)
        self.width = max([len(row.cells) for row in near] + [column_index(one["letter"]) + 1 for one in self.about["columns"]])
        own = next((one["letter"] for one in self.about["columns"] if one.get("why") == Why.OURS), "")
        self.column = column_index(own) if own else self.width + len(self.given)
        self.name = sheet_name(sheet.name or "待修改", book.names)
        merged = [one for one in sheet.merged if one.last_row <= self.last and one.last_column < self.width]
        lines = self._lines(sheet.rows(), waiting)
        book.sheet(self.name, lines, near=near, merged=merged, texts=_text_columns(self.letters, self.kind), top=self.last)

    def _lines(self, rows: Iterable[Row], waiting: tuple | None) -> Iterator[Line]:
        line = self.last
        titles = [title for title, _ in self.given]
        for row in rows:
            if row.number < self.last:
                yield Line(row.number, row.cells[: self.width], head=row.number >= self.about["first"])
            elif row.number == self.last:
                yield Line(row.number, self._with(row, titles, GIVEN_BACK), head=True)
            elif waiting is not None and row.number == waiting[0]:
                line += 1
                row = _corrected(row, waiting[2])
                yield Line(line, self._with(row, [text for _, text in self.given], self._explained(line, waiting[1])))
                waiting = next(self.rows, None)

    def _with(self, row: Row, given: list[str], last: str) -> list:
        cells = [*row.cells[: self.width], *[None] * (self.width - len(row.cells)), *given]
        return [*cells[: self.column], last, *cells[self.column + 1 :]]

    def _explained(self, line: int, problems: list[dict]) -> str:
        for one in problems:
            letter = self.places.letter(one | {"sheet": self.about["name"]})
            self.marks.add(self.name, line, column_index(letter), one["level"], sentence_of(one))
        return "；".join(f"【{one['title']}】{one['message']}" if one["title"] else one["message"] for one in problems)
