"""What people say of columns, and its memory for the next file of the bureau."""

from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.activity import audit
from apps.core.refusal import Refused
from apps.core.workbooks.titles import memory_key
from apps.files.models import ASIDE, IGNORED, ColumnMemory, ImportBatch
from apps.files.sheetkinds import SHEETS, SheetKind

Mapping = dict[str, dict[str, str]]
SAID = ("told",)


def check_answers(kind: SheetKind, mapping: Mapping) -> None:
    """Raises ``Refused`` (code ``set_unknown``) for a use the kind doesn't know."""
    known = {*kind.fields, IGNORED, *([ASIDE] if kind.aside else [])}
    if any(use not in known for columns in mapping.values() for use in columns.values()):
        raise Refused("选的项目不存在，请重新选择。", code="set_unknown")


def as_read(sheets: list[dict], mapping: Mapping) -> bool:
    """Was every column a person has spoken of read in just that way?"""
    read = {(sheet["name"], column["letter"]): column.get("use") for sheet in sheets for column in sheet.get("columns", ())}
    return all(read.get((sheet, letter)) == use for sheet, columns in mapping.items() for letter, use in columns.items())


def marked_told(sheets: list[dict], mapping: Mapping) -> list[dict]:
    """The sheets with these columns no longer open. Of two columns for one field the answered one settles the other's question only by its own answer."""
    return [
        sheet | {
            "columns": [
                column | {"why": "told", "asked": False} if column["letter"] in mapping.get(sheet["name"], {}) else column for column in sheet.get("columns", ())
            ],
            "notes": [one for one in sheet.get("notes", ()) if one["column"] not in mapping.get(sheet["name"], {})],
        }
        for sheet in sheets
    ]  # fmt: skip


def remember_columns(batch: ImportBatch, by: User) -> None:
    """Keep what was said of columns, and the side notes nobody objected to: offered when a column of that title comes again.

    Inside the transaction that confirms the batch. A title that meant two things in one file is not remembered.
    """
    said: dict[str, set[str]] = {}
    for sheet in batch.sheets:
        for column in sheet.get("columns", ()):
            accepted = column.get("why") == "unknown" and column.get("filled") and column["use"] == ASIDE
            if column.get("why") in SAID or accepted:
                said.setdefault(memory_key(column["title"]), set()).add(column["use"])
    clear = {title: uses.pop() for title, uses in said.items() if len(uses) == 1 and title}
    if not clear:
        return
    rows = [_memory(batch, by, title, use) for title, use in clear.items()]
    ColumnMemory.objects.bulk_create(rows, update_conflicts=True, unique_fields=["org", "kind", "title"], update_fields=["field", "confirmed_by", "confirmed_at"])
    audit.record("import.columns_remembered", batch, by=by, title=SHEETS[batch.kind].title, data={"kind": batch.kind, "columns": clear})


def forget_samples(batch: ImportBatch) -> None:
    """Once nobody can be asked about its columns any more, a batch keeps no content of them."""
    sheets = [sheet | {"columns": [column | {"samples": []} for column in sheet.get("columns", ())]} for sheet in batch.sheets]
    ImportBatch.objects.filter(pk=batch.pk).update(sheets=sheets)


def _memory(batch: ImportBatch, by: User, title: str, use: str) -> ColumnMemory:
    facts: dict[str, Any] = {"org": batch.org, "org_path": batch.org.path, "kind": batch.kind}
    return ColumnMemory(**facts, title=title, field=use, confirmed_by=by)


@transaction.atomic
def forget_column(*, memory: ColumnMemory, by: User) -> None:
    """The next file with this column is asked about again, or read as the organisations above remember it."""
    audit.record("import.column_forgotten", memory, by=by, title=memory.title, data={"kind": memory.kind, "use": memory.field})
    memory.delete()
