"""What is known of branches: the facts their rules look at, the present committee, the secretary's name."""

from collections import defaultdict

from django.db.models import Count, Prefetch, Q

from apps.accounts.models import Level
from apps.branches.checking import Facts
from apps.branches.models import Branch, BranchHost, Committee, CommitteeMember, PartyMember


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
