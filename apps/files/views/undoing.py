"""Taking a batch back: what would happen, the word for it, and what happened."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.permissions import Right, requires
from apps.core.refusal import Refused
from apps.files import actions, selectors, tasks
from apps.files.importing import undoing, undone
from apps.files.models import BatchState, ImportBatch
from apps.files.sheetkinds import SHEETS
from apps.files.views.imports import batch_or_404

PAGE = 50


@require_http_methods(["GET", "POST"])
@requires(Right.IMPORT_UNDO)
def undo(request, pk: int):
    """GET tells, row by row (``?what=removed|restored|partly|kept``); nothing is written. POST has it done in the background."""
    found = batch_or_404(request, pk)
    if request.method == "POST":
        return _start(request, found)
    if found.state == BatchState.UNDOING:
        return redirect("files:batch", pk)
    if found.state not in (BatchState.APPLIED, BatchState.UNDONE):
        raise Http404
    return _page(request, found)


def _start(request, found: ImportBatch):
    try:
        actions.start_undo(batch=found, by=request.user, today=request.today)
    except Refused as refused:
        messages.error(request, refused.sentence)
        if found.state != BatchState.APPLIED:
            return redirect("files:batch", found.pk)
        return _page(request, found, status=refused.status)
    transaction.on_commit(partial(tasks.undo_batch.delay, found.pk))
    return redirect("files:batch", found.pk)


def _page(request, found: ImportBatch, status: int = 200):
    kind, over = SHEETS[found.kind], found.state == BatchState.UNDONE
    reason = "" if over else actions.reason_against_undoing(found, request.user, request.today)
    context = {"batch": found, "kind": kind, "over": over, "reason": reason}
    if reason:
        return render(request, "files/undo.html", context, status=status)
    if not over:
        undoing.judge(found, kind)
    counts = found.undone_counts if over else undoing.counts(found)
    verdict = undone.chosen_tab(found, counts, request.GET.get("what", ""))
    if over:
        page = Paginator(selectors.undone_rows(request.scope, found, verdict), PAGE).get_page(request.GET.get("page"))
        lines = undone.afterwards(kind, request.scope, page, verdict)
    else:
        page = Paginator(range(counts[verdict]), PAGE).get_page(request.GET.get("page"))
        lines = undone.before(kind, request.scope, verdict, page.start_index() - 1 if page.paginator.count else 0, PAGE)
    tabs = undone.tabs(found, counts, verdict)
    context |= {"counts": counts, "page": page, "lines": lines, "tabs": tabs, "sentence": undone.sentence(counts, kind.unit, over)}
    context["about"] = next(tab["about"] for tab in tabs if tab["active"])
    context["doing"] = counts["removed"] + counts["restored"] + counts["partly"]
    return render(request, "files/undo.html", context, status=status)
