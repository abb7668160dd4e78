"""Staged rows on their way into ``files_importrow``: from drafts to lines of ``COPY``."""

import json
from collections.abc import Iterable
from datetime import date
from io import BytesIO
from typing import Any

import orjson
from django.db import connection

from apps.core.crypto import Sealed, encrypt_many
from apps.core.personal_data import mask_id
from apps.core.workbooks.values import Number, Row, column_letter, shown
from apps.files.importing.asides import is_key, mask_numbers
from apps.files.importing.mapping import SheetPlan
from apps.files.models import ImportRow, RowState
from apps.files.sheetkinds import Draft, SheetKind

COLUMNS = (
    "batch_id", "org_path", "sheet", "number", "part", "state", "values", "problems", "changes", "match_index", "match_name", "match_month",
    "fresh", "org_id", "county_path", "key_shown", "cells",
)  # fmt: skip
LONGEST_VALUE = 200
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""})
_NO_BYTES = b"\\N"


def bytea(data: bytes) -> str:
    return "\\x" + data.hex()


def _plain(value: Any) -> Any:
    if isinstance(value, Sealed):
        return bytea(value.data)
    if isinstance(value, bytes | memoryview):
        return bytea(bytes(value))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no column value: {type(value)}")


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, _plain)
    except orjson.JSONEncodeError:  # half a surrogate pair, or a whole number of more than 64 bits
        return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")


def as_json(value: Any) -> str:
    """Columns as ``to_jsonb`` would write them: dates in ISO form, bytes in hexadecimal."""
    return _json(value).decode()


def _json_cell(value: Any) -> bytes:
    """JSON for ``COPY``: it holds no line break or tab of its own, so only backslashes need another."""
    return _json(value).replace(b"\\", b"\\\\")


def _text_cell(text: str) -> bytes:
    return text.translate(_ESCAPES).encode()


def _bytes_cell(data: bytes | None) -> bytes:
    return b"\\\\x" + data.hex().encode() if data else _NO_BYTES


def quoted(cell: Any) -> str:
    """A cell as the spreadsheet displays it: numbers of more than eleven digits in scientific form, or with fifteen digits that count."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= 1e11:
        return f"{int(float(f'{cell:.14e}'))}" if isinstance(cell, Number) else f"{cell:.5E}"
    return shown(cell).replace("\x00", "")[:LONGEST_VALUE]


def typed(cell: Any) -> str:
    """A cell as a person would type it to get the same value again; a number that has lost its last digits must not look whole."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= 1e15:
        return f"{cell:.5E}"
    return shown(cell).replace("\x00", "")


def row_text(row: Row) -> str:
    """What ``ImportRow.cells`` holds: column letter → cell as it would be typed, blanks left out, those of unknown columns too."""
    return as_json({column_letter(index): text for index, cell in enumerate(row.cells) if cell is not None and (text := typed(cell))})


def keeps_cells(draft: Draft, kind: SheetKind) -> bool:
    """Rows that people will correct keep their cells; a row that packs several records has lost its own by now and is read again later."""
    return draft.refused and not kind.packed_by


def located(name: str, problem, cell: Any, plan: SheetPlan, kind: SheetKind) -> dict:
    """A problem of a row as it is stored: column letter, title, value as the sheet shows it, code, level, sentence.

    Of the key column it holds the mask and is ``closed``: the cell itself stands encrypted in ``key_shown``.
    """
    from_line = name == kind.county_field and name not in plan.fields
    stored = {
        "column": plan.letter(name), "title": "填报单位" if from_line else plan.title(name, kind),
        "value": mask_numbers(quoted(cell)) if is_key(name) else quoted(cell),
        "code": problem.code, "level": problem.level, "message": problem.message,
    }  # fmt: skip
    return closed(stored) if name == kind.key_field else stored


def closed(stored: dict) -> dict:
    """A problem at the key column, its value masked."""
    return stored | {"value": mask_id(stored["value"]), "closed": True}


def not_waited_for() -> None:
    """The commit of this transaction needn't reach the disk before we go on: staged rows that a crash of the server loses are read again from the file."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def copy_lines(lines: bytes, kind: SheetKind) -> None:
    """Write one chunk; the caller has opened the transaction and the scope.

    PostgreSQL refuses ``COPY`` into a table under row-level security, so it goes into a temporary one and from there through the policy.
    Each row gets the key its record will have if it turns out to be new. The chunk is handed over in one piece: a small one each time would
    wait for the thread that cleans the next.
    """
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE arriving ON COMMIT DROP AS SELECT {names} FROM files_importrow WITH NO DATA")
        cursor.copy_expert(f"COPY arriving ({names}) FROM STDIN", BytesIO(lines), len(lines) + 1)
        key = "NULL::bigint" if kind.shape == "acted" else f"nextval(pg_get_serial_sequence('{kind.model._meta.db_table}', 'id')::regclass)"
        cursor.execute(f"INSERT INTO files_importrow (target_id, {names}) SELECT {key}, {names} FROM arriving")
        cursor.execute("DROP TABLE arriving")


def lines_of(batch_id: int, drafts: list[Draft], plan: SheetPlan, kind: SheetKind) -> bytes:
    """The drafts as ``COPY`` takes them."""
    return b"".join(_lines(batch_id, drafts, plan, kind))


def _lines(batch_id: int, drafts: list[Draft], plan: SheetPlan, kind: SheetKind) -> Iterable[bytes]:
    key = plan.fields.get(kind.key_field)
    cells = [_key_cell(draft, key, kind) for draft in drafts]
    sealed = encrypt_many(cells, ImportRow._meta.get_field("key_shown").aad)
    kept = encrypt_many([row_text(draft.row) if keeps_cells(draft, kind) else None for draft in drafts], ImportRow._meta.get_field("cells").aad)
    sheet = plan.name.translate(_ESCAPES)
    for draft, key_shown, cells in zip(drafts, sealed, kept, strict=True):
        problems = [located(name, problem, _cell(draft, name, plan, kind), plan, kind) for name, problem in draft.problems]
        state = RowState.REFUSED if draft.refused else RowState.NEW
        yield b"\t".join(
            (
                f"{batch_id}\t{draft.place.path}\t{sheet}\t{draft.row.number}\t{draft.part}\t{state}".encode(),
                _json_cell(draft.columns), _json_cell(problems) if problems else b"[]", b"[]", _bytes_cell(draft.index), _text_cell(draft.name),
                draft.month.encode(), _json_cell(draft.fresh) if draft.fresh else b"{}", f"{draft.place.pk}\t{draft.county_path}".encode(),
                _bytes_cell(key_shown), _bytes_cell(cells),
            )
        ) + b"\n"  # fmt: skip


def _key_cell(draft: Draft, key: int | None, kind: SheetKind) -> str | None:
    """The key cell, kept where the row can be found by it or where something is wrong with it."""
    if key is None:
        return None
    if any(name == kind.key_field for name, _ in draft.problems):
        return quoted(draft.row.get(key))
    return shown(draft.row.get(key)) if draft.index else None


def _cell(draft: Draft, name: str, plan: SheetPlan, kind: SheetKind) -> Any:
    index = plan.index(name)
    if index is None:
        return plan.unit_text if name == kind.county_field else None
    return draft.row.get(index)
