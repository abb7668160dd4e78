"""The workbook of a list, in constant memory: one query read row by row, written as it comes."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from django.utils import timezone

from apps.activity import audit
from apps.core.scope import Scope
from apps.core.sheets_out import Column, SheetOut, write_xlsx
from apps.files.exporting.kinds import ExportKind

EVERY = 500


@dataclass(frozen=True)
class Wanted:
    """One export as asked for; ``by`` is the user, ``org`` the place he acts for, ``asked_at`` the moment that stands on the sheet."""

    kind: ExportKind
    query: dict[str, str]
    columns: list[str]
    full: bool
    reason: str
    by: object
    org: object
    asked_at: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.asked_at)

    @property
    def name(self) -> str:
        return f"{self.kind.title} {self.today:%Y%m%d}.xlsx"


def mark(wanted: Wanted, count: int) -> str:
    """The line on top of the sheet and of every printed page: who, when, why, how many."""
    closed = any(column.closed for column in wanted.kind.chosen(wanted.columns))
    parts = ["内部资料，注意保密", f"导出人：{wanted.by}（{wanted.org.name}）", f"{timezone.localtime(wanted.asked_at):%Y-%m-%d %H:%M}", f"共 {count:,} {wanted.kind.unit}"]
    parts += [f"用途：{wanted.reason}"] if wanted.reason else []
    return "　".join(parts + (["含证件号码、电话原文" if wanted.full else "证件号码、电话已遮盖"] if closed else []))


def write(wanted: Wanted, scope: Scope, count: int, target: BinaryIO, tick: Callable[[int], None] = lambda done: None) -> int:
    """Write the workbook inside the caller's scope and note it in the audit; returns the rows written. ``tick`` hears of progress and may raise."""
    chosen = wanted.kind.chosen(wanted.columns)
    columns = [Column(column.title, column.width, column.kind) for column in chosen]
    with closing(wanted.kind.rows(scope, wanted.query, [column.key for column in chosen], wanted.full, wanted.today)) as rows:
        counted = _Ticking(rows, tick)
        write_xlsx(target, [SheetOut(wanted.kind.title, wanted.kind.title, columns, counted, mark=mark(wanted, count))], moment=wanted.asked_at)
    data = {"rows": counted.done, "columns": [column.title for column in chosen], "full": wanted.full, "query": wanted.kind.told(wanted.query)}
    title = f"{wanted.kind.title} {counted.done} {wanted.kind.unit}"
    audit.record(wanted.kind.verb, by=wanted.by, note=wanted.reason, data=data, org_path=wanted.org.path, title=title)
    return counted.done


class _Ticking:
    def __init__(self, rows, tick: Callable[[int], None]) -> None:
        self._rows, self._tick, self.done = rows, tick, 0

    def __iter__(self) -> Iterator:
        for row in self._rows:
            self.done += 1
            if self.done % EVERY == 0:
                self._tick(self.done)
            yield row
