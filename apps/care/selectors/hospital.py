"""Stays in hospital: admissions of the registry with the discharge that ended them, the details care keeps, and whether anybody has been there.

Somebody admitted again without a discharge in between (moved to another hospital) is one stay: the latest admission.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from apps.cadres.models import ChangeKind, Standing, StatusChange
from apps.care.models import Visit
from apps.core.scope import Scope


def _later(kind: ChangeKind) -> QuerySet:
    """What was registered of the same person for a later day, or for the same day afterwards."""
    after = Q(effective_on__gt=OuterRef("effective_on")) | Q(effective_on=OuterRef("effective_on"), pk__gt=OuterRef("pk"))
    return StatusChange.objects.filter(after, cadre=OuterRef("cadre"), kind=kind)


def admissions(scope: Scope) -> QuerySet:
    """Admissions with ``left_on`` (None: still there or never registered), ``left_grade`` (self-care registered at discharge), ``seen`` (visited there)."""
    left = _later(ChangeKind.DISCHARGED).order_by("effective_on", "pk")
    visits = Visit.objects.filter(cadre=OuterRef("cadre"), voided_at=None, survivor=None, in_person=True, visited_on__gte=OuterRef("effective_on"))
    found = StatusChange.objects.visible_to(scope).filter(kind=ChangeKind.ADMITTED)
    return found.annotate(
        left_on=Subquery(left.values("effective_on")[:1]), left_grade=Subquery(left.values("after__self_care")[:1]), seen=Exists(visits)
    ).select_related("cadre__org", "stay__visitor")


def admission(scope: Scope, pk: int) -> StatusChange:
    """Raises ``StatusChange.DoesNotExist`` outside the scope."""
    return admissions(scope).get(pk=pk)


def in_hospital(scope: Scope, *, unseen: bool = False) -> QuerySet:
    """One row per person on the register who is in hospital, the longest there first."""
    found = admissions(scope).filter(~Exists(_later(ChangeKind.ADMITTED)), left_on=None, cadre__standing=Standing.ACTIVE)
    return (found.filter(seen=False) if unseen else found).order_by("effective_on", "pk")


def stays_of(scope: Scope, cadre_id: int) -> QuerySet:
    """All stays of one person, the latest first."""
    return admissions(scope).filter(cadre=cadre_id).order_by("-effective_on", "-pk")


def days(admitted: date, today: date) -> int:
    return (today - admitted).days + 1
