"""What a cell can hold once a workbook has been read: plain Python values and three thin subclasses.

=========  =====================================================================================
kind       Python value
=========  =====================================================================================
blank      ``None`` (empty strings never occur)
text       ``str``, as typed (not cleaned)
number     ``int`` for whole numbers, ``float``, or :class:`Number` where the format shows decimals
date       ``date``, ``datetime`` (a time of day was stored) or :class:`MonthDate` (no day shown)
bool       ``bool``
error      :class:`CellError`, for example ``#N/A``
=========  =====================================================================================
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import NamedTuple

LAST_COLUMN = 16_384
LAST_ROW = 1_048_576


class Number(float):
    """A number whose cell format fixes how many decimals are shown: 1945.1 as ``0.00`` is "1945.10"."""

    __slots__ = ("decimals",)

    def __new__(cls, value: float, decimals: int):
        self = super().__new__(cls, value)
        self.decimals = decimals
        return self

    @property
    def shown(self) -> str:
        """The text the spreadsheet displays, without thousands separators."""
        return f"{float(self):.{self.decimals}f}"


class MonthDate(date):
    """A date cell whose format shows year and month only, and whose stored day is therefore just the first."""


class CellError(str):
    """An error value of the spreadsheet, such as ``#N/A`` or ``#REF!``."""


Value = None | str | int | float | bool | date | datetime


def kind_of(value: Value) -> str:
    """blank, text, number, date, bool or error."""
    if value is None:
        return "blank"
    if isinstance(value, CellError):
        return "error"
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "date"


def shown(value: Value) -> str:
    """The value as a person would quote it in a list of problems; blank is the empty string."""
    if value is None:
        return ""
    if isinstance(value, Number):
        return value.shown
    if isinstance(value, MonthDate):
        return f"{value:%Y-%m}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and abs(value) >= 1e15:
        return f"{value:.14E}"
    if isinstance(value, datetime) and value.time() == time():
        return f"{value:%Y-%m-%d}"
    return str(value)


@lru_cache(maxsize=LAST_COLUMN)
def column_letter(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=LAST_COLUMN)
def column_index(letters: str) -> int:
    """A → 0, XFD → 16383. Raises ValueError for anything that is not a column of a spreadsheet."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        index = index * 26 + ord(letter) - 64
    if not 1 <= index <= LAST_COLUMN:
        raise ValueError(letters)
    return index - 1


class Merge(NamedTuple):
    """A merged range: rows count from 1 as the spreadsheet shows them, columns from 0, ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(slots=True)
class Row:
    """One row that holds at least one value. ``cells[0]`` is always column A; the list ends at the last value."""

    number: int
    cells: list[Value]

    def get(self, column: int) -> Value:
        """The value in a column (0 = A), ``None`` beyond the end of the row."""
        return self.cells[column] if column < len(self.cells) else None
