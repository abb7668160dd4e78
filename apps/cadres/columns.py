"""From what was typed to what is stored: the one place where the columns of ``Cadre`` that follow from others are computed.

``prepare(values)`` serves the form and the API, ``prepare_many(rows)`` the import: the same columns, with the encrypted ones sealed in
one go (``Sealed``: the ORM takes it as it is, ``COPY`` writes ``.data``). Keys that are not given are left alone, so a change of two
fields yields the columns of two fields.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from apps.cadres.models import Cadre, periods
from apps.core.crypto import Sealed, blind_index, encrypt_many
from apps.core.dates import PartialDate
from apps.core.personal_data import mask_id, mask_phone
from apps.core.pinyin import search_prefix, search_tokens, sort_key
from apps.core.text import clean_name, match_key

PARTIAL_DATES: dict[str, str] = {
    "born_on": "born_precision",
    "party_joined_on": "party_joined_precision",
    "work_started_on": "work_started_precision",
    "revolution_started_on": "revolution_started_precision",
    "retired_on": "retired_precision",
}
"""Date field → the field that says how exactly it is known."""

ENCRYPTED = ("id_number", "phone", "landline", "emergency_phone")
SEARCHED = ("name", "former_name", "original_unit", "extra")
_PIECES = re.compile(r"[\w@.+-]{2,}")
MOST_NOTE_BYTES = 400  # of which side notes may take so much
LONGEST_PIECE = 16
MOST_SEARCH_BYTES = 1400  # the vector stands in a b-tree too, whose tuples end at 2,700 bytes
LONGEST_SORT = 200
MOST_NAMES = 65_536  # kept with what follows from them: some 50 MB at most; a province has fewer, most of them many times


def id_index(number: str | None) -> bytes | None:
    """Blind index of a clean 18-character ID number; None for blank, so that blanks never match one another."""
    return blind_index(number, "cadre.id_number")


def phone_index(number: str | None) -> bytes | None:
    return blind_index(number, "cadre.phone")


def _unit_tails(unit: str) -> tuple[str, ...]:
    """The unit and its tails of two characters and more; many people share one unit."""
    unit = search_prefix(unit)
    return tuple(unit[n:] for n in range(max(len(unit) - 1, 0)))


def note_tokens(notes: Mapping[str, str]) -> list[str]:
    """Words of side notes and their tails, so that any part of a word is found; a note after the other until the room is used up."""
    found, size = [], 0
    for text in notes.values():
        for piece in _PIECES.findall(str(text)):
            word = search_prefix(piece)[:LONGEST_PIECE]
            for token in [word] if word.isascii() else [word[n:] for n in range(max(len(word) - 1, 1))]:
                size += len(token.encode()) + 8
                if size > MOST_NOTE_BYTES:
                    return found
                found.append(token)
    return found


def _literal(lexemes: Iterable[str]) -> str:
    """Lexemes quoted, one after the other until the room is used up."""
    different = dict.fromkeys(lexemes)
    whole = "' '".join(different)
    if different and whole.count("'") == 2 * len(different) - 2 and "\\" not in whole and len(whole) * 3 < MOST_SEARCH_BYTES:
        return f"'{whole}'"  # nearly always, and three times as fast
    size, kept = 0, []
    for lexeme in different:
        size += len(lexeme.encode()) + 8
        if size > MOST_SEARCH_BYTES:
            break
        kept.append("'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'")
    return " ".join(kept)


@lru_cache(maxsize=MOST_NAMES)
def _name_literal(name: str) -> str:
    return _literal(search_tokens(name)) if name else ""


@lru_cache(maxsize=8_192)
def _unit_literal(unit: str) -> str:
    return _literal(_unit_tails(unit))


def search_vector(name: str, former_name: str = "", unit: str = "", notes: Mapping[str, str] | None = None) -> str:
    """Literal of the ``tsvector`` in which a prefix finds a person: names, their tails and pinyin, tails of the former unit, words of side notes."""
    if not notes:
        whole = " ".join(filter(None, (_name_literal(name), _name_literal(former_name), _unit_literal(unit))))
        if len(whole) * 3 < MOST_SEARCH_BYTES:
            return whole
    return _literal([*search_tokens(name), *search_tokens(former_name), *_unit_tails(unit), *note_tokens(notes or {})])


@lru_cache(maxsize=MOST_NAMES)
def _named(name: str) -> dict[str, str]:
    """Columns that follow from a name as it was typed."""
    name = clean_name(name)
    return {"name": name, "name_key": match_key(name), "name_sort": sort_key(name)[:LONGEST_SORT]}


def prepare(values: dict[str, Any], current: Cadre | None = None) -> dict[str, Any]:
    """Columns of ``Cadre`` for these values. ``current`` is the row they change, needed when only part of what is searched is given.

    ``values`` are clean: text stripped, ``id_number`` 18 characters or None, dates ``PartialDate``, ``date`` (known to the day) or None.
    Precision columns may also be given as such. Nothing is checked here; see ``apps.cadres.rules``.
    """
    return _prepared({name: value.strip() if isinstance(value, str) else value for name, value in values.items()}, current)


def _prepared(values: dict[str, Any], current: Cadre | None) -> dict[str, Any]:
    columns = dict(values)
    for name, precision in PARTIAL_DATES.items():
        if name in columns:
            columns[name], columns[precision] = _dated(columns[name], columns.get(precision))
    for name in ENCRYPTED:
        if name in columns:
            columns[name] = columns[name] or None
    _add_name(columns, current)
    _add_closed(columns)
    _settle_period(columns, current)
    return columns


def prepare_many(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """``prepare`` for many new rows whose texts are stripped already; encrypted columns come back as ``Sealed``."""
    found = [_prepared(row, None) for row in rows]
    for name in ENCRYPTED:
        aad = Cadre._meta.get_field(name).aad
        having = [row for row in found if row.get(name) is not None]
        for row, data in zip(having, encrypt_many([row[name] for row in having], aad), strict=True):
            row[name] = Sealed(data, aad)
    return found


def _dated(value: PartialDate | date | None, known: str | None) -> tuple[date | None, str]:
    if type(value) is PartialDate:
        return value.value, value.precision
    return value, (known or "day") if value else "day"


def _add_name(columns: dict[str, Any], current: Cadre | None) -> None:
    if "name" in columns:
        columns |= _named(columns["name"])
    if not columns.keys().isdisjoint(SEARCHED):
        columns["search"] = search_vector(*(columns.get(name, getattr(current, name, "") or "") for name in SEARCHED))


def _add_closed(columns: dict[str, Any]) -> None:
    if "id_number" in columns:
        number = columns["id_number"]
        columns |= {"id_index": id_index(number), "id_masked": mask_id(number), "id_last4": (number or "")[-4:]}
    if "phone" in columns:
        columns |= {"phone_index": phone_index(columns["phone"]), "phone_masked": mask_phone(columns["phone"])}
    for name in ("landline", "emergency_phone"):
        if name in columns:
            columns[f"{name}_masked"] = mask_phone(columns[name])


def _settle_period(columns: dict[str, Any], current: Cadre | None) -> None:
    """A confirmed period stays only while the date leaves it open."""
    if "revolution_started_on" not in columns and "revolution_period_confirmed" not in columns:
        return

    def now(name: str) -> Any:
        return columns.get(name, getattr(current, name, None))

    started = now("revolution_started_on")
    open_to = periods.candidates(started, now("revolution_started_precision")) if started else ()
    confirmed = now("revolution_period_confirmed") or ""
    columns["revolution_period_confirmed"] = confirmed if len(open_to) > 1 and confirmed in open_to else ""
