"""Imports, exports and reports in the background."""

from celery import shared_task
from django.utils import timezone

from apps.files import actions, keeping, reporting, selectors
from apps.files.exporting import running
from apps.files.models import BatchState


@shared_task
def read_batch(batch_id: int) -> None:
    if actions.read_batch(batch_id=batch_id, now=timezone.now(), today=timezone.localdate()) == BatchState.CHECKED:
        actions.keep_cells(batch_id=batch_id)


@shared_task
def apply_batch(batch_id: int) -> None:
    actions.apply_batch(batch_id=batch_id, now=timezone.now())


@shared_task
def undo_batch(batch_id: int) -> None:
    actions.undo_batch(batch_id=batch_id, now=timezone.now())


def task_for(state: str):
    """The task that works at batches in this state."""
    if state == BatchState.UNDOING:
        return undo_batch
    return apply_batch if state in (BatchState.CONFIRMED, BatchState.APPLYING) else read_batch


@shared_task
def take_up_dropped() -> None:
    """Every two minutes; a batch already taken up by the time its message comes is left alone."""
    for batch_id, state in actions.dropped(now=timezone.now()):
        task_for(state).apply_async([batch_id], expires=110)


@shared_task
def clear_away() -> None:
    """Daily: batches nobody confirmed, files whose time is over."""
    actions.expire_batches(now=timezone.now())
    keeping.remove_expired(today=timezone.localdate(), now=timezone.now())


@shared_task
def keep_cells(batch_id: int) -> None:
    actions.keep_cells(batch_id=batch_id)


@shared_task
def build_copy(batch_id: int, what: str, user_id: int) -> None:
    actions.build_copy(batch_id=batch_id, what=what, by=selectors.user(user_id), today=timezone.localdate(), now=timezone.now())


@shared_task
def build_report(run_id: int) -> None:
    reporting.build(run_id=run_id, today=timezone.localdate(), now=timezone.now())


@shared_task
def build_due_reports() -> None:
    """Daily; makes what the quarter just ended lacks."""
    for run_id in reporting.request_due(today=timezone.localdate()):
        build_report.delay(run_id)


@shared_task
def build_export(run_id: int) -> None:
    running.build(run_id=run_id, today=timezone.localdate(), now=timezone.now())


@shared_task
def settle_exports() -> None:
    """Daily; those past their day are over, those left lying are made."""
    _, left = running.expire(today=timezone.localdate())
    for run_id in left:
        build_export.delay(run_id)
