"""What an app above declares of a list that may leave the house."""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.accounts.permissions import Right
from apps.core.registry import Registry
from apps.core.scope import Scope


@dataclass(frozen=True)
class ExportColumn:
    """``closed`` columns hold numbers that stand masked unless asked for in the clear; ``usual`` ones are ticked at first."""

    key: str
    title: str
    group: str = ""
    width: float = 13
    kind: str = "text"
    closed: bool = False
    usual: bool = True


@dataclass(frozen=True)
class ExportKind:
    """``columns()`` in their order, nothing secret among them. ``count(scope, query, today, most)`` counts up to ``most`` rows of the list that
    ``query`` (the URL's parameters) shows; ``rows(scope, query, keys, full, today)`` is a generator of them in the list's order, a value per column key; it is
    closed before the transaction ends, and its database cursor with it.

    ``told(query)`` is the query as the audit may keep it: nothing that was typed. Whoever exports needs ``right``, for closed values in the
    clear also ``reveal`` (None: there are none). ``verb`` is the audit's.
    """

    key: str
    title: str
    unit: str
    right: Right
    verb: str
    back: str
    columns: Callable[[], Sequence[ExportColumn]]
    count: Callable[[Scope, dict[str, str], date, int], int]
    rows: Callable[[Scope, dict[str, str], list[str], bool, date], Generator[Sequence[Any]]]
    told: Callable[[dict[str, str]], str]
    reveal: Right | None = None

    def chosen(self, keys: Iterable[str]) -> list[ExportColumn]:
        """Columns of these keys in the order of the list."""
        wanted = set(keys)
        return [column for column in self.columns() if column.key in wanted]


EXPORTS: Registry[ExportKind] = Registry("export")
