"""Every read of organisations, users and memberships."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Count, Max, Q

from apps.accounts.models import Level, Membership, Organization, User
from apps.accounts.permissions import ROLES, Right, Role
from apps.core.scope import Scope, prefixes


def memberships_of(user: User, today):
    """What one may act as on ``today``, newest first."""
    return user.memberships.in_force(today).select_related("org").order_by("-starts_on", "-pk")


def acting_membership(held: list[Membership], chosen: int | None = None) -> Membership | None:
    """The membership one acts under: the chosen one while it is held, else the newest."""
    return next((m for m in held if m.pk == chosen), held[0] if held else None)


def scope_of(membership: Membership) -> Scope:
    return Scope((membership.org.path,))


def rights_of(membership: Membership) -> frozenset[Right]:
    return ROLES[membership.role]


def rights_over(user: User, path: str, today) -> frozenset[Right]:
    """Every right the user's roles of this day give over one organisation; none for an account that is switched off."""
    held = memberships_of(user, today) if user.is_active else ()
    return frozenset().union(*(rights_of(one) for one in held if scope_of(one).covers(path)))


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
    return list(Organization.objects.filter(path__in=prefixes(org.path)).order_by("path"))


def children(scope: Scope, parent: Organization):
    """What hangs directly below, with how much hangs below that."""
    return organizations(scope).filter(parent=parent).annotate(below=Count("children")).order_by("valid_to", "order", "path")


def found_organizations(scope: Scope, text: str, limit: int = 50):
    """Organisations whose name, short name or code contains the text."""
    return organizations(scope).filter(Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code__startswith=text))[:limit]


def places_to_work(scope: Scope, today):
    """Organisations one can be given a role in: in force, regions down to the county and whatever hangs below except townships."""
    return organizations(scope).in_force(today).exclude(level__in=(Level.TOWNSHIP, Level.COMMUNITY))


def users(scope: Scope, *, text: str = "", role: str = ""):
    """People with a membership, now or earlier, in the scope, narrowed by name and role."""
    held = Membership.objects.filter(org__in=Organization.objects.visible_to(scope))
    if role:
        held = held.filter(role=role)
    found = User.objects.filter(pk__in=held.values("user_id"))
    if text:
        found = found.filter(Q(username__icontains=text) | Q(display_name__icontains=text))
    return found.prefetch_related("memberships__org").order_by("username")


def user(scope: Scope, pk: int) -> User:
    """Raises ``User.DoesNotExist`` outside the scope."""
    return users(scope).get(pk=pk)


def is_wholly_inside(scope: Scope, person: User, today) -> bool:
    """True when every present role of the person lies in the scope: only then may its administrator reset or switch off the account."""
    return all(scope.covers(m.org.path) for m in memberships_of(person, today))


def membership(scope: Scope, pk: int) -> Membership:
    """Raises ``Membership.DoesNotExist`` outside the scope."""
    return Membership.objects.filter(org__in=Organization.objects.visible_to(scope)).select_related("user", "org").get(pk=pk)


def locked_names(scope: Scope, now):
    """User names with failed sign-ins still counted, among the users of the scope and names nobody bears: ``username, failures, last, addresses``."""
    since = now - timedelta(hours=settings.AXES_COOLOFF_TIME)
    foreign = User.objects.exclude(pk__in=users(scope).values("pk")).values("username")
    attempts = AccessAttempt.objects.filter(attempt_time__gte=since).exclude(username__in=foreign)
    return attempts.values("username").annotate(failures=Max("failures_since_start"), last=Max("attempt_time"), addresses=Count("ip_address", distinct=True)).order_by("-last")


def holders_by_role(scope: Scope, today):
    """``{role: [Membership, …]}`` of the memberships in force, for the page that shows who may do what."""
    found: dict[str, list[Membership]] = {role: [] for role in Role.values}
    held = Membership.objects.in_force(today).filter(org__in=Organization.objects.visible_to(scope), user__is_active=True)
    for row in held.select_related("user", "org").order_by("org__path", "user__username"):
        found[row.role].append(row)
    return found


def staff(scope: Scope, today, *, right: Right):
    """Active users who hold ``right`` somewhere in the scope on ``today``, for choosing a responsible person."""
    roles = [role for role, rights in ROLES.items() if right in rights]
    held = Membership.objects.in_force(today).filter(org__in=Organization.objects.visible_to(scope), role__in=roles)
    return User.objects.filter(is_active=True, memberships__in=held).distinct().order_by("display_name", "pk")


def holders(org: Organization, today, *, roles: tuple[Role, ...]):
    """Active users who hold one of ``roles`` in exactly this organisation."""
    held = Membership.objects.in_force(today).filter(org=org, role__in=roles)
    return User.objects.filter(is_active=True, memberships__in=held).distinct().order_by("pk")


def nearest_with(org: Organization, today, *rights: Right) -> list[User]:
    """Active users who hold one of ``rights`` in the nearest organisation at or above ``org`` where anybody does."""
    roles = tuple(role for role, given in ROLES.items() if given.intersection(rights))
    return next((found for place in reversed(ancestors(org)) if (found := list(holders(place, today, roles=roles)))), [])


def demo_account_names() -> list[str]:
    """User names of demo accounts; empty before the first migration."""
    from django.db import connection

    if User._meta.db_table not in connection.introspection.table_names():
        return []
    return list(User.objects.filter(is_demo=True).order_by("username").values_list("username", flat=True))


def tokens_of(user: User):
    """The user's tokens for the API, newest first."""
    return user.auth_token_set.order_by("-created")
