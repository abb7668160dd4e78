"""督查与整改: the ledger with its figures, one rectification step by step, inspections planned and written down, draws on record."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Right, requires
from apps.accounts.selectors import children
from apps.branches.actions import inspections as planning
from apps.branches.actions import rectifications as actions
from apps.branches.models import RectifyState
from apps.branches.selectors import supervision as selectors
from apps.branches.selectors.branches import branch as one_branch
from apps.branches.selectors.branches import branches
from apps.branches.supervision_forms import (
    LOOKS,
    STEP_FORMS,
    CancelForm,
    DrawForm,
    InspectionFilter,
    MeasureForm,
    PlanForm,
    RecordForm,
    RectifyFilter,
    RectifyForm,
    StepForm,
)  # fmt: skip
from apps.branches.views.common import carried_out, done, may_edit, or_404, refused
from apps.branches.workflow import RECTIFY, reason_against
from apps.core.refusal import Refused
from apps.files.views import exports

PAGE = 30
SHOWN = ("open", "late", "late30", "supervised", "reported", "recheck")
rectification_export = exports.asks("rectifications", "branches:rectification_export")


def _inspects(request) -> bool:
    return Right.BRANCH_INSPECT in request.rights


@requires(Right.BRANCH_VIEW)
def rectifications(request):
    form = RectifyFilter(request.GET, scope=request.scope)
    wanted = form.wanted()
    page = Paginator(selectors.filtered(request.scope, wanted, request.today), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": list(page), "narrowed": bool(wanted), "query": request.GET.urlencode()}
    if request.htmx:
        return render(request, "branches/_rectification_table.html", context)
    tally, names, here = selectors.tally(request.scope, request.today), dict(LOOKS), reverse("branches:rectifications")
    context["figures"] = [
        {"label": names[look], "value": tally[look], "unit": "项", "url": f"{here}?{urlencode({'look': look})}", "tone": "late" if look.startswith("late") and tally[look] else ""}
        for look in SHOWN
    ]
    context |= {
        "inspects": _inspects(request), "can_export": Right.CADRE_EXPORT in request.rights,
        "to_draw": selectors.to_recheck(selectors.rectifications(request.scope), request.today).count() if _inspects(request) else 0,
    }  # fmt: skip
    return render(request, "branches/rectifications.html", context)


@requires(Right.BRANCH_VIEW)
def rectification_ageing(request):
    """How long what is under way has been late, by place."""
    org = request.membership.org
    rows = selectors.ageing(request.scope, [org, *children(request.scope, org)], request.today)
    return render(request, "branches/ageing.html", {"rows": rows, "ages": [name for _, name, _, _ in selectors.AGES]})


def _form(request, form, title: str, label: str, back: str, status: int, branch=None, explain: str = "", multipart: bool = False):
    context = {"form": form, "title": title, "label": label, "back": back, "branch": branch, "explain": explain, "multipart": multipart}
    return render(request, "branches/form.html", context, status=status)


@requires(Right.BRANCH_EDIT, Right.BRANCH_INSPECT)
@or_404
def rectification_add(request, pk):
    branch, status = one_branch(request.scope, pk), 200
    form = RectifyForm(request.POST or None, initial={"due_on": actions.usual_due(request.today)})
    if request.method == "POST":
        given = {"by": request.user, "today": request.today, "now": timezone.now()}
        made, status = carried_out(form, lambda: actions.open_rectification(branch=branch, **given, **form.cleaned_data))
        if made:
            return done(request, "已列入整改台账。", "branches:rectification", made.pk)
    return _form(request, form, "新开整改", "列入台账", reverse("branches:branch", args=[pk]), status, branch)


@requires(Right.BRANCH_VIEW)
@or_404
def rectification(request, pk):
    case = selectors.rectification(request.scope, pk)
    shown = [
        {"key": key, "label": RECTIFY.steps[key].label, "back": RECTIFY.steps[key].back, "reason": reason_against(case, key, by=request.user, today=request.today)}
        for key in RECTIFY.open_to(case, request.rights) if key not in ("confirm", "relapse") or case.recheck_drawn_on and not case.rechecked_on
    ]  # fmt: skip
    names = {key: step.label for key, step in RECTIFY.steps.items()} | {"open": "列入台账"}
    context = {
        "case": case, "branch": case.branch, "acts": shown, "steps": selectors.steps(case), "names": names, "proofs": selectors.proofs(case),
        "late": case.state == RectifyState.OPEN and case.due_on < request.today, "can_edit": may_edit(request) and case.state == RectifyState.OPEN,
    }  # fmt: skip
    return render(request, "branches/rectification.html", context)


@requires(Right.BRANCH_EDIT)
@or_404
def rectification_edit(request, pk):
    case, status = selectors.rectification(request.scope, pk), 200
    form = MeasureForm(request.POST or None, initial={name: getattr(case, name) for name in ("matter", "measure", "owner", "version")})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.change_rectification(case=case, by=request.user, **form.cleaned_data))
        if saved:
            return done(request, "已修改。", "branches:rectification", pk)
    return _form(request, form, "整改措施和责任人", "保存", reverse("branches:rectification", args=[pk]), status, case.branch, case.problem)


@requires(Right.BRANCH_EDIT, Right.BRANCH_INSPECT)
@or_404
def rectification_step(request, pk, step):
    """What a step asks for, and the step itself."""
    case, rule = selectors.rectification(request.scope, pk), RECTIFY.steps.get(step)
    if rule is None:
        raise Http404
    if not request.rights.intersection(rule.rights):
        raise PermissionDenied(f"您现在的角色不能{rule.label}。")
    if (reason := reason_against(case, step, by=request.user, today=request.today)) and (request.method == "GET" or case.state not in rule.sources):
        return refused(request, Refused(reason), "branches:rectification", pk)
    form_class, status = STEP_FORMS.get(step, StepForm), 200
    given = {"case": case, "asks": rule.asks, "today": request.today, "usual": actions.usual_due(request.today), "initial": {"version": case.version}}
    form = form_class(request.POST or None, request.FILES or None, **given)
    if request.method == "POST":
        act = {"case": case, "step": step, "by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: actions.take_step(**act, **form.cleaned_data))
        if saved:
            return done(request, rule.done, "branches:rectification", pk)
    return _form(request, form, rule.label, rule.label, reverse("branches:rectification", args=[pk]), status, case.branch, case.problem, step == "report")


@requires(Right.BRANCH_INSPECT)
def recheck_draw(request):
    waiting, status = selectors.rectifications(request.scope), 200
    n = selectors.to_recheck(waiting, request.today).count()
    form = DrawForm(request.POST or None, initial={"size": min(n, 5) or 1})
    if request.method == "POST":
        given = {"by": request.user, "today": request.today, "now": timezone.now()}
        made, status = carried_out(form, lambda: actions.draw_rechecks(org=request.membership.org, cases=waiting, **given, **form.cleaned_data))
        if made:
            return done(request, f"抽中 {len(made.chosen)} 项，请安排复查。", "branches:draw", made.pk)
    explain = f"有 {n} 项已销号、到了复查时间的整改还没有抽过。随机抽取，种子和名单存档。"
    return _form(request, form, "抽取整改复查", "抽取", reverse("branches:rectifications"), status, explain=explain)


@requires(Right.BRANCH_VIEW)
def inspections(request):
    form = InspectionFilter(request.GET, today=request.today)
    wanted = form.wanted()
    found = selectors.inspections_filtered(request.scope, wanted, request.today)
    found = found.filter(pk__in=selectors.announced(request.scope, request.rights, Right.BRANCH_INSPECT).values("pk"))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "page": page, "rows": list(page), "narrowed": bool(wanted), "query": request.GET.urlencode(), "inspects": _inspects(request), "today": request.today,
        "fresh": selectors.never_inspected(request.scope).count(),
    }  # fmt: skip
    return render(request, "branches/_inspection_table.html" if request.htmx else "branches/inspections.html", context)


@requires(Right.BRANCH_INSPECT)
def inspection_plan(request):
    there, status = branches(request.scope).filter(dissolved_on=None).order_by("org_path", "name"), 200
    fresh = set(selectors.never_inspected(request.scope).values_list("pk", flat=True))
    form = PlanForm(request.POST or None, branches=list(there), fresh=fresh, initial={"chosen": [request.GET.get("branch", "")], "planned_on": request.today})
    if request.method == "POST":
        made, status = carried_out(form, lambda: _plan(request, there, form.cleaned_data))
        if made:
            rows, draw = made
            if draw:
                return done(request, f"抽中 {len(rows)} 个党支部，已安排检查。", "branches:draw", draw.pk)
            return done(request, f"已安排检查 {len(rows)} 个党支部。", "branches:inspections")
    return _form(request, form, "安排检查", "安排", reverse("branches:inspections"), status)


def _plan(request, there, data: dict):
    given = {"by": request.user, "today": request.today, "now": timezone.now(), "org": request.membership.org, "branches": there}
    return planning.plan_inspections(chosen=[int(pk) for pk in data.pop("chosen")], **given, **data)


@requires(Right.BRANCH_VIEW)
@or_404
def inspection(request, pk):
    found = selectors.announced(request.scope, request.rights, Right.BRANCH_INSPECT).get(pk=pk)
    context = {
        "inspection": found, "branch": found.branch, "inspects": _inspects(request) and found.state == "planned",
        "problems": selectors.rectifications(request.scope).filter(inspection=found),
    }  # fmt: skip
    return render(request, "branches/inspection.html", context)


@requires(Right.BRANCH_INSPECT)
@or_404
def inspection_record(request, pk):
    found, status = selectors.inspection(request.scope, pk), 200
    if found.state != "planned":
        return refused(request, Refused(f"这次检查{found.get_state_display()}，不能再改。"), "branches:inspection", pk)
    initial = {"version": found.version, "inspected_on": request.today, "team": found.team, "due_on": actions.usual_due(request.today)}
    form = RecordForm(request.POST or None, initial=initial)
    if request.method == "POST":
        given = {"by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: planning.record_inspection(inspection=found, **given, **form.values()))
        if saved:
            return done(request, "已登记，发现的问题各开了一项整改。" if form.values()["problems"] else "已登记。", "branches:inspection", pk)
    return _form(request, form, f"登记检查：{found}", "保存", reverse("branches:inspection", args=[pk]), status, found.branch)


@requires(Right.BRANCH_INSPECT)
@or_404
def inspection_cancel(request, pk):
    found, status = selectors.inspection(request.scope, pk), 200
    form = CancelForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: planning.cancel_inspection(inspection=found, by=request.user, **form.cleaned_data))
        if saved:
            return done(request, "已取消。", "branches:inspection", pk)
    return _form(request, form, f"取消检查：{found}", "取消这次检查", reverse("branches:inspection", args=[pk]), status, found.branch)


@requires(Right.BRANCH_INSPECT)
@or_404
def draw(request, pk):
    found = selectors.draw(request.scope, pk)
    chosen = {key for key, _ in found.chosen}
    return render(request, "branches/draw.html", {"draw": found, "pool": [(key, name, key in chosen) for key, name in found.pool]})
