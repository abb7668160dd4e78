"""Every write about import batches: opened, read, confirmed, applied, cancelled, read again.

States move by ``UPDATE … WHERE state`` alone, and one process at a time sits at a batch's desk, so pressing twice, two workers and a worker
that dies do no harm: a batch is read or applied once, wholly or not at all.
"""

from datetime import date, datetime

import pghistory
import structlog
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now

from apps.accounts.models import Organization, User
from apps.activity import audit, notify
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered
from apps.core.workbooks.limits import UnreadableWorkbook
from apps.files import selectors, storage
from apps.files.cells import Book
from apps.files.importing import checking, writing
from apps.files.importing.desk import Desk, Taken, desk
from apps.files.importing.staging import NotThisKind, Reader, Stopped
from apps.files.models import BatchState, ImportBatch, ImportRow, RowState
from apps.files.sheetkinds import SHEETS, SheetKind

log = structlog.get_logger(__name__)
LABEL = "import"
UNEXPECTED = "读取时出了意外，已记录。请稍后再试；如再次出现，请把文件交给系统管理员。"
NOT_WRITTEN = "写入没有完成，登记库没有任何改动。请再试一次；如再次出现，请联系系统管理员。"


@transaction.atomic
def open_batch(*, kind: str, content, name: str, content_type: str, org: Organization, by: User, today: date, given: dict[str, str] | None = None) -> ImportBatch:
    """Keep the file and queue it. ``given``: field, column name or alias → one value for a column the file lacks. Raises ``Refused`` for values that can't be."""
    if kind not in SHEETS:
        raise Refused("没有这种表。", code="kind_unknown")
    settled = settle_given(SHEETS[kind], given or {}, org, today)
    stored = storage.save(content, name=name, content_type=content_type, label=f"{LABEL}.{kind}", org=org, by=by)
    batch = ImportBatch.objects.create(kind=kind, file=stored, org=org, created_by=by, given=settled)
    stored.subject_id = batch.pk
    stored.save(update_fields=["subject_id"])
    audit.record("import.uploaded", batch, by=by, title=SHEETS[kind].title, data={"kind": kind, "sha256": stored.sha256, "bytes": stored.size})
    return batch


def settle_given(kind: SheetKind, given: dict[str, str], org: Organization, today: date) -> dict[str, str]:
    """Field → text, for values that a cell of that column could hold. Raises ``Refused`` (code ``set_unknown`` or the problem's)."""
    book = kind.book(kind.begin(org, today)) if given else Book(today)
    found = {}
    for key, text in given.items():
        name = kind.named(key)
        if name is None:
            raise Refused(f"{kind.title}里没有“{key}”这一项。", code="set_unknown", field=key)
        if not text.strip():
            continue
        value, problems = kind.fields[name].widget.read(text, book)
        if wrong := next((one for one in problems if one.is_error), None):
            raise Refused(wrong.message, code=wrong.code, field=key)
        if value is not None:
            found[name] = text.strip()
    return found


def read_batch(*, batch_id: int, now: datetime, today: date) -> str:
    """Read, clean and check a queued batch, or one whose reader died. Returns its state; "" when there was nothing to do."""
    batch = selectors.batch_for_work(batch_id)
    try:
        with desk(batch_id) as own:
            if not _begin_reading(batch):
                return ""
            return _read(batch, own, now, today)
    except Taken:
        return ""


def _begin_reading(batch: ImportBatch) -> bool:
    """Into ``reading``, with whatever an earlier reader staged thrown away."""
    with entered(Scope((batch.org.path,))):
        waiting = ImportBatch.objects.filter(pk=batch.pk, state__in=(BatchState.QUEUED, BatchState.READING))
        if not waiting.update(state=BatchState.READING, moved_at=Now(), done=0, total=0, error="", error_code="", counts={}):
            return False
        ImportRow.objects.filter(batch_id=batch.pk).delete()
    return True


