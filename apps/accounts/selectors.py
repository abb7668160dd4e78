"""Every read of organisations, users and memberships."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from apps.accounts.models import Membership, Organization, User
from apps.accounts.permissions import ROLES, Right, Role
from apps.core.scope import Scope


def memberships_of(user: User, today):
    """What one may act as on ``today``, newest first."""
    return user.memberships.in_force(today).select_related("org").order_by("-starts_on", "-pk")


def acting_membership(user: User, today, chosen: int | None = None) -> Membership | None:
    """The membership one acts under: the chosen one while it is in force, else the newest."""
    held = list(memberships_of(user, today))
    return next((m for m in held if m.pk == chosen), held[0] if held else None)


def scope_of(membership: Membership) -> Scope:
    return Scope((membership.org.path,))


def rights_of(membership: Membership) -> frozenset[Right]:
    return ROLES[membership.role]


def password_is_due(user: User, now) -> bool:
    """True while the initial password stands, or the present one is older than ``PASSWORD_MAX_DAYS`` (0 switches that off)."""
    if user.must_change_password:
        return True
    days = settings.PASSWORD_MAX_DAYS
    return bool(days and not user.is_demo and user.password_changed_at and user.password_changed_at < now - timedelta(days=days))


def organizations(scope: Scope):
    return Organization.objects.visible_to(scope).select_related("parent").order_by("path")


def organization(scope: Scope, pk: int) -> Organization:
    """Raises ``Organization.DoesNotExist`` outside the scope."""
    return organizations(scope).get(pk=pk)


def organization_by_code(code: str, today) -> Organization | None:
    """The organisation in force that carries a GB/T 2260 code, whatever the scope: a public register."""
    return Organization.objects.in_force(today).filter(code=code).first()


def ancestors(org: Organization) -> list[Organization]:
    """From the country down to ``org`` itself."""
    parts = org.path.strip("/").split("/")
    paths = ["/"] + ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
    return list(Organization.objects.filter(path__in=paths).order_by("path"))


def users(scope: Scope, today):
    """People with a membership, now or earlier, in the scope; and people without any who were created inside it."""
    inside = Q(memberships__org__in=Organization.objects.visible_to(scope))
    return User.objects.filter(inside).distinct().order_by("username")


def staff(scope: Scope, today, *, right: Right):
    """Active users who hold ``right`` somewhere in the scope on ``today``, for choosing a responsible person."""
    roles = [role for role, rights in ROLES.items() if right in rights]
    held = Membership.objects.in_force(today).filter(org__in=Organization.objects.visible_to(scope), role__in=roles)
    return User.objects.filter(is_active=True, memberships__in=held).distinct().order_by("display_name", "pk")


def holders(org: Organization, today, *, roles: tuple[Role, ...]):
    """Active users who hold one of ``roles`` in exactly this organisation."""
    held = Membership.objects.in_force(today).filter(org=org, role__in=roles)
    return User.objects.filter(is_active=True, memberships__in=held).distinct().order_by("pk")


def demo_account_names() -> list[str]:
    """User names of demo accounts; empty before the first migration."""
    from django.db import connection

    if User._meta.db_table not in connection.introspection.table_names():
        return []
    return list(User.objects.filter(is_demo=True).order_by("username").values_list("username", flat=True))
