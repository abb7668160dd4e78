"""Refused rows put right in the browser: saved and judged one by one, before the batch is applied; what is left afterwards goes on as a batch of its own."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from apps.accounts.models import User
from apps.activity import audit
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope, entered
from apps.files import selectors
from apps.files.actions.copying import REFUSED, give_back
from apps.files.actions.opening import open_batch
from apps.files.actions.telling import count_rows
from apps.files.importing import correcting
from apps.files.models import BatchState, ImportBatch, ImportRow
from apps.files.sheetkinds import SHEETS

LONGEST = 4_000
CHUNK = 2**20


@transaction.atomic
def correct_row(*, batch: ImportBatch, row_id: int, cells: Mapping[str, str], version: str, by: User, today: date, now: datetime) -> list[ImportRow]:
    """Save what a person typed into a row's cells (letter → text) and judge the row again. Returns the staged rows that stand in its place.

    Raises ``Refused`` when the batch or the row can't be corrected any more, ``Stale`` when somebody else has saved the row since ``version``.
    """
    batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("org", "file").get(pk=batch.pk)
    if batch.state != BatchState.CHECKED:
        raise Refused("这一批已经在写入或已经结束，不能再改这里的行。", code="too_late", status=409)
    row = ImportRow.objects.select_for_update(of=("self",)).filter(pk=row_id, batch=batch).first()
    if row is None:
        raise Refused("这一行已经不在了，文件可能重新核对过。", code="gone", status=409)
    if selectors.row_version(row) != version:
        raise Stale("这一行刚刚被别人改过，您填的没有保存。请看一眼最新内容再改。")
    before = correcting.cells_of(row)
    after = before | _accepted(batch, row, cells)
    changed = sorted(letter for letter in after if after[letter] != before.get(letter, ""))
    if not changed:
        return [row]
    rows = correcting.judged_again(batch, row, {letter: text for letter, text in after.items() if text}, today, now)
    ImportBatch.objects.filter(pk=batch.pk).update(counts=count_rows(batch))
    data = {"sheet": row.sheet, "row": row.number, "columns": changed, "state": rows[0].state}
    audit.record("import.corrected", batch, by=by, title=SHEETS[batch.kind].title, data=data)
    return rows


def _accepted(batch: ImportBatch, row: ImportRow, cells: Mapping[str, str]) -> dict[str, str]:
    """Texts for columns the sheet has; anything else a browser may send is left alone."""
    known = {one["letter"] for sheet in batch.sheets if sheet["name"] == row.sheet for one in sheet["columns"]}
    found = {letter: text.replace("\x00", "").strip() for letter, text in cells.items() if letter in known}
    if any(len(text) > LONGEST for text in found.values()):
        raise Refused(f"一格最多 {LONGEST} 个字。", code="too_long")
    return found


def keep_cells(*, batch_id: int) -> int:
    """Have every refused row of a checked batch hold its cells; how many were fetched from the file."""
    batch = selectors.batch_for_work(batch_id)
    with entered(Scope((batch.org.path,))) as scope:
        return correcting.keep_cells(scope, batch) if batch.state == BatchState.CHECKED else 0


@transaction.atomic
def continue_batch(*, batch: ImportBatch, by: User, scope: Scope, today: date) -> ImportBatch:
    """The rows an applied batch has left, as a batch of their own; the one there is already, when somebody has pressed before."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("org", "file").get(pk=batch.pk)
    if batch.state != BatchState.APPLIED or not batch.counts.get("refused"):
        raise Refused("这一批没有剩下的行。", code="nothing_left", status=409)
    name = selectors.copy_name(batch, REFUSED)
    if already := selectors.continuation(scope, batch, name):
        return already
    with give_back(batch=batch, what=REFUSED, by=by, scope=scope) as content:
        fresh = open_batch(kind=batch.kind, content=iter(lambda: content.read(CHUNK), b""), name=name, content_type="application/octet-stream", org=batch.org, by=by, today=today)
    ImportBatch.objects.filter(pk=fresh.pk).update(mapping=batch.mapping)
    return fresh
