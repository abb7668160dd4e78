"""Side notes of a person, edited on one page."""

from django.contrib import messages
from django.shortcuts import redirect, render

from apps.accounts.permissions import Right, requires
from apps.cadres import actions, selectors
from apps.cadres.forms.notes import NotesForm
from apps.cadres.views.common import carried_out, or_404, reason_not_to_edit


@requires(Right.CADRE_EDIT)
@or_404
def edit(request, pk):
    cadre = selectors.cadre(request.scope, pk)
    form, status = NotesForm(request.POST or None, notes=cadre.extra, version=cadre.version), 200
    if request.method == "POST":
        saved, status = carried_out(form, lambda: _saved(request, cadre, form))
        if saved:
            messages.success(request, "附注已保存。")
            return redirect("cadres:detail", cadre.pk)
    return render(request, "cadres/notes.html", {"form": form, "cadre": cadre, "reason": reason_not_to_edit(request, cadre)}, status=status)


def _saved(request, cadre, form):
    return actions.change_notes(cadre=cadre, notes=form.values(), version=form.cleaned_data["version"], by=request.user, scope=request.scope)
