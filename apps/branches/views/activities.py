"""组织生活: the year of a branch, the list, logging on a phone, one activity, who was there."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse

from apps.accounts.permissions import Right, requires
from apps.branches.actions import activities as actions
from apps.branches.life_forms import ActivityFilter, ActivityForm, AttendForm, EditActivityForm, RemoveActivityForm, activity_initial, attended_initial  # fmt: skip
from apps.branches.models import ActivityKind
from apps.branches.selectors import activities as selectors
from apps.branches.selectors.branches import branch as one_branch
from apps.branches.selectors.branches import branches
from apps.branches.selectors.desk import items_of
from apps.branches.selectors.known import facts_of
from apps.branches.selectors.members import members
from apps.branches.selectors.rules import rules_in_force
from apps.branches.views.common import carried_out, done, may_edit, or_404, year_of
from apps.core.calendar import quarter_of
from apps.core.paging import LongPaginator

PAGE = 30
SOON, MOST_ON_DESK = 15, 500
SHORT_LIST = 12


@requires(Right.BRANCH_VIEW)
@or_404
def life(request, pk):
    """What the year demands of a branch, what was held, what is missing; and its members' share."""
    branch, year = one_branch(request.scope, pk), year_of(request)
    rows = selectors.year_table(branch, facts_of([branch])[0][pk], year, request.today)
    rate = selectors.attendance_rate([pk], year).get(pk)
    least = rules_in_force(request.today)["attendance_least"]
    context = {
        "branch": branch, "year": year, "years": range(request.today.year, request.today.year - 5, -1), "rows": rows,
        "last_quarter": quarter_of(request.today).previous,
        "owed": [row for row in rows if row.open],
        "months": range(1, 13), "recent": selectors.filtered(request.scope, {"branch": pk, "year": year})[:SHORT_LIST], "people": selectors.attended_by(branch, year),
        "rate": rate, "least": least, "weak": rate is not None and rate < least.value, "can_edit": may_edit(request) and not branch.dissolved_on,
    }  # fmt: skip
    return render(request, "branches/life.html", context)


@requires(Right.BRANCH_VIEW)
def desk(request):
    """What the branches in one's place have to do, what came back and why."""
    there = branches(request.scope).filter(dissolved_on=None)
    wide = there.count() > MOST_ON_DESK
    found = [] if wide else items_of(there, request.today)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    soon = request.today + timedelta(days=SOON)
    groups = [
        ("退回来的", [one for one in page if one.came_back]), ("已过期", [one for one in page if not one.came_back and one.due_on < request.today]),
        (f"{SOON} 天内", [one for one in page if not one.came_back and request.today <= one.due_on <= soon]),
        ("以后", [one for one in page if not one.came_back and one.due_on > soon]),
    ]  # fmt: skip
    context = {"page": page, "rows": list(page), "groups": [(title, rows) for title, rows in groups if rows], "query": "", "wide": wide, "most": MOST_ON_DESK}
    context["can_edit"] = may_edit(request)
    return render(request, "branches/desk.html", context)


