"""A batch that comes to nothing."""

from django.db import transaction

from apps.accounts.models import User
from apps.activity import audit
from apps.core.refusal import Refused
from apps.files.models import BatchState, ImportBatch, ImportRow
from apps.files.sheetkinds import SHEETS


@transaction.atomic
def cancel_batch(*, batch: ImportBatch, by: User) -> None:
    """Give a batch up before it is applied; its rows go, the file stays. Raises ``Refused`` once it is being applied."""
    open_ones = ImportBatch.objects.filter(pk=batch.pk, state__in=(BatchState.QUEUED, BatchState.READING, BatchState.CHECKED, BatchState.FAILED))
    if not open_ones.update(state=BatchState.CANCELLED):
        raise Refused("这一批已经在写入或已经结束，不能放弃。", code="too_late", status=409)
    ImportRow.objects.filter(batch_id=batch.pk).delete()
    audit.record("import.cancelled", batch, by=by, title=SHEETS[batch.kind].title)
