"""Finding the titles of a table under merged headlines, codes and 填报单位 lines, and telling data rows from the rest.

>>> header = find_header(sheet.peek(), {"name": ["姓名"], "id_number": ["身份证号", "公民身份号码"], …}, merged=sheet.merged)
>>> header.columns            # all titled columns: index, letter, title as shown, field or None
>>> header.fields             # field → column index
>>> for row in sheet.rows():
...     if header.kind(row) == "data": …
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from apps.core.workbooks.row_kinds import kind_of_row, reporting_unit
from apps.core.workbooks.titles import AliasIndex, as_title, normal_title
from apps.core.workbooks.values import Merge, Row, column_letter

LEAST_MATCHES = 3
LONGEST_TITLE = 60
_LABELLED = re.compile("[:：].")


@dataclass(frozen=True, slots=True)
class Column:
    """A titled column. ``field`` is ``None`` when no alias fits; ``candidates`` are all fields its title may mean."""

    index: int
    title: str
    field: str | None = None
    candidates: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        return column_letter(self.index)


@dataclass(frozen=True)
class Header:
    """Where the titles stand and what they mean. Row numbers are those of the spreadsheet."""

    first_row: int
    last_row: int
    columns: tuple[Column, ...]
    reporting_unit: str = ""
    notes: tuple[str, ...] = ()
    ambiguous: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)

    @cached_property
    def fields(self) -> dict[str, int]:
        """field → column index; of several columns with the same field the first one."""
        found: dict[str, int] = {}
        for column in self.columns:
            if column.field:
                found.setdefault(column.field, column.index)
        return found

    @cached_property
    def titles(self) -> dict[int, str]:
        """column index → title as shown."""
        return {column.index: column.title for column in self.columns}

    @property
    def unknown(self) -> tuple[Column, ...]:
        """Titled columns that no alias fits."""
        return tuple(column for column in self.columns if not column.field)

    def column(self, name: str) -> Column | None:
        """The column of a field."""
        return next((column for column in self.columns if column.field == name), None)

    def with_fields(self, chosen: Mapping[int, str | None]) -> "Header":
        """The same header with some columns given to a field (or to none) by a person."""
        columns = tuple(
            Column(column.index, column.title, chosen.get(column.index, column.field), column.candidates)
            for column in self.columns
        )
        asked = {name: each for name, each in _doubles(columns).items() if not _settled(each, chosen)}
        return Header(self.first_row, self.last_row, columns, self.reporting_unit, self.notes, asked)

    def kind(self, row: Row, *, options: frozenset[str] = frozenset(), key_fields: Sequence[str] = ("name",)) -> str:
        """See :func:`row_kinds.kind_of_row`; rows up to the header itself are "header"."""
        if row.number <= self.last_row:
            return "header"
        return kind_of_row(row, self, options=options, key_fields=key_fields)


def _settled(columns: Sequence[Column], chosen: Mapping[int, str | None]) -> bool:
    return all(column.index in chosen for column in columns)


def find_header(
    rows: Sequence[Row],
    aliases: Mapping[str, Sequence[str]],
    *,
    merged: Sequence[Merge] = (),
    look: int = 15,
    least: int = LEAST_MATCHES,
    apart: Sequence[str] = (),
) -> Header | None:
    """The header among the first ``look`` rows that hold values: the row, or pair of rows, with most known titles.

    At least ``least`` different fields must be recognised. ``apart``: titles above (配偶, 紧急联系人 …) whose columns speak of
    someone else, so that the lower title alone must not be taken for the person's own. Returns ``None`` when no row
    qualifies: the sheet is another kind of table.
    """
    index = AliasIndex(aliases, apart)
    near = list(rows[:look])
    readings = [reading for position in range(len(near)) for reading in _readings(near, position, merged, index)]
    readings = [reading for reading in readings if reading.score >= least]
    if not readings:
        return None
    best = max(readings, key=lambda reading: (reading.score, reading.rank, -reading.position))
    above = near[: best.position]
    lines = _lines(above)
    unit = next((found for text in lines if (found := reporting_unit(text))), "")
    last = max(best.rows[-1].number, _merged_bottom(best.rows, merged))
    return Header(best.rows[0].number, last, best.columns, unit, tuple(lines), _doubles(best.columns))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read the header: ``rank`` decides between readings that recognise equally many fields."""

    position: int
    rows: Sequence[Row]
    columns: tuple[Column, ...]
    rank: int
    apart: int = 0

    @property
    def score(self) -> int:
        """Fields recognised, and columns recognised as somebody else's."""
        return len({column.field for column in self.columns if column.field}) + self.apart


