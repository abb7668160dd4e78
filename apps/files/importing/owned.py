"""Rows that belong to people on the register: whose they are, which of that person's records they are about, and writing them.

Everything is set-based, whatever the number of rows; comparing and writing are those of records.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from apps.core.workbooks.problems import problem
from apps.files.importing import checking, writing
from apps.files.importing.asking import Flag, loaded, rows_of
from apps.files.importing.comparing import Only, compare, limited
from apps.files.importing.owners import resolve
from apps.files.models import ImportBatch, RowState
from apps.files.ownedkinds import OwnedKind


def check(batch: ImportBatch, kind: OwnedKind, only: Only = None) -> None:
    """All checks of a freshly staged batch; the caller has entered the batch's scope."""
    settle_owners(batch, kind, only)
    checking.flag(batch, kind, same_in_file(batch, kind, only))
    match(batch, kind, only)
    compare(batch, kind, only)
    if kind.keeps_existing:
        keep(batch, kind, only)
    checking.flag(batch, kind, kind.merged_problems(batch.pk, batch.org, only))
    checking.flag(batch, kind, checking.not_allowed(batch, kind, only))


def settle_owners(batch: ImportBatch, kind: OwnedKind, only: Only = None) -> None:
    """Give each row its person, or say why not."""
    elsewhere = checking.registered_elsewhere(batch, kind, only)
    checking.flag(batch, kind, elsewhere + resolve(batch, kind, frozenset(pk for pk, _, _ in elsewhere), only))
    checking.flag(batch, kind, kind.owner_problems(batch.pk, batch.org, only))


def write(batch: ImportBatch, kind: OwnedKind, *, by, now: datetime, step: Callable[[int], Any], only: Only = None) -> None:
    """Write what the batch would do; people may have moved, died or left since the check."""
    lock_owners(batch, kind, only)
    changed = owner_gone(batch, kind, only) | appeared(batch, kind, only) | writing.edited(batch, kind, only)
    checking.flag(batch, kind, [(pk, kind.key_field, problem("record_changed")) for pk in sorted(changed)])
    against = [*kind.owner_problems(batch.pk, batch.org, only), *kind.merged_problems(batch.pk, batch.org, only)]
    checking.flag(batch, kind, [one for one in against if one[2].is_error])
    follow_owners(batch, kind, only)
    writing.write_settled(batch, kind, by=by, now=now, step=step, only=only)


def _text(kind: OwnedKind, column: str, of_record: bool) -> str:
    expression = kind.natural_columns()[column]
    staged = f"coalesce(r.\"values\" ->> '{column}', r.fresh ->> '{column}')"
    return "coalesce(" + expression.replace("{}", f"c.{column}::text" if of_record else staged) + ", '')"


def _agree(kind: OwnedKind, column: str) -> str:
    staged, record = _text(kind, column, False), _text(kind, column, True)
    either_blank = f" OR {staged} = '' OR {record} = ''" if column in kind.loose else ""
    return f"({staged} = {record}{either_blank})"


def same_in_file(batch: ImportBatch, kind: OwnedKind, only: Only = None) -> list[Flag]:
    """The same record of the same person twice: the first row stays."""
    limit, keys = limited(only)
    columns = list(kind.natural_columns())
    person = ", ".join(["owner_id", *(_text(kind, column, False) for column in columns)])
    sql = f"""
        SELECT id, sheet, first_sheet, first_number FROM (
          SELECT id, sheet, first_value(id) OVER sorted AS first_id, first_value(sheet) OVER sorted AS first_sheet, first_value(number) OVER sorted AS first_number
          FROM files_importrow r WHERE batch_id = %s AND owner_id IS NOT NULL AND state <> '{RowState.REFUSED}'
          WINDOW sorted AS (PARTITION BY {person} ORDER BY id)
        ) r WHERE r.id <> r.first_id{limit} ORDER BY r.id
    """
    what = "、".join(["人员", *(kind.fields[kind.field_of(column)].column_name for column in columns)])
    field = kind.field_of(columns[-1])
    return [
        (pk, field, problem("duplicate_in_file", place=checking.place_of(first_sheet, first_number, sheet), what=what))
        for pk, sheet, first_sheet, first_number in rows_of(sql, [batch.pk, *keys])
    ]


