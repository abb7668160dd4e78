"""Brands as a list and one by one, what they lack, where they are at work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from apps.accounts.models import Level, Organization
from apps.accounts.selectors import ancestors
from apps.brands.models import ENDED, HANDED_IN, HOLDING, Brand, BrandState, BrandStep, Goal, GoalFigure, GroupMeeting, PlannedStep, Rung, Spread, ThemeLine
from apps.brands.selectors.files import Files, sorted_out
from apps.brands.standards import BRAND_FILE, FIVE_HAVE
from apps.core.metrics import behind
from apps.core.scope import Scope, system_scope, upper_bound
from apps.files.models import StoredFile

LOOKS = {
    "proposing": Q(state__in=("draft", "applied", "returned", "hearing")), "building": Q(state="building"),
    "judging": Q(state__in=("applying", "shortlisted", "proposed", "public")),
    "named": Q(state__in=HOLDING), "rectifying": Q(state="rectifying"), "waiting": Q(state__in=("applied", "hearing", "applying", "shortlisted", "proposed")),
    "ended": Q(state__in=ENDED),
}  # fmt: skip


def brands(scope: Scope) -> QuerySet:
    return Brand.objects.visible_to(scope).select_related("org", "logo", "applied_by", "approved_by", "named_by")


def brand(scope: Scope, pk: int) -> Brand:
    """Raises ``Brand.DoesNotExist`` outside the scope."""
    return brands(scope).get(pk=pk)


def filtered(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Narrowed by ``q`` (name), ``line``, ``look`` (of ``LOOKS``), ``org`` (and below), ``metric`` with ``period``. Ended ones show only when asked for."""
    found = brands(scope).order_by("org_path", "pk")
    if wanted.get("metric"):
        found = behind(found, scope, wanted["metric"], wanted.get("period", ""), today)
    elif wanted.get("look") != "ended":
        found = found.exclude(LOOKS["ended"])
    if wanted.get("look") in LOOKS:
        found = found.filter(LOOKS[wanted["look"]])
    if text := (wanted.get("q") or "").strip():
        found = found.filter(Q(name__icontains=text) | Q(org__name__icontains=text))
    if wanted.get("line"):
        found = found.filter(line=wanted["line"])
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    return found


def tally(scope: Scope) -> dict[str, int]:
    """Look → how many, and each line of theme → how many under way, in one query."""
    lines = {line: Count("pk", filter=Q(line=line) & ~LOOKS["ended"]) for line in ThemeLine.values}
    return Brand.objects.visible_to(scope).aggregate(**{look: Count("pk", filter=condition) for look, condition in LOOKS.items()}, **lines)


def lacking(brand: Brand) -> list[str]:
    """Which of the 五有 are still missing, in words."""
    return [label for name, label in FIVE_HAVE if not (brand.logo_id if name == "logo" else getattr(brand, name))]


def five(brand: Brand) -> list[tuple[str, bool]]:
    missing = lacking(brand)
    return [(label, label not in missing) for _, label in FIVE_HAVE]


def goals(brand: Brand) -> list[Goal]:
    return list(Goal.objects.filter(brand=brand))


def standing(brand: Brand) -> list[tuple[Goal, GoalFigure | None, int | None]]:
    """Each goal with the latest figure that was handed in, and how far of the way it is, per cent."""
    told = GoalFigure.objects.filter(goal__brand=brand, report__state__in=HANDED_IN).select_related("report")
    latest = {one.goal_id: one for one in told.order_by("report__year", "report__quarter")}
    return [(goal, latest.get(goal.pk), goal.share(latest[goal.pk].now) if goal.pk in latest else None) for goal in goals(brand)]


def planned(brand: Brand) -> list[PlannedStep]:
    return list(PlannedStep.objects.filter(brand=brand))


def planned_step(brand: Brand, pk: int) -> PlannedStep:
    """Raises ``PlannedStep.DoesNotExist``."""
    return PlannedStep.objects.get(brand=brand, pk=pk)


def meetings(brand: Brand) -> QuerySet:
    return GroupMeeting.objects.filter(brand=brand)


def places(brand: Brand) -> list[tuple[str, list[Spread]]]:
    """Rung after rung, the places where it is or was at work."""
    rows = list(Spread.objects.filter(brand=brand))
    return [(label, [one for one in rows if one.rung == rung]) for rung, label in Rung.choices]


def place(brand: Brand, pk: int) -> Spread:
    """Raises ``Spread.DoesNotExist``."""
    return Spread.objects.get(brand=brand, pk=pk)


@dataclass(frozen=True)
class Announced:
    """What is told of a brand under 公示 to everybody in the city."""

    place: str
    name: str
    first: date
    last: date


def announced(org: Organization, today: date) -> list[Announced]:
    """Brands under 公示 in the city ``org`` lies in (above a city: of the place itself): written to be read beyond the reader's own place."""
    city = next((one for one in ancestors(org) if one.level == Level.CITY), org)
    with system_scope("brands under publicity"):
        found = Brand.objects.filter(state=BrandState.PUBLIC, public_to__gte=today, org_path__gte=city.path, org_path__lt=upper_bound(city.path)).select_related("org")
        return [Announced(one.org.name, one.name, one.public_from, one.public_to) for one in found.order_by("public_from", "pk")]


def steps(brand: Brand) -> QuerySet:
    return BrandStep.objects.filter(case=brand).select_related("by").order_by("pk")


def file(brand: Brand, key: UUID) -> StoredFile:
    """Raises ``StoredFile.DoesNotExist``."""
    return pictures(brand).get(key=key)


def pictures(brand: Brand) -> QuerySet:
    """Pictures and papers of the brand, the first first."""
    return StoredFile.objects.filter(label=BRAND_FILE, subject_id=brand.pk).order_by("pk")


def files_of(brand: Brand) -> Files:
    """All but the logo, which stands for itself."""
    return sorted_out(one for one in pictures(brand) if one.pk != brand.logo_id)


def ladder(found: Iterable[Brand]) -> dict[int, dict[str, int]]:
    """Brand → rung → places at work now."""
    rows = Spread.objects.filter(brand__in=[one.pk for one in found], ended_on=None).order_by().values_list("brand", "rung").annotate(n=Count("pk"))
    counted: dict[int, dict[str, int]] = {}
    for brand, rung, n in rows:
        counted.setdefault(brand, {})[rung] = n
    return counted
