"""Units as choices."""

from datetime import date

from django.db.models import QuerySet

from apps.accounts.models import Level, Organization
from apps.core.scope import Scope

MOST = 400
ABOVE = (Level.COUNTRY, Level.PROVINCE, Level.CITY, Level.COUNTY)


def units(scope: Scope, today: date) -> QuerySet:
    """Organisations in force of the scope, in the order of the tree."""
    return Organization.objects.visible_to(scope).in_force(today).order_by("path")


def place_choices(scope: Scope, today: date) -> list[tuple[int, str]]:
    """(key, name indented by depth); where there are too many for a list, only regions down to the county, the city or the province."""
    found = units(scope, today).values_list("pk", "name", "path")
    for levels in (None, ABOVE, ABOVE[:3], ABOVE[:2]):
        rows = list((found.filter(level__in=levels) if levels else found)[: MOST + 1])
        if len(rows) <= MOST:
            break
    top = min((path.count("/") for _, _, path in rows), default=0)
    return [(pk, "　" * (path.count("/") - top) + name) for pk, name, path in rows]


def managing_units(scope: Scope, today: date) -> QuerySet:
    """Units that may manage a person: a county, its bureau, units and townships."""
    return units(scope, today).exclude(level__in=(Level.COUNTRY, Level.PROVINCE)).select_related("parent")


def place_name(org: Organization) -> str:
    """浔阳区 · 教育局: the unit behind the region it belongs to, unless its name says so already."""
    parent = org.parent
    if parent is None or org.level in ABOVE or org.label.startswith(parent.label):
        return org.label
    return f"{parent.label} · {org.label}"
