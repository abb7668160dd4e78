"""Opening, changing a record and registering what happened."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render

from apps.accounts.permissions import Right, requires
from apps.cadres import actions, selectors
from apps.cadres.actions import ChangedMeanwhile
from apps.cadres.forms import CadreForm, StatusChangeForm
from apps.cadres.models import ChangeKind
from apps.cadres.selectors.places import managing_units, place_name
from apps.cadres.values import shown
from apps.cadres.views.common import carried_out, or_404, reason_not_to_edit
from apps.cadres.workflow import EFFECTS, reason_against
from apps.core.refusal import Refused


def _warn(request, form) -> None:
    for sentence in form.warnings():
        messages.warning(request, sentence)


@requires(Right.CADRE_EDIT)
@or_404
def create(request):
    places = managing_units(request.scope, request.today)
    first = {"org": places.filter(path=request.scope.roots[0]).first()} if request.scope.roots else {}
    form = CadreForm(request.POST or None, book=selectors.codebook(), today=request.today, places=places, initial=first)
    status = 200
    if request.method == "POST":
        cadre, status = carried_out(form, lambda: _registered(request, form))
        if cadre:
            _warn(request, form)
            messages.success(request, f"已为 {cadre.name} 建档。", extra_tags="draft:cadre-new")
            return redirect("cadres:detail", cadre.pk)
    return render(request, "cadres/form.html", {"form": form, "cadre": None, "draft": "cadre-new"}, status=status)


def _registered(request, form):
    data = form.cleaned_data
    return actions.register_cadre(
        org=data["org"],
        values=form.values(),
        by=request.user,
        scope=request.scope,
        today=request.today,
        arrival=data["arrival"],
        arrived_on=data["arrived_on"],
        document_no=data["document_no"],
    )


@requires(Right.CADRE_EDIT)
@or_404
def edit(request, pk):
    cadre, book = selectors.cadre(request.scope, pk), selectors.codebook()
    draft = f"cadre-{cadre.pk}"
    form = CadreForm(request.POST or None, book=book, today=request.today, cadre=cadre)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                with transaction.atomic():
                    _changed(request, form, cadre)
                _warn(request, form)
                messages.success(request, "已保存。", extra_tags=f"draft:{draft}")
                return redirect("cadres:detail", cadre.pk)
            except ChangedMeanwhile as error:
                status = 409
                form.show_theirs({name: shown(cadre, name, book) for name in error.changed}, error.version)
                form.refuse(error)
            except Refused as refused:
                form.refuse(refused)
    context = {"form": form, "cadre": cadre, "place": place_name(cadre.org), "draft": draft, "reason": reason_not_to_edit(request, cadre)}
    return render(request, "cadres/form.html", context, status=status)


def _changed(request, form, cadre):
    return actions.change_cadre(
        cadre=cadre,
        values=form.values(),
        version=form.cleaned_data["version"],
        by=request.user,
        scope=request.scope,
        today=request.today,
        basis=form.cleaned_data.get("basis", ""),
    )


@requires(Right.CADRE_EDIT)
@or_404
def change(request, pk, kind):
    """Register one kind of change; GET of an impossible one shows why, POST is refused with 409."""
    if kind not in ChangeKind.values:
        raise Http404
    cadre, kind = selectors.cadre(request.scope, pk), ChangeKind(kind)
    places = managing_units(request.scope, request.today).exclude(pk=cadre.org_id)
    form = StatusChangeForm(request.POST or None, kind=kind, book=selectors.codebook(), today=request.today, places=places)
    status = 200
    if request.method == "POST":
        registered, status = carried_out(form, lambda: _registered_change(request, form, cadre, kind))
        if registered:
            messages.success(request, _after(cadre, kind))
            return redirect("cadres:detail", cadre.pk)
    context = {"form": form, "cadre": cadre, "kind": kind, "hint": EFFECTS[kind].hint, "reason": reason_against(cadre, kind)}
    return render(request, "cadres/change.html", context, status=status)


def _registered_change(request, form, cadre, kind):
    data = form.cleaned_data
    return actions.register_status_change(
        cadre=cadre,
        kind=kind,
        effective_on=data["effective_on"],
        by=request.user,
        scope=request.scope,
        today=request.today,
        document_no=data["document_no"],
        note=data["note"],
        values=form.values(),
        org=data.get("org"),
    )


def _after(cadre, kind: ChangeKind) -> str:
    if kind == ChangeKind.DECEASED:
        return f"已登记 {cadre.name} 去世。提醒已停止；请在「家庭与遗属」核对遗属信息。"
    return f"已登记{kind.label}。"
