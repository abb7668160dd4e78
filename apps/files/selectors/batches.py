"""Import batches, and what stands against writing or undoing one."""

from collections.abc import Iterable

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Func, IntegerField, Sum
from django.urls import reverse

from apps.accounts.models import User
from apps.core.scope import Scope, system_scope
from apps.files.models import BatchState, ImportBatch, ImportRow, RowState


def batch_url(pk: int) -> str:
    return reverse("files:batch", args=[pk])


def continuation(scope: Scope, batch: ImportBatch, name: str) -> ImportBatch | None:
    """The batch that goes on with the rows this one has left."""
    over = (BatchState.CANCELLED, BatchState.FAILED, BatchState.EXPIRED, BatchState.UNDONE)
    return batches(scope).filter(pk__gt=batch.pk, kind=batch.kind, org=batch.org, file__name=name).exclude(state__in=over).first()


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


def reason_against_undoing(batch: ImportBatch) -> str:
    """What in the batch itself keeps it from being taken back: it wrote nothing, or kept no picture of what it changed; "" when nothing does."""
    written = ImportRow.objects.filter(batch=batch)
    if written.filter(state=RowState.CHANGED, before__isnull=True).exists():
        return "这一批没有留下导入前的内容，不能自动撤销。请按原表逐条更正。"
    if not written.filter(state__in=(RowState.NEW, RowState.CHANGED)).exists():
        return "这一批没有写入任何内容，不用撤销。"
    return ""


def fields_changed(batch: ImportBatch) -> int:
    """In how many fields the batch changes records."""
    found = ImportRow.objects.filter(batch=batch, state=RowState.CHANGED).aggregate(n=Sum(Func("changes", function="jsonb_array_length", output_field=IntegerField())))
    return found["n"] or 0
