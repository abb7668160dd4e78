"""Rows on their way from the child process to the parent: blocks of plain JSON, by column or by row.

A block is ``{"n": [row numbers], "c": [[…] per column], "k": {column: kind}}`` or ``{"n": […], "r": [[…] per row]}``, both with
``"x": [[row index, column, kind, value], …]`` for single cells. Kinds: ``d`` date or date-time (ISO), ``m`` date shown without
its day, ``e`` error, a digit for a number shown with so many decimals; everything else is its own JSON type.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime

from apps.core.workbooks.values import CellError, MonthDate, Number, Row, Value


def packed(message: dict) -> bytes:
    """Length-prefixed JSON: four bytes, big-endian, then UTF-8."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")
    return len(body).to_bytes(4, "big") + body


def halves(block: dict) -> tuple[dict, dict]:
    """The same rows in two blocks."""
    cut = len(block["n"]) // 2
    found = []
    for part in (slice(0, cut), slice(cut, None)):
        half = {"n": block["n"][part], "x": [[at - (part.start or 0), *rest] for at, *rest in block.get("x", ()) if (at >= cut) == bool(part.start)]}
        half |= {"r": block["r"][part]} if "r" in block else {"c": [column[part] for column in block["c"]], "k": block.get("k", {})}
        found.append(half)
    return found[0], found[1]


def _date(text: str) -> Value:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _month(text: str) -> Value:
    day = _date(text)
    return MonthDate(day.year, day.month, 1) if day.day == 1 else day


DECODERS: dict[str, Callable] = {"d": _date, "m": _month, "e": CellError}


def decoder_of(kind: str) -> Callable:
    """The function that turns a JSON value of this kind into the value of :mod:`values`."""
    if kind in DECODERS:
        return DECODERS[kind]
    decimals = int(kind)
    return lambda number: Number(number, decimals)


def rows_of(block: dict) -> Iterator[Row]:
    """Unpack one block into rows."""
    if "r" in block:
        lines = block["r"]
        for index, column, kind, value in block.get("x", ()):
            lines[index][column] = decoder_of(kind)(value)
        return map(Row, block["n"], lines)
    columns = block["c"]
    for column, kind in block.get("k", {}).items():
        decode = decoder_of(kind)
        columns[int(column)] = [None if value is None else decode(value) for value in columns[int(column)]]
    for index, column, kind, value in block.get("x", ()):
        columns[column][index] = decoder_of(kind)(value)
    return map(Row, block["n"], zip(*columns, strict=True))
