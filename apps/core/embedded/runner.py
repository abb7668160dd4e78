"""A small process runner: starts the portal's processes, keeps their output in files, stops them all together.

Each child has its own process group, so that Ctrl-C in the terminal reaches only the runner, which then ends the children in
order. A child whose runner is killed outright is ended by the kernel (PR_SET_PDEATHSIG).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .errors import EmbeddedError

PR_SET_PDEATHSIG = 1
LARGEST_LOG = 10 * 2**20


class Child:
    """One process with its command line, environment and log file."""

    def __init__(self, name: str, command: list[str], *, log_dir: Path, cwd: Path, env: dict[str, str]) -> None:
        self.name, self.command, self.cwd, self.env = name, command, cwd, env
        self.log = log_dir / f"{name}.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start the process; its output is appended to the log (an old log over 10 MB is put aside first)."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        parent = os.getpid()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: _die_with(parent),
            )

    def alive(self) -> bool:
        """Is the process running?"""
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal to the process, or to it and all its children."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if group:
                os.killpg(self.process.pid, number)
            elif self.process.poll() is None:
                os.kill(self.process.pid, number)

    def last_lines(self, count: int = 15) -> str:
        """The end of the log, for the person who has to read it."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


class Runner:
    """The children of one run, by name, in the order in which they are started."""

    def __init__(self, children: Iterable[Child]) -> None:
        self.children = {child.name: child for child in children}

    def start(self) -> None:
        """Start all children."""
        for child in self.children.values():
            child.start()

    def dead(self) -> Child | None:
        """The first child that is no longer running, if any."""
        return next((child for child in self.children.values() if not child.alive()), None)

    def wait_until(self, checks: dict[str, Callable[[], bool]], *, seconds: float, interrupted: Callable[[], bool] = bool) -> bool:
        """Wait until every check has answered yes; False when interrupted. Raises EmbeddedError when a child dies or time is up."""
        end = time.monotonic() + seconds
        waiting = dict(checks)
        while waiting:
            if interrupted():
                return False
            if (child := self.dead()) is not None:
                raise EmbeddedError(death_notice(child))
            waiting = {name: check for name, check in waiting.items() if not check()}
            if waiting and time.monotonic() > end:
                names = ", ".join(waiting)
                raise EmbeddedError(f"Not ready after {seconds:.0f} seconds: {names}. Read the logs in {self._logs()}.")
            if waiting:
                time.sleep(0.1)
        return True

    def stop(self, *, seconds: float = 20, hurry: Callable[[], bool] = bool) -> None:
        """Ask all children to end (TERM), wait, then kill what is left; `hurry()` true cuts the wait short."""
        for child in self.children.values():
            child.signal(signal.SIGTERM)
        end = time.monotonic() + seconds
        while any(child.alive() for child in self.children.values()) and time.monotonic() < end and not hurry():
            time.sleep(0.05)
        for child in self.children.values():
            child.signal(signal.SIGKILL, group=True)
            if child.process is not None:
                child.process.wait()

    def _logs(self) -> Path:
        return next(iter(self.children.values())).log.parent


def death_notice(child: Child) -> str:
    """What to tell when a child has ended by itself."""
    code = child.process.poll() if child.process else None
    return f"{child.name} ended by itself (code {code}). Read {child.log}; its last lines:\n{child.last_lines()}"


def _die_with(parent: int) -> None:
    """Runs in the child before exec: the kernel sends TERM when the runner dies, also if it died just now."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
