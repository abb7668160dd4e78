"""Branches as a list and one by one, and how they stand against the rules."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from apps.accounts.models import Level
from apps.branches.checking import ERROR, OWN_RECORD, WARNING, Facts, Finding, findings
from apps.branches.life import shortfalls, year_of
from apps.branches.models import Area, Branch, BranchHost, Committee, CommitteeMember, PartyMember
from apps.branches.selectors.activities import applying, held_by_month
from apps.branches.selectors.dues import findings_about_people
from apps.branches.selectors.rules import rules_in_force
from apps.core.metrics import behind
from apps.core.scope import Scope, upper_bound

TERM, SIZE, COMMITTEE = ("term_over", "term_near"), ("too_few", "too_many"), ("no_secretary", "committee_small", "committee_large", "posts_missing", "committee_not_needed")
LOOKS = {
    "wrong": None, "look": None, "term": TERM, "size": SIZE, "committee": COMMITTEE, "units": ("too_many_units", "one_unit"), "life": ("life_short", "life_none"),
    "dues": ("dues_red", "dues_late"),
}  # fmt: skip
"""What a list may be narrowed to by its findings: any error, any finding at all, or those of one matter."""


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
    by_look: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LOOKS, 0))


def looks_like(line: Line, look: str) -> bool:
    if look == "wrong":
        return line.wrong
    keys = LOOKS[look]
    return bool(line.findings) if keys is None else any(one.key in keys for one in line.findings)


def lines(found: QuerySet, today: date) -> list[Line]:
    """Branches with facts and findings; the same few queries for any number of them."""
    rows, rules = list(found), rules_in_force(today)
    known, terms, names = facts_of(rows)
    keys = [one.pk for one in rows]
    held, people = held_by_month(keys, today.year), findings_about_people(keys, rules, today)

    def against(one: Branch) -> list[Finding]:
        facts = known[one.pk]
        return findings(facts, rules, today) + people.get(one.pk, []) + life_findings(one, facts, held.get(one.pk, {}), rules, today)

    return [Line(one, known[one.pk], [] if one.dissolved_on else against(one), terms.get(one.pk), names.get(one.pk, "")) for one in rows]


def life_findings(branch: Branch, facts: Facts, held: dict, rules, today: date) -> list[Finding]:
    """What this year's 组织生活 lacks; warnings only: what isn't logged may have been held. A branch that logged nothing at all hears it once."""
    if not branch.holds:
        return []
    table = year_of(year=today.year, held=held, rules=rules, today=today, founded_on=branch.founded_on, kinds=applying(facts))
    missing = shortfalls(table)
    if missing and not held:
        return [Finding("life_none", WARNING, f"{today.year} 年还没有登记组织生活。", OWN_RECORD)]
    return [Finding("life_short", WARNING, sentence, source) for sentence, source in missing]


def tally(rows: list[Line]) -> Tally:
    """What stands above the list; each figure is the length of the list behind it."""
    found = Tally(len(rows), sum(line.facts.total for line in rows if line.branch.holds), sum(line.facts.probationary for line in rows if line.branch.holds))
    for look in LOOKS:
        found.by_look[look] = sum(looks_like(line, look) for line in rows)
    return found


def facts_of(rows: list[Branch]) -> tuple[dict[int, Facts], dict[int, Committee], dict[int, str]]:
    """Facts, the present committee and the secretary's name of each branch, by key; four queries."""
    keys = [one.pk for one in rows]
    counted: dict[int, dict] = defaultdict(lambda: {"formal": 0, "probationary": 0, "unreached": 0, "groups": defaultdict(int)})
    away = Count("pk", filter=Q(floating_from__isnull=False, floating_contact=""))
    for row in PartyMember.objects.filter(branch__in=keys, left_on=None).order_by().values("branch", "standing", "group").annotate(n=Count("pk"), away=away):
        into = counted[row["branch"]]
        into[row["standing"]] += row["n"]
        into["unreached"] += row["away"]
        if row["group"]:
            into["groups"][row["group"]] += row["n"]
    units = {
        row["branch"]: row
        for row in BranchHost.objects.filter(branch__in=keys).order_by().values("branch").annotate(n=Count("pk"), c=Count("pk", filter=Q(unit__level=Level.COMMUNITY)))
    }
    holders = CommitteeMember.objects.filter(left_on=None).select_related("cadre").order_by("pk")
    newest = Committee.objects.filter(branch__in=keys, removed_why="").order_by("branch_id", "-starts_on").distinct("branch_id")
    newest = newest.prefetch_related(Prefetch("posts", queryset=holders, to_attr="in_office"))
    terms, names = {one.branch_id: one for one in newest}, {}
    found = {}
    for one in rows:
        term, unit, count = terms.get(one.pk), units.get(one.pk, {}), counted[one.pk]
        posts: dict[str, tuple] = {}
        for holder in term.in_office if term else ():
            posts[holder.post] = (*posts.get(holder.post, ()), holder.cadre_id or holder.name)
            if holder.post == "secretary":
                names[one.pk] = holder.cadre.name if holder.cadre else holder.name
        given = {name: getattr(term, name) for name in ("starts_on", "ends_on", "elected_on", "eligible", "present", "seats", "candidates")} if term else {}
        found[one.pk] = Facts(kind=one.kind, hosts=unit.get("n", 0), community=bool(unit.get("c")), posts=posts, **count, **given)
    return found, terms, names
