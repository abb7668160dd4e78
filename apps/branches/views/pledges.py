"""公开承诺 of a branch: the year's page, making and following pledges, comments from above, the page anybody may read."""

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, public, requires
from apps.branches.actions import pledges as actions
from apps.branches.pledge_forms import CommentingForm, PledgeCloseForm, PledgeForm, ProgressForm, pledge_initial
from apps.branches.selectors import pledges as selectors
from apps.branches.selectors.branches import branch as one_branch
from apps.branches.selectors.members import members
from apps.branches.views.common import carried_out, done, may_edit, or_404, refused, site, year_of
from apps.core.calendar import quarter_of
from apps.core.refusal import Refused


def _own(request, branch) -> bool:
    return request.scope.covers(branch.org_path)


@requires(Right.BRANCH_VIEW)
@or_404
def pledges(request, pk):
    branch, year = one_branch(request.scope, pk), year_of(request)
    page = selectors.page_of(request.scope, branch, year)
    context = {
        "branch": branch, "year": year, "years": range(request.today.year + 1, request.today.year - 3, -1), "rows": selectors.pledges_of(request.scope, branch, year),
        "comments": selectors.comments_of(request.scope, branch, year), "quarters": (1, 2, 3, 4), "running": quarter_of(request.today),
        "can_edit": may_edit(request) and not branch.dissolved_on and _own(request, branch),
        "can_comment": Right.BRANCH_COMMENT in request.rights and not branch.dissolved_on and _own(request, branch),
        "address": site(request) + reverse("pledge_page", args=[page.key]) if page else "",
    }  # fmt: skip
    return render(request, "branches/pledges.html", context)


def _back(branch, year: int) -> str:
    return reverse("branches:pledges", args=[branch.pk]) + f"?year={year}"


def _form(request, branch, year: int, form, title: str, label: str, status: int):
    context = {"form": form, "title": title, "label": label, "branch": branch, "back": _back(branch, year)}
    return render(request, "branches/form.html", context, status=status)


def _done(request, sentence: str, branch, year: int):
    response = done(request, sentence, "branches:pledges", branch.pk)
    response["Location"] += f"?year={year}"
    return response


@requires(Right.BRANCH_EDIT)
@or_404
def pledge_add(request, pk):
    branch, year, status = one_branch(request.scope, pk), year_of(request), 200
    people = list(members(request.scope, branch))
    form = PledgeForm(request.POST or None, members=people, initial={"due_on": f"{year}-12-31"})
    if request.method == "POST":
        who = {one.pk: one for one in people}

        def act():
            return actions.make_pledge(branch=branch, year=year, member=who.get(form.cleaned_data["member"]), by=request.user, today=request.today, **form.values())

        made, status = carried_out(form, act)
        if made:
            return _done(request, "已登记。", branch, year)
    return _form(request, branch, year, form, f"{year} 年公开承诺", "保存", status)


@requires(Right.BRANCH_EDIT)
@or_404
def pledge_edit(request, pk):
    found, status = selectors.pledge(request.scope, pk), 200
    form = PledgeForm(request.POST or None, members=[], initial=pledge_initial(found))
    del form.fields["member"]
    if request.method == "POST":
        given = {"by": request.user, "today": request.today}
        saved, status = carried_out(form, lambda: actions.change_pledge(pledge=found, version=form.cleaned_data["version"], **given, **form.values()))
        if saved:
            return _done(request, "已修改。", found.branch, found.year)
    return _form(request, found.branch, found.year, form, "修改承诺", "保存", status)


@requires(Right.BRANCH_EDIT)
@or_404
def pledge_progress(request, pk):
    found, status = selectors.pledge(request.scope, pk), 200
    running = quarter_of(request.today)
    form = ProgressForm(request.POST or None, initial={"quarter": running.q if running.year == found.year else 4})
    if request.method == "POST":
        given = {"by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: actions.log_progress(pledge=found, **given, **form.cleaned_data))
        if saved:
            return _done(request, f"已登记{saved.quarter} 季度进展。", found.branch, found.year)
    return _form(request, found.branch, found.year, form, f"进展：{found.text[:30]}", "保存", status)


@requires(Right.BRANCH_EDIT)
@or_404
def pledge_close(request, pk):
    found, status = selectors.pledge(request.scope, pk), 200
    form = PledgeCloseForm(request.POST or None, initial={"version": found.version, "state": "kept"})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.close_pledge(pledge=found, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return _done(request, f"已登记为{saved.get_state_display()}。", found.branch, found.year)
    return _form(request, found.branch, found.year, form, f"办结：{found.text[:30]}", "确定", status)


@requires(Right.BRANCH_EDIT)
@require_POST
@or_404
def pledge_reopen(request, pk):
    found = selectors.pledge(request.scope, pk)
    try:
        actions.reopen_pledge(pledge=found, by=request.user)
    except Refused as problem:
        return refused(request, problem, "branches:pledges", found.branch_id)
    return _done(request, "已恢复为进行中。", found.branch, found.year)


@requires(Right.BRANCH_COMMENT)
@or_404
def pledge_comment(request, pk):
    branch, year, status = one_branch(request.scope, pk), year_of(request), 200
    if not _own(request, branch):
        raise PermissionDenied("点评由上级作出，这个党支部不归您管理。")
    form = CommentingForm(request.POST or None, initial={"on": request.today, "form": "meeting", "commentator": str(request.user)})
    if request.method == "POST":
        given = {"by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: actions.comment_pledges(branch=branch, year=year, **given, **form.cleaned_data))
        if saved:
            return _done(request, "点评已登记，支部在承诺页上看到。", branch, year)
    return _form(request, branch, year, form, f"点评 {year} 年承诺", "保存", status)


@requires(Right.BRANCH_EDIT)
@require_POST
@or_404
def pledge_publish(request, pk):
    branch, year = one_branch(request.scope, pk), year_of(request)
    try:
        if "down" in request.POST:
            gone = actions.take_down_pledges(branch=branch, year=year, by=request.user)
            return _done(request, "公开页已撤下，原来的网址不再有效。" if gone else "没有公开页。", branch, year)
        actions.publish_pledges(branch=branch, year=year, by=request.user)
    except Refused as problem:
        return refused(request, problem, "branches:pledges", pk)
    return _done(request, "公开页已开通，把网址或二维码发给党员群众即可。", branch, year)


@public
def pledge_page(request, key):
    """Read by anybody who has the address."""
    try:
        page = selectors.public_page(key)
    except ObjectDoesNotExist:
        raise Http404 from None
    response = render(request, "branches/pledge_page.html", {"page": page, "elder": True})
    response["Cache-Control"] = "no-store"
    return response
