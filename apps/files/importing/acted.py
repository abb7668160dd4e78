"""Rows that are actions: judged beforehand by the rules the action will ask, then done one by one, each in a savepoint of the batch's transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg2.extras import execute_values

from apps.core.refusal import Refused
from apps.core.workbooks.problems import Problem, problem
from apps.files.actedkinds import ActedKind, Verdict
from apps.files.importing import checking, owned
from apps.files.importing.asking import Flag
from apps.files.importing.comparing import Only
from apps.files.importing.rows import as_json
from apps.files.models import ImportBatch, ImportRow, RowState

OPEN = (RowState.NEW, RowState.CHANGED)
OFTEN = 20


def check(batch: ImportBatch, kind: ActedKind, only: Only = None) -> None:
    """All checks of a freshly staged batch; the caller has entered the batch's scope."""
    if kind.owner:
        owned.settle_owners(batch, kind, only)
    judge(batch, kind, only)
    checking.flag(batch, kind, checking.not_allowed(batch, kind, only))


def write(batch: ImportBatch, kind: ActedKind, *, by, now: datetime, step: Callable[[int], Any], only: Only = None) -> None:
    """Judge once more, for much may have happened since, and do what is still to be done."""
    if kind.owner:
        owned.lock_owners(batch, kind, only)
        checking.flag(batch, kind, [(pk, kind.key_field, problem("record_changed")) for pk in owned.owner_gone(batch, kind, only)])
    judge(batch, kind, only)
    perform, flags, done = kind.performer(batch, by, timezone.localdate(now)), [], []
    for number, row in enumerate(kind.sequence(open_rows(batch, only)), 1):
        try:
            with transaction.atomic():
                done.append((row.pk, perform(row)))
        except Refused as refused:
            flags.append(_refusal(row, kind, refused))
        if number % OFTEN == 0:
            step(number)
    _point_to(done)
    checking.flag(batch, kind, flags)
    kind.after_apply(batch, by, only, now=now)


def open_rows(batch: ImportBatch, only: Only = None) -> list[ImportRow]:
    rows = ImportRow.objects.filter(batch=batch, state__in=OPEN).defer("problems", "cells", "key_shown").order_by("pk")
    return list(rows if only is None else rows.filter(pk__in=list(only)))


def judge(batch: ImportBatch, kind: ActedKind, only: Only = None) -> None:
    """Put down what each row would do, and what speaks against it."""
    verdicts: list[Verdict] = list(kind.judge(batch, open_rows(batch, only)))
    values = [(one.row.pk, one.state, one.target, as_json(one.values), as_json(one.changes)) for one in verdicts]
    if not values:
        return
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            'UPDATE files_importrow r SET state = v.state, target_id = v.target::bigint, "values" = r."values" || v.more::jsonb, changes = v.changes::jsonb'
            " FROM (VALUES %s) v(id, state, target, more, changes) WHERE r.id = v.id",
            values, page_size=1000,
        )  # fmt: skip
    checking.flag(batch, kind, [(one.row.pk, name, found) for one in verdicts for name, found in one.problems])


def _refusal(row: ImportRow, kind: ActedKind, refused: Refused) -> Flag:
    field = kind.field_of(refused.field or "")
    return row.pk, field if field in kind.fields else kind.name_field, Problem(refused.code, "error", refused.sentence)


def _point_to(done: list[tuple[int, int]]) -> None:
    if done:
        with connection.cursor() as cursor:
            execute_values(
                cursor.cursor, "UPDATE files_importrow r SET target_id = v.target::bigint FROM (VALUES %s) v(id, target) WHERE r.id = v.id", done, page_size=1000
            )
