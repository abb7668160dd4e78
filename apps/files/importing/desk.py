"""The desk one batch is worked at: a connection of its own that holds the batch's lock and writes its progress outside any transaction.

The lock is PostgreSQL's and dies with the connection, so a killed worker leaves the batch free at once; a second worker finds it taken.
"""

from contextlib import contextmanager

from django.db import connection

LOCK = 0x1B47C4
PORTAL_ROLE = "portal_root"


class Taken(Exception):
    """Somebody else is working on this batch."""


class Desk:
    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self._line = connection.copy()

    def _ask(self, sql: str, params: list) -> tuple | None:
        with self._line.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchone() if cursor.description else (cursor.rowcount,)

    def take(self) -> bool:
        self._line.set_autocommit(True)
        self._ask(f"SET ROLE {PORTAL_ROLE}; SET synchronous_commit = off", [])
        return self._ask("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, self.batch_id])[0]

    def progress(self, state: str, done: int, refused: int | None = None) -> bool:
        """Write where we are; False when the batch has left ``state`` meanwhile (cancelled)."""
        sql = "UPDATE files_importbatch SET done = %s, counts = counts || %s::jsonb WHERE id = %s AND state = %s"
        return self._ask(sql, [done, "{}" if refused is None else f'{{"refused": {refused}}}', self.batch_id, state])[0] == 1

    def leave(self) -> None:
        """Give the lock back before hanging up: the server notices a closed line only a moment later, and the next worker must not find the desk taken."""
        self._ask("SELECT pg_advisory_unlock(%s, %s)", [LOCK, self.batch_id])

    def close(self) -> None:
        self._line.close()


@contextmanager
def desk(batch_id: int):
    """The desk of a batch. Raises ``Taken`` when another process sits there."""
    own = Desk(batch_id)
    try:
        if not own.take():
            raise Taken(batch_id)
        try:
            yield own
        finally:
            own.leave()
    finally:
        own.close()


def occupied(batch_id: int) -> bool:
    """Is somebody working on this batch right now?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND classid = %s AND objid = %s AND granted)",
            [LOCK, batch_id],
        )
        return cursor.fetchone()[0]
