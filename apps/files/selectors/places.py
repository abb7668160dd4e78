"""Places and people a file may speak for, and their names."""

from datetime import date

from apps.accounts.models import Level, Organization, User
from apps.accounts.selectors import ancestors
from apps.core.scope import Scope, upper_bound

REGIONS = (Level.PROVINCE, Level.CITY, Level.COUNTY)


def regions(today: date):
    """(key, path, name, code) of every province, city and county in force, upper ones first: a public register, whatever the scope."""
    return Organization.objects.in_force(today).filter(level__in=REGIONS).order_by("path").values_list("pk", "path", "name", "code")


def places_below(org: Organization, today: date):
    """(key, path, name, short name) of ``org`` and everything below it that is in force, upper ones first."""
    found = Organization.objects.in_force(today).filter(path__gte=org.path, path__lt=upper_bound(org.path))
    return found.order_by("path").values_list("pk", "path", "name", "short_name")


def names_above(org: Organization) -> list[str]:
    """Names from the province down to ``org`` itself."""
    return [one.name for one in ancestors(org) if one.path != "/"]


def user(pk: int) -> User:
    """Who asked for background work."""
    return User.objects.get(pk=pk)


def _above(org: Organization) -> list[str]:
    """Paths from the top down to ``org`` itself."""
    return ["/".join(org.path.split("/")[:depth]) + "/" for depth in range(1, org.path.count("/") + 1)]


def user_names(keys: set[int]) -> dict[int, str]:
    return {one.pk: str(one) for one in User.objects.filter(pk__in=keys)}


def organization_by_key(text: str) -> Organization | None:
    """By primary key or path, for commands."""
    found = Organization.objects.filter(pk=int(text)) if text.isdecimal() and len(text) < 10 else Organization.objects.filter(path=text)
    return found.first()


def importing_user(name: str) -> User | None:
    """An active account by user name, for commands."""
    return User.objects.filter(username=name, is_active=True).first()


def place_names(keys: set[int]) -> dict[int, str]:
    return dict(Organization.objects.filter(pk__in=keys).values_list("pk", "name"))


def importable(scope: Scope, today: date) -> list[tuple[int, str]]:
    """(key, name indented by depth) of what a file may speak for: regions; within one county its units too."""
    found = Organization.objects.visible_to(scope).in_force(today).order_by("path")
    rows = list(found.filter(level__in=(Level.COUNTRY, *REGIONS)).values_list("pk", "name", "path"))
    if len(rows) <= 1:
        rows = list(found.exclude(level__in=(Level.TOWNSHIP, Level.COMMUNITY)).values_list("pk", "name", "path"))
    top = min((path.count("/") for _, _, path in rows), default=0)
    return [(pk, "　" * (path.count("/") - top) + name) for pk, name, path in rows]


def organization(scope: Scope, pk: int) -> Organization:
    """Raises ``Organization.DoesNotExist`` outside the scope."""
    return Organization.objects.visible_to(scope).get(pk=pk)
