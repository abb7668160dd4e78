"""How one sheet is read: where its titles stand, which column is which field, which are kept as side notes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apps.core.workbooks.headers import Column, Header, find_header
from apps.core.workbooks.problems import Problem, problem
from apps.core.workbooks.reading import Sheet
from apps.core.workbooks.titles import as_title
from apps.core.workbooks.values import Row, column_index, column_letter, shown
from apps.files.cells import Book
from apps.files.importing.asides import LONGEST_LABEL, key_of, mask_numbers
from apps.files.importing.columns import SURE, Memory, Use, Why, decide, settle
from apps.files.models import ASIDE
from apps.files.sheetkinds import SheetKind

LOOK = 60
SAMPLES = 30
SHOWN = 3
LONGEST_SAMPLE = 24
FEWEST = 2


@dataclass
class SheetPlan:
    """How one sheet is read. ``fields``: field → column index; ``asides``: label of a side note → column index; ``notes``: problems of the sheet itself, located."""

    name: str
    header: Header
    uses: list[Use] = field(default_factory=list)
    fields: dict[str, int] = field(default_factory=dict)
    asides: dict[str, int] = field(default_factory=dict)
    notes: list[dict] = field(default_factory=list)
    unit_text: str = ""
    unit_cell: tuple[int, str] = (0, "")
    rows: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    masked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for one in self.uses:
            if one.is_field:
                self.fields.setdefault(one.use, one.column.index)
            elif one.use == ASIDE:
                self.asides[self._label(one.column.title)] = one.column.index
        self._by_key = {key_of(label): (label, index) for label, index in self.asides.items()}

    def _label(self, title: str) -> str:
        """Two columns of one title are two notes."""
        first = label = mask_numbers(title)[:LONGEST_LABEL]
        number = 1
        while label in self.asides:
            number += 1
            label = f"{first}（{number}）"
        return label

    def index(self, name: str) -> int | None:
        """Column of a field or of a side note's key."""
        return self._by_key[name][1] if name in self._by_key else self.fields.get(name)

    def letter(self, name: str) -> str:
        index = self.index(name)
        return column_letter(index) if index is not None else ""

    def title(self, name: str, kind: SheetKind) -> str:
        """The column's title as the sheet shows it; our own name for a column the sheet lacks."""
        if name in self._by_key:
            return self._by_key[name][0]
        index = self.fields.get(name)
        if index is not None:
            return next(one.column.title for one in self.uses if one.column.index == index)
        return kind.fields[name].column_name if name in kind.fields else ""

    def count(self, rows: Sequence[Row]) -> None:
        """Content of the columns people may be asked about, and a few samples of it."""
        for one in self.uses:
            if one.why in SURE:
                continue
            cells = [cell for row in rows if (cell := row.get(one.column.index)) is not None]
            one.filled += len(cells)
            if len(one.samples) < SHOWN:
                one.samples = list(dict.fromkeys([*one.samples, *(_sample(cell) for cell in cells[:SAMPLES])]))[:SHOWN]

    def close(self, kind: SheetKind) -> None:
        """After the last row: settle what needed all of them, and note what a person should know of the titles."""
        settle(self.uses)
        for one in self.uses:
            if one.filled and (found := _found(one, kind)):
                self.note(one.column.letter, one.column.title, found)
        for label, count in self.masked.items():
            if count:
                self.note(column_letter(self.asides[label]), label, problem("note_masked", title=label, count=count))

    def note(self, letter: str, title: str, found: Problem) -> None:
        """Something to be known of the sheet, told at its titles."""
        self.notes.append(
            {"sheet": self.name, "row": self.header.last_row, "column": letter, "title": title, "value": title, "code": found.code, "level": found.level, "message": found.message}
        )

    def as_json(self, kind: SheetKind) -> dict:
        masked = {self.asides[label]: count for label, count in self.masked.items()}
        columns = [
            {"letter": one.column.letter, "title": one.column.title, "field": one.use if one.is_field else "", "use": one.use, "why": one.why.value, "may": list(one.may),
             "filled": one.filled, "samples": one.samples, "origin": one.origin, "asked": one.asked, "masked": masked.get(one.column.index, 0)}
            for one in self.uses
        ]  # fmt: skip
        return {
            "name": self.name, "first": self.header.first_row, "last": self.header.last_row, "columns": columns, "unit": self.unit_text,
            "letters": {name: self.letter(name) for name in self.fields}, "titles": {name: self.title(name, kind) for name in kind.fields},
            "asides": {label: column_letter(index) for label, index in self.asides.items()},
            "notes": self.notes, "rows": self.rows, "skipped": self.skipped,
        }  # fmt: skip


def plan_from_json(about: dict) -> SheetPlan:
    """The plan of a sheet that has been read, for reading one of its rows again."""
    columns = [Column(column_index(one["letter"]), one["title"]) for one in about["columns"]]
    uses = [Use(column, one["use"], Why(one["why"])) for column, one in zip(columns, about["columns"], strict=True)]
    return SheetPlan(about["name"], Header(about["first"], about["last"], tuple(columns)), uses, unit_text=about["unit"])


def plan_sheet(sheet: Sheet, kind: SheetKind, book: Book, told: Mapping[str, str], memories: Mapping[str, Memory]) -> SheetPlan | None:
    """None when the sheet has no titles of this kind. ``told``: column letter → use, as a person decided; ``memories``: see ``decide``."""
    near = sheet.peek(LOOK)
    header = find_header(near, kind.aliases, merged=sheet.merged, least=FEWEST, apart=kind.apart)
    if header is None:
        return None
    samples = [row for row in near if row.number > header.last_row and header.kind(row, key_fields=(kind.name_field,)) == "data"][:SAMPLES]
    uses = decide(header, samples, kind, book, told, memories)
    header = header.with_fields({one.column.index: one.use if one.is_field else None for one in uses})
    return SheetPlan(sheet.name, header, uses, unit_text=header.reporting_unit, unit_cell=_cell_with(near, header))


def missing_essentials(plan: SheetPlan, kind: SheetKind) -> list[str]:
    """Column names of the first group of which the sheet has none; empty when it may be read."""
    for group in kind.essential:
        if not any(name in plan.fields for name in group):
            return [kind.fields[name].column_name for name in group]
    return []


def _found(one: Use, kind: SheetKind):
    """What is to be said of a column, beside the question itself."""
    title = one.column.title
    if one.why is Why.UNKNOWN:
        return problem("column_unknown", title=title, fate="内容作为附注保留" if one.use == ASIDE else "没有导入")
    if one.why is Why.UNUSED:
        return problem("column_unused", title=title)
    names = [kind.fields[name].column_name for name in one.may if name in kind.fields]
    if one.why is Why.SEVERAL:
        return problem("column_several", title=title, titles="”“".join(names))
    if one.why is Why.DOUBLE and not one.is_field:
        return problem("column_ambiguous", "warning", titles=title, field=names[0])
    return None


def _sample(cell) -> str:
    text = mask_numbers(as_title(cell) or shown(cell))
    return text if len(text) <= LONGEST_SAMPLE else text[: LONGEST_SAMPLE - 1] + "…"


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
