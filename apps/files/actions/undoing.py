"""Taking an applied batch back: a person asks after having seen what would happen, a worker does it, once and wholly or not at all."""

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
from apps.files.actions.telling import tell
from apps.files.importing import checking, undoing
from apps.files.importing.desk import Desk
from apps.files.models import BatchState, ImportBatch
from apps.files.sheetkinds import SHEETS

log = structlog.get_logger(__name__)
NOT_UNDONE = "撤销没有完成，登记库没有任何改动。请再试一次；如再次出现，请联系系统管理员。"


def reason_against_undoing(batch: ImportBatch, by: User, today: date) -> str:
    """Why this person can't have the batch taken back; "" when they can."""
    if batch.state != BatchState.APPLIED:
        return "只有已导入的批次才能撤销。"
    return SHEETS[batch.kind].refuses_undo or rights.reason_against_undoing(batch, by, today) or selectors.reason_against_undoing(batch)


@transaction.atomic
def start_undo(*, batch: ImportBatch, by: User, today: date | None = None) -> None:
    """The person's word: from ``applied`` to ``undoing``, once. Raises ``Refused`` with the reason."""
    if reason := reason_against_undoing(batch, by, today or timezone.localdate()):
        raise Refused(reason, code="not_undoable", status=409)
    moved = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.APPLIED).update(
        state=BatchState.UNDOING, moved_at=Now(), attempts=0, undone_by=by, done=0, total=batch.counts["new"] + batch.counts["changed"], error="", error_code=""
    )
    if not moved:
        raise Refused("这一批已经在撤销，不用再按一次。", code="already", status=409)


def undo_batch(*, batch_id: int, now: datetime) -> str:
    """Take back a batch somebody has asked for, or one whose worker died: one transaction. Returns its state; "" when there was nothing to do."""
    return stages.at_the_desk(
        batch_id, BatchState.UNDOING, BatchState.UNDOING, lambda batch, own: _undo(batch, own, now), lambda *reason: _not_undone(*reason, now)
    )


def _undo(batch: ImportBatch, own: Desk, now: datetime) -> str:
    by, kind, begun = batch.undone_by, SHEETS[batch.kind], time.monotonic()
    try:
        with pghistory.context(user=by.pk, url=selectors.batch_url(batch.pk)), entered(Scope((batch.org.path,))):
            if reason := rights.reason_against_undoing(batch, by, timezone.localtime(now).date()):
                raise Refused(reason, code="not_allowed")
            checking.one_at_a_time(batch)
            undoing.lock(batch, kind)
            undoing.judge(batch, kind)
            counts = undoing.counts(batch)
            undoing.carry_out(batch, kind, now=now, step=lambda rows: own.progress(BatchState.UNDOING, rows))
            kind.after_undo(batch, by)
            batch.facts.setdefault("seconds", {})["undo"] = round(time.monotonic() - begun, 1)
            _undone(batch, by, counts, now)
    except Refused as refused:
        return _not_undone(batch, refused.code, refused.sentence, now)
    except Exception:
        log.exception("import.undo_failed", batch=batch.pk)
        return _not_undone(batch, "unexpected", NOT_UNDONE, now)
    return BatchState.UNDONE


def _undone(batch: ImportBatch, by: User, counts: dict, now: datetime) -> None:
    ImportBatch.objects.filter(pk=batch.pk, state=BatchState.UNDOING).update(
        state=BatchState.UNDONE, moved_at=Now(), undone_at=now, undone_counts=counts, facts=batch.facts, done=batch.total
    )
    audit.record("import.undone", batch, by=by, title=SHEETS[batch.kind].title, data={"kind": batch.kind} | counts)
    body = f"删除 {counts['removed']} 条，恢复 {counts['restored']} 条，部分恢复 {counts['partly']} 条，保留 {counts['kept']} 条。"
    tell(batch, f"已撤销：{batch.file.name}", body, "undone", now)


def _not_undone(batch: ImportBatch, code: str, sentence: str, now: datetime) -> str:
    """Back to ``applied``: nothing was taken back, and the person may try again."""
    with entered(Scope((batch.org.path,))):
        moved = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.UNDOING)
        moved.update(state=BatchState.APPLIED, moved_at=Now(), undone_by=None, error_code=code, error=sentence, done=0)
        tell(batch, f"没有撤销：{batch.file.name}", sentence, f"not_undone:{now:%H%M%S}", now)
    return BatchState.APPLIED
