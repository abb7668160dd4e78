"""What care does when the registry learns of something: death and transfer stop or move everything in the same transaction."""

from datetime import date

from django.utils import timezone

from apps.cadres.models import ChangeKind, Standing, StatusChange
from apps.cadres.registries import LIFE_EVENTS
from apps.care.actions import aid_following, following, hospital
from apps.care.reminders import open_occasions


@LIFE_EVENTS.register("care")
def follow(*, change: StatusChange, by, today: date) -> None:
    """Runs inside the transaction that registered ``change``; raising takes the whole change back."""
    cadre = change.cadre
    if "org_path" in change.after:
        following.move_records(cadre=cadre, by=by, today=today)
    if cadre.standing == Standing.DECEASED:
        following.stop_plans(cadre=cadre, note=following.DIED, by=by)
        following.stop_todos(cadre=cadre, note=following.DIED, by=by)
    elif cadre.standing == Standing.MOVED:
        following.stop_plans(cadre=cadre, note=following.LEFT, by=by)
        following.stop_todos(cadre=cadre, note=following.LEFT, by=by)
    elif change.kind in (ChangeKind.RESTORED, ChangeKind.RECEIVED):
        following.resume_plans(cadre=cadre, by=by, today=today)
    _follow_aid(cadre, change, by)
    if change.kind == ChangeKind.DISCHARGED:
        hospital.end_visits(discharge=change, by=by)
    if change.kind == ChangeKind.RESETTLED:
        following.bind_away_rule(cadre=cadre, today=today)
    open_occasions(today=today, cadre_id=cadre.pk)


def _follow_aid(cadre, change: StatusChange, by) -> None:
    """Applications for aid: they move with the person, end with a death (and can go on for a survivor), come back after a mistake."""
    now = timezone.now()
    if "org_path" in change.after:
        aid_following.move_cases(cadre=cadre)
    if cadre.standing == Standing.DECEASED:
        aid_following.stop_cases(cadre=cadre, note=following.DIED, by=by, now=now, survivors=False)
    elif cadre.standing == Standing.MOVED:
        aid_following.stop_cases(cadre=cadre, note=following.LEFT, by=by, now=now, survivors=True)
    elif change.kind in (ChangeKind.RESTORED, ChangeKind.RECEIVED):
        aid_following.resume_cases(cadre=cadre, notes=(following.DIED, following.LEFT), back=following.MISTAKEN, by=by, now=now)
