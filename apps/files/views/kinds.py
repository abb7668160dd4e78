"""A kind of sheet explained, and its template."""

from functools import partial

from django.db import transaction
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import TAKING_IN, requires
from apps.files import actions, tasks
from apps.files.importing import explaining, template
from apps.files.sheetkinds import SHEETS, SheetKind
from apps.files.views.downloads import delivered
from apps.files.views.imports import XLSX, posted


def kind_or_404(request, key: str) -> SheetKind:
    if key not in SHEETS or not SHEETS[key].rights & request.rights:
        raise Http404
    return SHEETS[key]


def _book(request, kind: SheetKind):
    return kind.book(kind.begin(request.membership.org, request.today))


@require_GET
@requires(*TAKING_IN)
def explained(request, kind: str):
    """Every column, what may stand in it, and what happens to the rows."""
    found = kind_or_404(request, kind)
    others = [one for one in SHEETS.values() if one is not found and one.rights & request.rights]
    context = {"kind": found, "columns": explaining.columns(found, _book(request, found)), "needed": explaining.needed(found), "rules": explaining.rules(found), "others": others}
    return render(request, "files/kind.html", context)


@require_GET
@requires(*TAKING_IN)
def blank_template(request, kind: str):
    """A workbook to fill in: titles, drop-downs of the codes in force, an example row that is skipped on the way in."""
    found = kind_or_404(request, kind)
    return delivered(template.workbook(found, _book(request, found)), name=f"{found.title}（模板）.xlsx", content_type=XLSX)


@require_POST
@requires(*TAKING_IN)
def read_as(request, pk: int, kind: str):
    """The same file once more, as a sheet of another kind."""
    other = kind_or_404(request, kind)

    def work(found) -> None:
        actions.read_as(batch=found, kind=other.key, by=request.user, today=request.today)
        transaction.on_commit(partial(tasks.read_batch.delay, found.pk))

    return posted(request, pk, work)
