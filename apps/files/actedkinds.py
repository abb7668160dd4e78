"""Kinds of sheets whose rows are actions with consequences: a death, a new unit, a new user."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.core.workbooks.problems import Problem
from apps.files.models import ImportRow, RowState
from apps.files.sheetkinds import SheetKind


@dataclass
class Verdict:
    """What a row would do. ``values`` are added to the row's own, for the action; ``target`` is what is there already."""

    row: ImportRow
    state: str = RowState.NEW
    target: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[dict] = field(default_factory=list)
    problems: list[tuple[str, Problem]] = field(default_factory=list)


class ActedKind(SheetKind):
    """Rows are done one by one by the app's own action, inside the one transaction of the batch; an action that refuses refuses its row.

    What an action sets going can't be taken back row by row, so such batches aren't undone as a whole.
    """

    shape = "acted"
    against_undo = "这类表的每一行都是一次办理（如登记去世、开通账号），后续事项已随之发生，不能整批撤销。请逐项更正。"

    def judge(self, batch, rows: Sequence[ImportRow]) -> Iterable[Verdict]:
        """What each row would do, by the rules the action itself will ask; all rows of the batch that nothing speaks against yet."""
        raise NotImplementedError

    def sequence(self, rows: list[ImportRow]) -> list[ImportRow]:
        """The order in which rows are done."""
        return rows

    def performer(self, batch, by, today) -> Callable[[ImportRow], int]:
        """A function that does one row and returns the key of what came of it; raises ``Refused``."""
        raise NotImplementedError
