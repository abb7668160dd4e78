"""The whole portal as processes: web, worker and beat over the embedded services, for `make run` and for the browser tests."""

import contextlib
import os
import signal
import socket
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from .errors import EmbeddedError
from .runner import Child, Runner

ROOT = Path(__file__).resolve().parents[3]
SECONDS_TO_START = 90


class Stack:
    """A running web server (`base_url`), worker and beat; `env` is their environment, `log_dir` holds web.log, worker.log, beat.log."""

    def __init__(self, *, host: str, port: int, env: dict[str, str], log_dir: Path) -> None:
        self.host, self.port, self.env, self.log_dir = host, port, env, log_dir
        self.base_url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
        self._scratch = tempfile.TemporaryDirectory(prefix="portal-run-")
        self.runner = Runner(self._child(name, command) for name, command in self._commands().items())

    def start(self, name: str | None = None) -> None:
        """Start everything, or the one process `name` again, and return when it works. Raises EmbeddedError."""
        if name is None:
            self.runner.start()
            self.wait()
            return
        self._ready_file(name).unlink(missing_ok=True)
        self.runner.children[name].start()
        self.runner.wait_until({name: self.checks()[name]}, seconds=SECONDS_TO_START)

    def kill(self, name: str) -> None:
        """End the process `name` and its children the hard way (SIGKILL), as a power cut would."""
        child = self.runner.children[name]
        child.signal(signal.SIGKILL, group=True)
        child.process.wait()

    def wait(self, **options) -> bool:
        """Return True when all answer; options as in `Runner.wait_until`."""
        return self.runner.wait_until(self.checks(), **{"seconds": SECONDS_TO_START, **options})

    def checks(self) -> dict:
        """By process: does it work? The web server's /readyz includes database, Redis, migrations and the beat's heartbeat."""
        return {
            "web": lambda: _answers(self.base_url + "/healthz"),
            "worker": self._ready_file("worker").exists,
            "beat": lambda: _answers(self.base_url + "/readyz"),
        }

    def stop(self, **options) -> None:
        """End all processes; options as in `Runner.stop`."""
        self.runner.stop(**options)
        self._scratch.cleanup()

    def _commands(self) -> dict[str, list[str]]:
        web = ["-m", "gunicorn", "cadre_portal.wsgi:application", "--bind", f"{self.host}:{self.port}", "--worker-class", "gthread"]
        web += ["--workers", "2", "--threads", "8", "--timeout", "120", "--graceful-timeout", "10", "--no-control-socket"]
        worker = ["-m", "celery", "-A", "cadre_portal", "worker", "--loglevel", "INFO", "--concurrency", "2"]
        worker += ["--without-gossip", "--without-mingle", "-n", f"portal-{self.port}@%h"]
        return {"web": web, "worker": worker, "beat": ["manage.py", "run_beat"]}

    def _child(self, name: str, arguments: list[str]) -> Child:
        env = {**self.env, "PORTAL_READY_FILE": str(self._ready_file(name)), "PYTHONUNBUFFERED": "1"}
        return Child(name, [sys.executable, *arguments], log_dir=self.log_dir, cwd=ROOT, env=env)

    def _ready_file(self, name: str) -> Path:
        return Path(self._scratch.name) / f"{name}.ready"


@contextlib.contextmanager
def running_stack(
    data_dir: Path,
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    settings_module: str = "cadre_portal.settings.dev",
    env: dict[str, str] | None = None,
    database: str | None = None,
) -> Iterator[Stack]:
    """Start web, worker and beat over the services of `data_dir` (started if needed and left running) and stop them at the end.

    `database` is a database that is already migrated (default: the main one); `port=0` takes a free port. Raises EmbeddedError.
    """
    log_dir = Path(data_dir) / "logs"
    log_dir.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings_module, "PORTAL_DATA": str(data_dir), **(env or {})}
    if database:
        environment["PORTAL_DB"] = database
    stack = Stack(host=host, port=port or free_port(host), env=environment, log_dir=log_dir)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def demand_port(host: str, port: int) -> None:
    """Raise EmbeddedError when `port` is taken."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise EmbeddedError(
                f"端口 {port} 不能使用（{error.strerror}），请换一个：make run PORT={port + 1}\n"
                f"Port {port} can't be used ({error.strerror}): choose another one, make run PORT={port + 1}"
            ) from error


def _answers(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
