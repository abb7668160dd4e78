"""A queued file is read, cleaned and checked."""

import time
from datetime import date, datetime

import structlog
from django.db.models.functions import Now

from apps.activity import audit
from apps.core.scope import Scope, entered
from apps.core.workbooks.limits import UnreadableWorkbook
from apps.files.actions import stages
from apps.files.actions.telling import count_rows, tell
from apps.files.importing import alike
from apps.files.importing.desk import Desk
from apps.files.importing.shapes import SHAPES
from apps.files.importing.staging import NotThisKind, Reader, Stopped
from apps.files.models import BatchState, ImportBatch, ImportRow
from apps.files.sheetkinds import SHEETS
from apps.files.storage import NotToBeHad

log = structlog.get_logger(__name__)
UNEXPECTED = "读取时出了意外，已记录。请稍后再试；如再次出现，请把文件交给系统管理员。"


def read_batch(*, batch_id: int, now: datetime, today: date) -> str:
    """Read, clean and check a queued batch, or one whose reader died. Returns its state; "" when there was nothing to do."""
    fresh = {"total": 0, "error": "", "error_code": "", "counts": {}}
    return stages.at_the_desk(
        batch_id, BatchState.QUEUED, BatchState.READING, lambda batch, own: _read(batch, own, now, today), lambda *reason: _failed(*reason, now), **fresh
    )


def _read(batch: ImportBatch, own: Desk, now: datetime, today: date) -> str:
    kind, scope, begun = SHEETS[batch.kind], Scope((batch.org.path,)), time.monotonic()
    with entered(scope):
        ImportRow.objects.filter(batch_id=batch.pk).delete()
    try:
        batch.sheets = Reader(batch, kind, kind.begin(batch.org, today), own).read()
        with entered(scope):
            SHAPES[kind.shape].check(batch, kind)
            batch.facts = {"seconds": {"read": round(time.monotonic() - begun, 1)}, "twin": alike.earlier(batch) if kind.shape == "records" else {}}
            return _checked(batch, now)
    except Stopped:
        with entered(scope):
            ImportRow.objects.filter(batch_id=batch.pk).delete()
        return BatchState.CANCELLED
    except NotThisKind as other:
        return _failed(batch, other.code, other.sentence, now, other.sheets)
    except UnreadableWorkbook as unreadable:
        return _failed(batch, unreadable.code, unreadable.sentence, now)
    except NotToBeHad as gone:
        with entered(scope):
            audit.record("file.unavailable", batch.file, by=batch.created_by, title=batch.file.name, data={"code": gone.code})
        return _failed(batch, gone.code, gone.sentence, now)
    except Exception:
        log.exception("import.read_failed", batch=batch.pk)
        return _failed(batch, "unexpected", UNEXPECTED, now)


def _checked(batch: ImportBatch, now: datetime) -> str:
    counts = count_rows(batch)
    moved = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.READING).update(
        state=BatchState.CHECKED, moved_at=Now(), sheets=batch.sheets, counts=counts, facts=batch.facts, done=counts["rows"], total=counts["rows"], checked_at=now
    )
    if not moved:
        raise Stopped
    tell(batch, f"核对完成：{batch.file.name}", f"可导入 {counts['new'] + counts['changed']} 行，不能导入 {counts['refused']} 行。请核对后确认。", f"checked:{now:%H%M%S}", now)
    return BatchState.CHECKED


def _failed(batch: ImportBatch, code: str, sentence: str, now: datetime, sheets: list | None = None) -> str:
    with entered(Scope((batch.org.path,))):
        ImportRow.objects.filter(batch_id=batch.pk).delete()
        ImportBatch.objects.filter(pk=batch.pk, state=BatchState.READING).update(
            state=BatchState.FAILED, moved_at=Now(), error_code=code, error=sentence[:300], sheets=sheets or []
        )
        tell(batch, f"文件不能导入：{batch.file.name}", sentence, f"failed:{now:%H%M%S}", now)
    return BatchState.FAILED
