"""创建标准: versions, one of them, revising."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.branches.actions import standards as actions
from apps.branches.application_forms import StandardForm
from apps.branches.rubric import HISTORY
from apps.branches.selectors import applications as selectors
from apps.branches.views.common import carried_out, done, refused
from apps.core.refusal import Refused


@requires(Right.BRANCH_VIEW)
def standards(request):
    context = {"rows": selectors.standards(), "history": HISTORY, "can_edit": Right.TABLES_EDIT in request.rights}
    return render(request, "branches/standards.html", context)


@requires(Right.BRANCH_VIEW)
def standard(request, pk):
    found = get_object_or_404(selectors.standards(), pk=pk)
    draft = found.state == "draft" and Right.TABLES_EDIT in request.rights
    context = {"standard": found, "items": list(found.items.all()), "total": selectors.total_of(found), "can_edit": draft}
    return render(request, "branches/standard.html", context)


@requires(Right.TABLES_EDIT)
def standard_edit(request, pk):
    found, status = get_object_or_404(selectors.standards(), pk=pk), 200
    if found.state != "draft":
        return refused(request, Refused(f"{found}{found.get_state_display()}，不能直接改；请先“修订”出新的一版。"), "branches:standard", pk)
    initial = {name: getattr(found, name) for name in ("basis", "pass_score", "bonus_cap", "publicity_days", "mode", "quota", "version")}
    form = StandardForm(request.POST or None, standard=found, initial=initial)
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.change_standard(standard=found, by=request.user, version=form.cleaned_data["version"], **form.values()))
        if saved:
            return done(request, f"已保存，合计 {selectors.total_of(saved):f} 分。", "branches:standard", pk, draft=f"standard-{pk}")
    return render(request, "branches/standard_form.html", {"form": form, "standard": found}, status=status)


@requires(Right.TABLES_EDIT)
@require_POST
def standard_act(request, pk, act: str):
    """revise, in-force, drop."""
    found = get_object_or_404(selectors.standards(), pk=pk)
    try:
        if act == "revise":
            made = actions.revise_standard(by=request.user)
            return redirect("branches:standard_edit", made.pk)
        if act == "in-force":
            actions.put_in_force(standard=found, by=request.user)
            return done(request, "已启用；已经开始的申报仍按原来的标准。", "branches:standard", pk)
        actions.drop_draft(standard=found, by=request.user)
    except Refused as problem:
        return refused(request, problem, "branches:standard", pk)
    return done(request, "已放弃修订。", "branches:standards")
