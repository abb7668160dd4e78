"""四位一体: parts of items, as the bureau sees them at the item and as each side sees its own."""

from collections import defaultdict

from django.db.models import QuerySet

from apps.care.models import ItemPart, PartState
from apps.core.scope import Scope


def parts(scope: Scope) -> QuerySet:
    return ItemPart.objects.visible_to(scope).select_related("org", "done_by")


def part(scope: Scope, pk: int) -> ItemPart:
    """Raises ``ItemPart.DoesNotExist`` outside the scope."""
    return parts(scope).get(pk=pk)


def parts_of(scope: Scope, item_ids: list[int]) -> dict[int, list[ItemPart]]:
    """Item → its parts within the scope, in the order of sides."""
    found: dict[int, list[ItemPart]] = defaultdict(list)
    for one in parts(scope).filter(item__in=item_ids):
        found[one.item_id].append(one)
    return dict(found)


def own(scope: Scope, org_path: str, state: str = "") -> QuerySet:
    """What lies with one place itself (not below it), most urgent first; ``state``: open, done, or "" for open."""
    found = parts(scope).filter(org_path=org_path)
    if state == PartState.DONE:
        return found.filter(state=PartState.DONE).order_by("-done_on", "-pk")
    return found.filter(state=PartState.OPEN, over=False).order_by("due_on", "pk")
