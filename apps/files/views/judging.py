"""待判断: rows that may be somebody already on the register, side by side with whom they may be, and the decision."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import RIGHT_NAMES, Right, requires
from apps.core.context import badge
from apps.core.refusal import Refused
from apps.files import actions, selectors
from apps.files.forms import sheet_kinds
from apps.files.importing import side_by_side
from apps.files.importing.presenting import where
from apps.files.models import BatchState, Decision, ImportBatch, ImportRow, RowState
from apps.files.sheetkinds import SHEETS
from apps.files.views.imports import batch_or_404

PAGE = 50
DONE = {
    RowState.NEW: "已按不是同一人处理，将作为新人员。", RowState.CHANGED: "已按同一人处理，将变更这份档案。", RowState.UNCHANGED: "已按同一人处理，档案没有要改的内容。",
    RowState.REFUSED: "已记下判断，但这一行还不能导入，原因见这一行的问题。", RowState.REVIEW: "已放到后面，导入其他行不受影响。",
}  # fmt: skip
WRITTEN = {RowState.NEW: "已写入：新增一人。", RowState.CHANGED: "已写入：档案已变更。"}


def _kinds(request) -> list[str]:
    return [key for key, _ in sheet_kinds(request.rights)]


@badge("files:reviews")
def waiting(request):
    return selectors.waiting(request.scope, _kinds(request))


@require_GET
@requires(Right.IMPORT_CREATE, Right.IMPORT_UPDATE)
def queue(request):
    """Every row of the scope that waits, batch by batch, whether the batch has been applied or not."""
    page = Paginator(selectors.waiting(request.scope, _kinds(request)), PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    places = selectors.place_names({row.org_id for row in rows})
    lines = [{"row": row, "place": places.get(row.org_id, ""), "where": where(row), "name": row.values.get("name", "")} for row in rows]
    return render(request, "files/reviews.html", {"page": page, "lines": lines})


@requires(Right.IMPORT_CREATE, Right.IMPORT_UPDATE)
def judge(request, pk: int):
    """GET one row (``?row=``, else the first that waits) beside its candidates; POST ``decision`` (and ``target``, ``version``), then on to the next."""
    batch = batch_or_404(request, pk)
    if request.method == "POST":
        return _judged(request, batch)
    row = _row(request, batch, request.GET.get("row", ""))
    if row is None:
        messages.info(request, "这一批没有待判断的行了。")
        return redirect("files:batch", pk)
    return _page(request, batch, row)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _row(request, batch: ImportBatch, text: str) -> ImportRow | None:
    row = selectors.staged_row(batch, _number(text)) if text else None
    return row if row and row.candidates else selectors.waiting(request.scope, [batch.kind], batch).first()


def _page(request, batch: ImportBatch, row: ImportRow, status: int = 200):
    kind, keys = SHEETS[batch.kind], list(selectors.waiting(request.scope, [batch.kind], batch).values_list("pk", flat=True))
    at = keys.index(row.pk) if row.pk in keys else None
    around = {"before": keys[at - 1] if at else None, "after": keys[at + 1] if at is not None and at + 1 < len(keys) else None}
    context = {
        "batch": batch, "kind": kind, "row": row, "found": side_by_side.compared(kind, row), "count": len(keys), "number": None if at is None else at + 1, **around,
        "open": row.state == RowState.REVIEW, "again": batch.state == BatchState.CHECKED, "applied": batch.state == BatchState.APPLIED,
        "same_reason": _lacks(request, kind.updates), "new_reason": _lacks(request, kind.creates),
    }  # fmt: skip
    return render(request, "files/judge.html", context, status=status)


def _lacks(request, right: Right) -> str:
    return "" if right in request.rights else f"您的角色没有「{RIGHT_NAMES[right]}」的权限。"


def _judged(request, batch: ImportBatch):
    given = {name: request.POST.get(name, "") for name in ("row", "decision", "target", "version")}
    row, after = _number(given["row"]), _next(request, batch, _number(given["row"]))
    try:
        if given["decision"] not in Decision.values:
            raise Refused("请选择是不是同一人。", code="decision_unknown")
        decided = actions.judge_row(
            batch=batch, row_id=row, decision=given["decision"], by=request.user, rights=request.rights, now=timezone.now(),
            target=_number(given["target"]), version=_number(given["version"]),
        )  # fmt: skip
    except Refused as refused:
        messages.error(request, refused.sentence)
        again = _row(request, batch, given["row"])
        return _page(request, batch, again, status=refused.status) if again else redirect("files:batch", batch.pk)
    messages.success(request, (WRITTEN if batch.state == BatchState.APPLIED else {}).get(decided.state) or DONE[decided.state])
    return redirect(f"{reverse('files:judge', args=[batch.pk])}?row={after}" if after else reverse("files:batch", args=[batch.pk]))


def _next(request, batch: ImportBatch, row: int) -> int:
    """The row that comes after in the queue; 0 at its end, where only rows put off may be left."""
    keys = list(selectors.waiting(request.scope, [batch.kind], batch).values_list("pk", flat=True))
    at = keys.index(row) if row in keys else -1
    return keys[at + 1] if at + 1 < len(keys) else 0


@require_POST
@requires(Right.IMPORT_CREATE, Right.IMPORT_UPDATE)
def judge_all(request, pk: int):
    """One word for every row of the batch that waits."""
    batch, decision = batch_or_404(request, pk), request.POST.get("decision", "")
    try:
        if decision not in Decision.values:
            raise Refused("请选择是不是同一人。", code="decision_unknown")
        count = actions.judge_all(batch=batch, decision=decision, by=request.user, rights=request.rights, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("files:judge", pk)
    messages.success(request, f"已按“{Decision(decision).label}”处理 {count} 行。")
    left = selectors.waiting(request.scope, [batch.kind], batch).exists()
    return redirect("files:judge" if left and decision != Decision.LATER else "files:batch", pk)


@require_POST
@requires(Right.IMPORT_CREATE, Right.IMPORT_UPDATE)
def judge_again(request, pk: int):
    """Take a decision back, as long as the batch has not been applied."""
    batch, row = batch_or_404(request, pk), _number(request.POST.get("row", ""))
    try:
        actions.reconsider(batch=batch, row_id=row, by=request.user)
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect(f"{reverse('files:judge', args=[pk])}?row={row}")
