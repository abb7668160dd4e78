"""Handovers that can't go on: the plan was closed, somebody else was made responsible, the person has moved."""

from django.utils import timezone

from apps.care.models import Handover, HandoverState


def void_handovers(*, cadres, reason: str, by) -> int:
    """End the open handovers of these people; called by whatever makes them void, in its transaction. Returns how many."""
    found = Handover.objects.filter(cadre__in=cadres, state=HandoverState.OPEN)
    return found.update(state=HandoverState.WITHDRAWN, ended_at=timezone.now(), ended_by=by, reason=reason[:120])
