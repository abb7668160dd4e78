"""Refused rows asked once more, after what stood against them has been settled elsewhere."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.permissions import RIGHT_NAMES, Right
from apps.activity import audit
from apps.core.refusal import Refused
from apps.files.actions.judging import locked, recount
from apps.files.importing import checking, comparing, writing
from apps.files.importing.checking import rows_of
from apps.files.models import BatchState, ImportBatch, ImportRow
from apps.files.sheetkinds import SHEETS


@transaction.atomic
def recheck_rows(*, batch: ImportBatch, keys: Iterable[int], code: str, by: User, rights: frozenset[Right], now: datetime) -> dict[str, int]:
    """Rows refused for nothing but ``code`` are checked anew by the same SQL as the file was; of an applied batch they are written at once.

    State → number of rows afterwards. Raises ``Refused`` while the batch is at work or over.
    """
    batch, kind = locked(batch), SHEETS[batch.kind]
    if missing := next((right for right in (kind.updates, kind.creates) if right not in rights), None):
        raise Refused(f"您的角色没有「{RIGHT_NAMES[missing]}」的权限。", code="right_missing", status=403)
    found = rows_of(
        f"""
        UPDATE files_importrow r SET state = 'new', changes = '[]', target_version = NULL,
          target_id = nextval(pg_get_serial_sequence('{kind.model._meta.db_table}', 'id')::regclass),
          problems = coalesce((SELECT jsonb_agg(p) FROM jsonb_array_elements(r.problems) p WHERE p ->> 'code' <> %s), '[]')
        WHERE r.batch_id = %s AND r.state = 'refused' AND r.id = ANY(%s) AND r.problems @> jsonb_build_array(jsonb_build_object('code', %s))
          AND NOT EXISTS (SELECT FROM jsonb_array_elements(r.problems) p WHERE p ->> 'level' = 'error' AND p ->> 'code' <> %s)
        RETURNING r.id
        """,
        [code, batch.pk, list(keys), code, code],
    )
    only = [pk for (pk,) in found]
    if not only:
        return {}
    checking.flag(batch, kind, checking.registered_elsewhere(batch, kind, only))
    comparing.match_and_compare(batch, kind, only)
    checking.set_aside(batch, kind, only)
    checking.flag(batch, kind, checking.after_matching(batch, kind, only))
    if batch.state == BatchState.APPLIED:
        checking.one_at_a_time(batch)
        writing.write(batch, kind, by=by, now=now, step=lambda rows: None, only=only)
    recount(batch)
    audit.record("import.judged", batch, by=by, title=kind.title, data={"rows": len(only), "decision": "recheck"})
    states = list(ImportRow.objects.filter(pk__in=only).values_list("state", flat=True))
    return {state: states.count(state) for state in set(states)}
