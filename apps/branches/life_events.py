"""A death or a transfer ends memberships in the same transaction."""

from datetime import date

from apps.branches.actions import following
from apps.branches.models import LeftReason
from apps.cadres.models import ChangeKind, Standing, StatusChange
from apps.cadres.registries import LIFE_EVENTS


@LIFE_EVENTS.register("branches")
def follow(*, change: StatusChange, by, today: date) -> None:
    cadre, on = change.cadre, change.effective_on
    if "org_path" in change.after:
        following.move_memberships(cadre=cadre, on=on, by=by)
    if cadre.standing == Standing.DECEASED:
        following.end_memberships(cadre=cadre, reason=LeftReason.DECEASED, on=on, by=by)
    elif cadre.standing == Standing.MOVED:
        following.end_memberships(cadre=cadre, reason=LeftReason.TRANSFERRED, on=on, by=by)
    elif change.kind == ChangeKind.RESTORED:
        following.resume_memberships(cadre=cadre, by=by)
