"""``mark_workbook(path, target, marks)``: the user's own .xlsx once more, bad cells coloured and explained, and a list of problems before its sheets.

What only shows something comes along as it came: widths, merges, formats, formulas, validations, tables, pictures, charts, comments, hidden rows.
What acts does not: macros, controls, embedded objects, connections, links to other files (a formula into one becomes its stored result).
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from apps.core.workbooks.limits import MEGABYTE, Limits, UnreadableWorkbook
from apps.core.workbooks.reading import ROOT, lent

LIMITS = Limits(small_memory_bytes=512 * MEGABYTE, memory_bytes=768 * MEGABYTE, cpu_seconds=180)
LARGEST_COPY = 1024 * MEGABYTE
PATIENCE = 600.0
MOST_NOTES = 5_000
MOST_LISTED = 65_000


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell: ``row`` as the spreadsheet counts, ``column`` from 0, ``level`` error or warning, ``text`` for its comment ("" for none)."""

    row: int
    column: int
    level: str
    text: str = ""


@dataclass
class ProblemList:
    """The first sheet. ``rows``: (sheet, cell such as C17, title, value, level, sentence); at most MOST_LISTED."""

    title: str
    notes: list[str] = field(default_factory=list)
    rows: list[tuple[str, str, str, str, str, str]] = field(default_factory=list)


def mark_workbook(path: Path, target: BinaryIO, marks: dict[str, Iterable[Mark]], listed: ProblemList | None = None) -> None:
    """Write the marked copy of an .xlsx into ``target``, an open file. Raises UnreadableWorkbook; then ``target`` holds nothing of use.

    ``marks``: sheet name → marks; of one sheet the first MOST_NOTES get their comment, all their colour.
    """
    orders = {
        "path": str(path.absolute()), "limits": asdict(LIMITS), "bytes": LARGEST_COPY, "list": asdict(listed) if listed else None,
        "sheets": {name: [[one.row, one.column, one.level, one.text if number < MOST_NOTES else ""] for number, one in enumerate(of_sheet)] for name, of_sheet in marks.items()},
    }  # fmt: skip
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        [sys.executable, "-X", "utf8", "-m", "apps.core.workbooks.marking.child"],
        stdin=subprocess.PIPE, stdout=target, stderr=subprocess.PIPE, cwd=ROOT, env=environment, pass_fds=lent(path),
    ) as process:  # fmt: skip
        try:
            _, said = process.communicate(json.dumps(orders).encode(), timeout=PATIENCE)
        except subprocess.TimeoutExpired as late:
            raise UnreadableWorkbook("timeout") from late
        finally:
            if process.poll() is None:
                process.kill()
    if process.returncode:
        raise _fault(process.returncode, said)
    target.seek(0)


def _fault(code: int, said: bytes) -> UnreadableWorkbook:
    if code == -signal.SIGXCPU:
        return UnreadableWorkbook("timeout")
    try:
        name, facts = json.loads(said.splitlines()[-1])
    except (ValueError, IndexError, TypeError):
        return UnreadableWorkbook("too_large" if code < 0 else "broken")
    return UnreadableWorkbook(name, **facts)
