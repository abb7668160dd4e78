"""What branches are told every morning."""

from datetime import date, datetime

from celery import shared_task
from django.utils import timezone

from apps.branches.actions.telling import tell_branches
from apps.core.scope import system_scope


def run_day(today: date, *, now: datetime) -> int:
    """Tell branches what has reached a day of telling; returns how many messages are new. Run again the same day it tells nothing twice."""
    with system_scope("what branches are told"):
        return tell_branches(today=today, now=now)


@shared_task
def tell_what_is_due() -> None:
    """Daily at 07:40 Asia/Shanghai."""
    run_day(timezone.localdate(), now=timezone.now())
