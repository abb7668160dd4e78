"""学习推广计划: as a list and one by one, progress, outcome, the look a year later, who learned from whom."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Right, requires
from apps.brands.actions import practices as actions
from apps.brands.forms.plans import CheckForm, EffortFilter, EndForm, PlanFilter, PlanForm, ProgressForm, plan_initial
from apps.brands.selectors import effort as efforts
from apps.brands.selectors import learning
from apps.brands.selectors import plans as selectors
from apps.brands.views.common import carried_out, done, may_edit, or_404, refused
from apps.core.refusal import Refused

PAGE = 30
NAMES = {"doing": "推进中", "overdue": "阶段逾期", "taken": "已采用", "dropped": "没有采用", "check": "待回访"}


@requires(Right.BRAND_VIEW)
def plans(request):
    form = PlanFilter(request.GET, scope=request.scope)
    wanted, here = form.wanted(), reverse("brands:plans")
    page = Paginator(selectors.filtered_plans(request.scope, wanted, request.today), PAGE).get_page(request.GET.get("page"))
    counted = selectors.plan_tally(request.scope, request.today)
    figures = [
        {"label": label, "value": counted[key], "unit": "个", "url": f"{here}?look={key}", "tone": "late" if key == "overdue" and counted[key] else ""}
        for key, label in NAMES.items()
    ]  # fmt: skip
    context = {"form": form, "page": page, "rows": list(page), "figures": figures, "narrowed": bool(wanted), "query": request.GET.urlencode()}
    return render(request, "brands/_plan_table.html" if request.htmx else "brands/plans.html", context)


@requires(Right.BRAND_VIEW)
@or_404
def plan(request, pk):
    found = selectors.plan(request.scope, pk)
    phases = selectors.phases(found)
    context = {
        "plan": found, "phases": phases, "notes": selectors.notes(found), "share": selectors.share(phases), "can_edit": may_edit(request), "today": request.today,
        "to_check": selectors.to_check(selectors.plans(request.scope).filter(pk=pk), request.today).exists(),
    }  # fmt: skip
    return render(request, "brands/plan.html", context)


def _shown(request, form, title: str, label: str, found, status: int, **more):
    context = {"form": form, "title": title, "label": label, "back": reverse("brands:plan", args=[found.pk])} | more
    return render(request, "brands/form.html", context, status=status)


@requires(Right.BRAND_EDIT)
@or_404
def plan_edit(request, pk):
    found, status = selectors.plan(request.scope, pk), 200
    if found.state != "doing":
        return refused(request, Refused(f"这个计划{found.get_state_display()}，不能再改。"), "brands:plan", pk)
    form = PlanForm(request.POST or None, phases=selectors.phases(found), initial=plan_initial(found))
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.change_plan(plan=found, by=request.user, **form.values()))
        if saved:
            return done(request, "已保存。", "brands:plan", pk, draft=f"study-{pk}")
    return render(request, "brands/plan_form.html", {"form": form, "plan": found, "back": reverse("brands:plan", args=[pk])}, status=status)


def _progress(request, found, phase):
    form, status = ProgressForm(request.POST or None), 200
    if request.method == "POST":
        act = {"plan": found, "phase": phase, "by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: actions.note_progress(**act, **form.cleaned_data))
        if saved:
            return done(request, "阶段已完成。" if phase else "进展已登记。", "brands:plan", found.pk)
    title = f"完成阶段：{phase.text}" if phase else "记进展"
    return _shown(request, form, title, "完成" if phase else "登记", found, status)


@requires(Right.BRAND_EDIT)
@or_404
def plan_progress(request, pk):
    return _progress(request, selectors.plan(request.scope, pk), None)


@requires(Right.BRAND_EDIT)
@or_404
def phase_done(request, pk, key):
    found = selectors.plan(request.scope, pk)
    return _progress(request, found, selectors.phase(found, key))


@requires(Right.BRAND_EDIT)
@or_404
def plan_end(request, pk):
    found, status = selectors.plan(request.scope, pk), 200
    form = EndForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.end_plan(plan=found, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, "结果已登记。", "brands:plan", pk)
    return _shown(request, form, "登记结果", "登记", found, status)


@requires(Right.BRAND_EDIT, Right.BRAND_REVIEW)
@or_404
def plan_check(request, pk):
    found, status = selectors.plan(request.scope, pk), 200
    form = CheckForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.check_plan(plan=found, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, "回访已登记。", "brands:plan", pk)
    return _shown(request, form, "一年后回访", "登记", found, status)


@requires(Right.BRAND_VIEW)
def effort(request):
    """County by county: brands, names, what is learned, when something last happened."""
    form = EffortFilter(request.GET, scope=request.scope)
    wanted = form.wanted()
    page = Paginator(efforts.counties(request.scope, wanted, request.today), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": efforts.effort(request.scope, page), "narrowed": bool(wanted), "query": request.GET.urlencode()}
    return render(request, "brands/_effort_table.html" if request.htmx else "brands/effort.html", context)


@requires(Right.BRAND_VIEW)
def learned(request):
    """Who learned from whom."""
    found = learning.learned(request.scope)
    return render(request, "brands/learned.html", {"learned": found, "graph": learning.graph(found)})