def _read(batch: ImportBatch, own: Desk, now: datetime, today: date) -> str:
    kind, scope = SHEETS[batch.kind], Scope((batch.org.path,))
    try:
        batch.sheets = Reader(batch, kind, kind.begin(batch.org, today), own).read()
        with entered(scope):
            checking.check(batch, kind)
            return _checked(batch, now)
    except Stopped:
        with entered(scope):
            ImportRow.objects.filter(batch_id=batch.pk).delete()
        return BatchState.CANCELLED
    except NotThisKind as other:
        return _failed(batch, other.code, other.sentence, now, other.sheets)
    except UnreadableWorkbook as unreadable:
        return _failed(batch, unreadable.code, unreadable.sentence, now)
    except Exception:
        log.exception("import.read_failed", batch=batch.pk)
        return _failed(batch, "unexpected", UNEXPECTED, now)


def _checked(batch: ImportBatch, now: datetime) -> str:
    counts = count_rows(batch)
    moved = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.READING).update(
        state=BatchState.CHECKED, sheets=batch.sheets, counts=counts, done=counts["rows"], total=counts["rows"], checked_at=now
    )
    if not moved:
        raise Stopped
    _tell(batch, f"核对完成：{batch.file.name}", f"可导入 {counts['new'] + counts['changed']} 行，不能导入 {counts['refused']} 行。请核对后确认。", f"checked:{now:%H%M%S}", now)
    return BatchState.CHECKED


def _failed(batch: ImportBatch, code: str, sentence: str, now: datetime, sheets: list | None = None) -> str:
    with entered(Scope((batch.org.path,))):
        ImportRow.objects.filter(batch_id=batch.pk).delete()
        ImportBatch.objects.filter(pk=batch.pk, state=BatchState.READING).update(state=BatchState.FAILED, error_code=code, error=sentence[:300], sheets=sheets or [])
        _tell(batch, f"文件不能导入：{batch.file.name}", sentence, f"failed:{now:%H%M%S}", now)
    return BatchState.FAILED


def _tell(batch: ImportBatch, title: str, body: str, occasion: str, now: datetime) -> None:
    notify.tell([batch.applied_by or batch.created_by], title=title[:100], body=body, url=selectors.batch_url(batch.pk), key=f"import:{batch.pk}:{occasion}", now=now)


def count_rows(batch: ImportBatch) -> dict:
    """``{"rows", "new", "changed", "unchanged", "refused", "warned", "codes": [[code, level, cells], …]}`` of the staged rows."""
    states = dict(ImportRow.objects.filter(batch_id=batch.pk).values_list("state").annotate(Count("pk")).order_by())
    codes = checking.rows_of(
        "SELECT p ->> 'code', p ->> 'level', count(*) FROM files_importrow r, jsonb_array_elements(r.problems) p"
        " WHERE r.batch_id = %s GROUP BY 1, 2 ORDER BY 2, 3 DESC, 1",
        [batch.pk],
    )
    warned = ImportRow.objects.filter(batch_id=batch.pk).exclude(state=RowState.REFUSED).exclude(problems=[]).count()
    counts = {state.value: states.get(state.value, 0) for state in RowState}
    return {"rows": sum(counts.values()), **counts, "warned": warned, "codes": [list(one) for one in codes]}


@transaction.atomic
def confirm_batch(*, batch: ImportBatch, by: User, whole_only: bool = False) -> None:
    """The person's yes: from ``checked`` to ``applying``, once. ``whole_only``: all rows or none. Raises ``Refused`` with the reason."""
    if reason := selectors.reason_against_applying(batch, whole_only=whole_only):
        raise Refused(reason, code="not_applicable", status=409)
    moved = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.CHECKED).update(
        state=BatchState.APPLYING, moved_at=Now(), applied_by=by, whole_only=whole_only, done=0, total=batch.counts["new"] + batch.counts["changed"],
        error="", error_code="",
    )
    if not moved:
        raise Refused("这一批已经在处理，不用再按一次。", code="already", status=409)


def apply_batch(*, batch_id: int, now: datetime) -> str:
    """Write a confirmed batch, or one whose writer died: everything in one transaction. Returns its state; "" when there was nothing to do."""
    batch = selectors.batch_for_work(batch_id)
    try:
        with desk(batch_id) as own:
            if selectors.batch_for_work(batch_id).state != BatchState.APPLYING:
                return ""
            return _apply(batch, own, now)
    except Taken:
        return ""


