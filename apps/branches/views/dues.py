"""党费: the year of a branch as a register, registering, taking back."""

from datetime import date

from django.shortcuts import render
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.branches.actions import dues as actions
from apps.branches.life_forms import DuesForm
from apps.branches.selectors import dues as selectors
from apps.branches.selectors.branches import branch as one_branch
from apps.branches.selectors.rules import rules_in_force
from apps.branches.views.common import carried_out, done, may_edit, or_404, year_of


@requires(Right.BRANCH_VIEW)
@or_404
def dues(request, pk):
    """The register; with POST (and the right) it takes in what was collected."""
    branch, year = one_branch(request.scope, pk), year_of(request)
    lines, rules = selectors.register(branch, year, request.today), rules_in_force(request.today)
    can_edit = may_edit(request) and not branch.dissolved_on and branch.holds
    month = date(year, request.today.month if year == request.today.year else 12, 1)
    form = DuesForm(request.POST or None, members=[line.member for line in lines], initial={"first": month, "last": month, "paid_on": request.today})
    status = 200
    if request.method == "POST" and can_edit:
        given = {"by": request.user, "today": request.today}
        made, status = carried_out(form, lambda: actions.register_dues(branch=branch, **given, **form.values()))
        if made:
            more = f"，{made[1]} 个月原来登记过，没有重复" if made[1] else ""
            return done(request, f"已登记 {made[0]} 笔{more}。", "branches:dues", pk)
    context = {
        "branch": branch, "year": year, "years": range(request.today.year, request.today.year - 3, -1), "lines": lines, "months": range(1, 13), "form": form,
        "can_edit": can_edit, "collected": selectors.collected(branch, year), "mark": rules["dues_mark"].value, "warn": rules["dues_warn"].value, "red": rules["dues_red"].value,
    }  # fmt: skip
    return render(request, "branches/dues.html", context, status=status)


@requires(Right.BRANCH_EDIT)
@require_POST
@or_404
def dues_remove(request, pk):
    found = selectors.payment(request.scope, pk)
    actions.remove_dues(payment=found, by=request.user)
    return done(request, f"{found.month:%Y-%m} 的党费登记已撤回。", "branches:dues", found.member.branch_id)
