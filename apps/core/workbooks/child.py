"""The child process that opens a stranger's file: ``python -m apps.core.workbooks.child`` with limits on memory and time.

Reads its orders (path and limits) as one line of JSON on standard input, writes length-prefixed JSON messages on standard
output: ``{"book": …}``, per sheet ``{"sheet": …}`` and blocks, at last ``{"end": true}`` or ``{"error": [code, facts]}``.
"""

import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from apps.core.workbooks.blocks import halves, packed
from apps.core.workbooks.limits import MEGABYTE, Limits, UnreadableWorkbook
from apps.core.workbooks.sniffing import sniff


def messages(path: Path, limits: Limits) -> Iterator[dict]:
    """All messages for one file, within the limits on rows and columns. Raises UnreadableWorkbook."""
    if path.stat().st_size > limits.file_bytes:
        raise UnreadableWorkbook("too_large", limit=f"{limits.file_bytes // MEGABYTE} MB")
    sheet, rows, columns = "", 0, set()
    for message in _read(path, limits):
        if "sheet" in message:
            sheet, rows, columns = message["sheet"]["name"], 0, set()
        elif "n" in message:
            rows += len(message["n"])
            columns |= _used(message)
            if rows > limits.rows:
                raise UnreadableWorkbook("too_many_rows", sheet=sheet, limit=limits.rows)
            if len(columns) > limits.columns:
                raise UnreadableWorkbook("too_many_columns", sheet=sheet, limit=limits.columns)
        yield message


def _read(path: Path, limits: Limits) -> Iterator[dict]:
    """Each reader is imported only when its format turns up: the child starts in a few hundredths of a second."""
    found = sniff(path)
    if found == "zip":
        from apps.core.workbooks.ooxml import open_package, read_ooxml

        form, package = open_package(path, limits)
        if form == "xlsx":
            return read_ooxml(package, limits)
        found = form
    if found == "text":
        from apps.core.workbooks.delimited import read_delimited

        return read_delimited(path)
    if found in ("html", "xml2003"):
        from apps.core.workbooks.markup import read_markup

        return read_markup(path, found)
    from apps.core.workbooks.legacy import read_legacy

    return _read_xls(path, found, limits) if found in ("ole", "biff") else read_legacy(path, found, limits)


def _read_xls(path: Path, found: str, limits: Limits) -> Iterator[dict]:
    from apps.core.workbooks.legacy import read_legacy
    from apps.core.workbooks.old_biff import read_old_biff, version_of
    from apps.core.workbooks.ole import checked_stream

    stream = checked_stream(path) if found == "ole" else path.read_bytes()
    return read_legacy(path, "xls", limits) if version_of(stream) == 8 else read_old_biff(stream, limits)


def _used(block: dict) -> set[int]:
    if "c" in block:
        return {index for index, column in enumerate(block["c"]) if any(value is not None for value in column)} | {
            mark[1] for mark in block.get("x", ())
        }
    used = {index for line in block["r"] for index, value in enumerate(line) if value is not None}
    return used | {mark[1] for mark in block.get("x", ())}


def pieces(path: Path, limits: Limits) -> Iterator[bytes]:
    """The packed messages for one file, none longer than ``message_bytes``. Raises UnreadableWorkbook, also for what grows without end."""
    allowed = max(limits.growth_from_bytes, limits.growth * path.stat().st_size)
    for message in messages(path, limits):
        for piece in _fitting(message, limits.message_bytes):
            allowed -= len(piece)
            if allowed < 0:
                raise UnreadableWorkbook("zip_bomb")
            yield piece


def _fitting(message: dict, most: int) -> Iterator[bytes]:
    piece = packed(message)
    if len(piece) <= most:
        yield piece
    elif len(message.get("n", ())) > 1:
        del piece
        for half in halves(message):
            yield from _fitting(half, most)
    else:
        raise UnreadableWorkbook("too_large", limit=f"每行 {most // MEGABYTE} MB")


def fence(limits: Limits, *, reads: int, writes: int = 0) -> None:
    """Bound this process: ``reads`` is the size of the file it opens, ``writes`` the longest file it may write."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_for(reads)),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, writes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        _soft, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main() -> None:
    orders = json.loads(sys.stdin.readline())
    path, limits = Path(orders["path"]), Limits(**orders["limits"])
    fence(limits, reads=path.stat().st_size)
    write = sys.stdout.buffer.write
    try:
        for piece in pieces(path, limits):
            write(piece)
            sys.stdout.buffer.flush()
        last = {"end": True}
    except UnreadableWorkbook as fault:
        last = {"error": [fault.code, fault.facts]}
    except (MemoryError, RecursionError):
        last = {"error": ["too_large", {}]}
    write(packed(last))
    sys.stdout.buffer.flush()


def orders(path: Path, limits: Limits) -> bytes:
    """What :func:`main` reads from standard input."""
    return json.dumps({"path": str(path), "limits": asdict(limits)}).encode() + b"\n"


if __name__ == "__main__":
    main()
