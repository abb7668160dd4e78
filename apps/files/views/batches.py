"""The list of imports."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.accounts.permissions import TAKING_IN, Right, requires
from apps.files import selectors
from apps.files.forms import BatchFilter, sheet_kinds
from apps.files.sheetkinds import SHEETS, kinds_hidden_from

PAGE = 20


@require_GET
@requires(*TAKING_IN, Right.IMPORT_UNDO)
def batches(request):
    """Newest first; the filters stand in the URL."""
    hidden = kinds_hidden_from(request.rights)
    form = BatchFilter(request.GET, people=selectors.uploaders(request.scope, hidden), kinds=sheet_kinds(request.rights))
    wanted = form.wanted()
    page = Paginator(selectors.batches(request.scope, hidden=hidden, **wanted), PAGE).get_page(request.GET.get("page"))
    lines = [{"batch": one, "kind": SHEETS[one.kind].title if one.kind in SHEETS else one.kind} for one in page]
    context = {"page": page, "lines": lines, "form": form, "narrowed": bool(wanted)}
    return render(request, "files/_batches.html" if request.htmx else "files/batches.html", context)
