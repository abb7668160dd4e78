"""Two beats on real PostgreSQL and Redis: every due task is sent once, and the second takes over when the first dies."""

import contextlib
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
import redis
from celery import current_app
from django.core.cache import caches
from django.utils import timezone

from apps.core.beat import HEARTBEAT_KEY, LAST_RUN_KEY
from apps.core.embedded import ensure_postgres, redis_urls
from cadre_portal.beat import SCHEDULE
from cadre_portal.settings.services import cache_url
from tests.core.embedded_places import ROOT, open_folder

PATIENCE = 40


class Beats:
    """The beats of one test over services of their own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.database = ensure_postgres(data)
        self.broker = redis_urls(data)
        options = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": cache_url(self.broker.url)}
        caches.settings["beats"] = options
        self.cache = caches["beats"]
        self.processes: list[subprocess.Popen] = []

    def start(self) -> subprocess.Popen:
        env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "PORTAL_DB", "PORTAL_REDIS_DB")}
        env |= {"DJANGO_SETTINGS_MODULE": "tests.core.beat_settings", "PORTAL_DATA": str(self.data), "PORTAL_REDIS_DB": "0"}
        path = self.data / f"beat{len(self.processes)}.log"
        command = [sys.executable, "manage.py", "run_beat", "--wait", "0.1"]
        with path.open("w") as log:
            self.processes.append(subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log))
        return self.processes[-1]

    def sent(self) -> int:
        client = redis.Redis.from_url(self.broker.url)
        return sum(client.llen(key) for key in client.scan_iter("*celery", _type="list"))

    def rounds(self, count: int) -> None:
        """Wait until the working beat has gone round `count` times."""
        for _ in range(count):
            before = self.cache.get(HEARTBEAT_KEY)
            self.until(lambda before=before: self.cache.get(HEARTBEAT_KEY) not in (None, before))

    def until(self, condition) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "\n".join(path.read_text() for path in self.data.glob("beat*.log"))
            time.sleep(0.02)

    def holders(self) -> list[int]:
        """Database sessions that hold the beat's lock."""
        with contextlib.closing(psycopg2.connect(self.database)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted")
            return [row[0] for row in cursor.fetchall()]

    def overdue(self) -> None:
        self.cache.set(LAST_RUN_KEY.format("hourly"), timezone.now() - timedelta(hours=2), timeout=None)


@pytest.fixture
def beats():
    with open_folder() as folder:
        made = Beats(folder / ".data")
        yield made
        for process in made.processes:
            process.kill()
            process.wait()
        del caches["beats"], caches.settings["beats"]


def test_two_beats_send_a_due_task_once_and_the_second_takes_over(beats):
    beats.overdue()
    first = beats.start()
    beats.until(lambda: beats.sent() == 1)
    second = beats.start()
    beats.rounds(2)
    assert beats.sent() == 1
    assert first.poll() is None
    assert second.poll() is None
    assert len(beats.holders()) == 1

    first.kill()
    first.wait()
    beats.rounds(2)
    assert beats.sent() == 1, "what the first beat sent is not sent again by the second"


def test_the_second_beat_sends_what_fell_due_while_nobody_worked(beats):
    first = beats.start()
    beats.rounds(1)
    assert beats.sent() == 0
    first.kill()
    first.wait()
    beats.overdue()
    beats.start()
    beats.until(lambda: beats.sent() == 1)
    beats.rounds(2)
    assert beats.sent() == 1


def test_a_beat_without_its_lock_stops(beats):
    beat = beats.start()
    beats.rounds(1)
    with contextlib.closing(psycopg2.connect(beats.database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", beats.holders())
    assert beat.wait(timeout=PATIENCE) == 1
    assert "lost its database connection" in (beats.data / "beat0.log").read_text()


def test_plain_celery_beat_is_refused(beats):
    from apps.core.beat import SharedScheduler

    with pytest.raises(SystemExit, match="run_beat"):
        SharedScheduler(current_app)


def test_every_scheduled_task_exists():
    current_app.loader.import_default_modules()
    assert {entry["task"] for entry in SCHEDULE.values()} <= set(current_app.tasks)
