"""Handovers and absences of the demo: one waiting for the officer's word, one done, a holiday ahead."""

from datetime import date, timedelta

from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.care.actions.absences import register_absence
from apps.care.actions.handovers import confirm_handovers, hand_over
from apps.care.models import ServicePlan
from apps.core.scope import Scope


def hand_some_over(*, today: date) -> int:
    """Returns how many were offered."""
    worker, officer = (User.objects.get(username=name) for name in ("demo_worker", "demo_county"))
    scope = Scope((Organization.objects.get(code="360403", valid_to=None).path,))
    people = list(ServicePlan.objects.filter(worker=worker, state="active").order_by("-pk").values_list("cadre", flat=True)[:2])
    how = {"scope": scope, "today": today, "now": timezone.now()}
    made = hand_over(giver=worker, receivers=[officer], cadres=people, by=worker, note="已当面介绍过，听力不好，电话打给家属。", **how) if people else []
    confirm_handovers(handovers=[one.pk for one in made[1:]], by=officer, **how)
    starts_on = today + timedelta(days=12)
    register_absence(worker=officer, deputy=worker, starts_on=starts_on, ends_on=starts_on + timedelta(days=4), reason="外出学习", by=officer, **how)
    return len(made)
