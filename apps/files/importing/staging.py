"""Read a file once, clean it in chunks, copy the chunks into the staging table, then check them there.

Each chunk is a transaction of its own and nothing of the registry is touched, so a reader that dies leaves a batch that is simply read
again. What the file speaks for bounds everything: the rows are staged inside that organisation's scope.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from apps.core.ahead import ahead
from apps.core.garbage import seldom_collected
from apps.core.scope import Scope, entered
from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.problems import problem
from apps.core.workbooks.reading import Sheet, Workbook, read_workbook
from apps.core.workbooks.values import Row
from apps.files import selectors, storage
from apps.files.cells import Book
from apps.files.importing import template
from apps.files.importing.asides import key_of, read_note
from apps.files.importing.cleaning import ColumnReader
from apps.files.importing.columns import Memory
from apps.files.importing.desk import Desk
from apps.files.importing.mapping import LOOK, SheetPlan, missing_essentials, plan_from_json, plan_sheet
from apps.files.importing.packed import unpacked
from apps.files.importing.places import Miss, Place
from apps.files.importing.recognising import better
from apps.files.importing.rows import copy_lines, lines_of, not_waited_for
from apps.files.models import BatchState, ImportBatch
from apps.files.sheetkinds import SHEETS, Draft, SheetKind, Work

CHUNK = 2_000
PATIENCE = 6.0
NUMBER = "number"


class NotThisKind(Exception):
    """The file can be read but isn't what it was said to be; ``code`` and ``sentence`` say so. ``sheets`` holds what was seen."""

    def __init__(self, code: str, sentence: str, sheets: list[dict]) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.sheets = code, sentence, sheets


class Stopped(Exception):
    """Somebody cancelled the batch while it was read."""


_END = re.compile(r"^[（(【]?\s*(?:此(?:行|页|处)?)?以下(?:均?为)?(?:空白|无正文)|^[（(]?\s*空\s*白\s*[)）]?$")


def only_numbered(row: Row, plan: SheetPlan) -> bool:
    """A line that was numbered in advance and never filled, or says 以下空白."""
    cells = row.cells
    index = next((index for index, cell in enumerate(cells) if cell is not None and cell != ""), None)
    if index is None or any(cell is not None and cell != "" for cell in islice(cells, index + 1, None)):
        return False
    cell = cells[index]
    return index == plan.fields.get(NUMBER) or (isinstance(cell, str) and bool(_END.match(cell.strip())))


class Cleaned(NamedTuple):
    """Rows of a chunk, how many of their drafts are refused, and all of them as ``COPY`` takes them."""

    rows: int
    refused: int
    lines: bytes


