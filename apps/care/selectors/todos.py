"""To-dos as lists and one by one."""

from datetime import date

from django.db.models import Q, QuerySet

from apps.care.models import WITHOUT_A_VISIT, OccasionRule, ToDo, ToDoState, Visit
from apps.care.standards import EVIDENCE_LABEL
from apps.core.scope import Scope
from apps.files.models import StoredFile


def todos(scope: Scope) -> QuerySet:
    return ToDo.objects.visible_to(scope).select_related("cadre", "survivor", "worker", "org")


def todo(scope: Scope, pk: int) -> ToDo:
    """Raises ``ToDo.DoesNotExist`` outside the scope."""
    return todos(scope).get(pk=pk)


def todos_of_item(scope: Scope, item_id: int) -> QuerySet:
    """Every date of a service item that has been opened, latest first."""
    return todos(scope).filter(item=item_id).select_related("visit", "done_by").order_by("-due_on", "-pk")


def of_items(item_ids: list[int]) -> dict[int, dict]:
    """Item → {"due_on": its open to-do's day or None, "todo", "done": how many dates were done, "last": the latest}: one query for a plan."""
    found = ToDo.objects.filter(item__in=item_ids).order_by("due_on", "pk").values_list("item", "pk", "state", "due_on", "done_on")
    about: dict[int, dict] = {}
    for item, pk, state, due_on, done_on in found:
        one = about.setdefault(item, {"due_on": None, "todo": None, "done": 0, "last": None})
        if state == ToDoState.OPEN and one["due_on"] is None:
            one["due_on"], one["todo"] = due_on, pk
        if state == ToDoState.DONE:
            one["done"], one["last"] = one["done"] + 1, max(filter(None, (one["last"], done_on)))
    return about


def evidence(todo_ids: list[int]) -> dict[int, list[StoredFile]]:
    """To-do → the files that show it was done."""
    files: dict[int, list[StoredFile]] = {}
    for stored in StoredFile.objects.filter(label=EVIDENCE_LABEL, subject_id__in=todo_ids, removed_at=None).order_by("pk"):
        files.setdefault(stored.subject_id, []).append(stored)
    return files


def for_a_visit(cadre_id: int, today: date) -> QuerySet:
    """What a visit today may settle."""
    return open_todos(cadre_id).filter(opens_on__lte=today).exclude(source__in=WITHOUT_A_VISIT)


def open_todos(cadre_id: int) -> QuerySet:
    """What is owed to one person besides the rhythm of visits, soonest first; the caller has looked whether the person may be seen."""
    return ToDo.objects.filter(cadre=cadre_id, state=ToDoState.OPEN).order_by("due_on", "pk")


def todos_of(scope: Scope, cadre_id: int) -> QuerySet:
    """Everything ever owed to one person, latest first."""
    return todos(scope).filter(cadre=cadre_id).select_related("visit", "promised_at").order_by("-due_on", "-pk")


def settled_by(visit: Visit) -> QuerySet:
    return ToDo.objects.filter(visit=visit).order_by("due_on", "pk")


def settled_elsewhere(visit: Visit, keys: list[int]) -> list[ToDo]:
    """Of these to-dos of the visited person, those that are no longer open and that this visit did not settle."""
    return list(ToDo.objects.filter(cadre=visit.cadre_id, pk__in=keys).exclude(state=ToDoState.OPEN).exclude(visit=visit).select_related("done_by").order_by("due_on", "pk"))


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
