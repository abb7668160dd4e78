"""A person's word on rows that may be somebody already on the register: the same person, somebody else, or later.

While a batch waits for its confirmation a decision changes what the batch would do; once it is applied, a decision writes its row at once.
Decisions on one batch wait for one another at its row, so that two people, or a person and a worker, never settle the same row twice.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.permissions import RIGHT_NAMES, Right
from apps.activity import audit
from apps.core.refusal import Refused
from apps.core.scope import upper_bound
from apps.files.actions.telling import count_rows
from apps.files.importing import checking, comparing, writing
from apps.files.importing.checking import rows_of
from apps.files.models import BatchState, Decision, ImportBatch, ImportRow, RowState
from apps.files.sheetkinds import SHEETS, SheetKind

NOT_NOW = {
    BatchState.CONFIRMED: "这一批正在写入，写完后再判断。",
    BatchState.APPLYING: "这一批正在写入，写完后再判断。",
    BatchState.QUEUED: "这一批正在重新核对，核对完再判断。",
    BatchState.READING: "这一批正在重新核对，核对完再判断。",
}
ASKING = "possible_duplicate"
MATCHED = ("new", "changed", "unchanged")


@transaction.atomic
def judge_row(
    *, batch: ImportBatch, row_id: int, decision: Decision | str, by: User, rights: frozenset[Right], now: datetime, target: int = 0, version: int = 0
) -> ImportRow:
    """Say of one row whom it is about. ``same`` needs the candidate's key and the version that was looked at.

    Raises ``Refused``: somebody else has decided, the batch is at work or over, the candidate has changed or is another row's already.
    """
    batch, kind, decision = locked(batch), SHEETS[batch.kind], Decision(decision)
    row = ImportRow.objects.select_for_update(of=("self",)).select_related("decided_by").filter(pk=row_id, batch=batch).first()
    if row is None:
        raise Refused("这一行已经不在了，文件可能重新核对过。", code="gone", status=409)
    if row.state != RowState.REVIEW:
        raise Refused(f"这一行已由{row.decided_by or '别人'}判断为“{row.get_decision_display()}”。", code="already", status=409)
    _may(kind, decision, rights)
    changed = {"decision": decision, "decided_by": by}
    if decision == Decision.SAME:
        changed |= {"target_id": target, "target_version": _seen(batch, kind, row, target, version)}
    ImportRow.objects.filter(pk=row.pk).update(**changed)
    if decision != Decision.LATER:
        _settle(batch, kind, [row.pk], by, now)
    data = {"sheet": row.sheet, "row": row.number, "decision": str(decision)} | ({"record": target} if decision == Decision.SAME else {})
    audit.record("import.judged", batch, by=by, title=kind.title, data=data)
    row.refresh_from_db()
    return row


@transaction.atomic
def judge_all(*, batch: ImportBatch, decision: Decision | str, by: User, rights: frozenset[Right], now: datetime) -> int:
    """The same word for every row that waits; ``same`` only where there is one candidate and no other row claims it. How many it was."""
    batch, kind, decision = locked(batch), SHEETS[batch.kind], Decision(decision)
    _may(kind, decision, rights)
    waiting = ImportRow.objects.filter(batch=batch, state=RowState.REVIEW)
    if decision == Decision.SAME:
        keys = _take_only_candidates(batch, kind, by)
    else:
        keys = list(waiting.values_list("pk", flat=True))
        waiting.update(decision=decision, decided_by=by)
    if keys and decision != Decision.LATER:
        _settle(batch, kind, keys, by, now)
    if keys:
        audit.record("import.judged", batch, by=by, title=kind.title, data={"rows": len(keys), "decision": str(decision)})
    return len(keys)


@transaction.atomic
def reconsider(*, batch: ImportBatch, row_id: int, by: User) -> None:
    """Put a judged row back into the queue, as long as the batch has not been applied."""
    batch, kind = locked(batch), SHEETS[batch.kind]
    if batch.state != BatchState.CHECKED:
        raise Refused("这一批已经写入，判断不能再改。如判断错了，请到档案里办理“合并档案”或更正。", code="too_late", status=409)
    judged = ImportRow.objects.filter(pk=row_id, batch=batch, decision__in=(Decision.SAME, Decision.DIFFERENT)).exclude(state=RowState.REVIEW)
    row = judged.select_for_update(of=("self",)).first()
    if row is None:
        raise Refused("这一行没有判断过。", code="not_judged", status=409)
    if row.decision == Decision.SAME:
        ImportRow.objects.filter(pk=row.pk).update(state=RowState.CHANGED)
    found = {one.code for _, _, one in checking.after_matching(batch, kind, [row.pk])}
    key = rows_of(f"SELECT nextval(pg_get_serial_sequence('{kind.model._meta.db_table}', 'id')::regclass)", [])[0][0]
    ImportRow.objects.filter(pk=row.pk).update(
        state=RowState.REVIEW, decision="", decided_by=None, target_id=key, target_version=None, changes=[],
        problems=[one for one in row.problems if one["code"] not in found],
    )
    checking.flag(batch, kind, [(row.pk, kind.name_field, checking.looks_alike())])
    recount(batch)
    audit.record("import.judged", batch, by=by, title=kind.title, data={"sheet": row.sheet, "row": row.number, "decision": "again"})


def locked(batch: ImportBatch) -> ImportBatch:
    found = ImportBatch.objects.select_for_update(of=("self",)).select_related("org", "file").get(pk=batch.pk)
    if found.state not in (BatchState.CHECKED, BatchState.APPLIED):
        raise Refused(NOT_NOW.get(found.state, "这一批已经结束，不用再判断。"), code="not_now", status=409)
    return found


def _may(kind: SheetKind, decision: Decision, rights: frozenset[Right]) -> None:
    needed = {Decision.SAME: kind.updates, Decision.DIFFERENT: kind.creates}.get(decision)
    if needed and needed not in rights:
        raise Refused(f"您的角色没有「{RIGHT_NAMES[needed]}」的权限。", code="right_missing", status=403)


def _seen(batch: ImportBatch, kind: SheetKind, row: ImportRow, target: int, version: int) -> int:
    """The candidate's version, which must be the one that was looked at."""
    if target not in row.candidates:
        raise Refused("请选择这一行是其中的哪一位。", code="target_unknown", field="target")
    found = rows_of(
        f"SELECT c.version, c.{kind.match_column} IS NOT NULL AND c.{kind.match_column} IS DISTINCT FROM %s AND %s::bytea IS NOT NULL"
        f" FROM {kind.model._meta.db_table} c WHERE c.id = %s AND c.org_path >= %s AND c.org_path < %s",
        [row.match_index, row.match_index, target, batch.org.path, upper_bound(batch.org.path)],
    )
    if not found or found[0] != (version, False):
        raise Refused("您对照的这份档案刚刚有变化，请再看一眼。", code="stale", status=409)
    claimed = ImportRow.objects.filter(batch=batch, target_id=target, state__in=MATCHED).first()
    if claimed:
        where = f"{claimed.sheet} 第 {claimed.number} 行" if claimed.sheet else f"第 {claimed.number} 行"
        raise Refused(f"本文件{where}已经对应这份档案，两行不能都是同一人。", code="claimed", status=409)
    return version


