"""Reading a stranger's workbook safely: the file is opened only in a child process, its rows arrive as a stream.

>>> with read_workbook(path) as book:
...     for sheet in book:                     # visible sheets in their order; a csv has one, named ""
...         header = find_header(sheet.peek(), aliases, merged=sheet.merged)
...         for row in sheet.rows():           # all rows that hold a value, the peeked ones included
...             row.number, row.cells          # as the spreadsheet counts; cells[0] is column A

Formats: .xlsx (.xlsm, .xltx, strict), .xls (BIFF 2–5 and 8), .xlsb, .ods, .csv/.txt (UTF-8, UTF-16, GB18030), web pages and XML 2003
tables saved as .xls. The content decides, not the name. Nothing is evaluated: of a formula the stored result counts, links to
other files are not followed, macros are not looked at.
"""

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from apps.core.workbooks.blocks import rows_of
from apps.core.workbooks.child import orders
from apps.core.workbooks.limits import Limits, UnreadableWorkbook
from apps.core.workbooks.values import Merge, Row

ROOT = Path(__file__).resolve().parents[3]
CELLS_PER_EXTRA_SECOND = 25_000
MOST_FILLED = 300
PIPE_BYTES = 2**20
"""What the child may have delivered before anybody takes it: a few blocks, so that it works on while the last ones are worked on."""
OPEN_FILES = Path("/proc/self/fd")


def read_workbook(path: Path, *, limits: Limits | None = None, timeout: float = 9.0) -> "Workbook":
    """Open a file for reading; use as a context manager.

    ``timeout`` is the time in seconds the child may keep us waiting in all, plus a second for every 25,000 cells it has
    delivered, so that a hostile file is given up within ten seconds and an honest one of a million rows is read to its end.
    Raises UnreadableWorkbook here or while iterating.
    """
    return Workbook(Path(path), limits or Limits(), timeout)


class Workbook:
    """An opened file: iterate for its visible sheets. ``format`` is xlsx, xls, xlsb, ods, csv, html or xml2003."""

    def __init__(self, path: Path, limits: Limits, timeout: float):
        self._child = _Child(path, limits, timeout)
        self._waiting: deque[dict] = deque()
        try:
            info = self._next().get("book", {})
        except BaseException:
            self.close()
            raise
        self.format: str = info.get("format", "")
        self.encoding: str = info.get("encoding", "")
        self.date1904: bool = bool(info.get("date1904", False))
        self.hidden_sheets: list[str] = info.get("hidden", [])

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_fault) -> None:
        self.close()

    def close(self) -> None:
        """End the child process, whatever it is doing."""
        self._child.close()

    def __iter__(self) -> Iterator["Sheet"]:
        while True:
            message = self._next()
            if "end" in message:
                return
            if "sheet" in message:
                sheet = Sheet(self, message["sheet"]["name"], [Merge(*each) for each in message["sheet"]["merged"]])
                yield sheet
                sheet.skip()

    def _next(self) -> dict:
        return self._waiting.popleft() if self._waiting else self._child.message()

    def _put_back(self, message: dict) -> None:
        self._waiting.appendleft(message)


class Sheet:
    """One visible sheet: ``name``, ``merged`` ranges, ``peek()`` at its first rows and all its ``rows()``, once, as a stream."""

    def __init__(self, book: Workbook, name: str, merged: list[Merge]):
        self.book, self.name, self.merged = book, name, merged
        self._ahead: deque[Row] = deque()
        self._source = self._stream()

    def peek(self, count: int = 40) -> list[Row]:
        """The first rows that hold a value; they come again from ``rows()``. Call before it."""
        missing = count - len(self._ahead)
        if missing > 0:
            self._ahead.extend(islice(self._source, missing))
        return list(islice(self._ahead, count))

    def rows(self, *, fill_down: bool = True) -> Iterator[Row]:
        """Every row that holds a value. ``fill_down``: a cell merged over several rows counts in each of them."""
        rows = self._all()
        downward = [merge for merge in self.merged if merge.last_row > merge.first_row]
        return filled_down(rows, downward) if fill_down and downward else rows

    def skip(self) -> None:
        """Pass over the rest of the sheet."""
        deque(self._source, maxlen=0)
        self._ahead.clear()

    def _all(self) -> Iterator[Row]:
        while self._ahead:
            yield self._ahead.popleft()
        yield from self._source

    def _stream(self) -> Iterator[Row]:
        while "n" in (message := self.book._next()):
            yield from rows_of(message)
        self.book._put_back(message)


