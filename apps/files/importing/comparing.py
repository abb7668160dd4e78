"""Whom a staged row is about, and what it would change: one statement, field by field.

Side notes are compared note by note. A blank cell is absent from ``values`` and so never differs. A date less precise than the one on record, and agreeing with it, doesn't either.
Encrypted columns that have no index are opened here, for matched rows only, and dropped from the row where they are equal.
"""

from collections.abc import Iterable

from django.db import connection, models

from apps.core.crypto import decrypt
from apps.files.importing import asides
from apps.files.models import ImportBatch
from apps.files.sheetkinds import SheetKind

PAGE = 5_000
Only = Iterable[int] | None
"""Keys of the staged rows a step is for; None: all rows of the batch."""


def limited(only: Only) -> tuple[str, list]:
    """A condition on ``files_importrow r`` that keeps to the rows named, with its parameters."""
    return ("", []) if only is None else (" AND r.id = ANY(%s)", [list(only)])


def compared_columns(batch: ImportBatch, kind: SheetKind) -> list[str]:
    """Columns of the record that this file could change, in the order of the declaration."""
    fields = {name for sheet in batch.sheets for name in sheet.get("letters", {})} | set(batch.given)
    attributes = [one.attribute for name, one in kind.fields.items() if one.attribute and name in fields and name not in kind.not_compared]
    return list(dict.fromkeys(kind.leader(name) for name in attributes))


def match_and_compare(batch: ImportBatch, kind: SheetKind, only: Only = None) -> None:
    """Rows whose key is on record inside the scope become ``changed`` (with ``changes``) or ``unchanged``; the others stay ``new``.

    In one statement where that can be: a row written twice costs twice.
    """
    columns, (limit, keys) = compared_columns(batch, kind), limited(only)
    closed = any(name in columns for name in kind.opaque)
    with connection.cursor() as cursor:
        cursor.execute(_match_sql(kind) + limit if closed else _compare_sql(kind, columns, limit, by_key=True), [batch.pk, *keys])
    if closed:
        compare(batch, kind, only)


def compare(batch: ImportBatch, kind: SheetKind, only: Only = None, *, with_key: bool = False) -> None:
    """Settle ``new`` rows whose ``target_id`` is on record. ``with_key``: matched by a person, so that the key itself may be new to the record."""
    columns = compared_columns(batch, kind)
    if with_key and kind.match_column not in columns:
        columns.append(kind.match_column)
    limit, keys = limited(only)
    for name in kind.opaque:
        if name in columns:
            _drop_equal(batch, kind, name, only)
    with connection.cursor() as cursor:
        cursor.execute(_compare_sql(kind, columns, limit), [batch.pk, *keys])


def _match_sql(kind: SheetKind) -> str:
    return f"""
        UPDATE files_importrow r SET target_id = c.id, target_version = c.version
        FROM {kind.model._meta.db_table} c
        WHERE r.batch_id = %s AND r.state = 'new' AND c.{kind.match_column} = r.match_index
    """


def _compare_sql(kind: SheetKind, columns: list[str], limit: str, *, by_key: bool = False) -> str:
    """``by_key``: the record is found by the row's key and noted on it; else it is the row's target already. ``OFFSET 0`` keeps PostgreSQL from
    working out the changes twice, for each place they are used in."""
    compared = ", ".join(f"('{name}', {_was(kind, name)}, {_now(kind, name)}, {_seen(kind, name)})" for name in columns)
    compared = compared or "('', NULL::jsonb, NULL::jsonb, NULL::jsonb, NULL::jsonb)"
    found, noted = (f"c.{kind.match_column} = r.match_index", "target_id = d.found, target_version = d.version, ") if by_key else ("c.id = r.target_id", "")
    return f"""
        UPDATE files_importrow r SET {noted}changes = coalesce(d.changes, '[]'), state = CASE WHEN d.changes IS NULL THEN 'unchanged' ELSE 'changed' END
        FROM (
          SELECT r.id, c.id AS found, {"c.version" if by_key else "0"} AS version, CASE WHEN NOT ({_agreeing(kind, columns)}) THEN (
            SELECT jsonb_agg(x.one ORDER BY x.place) FROM (
              SELECT 1 AS place, jsonb_build_object('column', k.name, 'was', coalesce(k.seen_was, k.was), 'now', coalesce(k.seen_now, k.now)) AS one
              FROM (VALUES {compared}) k(name, was, now, seen_was, seen_now) WHERE k.now IS NOT NULL AND k.was IS DISTINCT FROM k.now{asides.differing(kind)}
            ) x
          ) END AS changes
          FROM files_importrow r JOIN {kind.model._meta.db_table} c ON {found}
          WHERE r.batch_id = %s AND r.state = 'new'{limit} OFFSET 0
        ) d WHERE r.id = d.id
    """