def match(batch: ImportBatch, kind: OwnedKind, only: Only = None) -> None:
    """Rows whose person has such a record already point to it; a record answers one row, the one that agrees best."""
    columns = list(kind.natural_columns())
    limit, keys = limited(only)
    exactly = " AND ".join(f"{_text(kind, column, False)} = {_text(kind, column, True)}" for column in columns)
    rows_of(
        f"""
        WITH pairs AS (
          SELECT r.id AS row_id, c.id, c.version, ({exactly}) AS exact
          FROM files_importrow r JOIN {kind.model._meta.db_table} c ON c.{kind.owner.column} = r.owner_id AND {" AND ".join(_agree(kind, one) for one in columns)}
          WHERE r.batch_id = %s AND r.state = '{RowState.NEW}'{limit}
        ), of_row AS (SELECT DISTINCT ON (row_id) * FROM pairs ORDER BY row_id, exact DESC, id),
        of_record AS (SELECT DISTINCT ON (id) * FROM of_row ORDER BY id, exact DESC, row_id)
        UPDATE files_importrow r SET target_id = m.id, target_version = m.version FROM of_record m WHERE r.id = m.row_id RETURNING r.id
        """,
        [batch.pk, *keys],
    )


def keep(batch: ImportBatch, kind: OwnedKind, only: Only = None) -> None:
    """Records that are there stay as they are, whatever the row says."""
    limit, keys = limited(only)
    found = rows_of(
        f"UPDATE files_importrow r SET state = '{RowState.UNCHANGED}' WHERE r.batch_id = %s AND r.state = '{RowState.CHANGED}'{limit} RETURNING r.id, r.changes",
        [batch.pk, *keys],
    )
    titles = {one.attribute: one.column_name for one in kind.fields.values()}
    flags = []
    for pk, changes in found:
        what = "、".join(titles.get(one["column"], "") for one in loaded(changes))
        flags.append((pk, kind.name_field, problem("record_kept", what=what)))
    checking.flag(batch, kind, flags)


def lock_owners(batch: ImportBatch, kind: OwnedKind, only: Only = None) -> None:
    """Nobody moves a person between the last check and the writing."""
    limit, keys = limited(only)
    rows_of(
        f"SELECT c.id FROM {kind.owner.model._meta.db_table} c WHERE c.id IN (SELECT r.owner_id FROM files_importrow r"
        f" WHERE r.batch_id = %s AND r.state IN ('new', 'changed'){limit}) ORDER BY c.id FOR SHARE OF c",
        [batch.pk, *keys],
    )


def owner_gone(batch: ImportBatch, kind: OwnedKind, only: Only = None) -> set[int]:
    """Rows whose person has left the organisation the file speaks for."""
    limit, keys = limited(only)
    sql = f"""
        SELECT r.id FROM files_importrow r LEFT JOIN {kind.owner.model._meta.db_table} c ON c.id = r.owner_id
        WHERE r.batch_id = %s AND r.state IN ('new', 'changed') AND c.id IS NULL{limit}
    """
    return {pk for (pk,) in rows_of(sql, [batch.pk, *keys])}


def appeared(batch: ImportBatch, kind: OwnedKind, only: Only = None) -> set[int]:
    """New rows whose record somebody has made since the check; records that other rows of the file are about don't count."""
    limit, keys = limited(only)
    agree = " AND ".join(_agree(kind, column) for column in kind.natural_columns())
    sql = f"""
        SELECT DISTINCT r.id FROM files_importrow r JOIN {kind.model._meta.db_table} c ON c.{kind.owner.column} = r.owner_id AND {agree}
        WHERE r.batch_id = %s AND r.state = 'new'{limit}
          AND NOT EXISTS (SELECT FROM files_importrow o WHERE o.batch_id = r.batch_id AND o.target_id = c.id AND o.state IN ('changed', 'unchanged'))
    """
    return {pk for (pk,) in rows_of(sql, [batch.pk, *keys])}


def follow_owners(batch: ImportBatch, kind: OwnedKind, only: Only = None) -> None:
    """A record belongs where its person belongs now."""
    limit, keys = limited(only)
    rows_of(
        f"""UPDATE files_importrow r SET org_id = c.org_id, org_path = c.org_path FROM {kind.owner.model._meta.db_table} c
            WHERE r.batch_id = %s AND r.state = 'new' AND c.id = r.owner_id AND c.org_path <> r.org_path{limit} RETURNING r.id""",
        [batch.pk, *keys],
    )
