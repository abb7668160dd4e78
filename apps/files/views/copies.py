"""A batch's file on its way back: small ones at once, large ones made in the background and fetched from the same page."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.permissions import TAKING_IN, requires
from apps.core.refusal import Refused
from apps.files import actions, selectors, tasks
from apps.files.actions.copying import ANNOTATED, GIVEN_BACK, XLSX
from apps.files.sheetkinds import SHEETS
from apps.files.storage import NotToBeHad
from apps.files.views.downloads import delivered, unavailable
from apps.files.views.imports import batch_or_404

AT_ONCE_ROWS, AT_ONCE_BYTES = 20_000, 6 * 2**20


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*TAKING_IN)
def copy(request, pk: int, what: str):
    """``what``: annotated or refused. GET gives a small copy, or shows how far a large one is; POST has a large one made."""
    found = batch_or_404(request, pk)
    if found.state not in GIVEN_BACK or (what != ANNOTATED and not found.counts.get("refused")):
        raise Http404
    small = found.counts["rows"] <= AT_ONCE_ROWS and found.file.size <= AT_ONCE_BYTES
    if request.method == "POST" and not small:
        transaction.on_commit(partial(tasks.build_copy.delay, found.pk, what, request.user.pk))
        return redirect(f"{selectors.copy_url(found, what)}?wait=1")
    return _at_once(request, found, what) if small else _page(request, found, what)


def _at_once(request, found, what: str):
    try:
        content = actions.give_back(batch=found, what=what, by=request.user, scope=request.scope)
    except NotToBeHad as gone:
        return unavailable(request, found.file, gone)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("files:batch", found.pk)
    return delivered(content, name=selectors.copy_name(found, what), content_type=XLSX)


def _page(request, found, what: str):
    made = selectors.kept_copy(request.scope, found, what)
    context = {
        "batch": found, "kind": SHEETS[found.kind], "what": what, "name": selectors.copy_name(found, what), "made": made,
        "waiting": bool(request.GET.get("wait")) and made is None, "url": selectors.copy_url(found, what),
    }  # fmt: skip
    return render(request, "files/_copy.html" if request.htmx else "files/copy.html", context)