def _take_only_candidates(batch: ImportBatch, kind: SheetKind, by: User) -> list[int]:
    """Match rows to their one candidate, set-based; rows that share a candidate, or whose candidate another row has, go on waiting."""
    found = rows_of(
        f"""
        WITH lone AS (
          SELECT r.id, (r.candidates ->> 0)::bigint AS target, count(*) OVER (PARTITION BY r.candidates) AS sharing
          FROM files_importrow r WHERE r.batch_id = %s AND r.state = 'review' AND jsonb_array_length(r.candidates) = 1
        )
        UPDATE files_importrow r SET decision = 'same', decided_by_id = %s, target_id = c.id, target_version = c.version
        FROM lone JOIN {kind.model._meta.db_table} c ON c.id = lone.target
        WHERE r.id = lone.id AND lone.sharing = 1 AND c.org_path >= %s AND c.org_path < %s
          AND (r.match_index IS NULL OR c.{kind.match_column} IS NULL)
          AND NOT EXISTS (SELECT FROM files_importrow o WHERE o.batch_id = r.batch_id AND o.target_id = c.id AND o.state IN ('new', 'changed', 'unchanged'))
        RETURNING r.id
        """,
        [batch.pk, by.pk, batch.org.path, upper_bound(batch.org.path)],
    )
    return [pk for (pk,) in found]


def _settle(batch: ImportBatch, kind: SheetKind, keys: Sequence[int], by: User, now: datetime) -> None:
    """What the decided rows would do is asked anew, of them alone; those of a batch that is applied already do it."""
    rows_of(
        "UPDATE files_importrow r SET state = 'new', problems = coalesce((SELECT jsonb_agg(p) FROM jsonb_array_elements(r.problems) p WHERE p ->> 'code' <> %s), '[]')"
        " WHERE r.id = ANY(%s) RETURNING r.id",
        [ASKING, list(keys)],
    )
    comparing.compare(batch, kind, keys, with_key=True)
    checking.flag(batch, kind, checking.after_matching(batch, kind, keys))
    if batch.state == BatchState.APPLIED:
        checking.one_at_a_time(batch)
        writing.write(batch, kind, by=by, now=now, step=lambda rows: None, only=keys)
    recount(batch)


def recount(batch: ImportBatch) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(counts=count_rows(batch))
