"""A file comes in, and may be read once more with columns and values a person has told."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from apps.accounts.models import Organization, User
from apps.activity import audit
from apps.core.refusal import Refused
from apps.files import rights, storage
from apps.files.actions.answering import Mapping, as_read, check_answers, marked_told
from apps.files.cells import Book
from apps.files.models import BatchState, ImportBatch, StoredFile
from apps.files.sheetkinds import SHEETS, SheetKind

LABEL = "import"


@transaction.atomic
def open_batch(*, kind: str, content, name: str, content_type: str, org: Organization, by: User, today: date, given: dict[str, str] | None = None) -> ImportBatch:
    """Keep the file and queue it. ``given``: field, column name or alias → one value for a column the file lacks. Raises ``Refused`` for values that can't be."""
    if kind not in SHEETS:
        raise Refused("没有这种表。", code="kind_unknown")
    may = rights.may(SHEETS[kind], by, org, today)
    if not may:
        raise Refused(f"您现在的角色不能为“{org.name}”导入{SHEETS[kind].title}。", code="not_allowed", status=403)
    settled = settle_given(SHEETS[kind], given or {}, org, today)
    until = today + timedelta(days=settings.IMPORT_KEEP_DAYS)
    stored = storage.save(content, name=name, content_type=content_type, label=f"{LABEL}.{kind}", org=org, by=by, sealed=True, expires_on=until)
    batch = ImportBatch.objects.create(kind=kind, file=stored, org=org, created_by=by, given=settled, may=may)
    stored.subject_id = batch.pk
    stored.save(update_fields=["subject_id"])
    audit.record("import.uploaded", batch, by=by, title=SHEETS[kind].title, data={"kind": kind, "sha256": stored.sha256, "bytes": stored.size})
    return batch


def settle_given(kind: SheetKind, given: dict[str, str], org: Organization, today: date) -> dict[str, str]:
    """Field → text, for values that a cell of that column could hold. Raises ``Refused`` (code ``set_unknown`` or the problem's)."""
    book = kind.book(kind.begin(org, today)) if given else Book(today)
    found = {}
    for key, text in given.items():
        name = kind.named(key)
        if name is None:
            raise Refused(f"{kind.title}里没有“{key}”这一项。", code="set_unknown", field=key)
        if not text.strip():
            continue
        value, problems = kind.fields[name].widget.read(text, book)
        if wrong := next((one for one in problems if one.is_error), None):
            raise Refused(wrong.message, code=wrong.code, field=key)
        if value is not None:
            found[name] = text.strip()
    return found


@transaction.atomic
def read_again(*, batch: ImportBatch, by: User, today: date, mapping: Mapping | None = None, given: dict[str, str] | None = None) -> bool:
    """Take what a person says of columns (sheet → letter → use) and of values for the whole file, and queue a checked or failed batch once more.

    False when nothing has to be read again, because every column was read in just that way.
    """
    kind, mapping = SHEETS[batch.kind], mapping or {}
    settled = settle_given(kind, given or {}, batch.org, today)
    check_answers(kind, mapping)
    may = rights.may(kind, by, batch.org, today)
    if not may:
        raise Refused(f"您现在的角色不能为“{batch.org.name}”导入{kind.title}。", code="not_allowed", status=403)
    said = batch.mapping | {sheet: {**batch.mapping.get(sheet, {}), **columns} for sheet, columns in mapping.items()}
    found = ImportBatch.objects.filter(pk=batch.pk, state__in=(BatchState.CHECKED, BatchState.FAILED))
    if mapping and not settled and batch.state == BatchState.CHECKED and as_read(batch.sheets, mapping):
        moved, again = found.filter(state=BatchState.CHECKED).update(mapping=said, sheets=marked_told(batch.sheets, mapping)), False
    else:
        moved = found.update(
            state=BatchState.QUEUED, moved_at=Now(), attempts=0, may=may, mapping=said, given={**batch.given, **settled}, error="", error_code="", done=0, total=0
        )
        again = True
    if not moved:
        raise Refused("这一批正在处理或已经结束，不能重新核对。", code="too_late", status=409)
    return again


@transaction.atomic
def read_as(*, batch: ImportBatch, kind: str, by: User, today: date) -> None:
    """Queue a checked or failed batch once more as a sheet of another kind; what was said of its columns no longer holds."""
    if kind not in SHEETS:
        raise Refused("没有这种表。", code="kind_unknown")
    may = rights.may(SHEETS[kind], by, batch.org, today)
    if not may:
        raise Refused(f"您现在的角色不能为“{batch.org.name}”导入{SHEETS[kind].title}。", code="not_allowed", status=403)
    found = ImportBatch.objects.filter(pk=batch.pk, state__in=(BatchState.CHECKED, BatchState.FAILED))
    fresh = {"mapping": {}, "given": {}, "sheets": [], "error": "", "error_code": "", "done": 0, "total": 0}
    if not found.update(kind=kind, state=BatchState.QUEUED, moved_at=Now(), attempts=0, may=may, **fresh):
        raise Refused("这一批正在处理或已经结束，不能改按另一种表读取。", code="too_late", status=409)
    StoredFile.objects.filter(pk=batch.file_id).update(label=f"{LABEL}.{kind}")
    audit.record("import.read_as", batch, by=by, title=SHEETS[kind].title, data={"was": batch.kind, "kind": kind})
