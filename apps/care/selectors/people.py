"""The people plans and visits are about."""

from django.db.models import QuerySet

from apps.cadres.models import Cadre, Standing, Survivor
from apps.cadres.selectors import matching
from apps.core.scope import Scope


def people_named(scope: Scope, text: str) -> QuerySet:
    """People the typed text may mean (name, pinyin, unit, number); nobody for a blank one."""
    return matching(scope, text) if text.strip() else Cadre.objects.none()


def person(scope: Scope, pk: int) -> Cadre:
    """Whom a form is about. Raises ``Cadre.DoesNotExist`` outside the scope."""
    return Cadre.objects.visible_to(scope).select_related("org").get(pk=pk)


def survivors(cadre: Cadre) -> QuerySet:
    """Living 遗属 of a deceased cadre."""
    return Survivor.objects.filter(cadre=cadre, alive=True)


def people_to_visit(scope: Scope, text: str, limit: int = 20) -> list[Cadre]:
    """Whom one may log a visit for, by whatever the search box takes."""
    found = people_named(scope, text).exclude(standing=Standing.MOVED)
    return list(found.select_related("org").order_by("name_sort", "pk")[:limit])
