"""Code tables: what may be chosen, under which names it is known, from when to when."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts.permissions import Right, requires
from apps.cadres import actions, selectors
from apps.cadres.forms import CodeForm, NewCodeForm
from apps.cadres.selectors.codes import code_row, tables
from apps.cadres.views.common import carried_out, or_404


def _title(found: list[tuple[str, str, int]], key: str) -> str:
    return next((title for table, title, _ in found if table == key), "")


@requires(Right.TABLES_EDIT)
def index(request):
    """All tables on the left, the chosen one (``?table=``) on the right."""
    found = tables()
    current = request.GET.get("table") or (found[0][0] if found else "")
    if found and not _title(found, current):
        raise Http404
    rows = [(row, row.valid_to is not None and row.valid_to < request.today) for row in selectors.code_rows(current)]
    return render(request, "cadres/codes.html", {"tables": found, "current": current, "title": _title(found, current), "rows": rows})


@requires(Right.TABLES_EDIT)
@or_404
def add(request, table):
    title = _title(tables(), table)
    if not title:
        raise Http404
    form, status = NewCodeForm(request.POST or None), 200
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.add_code(table=table, by=request.user, **form.cleaned_data))
        if saved:
            return _done(request, table, "已添加。")
    return render(request, "cadres/code_form.html", {"form": form, "table": table, "title": title, "row": None}, status=status)


@requires(Right.TABLES_EDIT)
@or_404
def edit(request, pk):
    row = code_row(pk)
    initial = {name: getattr(row, name) for name in ("name", "aliases", "valid_from", "valid_to")}
    form, status = CodeForm(request.POST or None, initial=initial), 200
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.change_code(code=row, by=request.user, **form.cleaned_data))
        if saved:
            return _done(request, row.table, "已保存。")
    context = {"form": form, "table": row.table, "title": _title(tables(), row.table), "row": row}
    return render(request, "cadres/code_form.html", context, status=status)


def _done(request, table: str, sentence: str):
    messages.success(request, sentence)
    return redirect(f"{reverse('cadres:codes')}?table={table}")
