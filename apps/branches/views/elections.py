"""换届: the chain of papers of the present term."""

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.branches.actions import elections as actions
from apps.branches.forms import PaperForm
from apps.branches.models import ElectionStep
from apps.branches.selectors import elections as selectors
from apps.branches.selectors.members import committee, committees
from apps.branches.selectors.rules import rules_in_force
from apps.branches.views.common import carried_out, done, may_edit, or_404, refused
from apps.core.refusal import Refused


@requires(Right.BRANCH_VIEW)
@or_404
def papers(request, pk):
    term = committee(request.scope, pk)
    now = committees(term.branch).first()
    context = {
        "term": term, "branch": term.branch, "places": selectors.papers_of(term, rules_in_force(request.today)), "today": request.today, "present": now == term,
        "can_edit": may_edit(request) and not term.branch.dissolved_on and now == term,
    }  # fmt: skip
    return render(request, "branches/election.html", context)


@requires(Right.BRANCH_EDIT)
@or_404
def paper_add(request, pk):
    term, status = committee(request.scope, pk), 200
    step = next((place.step for place in selectors.papers_of(term, rules_in_force(request.today)) if place.next), "")
    if not step:
        return refused(request, Refused("这一届的换届材料已经齐了，请登记新一届支委会。"), "branches:election", pk)
    form = PaperForm(request.POST or None, request.FILES or None, initial={"done_on": request.today})
    if request.method == "POST":
        made, status = carried_out(form, lambda: actions.register_paper(term=term, step=step, by=request.user, today=request.today, **form.cleaned_data))
        if made:
            return done(request, f"已登记：{made}。", "branches:election", pk)
    context = {"form": form, "title": ElectionStep(step).label, "label": "登记", "branch": term.branch, "back": reverse("branches:election", args=[pk]), "multipart": True}
    return render(request, "branches/form.html", context, status=status)


@requires(Right.BRANCH_EDIT)
@require_POST
@or_404
def paper_remove(request, pk):
    found = selectors.paper(request.scope, pk)
    try:
        actions.remove_paper(paper=found, by=request.user)
    except Refused as problem:
        return refused(request, problem, "branches:election", found.term_id)
    return done(request, "已撤回。", "branches:election", found.term_id)
