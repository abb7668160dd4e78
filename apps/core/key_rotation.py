"""Re-encrypts stored values with the current key and algorithm, set by set, while people work."""

from collections.abc import Iterator
from typing import Protocol

from django.apps import apps
from django.db import connection

from apps.core.crypto import EncryptedTextField, WrongKey, decrypt, encrypt_many
from apps.core.registry import Registry
from apps.core.scope import system_scope
from apps.core.sealing import current_header

BATCH = 5000


class Keeper(Protocol):
    """Sealed things that are no columns: an app registers what knows them."""

    title: str

    def outdated(self) -> int:
        """How many are under another key or algorithm than the current one."""

    def rotate(self) -> tuple[int, list]:
        """(how many were sealed anew, keys of those that don't open)."""


KEEPERS: Registry[Keeper] = Registry("keeper of sealed things")


def encrypted_fields() -> list[EncryptedTextField]:
    """Every encrypted column of the portal's own tables."""
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return [field for model in models for field in model._meta.local_fields if isinstance(field, EncryptedTextField)]


def outdated(field: EncryptedTextField) -> int:
    """How many values of the column are under another key or algorithm than the current one."""
    table, _, column = _names(field)
    with system_scope("count values under old keys"), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE substr({column}, 1, 2) <> %s", [current_header()])
        return cursor.fetchone()[0]


def rotate(field: EncryptedTextField, batch: int = BATCH) -> Iterator[tuple[int, list]]:
    """Re-encrypt one column; yields after each batch, one transaction each: (values changed, keys of rows that don't open).

    A value that somebody changed meanwhile is left alone: it was written under the current key.
    """
    last = None
    while True:
        with system_scope("rotate field keys"):
            rows = _next(field, last, batch)
            if not rows:
                return
            opened, closed = _open(field, rows)
            changed = _write(field, opened) if opened else 0
        last = rows[-1][0]
        yield changed, closed


def _names(field):
    quote = connection.ops.quote_name
    return quote(field.model._meta.db_table), quote(field.model._meta.pk.column), quote(field.column)


def _next(field, last, batch):
    table, key, column = _names(field)
    after, values = ("", []) if last is None else (f"AND {key} > %s", [last])
    with connection.cursor() as cursor:
        sql = f"SELECT {key}, {column} FROM {table} WHERE substr({column}, 1, 2) <> %s {after} ORDER BY {key} LIMIT %s"
        cursor.execute(sql, [current_header(), *values, batch])
        return [(number, bytes(sealed)) for number, sealed in cursor.fetchall()]


def _open(field, rows):
    opened, closed = [], []
    for key, sealed in rows:
        try:
            opened.append((key, sealed, decrypt(sealed, field.aad)))
        except WrongKey:
            closed.append(key)
    return opened, closed


def _write(field, opened):
    table, key, column = _names(field)
    kind = field.model._meta.pk.rel_db_type(connection)
    keys, old, texts = zip(*opened, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS t SET {column} = v.new FROM unnest(%s::text[], %s::bytea[], %s::bytea[]) AS v (key, old, new) "
            f"WHERE t.{key} = v.key::{kind} AND t.{column} = v.old",
            [[str(number) for number in keys], list(old), encrypt_many(texts, field.aad)],
        )
        return cursor.rowcount
