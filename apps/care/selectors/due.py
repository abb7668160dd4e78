"""What stands beside a duty on the work list: the person, the last visit, promises. A fixed number of queries however many rows."""

from datetime import date

from django.db.models import Exists, F, OuterRef, QuerySet

from apps.cadres.models import Cadre
from apps.care.models import Frequency, ItemState, PlanItem, PlanState, ServicePlan, ToDo, ToDoState, Visit
from apps.core.scope import Scope


def people_by_key(scope: Scope, keys: list[int]) -> dict[int, Cadre]:
    """Person's key → person with the unit."""
    return {cadre.pk: cadre for cadre in Cadre.objects.visible_to(scope).filter(pk__in=keys).select_related("org")}


def newest_plans(scope: Scope, cadre_ids: list[int]) -> dict[int, ServicePlan]:
    """Person's key → the newest plan that has begun, in force or not, with its worker."""
    found = ServicePlan.objects.visible_to(scope).filter(cadre__in=cadre_ids).exclude(state=PlanState.DRAFT).select_related("worker")
    return {plan.cadre_id: plan for plan in found.order_by("cadre_id", "-year").distinct("cadre_id")}


def promises(scope: Scope, *, workers: list | None = None, until: date) -> QuerySet:
    """Open items due up to ``until``, that no open to-do stands for yet, soonest first; of these persons responsible or of everybody."""
    found = PlanItem.objects.visible_to(scope).filter(state=ItemState.OPEN, frequency=Frequency.ONCE, due_on__lte=until).exclude(plan__state=PlanState.DRAFT)
    found = found.filter(~Exists(ToDo.objects.filter(item=OuterRef("pk"), state=ToDoState.OPEN)))
    if workers is not None:
        found = found.filter(worker__in=workers)
    return found.select_related("plan__cadre", "worker").order_by("due_on", "pk")


def open_needs(scope: Scope, cadre_ids: list[int]) -> dict[int, list[str]]:
    """Person → needs still open, soonest due first."""
    found = PlanItem.objects.visible_to(scope).filter(plan__cadre__in=cadre_ids, state=ItemState.OPEN).exclude(plan__state=PlanState.DRAFT)
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