def _readings(near: Sequence[Row], position: int, merged: Sequence[Merge], index: AliasIndex) -> list[_Reading]:
    """The row alone and, where the next row continues it, the pair. A pair that keeps all the upper row offers wins a tie."""
    single = _Reading(position, near[position : position + 1], _columns(near[position : position + 1], merged, index), 1)
    pair = near[position : position + 2]
    if len(pair) < 2 or not _two_levels(pair, merged):
        return [single]
    columns = _columns(pair, merged, index)
    apart = sum(1 for column in columns if not column.field and "/" in column.title and index.is_apart(column.title.partition("/")[0]))
    double = _Reading(position, pair, columns, 0, apart)
    return [single, replace(double, rank=2) if double.score == single.score else double]


def _lines(rows: Sequence[Row]) -> list[str]:
    """Single cells first, then each row as one line: the label and the unit may stand in different cells."""
    cells = [[as_title(value) for value in row.cells if as_title(value)] for row in rows]
    return [text for row in cells for text in row] + [" ".join(row) for row in cells if len(row) > 1]


def _two_levels(pair: Sequence[Row], merged: Sequence[Merge]) -> bool:
    """Whether the lower row continues the upper one: adjacent, all short texts, gaps or merges above and no 填报单位：…."""
    upper, lower = pair
    titles = [value for value in lower.cells if value is not None]
    if not upper.number < lower.number <= upper.number + 2 or any(_LABELLED.search(as_title(value)) for value in upper.cells):
        return False
    if any(not isinstance(value, str) or len(as_title(value)) > LONGEST_TITLE for value in titles):
        return False
    below_gap = [index for index, value in enumerate(lower.cells) if value is not None and upper.get(index) is None]
    spans = any(merge.first_row <= upper.number <= merge.last_row and merge.last_column > merge.first_column for merge in merged)
    return bool(below_gap) or spans


def _columns(rows: Sequence[Row], merged: Sequence[Merge], index: AliasIndex) -> tuple[Column, ...]:
    if len(rows) == 1:
        pairs = {number: ("", as_title(value)) for number, value in enumerate(rows[0].cells)}
    else:
        pairs = _pairs(rows[0], rows[1], merged)
    columns, borrowed = [], set()
    for number, (parent, child) in sorted(pairs.items()):
        both = bool(parent and child and normal_title(parent) != normal_title(child))
        shown = f"{parent}/{child}" if both else child or parent
        if not shown:
            continue
        fields, exact = index.find(parent, child) if len(shown) <= 2 * LONGEST_TITLE else ((), True)
        columns.append(Column(number, shown, fields[0] if fields else None, fields))
        borrowed |= set() if exact else {number}
    return _own_titles_first(columns, borrowed)


def _own_titles_first(columns: list[Column], borrowed: set[int]) -> tuple[Column, ...]:
    """A column known only by its lower title yields to one that has the field in its own right."""
    own = {column.field for column in columns if column.index not in borrowed}
    return tuple(
        Column(column.index, column.title, None, column.candidates)
        if column.index in borrowed and column.field in own
        else column
        for column in columns
    )


def _pairs(upper: Row, lower: Row, merged: Sequence[Merge]) -> dict[int, tuple[str, str]]:
    """column → (title above, title below). A title above counts to its right over its merge, else over the gaps."""
    width = max(len(upper.cells), len(lower.cells))
    across = {}
    down = set()
    for merge in merged:
        if merge.first_row <= upper.number <= merge.last_row:
            across.update(dict.fromkeys(range(merge.first_column, merge.last_column + 1), merge.first_column))
            if merge.last_row >= lower.number:
                down.update(range(merge.first_column, merge.last_column + 1))
    pairs, parent, wide = {}, "", False
    for number in range(width):
        own, child = as_title(upper.get(number)), as_title(lower.get(number))
        if number in across:
            parent, wide = as_title(upper.get(across[number])), False
            pairs[number] = (parent, "" if number in down else child)
            if number in down and number != across[number]:
                pairs[number] = ("", "")
            continue
        if own:
            parent, wide = own, bool(child)
            pairs[number] = (own, child)
        else:
            pairs[number] = (parent if wide and child else "", child)
    return pairs


def _merged_bottom(rows: Sequence[Row], merged: Sequence[Merge]) -> int:
    """A title cell merged downwards ends the header where the merge ends, when a pair was not needed to read it."""
    first, last = rows[0].number, rows[-1].number
    tall = [merge.last_row for merge in merged if first <= merge.first_row <= last and merge.last_row > last]
    return max((bottom for bottom in tall if bottom <= last + 2), default=0)


def _doubles(columns: Sequence[Column]) -> dict[str, tuple[Column, ...]]:
    """field → columns that all could be it. Titles with several candidates count for each of them."""
    by_field: dict[str, list[Column]] = {}
    for column in columns:
        if column.field:
            by_field.setdefault(column.field, []).append(column)
    return {name: tuple(found) for name, found in by_field.items() if len(found) > 1}
