"""季度进展: who has handed in, one report, writing, the city's reading, the steps, the documents."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.brands.actions import reports as actions
from apps.brands.documents import collection_document, report_document
from apps.brands.forms.brands import StepForm
from apps.brands.forms.reports import ReportFilter, ReportForm, ReviewForm, report_initial
from apps.brands.models import LINES
from apps.brands.selectors import reports as selectors
from apps.brands.selectors.brands import brand as one_brand
from apps.brands.selectors.files import sorted_out
from apps.brands.views.common import carried_out, document, done, may_edit, may_review, or_404, quarter_or_404, refused
from apps.brands.workflow import REPORT
from apps.core.calendar import Quarter
from apps.core.refusal import Refused

PAGE = 30
NAMES = {"missing": "未报", "submitted": "待审阅", "returned": "已退回", "accepted": "已接受", "late": "逾期报送"}


@requires(Right.BRAND_VIEW)
def report_list(request):
    form = ReportFilter(request.GET, today=request.today)
    quarter, state = form.wanted()
    owing, here, due = selectors.owing(request.scope, quarter), reverse("brands:reports"), selectors.due_on(quarter)
    counted = selectors.tally(owing)
    page = Paginator(selectors.narrowed(owing, state), PAGE).get_page(request.GET.get("page"))
    figures = [{"label": label, "value": counted[key], "unit": "份", "url": f"{here}?quarter={quarter}&state={key}"} for key, label in NAMES.items()]
    figures[0]["tone"] = "late" if counted["missing"] and request.today > due else ""
    context = {
        "form": form, "page": page, "rows": [(one, selectors.state_of(one)) for one in page], "quarter": quarter, "figures": figures, "names": NAMES, "due_on": due,
        "narrowed": bool(state), "query": request.GET.urlencode(), "accepted": counted["accepted"],
    }  # fmt: skip
    return render(request, "brands/_report_table.html" if request.htmx else "brands/reports.html", context)


def _found(request, pk, year, quarter):
    return one_brand(request.scope, pk), quarter_or_404(year, quarter)


def _here(found, quarter: Quarter) -> str:
    return reverse("brands:report", args=[found.pk, quarter.year, quarter.q])


@requires(Right.BRAND_VIEW)
@or_404
def report(request, pk, year, quarter):
    found, when = _found(request, pk, year, quarter)
    held = selectors.report(found, when)
    acts = []
    if held:
        acts = [
            {"key": key, "label": REPORT.steps[key].label, "back": REPORT.steps[key].back, "reason": REPORT.reason_against(held, key, by=request.user, today=request.today)}
            for key in REPORT.open_to(held, request.rights) if key not in ("accept", "return")
        ]  # fmt: skip
    files = sorted_out(selectors.files(held))
    lines = [(held._meta.get_field(name).verbose_name, getattr(held, name), held.comments.get(name, "")) for name in LINES] if held else []
    context = {
        "brand": found, "quarter": when, "report": held, "acts": acts, "lines": lines, "figures": selectors.figures(found, when), "before": selectors.report(found, when.previous),
        "pictures": files.pictures, "papers": files.papers,
        "steps": selectors.steps(held), "names": {key: step.label for key, step in REPORT.steps.items()}, "due_on": selectors.due_on(when), "today": request.today,
        "can_write": may_edit(request) and (held is None or held.state in actions.WRITABLE) and when.first <= request.today,
        "can_read": may_review(request) and held and held.state == "submitted" and not REPORT.reason_against(held, "accept", by=request.user, today=request.today),
    }  # fmt: skip
    return render(request, "brands/report.html", context)


@requires(Right.BRAND_EDIT)
@or_404
def report_edit(request, pk, year, quarter):
    found, when = _found(request, pk, year, quarter)
    held, before, status = selectors.report(found, when), selectors.report(found, when.previous), 200
    if held and held.state not in actions.WRITABLE:
        return refused(request, Refused(f"这份进展现在是“{held.get_state_display()}”，不能再改。"), "brands:report", pk, year, quarter)
    given = {"figures": selectors.figures(found, when), "before": before, "comments": held.comments if held else {}}
    form = ReportForm(request.POST or None, request.FILES or None, initial=report_initial(held, before), **given)
    if request.method == "POST":
        act = {"brand": found, "quarter": when, "by": request.user, "today": request.today}
        saved, status = carried_out(form, lambda: actions.write_report(**act, **form.values()))
        if saved:
            return done(request, "已保存，还没有报送。", "brands:report", pk, year, quarter, draft=f"brand-report-{pk}-{when}")
    context = {"form": form, "brand": found, "quarter": when, "before": before, "back": _here(found, when), "draft": f"brand-report-{pk}-{when}"}
    return render(request, "brands/report_form.html", context, status=status)


@requires(Right.BRAND_REVIEW)
@or_404
def report_review(request, pk, year, quarter):
    """Read line by line; accept with a mark, or return."""
    found, when = _found(request, pk, year, quarter)
    held, status = selectors.report(found, when), 200
    if held is None:
        raise Http404
    if reason := REPORT.reason_against(held, "accept", by=request.user, today=request.today):
        return refused(request, Refused(reason), "brands:report", pk, year, quarter)
    form = ReviewForm(request.POST or None, report=held, initial={"version": held.version})
    if request.method == "POST":
        step = "return" if request.POST.get("step") == "return" else "accept"
        act = {"brand": found, "quarter": when, "step": step, "by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: actions.take_report_step(**act, **form.values()))
        if saved:
            return done(request, REPORT.steps[step].done, "brands:report", pk, year, quarter, draft=f"brand-review-{held.pk}")
    context = {"form": form, "brand": found, "quarter": when, "report": held, "figures": selectors.figures(found, when), "back": _here(found, when)}
    return render(request, "brands/review.html", context, status=status)


@requires(Right.BRAND_EDIT, Right.BRAND_REVIEW)
@or_404
def report_step(request, pk, year, quarter, step):
    found, when = _found(request, pk, year, quarter)
    held, rule, status = selectors.report(found, when), REPORT.steps.get(step), 200
    if rule is None or held is None or step in ("accept", "return"):
        raise Http404
    if not request.rights.intersection(rule.rights):
        raise PermissionDenied(f"您现在的角色不能{rule.label}。")
    if reason := REPORT.reason_against(held, step, by=request.user, today=request.today):
        return refused(request, Refused(reason), "brands:report", pk, year, quarter)
    form = StepForm(request.POST or None, asks=rule.asks, initial={"version": held.version})
    if request.method == "POST":
        act = {"brand": found, "quarter": when, "step": step, "by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: actions.take_report_step(**act, **form.cleaned_data))
        if saved:
            return done(request, rule.done, "brands:report", pk, year, quarter)
    context = {"form": form, "title": rule.label, "label": rule.label, "brand": found, "back": _here(found, when)}
    return render(request, "brands/form.html", context, status=status)


@requires(Right.BRAND_EDIT)
@require_POST
@or_404
def report_file_remove(request, pk, year, quarter, key):
    found, when = _found(request, pk, year, quarter)
    held = selectors.report(found, when)
    if held is None:
        raise Http404
    try:
        actions.remove_file(report=held, stored=selectors.file(held, key), by=request.user)
    except Refused as problem:
        return refused(request, problem, "brands:report", pk, year, quarter)
    return done(request, "文件已删除。", "brands:report", pk, year, quarter)


@requires(Right.BRAND_VIEW)
@or_404
def report_docx(request, pk, year, quarter):
    found, when = _found(request, pk, year, quarter)
    held = selectors.report(found, when)
    if held is None:
        raise Http404
    content, name = report_document(report=held, today=request.today, now=timezone.now())
    audit.record("brand.exported", found, by=request.user, title=str(found), note=f"{when.title}进展")
    return document(content, name)


@requires(Right.BRAND_REVIEW)
@require_POST
def report_collection(request):
    """All accepted reports of the quarter in one document."""
    try:
        when = Quarter.parse(request.POST.get("quarter", ""))
    except Refused:
        raise Http404 from None
    missing = [one for one in selectors.owing(request.scope, when) if one.given != "accepted"]
    org = request.membership.org
    content, name = collection_document(
        org=org, quarter=when, reports=selectors.collection(request.scope, when), missing=missing, today=request.today, now=timezone.now()
    )  # fmt: skip
    audit.record("brand.exported", org, by=request.user, title=org.name, note=f"{when.title}汇编")
    return document(content, name)