class Reader:
    """One batch being read. ``sheets`` describes what was found, for the page and for later mapping."""

    def __init__(self, batch: ImportBatch, kind: SheetKind, work: Work, desk: Desk | None) -> None:
        self.batch, self.kind, self.work, self.desk = batch, kind, work, desk
        self.scope = Scope((batch.org.path,))
        self.done = self.refused = 0
        self.found: list[dict] = []
        self.given: list[tuple[str, object]] = []
        self.options = kind.option_words(work)
        self.memories = {title: Memory(use, origin) for title, use, origin in selectors.column_memories(batch.org, kind.key)}
        self.columns = {name: ColumnReader(name, one.widget) for name, one in kind.fields.items()}

    def read(self) -> list[dict]:
        """Stage every row of every visible sheet of this kind. Raises ``UnreadableWorkbook``, ``NotThisKind``, ``Stopped``, ``Refused``."""
        self.work.places.load()
        with seldom_collected(), storage.laid_open(self.batch.file) as path, read_workbook(path, timeout=PATIENCE) as workbook:
            book = self.kind.book(self.work, date1904=workbook.date1904, untyped=workbook.format == "csv")
            self.given = self._given(book)
            with ahead(self._cleaned(workbook, book)) as chunks:
                for chunk in chunks:
                    self._stage(chunk)
        return self.found

    def _stage(self, chunk: Cleaned) -> None:
        with entered(self.scope):
            not_waited_for()
            copy_lines(chunk.lines, self.kind)
        self.done += chunk.rows
        self.refused += chunk.refused
        if not self.desk.progress(BatchState.READING, self.done, self.refused) and self._cancelled():
            raise Stopped

    def _cleaned(self, workbook: Workbook, book: Book) -> Iterator[Cleaned]:
        """Chunks of rows of all sheets, ready to be copied. Runs beside the database, which it may not ask; fills ``found``."""
        plans, mark = 0, self._template(workbook)
        for sheet in workbook:
            if mark and sheet.name in template.OWN_SHEETS:
                continue
            plan, missing = self._plan(sheet, book)
            other = {"better": "" if mark or not sheet.peek(1) else better(sheet, self.kind, plan)}
            if plan is None or missing:
                self.found.append(self._left_out(sheet, plan, missing) | other)
                continue
            plans += 1
            line = self._reporting_unit(plan)
            rows = self._data(sheet, plan)
            while chunk := list(islice(rows, CHUNK)):
                drafts = self._drafts(chunk, plan, book, line)
                yield Cleaned(len(chunk), sum(draft.refused for draft in drafts), lines_of(self.batch.pk, drafts, plan, self.kind))
            plan.close(self.kind)
            self._note_old_template(plan, mark)
            self.found.append(plan.as_json(self.kind) | other)
        self._nothing_found(self.found, plans, workbook)

    def _plan(self, sheet: Sheet, book: Book) -> tuple[SheetPlan | None, list[str]]:
        """How the sheet is read, and what it lacks to be read at all."""
        plan = plan_sheet(sheet, self.kind, book, self.batch.mapping.get(sheet.name, {}), self.memories) if sheet.peek(1) else None
        return plan, missing_essentials(plan, self.kind) if plan else []

    def _left_out(self, sheet: Sheet, plan: SheetPlan | None, missing: list[str]) -> dict:
        """A sheet that isn't read, described with the reason."""
        if plan is None:
            return {"name": sheet.name, "reason": "没有内容" if not sheet.peek(1) else "没有认出表头", "columns": []}
        plan.count([row for row in sheet.peek(LOOK) if row.number > plan.header.last_row])
        several = "等列" if len(missing) > 2 else "这一列"
        return plan.as_json(self.kind) | {"reason": f"没有“{'”、“'.join(missing[:2])}”{several}", "missing": missing}

    def _template(self, workbook: Workbook) -> tuple[str, str] | None:
        """The mark of our own template. Raises ``NotThisKind`` for the template of another kind."""
        mark = template.mark_of(workbook.hidden_sheets)
        if mark and mark[0] != self.kind.key and mark[0] in SHEETS:
            title = SHEETS[mark[0]].title
            seen = [{"name": title, "reason": f"这是{title}的模板", "columns": [], "better": mark[0]}]
            raise NotThisKind("other_kind", f"这是“{title}”的模板，不是{self.kind.title}。请按{title}读取，不用再上传。", seen)
        return mark if mark and mark[0] == self.kind.key else None

    def _note_old_template(self, plan: SheetPlan, mark: tuple[str, str] | None) -> None:
        if mark and mark[1] != self.kind.version:
            unknown = [one.column.title for one in plan.uses if not one.is_field]
            plan.note("", self.kind.title, problem("template_old", what=template.differences(self.kind, plan.fields, unknown)))

    def _data(self, sheet: Sheet, plan: SheetPlan) -> Iterator[Row]:
        kind_of, keys = plan.header.kind, (self.kind.name_field,)
        is_example = template.Example(self.kind, plan.fields)
        for row in sheet.rows():
            if row.number <= plan.header.last_row:
                continue
            what = "blank" if only_numbered(row, plan) else kind_of(row, options=self.options, key_fields=keys)
            if what == "data" and is_example(row):
                what = "example"
            if what == "data":
                plan.rows += 1
                yield row
            elif what != "blank":
                plan.skipped[what] = plan.skipped.get(what, 0) + 1

    def stage_again(self, row: Row, about: dict, batch_id: int) -> None:
        """Clean one row, typed by a person, as those of the file were, and stage it in another batch; the caller has entered the scope."""
        book = self.kind.book(self.work, untyped=True)
        self.given = self._given(book)
        plan = plan_from_json(about)
        drafts = self._drafts([row], plan, book, self._reporting_unit(plan))
        copy_lines(lines_of(batch_id, drafts, plan, self.kind), self.kind)

    def _drafts(self, chunk: list[Row], plan: SheetPlan, book: Book, line: Place | Miss | None) -> list[Draft]:
        """The rows cleaned, placed and finished by their kind."""
        drafts = unpacked(chunk, plan, self.kind) if self.kind.packed_by else [Draft(row) for row in chunk]
        for name, index in plan.fields.items():
            self.columns[name].read(drafts, index, book)
        self._asides(drafts, plan)
        lacking = [(name, value) for name, value in self.given if name not in plan.fields]
        for draft in drafts:
            draft.values.update(lacking)
            self._put(draft, line, plan)
        self.kind.finish(drafts, self.work)
        return drafts

    @staticmethod
    def _asides(drafts: list[Draft], plan: SheetPlan) -> None:
        """Side notes of a chunk, and what was in the columns people may be asked about."""
        plan.count([draft.row for draft in drafts])
        for label, index in plan.asides.items():
            for draft in drafts:
                if (cell := draft.row.get(index)) is None:
                    continue
                note, hidden, problems = read_note(cell, label)
                plan.masked[label] += hidden
                if note:
                    draft.aside[label] = note
                for one in problems:
                    draft.problems.append((key_of(label), one))

    def _given(self, book: Book) -> list[tuple[str, object]]:
        """Values for columns the file lacks, read as a cell of that column would be; checked when the batch was opened."""
        read = [(name, self.kind.fields[name].widget.read(text, book)[0]) for name, text in self.batch.given.items()]
        return [(name, value) for name, value in read if value is not None]

    def _reporting_unit(self, plan: SheetPlan) -> Place | Miss | None:
        """Where the 填报单位 line puts the sheet's rows; a name nobody knows is noted at its cell."""
        found = self.work.places.region(plan.unit_text) if plan.unit_text else None
        if found is Miss.UNKNOWN:
            row, column = plan.unit_cell
            one = problem("unit_unknown", value=plan.unit_text, place=self.batch.org.name)
            plan.notes.append(
                {"sheet": plan.name, "row": row, "column": column, "title": "填报单位", "value": plan.unit_text, "code": one.code, "level": one.level, "message": one.message}
            )
        return found

    def _put(self, draft: Draft, line: Place | Miss | None, plan: SheetPlan) -> None:
        """Decide where the row belongs: its own county column, else the 填报单位 line, else what the file speaks for; then the unit."""
        places, kind = self.work.places, self.kind
        text = draft.values.get(kind.county_field)
        found = places.region(text) if text else line
        draft.place = found if isinstance(found, Place) else places.here
        draft.county_path = found.county_path if isinstance(found, Place) else ""
        if found is Miss.OUTSIDE or (text and found is Miss.UNKNOWN):
            code = "region_out_of_scope" if found is Miss.OUTSIDE else "region_unknown"
            draft.problems.append((kind.county_field, problem(code, value=text or plan.unit_text)))
        if unit := draft.values.get(kind.unit_field):
            self._put_into_unit(draft, unit)

    def _put_into_unit(self, draft: Draft, unit: str) -> None:
        found = self.work.places.unit(unit, draft.place)
        if isinstance(found, Place):
            draft.place, draft.county_path = found, found.county_path
        elif found is Miss.UNKNOWN and self.kind.places_rows:
            draft.values["unit_unknown"] = unit
            draft.problems.append((self.kind.unit_field, problem("unit_unknown", value=unit, place=draft.place.name)))

    def _cancelled(self) -> bool:
        with entered(self.scope):
            return ImportBatch.objects.filter(pk=self.batch.pk, state=BatchState.CANCELLED).exists()

    def _nothing_found(self, found: list[dict], plans: int, workbook: Workbook) -> None:
        """A file without one sheet of this kind gets a sentence that says what was looked for."""
        if plans:
            return
        if not found or all(one["reason"] == "没有内容" for one in found):
            hidden = "（只有隐藏的工作表）" if workbook.hidden_sheets else ""
            raise NotThisKind("empty", f"文件里没有可读取的内容{hidden}。请确认选对了文件。", found)
        if other := next((one["better"] for one in found if one.get("better")), ""):
            raise NotThisKind("other_kind", f"这份表不像是{self.kind.title}，像是“{SHEETS[other].title}”。可以按{SHEETS[other].title}读取，不用再上传。", found)
        if near := next((one for one in found if one.get("missing")), None):
            where = f"工作表“{near['name']}”" if near["name"] else "文件"
            raise NotThisKind("columns_missing", f"{where}里{near['reason']}，不像是{self.kind.title}。请核对文件，或指定哪一列是它。", found)
        raise NotThisKind("header_not_found", f"没有找到{self.kind.title}的表头（至少要有{self._wanted()}），不像是{self.kind.title}。请确认选对了文件。", found)

    def _wanted(self) -> str:
        return "和".join(f"“{'”或“'.join(self.kind.fields[name].column_name for name in group[:2])}”" for group in self.kind.essential)


__all__ = ["NotThisKind", "Reader", "Stopped", "UnreadableWorkbook"]
