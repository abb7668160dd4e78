"""What runs by itself. Each task may run twice, late, or on two workers: the ledger keeps it to once."""

from datetime import date, datetime

from celery import shared_task
from django.utils import timezone

from apps.care import reminders
from apps.care.actions.plans import begin_year
from apps.core.scope import system_scope


def run_day(today: date, *, now: datetime) -> dict[str, int]:
    """Open and tell the reminders of one day: {"opened", "already", "digests"}. Drafts of a year that has come begin first; should that fail, plans in force go on,
    people are told all the same and the failure is raised at the end. Each in its own transaction: what is opened stays opened.

    On days off nobody is told; the next working day's message says it all.
    """
    failure = _begin_year(today)
    with system_scope("reminders"):
        reminders.open_occasions(today=today)
        opened, already = reminders.open_reminders(today=today)
    with system_scope("digests"):
        digests = 0 if reminders.is_quiet(today) else reminders.send_digests(today=today, now=now)
    if failure:
        raise failure
    return {"opened": opened, "already": already, "digests": digests}


def _begin_year(today: date) -> Exception | None:
    """Part by part until no draft is due; what went wrong, if anything did."""
    try:
        more = True
        while more:
            with system_scope("turn of the year"):
                more = begin_year(today=today)
    except Exception as problem:  # noqa: BLE001 - kept until everybody has been told, then raised
        return problem
    return None


@shared_task
def open_reminders() -> None:
    """Daily at 07:30 Asia/Shanghai."""
    run_day(timezone.localdate(), now=timezone.now())
