"""One person: 一人一档 with its tabs, closed values, the printed card."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.cadres import actions, selectors
from apps.cadres.forms import RevealForm
from apps.cadres.models import Cadre, ChangeKind, Standing
from apps.cadres.page import FIRST_NEEDED, TABS, facts, headline, note_facts, panels, readings, timeline
from apps.cadres.selectors.history import edits
from apps.cadres.selectors.places import place_name
from apps.cadres.views.common import lacks, no_store, or_404, reason_not_to_edit
from apps.cadres.workflow import EFFECTS, reason_against
from apps.core.refusal import Refused

SHORT = 8


def tabs(cadre, current: str, counts: dict[str, int]) -> list[dict]:
    url = reverse("cadres:detail", args=[cadre.pk])
    return [{"label": title, "url": url if key == "overview" else f"{url}?tab={key}", "active": key == current, "count": counts.get(key)} for key, title in TABS]


def change_menu(request, cadre) -> list[dict]:
    """Every kind of change with the reason it is grey, those that can be registered first."""
    lacking = lacks(request, Right.CADRE_EDIT)
    found = [
        {"label": kind.label, "url": reverse("cadres:change", args=[cadre.pk, kind.value]), "reason": lacking or reason_against(cadre, kind)}
        for kind in EFFECTS
        if kind != ChangeKind.RESTORED or cadre.standing != Standing.ACTIVE
    ]
    return sorted(found, key=lambda entry: bool(entry["reason"]))


@requires(Right.CADRE_VIEW)
@or_404
def detail(request, pk):
    cadre, book = selectors.cadre(request.scope, pk), selectors.codebook()
    if cadre.standing == Standing.MERGED:
        return _merged(request, cadre)
    current = request.GET.get("tab", "overview")
    if current not in dict(TABS):
        raise Http404
    actions.note_view(cadre=cadre, by=request.user)
    context = {
        "cadre": cadre,
        "place": place_name(cadre.org),
        "headline": headline(cadre, book, request.today),
        "tab": current,
        "tabs": tabs(cadre, current, {}),
        "panels": panels(request, cadre, current),
        "edit_reason": reason_not_to_edit(request, cadre),
        "changes_menu": change_menu(request, cadre),
        "may_merge": Right.CADRE_MERGE in request.rights,
        "reveal_reason": lacks(request, Right.CADRE_REVEAL),
    }
    return render(request, "cadres/detail.html", context | _of_tab(request, cadre, book, current))


def _merged(request, cadre):
    """A record that was absorbed leads to the one it became part of; where that stands outside the scope, it says so."""
    try:
        kept = selectors.cadre(request.scope, cadre.merged_into_id)
    except Cadre.DoesNotExist:
        return render(request, "cadres/merged_away.html", {"cadre": cadre})
    messages.info(request, f"{cadre.name}的另一份档案已并入这一份。")
    return redirect("cadres:detail", kept.pk)


def _of_tab(request, cadre, book, tab: str) -> dict:
    scope = request.scope
    if tab == "overview":
        entries = timeline(scope, cadre, book)
        whole = "timeline" in request.GET
        return {
            "facts": facts(cadre, book, FIRST_NEEDED),
            "notes": selectors.side_notes(scope, cadre),
            "entries": entries if whole else entries[:SHORT],
            "entry_count": len(entries),
            "whole": whole,
            "readings": readings(scope, cadre),
        }
    if tab == "family":
        return {"relatives": selectors.relatives(scope, cadre), "survivors": selectors.survivors(scope, cadre)}
    if tab == "treatments":
        rows = [(row, book.name("treatment_kind", row.kind)) for row in selectors.treatments(scope, cadre)]
        return {"treatments": rows, "facts": facts(cadre, book, ("离退休",))}
    if tab == "files":
        return {"documents": selectors.documents(scope, cadre)}
    if tab == "history":
        return {"edits": edits(scope, cadre, book), "changes": selectors.status_changes(scope, cadre), "merges": selectors.merges(scope, cadre)}
    return {}


@require_POST
@requires(Right.CADRE_REVEAL)
@or_404
def reveal(request, pk):
    """The closed value ``field`` for this one answer. htmx gets it in place of the mask, without JavaScript it is a page."""
    cadre = selectors.cadre(request.scope, pk)
    form, field = RevealForm(request.POST), request.GET.get("field", "")
    name, value, sentence = "", "", ""
    if form.is_valid():
        try:
            name, value = actions.reveal(cadre=cadre, field=field, owner=_owner(request, cadre), reason=form.cleaned_data["reason"], by=request.user)
        except Refused as refused:
            sentence = refused.sentence
    else:
        sentence = "请写明查看的理由（至少两个字）。"
    context = {"cadre": cadre, "name": name, "value": value, "sentence": sentence}
    status = 422 if sentence else 200
    return no_store(render(request, "cadres/_revealed.html" if request.htmx else "cadres/revealed.html", context, status=status))


def _owner(request, cadre):
    """Whose phone: the person's own (None), a relative's or a survivor's."""
    for name, rows in (("relative", selectors.relatives), ("survivor", selectors.survivors)):
        if (key := request.GET.get(name, "")).isdigit():
            return rows(request.scope, cadre).get(pk=key)
    return None


@requires(Right.CADRE_VIEW)
@or_404
def card(request, pk):
    """The record on A4, closed values masked."""
    cadre, book = selectors.cadre(request.scope, pk), selectors.codebook()
    actions.note_print(cadre=cadre, by=request.user)
    context = {
        "cadre": cadre,
        "place": place_name(cadre.org),
        "groups": [*facts(cadre, book), *note_facts(cadre)],
        "relatives": selectors.relatives(request.scope, cadre),
        "treatments": [(row, book.name("treatment_kind", row.kind)) for row in selectors.treatments(request.scope, cadre)],
        "entries": timeline(request.scope, cadre, book)[:SHORT],
    }
    return render(request, "cadres/card.html", context)
