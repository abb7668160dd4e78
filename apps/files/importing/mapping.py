"""Which column of a sheet is which field: by alias, whatever the order; asked of the values where a title may mean several things."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.core.workbooks.headers import Column, Header, find_header
from apps.core.workbooks.problems import problem
from apps.core.workbooks.reading import Sheet
from apps.core.workbooks.titles import as_title
from apps.core.workbooks.values import Row, column_letter, shown
from apps.files.cells import Book
from apps.files.sheetkinds import SheetKind

LOOK = 60
SAMPLES = 30
FEWEST = 2


@dataclass
class SheetPlan:
    """How one sheet is read. ``fields``: field → column index; ``notes``: problems of the sheet itself, located."""

    name: str
    header: Header
    fields: dict[str, int]
    unknown: list[Column] = field(default_factory=list)
    notes: list[dict] = field(default_factory=list)
    unit_text: str = ""
    unit_cell: tuple[int, str] = (0, "")
    rows: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    def letter(self, name: str) -> str:
        return column_letter(self.fields[name]) if name in self.fields else ""

    def title(self, name: str, kind: SheetKind) -> str:
        """The column's title as the sheet shows it; our own name for a column the sheet lacks."""
        index = self.fields.get(name)
        if index is not None:
            return next(column.title for column in self.header.columns if column.index == index)
        return kind.fields[name].column_name if name in kind.fields else ""

    def as_json(self, kind: SheetKind) -> dict:
        columns = [
            {"letter": column.letter, "title": column.title, "field": next((name for name, index in self.fields.items() if index == column.index), "")}
            for column in self.header.columns
        ]
        return {
            "name": self.name, "first": self.header.first_row, "last": self.header.last_row, "columns": columns, "unit": self.unit_text,
            "letters": {name: self.letter(name) for name in self.fields}, "titles": {name: self.title(name, kind) for name in kind.fields},
            "notes": self.notes, "rows": self.rows, "skipped": self.skipped,
        }  # fmt: skip


def plan_sheet(sheet: Sheet, kind: SheetKind, book: Book, forced: Mapping[str, str]) -> SheetPlan | None:
    """None when the sheet has no titles of this kind. ``forced``: column letter → field ("" for none), as a person decided."""
    near = sheet.peek(LOOK)
    header = find_header(near, kind.aliases, merged=sheet.merged, least=FEWEST, apart=kind.apart)
    if header is None:
        return None
    chosen = _decided(header, near, kind, book) | {
        column.index: (forced[column.letter] or None) for column in header.columns if column.letter in forced
    }
    header = header.with_fields(chosen)
    plan = SheetPlan(sheet.name, header, {}, unit_text=header.reporting_unit)
    for column in header.columns:
        if column.field and column.field not in plan.fields:
            plan.fields[column.field] = column.index
        elif column.field:
            _note(plan, column, problem("column_ambiguous", "warning", titles=f"{plan.title(column.field, kind)}”和“{column.title}", field=kind.fields[column.field].column_name))
        elif forced.get(column.letter) != "":
            plan.unknown.append(column)
            _note(plan, column, problem("column_unknown", title=column.title))
    plan.unit_cell = _cell_with(near, header)
    return plan


def missing_essentials(plan: SheetPlan, kind: SheetKind) -> list[str]:
    """Column names of the first group of which the sheet has none; empty when it may be read."""
    for group in kind.essential:
        if not any(name in plan.fields for name in group):
            return [kind.fields[name].column_name for name in group]
    return []


def _note(plan: SheetPlan, column: Column, found) -> None:
    plan.notes.append(
        {"sheet": plan.name, "row": plan.header.last_row, "column": column.letter, "title": column.title, "value": column.title,
         "code": found.code, "level": found.level, "message": found.message}
    )  # fmt: skip


def _decided(header: Header, near: list[Row], kind: SheetKind, book: Book) -> dict[int, str]:
    """Columns whose title fits several fields go to the one that belongs to the column before, else reads most of their values, and isn't taken."""
    open_ones = [column for column in header.columns if len(column.candidates) > 1]
    taken = {column.field for column in header.columns if column.field and len(column.candidates) == 1}
    samples = [row for row in near if row.number > header.last_row and header.kind(row, key_fields=(kind.name_field,)) == "data"][:SAMPLES]
    found: dict[int, str] = {}
    before = {column.index + 1: column.field for column in header.columns}
    for column in open_ones:
        free = [name for name in column.candidates if name not in taken] or list(column.candidates)
        left = found.get(column.index - 1) or before.get(column.index, "")
        best = max(free, key=lambda name: (left in kind.follows.get(name, ()), _readable(kind, name, column.index, samples, book), -free.index(name)))
        found[column.index] = best
        taken.add(best)
    return found


def _readable(kind: SheetKind, name: str, index: int, samples: list[Row], book: Book) -> int:
    read = kind.fields[name].widget.read
    cells = [cell for row in samples if (cell := row.get(index)) is not None]
    return sum(1 for cell in cells if not any(one.is_error for one in read(cell, book)[1]))


def _cell_with(near: list[Row], header: Header) -> tuple[int, str]:
    """Row and column letter of the cell that names the reporting unit; (0, "") without one."""
    if header.reporting_unit:
        for row in near:
            if row.number >= header.first_row:
                break
            for index, value in enumerate(row.cells):
                if value is not None and header.reporting_unit in as_title(shown(value)).replace(" ", ""):
                    return row.number, column_letter(index)
    return 0, ""
