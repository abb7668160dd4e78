"""Members of a branch: chosen by tapping, changed, leaving; terms of its committee."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts.permissions import Right, requires
from apps.branches.actions import members as actions
from apps.branches.actions.committees import remove_committee, save_committee
from apps.branches.forms import CommitteeForm, LeaveForm, MemberForm, RemoveTermForm, committee_initial
from apps.branches.selectors import members as selectors
from apps.branches.selectors.branches import branch as one_branch
from apps.branches.views.common import carried_out, done, or_404
from apps.core.refusal import Refused

PAGE = 50


@requires(Right.BRANCH_EDIT)
@or_404
def member_add(request, pk):
    """Who may join, to be tapped; ``?q=`` looks beyond the host units."""
    found, text = one_branch(request.scope, pk), request.GET.get("q", "").strip()[:60]
    if request.method == "POST":
        keys = [int(key) for key in request.POST.getlist("row") if key.isdecimal() and len(key) < 19]
        try:
            joined = actions.join_many(scope=request.scope, branch=found, cadres=keys, by=request.user, today=request.today)
        except Refused as problem:
            messages.error(request, problem.sentence)
            return redirect("branches:member_add", pk)
        for sentence in joined.refused:
            messages.error(request, sentence)
        if joined.members:
            return done(request, f"转入 {len(joined.members)} 人。", "branches:branch", pk, anchor="members")
        return redirect("branches:member_add", pk)
    page = Paginator(selectors.candidates(request.scope, found, text), PAGE).get_page(request.GET.get("page"))
    return render(request, "branches/member_add.html", {"branch": found, "page": page, "rows": list(page), "text": text})


def _shown(branch, form, title: str, label: str, note: str = "") -> dict:
    return {"form": form, "title": title, "label": label, "branch": branch, "back": reverse("branches:branch", args=[branch.pk]), "note": note}


@requires(Right.BRANCH_EDIT)
@or_404
def member(request, pk):
    found, status = selectors.member(request.scope, pk), 200
    form = MemberForm(request.POST or None, initial={name: getattr(found, name) for name in MemberForm.base_fields})
    if request.method == "POST":
        saved, status = carried_out(
            form, lambda: actions.change_member(member=found, by=request.user, today=request.today, version=form.cleaned_data["version"], **form.values())
        )  # fmt: skip
        if saved:
            return done(request, "已修改。", "branches:branch", found.branch_id, anchor="members")
    return render(request, "branches/form.html", _shown(found.branch, form, f"{found.cadre.name}：支部党员", "保存"), status=status)


@requires(Right.BRANCH_EDIT)
@or_404
def member_leave(request, pk):
    found, status = selectors.member(request.scope, pk), 200
    form = LeaveForm(request.POST or None, initial={"version": found.version, "on": request.today, "reason": "transferred"})
    if request.method == "POST":
        gone, status = carried_out(form, lambda: actions.leave(member=found, by=request.user, today=request.today, **form.cleaned_data))
        if gone:
            return done(request, f"{found.cadre.name}已离开本支部。", "branches:branch", found.branch_id, anchor="members")
    return render(request, "branches/form.html", _shown(found.branch, form, f"{found.cadre.name}：离开支部", "确定"), status=status)


@requires(Right.BRANCH_EDIT)
@or_404
def committee_add(request, pk):
    found, status = one_branch(request.scope, pk), 200
    sitting = selectors.committees(found).first()
    initial = {"starts_on": request.today, "after": sitting.pk if sitting else 0}
    form = CommitteeForm(request.POST or None, members=list(selectors.members(request.scope, found)), initial=initial)
    if request.method == "POST":
        given = {"branch": found, "by": request.user, "today": request.today}
        made, status = carried_out(form, lambda: save_committee(holders=form.holders(), after=form.cleaned_data["after"], **given, **form.values()))
        if made:
            return done(request, "已登记这一届。", "branches:branch", pk, anchor="committee")
    explain = f"现任 {sitting} 一届到新一届开始的前一天为止；补登往届的，任期止写到后一届开始之前。" if sitting else ""
    return render(request, "branches/form.html", _shown(found, form, "登记支委会", "保存") | {"explain": explain}, status=status)


@requires(Right.BRANCH_EDIT)
@or_404
def committee(request, pk):
    term, status = selectors.committee(request.scope, pk), 200
    form = CommitteeForm(request.POST or None, members=list(selectors.members(request.scope, term.branch)), initial=committee_initial(term))
    if request.method == "POST":
        saved, status = carried_out(form, lambda: _correct(request, term, form))
        if saved:
            return done(request, "已修改。", "branches:branch", term.branch_id, anchor="committee")
    return render(request, "branches/form.html", _shown(term.branch, form, f"支委会 {term}", "保存"), status=status)


def _correct(request, term, form):
    version = form.cleaned_data["version"]
    return save_committee(branch=term.branch, committee=term, holders=form.holders(), by=request.user, today=request.today, version=version, **form.values())


@requires(Right.BRANCH_EDIT)
@or_404
def committee_remove(request, pk):
    term, status = selectors.committee(request.scope, pk), 200
    form = RemoveTermForm(request.POST or None, initial={"version": term.version})
    if request.method == "POST":
        gone, status = carried_out(form, lambda: remove_committee(committee=term, by=request.user, **form.cleaned_data))
        if gone:
            return done(request, "已撤回，前一届恢复为现任。", "branches:branch", term.branch_id, anchor="committee")
    return render(request, "branches/form.html", _shown(term.branch, form, f"撤回登错的一届：{term}", "撤回"), status=status)