def _apply(batch: ImportBatch, own: Desk, now: datetime) -> str:
    by, kind = batch.applied_by, SHEETS[batch.kind]
    try:
        with pghistory.context(user=by.pk, url=selectors.batch_url(batch.pk)), entered(Scope((batch.org.path,))):
            checking.one_at_a_time(batch)
            writing.write(batch, kind, by=by, now=now, step=lambda rows: own.progress(BatchState.APPLYING, rows))
            counts = count_rows(batch)
            if batch.whole_only and counts["refused"]:
                raise Refused("核对之后登记库有了变化，有的行不能再导入，所以全部没有写入。请重新核对。", code="changed_since")
            _applied(batch, by, counts, now)
    except Refused as refused:
        return _not_applied(batch, refused.code, refused.sentence, now)
    except Exception:
        log.exception("import.apply_failed", batch=batch.pk)
        return _not_applied(batch, "unexpected", NOT_WRITTEN, now)
    return BatchState.APPLIED


def _applied(batch: ImportBatch, by: User, counts: dict, now: datetime) -> None:
    written = counts["new"] + counts["changed"]
    ImportBatch.objects.filter(pk=batch.pk, state=BatchState.APPLYING).update(state=BatchState.APPLIED, counts=counts, done=written, applied_at=now)
    audit.record("import.applied", batch, by=by, title=SHEETS[batch.kind].title, data={"kind": batch.kind} | {key: counts[key] for key in ("rows", *RowState.values)})
    _tell(batch, f"已导入：{batch.file.name}", f"新增 {counts['new']} 行，变更 {counts['changed']} 行，未导入 {counts['refused']} 行。", "applied", now)


def _not_applied(batch: ImportBatch, code: str, sentence: str, now: datetime) -> str:
    """Back to ``checked``: nothing was written, and the person may try again."""
    with entered(Scope((batch.org.path,))):
        ImportBatch.objects.filter(pk=batch.pk, state=BatchState.APPLYING).update(state=BatchState.CHECKED, error_code=code, error=sentence, done=0)
        _tell(batch, f"没有导入：{batch.file.name}", sentence, f"not_applied:{now:%H%M%S}", now)
    return BatchState.CHECKED


@transaction.atomic
def cancel_batch(*, batch: ImportBatch, by: User) -> None:
    """Give a batch up before it is applied; its rows go, the file stays. Raises ``Refused`` once it is being applied."""
    open_ones = ImportBatch.objects.filter(pk=batch.pk, state__in=(BatchState.QUEUED, BatchState.READING, BatchState.CHECKED, BatchState.FAILED))
    if not open_ones.update(state=BatchState.CANCELLED):
        raise Refused("这一批已经在写入或已经结束，不能放弃。", code="too_late", status=409)
    ImportRow.objects.filter(batch_id=batch.pk).delete()
    audit.record("import.cancelled", batch, by=by, title=SHEETS[batch.kind].title)


@transaction.atomic
def read_again(*, batch: ImportBatch, by: User, today: date, mapping: dict[str, dict[str, str]] | None = None, given: dict[str, str] | None = None) -> None:
    """Queue a checked or failed batch once more, with columns a person has mapped (sheet → letter → field) and values given for the whole file."""
    kind = SHEETS[batch.kind]
    settled = settle_given(kind, given or {}, batch.org, today)
    chosen = {sheet: {**batch.mapping.get(sheet, {}), **columns} for sheet, columns in (mapping or {}).items()}
    if any(name and name not in kind.fields for columns in chosen.values() for name in columns.values()):
        raise Refused("选的项目不存在，请重新选择。", code="set_unknown")
    again = ImportBatch.objects.filter(pk=batch.pk, state__in=(BatchState.CHECKED, BatchState.FAILED))
    if not again.update(state=BatchState.QUEUED, moved_at=Now(), mapping={**batch.mapping, **chosen}, given={**batch.given, **settled}, error="", error_code="", done=0, total=0):
        raise Refused("这一批正在处理或已经结束，不能重新核对。", code="too_late", status=409)

