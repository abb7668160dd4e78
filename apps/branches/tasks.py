"""What is done for all branches every day: judged anew, told what is due."""

from datetime import date, datetime

from celery import shared_task
from django.utils import timezone

from apps.branches.actions.telling import tell_branches
from apps.branches.selectors.branches import branches
from apps.branches.selectors.standing import settle
from apps.core.scope import system_scope


def run_day(today: date, *, now: datetime) -> int:
    """Tell branches what has reached a day of telling; returns how many messages are new. Run again the same day it tells nothing twice."""
    with system_scope("what branches are told"):
        return tell_branches(today=today, now=now)


@shared_task
def tell_what_is_due() -> None:
    """Daily at 07:40 Asia/Shanghai."""
    run_day(timezone.localdate(), now=timezone.now())


@shared_task
def settle_standings() -> None:
    """Daily at 00:05 Asia/Shanghai, so that the first reader of the day needn't wait; whoever reads earlier counts them himself."""
    with system_scope("standing of branches") as scope:
        settle(branches(scope), timezone.localdate())
