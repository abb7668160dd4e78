"""The people plans and visits are about."""

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.cadres.models import Cadre, Standing, Survivor
from apps.cadres.selectors import matching
from apps.care.models import PlanState, ServicePlan
from apps.core.scope import Scope, upper_bound


def people_named(scope: Scope, text: str) -> QuerySet:
    """People the typed text may mean (name, pinyin, unit, number); nobody for a blank one."""
    return matching(scope, text) if text.strip() else Cadre.objects.none()


def person(scope: Scope, pk: int) -> Cadre:
    """Whom a form is about. Raises ``Cadre.DoesNotExist`` outside the scope."""
    return Cadre.objects.visible_to(scope).select_related("org").get(pk=pk)


def survivors(cadre: Cadre) -> QuerySet:
    """Living 遗属 of a deceased cadre."""
    return Survivor.objects.filter(cadre=cadre, alive=True)


def people_for_cards(scope: Scope, wanted: dict) -> QuerySet:
    """People on the register narrowed by ``org``, ``attention_class``, ``worker`` (of the plan in force) and ``q``, in the list's order."""
    found = Cadre.objects.visible_to(scope).filter(standing=Standing.ACTIVE)
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    if wanted.get("attention_class"):
        found = found.filter(attention_class=wanted["attention_class"])
    if worker := wanted.get("worker"):
        found = found.filter(pk__in=ServicePlan.objects.visible_to(scope).filter(state=PlanState.ACTIVE, worker=worker).values("cadre"))
    if text := (wanted.get("q") or "").strip():
        found = found.filter(pk__in=people_named(scope, text).values("pk"))
    return found.select_related("org").order_by("org_path", "name_sort", "pk")


def people_to_visit(scope: Scope, text: str, limit: int = 20) -> list[Cadre]:
    """Whom one may log a visit for, by whatever the search box takes."""
    found = people_named(scope, text).exclude(standing=Standing.MOVED)
    return list(found.select_related("org").order_by("name_sort", "pk")[:limit])


def names_of(user_ids: list[int | None]) -> dict[int, str]:
    """Key → name of these users."""
    return {pk: str(user) for pk, user in User.objects.in_bulk([pk for pk in user_ids if pk]).items()}


def survivors_by_key(scope: Scope, keys: list[int]) -> dict[int, Survivor]:
    return {one.pk: one for one in Survivor.objects.visible_to(scope).filter(pk__in=keys)}
