"""党支部: the list with what speaks against each, one branch, setting up, changing, dissolving."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse

from apps.accounts.permissions import Right, requires
from apps.accounts.selectors import children, organization, organizations
from apps.branches.actions import branches as actions
from apps.branches.checking import dues
from apps.branches.forms import LOOKS, BranchFilter, BranchForm, DissolveForm, branch_initial
from apps.branches.models import ENDED
from apps.branches.selectors import branches as selectors
from apps.branches.selectors.applications import present
from apps.branches.selectors.members import members, terms_in_office
from apps.branches.selectors.rules import rules_in_force
from apps.branches.selectors.standing import GOODS
from apps.branches.selectors.supervision import of_branch
from apps.branches.views.common import carried_out, done, may_edit, or_404
from apps.files.views import exports

PAGE = 30
SHOWN = ("wrong", "term", "size", "life")
"""Matters counted above the list."""
branch_export = exports.asks("branches", "branches:branch_export")
member_export = exports.asks("branch_members", "branches:member_export")


@requires(Right.BRANCH_VIEW)
def branch_list(request):
    form = BranchFilter(request.GET, scope=request.scope)
    wanted = form.wanted()
    look = wanted.pop("look", "")
    found = selectors.filtered(request.scope, wanted, request.today)
    tally = selectors.tally(found, request.today, {*SHOWN, look} - {""})
    shown = selectors.looking(found, look, request.today)
    pages = Paginator(shown, PAGE)
    pages.count = tally.by_look[look] if look else tally.branches
    page = pages.get_page(request.GET.get("page"))
    context = {
        "form": form, "page": page, "rows": selectors.lines(list(page), request.today), "figures": _figures(request, tally), "narrowed": bool(wanted or look),
        "can_edit": may_edit(request),
        "can_export": Right.CADRE_EXPORT in request.rights, "can_rule": Right.TABLES_EDIT in request.rights, "query": request.GET.urlencode(),
        "can_import": Right.IMPORT_CREATE in request.rights,
    }  # fmt: skip
    return render(request, "branches/_branch_table.html" if request.htmx else "branches/branch_list.html", context)


@requires(Right.BRANCH_VIEW)
def heat(request):
    """六好 by place: where nothing speaks against the branches, and where much does."""
    org = request.membership.org
    rows = selectors.heat(request.scope, [org, *children(request.scope, org)], request.today)
    names = dict(LOOKS)
    return render(request, "branches/heat.html", {"rows": rows, "goods": [f"{names[key]}好" for key in GOODS]})


def _figures(request, tally) -> list[dict]:
    """Each figure opens the list it counted."""
    kept = {name: value for name, value in request.GET.items() if name not in ("look", "page") and value}
    here, names = reverse("branches:list"), dict(LOOKS)

    def link(**more) -> str:
        return f"{here}?{urlencode(kept | more)}"

    found = [
        {"label": "党支部", "value": tally.branches, "unit": "个", "url": link()},
        {"label": "党员", "value": tally.members, "unit": "名", "note": f"其中预备 {tally.probationary} 名"},
    ]
    for look in SHOWN:
        count = tally.by_look[look]
        found.append({"label": names[look], "value": count, "unit": "个", "url": link(look=look), "tone": "late" if look == "wrong" and count else ""})
    return found


@requires(Right.BRANCH_VIEW)
@or_404
def branch(request, pk):
    found = selectors.branch(request.scope, pk)
    line = selectors.lines(selectors.branches(request.scope).filter(pk=pk), request.today)[0]
    rules, people = rules_in_force(request.today), list(members(request.scope, found))
    for one in people:
        one.dues = dues(one.dues_base, one.dues_rate, rules)
    applied = present(found)
    context = {
        "branch": found, "line": line, "members": people, "left": list(members(request.scope, found, left=True)[:20]), "committees": terms_in_office(found),
        "application": applied, "can_choose": Right.BRANCH_INSPECT in request.rights and not found.dissolved_on,
         "can_apply": may_edit(request) and not found.dissolved_on and found.holds and (applied is None or applied.state in ENDED),
        "mending": of_branch(request.scope, found), "can_rectify": not found.dissolved_on and bool({Right.BRANCH_EDIT, Right.BRANCH_INSPECT} & request.rights),
        "can_edit": may_edit(request) and not found.dissolved_on, "can_export": Right.CADRE_EXPORT in request.rights,
    }  # fmt: skip
    return render(request, "branches/branch.html", context)


def _places(request, form) -> dict:
    keys = [int(pk) for pk in form.cleaned_data["hosts"]]
    return {"org": organization(request.scope, form.cleaned_data["org"]), "hosts": list(organizations(request.scope).filter(pk__in=keys))}


@requires(Right.BRANCH_EDIT)
@or_404
def branch_add(request):
    form, status = BranchForm(request.POST or None, scope=request.scope, today=request.today, initial={"org": request.membership.org_id}), 200
    if request.method == "POST":
        made, status = carried_out(form, lambda: actions.set_up_branch(scope=request.scope, by=request.user, today=request.today, **_places(request, form), **form.values()))
        if made:
            return done(request, "已建立。接着转入党员、登记支委会。", "branches:branch", made.pk)
    return render(request, "branches/form.html", {"form": form, "title": "新建党支部", "label": "保存", "back": reverse("branches:list")}, status=status)


@requires(Right.BRANCH_EDIT)
@or_404
def branch_edit(request, pk):
    found, status = selectors.branch(request.scope, pk), 200
    form = BranchForm(request.POST or None, scope=request.scope, today=request.today, initial=branch_initial(found))
    if request.method == "POST":
        saved, status = carried_out(form, lambda: _change(request, found, form))
        if saved:
            return done(request, "已修改。", "branches:branch", pk)
    return render(request, "branches/form.html", _shown(found, form, f"修改：{found}", "保存"), status=status)


def _change(request, found, form):
    version = form.cleaned_data["version"]
    return actions.change_branch(scope=request.scope, branch=found, by=request.user, today=request.today, version=version, **_places(request, form), **form.values())


def _shown(found, form, title: str, label: str, note: str = "") -> dict:
    return {"form": form, "title": title, "label": label, "branch": found, "back": reverse("branches:branch", args=[found.pk]), "note": note}


@requires(Right.BRANCH_EDIT)
@or_404
def branch_dissolve(request, pk):
    found, status = selectors.branch(request.scope, pk), 200
    form = DissolveForm(request.POST or None, initial={"version": found.version, "on": request.today})
    if request.method == "POST":
        gone, status = carried_out(form, lambda: actions.dissolve_branch(branch=found, by=request.user, today=request.today, **form.cleaned_data))
        if gone:
            return done(request, "已撤销。", "branches:branch", pk)
    return render(request, "branches/form.html", _shown(found, form, f"撤销：{found}", "撤销"), status=status)
