"""年报与台账: annual tables A–D, the population ledger, what stands behind a difference, and both as workbooks."""

import io

from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from apps.accounts import selectors as accounts
from apps.accounts.models import Level, Organization
from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.cadres.forms.statistics import AnnualForm, LedgerForm
from apps.cadres.models import RetireKind
from apps.cadres.selectors.places import place_choices
from apps.cadres.statistics import annual, differences, ledger, workbook
from apps.cadres.statistics.layout import TABLES
from apps.core.metrics import Period
from apps.core.sheets_out import XLSX

PAGE = 50
SMALL = (Level.UNIT, Level.BUREAU, Level.COMMUNITY)


def place(request) -> Organization:
    """The organisation of the URL, one's own without; 404 outside the scope."""
    text = request.GET.get("org", "")
    if not text:
        return request.membership.org
    try:
        return accounts.organization(request.scope, int(text) if text.isdecimal() and len(text) < 19 else 0)
    except Organization.DoesNotExist:
        raise Http404 from None


def below(request, org: Organization) -> list[Organization]:
    return list(accounts.organizations(request.scope).in_force(request.today).filter(parent=org).order_by("order", "path"))


def year_of(request) -> int:
    """The year of the URL; without one the year to be reported: until March the one before."""
    text, today = request.GET.get("year", ""), request.today
    if not text:
        return today.year - (today.month < 4)
    if not text.isdecimal() or not annual.FIRST_YEAR <= int(text[:5]) <= today.year:
        raise Http404
    return int(text)


def delivered(content: io.BytesIO, name: str) -> FileResponse:
    content.seek(0)
    return FileResponse(content, as_attachment=True, filename=name, content_type=XLSX)


def mark(request) -> str:
    return f"{request.user}（{request.membership.org.name}）{timezone.localtime():%Y-%m-%d %H:%M} 导出"


def tabs(request, here: str) -> list[dict]:
    query = {name: value for name, value in request.GET.items() if name in ("org", "year", "by") and value}
    found = [
        {"label": f"表 {key} {table.title.removesuffix('统计表')}", "url": f"{reverse('cadres:annual')}?{urlencode({**query, 'table': key})}", "active": key == here}
        for key, table in TABLES.items()
    ]
    org = {"org": query["org"]} if "org" in query else {}
    return [*found, {"label": "增减台账", "url": f"{reverse('cadres:ledger')}?{urlencode(org)}", "active": here == "ledger"}]


@require_GET
@requires(Right.REPORT_VIEW)
def annual_table(request):
    """``?table=A&year=2025&org=12&by=place``."""
    key, org, number = request.GET.get("table", "A"), place(request), year_of(request)
    if key not in TABLES:
        raise Http404
    children = below(request, org) if org.level not in SMALL else []
    by_place = bool(request.GET.get("by") == "place" and children)
    found = annual.filled(key, org, number, today=request.today, now=timezone.now(), by_place=children if by_place else None)
    initial = {"org": org.pk, "year": number, "by": "place" if by_place else "", "table": key}
    form = AnnualForm(initial, places=place_choices(request.scope, request.today), today=request.today, placed=bool(children))
    return render(request, "cadres/annual.html", {"found": found, "table": found.table, "form": form, "tabs": tabs(request, key), "query": urlencode(initial)})


@require_GET
@requires(Right.REPORT_VIEW)
def annual_workbook(request):
    """All four tables of a place and year."""
    org, number = place(request), year_of(request)
    children = below(request, org) if request.GET.get("by") == "place" and org.level not in SMALL else None
    filled = [annual.filled(key, org, number, today=request.today, now=timezone.now(), by_place=children or None) for key in TABLES]
    out = io.BytesIO()
    workbook.annual(out, filled, mark=mark(request))
    audit.record("statistics.exported", org, by=request.user, title=f"{org.name} {number} 年离退休干部统计表", data={"year": number})
    return delivered(out, f"{org.name}{number}年离退休干部统计表.xlsx")


