"""One row judged again after a person has corrected it: the same cleaning and the same checks as the file's, run on a batch of that one row.

The row is staged in a batch beside its own, together with the rows of the file it might repeat, and comes back judged.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime

from django.db import connection
from psycopg2.extras import execute_values

from apps.core.crypto import encrypt, encrypt_many
from apps.core.scope import Scope
from apps.core.workbooks.reading import read_workbook
from apps.core.workbooks.values import Row, column_index
from apps.files import storage
from apps.files.importing.rows import row_text
from apps.files.importing.shapes import SHAPES
from apps.files.importing.staging import Reader
from apps.files.models import BatchState, ImportBatch, ImportRow, RowState
from apps.files.sheetkinds import SHEETS

PAGE = 1_000


def cells_of(row: ImportRow) -> dict[str, str]:
    """Column letter → text of a row that keeps its cells."""
    return json.loads(row.cells) if row.cells else {}


def row_of(number: int, cells: Mapping[str, str]) -> Row:
    """The row as the readers give it; blank cells are None."""
    filled = {column_index(letter): text for letter, text in cells.items() if text.strip()}
    return Row(number, [filled.get(index) for index in range(max(filled, default=-1) + 1)])


def judged_again(batch: ImportBatch, row: ImportRow, cells: Mapping[str, str], today: date, now: datetime) -> list[ImportRow]:
    """Put the row of the file, with these cells, through cleaning and checks; returns the staged rows that now stand in its place."""
    kind, about = SHEETS[batch.kind], next(one for one in batch.sheets if one["name"] == row.sheet)
    beside = _beside(batch, row)
    own = {"sheet": row.sheet, "number": row.number}
    Reader(batch, kind, kind.begin(batch.org, today), None).stage_again(row_of(row.number, cells), about, beside.pk)
    _bring_likely_twins(batch, beside, own)
    SHAPES[kind.shape].check(beside, kind)
    _replace(batch, beside, row, own, cells, now)
    ImportBatch.objects.filter(pk=beside.pk).delete()
    return list(ImportRow.objects.filter(batch=batch, **own).order_by("part"))


def _beside(batch: ImportBatch, row: ImportRow) -> ImportBatch:
    """A batch for this row alone. Its key is taken from nobody's: batches people see are numbered upwards."""
    beside = ImportBatch.objects.get(pk=batch.pk)
    beside.pk, beside.state, beside._state.adding = -row.pk, BatchState.READING, True
    beside.save(force_insert=True)
    beside.sheets, beside.org = batch.sheets, batch.org
    return beside


def _bring_likely_twins(batch: ImportBatch, beside: ImportBatch, own: dict) -> None:
    """Copies of the file's other good rows with the same key, or the same name and month of birth, before the row: of two, the corrected one is refused."""
    columns = [one.column for one in ImportRow._meta.concrete_fields if one.name not in ("id", "batch")]
    names, theirs = ", ".join(f'"{name}"' for name in columns), ", ".join(f'o."{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO files_importrow (id, batch_id, {names}) SELECT -o.id, %s, {theirs} FROM files_importrow o
                WHERE o.batch_id = %s AND o.state <> 'refused' AND NOT (o.sheet = %s AND o.number = %s) AND EXISTS (
                  SELECT FROM files_importrow m WHERE m.batch_id = %s AND ((m.match_index IS NOT NULL AND o.match_index = m.match_index)
                    OR (m.match_name <> '' AND o.match_name = m.match_name AND o.match_month = m.match_month)))""",
            [beside.pk, batch.pk, own["sheet"], own["number"], beside.pk],
        )


def _replace(batch: ImportBatch, beside: ImportBatch, row: ImportRow, own: dict, cells: Mapping[str, str], now: datetime) -> None:
    """The judged row takes the old one's place and key, so that it stays where it is in the file's order."""
    ImportRow.objects.filter(batch=batch, **own).delete()
    fresh = ImportRow.objects.filter(batch=beside, **own)
    first = fresh.order_by("part").values_list("pk", flat=True)[0]
    sealed = encrypt(json.dumps(cells, ensure_ascii=False), ImportRow._meta.get_field("cells").aad)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE files_importrow SET batch_id = %s, id = CASE WHEN id = %s THEN %s ELSE id END, cells = %s, corrected_at = %s"
            " WHERE batch_id = %s AND sheet = %s AND number = %s",
            [batch.pk, first, row.pk, sealed, now, beside.pk, own["sheet"], own["number"]],
        )


def lacking(batch: ImportBatch):
    """Refused rows that don't hold their cells yet: those only the checks have refused."""
    return ImportRow.objects.filter(batch=batch, state=RowState.REFUSED, cells__isnull=True)


def keep_cells(scope: Scope, batch: ImportBatch) -> int:
    """Fetch the cells of refused rows that lack them from the kept file; how many rows that was. The caller has entered the scope."""
    wanted: dict[str, set[int]] = {}
    for sheet, number in lacking(batch).values_list("sheet", "number"):
        wanted.setdefault(sheet, set()).add(number)
    if not wanted:
        return 0
    found = 0
    with storage.laid_open(batch.file) as path, read_workbook(path) as source:
        for sheet in source:
            numbers, rows = wanted.pop(sheet.name, set()), []
            for row in sheet.rows() if numbers else ():
                if row.number in numbers:
                    rows.append(row)
                if len(rows) >= PAGE:
                    found += _keep(batch, sheet.name, rows)
                    rows = []
            found += _keep(batch, sheet.name, rows)
            if not wanted:
                break
    return found


def _keep(batch: ImportBatch, sheet: str, rows: list[Row]) -> int:
    if not rows:
        return 0
    sealed = encrypt_many([row_text(row) for row in rows], ImportRow._meta.get_field("cells").aad)
    values = [(row.number, cells) for row, cells in zip(rows, sealed, strict=True)]
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            "UPDATE files_importrow r SET cells = v.cells FROM (VALUES %s) v(number, cells)"
            f" WHERE r.batch_id = {int(batch.pk)} AND r.sheet = {cursor.mogrify('%s', [sheet]).decode()} AND r.number = v.number AND r.state = 'refused' AND r.cells IS NULL",
            values, page_size=PAGE,
        )  # fmt: skip
    return len(rows)