def filled_down(rows: Iterator[Row], merged: list[Merge]) -> Iterator[Row]:
    """Repeat the value of cells merged over several rows in the first column of each further row; one merge per column runs at a time."""
    coming = deque(sorted(merge for merge in merged if merge.first_column < MOST_FILLED))
    running: dict[int, tuple[int, object]] = {}
    for row in rows:
        for column in [column for column, (last, _value) in running.items() if last < row.number]:
            del running[column]
        for column, (_last, value) in running.items():
            _fill(row, column, value)
        while coming and coming[0].first_row <= row.number:
            merge = coming.popleft()
            value = row.get(merge.first_column) if merge.first_row == row.number else None
            if merge.last_row > row.number and value is not None:
                running[merge.first_column] = (merge.last_row, value)
        yield row


def _fill(row: Row, column: int, value: object) -> None:
    if row.get(column) is None:
        row.cells = [*row.cells, *[None] * (column + 1 - len(row.cells))]
        row.cells[column] = value


def lent(path: Path) -> tuple[int, ...]:
    """The descriptor behind ``/proc/self/fd/N``, which the child gets under the same number: a file that lies open in memory and has no name."""
    return (int(path.name),) if path.parent == OPEN_FILES else ()


class _Child:
    """The child process and the pipe its messages come through."""

    def __init__(self, path: Path, limits: Limits, timeout: float):
        self.timeout = self.patience = timeout
        self.grace = 3 * int(timeout)
        self.buffer, self.most = bytearray(), limits.message_bytes
        environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "apps.core.workbooks.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment, pass_fds=lent(path),
        )  # fmt: skip
        with suppress(OSError):  # a user who holds many pipes already gets the usual size
            fcntl.fcntl(self.process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        try:
            self.process.stdin.write(orders(path.absolute(), limits))
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def message(self) -> dict:
        """The next message. Raises UnreadableWorkbook for the child's errors, its death and its silence."""
        length = int.from_bytes(self._take(4), "big")
        if length > self.most:
            self.close()
            raise UnreadableWorkbook("too_large")
        message = json.loads(self._take(length))
        if "error" in message:
            code, facts = message["error"]
            self.close()
            raise UnreadableWorkbook(code, **facts)
        if message.get("n"):
            width = len(message["c"]) if "c" in message else len(message["r"][0])
            self.patience += len(message["n"]) * width / CELLS_PER_EXTRA_SECOND
        return message

    def _take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            data = self._read(max(65_536, count - len(self.buffer)))
            if not data:
                raise UnreadableWorkbook(self._cause_of_death())
            self.buffer += data
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def _read(self, count: int) -> bytes:
        pipe = self.process.stdout.fileno()
        begun = time.monotonic()
        ready, _, _ = select.select([pipe], [], [], max(self.patience, 0))
        self.patience -= time.monotonic() - begun
        if not ready:
            if self.grace > 0 and self._processor_seconds() < self.timeout / 2:
                self.grace -= 1
                self.patience = 1.0
                return self._read(count)
            self.close()
            raise UnreadableWorkbook("timeout")
        return os.read(pipe, min(count, 2**20))

    def _processor_seconds(self) -> float:
        """What the child has really worked: on a crowded machine it is given time it was kept from using."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return self.timeout
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _cause_of_death(self) -> str:
        self.close(kill=False)
        code = self.process.returncode
        if code == -signal.SIGXCPU:
            return "timeout"
        return "too_large" if code in (-signal.SIGKILL, -signal.SIGABRT, -signal.SIGSEGV, 134, 137) else "broken"

    def close(self, *, kill: bool = True) -> None:
        if self.process.poll() is None:
            if kill:
                self.process.kill()
            self.process.wait()
        self.process.stdout.close()
