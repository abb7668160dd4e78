"""Members of branches, who may become one, and where a person belongs."""

from datetime import timedelta

from django.db.models import QuerySet

from apps.branches.models import Branch, Committee, PartyMember
from apps.branches.standards import PARTY_MEMBERS
from apps.cadres.models import Cadre, Standing
from apps.cadres.selectors import matching
from apps.core.scope import Scope, upper_bound


def members(scope: Scope, branch: Branch, *, left: bool = False) -> QuerySet:
    """Present members in the order of groups and names; or those who have left, the latest first."""
    found = PartyMember.objects.visible_to(scope).filter(branch=branch, left_on__isnull=not left).select_related("cadre__org")
    return found.order_by("-left_on", "-pk") if left else found.order_by("group", "cadre__name_sort", "pk")


def member(scope: Scope, pk: int) -> PartyMember:
    """Of a branch in the scope; raises ``PartyMember.DoesNotExist`` otherwise."""
    inside = Branch.objects.visible_to(scope).values("pk")
    return PartyMember.objects.visible_to(scope).filter(branch__in=inside).select_related("cadre__org", "branch__org").get(pk=pk)


def candidates(scope: Scope, branch: Branch, text: str = "") -> QuerySet:
    """Party members on the register at or below the branch's place who aren't in it, and, where memberships lie here, in no other either.

    Those who wrote this branch into their record come first."""
    people = matching(scope, text) if text.strip() else Cadre.objects.visible_to(scope)
    people = people.filter(standing=Standing.ACTIVE, political_status__in=PARTY_MEMBERS, org_path__gte=branch.org_path, org_path__lt=upper_bound(branch.org_path))
    taken = PartyMember.objects.filter(left_on=None)
    taken = taken.filter(main=True) if branch.holds else taken.filter(branch=branch)
    people = people.exclude(pk__in=taken.values("cadre")).select_related("org")
    if not text.strip() and (units := list(branch.hosts.values_list("pk", flat=True))):
        people = people.filter(org__in=[*units, branch.org_id])
    return people.order_by("org_path", "name_sort", "pk")


def memberships_of(cadre_id: int) -> QuerySet:
    """Where a person belongs and belonged. The branch may lie above the reader's place: it can be named there."""
    return PartyMember.objects.filter(cadre=cadre_id).select_related("branch").order_by("left_on", "-main", "pk")


def committees(branch: Branch) -> QuerySet:
    """Its terms, the present one first."""
    return Committee.objects.filter(branch=branch, removed_why="").prefetch_related("posts__cadre").order_by("-starts_on")


def terms_in_office(branch: Branch) -> list[Committee]:
    """The same, each with ``until``: the last day it was in office, which is the day before the next began where that came first."""
    found = list(committees(branch))
    for n, term in enumerate(found):
        term.until = min(term.ends_on, found[n - 1].starts_on - timedelta(days=1)) if n else term.ends_on
    return found


def committee(scope: Scope, pk: int) -> Committee:
    """Raises ``Committee.DoesNotExist`` outside the scope, or removed."""
    return Committee.objects.visible_to(scope).filter(removed_why="").select_related("branch__org").get(pk=pk)


