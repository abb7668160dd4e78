"""Every read of stored files and import batches; the scope comes first."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Case, Func, IntegerField, Q, Sum, When
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.timezone import localdate

from apps.accounts.models import Level, Organization, User
from apps.accounts.selectors import ancestors
from apps.core.scope import Scope, system_scope, upper_bound
from apps.files.models import BatchState, ColumnMemory, Decision, ExportChoice, ExportRun, ImportBatch, ImportRow, ReportRun, RowState, StoredFile

PROBLEM = ("column", "title", "value", "code", "level", "message")
REGIONS = (Level.PROVINCE, Level.CITY, Level.COUNTY)


def stored_file(scope: Scope, key) -> StoredFile:
    """Raises ``StoredFile.DoesNotExist`` outside the scope."""
    return StoredFile.objects.visible_to(scope).get(key=key)


def sealed_files(scope: Scope):
    """Files that lie encrypted and still have their bytes, in pages."""
    return StoredFile.objects.visible_to(scope).filter(sealed=True, removed_at=None).order_by("pk").iterator(chunk_size=1000)


def regions(today: date):
    """(key, path, name, code) of every province, city and county in force, upper ones first: a public register, whatever the scope."""
    return Organization.objects.in_force(today).filter(level__in=REGIONS).order_by("path").values_list("pk", "path", "name", "code")


def places_below(org: Organization, today: date):
    """(key, path, name, short name) of ``org`` and everything below it that is in force, upper ones first."""
    found = Organization.objects.in_force(today).filter(path__gte=org.path, path__lt=upper_bound(org.path))
    return found.order_by("path").values_list("pk", "path", "name", "short_name")


def names_above(org: Organization) -> list[str]:
    """Names from the province down to ``org`` itself."""
    return [one.name for one in ancestors(org) if one.path != "/"]


def batch_url(pk: int) -> str:
    return reverse("files:batch", args=[pk])


def copy_url(batch: ImportBatch, what: str) -> str:
    """``what``: annotated or refused."""
    return reverse(f"files:{what}", args=[batch.pk])


def copy_name(batch: ImportBatch, what: str) -> str:
    """What the copy of a batch's file is called: the whole with its problems, or the refused rows."""
    stem = batch.file.name.rsplit(".", 1)[0]
    rest = f"待修改的 {batch.counts.get('refused', 0)} 行" if what == "refused" else "已标注"
    return f"{stem}－{rest}.xlsx"


def kept_copy(scope: Scope, batch: ImportBatch, what: str) -> StoredFile | None:
    """The newest copy made in the background since the batch last changed."""
    since = max(moment for moment in (batch.created_at, batch.checked_at, batch.applied_at) if moment)
    found = StoredFile.objects.visible_to(scope).filter(label=batch.file.label, subject_id=batch.pk, name=copy_name(batch, what), created_at__gte=since, removed_at=None)
    return found.exclude(pk=batch.file_id).order_by("-pk").first()


def row_version(row: ImportRow) -> str:
    """Changes whenever a person has saved the row."""
    return f"{row.corrected_at:%Y%m%d%H%M%S%f}" if row.corrected_at else "0"


def correctable(scope: Scope, batch: ImportBatch):
    """Rows people correct in the browser, in the order of the file: those refused, and those put right there. One per row of the file."""
    found = ImportRow.objects.visible_to(scope).filter(Q(state=RowState.REFUSED) | Q(corrected_at__isnull=False), batch=batch)
    return found.order_by("pk")


def row_parts(batch: ImportBatch, pk: int) -> list[ImportRow]:
    """Every staged row of the file's row that ``pk`` belongs to; none when it is gone. The caller may see the batch."""
    one = ImportRow.objects.filter(batch=batch, pk=pk).first()
    return list(ImportRow.objects.filter(batch=batch, sheet=one.sheet, number=one.number).order_by("part")) if one else []


def continuation(scope: Scope, batch: ImportBatch, name: str) -> ImportBatch | None:
    """The batch that goes on with the rows this one has left."""
    over = (BatchState.CANCELLED, BatchState.FAILED, BatchState.EXPIRED, BatchState.UNDONE)
    return batches(scope).filter(pk__gt=batch.pk, kind=batch.kind, org=batch.org, file__name=name).exclude(state__in=over).first()


def user(pk: int) -> User:
    """Who asked for background work."""
    return User.objects.get(pk=pk)


