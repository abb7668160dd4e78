"""Side notes: the content of a column nobody knows, kept on the record under the column's own title.

A side note is readable by whoever sees the record, so what looks like an ID number, a bank card or a telephone number is kept masked only.
"""

import re
from typing import Any

from apps.core.personal_data import mask_id, mask_phone
from apps.core.text import clean_text
from apps.core.workbooks.problems import Problem, problem
from apps.core.workbooks.values import CellError
from apps.files.cells import NOTHING
from apps.files.sheetkinds import SheetKind

LONGEST = 2_000
LONGEST_LABEL = 60
_MARK = "~"
_NUMBERS = re.compile(
    r"(?<!\d)(?:"
    r"\d{6}[ \-]\d{6,8}[ \-]?\d{3}[\dXx]"  # an ID number written in groups
    r"|(?:\d{4}[ \-]){3,4}\d{1,4}"  # a bank card written in groups
    r"|1\d{2}[ \-]\d{4}[ \-]\d{4}"  # a mobile number written in groups
    r"|0\d{2,3}[ \-]?\d{7,8}"  # a landline with area code
    r"|\d{10,}[\dXx]"
    r")(?!\d)"
)
_WHOLE = re.compile(r"\d{10,17}[\dXx]")
_BETWEEN = re.compile(r"[\s\-—·]")
_YEAR = re.compile(r"(?:19|20)\d{2}\s?[-.]")
_PHONE_DIGITS = 13


def key_of(label: str) -> str:
    """How problems name a side note among the fields."""
    return _MARK + label


def is_key(name: str) -> bool:
    return name.startswith(_MARK)


def mask_numbers(text: str) -> str:
    """The text with everything in it that looks like a number of a person, a card or a telephone masked."""
    if not _YEAR.search(text) and _WHOLE.fullmatch(compact := _BETWEEN.sub("", text)):
        return _masked(compact)
    return _NUMBERS.sub(lambda match: _masked(match.group()), text)


def _masked(number: str) -> str:
    digits = _BETWEEN.sub("", number)
    return mask_phone(digits) if len(digits) <= _PHONE_DIGITS and digits.isdigit() else mask_id(digits)


def read_note(cell: Any, label: str) -> tuple[str, bool, tuple[Problem, ...]]:
    """The note ("" for blank), whether a number in it was masked, and what is to be said about the cell."""
    if type(cell) is CellError:
        return "", False, (problem("cell_error", "warning", found=cell),)
    text = clean_text(cell)
    if text in NOTHING:
        return "", False, ()
    if len(text) > LONGEST:
        return "", False, (problem("too_long", title=label, limit=LONGEST),)
    kept = mask_numbers(text)
    return kept, kept != text, ()


def differing(kind: SheetKind) -> str:
    """SQL for the comparison of row ``r`` and record ``c``: one change per side note that differs, ``title`` its label."""
    if not kind.aside:
        return ""
    return f"""
              UNION ALL
              SELECT 2, jsonb_build_object('column', '{kind.aside}', 'title', n.key, 'was', c.{kind.aside} -> n.key, 'now', n.value)
              FROM jsonb_each(r."values" -> '{kind.aside}') n WHERE c.{kind.aside} -> n.key IS DISTINCT FROM n.value"""


def of_new(kind: SheetKind) -> str:
    """SQL behind the values of a new record: its side notes come from the sheet and from what the kind itself put aside."""
    if not kind.aside:
        return ""
    return f""" || CASE WHEN r.fresh ? '{kind.aside}' AND r."values" ? '{kind.aside}'
                THEN jsonb_build_object('{kind.aside}', (r.fresh -> '{kind.aside}') || (r."values" -> '{kind.aside}')) ELSE '{{}}' END"""


def merged(kind: SheetKind) -> str:
    """SQL for the new value of touched column ``t``: side notes are added to those of record ``c``, anything else takes its place."""
    return f"CASE WHEN t.key = '{kind.aside}' THEN c.{kind.aside} || t.value ELSE t.value END" if kind.aside else "t.value"


def image(kind: SheetKind) -> str:
    """SQL for the value touched column ``t`` had: of side notes only those the row names, null for one that wasn't there."""
    if not kind.aside:
        return "to_jsonb(c) -> t.key"
    notes = f"SELECT jsonb_object_agg(n.key, c.{kind.aside} -> n.key) FROM jsonb_each(t.value) n"
    return f"CASE WHEN t.key = '{kind.aside}' THEN ({notes}) ELSE to_jsonb(c) -> t.key END"
