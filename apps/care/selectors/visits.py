"""Visits as a list, one by one, and as what the next visitor should know."""

from datetime import date

from django.db.models import Q, QuerySet

from apps.care.models import Visit, VisitPhoto
from apps.care.selectors.people import people_named
from apps.core.scope import Scope, upper_bound

COLUMNS = {
    "worker": "worker",
    "occasion": "occasion",
    "way": "way",
    "attention_class": "cadre__attention_class",
    "since": "visited_on__gte",
    "until": "visited_on__lte",
    "cadre": "cadre",
}


def visits(scope: Scope) -> QuerySet:
    return Visit.objects.visible_to(scope).select_related("cadre", "survivor", "worker", "org")


def visit(scope: Scope, pk: int) -> Visit:
    """Raises ``Visit.DoesNotExist`` outside the scope."""
    return visits(scope).select_related("voided_by").get(pk=pk)


def filtered(scope: Scope, wanted: dict) -> QuerySet:
    """Visits narrowed by the cleaned values of the list's filters; blank ones are ignored, voided ones left out unless asked for.

    Keys: ``org`` (Organization), ``worker`` (user), ``occasion``, ``way`` (codes), ``since``, ``until`` (dates, inclusive),
    ``attention_class`` (present class of the person), ``met`` ("yes"/"no"), ``voided``, ``q``.
    """
    found = visits(scope)
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    found = found.filter(**{column: wanted[name] for name, column in COLUMNS.items() if wanted.get(name)})
    if met := wanted.get("met"):
        found = found.filter(in_person=met == "yes")
    if text := (wanted.get("q") or "").strip():
        found = found.filter(cadre__in=people_named(scope, text))
    return found if wanted.get("voided") else found.filter(voided_at=None)


def page(found: QuerySet, *, after: str = "", before: str = "", size: int = 50) -> tuple[list[Visit], str, str]:
    """(rows, previous, next), latest first; cursors read ``20261121-17`` (day, key), "" at the ends. A spoilt cursor counts as none."""
    down, up = _place(after), _place(before)
    keys = found.select_related(None).only("pk", "visited_on")
    if up:
        later = Q(visited_on__gt=up[0]) | Q(visited_on=up[0], pk__gt=up[1])
        rows = list(keys.filter(later, visited_on__gte=up[0]).order_by("visited_on", "pk")[: size + 1])
        more, rows = len(rows) > size, rows[:size][::-1]
        return _whole(found, rows), cursor(rows[0]) if rows and more else "", cursor(rows[-1]) if rows else ""
    if down:
        earlier = Q(visited_on__lt=down[0]) | Q(visited_on=down[0], pk__lt=down[1])
        keys = keys.filter(earlier, visited_on__lte=down[0])
    rows = list(keys.order_by("-visited_on", "-pk")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return _whole(found, rows), cursor(rows[0]) if rows and down else "", cursor(rows[-1]) if more else ""


def _whole(found: QuerySet, keys: list[Visit]) -> list[Visit]:
    """The page's rows with person, unit and worker, in the order of their keys: joined for one page only."""
    rows = found.filter(pk__in=[key.pk for key in keys])
    return sorted(rows, key=lambda row: (row.visited_on, row.pk), reverse=True)


def cursor(row: Visit) -> str:
    return f"{row.visited_on:%Y%m%d}-{row.pk}"


def _place(text: str) -> tuple[date, int] | None:
    try:
        day, key = text.split("-")
        return date(int(day[:4]), int(day[4:6]), int(day[6:8])), int(key)
    except ValueError:
        return None


def visits_of(scope: Scope, cadre_id: int) -> QuerySet:
    """All visits of one person, voided ones too, latest first."""
    return visits(scope).filter(cadre=cadre_id).prefetch_related("photos__file").order_by("-visited_on", "-pk")


def last_visit(scope: Scope, cadre_id: int) -> Visit | None:
    return visits(scope).filter(cadre=cadre_id, voided_at=None).order_by("-visited_on", "-pk").first()


def last_visits(scope: Scope, cadre_ids: list[int]) -> dict[int, Visit]:
    """Person → latest visit that stands, for the rows of one page: one query."""
    found = Visit.objects.visible_to(scope).filter(cadre__in=cadre_ids, voided_at=None)
    return {row.cadre_id: row for row in found.order_by("cadre_id", "-visited_on", "-pk").distinct("cadre_id")}


def photos(visit: Visit) -> QuerySet:
    return VisitPhoto.objects.filter(visit=visit).select_related("file")


def items_of(visit: Visit) -> QuerySet:
    """What the needs voiced at this visit became."""
    return visit.items.select_related("worker")
