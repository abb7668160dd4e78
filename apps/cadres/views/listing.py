"""The list of people, and its export."""

from django.shortcuts import render
from django.urls import reverse

from apps.accounts.permissions import Right, requires
from apps.cadres import actions, export, selectors
from apps.cadres.forms import ExportForm, FilterForm
from apps.cadres.models import Cadre
from apps.cadres.selectors.places import place_choices, place_name
from apps.cadres.values import shown, value_of, written
from apps.cadres.views.common import lacks, no_store
from apps.core.metrics import METRICS
from apps.core.refusal import Refused

WORDS = ("sex", "rank", "treatment_level", "living", "residence_kind", "health", "self_care", "political_status")
HIDDEN = ("sort", "after", "before")


def line(cadre: Cadre, book) -> dict:
    """One row of the list in words."""
    born = value_of(cadre, "born_on")
    return {"cadre": cadre, "place": place_name(cadre.org), "born": written(born) if born else "—"} | {name: shown(cadre, name, book) for name in WORDS}


def chips(request, form) -> list[dict]:
    """The filters in force, each with the URL that takes it away."""
    found = []
    for name, value in request.GET.items():
        if name in HIDDEN or not value or name not in form.fields:
            continue
        words = dict(getattr(form.fields[name], "choices", ())).get(value) or dict((str(k), v) for k, v in getattr(form.fields[name], "choices", ())).get(value)
        query = request.GET.copy()
        for gone in (name, "after", "before"):
            query.pop(gone, None)
        label = form.fields[name].label or {"unit": "单位", "metric": "指标", "period": "期间"}.get(name, name)
        found.append({"label": f"{label}：{_chip_words(name, value, words)}", "url": f"?{query.urlencode()}"})
    return found


def _chip_words(name: str, value: str, words) -> str:
    if name == "metric" and value in METRICS:
        return METRICS[value].name
    return str(words or value).strip("　 ")


@requires(Right.CADRE_VIEW)
def index(request):
    """GET filters as in ``selectors.Filters``, ``sort``, ``after`` / ``before``; htmx gets the table alone."""
    book, filters = selectors.codebook(), selectors.Filters.read(request.GET)
    found = selectors.listing(request.scope, filters, request.today, order=request.GET.get("sort", ""), after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    form = FilterForm(request.GET, book=book, today=request.today, places=place_choices(request.scope, request.today))
    query = request.GET.copy()
    for gone in ("after", "before"):
        query.pop(gone, None)
    context = {
        "form": form,
        "listing": found,
        "lines": [line(cadre, book) for cadre in found.rows],
        "chips": chips(request, form),
        "filtered": bool(filters.as_query()),
        "query": query.urlencode(),
        "create_reason": lacks(request, Right.CADRE_EDIT),
        "export_reason": lacks(request, Right.CADRE_EXPORT) or ("" if found.rows else "名单是空的，没有可导出的人。"),
    }
    response = render(request, "cadres/_table.html" if request.htmx else "cadres/list.html", context)
    if request.htmx:
        response["HX-Push-Url"] = f"{request.path}?{tidy(request.GET)}".rstrip("?")
    return response


def tidy(query) -> str:
    """The query without the fields left open, as it is kept and passed on."""
    kept = query.copy()
    for name in [name for name, value in query.items() if not value]:
        kept.pop(name)
    return kept.urlencode()


@requires(Right.CADRE_EXPORT)
def export_list(request):
    """GET asks which class of values; POST answers with the workbook of what the same query shows."""
    filters = selectors.Filters.read(request.GET)
    form = ExportForm(request.POST or None)
    if Right.CADRE_REVEAL not in request.rights:
        form.fields["full"].choices = form.fields["full"].choices[:1]
    back = f"{reverse('cadres:list')}?{request.GET.urlencode()}"
    if request.method == "POST" and form.is_valid():
        try:
            return no_store(_workbook(request, filters, bool(form.cleaned_data["full"]), form.cleaned_data["reason"]))
        except Refused as refused:
            form.refuse(refused)
    count = selectors.listing(request.scope, filters, request.today, size=1).count_text
    context = {"form": form, "count": count, "back": back, "query": request.GET.urlencode(), "most": export.MOST}
    return render(request, "cadres/export.html", context, status=422 if form.errors else 200)


def _workbook(request, filters, full: bool, reason: str):
    people = selectors.filtered(request.scope, filters, request.today)
    made = export.workbook(people, selectors.codebook(), full=full, reason=reason, by=request.user, place=request.membership.org.name, today=request.today)
    actions.note_export(
        by=request.user,
        org_path=request.membership.org.path,
        rows=made.rows,
        columns=made.columns,
        full=full,
        reason=reason,
        query=audit_query(filters),
    )
    return made.response


def audit_query(filters) -> str:
    """The filters as text for the audit; what was typed into the box may be a name or number and is only said to be there."""
    query = filters.as_query()
    return "；".join(f"{name}={'（有）' if name == 'q' else value}" for name, value in query.items())
