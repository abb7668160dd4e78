"""Time and memory."""

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

PAGE_BYTES, TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.02
PATIENCE = 20.0
FEWEST = 3


@dataclass
class Watch:
    """Filled when the block ends: seconds on the wall and of processors (this process, children that ended and the database's process for us),
    the largest memory of this process and its children together in MB, and before the block."""

    seconds: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0
    before_mb: float = 0.0

    def __add__(self, other: "Watch") -> "Watch":
        """Two blocks as one: times add up, of the memories the larger counts."""
        return Watch(self.seconds + other.seconds, self.cpu + other.cpu, max(self.peak_mb, other.peak_mb), self.before_mb)


@contextmanager
def timed() -> Iterator[Watch]:
    """Time a block. On a busy machine the processor seconds say more than those on the wall."""
    backend = _backend()
    watch, start, cpu = Watch(), time.perf_counter(), _cpu(backend)
    try:
        yield watch
    finally:
        watch.seconds, watch.cpu = time.perf_counter() - start, _cpu(backend) - cpu


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def _cpu(backend: int) -> float:
    own = os.times()
    try:
        ticks = sum(map(int, Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[11:13]))
    except OSError:
        ticks = 0
    return own.user + own.system + own.children_user + own.children_system + ticks / TICKS


@contextmanager
def watched() -> Iterator[Watch]:
    """Time a block and sample the resident memory of the whole process tree meanwhile (pages that processes share count for each)."""
    over, before = threading.Event(), _tree_mb()
    with timed() as watch:
        watch.before_mb = watch.peak_mb = before

        def sample() -> None:
            while not over.wait(SAMPLE_SECONDS):
                watch.peak_mb = max(watch.peak_mb, _tree_mb())

        sampler = threading.Thread(target=sample, daemon=True)
        sampler.start()
        try:
            yield watch
        finally:
            over.set()
            sampler.join()
            watch.peak_mb = max(watch.peak_mb, _tree_mb())


def _tree_mb() -> float:
    return sum(_resident(pid) for pid in _descendants(os.getpid())) * PAGE_BYTES / 2**20


def _descendants(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                yield from _descendants(int(child))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0


@dataclass(frozen=True)
class Median:
    """Milliseconds: the median of ``times`` runs on the wall, and the mean of the processors (ours and the database's)."""

    ms: float
    cpu_ms: float
    times: int


def median(work: Callable[[], object], repeats: int) -> Median:
    """After two runs to warm up, run ``work`` up to ``repeats`` times; what is slow is run less often, at least ``FEWEST`` times."""
    for _ in range(2):
        work()
    backend, took = _backend(), []
    begin, cpu = time.perf_counter(), _cpu(backend)
    while len(took) < repeats and (len(took) < FEWEST or time.perf_counter() - begin < PATIENCE):
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return Median(statistics.median(took), (_cpu(backend) - cpu) * 1000 / len(took), len(took))
