"""Every write about import batches: opened, read, confirmed, applied, taken back, cancelled, expired, read again.

States move by ``UPDATE … WHERE state`` alone, and one process at a time sits at a batch's desk, so pressing twice, two workers and a worker
that dies do no harm: a batch is read or applied once, wholly or not at all.
"""

from apps.files.actions.answering import forget_column
from apps.files.actions.applying import apply_batch, confirm_batch
from apps.files.actions.copying import build_copy, give_back
from apps.files.actions.correcting import continue_batch, correct_row, keep_cells
from apps.files.actions.ending import UNWRITTEN, cancel_batch, expire_batches
from apps.files.actions.handing_out import hand_out_passwords
from apps.files.actions.judging import judge_all, judge_row, reconsider
from apps.files.actions.opening import open_batch, read_again, read_as, settle_given
from apps.files.actions.reading import read_batch
from apps.files.actions.rechecking import recheck_rows
from apps.files.actions.stages import dropped
from apps.files.actions.telling import count_rows
from apps.files.actions.undoing import reason_against_undoing, start_undo, undo_batch

__all__ = [
    "UNWRITTEN",
    "apply_batch",
    "build_copy",
    "cancel_batch",
    "confirm_batch",
    "continue_batch",
    "correct_row",
    "count_rows",
    "dropped",
    "expire_batches",
    "forget_column",
    "give_back",
    "hand_out_passwords",
    "judge_all",
    "judge_row",
    "keep_cells",
    "open_batch",
    "read_again",
    "read_as",
    "read_batch",
    "reason_against_undoing",
    "recheck_rows",
    "reconsider",
    "settle_given",
    "start_undo",
    "undo_batch",
]
