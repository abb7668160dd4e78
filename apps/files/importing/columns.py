"""What each titled column of a sheet is taken for, and why: told by a person, remembered, said by its title, decided by its values, or open.

What is open is asked: a title that fits several fields whose values can't decide, two columns for one field, a column nobody knows. The
sheet is read with the likeliest answer all the same, so that people judge with a preview before them and a right guess costs no second reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from apps.core.workbooks.headers import Column, Header
from apps.core.workbooks.titles import memory_key, normal_title
from apps.core.workbooks.values import Row
from apps.files.cells import Book
from apps.files.models import ASIDE, IGNORED
from apps.files.sheetkinds import SheetKind

GIVEN_BACK = "问题"
"""Title of the column that the portal adds to the rows it gives back; on their way in again it is passed over, in sheets of every kind."""
LEAD = 0.2
"""By how much of the values the best field must be ahead of the next."""
LEAST_FIT = 0.5
MOST_ASIDES = 60


class Why(StrEnum):
    TITLE = "title"
    VALUES = "values"
    TOLD = "told"
    MEMORY = "memory"
    UNKNOWN = "unknown"
    SEVERAL = "several"
    DOUBLE = "double"
    UNUSED = "unused"
    OURS = "ours"


SURE = (Why.TITLE, Why.VALUES)
ASKED = (Why.SEVERAL, Why.DOUBLE)


@dataclass(frozen=True)
class Memory:
    """What a bureau once said of a title: a field, ``ASIDE`` or ``IGNORED``; ``origin`` names the bureau and the day."""

    use: str
    origin: str


@dataclass
class Use:
    """A column as it is read. ``use``: field, ``ASIDE`` or ``IGNORED``; ``may``: fields it could be; ``filled``: cells with content, counted where it matters."""

    column: Column
    use: str
    why: Why
    may: tuple[str, ...] = ()
    origin: str = ""
    filled: int = 0
    samples: list[str] = field(default_factory=list)

    @property
    def asked(self) -> bool:
        """Must a person say something about the column before the batch may be applied?"""
        return bool(self.filled) and (self.why in ASKED or (self.why is Why.UNKNOWN and self.use == IGNORED))

    @property
    def is_field(self) -> bool:
        return self.use not in (ASIDE, IGNORED)


def decide(header: Header, samples: list[Row], kind: SheetKind, book: Book, told: Mapping[str, str], memories: Mapping[str, Memory]) -> list[Use]:
    """A ``Use`` for every titled column, from left to right. ``told``: letter → use; ``memories``: normal title → memory."""
    settled = {column.index: _settled(column, kind, told, memories) for column in header.columns}
    open_ones = [column for column in header.columns if settled[column.index] is None]
    taken = {one.use for one in settled.values() if one is not None and one.is_field}
    left = {column.index + 1: settled[column.index].use for column in header.columns if settled[column.index] is not None}
    for column in open_ones:
        found = _by_values(column, left.get(column.index, ""), taken, samples, kind, book)
        settled[column.index] = found
        left[column.index + 1] = found.use
        taken.add(found.use)
    uses = [settled[column.index] for column in header.columns]
    for one in uses:
        if one.use in kind.unused:
            one.use, one.why = IGNORED, Why.UNUSED
    _mark_doubles(uses, samples, kind)
    for one in [one for one in uses if one.use == ASIDE][MOST_ASIDES:]:
        one.use = IGNORED
    return uses


def _settled(column: Column, kind: SheetKind, told: Mapping[str, str], memories: Mapping[str, Memory]) -> Use | None:
    """What needs no look at the values; None for a title that fits several fields."""
    if column.letter in told:
        return Use(column, told[column.letter], Why.TOLD, column.candidates)
    if normal_title(column.title) == normal_title(GIVEN_BACK):
        return Use(column, IGNORED, Why.OURS)
    memory = memories.get(memory_key(column.title))
    if memory and (memory.use in kind.fields or memory.use == IGNORED or (memory.use == ASIDE and kind.aside)):
        return Use(column, memory.use, Why.MEMORY, column.candidates, memory.origin)
    if len(column.candidates) > 1:
        return None
    if column.field:
        return Use(column, column.field, Why.TITLE, column.candidates)
    return Use(column, kind.unknown_use, Why.UNKNOWN, column.candidates)


def _by_values(column: Column, left: str, taken: set[str], samples: list[Row], kind: SheetKind, book: Book) -> Use:
    """The field that belongs to the column before, the one that bears the title itself, or the one the values fit clearly best; open when none does."""
    free = [name for name in column.candidates if name not in taken]
    if led := next((name for name in free if left in kind.follows.get(name, ())), ""):
        return Use(column, led, Why.VALUES, column.candidates)
    if own := next((name for name in free if normal_title(kind.fields[name].column_name) == normal_title(column.title)), ""):
        return Use(column, own, Why.TITLE, column.candidates)
    independent = [name for name in free if name not in kind.follows]
    if not independent:
        return Use(column, kind.unknown_use, Why.SEVERAL, column.candidates)
    cells = [cell for row in samples if (cell := row.get(column.index)) is not None]
    fits = {name: sum(kind.fit(name, cell, book) for cell in cells) / max(len(cells), 1) for name in independent}
    best, *others = sorted(fits, key=lambda name: -fits[name])
    ahead = fits[best] - (fits[others[0]] if others else 0.0)
    sure = fits[best] >= LEAST_FIT and ahead >= LEAD
    return Use(column, best, Why.VALUES if sure else Why.SEVERAL, column.candidates)


def _mark_doubles(uses: list[Use], samples: list[Row], kind: SheetKind) -> None:
    """Of several columns for one field the first that has values is read as it; all of them are open, unless a person has told."""
    by_field: dict[str, list[Use]] = {}
    for one in uses:
        if one.is_field:
            by_field.setdefault(one.use, []).append(one)
    for name, several in by_field.items():
        if len(several) < 2:
            continue
        told = [one for one in several if one.why is Why.TOLD]
        filled = [one for one in several if any(row.get(one.column.index) is not None for row in samples)]
        holder = (told or filled or several)[0]
        for one in several:
            one.may = tuple(dict.fromkeys((name, *one.may)))
            if one is not holder:
                one.use = kind.unknown_use
            if one is not holder or not told:
                one.why = Why.DOUBLE


def settle(uses: list[Use]) -> None:
    """Once all rows are read: a column that turned out to be empty raises no question, nor does the one it seemed to compete with."""
    for one in uses:
        if one.why is Why.DOUBLE and one.is_field:
            rivals = [other for other in uses if other.why is Why.DOUBLE and other is not one and one.use in other.may and other.filled]
            if not rivals:
                one.why = Why.TITLE
