"""The list of people; its export asks as every export does."""

from django.shortcuts import render

from apps.accounts.permissions import Right, requires
from apps.cadres import selectors
from apps.cadres.forms import FilterForm
from apps.cadres.models import Cadre
from apps.cadres.selectors.places import place_choices, place_name
from apps.cadres.values import shown, value_of, written
from apps.cadres.views.common import lacks
from apps.core.metrics import METRICS
from apps.files.views import exports

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


export_list = exports.asks("people", "cadres:export")
