"""家庭医生签约 of a person."""

from datetime import date

from django.db.models import QuerySet

from apps.care.models import DoctorContract
from apps.core.scope import Scope


def contracts(scope: Scope) -> QuerySet:
    return DoctorContract.objects.visible_to(scope).select_related("cadre__org", "org")


def contract(scope: Scope, pk: int) -> DoctorContract:
    """Raises ``DoctorContract.DoesNotExist`` outside the scope."""
    return contracts(scope).get(pk=pk)


def contracts_of(scope: Scope, cadre_id: int) -> QuerySet:
    """All terms, the last one first."""
    return contracts(scope).filter(cadre=cadre_id).order_by("-ends_on", "-pk")


def in_force(scope: Scope, cadre_ids: list[int], today: date) -> dict[int, DoctorContract]:
    """Person → the term that runs on ``today``: one query for a sheet of cards."""
    return {one.cadre_id: one for one in DoctorContract.objects.visible_to(scope).filter(cadre__in=cadre_ids, starts_on__lte=today, ends_on__gte=today)}
