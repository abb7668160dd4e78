"""What every step of a batch has to say: the message to its person, and the count of its rows."""

from datetime import datetime

from django.db.models import Count

from apps.activity import notify
from apps.files import selectors
from apps.files.importing.asking import rows_of
from apps.files.models import ImportBatch, ImportRow, RowState


def tell(batch: ImportBatch, title: str, body: str, occasion: str, now: datetime) -> None:
    notify.tell([batch.applied_by or batch.created_by], title=title[:100], body=body, url=selectors.batch_url(batch.pk), key=f"import:{batch.pk}:{occasion}", now=now)


def count_rows(batch: ImportBatch) -> dict:
    """``{"rows", "new", "changed", "unchanged", "refused", "warned", "codes": [[code, level, cells], …]}`` of the staged rows."""
    states = dict(ImportRow.objects.filter(batch_id=batch.pk).values_list("state").annotate(Count("pk")).order_by())
    codes = rows_of(
        "SELECT p ->> 'code', p ->> 'level', count(*) FROM files_importrow r, jsonb_array_elements(r.problems) p"
        " WHERE r.batch_id = %s GROUP BY 1, 2 ORDER BY 2, 3 DESC, 1",
        [batch.pk],
    )
    warned = ImportRow.objects.filter(batch_id=batch.pk).exclude(state=RowState.REFUSED).exclude(problems=[]).count()
    counts = {state.value: states.get(state.value, 0) for state in RowState}
    return {"rows": sum(counts.values()), **counts, "warned": warned, "codes": [list(one) for one in codes]}
