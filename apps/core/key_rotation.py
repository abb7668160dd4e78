"""Re-encrypts stored values with the current key and algorithm, set by set, while people work."""

import json
from collections.abc import Iterator
from typing import Protocol

from django.apps import apps
from django.db import connection, models

from apps.core.crypto import EncryptedTextField, WrongKey, decrypt, encrypt, encrypt_many
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


class SealedImages:
    """Keeper of records kept as JSON (``to_jsonb``: bytes as ``\\x…``), whose encrypted columns stand there encrypted.

    ``column`` of ``table`` holds images of ``model``; ``condition`` narrows the rows (SQL on ``t``, with ``params``).
    """

    PAGE = 500

    def __init__(self, title: str, table: str, column: str, model: type[models.Model], condition: str = "true", params: tuple = ()) -> None:
        self.title, self.table, self.column, self.condition, self.params = title, table, column, condition, params
        self.sealed = {one.column: one.aad for one in model._meta.local_fields if isinstance(one, EncryptedTextField)}

    def _old(self) -> tuple[str, list]:
        found = [f"(t.{self._quoted} ->> %s LIKE '\\\\x%%' AND left(t.{self._quoted} ->> %s, 6) <> %s)" for _ in self.sealed]
        values = [value for name in self.sealed for value in (name, name, f"\\x{current_header().hex()}")]
        return f"FROM {self.table} t WHERE {self.condition} AND ({' OR '.join(found)})", [*self.params, *values]

    @property
    def _quoted(self) -> str:
        return connection.ops.quote_name(self.column)

    def outdated(self) -> int:
        sql, values = self._old()
        with system_scope("count images under old keys"), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {sql}", values)
            return cursor.fetchone()[0]

    def rotate(self) -> tuple[int, list]:
        done, closed, last = 0, [], 0
        while True:
            with system_scope("rotate images"), connection.cursor() as cursor:
                sql, values = self._old()
                cursor.execute(f"SELECT t.id, t.{self._quoted}::text {sql} AND t.id > %s ORDER BY t.id LIMIT {self.PAGE} FOR UPDATE", [*values, last])
                rows = cursor.fetchall()
                if not rows:
                    return done, closed
                for key, image in rows:
                    try:
                        fresh = self._anew(json.loads(image))
                    except WrongKey:
                        closed.append(key)
                        continue
                    cursor.execute(f"UPDATE {self.table} SET {self._quoted} = {self._quoted} || %s::jsonb WHERE id = %s", [json.dumps(fresh), key])
                    done += 1
            last = rows[-1][0]

    def _anew(self, image: dict) -> dict[str, str]:
        old = {name: value for name, value in image.items() if name in self.sealed and isinstance(value, str) and value.startswith("\\x")}
        return {name: "\\x" + encrypt(decrypt(bytes.fromhex(value[2:]), self.sealed[name]), self.sealed[name]).hex() for name, value in old.items()}


def encrypted_fields() -> list[EncryptedTextField]:
    """Every encrypted column of the portal's own tables."""
    tables = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return [field for model in tables for field in model._meta.local_fields if isinstance(field, EncryptedTextField)]


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
