"""Every read of the leader's page that isn't a metric: places and their order."""

from datetime import date

from apps.accounts import selectors as accounts
from apps.accounts.models import Level, Organization
from apps.core.scope import Scope

BELOW = {Level.COUNTRY: "省份", Level.PROVINCE: "设区市", Level.CITY: "县区", Level.COUNTY: "单位"}


def place(scope: Scope, pk: str, default: Organization) -> Organization:
    """The organisation the page is about. Raises ``Organization.DoesNotExist`` for one outside the scope or no number."""
    if not pk:
        return default
    return accounts.organization(scope, int(pk) if pk.isdecimal() and len(pk) < 19 else 0)


def children(scope: Scope, org: Organization, today: date) -> list[Organization]:
    """What lies directly below, in the order of the register."""
    return list(accounts.organizations(scope).in_force(today).filter(parent=org).order_by("order", "path"))


def way_down(scope: Scope, org: Organization) -> list[Organization]:
    """From the top of the reader's scope down to ``org``."""
    return [one for one in accounts.ancestors(org) if scope.covers(one.path)]


def kind_below(org: Organization) -> str:
    """What the children of this place are called in a heading."""
    return BELOW.get(org.level, "下级单位")
