"""What the registry itself does after a change in a person's life."""

from datetime import date

from django.utils import timezone

from apps.cadres.actions.transfers import follow_person
from apps.cadres.models import StatusChange
from apps.cadres.registries import LIFE_EVENTS


@LIFE_EVENTS.register("transfer requests")
def follow(*, change: StatusChange, by, today: date) -> None:
    follow_person(change=change, by=by, now=timezone.now())
