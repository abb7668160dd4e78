"""What follows visits that came by a sheet, many at once: due days anew, to-dos they settled. Set-based; the caller has opened the transaction and the scope."""

from datetime import date

from django.db import connection

from apps.care.models import ServicePlan, Trigger
from apps.care.reminders import settle
from apps.care.selectors.todos import rules_of
from apps.files.importing.asking import by_hash
from apps.files.models import ImportBatch, ImportRow, RowState

_SETTLED = """
    UPDATE care_todo t SET state = 'done', visit_id = f.visit_id, done_on = f.visited_on, done_by_id = f.worker_id, version = t.version + 1
    FROM (
      SELECT DISTINCT ON (t.id) t.id, v.id AS visit_id, v.visited_on, v.worker_id
      FROM files_importrow r JOIN care_visit v ON v.id = r.target_id
      JOIN care_todo t ON t.cadre_id = v.cadre_id AND t.state = 'open' AND (t.occasion = v.occasion OR t.rule = ANY(%s))
        AND (t.concerns = 'survivor') = (v.survivor_id IS NOT NULL) AND (t.survivor_id IS NULL OR t.survivor_id = v.survivor_id)
        AND (v.in_person OR NOT t.meet) AND v.visited_on >= t.opens_on
      WHERE r.batch_id = %s AND r.state = 'new' ORDER BY t.id, v.visited_on, v.id
    ) f WHERE t.id = f.id
"""


def follow_taken_in(*, batch: ImportBatch, today: date) -> int:
    """Settle what the batch's new visits settled; returns how many to-dos. The rules are those of one visit (``settle_todos``)."""
    with by_hash(), connection.cursor() as cursor:
        cursor.execute(_SETTLED, [[rule.key for rule in rules_of(Trigger.RHYTHM)], batch.pk])
        settled = cursor.rowcount
    settle_owners(batch=batch, today=today)
    return settled


def settle_owners(*, batch: ImportBatch, today: date) -> None:
    """Due days of everybody whom the batch has visits of."""
    owners = ImportRow.objects.filter(batch=batch, state=RowState.NEW, owner_id__isnull=False).values("owner_id")
    with by_hash():
        settle(ServicePlan.objects.filter(cadre__in=owners).values_list("pk", flat=True), today=today)
