"""The process runner: starts, notices a death, stops everything, children's children included."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apps.core.embedded import EmbeddedError
from apps.core.embedded.runner import LARGEST_LOG, Child, Runner
from apps.core.embedded.stack import demand_port, free_port
from tests.core.embedded_places import ROOT, open_folder

PATIENCE = 30
STUBBORN = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
PARENT = f"import subprocess,sys; p = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); print(p.pid, flush=True); p.wait()"


def child(tmp_path, name, code):
    return Child(name, [sys.executable, "-u", "-c", code], log_dir=tmp_path, cwd=tmp_path, env=dict(os.environ))


def says(child, word):
    return lambda: child.log.exists() and word in child.log.read_text()


def gone(pid: int) -> bool:
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def until(condition) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_output_goes_to_a_file_per_child_and_stop_ends_all(tmp_path):
    runner = Runner([child(tmp_path, name, f"import time; print('I am {name}'); time.sleep(600)") for name in ("web", "worker")])
    runner.start()
    runner.wait_until({name: says(one, f"I am {name}") for name, one in runner.children.items()}, seconds=PATIENCE)
    assert runner.dead() is None
    runner.stop()
    assert {one.process.returncode for one in runner.children.values()} == {-signal.SIGTERM}


def test_a_deaf_grandchild_is_killed_too(tmp_path):
    runner = Runner([child(tmp_path, "web", PARENT)])
    runner.start()
    runner.wait_until({"web": says(runner.children["web"], "deaf")}, seconds=PATIENCE)
    grandchild = next(int(line) for line in (tmp_path / "web.log").read_text().split() if line.isdigit())
    runner.stop(seconds=0.2)
    until(lambda: gone(grandchild))


def test_a_second_interrupt_cuts_the_wait_short(tmp_path):
    runner = Runner([child(tmp_path, "web", STUBBORN)])
    runner.start()
    runner.wait_until({"web": says(runner.children["web"], "deaf")}, seconds=PATIENCE)
    runner.stop(seconds=3600, hurry=lambda: True)
    assert runner.children["web"].process.returncode == -signal.SIGKILL


def test_a_dead_child_is_named_with_its_log(tmp_path):
    runner = Runner([child(tmp_path, "worker", "import sys; print('no broker'); sys.exit(3)")])
    runner.start()
    with pytest.raises(EmbeddedError, match=r"(?s)worker ended by itself \(code 3\).*worker\.log.*no broker"):
        runner.wait_until({"worker": lambda: False}, seconds=PATIENCE)
    runner.stop()


def test_what_never_answers_is_named(tmp_path):
    runner = Runner([child(tmp_path, "web", "import time; time.sleep(600)")])
    runner.start()
    with pytest.raises(EmbeddedError, match="Not ready after 0 seconds: web"):
        runner.wait_until({"web": lambda: False}, seconds=0)
    assert runner.wait_until({"web": lambda: False}, seconds=PATIENCE, interrupted=lambda: True) is False
    runner.stop()


def test_a_huge_log_is_put_aside(tmp_path):
    log = tmp_path / "web.log"
    with log.open("wb") as handle:
        handle.truncate(LARGEST_LOG + 1)
    runner = Runner([child(tmp_path, "web", "print('fresh')")])
    runner.start()
    until(lambda: log.read_text() == "fresh\n")
    runner.stop()
    assert (tmp_path / "web.log.1").stat().st_size == LARGEST_LOG + 1


def test_children_end_when_the_runner_is_killed(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from apps.core.embedded.runner import *;"
        f"c = Child('web', ['sleep', '600'], log_dir=Path({str(tmp_path)!r}), cwd=Path('/'), env={{}}); c.start(); print(c.process.pid, flush=True); time.sleep(600)"
    )
    runner = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pid = int(runner.stdout.readline())
    runner.kill()
    runner.communicate()
    until(lambda: gone(pid))


def test_a_taken_port_is_a_sentence_before_anything_starts():
    with open_folder() as folder, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = {**os.environ, "PORTAL_DATA": str(folder / ".data"), "PORT": str(port)}
        result = subprocess.run([sys.executable, "-m", "apps.core.embedded", "run"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert result.returncode == 1
        assert f"端口 {port} 不能使用" in result.stderr
        assert "Traceback" not in result.stderr
        assert not (folder / ".data").exists()
    demand_port("127.0.0.1", free_port())


@pytest.mark.parametrize("port", ["0", "70000", "abc"])
def test_a_port_that_is_none_is_refused(port):
    command = [sys.executable, "-m", "apps.core.embedded", "run", "--port", port]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode in (1, 2)
    assert "Traceback" not in result.stderr
    assert "port" in result.stderr.lower()
