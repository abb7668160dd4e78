"""`make setup` and `make run` as processes: web, worker and beat start, answer, and stop together with the services."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg2
import pytest

from apps.core.embedded import ensure_postgres, postgres_running, redis_running
from apps.core.embedded.services import stop_services
from apps.core.embedded.stack import free_port, running_stack
from tests.core.embedded_places import ROOT, open_folder

# One process runs this file, so that its services start once.
pytestmark = pytest.mark.xdist_group("portal-stack")
PATIENCE = 120
OWN = ("DATABASE_URL", "REDIS_URL", "PORTAL_DB", "PORTAL_REDIS_DB", "DJANGO_SETTINGS_MODULE")


def environment(data: Path, **more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OWN} | {"PORTAL_DATA": str(data), **more}


@pytest.fixture(scope="module")
def data():
    """A folder after `make setup`: schema and reference data, nothing running."""
    with open_folder() as folder:
        place = folder / ".data"
        command = [sys.executable, "-m", "apps.core.embedded", "setup"]
        result = subprocess.run(command, cwd=ROOT, env=environment(place), capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        assert not postgres_running(place)
        assert not redis_running(place)
        yield place


class Run:
    """One `make run` in a process group of its own, as under a terminal."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.output = data / "run.txt"
        command = [sys.executable, "-m", "apps.core.embedded", "run", "--no-demo"]
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment(data, PORT=str(self.port)), stdout=out, stderr=out, start_new_session=True
            )

    def until_ready(self) -> None:
        end = time.monotonic() + PATIENCE
        while "the portal is ready" not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < end, self.output.read_text()
            time.sleep(0.1)

    def ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> str:
        """Wait for the end; returns what was printed."""
        self.process.wait(timeout=PATIENCE)
        return self.output.read_text()


@contextlib.contextmanager
def run(data: Path):
    started = Run(data)
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.process.pid, signal.SIGTERM)
        started.process.wait(timeout=PATIENCE)


def get(port: int, path: str) -> dict:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return json.loads(answer.read())


def places_known(data: Path) -> int:
    with contextlib.closing(psycopg2.connect(ensure_postgres(data, "portal"))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_organization")
        return cursor.fetchone()[0]


def test_everything_answers_and_ctrl_c_stops_everything(data):
    with run(data) as portal:
        portal.until_ready()
        ready = get(portal.port, "/readyz")
        assert {ready[name] for name in ("database", "redis", "migrations", "beat")} == {"ok"}
        second = subprocess.run(
            [sys.executable, "-m", "apps.core.embedded", "run"],
            cwd=ROOT,
            env=environment(data, PORT=str(free_port())),
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 1
        assert "already running" in second.stderr
        portal.ctrl_c()
        text = portal.end()
    assert portal.process.returncode == 0
    assert "Traceback" not in text
    assert not postgres_running(data)
    assert not redis_running(data)


def test_second_start_keeps_the_data_and_two_interrupts_are_safe(data):
    with run(data) as portal:
        portal.until_ready()
        assert "migrate" not in portal.output.read_text()
        portal.ctrl_c()
        portal.ctrl_c()
        text = portal.end()
    assert "Traceback" not in text
    assert not postgres_running(data)
    assert places_known(data) > 3000


def test_interrupt_while_preparing_leaves_nothing_behind(data):
    stop_services(data)  # another test's server would be taken for one this run has started, before it can take an interrupt at all
    with run(data) as portal:
        end = time.monotonic() + PATIENCE
        while not postgres_running(data):
            assert time.monotonic() < end
            time.sleep(0.01)
        portal.ctrl_c()
        text = portal.end()
    assert "Traceback" not in text
    assert "is ready" not in text
    assert not postgres_running(data), text


def test_when_one_process_dies_all_stop_and_its_log_is_named(data):
    with run(data) as portal:
        portal.until_ready()
        children = Path(f"/proc/{portal.process.pid}/task/{portal.process.pid}/children").read_text().split()
        worker = next(int(pid) for pid in children if b"celery" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(worker, signal.SIGKILL)
        text = portal.end()
    assert portal.process.returncode == 1
    assert "worker ended by itself (code -9)" in text
    assert str(data / "logs" / "worker.log") in text
    assert not postgres_running(data)
    assert not redis_running(data)


def test_stack_for_tests_survives_the_death_of_its_worker(data, monkeypatch):
    for name in OWN:
        monkeypatch.delenv(name, raising=False)
    with running_stack(data) as stack:
        port = int(stack.base_url.rsplit(":", 1)[1])
        stack.kill("worker")
        assert stack.runner.dead().name == "worker"
        assert get(port, "/healthz")["status"] == "ok"
        stack.start("worker")
        assert stack.runner.dead() is None
    assert {child.alive() for child in stack.runner.children.values()} == {False}