@require_GET
@requires(Right.REPORT_VIEW)
def population_ledger(request):
    """``?org=12&period=2026Q3&kind=lixiu``, or ``period=free&first=…&last=…``; a span as it stands in links (20260105-20260307) is taken, too."""
    org, form = place(request), _ledger_form(request)
    kind = form.data.get("kind", "") if form.data.get("kind", "") in RetireKind.values else ""
    found = ledger.ledger(org, below(request, org), form.wanted(), kind, now=timezone.now()) if form.is_valid() else None
    query = urlencode({"org": org.pk, "period": found.period.text, "kind": kind}) if found else ""
    heads = list(zip(ledger.HEADS, ledger.SIGNS, strict=True))
    context = {"form": form, "org": org, "found": found, "heads": heads, "kind": ledger.KIND_NAMES[kind], "tabs": tabs(request, "ledger"), "query": query}
    return render(request, "cadres/ledger.html", context, status=200 if found else 422)


def _ledger_form(request) -> LedgerForm:
    data = request.GET.dict()
    data["org"] = str(place(request).pk)
    data["period"] = data.get("period") or str(request.today.year)
    if len(data["period"]) == 17:
        try:
            span = Period.parse(data["period"], request.today)
        except ValueError:
            raise Http404 from None
        data |= {"period": "free", "first": span.first.isoformat(), "last": span.last.isoformat()}
    places = place_choices(request.scope, request.today)
    return LedgerForm(data, places=[*places, *([] if any(str(key) == data["org"] for key, _ in places) else [(place(request).pk, place(request).name)])], today=request.today)


@require_GET
@requires(Right.REPORT_VIEW)
def ledger_workbook(request):
    org, children = place(request), below(request, place(request))
    form = _ledger_form(request)
    if not form.is_valid():
        raise Http404
    period, now, out = form.wanted(), timezone.now(), io.BytesIO()
    workbook.ledger(out, [ledger.ledger(org, children, period, kind, now=now) for kind in ledger.KINDS], mark=mark(request))
    audit.record("statistics.exported", org, by=request.user, title=f"{org.name} {period.title}增减台账", data={"period": period.text})
    return delivered(out, f"{org.name}离退休干部增减台账 {period.text}.xlsx")


@require_GET
@requires(Right.REPORT_VIEW)
def difference(request):
    """``?table=B&line=1&year=2025&org=12`` for a row of an annual table, ``?ledger=2026Q3&kind=lixiu&org=12`` for the ledger."""
    org = place(request)
    found, about = _annual_difference(request, org) if "ledger" not in request.GET else _ledger_difference(request, org)
    page = Paginator(found.rows, PAGE).get_page(request.GET.get("page"))
    rows = differences.shown(request.scope, page.object_list, about["period"].first, about["period"].as_of)
    return render(request, "cadres/differences.html", {"found": found, "page": page, "rows": rows, "org": org, **about})


def _annual_difference(request, org: Organization):
    table = TABLES.get(request.GET.get("table", "B"))
    line = next((one for one in table.lines if one.key == request.GET.get("line", "1")), None) if table else None
    if line is None or table.key not in "BD":
        raise Http404
    period = annual.year(year_of(request), request.today)
    back = f"{reverse('cadres:annual')}?{urlencode({'table': table.key, 'year': period.first.year, 'org': org.pk})}"
    title = f"{table.title.removesuffix('统计表')} · {line.title}"
    return differences.annual(org, table.kind, line.where, period), {"period": period, "back": back, "title": title, "annual": True}


def _ledger_difference(request, org: Organization):
    kind = request.GET.get("kind", "")
    try:
        period = Period.parse(request.GET["ledger"], request.today)
    except ValueError:
        raise Http404 from None
    if kind not in ledger.KINDS:
        raise Http404
    title = f"增减台账 · {ledger.KIND_NAMES[kind]}"
    return differences.ledger(org, kind, period), {"period": period, "back": ledger.address(org, period), "title": title, "annual": False}
