"""Import pages: upload, progress, check, result, and the list of batches. The check page reads staged rows, never the file."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import TAKING_IN, Right, requires
from apps.core.refusal import Refused
from apps.files import actions, rights, selectors, tasks
from apps.files.forms import ColumnsForm, UploadForm, sheet_kinds
from apps.files.importing import life, presenting, undone
from apps.files.importing.desk import occupied
from apps.files.models import WRITTEN, BatchState, ImportBatch
from apps.files.sheetkinds import SHEETS
from apps.files.wording import title_of

PAGE, FIRST, PATIENCE = 50, 6, 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def batch_or_404(request, pk: int) -> ImportBatch:
    try:
        found = selectors.batch(request.scope, pk)
    except ImportBatch.DoesNotExist:
        raise Http404 from None
    if found.kind not in SHEETS or not SHEETS[found.kind].rights & request.rights:
        raise Http404
    return found


@requires(*TAKING_IN)
def upload(request):
    """GET the form; POST keeps the file and starts reading it."""
    form = UploadForm(
        request.POST or None, request.FILES or None,
        orgs=selectors.importable(request.scope, request.today), kinds=sheet_kinds(request.rights),
        initial={"org": request.membership.org_id} | ({"kind": request.GET["kind"]} if request.GET.get("kind") in SHEETS else {}),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        file, given = form.cleaned_data["file"], form.cleaned_data
        try:
            org = selectors.organization(request.scope, given["org"])
            batch = actions.open_batch(
                kind=given["kind"], content=file.chunks(), name=file.name, content_type="application/octet-stream", org=org, by=request.user, today=request.today
            )
            transaction.on_commit(partial(tasks.read_batch.delay, batch.pk))
            return redirect("files:batch", batch.pk)
        except Refused as refused:
            form.refuse(refused)
    kinds = [{"key": key, "kind": SHEETS[key]} for key, _ in sheet_kinds(request.rights)]
    return render(request, "files/upload.html", {"form": form, "kinds": kinds, "steps": presenting.STEPS}, status=422 if form.errors else 200)


@require_GET
@requires(*TAKING_IN)
def batch(request, pk: int):
    """Progress, check, result or failure, as the batch stands."""
    found = batch_or_404(request, pk)
    return _page(request, found)


def _page(request, found: ImportBatch, columns: ColumnsForm | None = None, status: int = 200):
    kind = SHEETS[found.kind]
    context = {
        "batch": found, "kind": kind, "steps": presenting.STEPS, "step": presenting.AT[found.state], "same": selectors.same_file(request.scope, found),
        "events": life.timeline(found), "may_undo": Right.IMPORT_UNDO in request.rights,
    }  # fmt: skip
    if found.state in life.UNDER_WAY:
        return render(request, "files/batch_running.html", context | _run(request, found), status=status)
    context |= {"sheets": presenting.sheets_read(found), "columns": columns or _columns_form(found), "better": presenting.better_kind(found, request.rights)}
    if found.state in (BatchState.CHECKED, *WRITTEN):
        context |= _checked(request, found, kind)
    return render(request, f"files/batch_{found.state}.html", context, status=status)


def _checked(request, found: ImportBatch, kind) -> dict:
    applied = found.state in WRITTEN
    rows = partial(selectors.rows, request.scope, found)
    against = rights.reason_against_writing(found, request.user, request.today)
    return {
        "figures": presenting.figures(found), "errors": presenting.groups(found, "error", request.rights), "warnings": presenting.groups(found, "warning"),
        "changes": presenting.changes(kind, rows("changed")[:FIRST], applied), "fields_changed": selectors.fields_changed(found),
        "first": presenting.preview(kind, request.scope, rows("new")[:FIRST], applied),
        "some_reason": selectors.reason_against_applying(found) or against,
        "whole_reason": selectors.reason_against_applying(found, whole_only=True) or against,
        "written": found.counts["new"] + found.counts["changed"], "list_url": kind.list_url(found),
        "undone_sentence": undone.sentence(found.undone_counts, kind.unit, True) if found.undone_at else "",
    }  # fmt: skip


def _columns_form(found: ImportBatch, data=None) -> ColumnsForm:
    return ColumnsForm(data, kind=SHEETS[found.kind], sheets=found.sheets, lacking=presenting.lacking(found))


def _run(request, found: ImportBatch) -> dict:
    return {"run": life.progress(request.scope, found, timezone.now()), "stalled": _stalled(found), "may_cancel": found.state in actions.UNWRITTEN}


def _stalled(found: ImportBatch) -> bool:
    """Nobody is working on it although somebody should be."""
    waited = (timezone.now() - found.moved_at).total_seconds()
    return waited > PATIENCE and not occupied(found.pk)


@require_GET
@requires(*TAKING_IN)
def progress(request, pk: int):
    """The fragment asked every two seconds; sends the browser on when the work is over."""
    found = batch_or_404(request, pk)
    response = render(request, "files/_progress.html", {"batch": found} | _run(request, found))
    if found.state not in life.UNDER_WAY:
        response["HX-Redirect"] = selectors.batch_url(found.pk)
    return response


@require_GET
@requires(*TAKING_IN)
def rows(request, pk: int):
    """Staged rows of one result: ``?state=new|changed|unchanged|refused``."""
    found, state = batch_or_404(request, pk), request.GET.get("state", "")
    kind, applied = SHEETS[found.kind], found.state in WRITTEN
    page = Paginator(selectors.rows(request.scope, found, state), PAGE).get_page(request.GET.get("page"))
    tabs = [{"label": one["label"], "url": one["url"], "count": one["value"], "active": one["url"].endswith(f"={state}")} for one in presenting.figures(found)]
    context = {"batch": found, "kind": kind, "page": page, "state": state, "tabs": tabs}
    if state == "changed":
        context["changes"] = presenting.changes(kind, page, applied)
    else:
        context["lines"] = presenting.preview(kind, request.scope, page, applied)
    return render(request, "files/rows.html", context)


@require_GET
@requires(*TAKING_IN)
def problems(request, pk: int):
    """Every cell with a problem, of one code or all: ``?code=``."""
    found, code = batch_or_404(request, pk), request.GET.get("code", "")
    page = Paginator(selectors.rows_with_problems(request.scope, found, code), PAGE).get_page(request.GET.get("page"))
    lines = [{"sheet": row.sheet, "row": row.number, **one} for row in page for one in selectors.opened_problems(row.problems, row.key_shown) if not code or one["code"] == code]
    context = {"batch": found, "kind": SHEETS[found.kind], "page": page, "problems": lines, "code": code, "title": title_of(code) if code else "全部问题"}
    return render(request, "files/problems.html", context)


def posted(request, pk: int, work) -> HttpResponse:
    """Do ``work(batch)``; a refusal shows the page again with its sentence."""
    found = batch_or_404(request, pk)
    try:
        work(found)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _page(request, selectors.batch(request.scope, pk), status=refused.status)
    return redirect("files:batch", pk)


@require_POST
@requires(*TAKING_IN)
def apply(request, pk: int):
    """``whole=1``: all rows or none."""

    def work(found: ImportBatch) -> None:
        actions.confirm_batch(batch=found, by=request.user, whole_only=bool(request.POST.get("whole")), today=request.today)
        transaction.on_commit(partial(tasks.apply_batch.delay, found.pk))

    return posted(request, pk, work)


@require_POST
@requires(*TAKING_IN)
def cancel(request, pk: int):
    return posted(request, pk, lambda found: actions.cancel_batch(batch=found, by=request.user))


@require_POST
@requires(*TAKING_IN)
def again(request, pk: int):
    """Read the file once more with the columns as the person has told."""
    found = batch_or_404(request, pk)
    form = _columns_form(found, request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)

    def work(found: ImportBatch) -> None:
        if actions.read_again(batch=found, by=request.user, today=request.today, mapping=form.mapping(), given=form.given()):
            transaction.on_commit(partial(tasks.read_batch.delay, found.pk))

    return posted(request, pk, work)


@require_POST
@requires(*TAKING_IN)
def resume(request, pk: int):
    """Put a batch whose worker died back to work; harmless while somebody is at it."""

    def work(found: ImportBatch) -> None:
        if found.state in life.UNDER_WAY:
            transaction.on_commit(partial(tasks.task_for(found.state).delay, found.pk))

    return posted(request, pk, work)
