"""Staged rows: those with problems, those that wait for a person, those being corrected."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from django.db.models import Case, Q, When

from apps.core.scope import Scope
from apps.files.models import BatchState, Decision, ImportBatch, ImportRow, RowState

PROBLEM = ("column", "title", "value", "code", "level", "message")


def row_version(row: ImportRow) -> str:
    """Changes whenever a person has saved the row."""
    return f"{row.corrected_at:%Y%m%d%H%M%S%f}" if row.corrected_at else "0"


def correctable(scope: Scope, batch: ImportBatch):
    """Rows people correct in the browser, in the order of the file: those refused, and those put right there. One per row of the file."""
    found = ImportRow.objects.visible_to(scope).filter(Q(state=RowState.REFUSED) | Q(corrected_at__isnull=False), batch=batch)
    return found.order_by("pk")


def row_parts(batch: ImportBatch, pk: int) -> list[ImportRow]:
    """Every staged row of the file's row that ``pk`` belongs to; none when it is gone. The caller may see the batch."""
    one = ImportRow.objects.filter(batch=batch, pk=pk).first()
    return list(ImportRow.objects.filter(batch=batch, sheet=one.sheet, number=one.number).order_by("part")) if one else []


def rows_by_key(scope: Scope, keys) -> dict[int, ImportRow]:
    return ImportRow.objects.visible_to(scope).in_bulk(keys)


def undone_rows(scope: Scope, batch: ImportBatch, verdict: str):
    """Rows of a batch that was taken back, by what became of them, in the order of the file."""
    return ImportRow.objects.visible_to(scope).filter(batch=batch, undone=verdict).order_by("pk")


def rows(scope: Scope, batch: ImportBatch, state: str = "", code: str = ""):
    """Staged rows in the order of the file; of one state, or with a problem of one code."""
    found = ImportRow.objects.visible_to(scope).filter(batch=batch)
    if state in RowState.values:
        found = found.filter(state=state)
    return (found.filter(problems__contains=[{"code": code}]) if code else found).order_by("pk")


def problems(scope: Scope, batch: ImportBatch) -> Iterator[dict]:
    """Every problem of a batch: those of its sheets, then row by row, from left to right."""
    for sheet in batch.sheets:
        yield from sheet.get("notes", ())
    found = rows(scope, batch).exclude(problems=[]).values_list("sheet", "number", "problems", "key_shown")
    for sheet, number, of_row, key_shown in found.iterator(chunk_size=2000):
        for one in sorted(opened_problems(of_row, key_shown), key=lambda each: (len(each["column"]) or 9, each["column"])):
            yield {"sheet": sheet, "row": number, **{key: one[key] for key in PROBLEM}}


def opened_problems(of_row: list[dict], key_shown) -> list[dict]:
    """Problems of a row as whoever corrects it must read them: those at the key with the cell as it is, which lies encrypted beside them."""
    cell = getattr(key_shown, "open", lambda: key_shown)()
    return [one | {"value": cell} if one.get("closed") and cell else one for one in of_row]


def waiting(scope: Scope, kinds: Iterable[str], batch: ImportBatch | None = None):
    """Rows of these kinds that wait for a person's word, batch by batch, those put off last; of one batch or of all in the scope."""
    open_ones = ImportBatch.objects.visible_to(scope).filter(state__in=(BatchState.CHECKED, BatchState.APPLIED), kind__in=list(kinds))
    found = ImportRow.objects.filter(state=RowState.REVIEW, batch__in=[batch] if batch else open_ones)
    return found.annotate(put_off=Case(When(decision=Decision.LATER, then=1), default=0)).select_related("batch__file", "decided_by").order_by("put_off", "pk")


def staged_row(batch: ImportBatch, pk: int) -> ImportRow | None:
    """A row of a batch that the caller may see."""
    return ImportRow.objects.filter(batch=batch, pk=pk).select_related("decided_by").first()


def refused_lines(scope: Scope, batch: ImportBatch, sheet: str) -> Iterator[tuple[int, list[dict], str]]:
    """(row number, problems, cells a person has corrected) of the refused rows of one sheet, in the order of the file; one per row of the sheet."""
    found = rows(scope, batch, RowState.REFUSED).filter(sheet=sheet).values_list("number", "problems", "cells", "corrected_at").order_by("number", "pk")
    for number, of_row in groupby(found.iterator(chunk_size=2000), key=itemgetter(0)):
        parts = list(of_row)
        sealed, corrected = parts[0][2:]
        yield number, [one for _, problems, *_ in parts for one in problems], sealed.open() if sealed and corrected else ""


def rows_with_problems(scope: Scope, batch: ImportBatch, code: str = ""):
    """Rows with any problem, or with one of this code, in the order of the file."""
    return rows(scope, batch, code=code).exclude(problems=[])
