"""Branches as a list and one by one, and how they stand against the rules."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from apps.accounts.models import Organization
from apps.branches.checking import ERROR, Facts, Finding
from apps.branches.models import HOLDING, Area, Branch, Committee, Standing
from apps.branches.selectors.known import facts_of
from apps.branches.selectors.standing import GOODS, LOOKS, looks_like, settle
from apps.core.metrics import behind
from apps.core.scope import Scope, upper_bound


def areas(scope: Scope) -> QuerySet:
    return Area.objects.visible_to(scope).select_related("org").annotate(size=Count("branches", filter=Q(branches__dissolved_on=None))).order_by("org_path", "name")


def area(scope: Scope, pk: int) -> Area:
    """Raises ``Area.DoesNotExist`` outside the scope."""
    return Area.objects.visible_to(scope).select_related("org").get(pk=pk)


def branches(scope: Scope) -> QuerySet:
    return Branch.objects.visible_to(scope).select_related("org", "area", "created_by")


def branch(scope: Scope, pk: int) -> Branch:
    """Raises ``Branch.DoesNotExist`` outside the scope."""
    return branches(scope).prefetch_related("hosts").get(pk=pk)


def filtered(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Narrowed by ``q`` (name, code), ``kind``, ``area``, ``org`` (and what lies below), ``metric`` with ``period`` (what a figure counted) and ``state``
    ("dissolved", "all"; else those that exist, or what the figure counted)."""
    found = branches(scope).order_by("org_path", "name", "pk")
    if wanted.get("metric"):
        found = behind(found, scope, wanted["metric"], wanted.get("period", ""), today)
    state = wanted.get("state", "all" if wanted.get("metric") else "")
    if state != "all":
        found = found.filter(dissolved_on__isnull=state != "dissolved")
    if text := (wanted.get("q") or "").strip():
        found = found.filter(Q(name__icontains=text) | Q(code__startswith=text))
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    for name in ("kind", "area"):
        if wanted.get(name):
            found = found.filter(**{name: wanted[name]})
    return found


@dataclass
class Line:
    """A branch with what is known of it."""

    branch: Branch
    facts: Facts
    findings: list[Finding]
    committee: Committee | None = None
    secretary: str = ""

    @property
    def wrong(self) -> bool:
        return any(one.level == ERROR for one in self.findings)


@dataclass
class Tally:
    """Of the branches of a list: how many, their members, how many have errors, and of each matter."""

    branches: int = 0
    members: int = 0
    probationary: int = 0
    by_look: dict[str, int] = field(default_factory=dict)


def looking(found: QuerySet, look: str, today: date) -> QuerySet:
    """Narrowed to the branches that ``look`` (of ``LOOKS``) is about; all of them where it is blank."""
    if not look:
        return found
    settle(found, today)
    return found.filter(looks_like(look))


def lines(found: QuerySet | list[Branch], today: date) -> list[Line]:
    """Branches with facts and findings; the same few queries for any number of them."""
    settle_these = found if isinstance(found, QuerySet) else Branch.objects.filter(pk__in=[one.pk for one in found])
    settle(settle_these, today)
    rows = list(found)
    known, terms, names = facts_of(rows)
    kept = dict(Standing.objects.filter(branch__in=[one.pk for one in rows]).values_list("branch", "findings"))
    return [Line(one, known[one.pk], [Finding(*given) for given in kept.get(one.pk, ())], terms.get(one.pk), names.get(one.pk, "")) for one in rows]


def tally(found: QuerySet, today: date, looks: Iterable[str] = LOOKS) -> Tally:
    """What stands above the list; each figure is the length of the list behind it. ``found`` as ``filtered`` gives it."""
    settle(found, today)
    here = Q(kind__in=HOLDING)
    counts = {f"look_{look}": Count("pk", filter=looks_like(look)) for look in looks}
    row = found.order_by().aggregate(n=Count("pk"), members=Sum("standing__members", filter=here), probationary=Sum("standing__probationary", filter=here), **counts)
    return Tally(row["n"], row["members"] or 0, row["probationary"] or 0, {look: row[f"look_{look}"] for look in looks})


@dataclass
class Heat:
    """A place: its existing branches, and of each 好 how many have something against them."""

    org: Organization
    branches: int
    against: dict[str, int]

    @property
    def cells(self) -> list[tuple[str, int, int]]:
        """(好, how many with something against them, share without in per cent, cut)."""
        return [(key, n, (self.branches - n) * 100 // self.branches) for key, n in self.against.items()]


def heat(scope: Scope, places: list[Organization], today: date) -> list[Heat]:
    """六好 by place; places without branches are left out."""
    found, counts = branches(scope).filter(dissolved_on=None).order_by(), {key: Count("pk", filter=looks_like(key)) for key in GOODS}
    settle(found, today)
    rows = []
    for org in places:
        row = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path)).aggregate(n=Count("pk"), **counts)
        if row["n"]:
            rows.append(Heat(org, row.pop("n"), row))
    return rows
