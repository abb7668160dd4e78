"""Handovers and absences as lists and one by one, and what stands on the handover sheet."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.models import User
from apps.cadres.models import Relative
from apps.care.models import Absence, Handover, HandoverState, PlanState, ServicePlan
from apps.care.selectors import plans, todos, visits
from apps.core.scope import Scope

LAST_VISITS = 3


def handovers(scope: Scope) -> QuerySet:
    return Handover.objects.visible_to(scope).select_related("cadre", "org", "giver", "receiver", "created_by", "given_by", "ended_by")


def handover(scope: Scope, pk: int) -> Handover:
    """Raises ``Handover.DoesNotExist`` outside the scope."""
    return handovers(scope).get(pk=pk)


def waiting_for(scope: Scope, user: User) -> QuerySet:
    """Open ones that lack this user's word."""
    return handovers(scope).filter(Q(receiver=user, received_at=None) | Q(giver=user, given_at=None), state=HandoverState.OPEN)


def of_user(scope: Scope, user: User) -> QuerySet:
    return handovers(scope).filter(Q(receiver=user) | Q(giver=user) | Q(created_by=user))


def people_of(scope: Scope, giver: User) -> QuerySet:
    """The plans in force the giver answers for, with ``handing``: a handover is open."""
    handing = Handover.objects.filter(cadre=OuterRef("cadre"), state=HandoverState.OPEN)
    found = ServicePlan.objects.visible_to(scope).filter(state=PlanState.ACTIVE, worker=giver)
    return found.annotate(handing=Exists(handing)).select_related("cadre", "org").order_by("org_path", "cadre__name_sort", "pk")


def answering(scope: Scope) -> QuerySet:
    """Whoever answers for somebody in the scope, also those who have left meanwhile."""
    return User.objects.filter(pk__in=ServicePlan.objects.visible_to(scope).filter(state=PlanState.ACTIVE).values("worker")).order_by("display_name", "pk")


def sheet(scope: Scope, cadre_id: int) -> dict:
    """What a successor must know: plan, what is owed, promised and needed, whom to call, the last visits."""
    owed = list(todos.open_todos(cadre_id).select_related("survivor", "worker"))
    return {
        "plan": plans.plan_of(scope, cadre_id), "todos": [todo for todo in owed if todo.source != "promise"], "promises": [todo for todo in owed if todo.source == "promise"],
        "items": plans.open_items(scope, cadre_id), "relatives": Relative.objects.visible_to(scope).filter(cadre=cadre_id).order_by("pk"),
        "visits": visits.visits_of(scope, cadre_id).filter(voided_at=None)[:LAST_VISITS],
    }  # fmt: skip


def absences(scope: Scope, *, user: User | None = None) -> QuerySet:
    """Of one user, as worker or deputy, or all in the scope; the latest first."""
    found = Absence.objects.visible_to(scope).select_related("worker", "deputy", "org", "created_by")
    return found.filter(Q(worker=user) | Q(deputy=user)) if user is not None else found


def absence(scope: Scope, pk: int) -> Absence:
    """Raises ``Absence.DoesNotExist`` outside the scope."""
    return absences(scope).get(pk=pk)


def is_over(one: Absence, today: date) -> bool:
    return one.ended_at is not None or one.ends_on < today
