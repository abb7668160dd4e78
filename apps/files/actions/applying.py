"""A person's yes, and the writing that follows it: once, wholly or not at all."""

import time
from datetime import date, datetime

import pghistory
import structlog
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.models import User
from apps.activity import audit
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered
from apps.files import rights, selectors
from apps.files.actions import stages
from apps.files.actions.answering import forget_samples, remember_columns
from apps.files.actions.telling import count_rows, tell
from apps.files.importing import checking
from apps.files.importing.desk import Desk
from apps.files.importing.shapes import SHAPES
from apps.files.models import BatchState, ImportBatch, RowState
from apps.files.sheetkinds import SHEETS

log = structlog.get_logger(__name__)
NOT_WRITTEN = "写入没有完成，登记库没有任何改动。请再试一次；如再次出现，请联系系统管理员。"


@transaction.atomic
def confirm_batch(*, batch: ImportBatch, by: User, whole_only: bool = False, today: date | None = None) -> None:
    """The person's yes: from ``checked`` to ``confirmed``, once. ``whole_only``: all rows or none. Raises ``Refused`` with the reason."""
    if reason := selectors.reason_against_applying(batch, whole_only=whole_only):
        raise Refused(reason, code="not_applicable", status=409)
    if reason := rights.reason_against_writing(batch, by, today or timezone.localdate()):
        raise Refused(reason, code="not_allowed", status=403)
    moved = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.CHECKED).update(
        state=BatchState.CONFIRMED, moved_at=Now(), confirmed_at=Now(), attempts=0, applied_by=by, whole_only=whole_only,
        done=0, total=batch.counts["new"] + batch.counts["changed"], error="", error_code="",
    )  # fmt: skip
    if not moved:
        raise Refused("这一批已经在处理，不用再按一次。", code="already", status=409)
    remember_columns(batch, by)


def apply_batch(*, batch_id: int, now: datetime) -> str:
    """Write a confirmed batch, or one whose writer died: everything in one transaction. Returns its state; "" when there was nothing to do."""
    return stages.at_the_desk(
        batch_id, BatchState.CONFIRMED, BatchState.APPLYING, lambda batch, own: _apply(batch, own, now), lambda *reason: _not_applied(*reason, now)
    )


def _apply(batch: ImportBatch, own: Desk, now: datetime) -> str:
    by, kind, begun = batch.applied_by, SHEETS[batch.kind], time.monotonic()
    try:
        with pghistory.context(user=by.pk, url=selectors.batch_url(batch.pk)), entered(Scope((batch.org.path,))):
            if reason := rights.reason_against_writing(batch, by, timezone.localtime(now).date()):
                raise Refused(reason, code="not_allowed")
            checking.one_at_a_time(batch)
            SHAPES[kind.shape].write(batch, kind, by=by, now=now, step=lambda rows: own.progress(BatchState.APPLYING, rows))
            counts = count_rows(batch)
            if batch.whole_only and (counts["refused"] or counts["review"]):
                raise Refused("核对之后登记库有了变化，有的行不能再导入，所以全部没有写入。请重新核对。", code="changed_since")
            batch.facts.setdefault("seconds", {})["apply"] = round(time.monotonic() - begun, 1)
            _applied(batch, by, counts, now)
    except Refused as refused:
        return _not_applied(batch, refused.code, refused.sentence, now)
    except Exception:
        log.exception("import.apply_failed", batch=batch.pk)
        return _not_applied(batch, "unexpected", NOT_WRITTEN, now)
    return BatchState.APPLIED


def _applied(batch: ImportBatch, by: User, counts: dict, now: datetime) -> None:
    written = counts["new"] + counts["changed"]
    ImportBatch.objects.filter(pk=batch.pk, state=BatchState.APPLYING).update(
        state=BatchState.APPLIED, moved_at=Now(), counts=counts, facts=batch.facts, done=written, applied_at=now
    )
    forget_samples(batch)
    audit.record("import.applied", batch, by=by, title=SHEETS[batch.kind].title, data={"kind": batch.kind} | {key: counts[key] for key in ("rows", *RowState.values)})
    tell(batch, f"已导入：{batch.file.name}", f"新增 {counts['new']} 行，变更 {counts['changed']} 行，未导入 {counts['refused']} 行。", "applied", now)


def _not_applied(batch: ImportBatch, code: str, sentence: str, now: datetime) -> str:
    """Back to ``checked``: nothing was written, and the person may try again."""
    with entered(Scope((batch.org.path,))):
        ImportBatch.objects.filter(pk=batch.pk, state=BatchState.APPLYING).update(
            state=BatchState.CHECKED, moved_at=Now(), error_code=code, error=sentence, done=0
        )
        tell(batch, f"没有导入：{batch.file.name}", sentence, f"not_applied:{now:%H%M%S}", now)
    return BatchState.CHECKED
