"""What stands beside a duty on the work list: the person, the last visit, promises. A fixed number of queries however many rows."""

from datetime import date

from django.db.models import F, QuerySet

from apps.care.models import ItemState, PlanItem, PlanState, ServicePlan, Visit
from apps.core.scope import Scope


def plans_by_key(scope: Scope, keys: list[int]) -> dict[int, ServicePlan]:
    """Plan key → plan with person, unit and worker."""
    found = ServicePlan.objects.visible_to(scope).filter(pk__in=keys).select_related("cadre", "org", "worker")
    return {plan.pk: plan for plan in found}


def promises(scope: Scope, *, worker=None, until: date) -> QuerySet:
    """Open items due up to ``until``, soonest first; of one person responsible or of everybody."""
    found = PlanItem.objects.visible_to(scope).filter(state=ItemState.OPEN, due_on__lte=until)
    if worker is not None:
        found = found.filter(worker=worker)
    return found.select_related("plan__cadre", "worker").order_by("due_on", "pk")


def open_needs(scope: Scope, cadre_ids: list[int]) -> dict[int, list[str]]:
    """Person → needs still open, soonest due first."""
    found = PlanItem.objects.visible_to(scope).filter(plan__cadre__in=cadre_ids, state=ItemState.OPEN)
    needs: dict[int, list[str]] = {}
    for cadre, need in found.order_by(F("due_on").asc(nulls_last=True), "pk").values_list("plan__cadre", "need"):
        needs.setdefault(cadre, []).append(need)
    return needs


def visits_since(scope: Scope, since: date, *, worker=None) -> QuerySet:
    """Visits and contacts that stand, from a day on."""
    found = Visit.objects.visible_to(scope).filter(voided_at=None, visited_on__gte=since)
    return found.filter(worker=worker) if worker is not None else found


def in_care(scope: Scope, *, worker=None) -> QuerySet:
    """Plans in force: of one worker, or all in the scope."""
    found = ServicePlan.objects.visible_to(scope).filter(state=PlanState.ACTIVE)
    return found.filter(worker=worker) if worker is not None else found
