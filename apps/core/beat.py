"""Celery beat that may be started twice: one beat holds a PostgreSQL advisory lock and schedules, the others wait for it.

Last run times are kept in the cache (Redis), so the beat that takes over sends what fell due in between, once.
"""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from celery.beat import Scheduler
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.utils import timezone

LOCK_NUMBER = 0x0CAD_BEA7
HEARTBEAT_KEY = "beat:heartbeat"
HEARTBEAT_SECONDS = 120
LAST_RUN_KEY = "beat:last-run:{}"


class LockLost(SystemExit):
    """The connection that held the lock is gone: this beat must not send anything more."""


class BeatLock:
    """A session-level advisory lock on a database connection of its own, open for as long as the lock is wanted."""

    def __init__(self) -> None:
        self._connection = connections[DEFAULT_DB_ALIAS].copy()

    def acquire(self, pause: Callable[[], None]) -> None:
        """Return when the lock is ours; calls `pause` between attempts."""
        while not self._ask("SELECT pg_try_advisory_lock(%s)", LOCK_NUMBER):
            show_life()
            pause()

    def check(self) -> None:
        """Raise LockLost unless the session that took the lock still lives."""
        try:
            self._ask("SELECT %s", 1)
        except Error as error:
            raise LockLost("The beat lost its database connection and stops, another one takes over.") from error

    def release(self) -> None:
        """Close the connection, and with it the lock."""
        self._connection.close()

    def _ask(self, sql: str, number: int) -> bool:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, [number])
            return bool(cursor.fetchone()[0])


class SharedScheduler(Scheduler):
    """Celery's scheduler without its local file: last runs come from the cache, sending needs the lock."""

    lock: BeatLock | None = None
    max_interval = 5

    def setup_schedule(self) -> None:
        """Install the static schedule with the last run times the previous beat left."""
        if self.lock is None:
            raise SystemExit("Start the schedule with `manage.py run_beat`: it makes sure that only one beat sends.")
        super().setup_schedule()
        for name, entry in self.schedule.items():
            entry.last_run_at = cache.get(LAST_RUN_KEY.format(name)) or entry.last_run_at
            self._remember(name, entry.last_run_at)

    def tick(self, *args, **kwargs) -> float:
        """One round; leaves the heartbeat that /readyz looks at."""
        self.lock.check()
        show_life()
        cache.set(HEARTBEAT_KEY, timezone.now(), timeout=HEARTBEAT_SECONDS)
        return super().tick(*args, **kwargs)

    def apply_entry(self, entry, producer=None) -> None:
        """Send one due task; an error ends this beat (it is started again and sends then) instead of losing the task."""
        self.lock.check()
        self.apply_async(entry, producer=producer, advance=False)
        self._remember(entry.name, self.schedule[entry.name].last_run_at)

    @staticmethod
    def _remember(name: str, last_run: datetime) -> None:
        cache.set(LAST_RUN_KEY.format(name), last_run, timeout=None)


def show_life() -> None:
    """For the container's health check: this process goes round, working or standing by (`PORTAL_ALIVE_FILE`)."""
    if path := os.environ.get("PORTAL_ALIVE_FILE"):
        Path(path).touch()


def last_heartbeat() -> datetime | None:
    """When a beat last went round (aware, UTC); None when that is more than two minutes ago."""
    return cache.get(HEARTBEAT_KEY)
