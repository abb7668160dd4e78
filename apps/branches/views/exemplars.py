"""典型党支部: the page others learn from, writing one, which places have none this quarter."""

from django.shortcuts import render
from django.urls import reverse

from apps.accounts.permissions import Right, requires
from apps.accounts.selectors import children
from apps.branches.actions import exemplars as actions
from apps.branches.life_forms import ExemplarForm
from apps.branches.selectors import exemplars as selectors
from apps.branches.selectors.branches import branch as one_branch
from apps.branches.views.common import carried_out, done, or_404
from apps.core.calendar import quarter_of


@requires(Right.BRANCH_VIEW)
def exemplars(request):
    org, quarter = request.membership.org, quarter_of(request.today)
    context = {
        "rows": selectors.published_in_city(org), "own": selectors.exemplars(request.scope).filter(published_on=None)[:20], "quarter": quarter,
        "without": selectors.without(request.scope, list(children(request.scope, org)), quarter), "can_choose": Right.BRANCH_INSPECT in request.rights,
    }  # fmt: skip
    return render(request, "branches/exemplars.html", context)


@requires(Right.BRANCH_VIEW)
@or_404
def exemplar(request, pk):
    """Published in the city, or one's own."""
    mine = selectors.exemplars(request.scope).filter(pk=pk).first()
    found = mine or selectors.published(request.membership.org, pk)
    return render(request, "branches/exemplar.html", {"exemplar": found, "can_edit": bool(mine) and Right.BRANCH_INSPECT in request.rights})


def _write(request, branch, found):
    initial = {"title": found.title, "text": found.text, "publish": bool(found.published_on), "version": found.version} if found else {"publish": True}
    form, status = ExemplarForm(request.POST or None, initial=initial), 200
    if request.method == "POST":
        given = {"branch": branch, "exemplar": found, "by": request.user, "today": request.today}
        saved, status = carried_out(form, lambda: actions.write_exemplar(**given, **form.cleaned_data))
        if saved:
            return done(request, "已发布，全市都能看到。" if saved.published_on else "已保存，没有发布。", "branches:exemplar", saved.pk)
    back = reverse("branches:exemplar", args=[found.pk]) if found else reverse("branches:branch", args=[branch.pk])
    return render(request, "branches/form.html", {"form": form, "title": "典型党支部", "label": "保存", "branch": branch, "back": back}, status=status)


@requires(Right.BRANCH_INSPECT)
@or_404
def exemplar_add(request, pk):
    return _write(request, one_branch(request.scope, pk), None)


@requires(Right.BRANCH_INSPECT)
@or_404
def exemplar_edit(request, pk):
    found = selectors.exemplar(request.scope, pk)
    return _write(request, found.branch, found)
