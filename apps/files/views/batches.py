"""The list of imports."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.accounts.permissions import Right, requires
from apps.files import selectors
from apps.files.forms import BatchFilter
from apps.files.sheetkinds import SHEETS

PAGE = 20


@require_GET
@requires(Right.IMPORT_CREATE, Right.IMPORT_UPDATE, Right.IMPORT_UNDO)
def batches(request):
    """Newest first; the filters stand in the URL."""
    form = BatchFilter(request.GET, people=selectors.uploaders(request.scope))
    wanted = form.wanted()
    page = Paginator(selectors.batches(request.scope, **wanted), PAGE).get_page(request.GET.get("page"))
    lines = [{"batch": one, "kind": SHEETS[one.kind].title if one.kind in SHEETS else one.kind} for one in page]
    context = {"page": page, "lines": lines, "form": form, "narrowed": bool(wanted)}
    return render(request, "files/_batches.html" if request.htmx else "files/batches.html", context)
