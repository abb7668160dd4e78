"""The embedded Redis: starts it on a Unix socket only, keeps it running, stops it."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from .binaries import redis_server
from .errors import EmbeddedError
from .places import end_strays, locked, make_private, prepare, process_in, socket_folder, tidy

SECONDS_TO_START = 60


class RedisUrls(NamedTuple):
    """Addresses of one Redis database: `url` for redis-py and Django's cache, `celery` for kombu."""

    url: str
    celery: str


def redis_urls(data_dir: Path, database: int = 0) -> RedisUrls:
    """Start Redis if needed and return the addresses of one of its 64 numbered databases."""
    path = quote(str(_socket(_started(data_dir))))
    return RedisUrls(f"unix://{path}?db={database}", f"redis+socket://{path}?virtual_host={database}")


def ensure_redis(data_dir: Path) -> str:
    """Start Redis if it isn't running; returns `unix:///…?db=0`. Raises EmbeddedError. Safe in many processes at once."""
    return redis_urls(data_dir).url


def redis_running(data_dir: Path) -> bool:
    """Does the Redis of this data folder answer?"""
    folder = Path(data_dir).resolve()
    return folder.exists() and _works(folder)


def stop_redis(data_dir: Path) -> bool:
    """Stop Redis, its data written; True when it was running."""
    folder = Path(data_dir).resolve()
    if not folder.exists():
        return False
    with locked(folder, "redis"):
        pid = _pid(folder)
        if pid is None:
            return False
        os.kill(pid, signal.SIGTERM)
        _wait(lambda: _pid(folder) is None, "Redis did not stop.", folder)
        tidy(_socket(folder).parent)
        return True


def _started(data_dir: Path) -> Path:
    folder = prepare(data_dir)
    if _works(folder):
        return folder
    with locked(folder, "redis"):
        if not _works(folder):
            _start(folder)
    return folder


def _works(folder: Path) -> bool:
    return _pid(folder) is not None and _answers(_socket(folder))


def _start(folder: Path) -> None:
    home = folder / "redis"
    home.mkdir(mode=0o700, exist_ok=True)
    if _pid(folder) is None:
        end_strays(home)
        path = _socket(folder)
        make_private(path.parent, os.geteuid(), os.getegid())
        _launch(home, path)
    _wait(lambda: _works(folder), "Redis did not start.", folder)


def _launch(home: Path, path: Path) -> None:
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(home),
        "databases": "64",
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "yes",
        "pidfile": str(home / "redis.pid"),
        "logfile": str(home / "redis.log"),
    }
    command = [str(redis_server())]
    for name, value in options.items():
        command += [f"--{name}", value]
    result = subprocess.run(command, cwd=home, start_new_session=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode:
        raise EmbeddedError(f"Redis could not be started: {(result.stdout + result.stderr).strip()[-500:]}")


def _socket(folder: Path) -> Path:
    return socket_folder(folder, "redis") / "redis.sock"


def _pid(folder: Path) -> int | None:
    """Process number of our running Redis; None after a clean stop, a kill or a reboot."""
    try:
        pid = int((folder / "redis" / "redis.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if process_in(pid, folder / "redis") else None


def _answers(path: Path) -> bool:
    """Does Redis answer PING here (and has it loaded its data)? Asked by hand: importing the client costs every command more."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _wait(condition, sentence: str, folder: Path) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while not condition():
        if time.monotonic() > end:
            raise EmbeddedError(f"{sentence} See {folder / 'redis' / 'redis.log'}.")
        time.sleep(0.02)
