"""`python -m apps.core.embedded run | setup | stop | status | where`: what the Makefile calls. Needs no configured Django to begin with."""

import argparse
import contextlib
import os
import shlex
import signal
import sys
import time

from . import places, postgres, redis, services
from .errors import EmbeddedError
from .launch import run, say
from .prepare import prepare_database


def setup() -> int:
    """Prepare database and reference data, then leave nothing running that wasn't running before."""
    folder = places.prepare(services.data_dir())
    before = services.running(folder)
    services.start_services(folder)
    try:
        prepare_database(demo=False, say=say)
    finally:
        if not before:
            services.stop_services(folder)
    say("准备就绪 · ready: make run")
    return 0


def stop() -> int:
    """End a `make run` elsewhere, then the services."""
    folder = services.data_dir().resolve()
    lock = folder / "portal.lock"
    with contextlib.suppress(OSError, ValueError):
        pid = int(lock.read_text())
        if services.held(lock):
            os.kill(pid, signal.SIGTERM)
            end = time.monotonic() + 60
            while services.held(lock) and time.monotonic() < end:
                time.sleep(0.1)
    services.stop_services(folder)
    say("已停止 · stopped")
    return 0


def status() -> int:
    """Print what runs; exit code 0 when both services do."""
    folder = services.data_dir().resolve()
    states = {"PostgreSQL": postgres.postgres_running(folder), "Redis": redis.redis_running(folder)}
    for name, up in states.items():
        say(f"{name}: {'running' if up else 'stopped'}")
    return 0 if all(states.values()) else 3


def where() -> int:
    """Start PostgreSQL and print, for a shell's `eval`, where its programs and its superuser's address are."""
    folder = places.prepare(services.data_dir())
    lines = {**postgres.superuser_access(folder), "MEDIA_ROOT": os.environ.get("MEDIA_ROOT") or str(folder / "media")}
    for name, value in lines.items():
        say(f"{name}={shlex.quote(value)}")
    return 0


def port_number(text: str) -> int:
    """A port between 1 and 65535; raises ArgumentTypeError otherwise."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"端口应为 1 到 65535 的数 · a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line; an EmbeddedError becomes its sentence and exit code 1."""
    parser = argparse.ArgumentParser(prog="portal", description=__doc__)
    parser.add_argument("command", choices=["run", "setup", "stop", "status", "where"])
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument("--port", type=port_number, default=os.environ.get("PORT") or "8000")
    parser.add_argument("--no-demo", action="store_true", help="no demo data on the first start")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cadre_portal.settings.dev")
    try:
        if options.command == "run":
            return run(options.host, options.port, demo=not options.no_demo)
        return {"setup": setup, "stop": stop, "status": status, "where": where}[options.command]()
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
