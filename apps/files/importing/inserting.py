"""New records out of staged rows: one ``INSERT … SELECT`` that unpacks no more columns than the rows hold."""

from datetime import datetime
from typing import Any

from django.db import connection, models

from apps.files.importing import asides
from apps.files.importing.asking import rows_of
from apps.files.importing.comparing import Only, limited
from apps.files.importing.rows import as_json
from apps.files.models import ImportBatch
from apps.files.sheetkinds import SheetKind

LOOK = 500


def _written(model: type[models.Model]) -> list[models.Field]:
    return [one for one in model._meta.concrete_fields if not one.primary_key and not one.generated]


def columns_of(model: type[models.Model]) -> list[str]:
    """Columns a statement may write: all but the key and those PostgreSQL computes."""
    return [one.column for one in _written(model)]


def _blank(model: type[models.Model], now: datetime) -> dict[str, Any]:
    """Defaults of a new record, as the model declares them."""
    found = {}
    for one in _written(model):
        value = now if getattr(one, "auto_now_add", False) or getattr(one, "auto_now", False) else one.get_default()
        found[one.column] = "" if value is None and not one.null and one.empty_strings_allowed else value
    return found


def insert_new(batch: ImportBatch, kind: SheetKind, by, now: datetime, only: Only = None) -> int:
    """How many records were made. A key that another import has just taken makes no record; ``writing`` names those rows."""
    places = {"org_id": "r.org_id", "org_path": "r.org_path"} | ({kind.owner.column: "r.owner_id"} if kind.owner else {})
    blank = _blank(kind.model, now) | {"created_by_id": by.pk, "version": 1} | kind.defaults(by)
    held, limit, keys = _held(batch, kind, only), *limited(only)
    chosen, values, unpacked = [], [], []
    for one in _written(kind.model):
        name, of_type = one.column, one.db_type(connection)
        if name in places:
            chosen.append(places[name])
            continue
        value = blank[name]
        values.append(as_json(value) if isinstance(value, dict | list) else value)
        chosen.append(f'coalesce(p."{name}", %s::{of_type})' if name in held else f"%s::{of_type}")
        if name in held:
            unpacked.append(f'"{name}" {of_type}')
    names = ", ".join(f'"{name}"' for name in columns_of(kind.model))
    record = f"""CROSS JOIN LATERAL jsonb_to_record(r.fresh || r."values"{asides.of_new(kind)}) p({", ".join(unpacked)})""" if unpacked else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {kind.model._meta.db_table} (id, {names}) SELECT r.target_id, {", ".join(chosen)} FROM files_importrow r {record}
                WHERE r.batch_id = %s AND r.state = 'new'{limit} ORDER BY r.id ON CONFLICT DO NOTHING""",
            [*values, batch.pk, *keys],
        )
        return cursor.rowcount


def _held(batch: ImportBatch, kind: SheetKind, only: Only) -> frozenset[str]:
    """Columns that at least one new row holds: of the first rows all, of the others those the first ones lack."""
    limit, keys = limited(only)
    new = f"FROM files_importrow r WHERE r.batch_id = %s AND r.state = 'new'{limit}"
    each = 'SELECT DISTINCT key FROM ({}) x, jsonb_object_keys(x.fresh || x."values") key'
    first = {key for (key,) in rows_of(each.format(f'SELECT r.fresh, r."values" {new} LIMIT {LOOK}'), [batch.pk, *keys])}
    rest = [name for name in columns_of(kind.model) if name not in first]
    further = rows_of(each.format(f'SELECT r.fresh, r."values" {new} AND (r."values" ?| %s OR r.fresh ?| %s)'), [batch.pk, *keys, rest, rest])
    return frozenset(first | {key for (key,) in further})
