"""组织生活 as lists, one by one, and as the year of a branch."""

from collections import defaultdict
from datetime import date

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import ExtractMonth

from apps.accounts.models import Level
from apps.accounts.selectors import ancestors
from apps.branches.life import Row, year_of
from apps.branches.models import FOR_ALL, Activity, ActivityKind, Attendance, Branch, Committee, CommitteeMember, HealthClass, Participation, PartyMember  # fmt: skip
from apps.branches.selectors.rules import rules_in_force
from apps.branches.standards import ACTIVITY_PHOTO
from apps.core.scope import Scope, system_scope, upper_bound
from apps.files.models import StoredFile


def participations(scope: Scope) -> QuerySet:
    """What branches count; activities taken back are left out."""
    return Participation.objects.visible_to(scope).filter(removed=False).select_related("branch", "org")


def participation(scope: Scope, pk: int) -> Participation:
    """Also one that was taken back. Raises ``Participation.DoesNotExist`` outside the scope."""
    return Participation.objects.visible_to(scope).select_related("branch__org", "org").get(pk=pk)


def activity_of(scope: Scope, row: Participation) -> Activity | None:
    """The host's record; None where it lies outside the scope."""
    return Activity.objects.visible_to(scope).select_related("branch__org", "org", "created_by").filter(pk=row.activity_id).first()


def present_at(row: Participation) -> list[Attendance]:
    return list(Attendance.objects.filter(participation=row).select_related("member__cadre").order_by("at_home", "member__cadre__name_sort", "pk"))


def partners_of(activity: Activity) -> list[Participation]:
    """Names and figures of the branches that took part beside the host; these alone are told beyond the reader's place."""
    with system_scope("partners of a joint activity"):
        return list(Participation.objects.filter(activity=activity, host=False).select_related("branch").order_by("branch__name"))


def photos_of(activity: Activity) -> QuerySet:
    return StoredFile.objects.filter(label=ACTIVITY_PHOTO, subject_id=activity.pk).order_by("pk")


def neighbours(branch: Branch) -> list[Branch]:
    """Existing branches of the same county (of a city's own branch: of the city's own), by name; only names are taken from beyond the reader's place."""
    place = next(one for one in reversed(ancestors(branch.org)) if one.level in (Level.COUNTRY, Level.PROVINCE, Level.CITY, Level.COUNTY))
    with system_scope("branches of the same county"):
        found = Branch.objects.filter(dissolved_on=None, org_path__gte=place.path, org_path__lt=upper_bound(place.path)).exclude(pk=branch.pk)
        if place.level != Level.COUNTY:
            found = found.exclude(org_path__regex=rf"^{place.path}[0-9]+/")
        return list(found.only("pk", "name", "area_id").order_by(F("area_id").asc(nulls_last=True), "name"))


def called_to(branch_id: int, kind: str, day: date, group: str = "") -> int | None:
    """How many an activity of this kind calls: all members of that day (the bedridden aside), a committee or a group its own; None where one just takes part."""
    if kind == ActivityKind.COMMITTEE:
        term = Committee.objects.filter(branch=branch_id, removed_why="", starts_on__lte=day).order_by("-starts_on").first()
        holders = CommitteeMember.objects.filter(committee=term).filter(Q(left_on=None) | Q(left_on__gt=day)).values_list("cadre", "name") if term else []
        return len(set(holders)) or None
    if kind not in (*FOR_ALL, ActivityKind.GROUP):
        return None
    found = PartyMember.objects.filter(branch=branch_id).filter(Q(joined_on=None) | Q(joined_on__lte=day)).filter(Q(left_on=None) | Q(left_on__gt=day))
    if kind == ActivityKind.GROUP:
        found = found.filter(group=group) if group else found.exclude(group="")
    return found.exclude(health=HealthClass.BEDRIDDEN).count()


def filtered(scope: Scope, wanted: dict) -> QuerySet:
    """Narrowed by ``branch`` (a key), ``kind``, ``year``, ``month``, ``q`` (theme), ``look``: unnamed (a partner hasn't named its people)."""
    found = participations(scope)
    if wanted.get("branch"):
        found = found.filter(branch=wanted["branch"])
    if wanted.get("kind"):
        found = found.filter(kind=wanted["kind"])
    if year := wanted.get("year"):
        month = wanted.get("month")
        first = date(year, month or 1, 1)
        found = found.filter(held_on__gte=first, held_on__lt=date(year + (not month or month == 12), 1 if not month else month % 12 + 1, 1))
    if text := (wanted.get("q") or "").strip():
        found = found.filter(title__icontains=text)
    if wanted.get("look") == "unnamed":
        found = found.filter(present=None)
    return found.order_by("-held_on", "-pk")


def held_by_month(branch_ids: list[int], year: int) -> dict[int, dict[tuple[str, int], int]]:
    """Branch → (kind, month) → how many it held or took part in."""
    found: dict[int, dict] = defaultdict(dict)
    rows = Participation.objects.filter(branch__in=branch_ids, removed=False, held_on__gte=date(year, 1, 1), held_on__lte=date(year, 12, 31))
    for row in rows.order_by().annotate(month=ExtractMonth("held_on")).values("branch", "kind", "month").annotate(n=Count("pk")):
        found[row["branch"]][row["kind"], row["month"]] = row["n"]
    return found


def attendance_rate(branch_ids: list[int], year: int) -> dict[int, int]:
    """Branch → present of expected at what all members were called to, in whole per cent, cut."""
    rows = Participation.objects.filter(branch__in=branch_ids, removed=False, kind__in=FOR_ALL, held_on__year=year, expected__gt=0, present__isnull=False)
    sums = rows.order_by().values("branch").annotate(called=Sum("expected"), came=Sum("present"))
    return {row["branch"]: row["came"] * 100 // row["called"] for row in sums}


def year_table(branch: Branch, facts, year: int, today: date) -> list[Row]:
    """The year of a branch, kind by kind; nothing is demanded of kinds where nobody's membership lies. ``facts`` as ``facts_of`` gives them."""
    if not branch.holds:
        return []
    rules = rules_in_force(min(today, date(year, 12, 31)))
    return year_of(year=year, held=held_by_month([branch.pk], year).get(branch.pk, {}), rules=rules, today=today, founded_on=branch.founded_on, kinds=applying(facts))


def applying(facts) -> dict[str, bool]:
    return {ActivityKind.COMMITTEE: facts.committee > 1, ActivityKind.GROUP: bool(facts.groups)}


def attended_by(branch: Branch, year: int) -> list[tuple[PartyMember, int, int]]:
    """(member, on the spot, at home): how often each present member took part in a year, names in order."""
    own = Attendance.objects.filter(participation__removed=False, participation__held_on__year=year, participation__branch=branch).order_by().values("member")
    own = own.annotate(there=Count("pk", filter=Q(at_home=False)), home=Count("pk", filter=Q(at_home=True)))
    counted = {row["member"]: (row["there"], row["home"]) for row in own}
    people = PartyMember.objects.filter(branch=branch, left_on=None).select_related("cadre").order_by("group", "cadre__name_sort", "pk")
    return [(one, *counted.get(one.pk, (0, 0))) for one in people]


__all__ = [
    "activity_of", "applying", "attendance_rate", "attended_by", "called_to", "filtered", "held_by_month", "neighbours", "participation", "participations",
    "partners_of", "photos_of", "present_at", "year_table",
]  # fmt: skip
