"""Large tables without what makes inserting slow, for as long as they are filled."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

PARTS = """
SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid), '' FROM pg_constraint c
WHERE c.conrelid = ANY(%(tables)s::regclass[]) AND c.contype IN ('f', 'u')
UNION ALL
SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), 'index' FROM pg_index i
WHERE i.indrelid = ANY(%(tables)s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = i.indrelid)
ORDER BY 1, 4 DESC, 2
"""


@contextmanager
def bare(*tables: str) -> Iterator[None]:
    """Within the block these tables have no index but the primary key, no unique and no foreign key, and their own triggers don't fire.

    Call it in a transaction, outside any scope (as the tables' owner): an error undoes everything, and nobody else reads them meanwhile.
    Foreign keys are put back as they were, but row security hides the rows from the owner who checks them: insert only rows that keep them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(PARTS, {"tables": list(tables)})
        parts = cursor.fetchall()
        for table, name, _, index in parts:
            cursor.execute(f"DROP INDEX {name}" if index else f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        _triggers(cursor, tables, "DISABLE")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for table, name, definition, index in parts:
            cursor.execute(definition if index else f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        _triggers(cursor, tables, "ENABLE")


def _triggers(cursor, tables: tuple[str, ...], word: str) -> None:
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} {word} TRIGGER USER")