@requires(Right.BRANCH_VIEW)
def activity_list(request):
    form = ActivityFilter(request.GET, today=request.today)
    wanted = form.wanted()
    page = LongPaginator(selectors.filtered(request.scope, wanted), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": list(page), "narrowed": bool(wanted), "query": request.GET.urlencode()}
    return render(request, "branches/_activity_table.html" if request.htmx else "branches/activities.html", context)


def _page(request, branch, form, title: str, status: int, back: str, draft: str = ""):
    context = {
        "form": form, "title": title, "label": "保存", "branch": branch, "back": back, "draft": draft, "offline": bool(draft), "multipart": True,
        "named": f"{title}：{branch.name}",
    }  # fmt: skip
    return render(request, "branches/activity_form.html", context, status=status)


@requires(Right.BRANCH_EDIT)
@or_404
def activity_add(request, pk):
    branch, status = one_branch(request.scope, pk), 200
    kind = request.GET.get("kind", "")
    form = ActivityForm(
        request.POST or None, request.FILES or None, today=request.today, members=list(members(request.scope, branch)), neighbours=selectors.neighbours(branch),
        initial={"kind": kind if kind in ActivityKind.values else ActivityKind.THEME, "place": branch.meeting_place},
    )  # fmt: skip
    if request.method == "POST":
        given = {"by": request.user, "today": request.today}
        made, status = carried_out(form, lambda: actions.log_activity(branch=branch, once=form.cleaned_data["once"], **given, **form.values()))
        if made:
            return done(request, f"已登记：{made.get_kind_display()}，实到 {made.present} 人。", "branches:activity", made.pk, draft=f"activity-{pk}")
    return _page(request, branch, form, "记活动", status, reverse("branches:life", args=[pk]), f"activity-{pk}")


@requires(Right.BRANCH_VIEW)
@or_404
def activity(request, pk):
    row = selectors.participation(request.scope, pk)
    found = selectors.activity_of(request.scope, row)
    context = {
        "row": row, "activity": found, "branch": row.branch, "people": selectors.present_at(row), "partners": selectors.partners_of(found) if found else [],
        "photos": selectors.photos_of(found) if found else [],
        "can_edit": may_edit(request) and not row.branch.dissolved_on and not row.removed,
    }  # fmt: skip
    return render(request, "branches/activity.html", context)


def _own_host(request, pk):
    """The host's row and record; 404 for a partner's row."""
    row = selectors.participation(request.scope, pk)
    found = selectors.activity_of(request.scope, row)
    if not row.host or found is None:
        raise Http404
    return row, found


@requires(Right.BRANCH_EDIT)
@or_404
def activity_edit(request, pk):
    (row, found), status = _own_host(request, pk), 200
    form = EditActivityForm(
        request.POST or None, request.FILES or None, today=request.today, members=_members(request, row), neighbours=selectors.neighbours(row.branch),
        initial=activity_initial(found, row, selectors.partners_of(found)),
    )  # fmt: skip
    if request.method == "POST":
        given = {"by": request.user, "today": request.today}
        saved, status = carried_out(form, lambda: actions.change_activity(activity=found, version=form.cleaned_data["version"], **given, **form.values()))
        if saved:
            return done(request, "已修改。", "branches:activity", pk)
    return _page(request, row.branch, form, "修改活动", status, reverse("branches:activity", args=[pk]))


def _members(request, row) -> list:
    """Present members, and who was there and has left since."""
    there = {one.member_id: one.member for one in selectors.present_at(row)}
    present = list(members(request.scope, row.branch))
    return present + [one for key, one in there.items() if key not in {member.pk for member in present}]


@requires(Right.BRANCH_EDIT)
@or_404
def activity_attend(request, pk):
    row, status = selectors.participation(request.scope, pk), 200
    if row.host:
        raise Http404
    form = AttendForm(request.POST or None, members=_members(request, row), initial=attended_initial(row))
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.name_present(row=row, by=request.user, version=form.cleaned_data["version"], **form.attended()))
        if saved:
            return done(request, f"已点名：实到 {saved.present} 人。", "branches:activity", pk)
    return _page(request, row.branch, form, f"点名：{row.title}", status, reverse("branches:activity", args=[pk]))


@requires(Right.BRANCH_EDIT)
@or_404
def activity_remove(request, pk):
    (row, found), status = _own_host(request, pk), 200
    form = RemoveActivityForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST":
        gone, status = carried_out(form, lambda: actions.remove_activity(activity=found, by=request.user, **form.cleaned_data))
        if gone:
            return done(request, "已撤回，不再计数。", "branches:life", row.branch_id)
    context = {"form": form, "title": f"撤回：{found.title}", "label": "撤回", "branch": row.branch, "back": reverse("branches:activity", args=[pk])}
    return render(request, "branches/form.html", context, status=status)
