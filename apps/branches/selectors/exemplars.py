"""典型: the city's published ones, one's own, and which places have none this quarter."""

from django.db.models import QuerySet

from apps.accounts.models import Level, Organization
from apps.accounts.selectors import ancestors
from apps.branches.models import Branch, Exemplar
from apps.core.calendar import Quarter
from apps.core.scope import Scope, system_scope, upper_bound

MOST = 100


def exemplars(scope: Scope) -> QuerySet:
    return Exemplar.objects.visible_to(scope).select_related("branch", "org", "by")


def exemplar(scope: Scope, pk: int) -> Exemplar:
    """Raises ``Exemplar.DoesNotExist`` outside the scope."""
    return exemplars(scope).get(pk=pk)


def published_in_city(org: Organization) -> list[Exemplar]:
    """The newest published ones of the city ``org`` lies in (above a city: of the place itself): written to be read beyond the reader's own place."""
    place = next((one for one in ancestors(org) if one.level == Level.CITY), org)
    with system_scope("published exemplars"):
        found = Exemplar.objects.filter(published_on__isnull=False, org_path__gte=place.path, org_path__lt=upper_bound(place.path))
        return list(found.select_related("branch", "org").order_by("-published_on", "-pk")[:MOST])


def published(org: Organization, pk: int) -> Exemplar:
    """One of these. Raises ``Exemplar.DoesNotExist``."""
    found = next((one for one in published_in_city(org) if one.pk == pk), None)
    if found is None:
        raise Exemplar.DoesNotExist
    return found


def without(scope: Scope, places: list[Organization], quarter: Quarter) -> list[Organization]:
    """Places that have branches and published nothing in the quarter."""
    found = []
    for org in places:
        below = {"org_path__gte": org.path, "org_path__lt": upper_bound(org.path)}
        here = Branch.objects.visible_to(scope).filter(dissolved_on=None, **below)
        told = Exemplar.objects.visible_to(scope).filter(year=quarter.year, quarter=quarter.q, published_on__isnull=False, **below)
        if here.exists() and not told.exists():
            found.append(org)
    return found
