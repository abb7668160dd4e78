"""To-dos as lists and one by one."""

from datetime import date

from django.db.models import Q, QuerySet

from apps.care.models import OccasionRule, ToDo, ToDoState, Visit
from apps.core.scope import Scope


def todos(scope: Scope) -> QuerySet:
    return ToDo.objects.visible_to(scope).select_related("cadre", "survivor", "worker", "org")


def todo(scope: Scope, pk: int) -> ToDo:
    """Raises ``ToDo.DoesNotExist`` outside the scope."""
    return todos(scope).get(pk=pk)


def open_todos(cadre_id: int) -> QuerySet:
    """What is owed to one person besides the rhythm of visits, soonest first; the caller has looked whether the person may be seen."""
    return ToDo.objects.filter(cadre=cadre_id, state=ToDoState.OPEN).order_by("due_on", "pk")


def todos_of(scope: Scope, cadre_id: int) -> QuerySet:
    """Everything ever owed to one person, latest first."""
    return todos(scope).filter(cadre=cadre_id).select_related("visit", "promised_at").order_by("-due_on", "-pk")


def settled_by(visit: Visit) -> QuerySet:
    return ToDo.objects.filter(visit=visit).order_by("due_on", "pk")


def rules_of(trigger: str) -> list[OccasionRule]:
    """Every version of the rules of one trigger, ended ones too: their to-dos are still there."""
    return list(OccasionRule.objects.filter(trigger=trigger))


def occasion_history() -> QuerySet:
    return OccasionRule.objects.order_by("trigger", "key", "-valid_from")


def occasion_rule(pk: int) -> OccasionRule:
    """Raises ``OccasionRule.DoesNotExist``."""
    return OccasionRule.objects.get(pk=pk)


def promises(scope: Scope, *, worker=None, until: date) -> QuerySet:
    """Open promises due up to ``until``, soonest first."""
    found = todos(scope).filter(Q(source="promise"), state=ToDoState.OPEN, due_on__lte=until)
    return (found.filter(worker=worker) if worker is not None else found).order_by("due_on", "pk")
