"""Refused rows put right on a page: a grid of fifty rows, each saved and judged as soon as one leaves it."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import TAKING_IN, requires
from apps.core.refusal import Refused
from apps.files import actions, selectors, tasks
from apps.files.importing import gridding
from apps.files.models import BatchState
from apps.files.sheetkinds import SHEETS
from apps.files.storage import NotToBeHad
from apps.files.views.downloads import unavailable
from apps.files.views.imports import batch_or_404

PAGE = 50
CELL = "cell-"


@require_GET
@requires(*TAKING_IN)
def grid(request, pk: int):
    found = batch_or_404(request, pk)
    if found.state != BatchState.CHECKED:
        return redirect("files:batch", pk)
    page = Paginator(selectors.correctable(request.scope, found), PAGE).get_page(request.GET.get("page"))
    sheets = gridding.sheets(found, page.object_list)
    unknown = any(not line["known"] for sheet in sheets for line in sheet["lines"])
    context = {"batch": found, "kind": SHEETS[found.kind], "page": page, "sheets": sheets, "options": gridding.options(found), "unknown": unknown}
    return render(request, "files/grid.html", context)


@require_POST
@requires(*TAKING_IN)
def row(request, pk: int, row: int):
    """Save one row (``cell-A``, ``cell-B``, …, ``version``). Scripts get the row as it is now, with the counts; forms go back to the page."""
    found = batch_or_404(request, pk)
    typed = {name.removeprefix(CELL): text for name, text in request.POST.items() if name.startswith(CELL)}
    refused, said = None, ""
    try:
        rows = actions.correct_row(
            batch=found, row_id=row, cells=typed, version=request.POST.get("version", ""), by=request.user, today=request.today, now=timezone.now()
        )  # fmt: skip
    except Refused as why:
        refused, said, rows = why, why.sentence, selectors.row_parts(found, row)
    if "X-Portal-Fetch" not in request.headers:
        if refused:
            messages.error(request, said)
        return redirect(f"{request.path.rsplit('/', 2)[0]}/?page={request.POST.get('page', '1')}")
    if not rows:
        return render(request, "files/_grid_gone.html", {"said": said}, status=refused.status)
    found = selectors.batch(request.scope, pk)
    line = gridding.line(found, SHEETS[found.kind], rows)
    mine = [{"title": one["title"], "value": typed[one["letter"]]} for one in line["cells"] if refused and typed.get(one["letter"], one["value"]) != one["value"]]
    context = {"batch": found, "line": line, "said": said, "mine": mine, "answer": True}
    return render(request, "files/_grid_row.html", context, status=refused.status if refused else 200)


@require_POST
@requires(*TAKING_IN)
def fetch_cells(request, pk: int):
    """Have the rows of a large file hold their cells, should the worker not have done it after the check."""
    found = batch_or_404(request, pk)
    transaction.on_commit(partial(tasks.keep_cells.delay, found.pk))
    messages.info(request, "正在取出这些行的内容，请稍后刷新本页。")
    return redirect("files:grid", pk)


@require_POST
@requires(*TAKING_IN)
def go_on(request, pk: int):
    """The rows an applied batch has left go on as a batch of their own."""
    found = batch_or_404(request, pk)
    if found.state != BatchState.APPLIED:
        raise Http404
    try:
        fresh = actions.continue_batch(batch=found, by=request.user, scope=request.scope, today=request.today)
    except NotToBeHad as gone:
        return unavailable(request, found.file, gone)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("files:batch", pk)
    if fresh.state == BatchState.QUEUED:
        transaction.on_commit(partial(tasks.read_batch.delay, fresh.pk))
    return redirect("files:batch", fresh.pk)
