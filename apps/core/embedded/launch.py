"""`make run`: everything from the services to the welcome text, until Ctrl-C."""

import contextlib
import gc
import os
import signal
import sys
import time
from pathlib import Path

from . import places, services
from .errors import EmbeddedError
from .prepare import demo_logins, demo_password, prepare_database, worker_answers
from .runner import death_notice
from .stack import Stack, demand_port


class Interrupts:
    """Counts Ctrl-C and TERM. While `raising` the first one breaks off; later the first asks for an orderly stop, the second for a quick one."""

    def __init__(self) -> None:
        self.count = 0
        self.raising = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number, frame) -> None:
        self.count += 1
        if self.raising:
            self.raising = False
            raise KeyboardInterrupt
        if self.count == 2:
            say("立即结束…… · stopping at once")


def say(text: str) -> None:
    """Print at once, whoever reads (a closed pipe is no reason to die)."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def run(host: str, port: int, demo: bool) -> int:
    """Start everything, wait until all answer, print the address, run until Ctrl-C; returns the exit code."""
    demand_port(host, port)
    began = time.monotonic()
    folder = places.prepare(services.data_dir())
    with services.only_one(folder):
        interrupts = Interrupts()
        try:
            return _run_stack(host, port, demo, folder, interrupts, began)
        except KeyboardInterrupt:
            return 130
        finally:
            finish_services(folder)


def _run_stack(host: str, port: int, demo: bool, folder: Path, interrupts: Interrupts, began: float) -> int:
    services.start_services(folder)
    if interrupts.count:
        return 130
    interrupts.raising = True
    prepare_database(demo=demo, say=say)
    interrupts.raising = False
    if interrupts.count:  # code that swallows every exception may have met the interrupt
        return 130
    log_dir = folder / "logs"
    log_dir.mkdir(exist_ok=True)
    stack = Stack(host=host, port=port, env={**os.environ, "PORTAL_DATA": str(folder)}, log_dir=log_dir)
    try:
        stack.runner.start()
        checks = {"worker ping": worker_answers}
        if not (stack.wait(interrupted=lambda: interrupts.count) and stack.runner.wait_until(checks, seconds=60)):
            return 0
        welcome(stack, time.monotonic() - began)
        return _watch(stack, interrupts)
    finally:
        say("正在停止…… · stopping")
        asked = interrupts.count
        stack.stop(hurry=lambda: interrupts.count > max(asked, 1))


def _watch(stack: Stack, interrupts: Interrupts) -> int:
    while not interrupts.count:
        if (child := stack.runner.dead()) is not None:
            raise EmbeddedError(death_notice(child))
        time.sleep(0.3)
    return 0


def finish_services(folder: Path) -> None:
    """Stop the services, unless another program still has a session in the database.

    An interrupt may leave a connection of our own in the frames it broke off; collecting them closes it.
    """
    gc.collect()
    others = services.sessions(folder)
    if others:
        say(f"另有 {others} 个会话正在使用数据库，未停止 · database kept for {others} other session(s); stop it with: make stop")
    else:
        services.stop_services(folder)


def welcome(stack: Stack, seconds: float) -> None:
    """Print the address and, where there are demo accounts, one login per role."""
    lines = ["", f"  老干部工作平台已启动（{seconds:.1f} 秒） · the portal is ready", f"  {stack.base_url}/", ""]
    logins = demo_logins()
    if logins:
        lines.append(f"  演示账号，口令均为 · demo logins, all with the password:  {demo_password()}")
        lines += [f"    {name:<16}{role}" for name, role in logins] + [""]
    lines += [f"  日志 · logs: {stack.log_dir}", "  按 Ctrl-C 停止 · press Ctrl-C to stop", ""]
    say("\n".join(lines))