def _agreeing(kind: SheetKind, columns: list[str]) -> str:
    """Everything the row says stands on record: asked first, and cheaply, so that only rows that differ are gone through column by column."""
    noted = [f"NOT r.\"values\" ? '{kind.aside}'"] if kind.aside else []
    return " AND ".join([*(_agrees(kind, name) for name in columns), *noted]) or "true"


def _agrees(kind: SheetKind, name: str) -> str:
    plain = isinstance(kind.model._meta.get_field(name), models.CharField | models.TextField) and name not in (*kind.dates, *kind.opaque)
    if plain:
        return f"coalesce(r.\"values\" ->> '{name}' = c.{name}, NOT r.\"values\" ? '{name}')"
    return f"coalesce({_now(kind, name)} = {_was(kind, name)}, {_now(kind, name)} IS NULL)"


def _was(kind: SheetKind, name: str) -> str:
    if name in kind.dates:
        return f"jsonb_build_array(c.{name}, CASE WHEN c.{name} IS NOT NULL THEN c.{kind.dates[name]} END)"
    if name in kind.opaque:
        return "'\"\"'::jsonb"
    return f"to_jsonb(c.{name})"


def _now(kind: SheetKind, name: str) -> str:
    """The new value as jsonb; NULL where the row says nothing about the column."""
    new = f"r.\"values\" -> '{name}'"
    if name in kind.dates:
        exactness = kind.dates[name]
        text, known = f"(r.\"values\" ->> '{name}')::date", f"r.\"values\" ->> '{exactness}'"
        coarser = " OR ".join(
            f"({known} = '{unit}' AND c.{exactness} IN ({finer}) AND date_trunc('{unit}', c.{name})::date = {text})"
            for unit, finer in (("month", "'day'"), ("year", "'day', 'month'"))
        )
        return f"CASE WHEN r.\"values\" ? '{name}' AND NOT coalesce({coarser}, false) THEN jsonb_build_array({new}, r.\"values\" -> '{exactness}') END"
    if name in kind.opaque:
        return f"CASE WHEN r.\"values\" ? '{name}' THEN '\"*\"'::jsonb END"
    return new


def _seen(kind: SheetKind, name: str) -> str:
    """What people are shown instead of the value: the masked form of a closed column."""
    seen = kind.shown_as.get(name)
    return f"to_jsonb(c.{seen}), r.\"values\" -> '{seen}'" if seen else "NULL::jsonb, NULL::jsonb"


def _drop_equal(batch: ImportBatch, kind: SheetKind, name: str, only: Only) -> None:
    """Take an encrypted value out of the rows where it says what is on record already."""
    table, aad = kind.model._meta.db_table, kind.model._meta.get_field(name).aad
    limit, keys = limited(only)
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT r.id, (r.\"values\" ->> '{name}')::bytea, c.{name} FROM files_importrow r JOIN {table} c ON c.id = r.target_id"
                f" WHERE r.batch_id = %s{limit} AND r.id > %s AND r.\"values\" ? '{name}' ORDER BY r.id LIMIT {PAGE}",
                [batch.pk, *keys, last],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            equal = [pk for pk, new, old in rows if old is not None and decrypt(new, aad) == decrypt(old, aad)]
            cursor.execute(f"UPDATE files_importrow SET \"values\" = \"values\" - '{name}' WHERE id = ANY(%s)", [equal])
