"""From staged rows to the registry, in SQL and in one transaction: new records by ``INSERT … SELECT`` (``inserting``), changes by ``UPDATE … FROM``.

What was seen at the check must still hold: keys are looked up again, and a record that somebody has changed since is left alone and named.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection

from apps.core.scope import upper_bound
from apps.core.workbooks.problems import problem
from apps.files.importing import asides
from apps.files.importing.asking import Flag, rows_of
from apps.files.importing.checking import flag, registered_elsewhere, set_aside
from apps.files.importing.comparing import Only, limited
from apps.files.importing.inserting import columns_of, insert_new
from apps.files.importing.rows import as_json
from apps.files.models import ImportBatch, RowState
from apps.files.sheetkinds import SheetKind

KEPT = frozenset({"id", "org_id", "org_path", "version", "created_at", "created_by_id", "updated_at"})


def write(batch: ImportBatch, kind: SheetKind, *, by, now: datetime, step: Callable[[int], Any], only: Only = None) -> None:
    """Write what the batch (or the rows named) would do. The caller has opened the transaction, the scope and the history's context; ``step(rows)`` tells progress."""
    flag(batch, kind, changed_since(batch, kind, only))
    set_aside(batch, kind, only)
    write_settled(batch, kind, by=by, now=now, step=step, only=only)


def write_settled(batch: ImportBatch, kind: SheetKind, *, by, now: datetime, step: Callable[[int], Any], only: Only = None) -> None:
    """Write the rows that still are ``new`` or ``changed``."""
    lock_targets(batch, kind, only)
    created = insert_new(batch, kind, by, now, only)
    step(created)
    changed = update_changed(batch, kind, now, only)
    step(created + changed)
    flag(batch, kind, _not_written(batch, kind, only))
    kind.after_apply(batch, by, only, now=now)


def changed_since(batch: ImportBatch, kind: SheetKind, only: Only = None) -> list[Flag]:
    """New rows whose person has been registered since the check, here or elsewhere; changed rows whose record somebody has edited, or whose key is taken.

    Row by row through the index of the keys (``OFFSET 0``): what PostgreSQL takes for few rows may be a hundred thousand, and joined the other way round they took minutes.
    """
    table = kind.model._meta.db_table
    limit, keys = limited(only)
    here = rows_of(
        f"""SELECT r.id FROM files_importrow r CROSS JOIN LATERAL (
              SELECT c.id FROM {table} c WHERE c.{kind.match_column} = r.match_index AND c.org_path >= %s AND c.org_path < %s OFFSET 0
            ) c WHERE r.batch_id = %s AND (r.state = 'new' OR (r.state = 'changed' AND c.id <> r.target_id)){limit}""",
        [batch.org.path, upper_bound(batch.org.path), batch.pk, *keys],
    )
    refused = {pk for (pk,) in rows_of(f"SELECT r.id FROM files_importrow r WHERE r.batch_id = %s AND r.state = 'refused'{limit}", [batch.pk, *keys])}
    elsewhere = [one for one in registered_elsewhere(batch, kind, only) if one[0] not in refused]
    return [(pk, kind.key_field, problem("record_changed")) for pk in sorted({pk for (pk,) in here} | edited(batch, kind, only))] + elsewhere


def edited(batch: ImportBatch, kind: SheetKind, only: Only = None) -> set[int]:
    """Changed rows whose record isn't as it was at the check."""
    limit, keys = limited(only)
    sql = f"""
        SELECT r.id FROM files_importrow r LEFT JOIN {kind.model._meta.db_table} c ON c.id = r.target_id
        WHERE r.batch_id = %s AND r.state = 'changed' AND c.version IS DISTINCT FROM r.target_version{limit}
    """
    return {pk for (pk,) in rows_of(sql, [batch.pk, *keys])}


def lock_targets(batch: ImportBatch, kind: SheetKind, only: Only = None) -> None:
    """Nobody edits a record between its before-image and its change."""
    limit, keys = limited(only)
    rows_of(
        f"SELECT c.id FROM {kind.model._meta.db_table} c JOIN files_importrow r ON r.target_id = c.id"
        f" WHERE r.batch_id = %s AND r.state = 'changed'{limit} ORDER BY c.id FOR UPDATE OF c",
        [batch.pk, *keys],
    )


def update_changed(batch: ImportBatch, kind: SheetKind, now: datetime, only: Only = None) -> int:
    """How many records were changed. Only columns that differ are touched, with those that follow from them; before-images are kept first."""
    table = kind.model._meta.db_table
    names = [name for name in columns_of(kind.model) if name not in KEPT]
    leaders = as_json(dict(kind.leaders))
    stamp = ", updated_at = %s" if "updated_at" in columns_of(kind.model) else ""
    limit, keys = limited(only)
    touched = """SELECT e.key, e.value FROM jsonb_each(r."values") e
                 WHERE coalesce(%s::jsonb ->> e.key, e.key) IN (SELECT x ->> 'column' FROM jsonb_array_elements(r.changes) x)"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE files_importrow r SET before = (SELECT jsonb_object_agg(t.key, {asides.image(kind)}) FROM ({touched}) t)
                FROM {table} c WHERE r.batch_id = %s AND r.state = 'changed' AND c.id = r.target_id AND c.version = r.target_version{limit}""",
            [leaders, batch.pk, *keys],
        )
        left, right = ", ".join(f'"{name}"' for name in names), ", ".join(f'p."{name}"' for name in names)
        cursor.execute(
            f"""UPDATE {table} c SET ({left}) = (
                  SELECT {right} FROM jsonb_populate_record(c, (SELECT jsonb_object_agg(t.key, {asides.merged(kind)}) FROM ({touched}) t)) p
                ), version = c.version + 1{stamp}
                FROM files_importrow r WHERE r.batch_id = %s AND r.state = 'changed' AND r.before IS NOT NULL AND c.id = r.target_id{limit}""",
            [leaders, *([now] if stamp else []), batch.pk, *keys],
        )
        return cursor.rowcount


def _not_written(batch: ImportBatch, kind: SheetKind, only: Only = None) -> list[Flag]:
    """Rows that came to nothing because somebody was faster."""
    limit, keys = limited(only)
    found = rows_of(
        f"""SELECT r.id FROM files_importrow r LEFT JOIN {kind.model._meta.db_table} c ON c.id = r.target_id
            WHERE r.batch_id = %s AND ((r.state = '{RowState.NEW}' AND c.id IS NULL) OR (r.state = '{RowState.CHANGED}' AND r.before IS NULL)){limit}""",
        [batch.pk, *keys],
    )
    return [(pk, kind.key_field, problem("record_changed")) for (pk,) in found]
