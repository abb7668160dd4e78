"""Sitting down to a batch: from the state in which it waits to the one in which it is worked at, a few times at most.

A batch that is worked at while nobody sits at its desk has lost its worker. Nothing was written, so it is taken up from the start; but a file that
brings down every worker is given up, else it would go round for ever.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Now

from apps.core.scope import Scope, entered, system_scope
from apps.files import selectors
from apps.files.importing.desk import Desk, Taken, desk, occupied
from apps.files.models import BatchState, ImportBatch

TRIES = 3
PATIENCE = {
    BatchState.READING: timedelta(minutes=2), BatchState.APPLYING: timedelta(minutes=2), BatchState.UNDOING: timedelta(minutes=2),
    BatchState.QUEUED: timedelta(minutes=10), BatchState.CONFIRMED: timedelta(minutes=10),
}  # fmt: skip
"""How long a batch may stand in a state before somebody must be sitting at it; those that wait may only have a busy worker before them."""
GIVEN_UP = "处理了几次都中断了，可能是文件太大或服务器内存不足。登记库没有任何改动。请把文件分成几个再试；如再次出现，请联系系统管理员。"


class GivenUp(Exception):
    """Every worker so far has died over this batch."""

    def __init__(self, batch: ImportBatch) -> None:
        super().__init__(batch.pk)
        self.batch = batch


def at_the_desk(
    batch_id: int, waiting: BatchState, working: BatchState, work: Callable[[ImportBatch, Desk], str], fail: Callable[[ImportBatch, str, str], str], **fresh
) -> str:
    """Do a stage's work at the desk of its batch, alone. Returns what ``work(batch, desk)`` says, or ``fail(batch, code, sentence)`` where too many have
    tried; "" when there is nothing to do or somebody sits there already."""
    try:
        with desk(batch_id) as own:
            batch = begin(batch_id, waiting, working, **fresh)
            return work(batch, own) if batch else ""
    except Taken:
        return ""
    except GivenUp as tired:
        return fail(tired.batch, "given_up", GIVEN_UP)


def begin(batch_id: int, waiting: BatchState, working: BatchState, **fresh) -> ImportBatch | None:
    """The batch, moved into ``working`` from ``waiting`` or from a worker that died; None when there is nothing to do. The caller sits at the desk.

    Raises ``GivenUp`` (with the batch) when too many have tried.
    """
    batch = selectors.batch_for_work(batch_id)
    with entered(Scope((batch.org.path,))) as scope:
        due = ImportBatch.objects.filter(pk=batch_id, state__in=(waiting, working))
        moved = due.filter(attempts__lt=TRIES).update(state=working, moved_at=Now(), attempts=F("attempts") + 1, done=0, **fresh)
        tired = 0 if moved else due.update(state=working, moved_at=Now())
        batch = selectors.batch(scope, batch_id)
    if tired:
        raise GivenUp(batch)
    return batch if moved else None


def dropped(*, now: datetime) -> list[tuple[int, str]]:
    """(batch, state) of batches that should be worked at and aren't, for the task that sends them to the workers again."""
    with system_scope("import: batches whose worker died") as scope:
        found = [one for state, patience in PATIENCE.items() for one in selectors.standing_still(scope, state, now - patience)]
    return [(pk, state) for pk, state in found if not occupied(pk)]