def batches(scope: Scope, *, hidden: Iterable[str] = (), state: str = "", kind: str = "", by: int | None = None, text: str = ""):
    """Batches of organisations in the scope, newest first, without kinds that are ``hidden``; narrowed by state, kind, who uploaded, and words of the file's name."""
    found = ImportBatch.objects.visible_to(scope).select_related("file", "org", "created_by", "applied_by", "undone_by").order_by("-pk")
    wanted = {"state": state, "kind": kind, "created_by": by, "file__name__icontains": text}
    return found.exclude(kind__in=hidden).filter(**{name: value for name, value in wanted.items() if value})


def without_password(batch: ImportBatch):
    """Users whom an applied batch has made and who can't sign in yet, because no password has been handed out."""
    made = ImportRow.objects.filter(batch=batch, state=RowState.NEW, target_id__isnull=False).values("target_id")
    return User.objects.filter(pk__in=made, last_login=None, is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX).order_by("username")


def uploaders(scope: Scope, hidden: Iterable[str] = ()) -> list[tuple[int, str]]:
    """(key, name) of whoever has uploaded a sheet that is in the scope and not of a ``hidden`` kind."""
    found = User.objects.filter(pk__in=ImportBatch.objects.visible_to(scope).exclude(kind__in=hidden).values("created_by")).order_by("display_name", "pk")
    return [(one.pk, str(one)) for one in found]


def standing_still(scope: Scope, state: str, since) -> list[tuple[int, str]]:
    """(key, state) of batches that have stood in a state since before a moment."""
    return list(ImportBatch.objects.visible_to(scope).filter(state=state, moved_at__lt=since).order_by("pk").values_list("pk", "state"))


