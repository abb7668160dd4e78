"""Family, survivors, treatments and papers, edited in place: each form swaps itself into the tab, without JavaScript it is a page."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.cadres import actions, selectors
from apps.cadres.forms import DocumentForm, RelativeForm, SurvivorForm, TreatmentForm
from apps.cadres.standards import TABLES
from apps.cadres.views.common import carried_out, or_404, reason_not_to_edit

FIELDS = {
    "relative": ("relation", "name", "born_year", "unit", "lives_with", "note"),
    "survivor": ("name", "relation", "born_year", "address", "has_income", "monthly_subsidy", "alive", "note"),
    "treatment": ("kind", "content", "approved_on", "document_no", "starts_on", "ends_on", "note"),
}
TITLES = {"relative": "家庭成员", "survivor": "遗属", "treatment": "待遇"}
TABS = {"relative": "family", "survivor": "family", "treatment": "treatments"}


def _tab(cadre, kind: str) -> str:
    return f"{reverse('cadres:detail', args=[cadre.pk])}?tab={TABS.get(kind, kind)}"


def _row(request, cadre, kind: str, key):
    """The row being changed, None for a new one; raises DoesNotExist outside the scope."""
    reads = {"relative": selectors.relatives, "survivor": selectors.survivors, "treatment": selectors.treatments}
    return reads[kind](request.scope, cadre).get(pk=key) if key else None


def _form(request, kind: str, row, book):
    initial = {name: getattr(row, name) for name in FIELDS[kind]} if row else {}
    if kind == "treatment":
        keep = row.kind if row else ""
        return TreatmentForm(request.POST or None, initial=initial, choices=book.choices("treatment_kind", request.today, keep))
    made = RelativeForm if kind == "relative" else SurvivorForm
    return made(request.POST or None, initial=initial, masked=row.phone_masked if row else "")


@requires(Right.CADRE_EDIT)
@or_404
def save(request, pk, kind, key=None):
    """Add (no ``key``) or change a row of ``kind`` (relative, survivor, treatment)."""
    cadre, book = selectors.cadre(request.scope, pk), selectors.codebook()
    row = _row(request, cadre, kind, key)
    form, status = _form(request, kind, row, book), 200
    if request.method == "POST":
        saved, status = carried_out(form, lambda: _saved(request, kind, cadre, row, form))
        if saved:
            messages.success(request, "已保存。")
            response = redirect(_tab(cadre, kind))
            if request.htmx:
                response.status_code, response["HX-Redirect"] = 204, response["Location"]
                del response["Location"]
            return response
    context = {
        "form": form,
        "cadre": cadre,
        "kind": kind,
        "row": row,
        "title": ("修改" if row else "添加") + TITLES[kind],
        "back": _tab(cadre, kind),
        "relations": [name for _, name, _ in TABLES["relation"].rows],
        "reason": reason_not_to_edit(request, cadre),
        "removable": row is not None and kind != "survivor",
    }
    return render(request, "cadres/_inline_form.html" if request.htmx else "cadres/inline_form.html", context, status=status)


def _saved(request, kind: str, cadre, row, form):
    shared = {"cadre": cadre, "values": form.values(), "by": request.user}
    if kind == "relative":
        return actions.save_relative(relative=row, **shared)
    if kind == "survivor":
        return actions.save_survivor(survivor=row, **shared)
    return actions.save_treatment(treatment=row, **shared)


@require_POST
@requires(Right.CADRE_EDIT)
@or_404
def remove(request, pk, kind, key):
    cadre = selectors.cadre(request.scope, pk)
    row = _row(request, cadre, kind, key)
    if kind == "relative":
        actions.remove_relative(relative=row, by=request.user)
    else:
        actions.remove_treatment(treatment=row, by=request.user)
    messages.success(request, "已删除。")
    return redirect(_tab(cadre, kind))


@require_POST
@requires(Right.CADRE_EDIT)
@or_404
def upload(request, pk):
    cadre = selectors.cadre(request.scope, pk)
    form = DocumentForm(request.POST, request.FILES)
    stored, status = carried_out(form, lambda: actions.add_document(cadre=cadre, upload=form.cleaned_data["file"], by=request.user))
    if stored:
        messages.success(request, f"已保存「{stored.name}」。")
        return redirect(_tab(cadre, "files"))
    return render(request, "cadres/upload.html", {"form": form, "cadre": cadre, "back": _tab(cadre, "files")}, status=status)


@require_POST
@requires(Right.CADRE_EDIT)
@or_404
def remove_document(request, pk, key):
    cadre = selectors.cadre(request.scope, pk)
    stored = selectors.documents(request.scope, cadre).get(key=key)
    actions.remove_document(cadre=cadre, stored=stored, by=request.user)
    messages.success(request, f"已删除「{stored.name}」。")
    return redirect(_tab(cadre, "files"))
