"""A batch that comes to nothing: given up by a person, or left lying too long."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from apps.accounts.models import User
from apps.activity import audit
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from apps.files import selectors
from apps.files.actions.answering import forget_samples
from apps.files.models import BatchState, ImportBatch, ImportRow
from apps.files.sheetkinds import SHEETS

UNWRITTEN = (BatchState.QUEUED, BatchState.READING, BatchState.CHECKED, BatchState.CONFIRMED, BatchState.FAILED)


@transaction.atomic
def cancel_batch(*, batch: ImportBatch, by: User) -> None:
    """Give a batch up before it is written; its rows go, the file stays. Raises ``Refused`` once a worker is writing it."""
    open_ones = ImportBatch.objects.filter(pk=batch.pk, state__in=UNWRITTEN)
    if not open_ones.update(state=BatchState.CANCELLED, moved_at=Now()):
        raise Refused("这一批已经在写入或已经结束，不能放弃。", code="too_late", status=409)
    ImportRow.objects.filter(batch_id=batch.pk).delete()
    forget_samples(batch)
    audit.record("import.cancelled", batch, by=by, title=SHEETS[batch.kind].title)


def expire_batches(*, now: datetime) -> int:
    """Checked batches nobody has confirmed for ``IMPORT_EXPIRE_DAYS`` lose their rows. Returns how many."""
    since, done = now - timedelta(days=settings.IMPORT_EXPIRE_DAYS), 0
    with system_scope("import: batches nobody confirmed") as scope:
        for batch in selectors.batches(scope, state=BatchState.CHECKED).filter(moved_at__lt=since):
            done += _expire(batch, since)
    return done


@transaction.atomic
def _expire(batch: ImportBatch, since: datetime) -> int:
    if not ImportBatch.objects.filter(pk=batch.pk, state=BatchState.CHECKED, moved_at__lt=since).update(state=BatchState.EXPIRED, moved_at=Now(), error="", error_code=""):
        return 0
    ImportRow.objects.filter(batch_id=batch.pk).delete()
    forget_samples(batch)
    audit.record("import.expired", batch, title=SHEETS[batch.kind].title if batch.kind in SHEETS else batch.kind)
    return 1
