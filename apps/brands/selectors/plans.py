"""学习推广计划: as a list and one by one, their phases, those that wait for a look a year later."""

from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from apps.brands.models import TAKEN, StudyNote, StudyPhase, StudyPlan, StudyState
from apps.brands.standards import STILL_AFTER_DAYS
from apps.core.scope import Scope, upper_bound


def plans(scope: Scope) -> QuerySet:
    return StudyPlan.objects.visible_to(scope).select_related("org", "practice__owner", "practice__listed", "started_by")


def plan(scope: Scope, pk: int) -> StudyPlan:
    """Raises ``StudyPlan.DoesNotExist`` outside the scope."""
    return plans(scope).get(pk=pk)


PLAN_LOOKS = {
    "doing": Q(state="doing"), "taken": Q(state__in=TAKEN), "dropped": Q(state="dropped"),
}  # fmt: skip


def to_check(found: QuerySet, today: date) -> QuerySet:
    """Taken over a year ago or longer, nobody asked yet whether it still works."""
    return found.filter(state__in=TAKEN, ended_on__lte=today - timedelta(days=STILL_AFTER_DAYS), checked_on=None)


def overdue(found: QuerySet, today: date) -> QuerySet:
    """Running plans with a phase past its day."""
    late = StudyPhase.objects.filter(plan=OuterRef("pk"), done_on=None, due_on__lt=today)
    return found.filter(Q(state=StudyState.DOING) & Exists(late))


def filtered_plans(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Narrowed by ``look`` (of ``PLAN_LOOKS``, "overdue", "check"), ``practice`` (a key), ``org`` (and below)."""
    found, look = plans(scope), wanted.get("look")
    if look in PLAN_LOOKS:
        found = found.filter(PLAN_LOOKS[look])
    elif look == "overdue":
        found = overdue(found, today)
    elif look == "check":
        found = to_check(found, today)
    if wanted.get("practice"):
        found = found.filter(practice=wanted["practice"])
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    return found


def plan_tally(scope: Scope, today: date) -> dict[str, int]:
    found = plans(scope).order_by()
    counted = found.aggregate(**{look: Count("pk", filter=condition) for look, condition in PLAN_LOOKS.items()})
    return counted | {"overdue": overdue(found, today).count(), "check": to_check(found, today).count()}


def phases(one: StudyPlan) -> list[StudyPhase]:
    return list(StudyPhase.objects.filter(plan=one))


def phase(one: StudyPlan, pk: int) -> StudyPhase:
    """Raises ``StudyPhase.DoesNotExist``."""
    return StudyPhase.objects.get(plan=one, pk=pk)


def notes(one: StudyPlan) -> QuerySet:
    return StudyNote.objects.filter(plan=one).select_related("by")


def share(rows: list[StudyPhase]) -> int:
    """Phases done, per cent, cut."""
    return len([one for one in rows if one.done_on]) * 100 // len(rows) if rows else 0