def pace(scope: Scope, batch: ImportBatch, stage: str) -> float | None:
    """Seconds the last batches of this kind took for a stage (``read``, ``apply``, ``undo``), per byte of the file or per row; None when there is nothing to go by."""
    amount = "file__size" if stage == "read" else "total"
    told = ImportBatch.objects.visible_to(scope).filter(kind=batch.kind, facts__seconds__has_key=stage, pk__lt=batch.pk)
    rates = sorted(seconds / size for seconds, size in told.order_by("-pk").values_list(f"facts__seconds__{stage}", amount)[:5] if size)
    return rates[len(rates) // 2] if rates else None


def expired_files(scope: Scope, today: date):
    """Files whose time is over and whose bytes are still there."""
    return StoredFile.objects.visible_to(scope).filter(expires_on__lt=today, removed_at=None).order_by("pk")


def batch(scope: Scope, pk: int) -> ImportBatch:
    """Raises ``ImportBatch.DoesNotExist`` outside the scope."""
    return batches(scope).get(pk=pk)


def batch_for_work(pk: int) -> ImportBatch:
    """For workers, who know no more than the number; what they do then happens inside the batch's own organisation."""
    with system_scope("import: whose batch is this") as scope:
        return batch(scope, pk)


def same_file(scope: Scope, batch: ImportBatch) -> ImportBatch | None:
    """The newest other batch of this kind with the very same bytes that was applied, or is still open."""
    over = (BatchState.CANCELLED, BatchState.FAILED, BatchState.EXPIRED, BatchState.UNDONE)
    earlier = batches(scope, kind=batch.kind).filter(file__sha256=batch.file.sha256, pk__lt=batch.pk).exclude(state__in=over)
    return earlier.filter(state=BatchState.APPLIED).first() or earlier.first()


def open_columns(batch: ImportBatch) -> list[dict]:
    """Columns a person must say something about before the batch may be applied."""
    return [column for sheet in batch.sheets for column in sheet.get("columns", ()) if column.get("asked")]


def reason_against_applying(batch: ImportBatch, *, whole_only: bool = False) -> str:
    """Why a batch can't be applied (so): a sentence for the grey button, "" when it can."""
    if batch.state != BatchState.CHECKED:
        return "这一批不在待确认状态。"
    if open_ones := open_columns(batch):
        return f"还有 {len(open_ones)} 列需要您说明。"
    if not batch.counts.get("new") and not batch.counts.get("changed"):
        return "没有需要写入的行。"
    if whole_only and batch.counts.get("refused"):
        return f"还有 {batch.counts['refused']} 行有问题。"
    if whole_only and batch.counts.get("review"):
        return f"还有 {batch.counts['review']} 行待判断。"
    return ""


def _above(org: Organization) -> list[str]:
    """Paths from the top down to ``org`` itself."""
    return ["/".join(org.path.split("/")[:depth]) + "/" for depth in range(1, org.path.count("/") + 1)]


def column_memories(org: Organization, kind: str) -> list[tuple[str, str, str]]:
    """(title, use, whose and since when) of what ``org`` and those above it have said of columns; its own last, so that it wins.

    The memories above lie outside a county's scope; they hold titles of columns and nothing of people.
    """
    with system_scope("import: what columns meant last time"):
        found = ColumnMemory.objects.filter(kind=kind, org_path__in=_above(org)).select_related("org").order_by(Length("org_path"), "pk")
        return [(one.title, one.field, f"{one.org.name}，{localdate(one.confirmed_at):%Y-%m-%d}") for one in found]


def memories(scope: Scope, hidden: Iterable[str] = ()):
    """Column memories of organisations in the scope, without kinds that are ``hidden``."""
    return ColumnMemory.objects.visible_to(scope).exclude(kind__in=hidden).select_related("org", "confirmed_by").order_by("org_path", "kind", "title")


def memories_above(org: Organization) -> list[ColumnMemory]:
    """What the organisations above remember and ``org`` goes by as well."""
    with system_scope("import: what columns mean above"):
        found = ColumnMemory.objects.filter(org_path__in=_above(org)[:-1]).select_related("org", "confirmed_by")
        return list(found.order_by("org_path", "kind", "title"))


def memory(scope: Scope, pk: int, hidden: Iterable[str] = ()) -> ColumnMemory:
    """Raises ``ColumnMemory.DoesNotExist`` outside the scope and for kinds that are ``hidden``."""
    return memories(scope, hidden).get(pk=pk)


def reason_against_undoing(batch: ImportBatch) -> str:
    """What in the batch itself keeps it from being taken back: it wrote nothing, or kept no picture of what it changed; "" when nothing does."""
    written = ImportRow.objects.filter(batch=batch)
    if written.filter(state=RowState.CHANGED, before__isnull=True).exists():
        return "这一批没有留下导入前的内容，不能自动撤销。请按原表逐条更正。"
    if not written.filter(state__in=(RowState.NEW, RowState.CHANGED)).exists():
        return "这一批没有写入任何内容，不用撤销。"
    return ""


def rows_by_key(scope: Scope, keys) -> dict[int, ImportRow]:
    return ImportRow.objects.visible_to(scope).in_bulk(keys)


def undone_rows(scope: Scope, batch: ImportBatch, verdict: str):
    """Rows of a batch that was taken back, by what became of them, in the order of the file."""
    return ImportRow.objects.visible_to(scope).filter(batch=batch, undone=verdict).order_by("pk")


def user_names(keys: set[int]) -> dict[int, str]:
    return {one.pk: str(one) for one in User.objects.filter(pk__in=keys)}


def rows(scope: Scope, batch: ImportBatch, state: str = "", code: str = ""):
    """Staged rows in the order of the file; of one state, or with a problem of one code."""
    found = ImportRow.objects.visible_to(scope).filter(batch=batch)
    if state in RowState.values:
        found = found.filter(state=state)
    return (found.filter(problems__contains=[{"code": code}]) if code else found).order_by("pk")


def problems(scope: Scope, batch: ImportBatch) -> Iterator[dict]:
    """Every problem of a batch: those of its sheets, then row by row, from left to right."""
    for sheet in batch.sheets:
        yield from sheet.get("notes", ())
    found = rows(scope, batch).exclude(problems=[]).values_list("sheet", "number", "problems", "key_shown")
    for sheet, number, of_row, key_shown in found.iterator(chunk_size=2000):
        for one in sorted(opened_problems(of_row, key_shown), key=lambda each: (len(each["column"]) or 9, each["column"])):
            yield {"sheet": sheet, "row": number, **{key: one[key] for key in PROBLEM}}


def opened_problems(of_row: list[dict], key_shown) -> list[dict]:
    """Problems of a row as whoever corrects it must read them: those at the key with the cell as it is, which lies encrypted beside them."""
    cell = getattr(key_shown, "open", lambda: key_shown)()
    return [one | {"value": cell} if one.get("closed") and cell else one for one in of_row]


def waiting(scope: Scope, kinds: Iterable[str], batch: ImportBatch | None = None):
    """Rows of these kinds that wait for a person's word, batch by batch, those put off last; of one batch or of all in the scope."""
    open_ones = ImportBatch.objects.visible_to(scope).filter(state__in=(BatchState.CHECKED, BatchState.APPLIED), kind__in=list(kinds))
    found = ImportRow.objects.filter(state=RowState.REVIEW, batch__in=[batch] if batch else open_ones)
    return found.annotate(put_off=Case(When(decision=Decision.LATER, then=1), default=0)).select_related("batch__file", "decided_by").order_by("put_off", "pk")


def staged_row(batch: ImportBatch, pk: int) -> ImportRow | None:
    """A row of a batch that the caller may see."""
    return ImportRow.objects.filter(batch=batch, pk=pk).select_related("decided_by").first()


def refused_lines(scope: Scope, batch: ImportBatch, sheet: str) -> Iterator[tuple[int, list[dict], str]]:
    """(row number, problems, cells a person has corrected) of the refused rows of one sheet, in the order of the file; one per row of the sheet."""
    found = rows(scope, batch, RowState.REFUSED).filter(sheet=sheet).values_list("number", "problems", "cells", "corrected_at").order_by("number", "pk")
    for number, of_row in groupby(found.iterator(chunk_size=2000), key=itemgetter(0)):
        parts = list(of_row)
        sealed, corrected = parts[0][2:]
        yield number, [one for _, problems, *_ in parts for one in problems], sealed.open() if sealed and corrected else ""


def organization_by_key(text: str) -> Organization | None:
    """By primary key or path, for commands."""
    found = Organization.objects.filter(pk=int(text)) if text.isdecimal() and len(text) < 10 else Organization.objects.filter(path=text)
    return found.first()


def importing_user(name: str) -> User | None:
    """An active account by user name, for commands."""
    return User.objects.filter(username=name, is_active=True).first()


def place_names(keys: set[int]) -> dict[int, str]:
    return dict(Organization.objects.filter(pk__in=keys).values_list("pk", "name"))


def importable(scope: Scope, today: date) -> list[tuple[int, str]]:
    """(key, name indented by depth) of what a file may speak for: regions; within one county its units too."""
    found = Organization.objects.visible_to(scope).in_force(today).order_by("path")
    rows = list(found.filter(level__in=(Level.COUNTRY, *REGIONS)).values_list("pk", "name", "path"))
    if len(rows) <= 1:
        rows = list(found.exclude(level__in=(Level.TOWNSHIP, Level.COMMUNITY)).values_list("pk", "name", "path"))
    top = min((path.count("/") for _, _, path in rows), default=0)
    return [(pk, "　" * (path.count("/") - top) + name) for pk, name, path in rows]


def organization(scope: Scope, pk: int) -> Organization:
    """Raises ``Organization.DoesNotExist`` outside the scope."""
    return Organization.objects.visible_to(scope).get(pk=pk)


def rows_with_problems(scope: Scope, batch: ImportBatch, code: str = ""):
    """Rows with any problem, or with one of this code, in the order of the file."""
    return rows(scope, batch, code=code).exclude(problems=[])


def fields_changed(batch: ImportBatch) -> int:
    """In how many fields the batch changes records."""
    found = ImportRow.objects.filter(batch=batch, state=RowState.CHANGED).aggregate(n=Sum(Func("changes", function="jsonb_array_length", output_field=IntegerField())))
    return found["n"] or 0


def runs(scope: Scope):
    """Reports of organisations in the scope, newest first, without their data."""
    return ReportRun.objects.visible_to(scope).select_related("org", "document", "annex", "created_by", "published_by").defer("context").order_by("-pk")


def run(scope: Scope, pk: int) -> ReportRun:
    """Raises ``ReportRun.DoesNotExist`` outside the scope."""
    return runs(scope).get(pk=pk)


def run_for_work(pk: int) -> ReportRun | None:
    """For workers, who know no more than the number; what they do then happens inside the report's own organisation."""
    with system_scope("report: whose run is this") as scope:
        return runs(scope).filter(pk=pk).first()


def run_url(pk: int) -> str:
    return reverse("files:report", args=[pk])


def published_run(scope: Scope, kind: str, org: Organization, period: str) -> ReportRun | None:
    return runs(scope).filter(kind=kind, org=org, period=period, state="published").first()


def reporting_places(scope: Scope, levels: tuple[str, ...], today: date):
    """Organisations of the given levels in the scope, in the order of the register."""
    return Organization.objects.visible_to(scope).in_force(today).filter(level__in=levels).order_by("path")


def all_exports(scope: Scope):
    return ExportRun.objects.visible_to(scope).select_related("org", "file", "created_by").order_by("-pk")


def exports_of(user: User, scope: Scope):
    """One's own exports for places in the scope, newest first: nobody else sees them."""
    return all_exports(scope).filter(created_by=user)


def export_for_work(pk: int) -> ExportRun | None:
    """For workers, who know no more than the number; what they do then happens inside the scope of the one who asked."""
    with system_scope("export: whose run is this") as scope:
        return all_exports(scope).filter(pk=pk).first()


def export_url(pk: int) -> str:
    return reverse("files:export", args=[pk])


def columns_chosen(user: User, kind: str) -> list[str]:
    """Keys of the columns chosen last time; empty for the first time."""
    return ExportChoice.objects.filter(user=user, kind=kind).values_list("columns", flat=True).first() or []
