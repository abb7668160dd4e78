"""群众评议 for those who hold it: the list, opening, codes as slips, the result."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.branches.actions import ballots as actions
from apps.branches.models import VoterGroup
from apps.branches.pledge_forms import BallotFilter, BallotForm, CodesForm, ExtendForm, ToldForm, VoidForm
from apps.branches.selectors import ballots as selectors
from apps.branches.selectors.applications import application as one_application
from apps.branches.selectors.branches import branch as one_branch
from apps.branches.views.common import carried_out, done, may_edit, or_404, refused, site
from apps.core.qr import qr_code
from apps.core.refusal import Refused

PAGE = 30


@requires(Right.BRANCH_VIEW)
def ballot_list(request):
    form = BallotFilter(request.GET, scope=request.scope, today=request.today)
    page = Paginator(selectors.filtered(request.scope, form.wanted(), request.today), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": list(page), "narrowed": bool(form.wanted()), "query": request.GET.urlencode(), "today": request.today}
    return render(request, "branches/_ballot_table.html" if request.htmx else "branches/ballots.html", context)


def _may_hold(request, ballot) -> bool:
    """Those who inspect hold what is asked on the spot, the branch itself everything else."""
    return Right.BRANCH_INSPECT in request.rights if ballot.application_id else may_edit(request)


def _held(request, pk):
    found = selectors.ballot(request.scope, pk)
    if not _may_hold(request, found):
        raise PermissionDenied("现场测评由核查组办理。" if found.application_id else "群众评议由党支部办理。")
    return found


@requires(Right.BRANCH_INSPECT)
@or_404
def onsite_add(request, pk):
    """The ballot on the spot, while an application is inspected."""
    case = one_application(request.scope, pk)
    return _adding(request, case.branch, "现场测评", reverse("branches:application", args=[pk]), application=case)


@requires(Right.BRANCH_EDIT)
@or_404
def ballot_add(request, pk):
    return _adding(request, one_branch(request.scope, pk), "群众评议", reverse("branches:branch", args=[pk]))


def _adding(request, branch, what: str, back: str, application=None):
    status = 200
    usual = "\n".join(selectors.usual_questions(request.scope, branch))
    form = BallotForm(request.POST or None, initial={"title": f"{request.today.year} 年{what}", "questions": usual, "closes_on": request.today if application else None})
    if request.method == "POST":
        made, status = carried_out(form, lambda: actions.open_ballot(branch=branch, application=application, by=request.user, today=request.today, **form.values()))
        if made:
            return done(request, "已发起。接着发号码：打印成纸条，当场抽取。", "branches:ballot", made.pk)
    context = {"form": form, "title": f"发起{what}", "label": "发起", "branch": branch, "back": back}
    return render(request, "branches/form.html", context, status=status)


@requires(Right.BRANCH_VIEW)
@or_404
def ballot(request, pk):
    found = selectors.ballot(request.scope, pk)
    closed = found.state == "closed"
    context = {
        "ballot": found, "issued": [(label, found.issued[group]) for group, label in VoterGroup.choices if found.issued.get(group)], "total": sum(found.issued.values()),
        "voted": selectors.votes(found), "unused": selectors.unused(found), "result": selectors.counted(found) if closed else None,
        "remarks": selectors.remarks(found), "can_edit": _may_hold(request, found), "over": found.state == "open" and found.closes_on < request.today,
        "codes_form": CodesForm(initial={"version": found.version}), "address": site(request) + reverse("vote"),
    }  # fmt: skip
    return render(request, "branches/ballot.html", context)


def _shown(found, form, title: str, label: str) -> dict:
    return {"form": form, "title": title, "label": label, "branch": found.branch, "back": reverse("branches:ballot", args=[found.pk])}


@requires(Right.BRANCH_EDIT, Right.BRANCH_INSPECT)
@require_POST
@or_404
def ballot_codes(request, pk):
    """The codes as slips to print and cut: this page is the only place they ever stand in clear."""
    found = _held(request, pk)
    form = CodesForm(request.POST)
    codes, status = carried_out(form, lambda: actions.issue_codes(ballot=found, wanted=form.wanted(), by=request.user, version=form.cleaned_data["version"]))
    if not codes:
        return render(request, "branches/form.html", _shown(found, form, "发号码", "发号码"), status=status)
    address, labels = site(request) + reverse("vote"), dict(VoterGroup.choices)
    slips = [
        {"group": f"{labels[group]}票", "code": f"{code[:5]} {code[5:]}", "qr": qr_code(f"{address}#{code}")} for group, made in codes.items() for code in made
    ]  # fmt: skip
    told = f"扫码，或打开 {address} 输入号码。{found.closes_on:%Y-%m-%d} 前有效，只能用一次。"
    response = render(request, "branches/ballot_slips.html", {"ballot": found, "slips": slips, "told": told})
    response["Cache-Control"] = "no-store"
    return response


@requires(Right.BRANCH_EDIT, Right.BRANCH_INSPECT)
@require_POST
@or_404
def ballot_withdraw(request, pk):
    try:
        gone = actions.withdraw_codes(ballot=_held(request, pk), by=request.user)
    except Refused as problem:
        return refused(request, problem, "branches:ballot", pk)
    return done(request, f"{gone} 个没有用过的号码已作废。", "branches:ballot", pk)


@requires(Right.BRANCH_EDIT, Right.BRANCH_INSPECT)
@require_POST
@or_404
def ballot_close(request, pk):
    try:
        closed = actions.close_ballot(ballot=_held(request, pk), by=request.user, today=request.today, now=timezone.now())
    except Refused as problem:
        return refused(request, problem, "branches:ballot", pk)
    more = "低于规定，已开出补课整改。" if closed.short else ""
    return done(request, f"评议已结束，总体满意率 {closed.rate} %。{more}", "branches:ballot", pk)


@requires(Right.BRANCH_EDIT, Right.BRANCH_INSPECT)
@or_404
def ballot_extend(request, pk):
    return _with_form(request, pk, ExtendForm, actions.extend_ballot, "改截止日期", "已改截止日期。", {"today": request.today}, {"closes_on": request.today})


@requires(Right.BRANCH_EDIT, Right.BRANCH_INSPECT)
@or_404
def ballot_void(request, pk):
    return _with_form(request, pk, VoidForm, actions.void_ballot, "作废这次评议", "已作废。", {}, {})


@requires(Right.BRANCH_EDIT, Right.BRANCH_INSPECT)
@or_404
def ballot_told(request, pk):
    return _with_form(request, pk, ToldForm, actions.tell_result, "登记通报", "已登记通报。", {"today": request.today}, {"on": request.today})


def _with_form(request, pk, form_class, act, title: str, sentence: str, given: dict, initial: dict):
    found, status = _held(request, pk), 200
    form = form_class(request.POST or None, initial={"version": found.version} | initial)
    if request.method == "POST":
        saved, status = carried_out(form, lambda: act(ballot=found, by=request.user, **given, **form.cleaned_data))
        if saved:
            return done(request, sentence, "branches:ballot", pk)
    return render(request, "branches/form.html", _shown(found, form, title, "确定"), status=status)
