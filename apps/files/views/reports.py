"""Reports: the list with the form that asks for one, its page while it is made and afterwards, publishing, the frozen list behind a figure."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import Right, requires
from apps.core.calendar import Quarter, quarter_of
from apps.core.forms import PortalForm
from apps.core.refusal import Refused
from apps.files import reporting, selectors, tasks
from apps.files.models import ReportRun, RunState
from apps.files.reporting import REPORTS

PAGE = 50
QUARTERS = 8
OVER = (RunState.READY, RunState.PUBLISHED, RunState.FAILED)


class BuildForm(PortalForm):
    """Which report of whom and when; the quarters are the running one and those before it."""

    kind = forms.ChoiceField(label="报告")
    org = forms.ChoiceField(label="单位")
    period = forms.ChoiceField(label="季度")

    def __init__(self, *args, request, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        levels = tuple({level for kind in REPORTS.values() for level in kind.levels})
        self.places = {str(org.pk): org for org in selectors.reporting_places(request.scope, levels, request.today)}
        quarters = [quarter_of(request.today)]
        while len(quarters) < QUARTERS:
            quarters.append(quarters[-1].previous)
        self.fields["kind"].choices = [(kind.key, kind.title) for kind in REPORTS.values()]
        self.fields["org"].choices = [(pk, org.name) for pk, org in self.places.items()]
        self.fields["period"].choices = [(str(one), one.title) for one in quarters]


@require_GET
@requires(Right.REPORT_VIEW)
def index(request):
    runs = selectors.runs(request.scope)
    if request.GET.get("org", "").isdecimal():
        runs = runs.filter(org=int(request.GET["org"]))
    if request.GET.get("period"):
        runs = runs.filter(period=request.GET["period"])
    page = Paginator(runs, PAGE).get_page(request.GET.get("page"))
    default = {"period": str(quarter_of(request.today).previous), "org": request.GET.get("org", "")}
    form = BuildForm(request=request, initial={**default, **{name: request.GET[name] for name in ("org", "period") if request.GET.get(name)}})
    return render(request, "files/reports.html", _listed(request, page, form))


def _listed(request, page, form) -> dict:
    may = Right.REPORT_BUILD in request.rights and bool(form.places)
    rows = [{"run": run, "title": _title(run), "quarter": Quarter.parse(run.period).title} for run in page]
    return {"page": page, "rows": rows, "form": form, "may_build": may, "narrowed": bool(request.GET.get("org") or request.GET.get("period"))}


def _title(run: ReportRun) -> str:
    return REPORTS[run.kind].title if run.kind in REPORTS else run.kind


@require_POST
@requires(Right.REPORT_BUILD)
def build(request):
    form = BuildForm(request.POST, request=request)
    if form.is_valid():
        try:
            run = reporting.request_run(
                kind=form.cleaned_data["kind"], org=form.places[form.cleaned_data["org"]], quarter=Quarter.parse(form.cleaned_data["period"]), by=request.user, today=request.today
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            transaction.on_commit(lambda: tasks.build_report.delay(run.pk))
            return redirect("files:report", run.pk)
    page = Paginator(selectors.runs(request.scope), PAGE).get_page(1)
    return render(request, "files/reports.html", _listed(request, page, form), status=422)


@require_GET
@requires(Right.REPORT_VIEW)
def detail(request, pk: int):
    """The whole page, or for htmx its body alone: it asks every two seconds until the run is over."""
    run = _run(request, pk)
    over = run.state in OVER
    shown = REPORTS[run.kind].page(run.context) if run.state in (RunState.READY, RunState.PUBLISHED) else None
    context = {
        "run": run,
        "over": over,
        "shown": shown,
        "title": _title(run),
        "quarter": Quarter.parse(run.period),
        "may_publish": Right.REPORT_PUBLISH in request.rights,
        "may_build": Right.REPORT_BUILD in request.rights,
        "against": reporting.reason_against_publishing(run, request.today),
    }
    return render(request, "files/_report.html" if request.htmx else "files/report.html", context)


def _run(request, pk: int) -> ReportRun:
    try:
        return selectors.run(request.scope, pk)
    except ReportRun.DoesNotExist as missing:
        raise Http404 from missing


@require_POST
@requires(Right.REPORT_PUBLISH)
def publish(request, pk: int):
    try:
        run = reporting.publish(run=_run(request, pk), by=request.user, scope=request.scope, today=request.today, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("files:report", pk)
    messages.success(request, f"{run.org.name}{Quarter.parse(run.period).title}的报告已发布，从现在起不再改动。")
    return redirect("files:report", pk)


@require_GET
@requires(Right.REPORT_VIEW)
def people(request, pk: int, key: str):
    """The people a figure counted when the report was made."""
    run = _run(request, pk)
    number = request.GET.get("page", "1")
    start = (max(int(number), 1) - 1) * PAGE if number.isdecimal() and len(number) < 9 else 0
    try:
        found = REPORTS[run.kind].people(request.scope, run.context, key, request.GET.get("place", ""), today=request.today, start=start, size=PAGE)
    except KeyError as unknown:
        raise Http404 from unknown
    page = Paginator(range(found["visible"]), PAGE).get_page(number)
    return render(request, "files/report_people.html", {"run": run, "found": found, "page": page, "title": _title(run), "quarter": Quarter.parse(run.period)})
