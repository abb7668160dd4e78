"""A staged row beside the records it may be: field by field, as people read it, closed values masked."""

import json
from typing import Any

from django.db import connection

from apps.core.crypto import decrypt
from apps.files import selectors
from apps.files.importing.presenting import where
from apps.files.models import ImportRow
from apps.files.sheetkinds import SheetKind

SAME, DIFFERS, FILLS = "same", "differs", "fills"
PLACE = "管理单位"


def compared(kind: SheetKind, row: ImportRow) -> dict:
    """``{"name", "where", "place", "candidates": [{"pk", "version", "name", "place", "note", "url", "differs", "fills"}], "fields": [{"title", "mine", "theirs": [{"text",
    "how"}]}]}``: ``how`` is same, differs, or fills (the record lacks what the row has). Fields that nobody has
    are left out; those the row doesn't speak of come last."""
    records = _records(kind, row.candidates)
    mine, show = row.fresh | row.values, kind.shower()
    fields = [_field(kind, name, mine, records, show) for name in _columns(kind)]
    place = selectors.place_names({row.org_id}).get(row.org_id, "")
    theirs = [{"text": record["_place"], "how": SAME if record["_place"] == place else DIFFERS} for record in records]
    fields = sorted((*(one for one in fields if one), {"title": PLACE, "mine": place, "theirs": theirs}), key=lambda one: not one["mine"])
    candidates = [
        {
            "pk": record["id"], "version": record["version"], "name": record[kind.name_field], "place": record["_place"], "note": kind.record_note(record),
            "url": kind.record_url(record["id"]), **{how: sum(one["theirs"][n]["how"] == how for one in fields) for how in (DIFFERS, FILLS)},
        }
        for n, record in enumerate(records)
    ]  # fmt: skip
    return {"name": row.values.get(kind.name_field, ""), "where": where(row), "place": place, "candidates": candidates, "fields": fields}


def _records(kind: SheetKind, keys: list[int]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_jsonb(c) || jsonb_build_object('_place', o.name) FROM {kind.model._meta.db_table} c JOIN accounts_organization o ON o.id = c.org_id"
            " WHERE c.id = ANY(%s) ORDER BY c.id",
            [keys],
        )
        return [json.loads(one) if isinstance(one, str) else one for (one,) in cursor.fetchall()]


def _columns(kind: SheetKind) -> list[str]:
    """Columns of the record that a sheet of this kind speaks of, in the order of the declaration."""
    columns = {column.column for column in kind.model._meta.concrete_fields}
    return [name for name in dict.fromkeys(kind.leader(one.attribute) for one in kind.fields.values() if one.attribute) if name in columns]


def _field(kind: SheetKind, name: str, mine: dict, records: list[dict], show) -> dict | None:
    words = [_words(kind, name, values, show) for values in (mine, *records)]
    if not any(words):
        return None
    theirs = [{"text": text, "how": _how(kind, name, mine, record, words[0], text)} for record, text in zip(records, words[1:], strict=True)]
    return {"title": kind.fields[kind.field_of(name)].column_name, "mine": words[0], "theirs": theirs}


def _words(kind: SheetKind, name: str, values: dict, show) -> str:
    if name in kind.shown_as:
        return values.get(kind.shown_as[name]) or ""
    if name in kind.dates:
        return show(name, [values.get(name), values.get(kind.dates[name])])
    value = values.get(name)
    return "" if value in (None, "", False) else show(name, value)


def _how(kind: SheetKind, name: str, mine: dict, record: dict, said: str, known: str) -> str:
    if not said or said == known == "":
        return SAME
    if not known:
        return FILLS
    if name in kind.dates and (known.startswith(said) or said.startswith(known)):
        return SAME
    return SAME if said == known and _equal(kind, name, mine.get(name), record.get(name)) else DIFFERS


def _equal(kind: SheetKind, name: str, new: Any, old: Any) -> bool:
    """Two masks may be alike where the values are not."""
    if name in kind.opaque and new and old:
        aad = kind.model._meta.get_field(name).aad
        return decrypt(_bytes(new), aad) == decrypt(_bytes(old), aad)
    return new == old if name in kind.shown_as else True


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("\\x"))



