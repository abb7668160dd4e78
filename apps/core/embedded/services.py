"""Both embedded services together, and the lock that keeps `make run` single per data folder."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from . import postgres, redis
from .errors import EmbeddedError
from .stack import ROOT


def data_dir() -> Path:
    """The folder of the embedded services, as the settings see it."""
    return Path(os.environ.get("PORTAL_DATA") or ROOT / ".data")


def external(name: str) -> bool:
    """Is this service configured from outside (DATABASE_URL, REDIS_URL)?"""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def start_services(folder: Path) -> None:
    """Start the embedded services that aren't replaced from outside."""
    if not external("DATABASE_URL"):
        postgres.ensure_postgres(folder)
    if not external("REDIS_URL"):
        redis.ensure_redis(folder)


def stop_services(folder: Path) -> None:
    """Stop both embedded services."""
    redis.stop_redis(folder)
    postgres.stop_postgres(folder)


def sessions(folder: Path, patience: float = 30.0) -> int:
    """Client sessions in the embedded database, those that end within `patience` seconds not counted; 0 when it is down."""
    end = time.monotonic() + patience
    while (count := postgres.session_count(folder)) and time.monotonic() < end:
        time.sleep(0.1)
    return count


def running(folder: Path) -> bool:
    """Does one of the embedded services run?"""
    return postgres.postgres_running(folder) or redis.redis_running(folder)


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the run lock of a data folder (the file names our process); raises EmbeddedError when another run holds it."""
    with (folder / "portal.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EmbeddedError("平台已在运行 · the portal of this folder is already running: make stop") from error
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def held(lock: Path) -> bool:
    """Does a living run hold this lock file?"""
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
