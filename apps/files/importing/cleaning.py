"""Cells of one column become values, chunk after chunk. Answers to texts are kept: most columns hold few different ones."""

from typing import Any

from apps.files.cells import Book, Cell, Found
from apps.files.sheetkinds import Draft

MOST_KEPT = 20_000
FEW = 1_000


class ColumnReader:
    """Reads the cells of one field into the drafts of a chunk; a cell's answer depends on nothing but the cell and the book.

    Texts are remembered while at least every second one has come before: units, codes and dates do, ID numbers don't.
    """

    def __init__(self, name: str, widget: Cell) -> None:
        self.name, self.widget = name, widget
        self.known: dict[Any, Found] | None = {}
        self.asked = 0

    def read(self, drafts: list[Draft], index: int, book: Book) -> None:
        """Put what stands in column ``index`` into ``values`` and ``problems`` of each draft."""
        name, read, known = self.name, self.widget.read, self.known
        for draft in drafts:
            cells = draft.row.cells
            if index >= len(cells) or (cell := cells[index]) is None:
                continue
            if known is None or type(cell) is not str:
                value, problems = read(cell, book)
            elif (found := known.get(cell)) is not None:
                value, problems = found
            else:
                value, problems = known[cell] = read(cell, book)
            if value is not None:
                draft.values[name] = value
            if problems:
                draft.problems.extend((name, one) for one in problems)
        self._forget(len(drafts))

    def _forget(self, asked: int) -> None:
        """Stop remembering where it doesn't pay; begin anew where it grows too large."""
        self.asked += asked
        if self.known is None:
            return
        if len(self.known) > FEW and len(self.known) * 2 > self.asked:
            self.known = None
        elif len(self.known) > MOST_KEPT:
            self.known, self.asked = {}, 0
