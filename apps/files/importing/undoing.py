"""What taking a batch back would do, and doing it: one temporary table of verdicts, made by a few statements whatever the number of rows.

A record the batch made is removed if nobody has touched it and nothing refers to it. A field the batch changed goes back if it still holds what the
batch wrote. Everything else stays and says why. Verdicts look at the whole deployment, since a record may have moved; writing keeps to the
organisation the file spoke for.
"""

from datetime import datetime

from django.db import connection

from apps.core.crypto import EncryptedTextField, decrypt
from apps.core.scope import system_scope, upper_bound
from apps.files.importing.asking import loaded, rows_of
from apps.files.importing.references import Reference, own_making, references
from apps.files.importing.rows import as_json
from apps.files.importing.writing import KEPT, columns_of
from apps.files.models import ImportBatch, Undone
from apps.files.registry import OWN_MAKING
from apps.files.sheetkinds import SheetKind

PAGE = 5_000
NOTE = "~"
"""Between the column of side notes and a note's own title, in the names of what goes back."""


def lock(batch: ImportBatch, kind: SheetKind) -> None:
    """Nobody edits a record, or adds anything to it, between its verdict and the writing."""
    rows_of(
        f"SELECT c.id FROM {kind.model._meta.db_table} c JOIN files_importrow r ON r.target_id = c.id"
        " WHERE r.batch_id = %s AND r.state IN ('new', 'changed') ORDER BY c.id FOR UPDATE OF c",
        [batch.pk],
    )


def judge(batch: ImportBatch, kind: SheetKind) -> None:
    """Fill the temporary table ``undoing``: a verdict (``Undone``), what goes back, and reasons for each row the batch has written."""
    with system_scope("import: what can be taken back"):
        _run(
            "DROP TABLE IF EXISTS undoing;"
            "CREATE TEMPORARY TABLE undoing (row_id bigint PRIMARY KEY, target_id bigint, base int, made boolean, verdict text,"
            " back jsonb DEFAULT '{}', reasons jsonb DEFAULT '[]') ON COMMIT DROP; GRANT SELECT ON undoing TO PUBLIC"
        )
        _made(batch, kind)
        _changed(batch, kind)
        _run("ANALYZE undoing")
        _referred(kind)
        _opened(batch, kind)
        _contradictions(kind)
        _settle()
        _who(kind)


def _run(sql: str, params: list | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def _standing(base: str) -> str:
    """SQL: reasons that lie in the record as a whole."""
    return f"""CASE WHEN c.id IS NULL THEN '[{{"code": "gone"}}]'::jsonb
                WHEN NOT (c.org_path >= %s AND c.org_path < %s) THEN jsonb_build_array(jsonb_build_object('code', 'elsewhere', 'place',
                  (SELECT o.name FROM accounts_organization o WHERE c.org_path ^@ o.path AND o.level = 'county' LIMIT 1)))
                {base} ELSE '[]' END"""


def _made(batch: ImportBatch, kind: SheetKind) -> None:
    edited = """WHEN c.version <> 1 THEN '[{"code": "edited"}]'"""
    _run(
        f"""INSERT INTO undoing (row_id, target_id, base, made, verdict, reasons)
            SELECT r.id, r.target_id, 1, true, '', {_standing(edited)}
            FROM files_importrow r LEFT JOIN {kind.model._meta.db_table} c ON c.id = r.target_id WHERE r.batch_id = %s AND r.state = 'new'""",
        [batch.org.path, upper_bound(batch.org.path), batch.pk],
    )


def sealed_followers(kind: SheetKind) -> list[str]:
    """Encrypted columns that another column speaks for: their bytes say nothing."""
    sealed = [one.column for one in kind.model._meta.concrete_fields if isinstance(one, EncryptedTextField)]
    return [name for name in sealed if kind.leader(name) != name]


def _changed(batch: ImportBatch, kind: SheetKind) -> None:
    """Field by field: columns that belong together go back together, side notes one by one."""
    aside = kind.aside or "~none"
    _run(
        f"""
        WITH written AS (
          SELECT r.id, r.target_id, r.target_version + 1 AS base, r.before, to_jsonb(c) AS now, r."values",
                 to_jsonb(jsonb_populate_record(NULL::{kind.model._meta.db_table}, r."values" - %(aside)s)) AS wrote, {_standing('')} AS reasons
          FROM files_importrow r LEFT JOIN {kind.model._meta.db_table} c ON c.id = r.target_id
          WHERE r.batch_id = %(batch)s AND r.state = 'changed' AND r.before IS NOT NULL
        ), entries AS (
          SELECT w.id, coalesce(%(leaders)s::jsonb ->> b.key, b.key) AS leader, b.key, b.value AS was, w.now -> b.key AS now, w.wrote -> b.key AS wrote
          FROM written w, jsonb_each(w.before) b WHERE b.key <> %(aside)s
          UNION ALL
          SELECT w.id, %(aside)s || '{NOTE}' || n.key, %(aside)s || '{NOTE}' || n.key, n.value, coalesce(w.now -> %(aside)s -> n.key, 'null'),
                 w."values" -> %(aside)s -> n.key
          FROM written w, jsonb_each(CASE WHEN jsonb_typeof(w.before -> %(aside)s) = 'object' THEN w.before -> %(aside)s ELSE '{{}}' END) n
        ), fields AS (
          SELECT id, leader, bool_and(key = ANY(%(sealed)s) OR now IS NOT DISTINCT FROM wrote) AS holds,
                 bool_and(key = ANY(%(sealed)s) OR now IS NOT DISTINCT FROM was) AS back_already, jsonb_object_agg(key, was) AS was
          FROM entries GROUP BY id, leader
        ), rows AS (
          SELECT id, jsonb_agg(jsonb_build_object('code', 'edited', 'column', leader) ORDER BY leader) FILTER (WHERE NOT holds AND NOT back_already) AS lost
          FROM fields GROUP BY id
        ), going AS (
          SELECT f.id, jsonb_object_agg(e.key, e.value) AS back FROM fields f, jsonb_each(f.was) e WHERE f.holds AND NOT f.back_already GROUP BY f.id
        )
        INSERT INTO undoing (row_id, target_id, base, made, verdict, back, reasons)
        SELECT w.id, w.target_id, w.base, false, '', CASE WHEN w.reasons = '[]' THEN coalesce(g.back, '{{}}') ELSE '{{}}' END,
               CASE WHEN w.reasons = '[]' THEN coalesce(r.lost, '[]') ELSE w.reasons END
        FROM written w LEFT JOIN rows r USING (id) LEFT JOIN going g USING (id)
        """.replace("c.org_path >= %s AND c.org_path < %s", "c.org_path >= %(from)s AND c.org_path < %(to)s"),
        {
            "aside": aside, "batch": batch.pk, "leaders": as_json(dict(kind.leaders)), "sealed": sealed_followers(kind), "from": batch.org.path,
            "to": upper_bound(batch.org.path),
        },
    )  # fmt: skip


def _referred(kind: SheetKind) -> None:
    """Records made by the batch that something else hangs on by now."""
    for one in references(kind.model):
        _run(
            f"""UPDATE undoing u SET reasons = u.reasons || jsonb_build_array(jsonb_build_object('code', 'has', 'what', %s::text))
                WHERE u.made AND NOT u.reasons @> '[{{"code": "gone"}}]' AND NOT u.reasons @> '[{{"code": "elsewhere"}}]'
                  AND u.target_id IN (SELECT x."{one.column}" FROM {one.table} x WHERE {one.condition})""",
            [one.words],
        )


def _opened(batch: ImportBatch, kind: SheetKind) -> None:
    """Encrypted values without an index are compared opened: the same number may have been sealed anew."""
    table = kind.model._meta.db_table
    for name in kind.opaque:
        aad, last = kind.model._meta.get_field(name).aad, 0
        while True:
            found = rows_of(
                f"""SELECT u.row_id, c.{name}, (r."values" ->> '{name}')::bytea, r.before FROM undoing u JOIN files_importrow r ON r.id = u.row_id
                    JOIN {table} c ON c.id = u.target_id WHERE u.row_id > %s AND u.reasons @> %s ORDER BY u.row_id LIMIT {PAGE}""",
                [last, as_json([{"code": "edited", "column": name}])],
            )
            if not found:
                break
            last = found[-1][0]
            equal = [
                (pk, as_json({key: was for key, was in loaded(before).items() if kind.leader(key) == name}))
                for pk, now, wrote, before in found
                if now is not None and wrote is not None and decrypt(now, aad) == decrypt(wrote, aad)
            ]
            _run(
                """UPDATE undoing u SET back = u.back || v.back::jsonb,
                     reasons = coalesce((SELECT jsonb_agg(x) FROM jsonb_array_elements(u.reasons) x WHERE x ->> 'column' IS DISTINCT FROM %s), '[]')
                   FROM unnest(%s::bigint[], %s::text[]) v(id, back) WHERE u.row_id = v.id""",
                [name, [pk for pk, _ in equal], [back for _, back in equal]],
            )


def _contradictions(kind: SheetKind) -> None:
    """Records that would break a rule of their table if only some of their fields went back stay as they are."""
    table = kind.model._meta.db_table
    rules = rows_of("SELECT conname, pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass ORDER BY conname", [table])
    if not rules:
        return
    said = {one.name: str(getattr(one, "violation_error_message", "") or "") for one in kind.model._meta.constraints}
    broken = ", ".join(f"CASE WHEN ({rule}) IS FALSE THEN %s END" for _, rule in ((name, rule.replace("%", "%%")) for name, rule in rules))
    words = [said.get(name) if said.get(name) and not said[name].startswith("Constraint") else "各项互相矛盾。" for name, _ in rules]
    _run(
        f"""UPDATE undoing u SET back = '{{}}', reasons = u.reasons || jsonb_build_array(jsonb_build_object('code', 'contradicts', 'what', d.what))
            FROM (SELECT undo_row_id, coalesce({broken}) AS what FROM (
                    SELECT u.row_id AS undo_row_id, p.* FROM undoing u JOIN {table} c ON c.id = u.target_id
                    CROSS JOIN LATERAL jsonb_populate_record(c, u.back) p WHERE NOT u.made AND u.back <> '{{}}'
                  ) q) d WHERE u.row_id = d.undo_row_id AND d.what IS NOT NULL""",
        words,
    )


def _settle() -> None:
    _run(
        f"""UPDATE undoing SET verdict = CASE WHEN made AND reasons = '[]' THEN '{Undone.REMOVED}' WHEN made THEN '{Undone.KEPT}'
              WHEN reasons = '[]' THEN '{Undone.RESTORED}' WHEN back <> '{{}}' THEN '{Undone.PARTLY}' ELSE '{Undone.KEPT}' END"""
    )


def _who(kind: SheetKind) -> None:
    """Who has changed what is kept, as far as the record's history tells: the first saving after the import that differs from it."""
    event = getattr(kind.model, "pgh_event_model", None)
    if event is None:
        return
    table = event._meta.db_table
    _run(
        f"""
        UPDATE undoing u SET reasons = d.reasons FROM (
          SELECT u.row_id, jsonb_agg(x.value || coalesce(e.who, '{{}}') ORDER BY x.ordinality) AS reasons
          FROM undoing u JOIN files_importrow r ON r.id = u.row_id CROSS JOIN jsonb_array_elements(u.reasons) WITH ORDINALITY x
          LEFT JOIN LATERAL (
            SELECT jsonb_build_object('by', (k.metadata ->> 'user')::bigint, 'at', e.pgh_created_at) AS who
            FROM {table} e LEFT JOIN pghistory_context k ON k.id = e.pgh_context_id
            WHERE e.pgh_obj_id = u.target_id AND e.version > u.base
              AND (u.made OR NOT to_jsonb(e) ? (x.value ->> 'column') OR to_jsonb(e) -> (x.value ->> 'column') IS DISTINCT FROM r."values" -> (x.value ->> 'column'))
            ORDER BY e.pgh_id LIMIT 1
          ) e ON x.value ->> 'code' = 'edited'
          WHERE u.reasons @> '[{{"code": "edited"}}]' GROUP BY u.row_id
        ) d WHERE u.row_id = d.row_id
        """
    )


def counts(batch: ImportBatch) -> dict[str, int]:
    """Verdict → rows, and ``fields``: how many values go back; of the table ``judge`` has filled."""
    found = dict(rows_of("SELECT verdict, count(*) FROM undoing GROUP BY 1", []))
    fields = rows_of("SELECT count(*) FROM undoing u, jsonb_each(u.back) WHERE NOT u.made", [])[0][0]
    return {verdict.value: found.get(verdict.value, 0) for verdict in Undone} | {"fields": fields}


def verdicts(verdict: str, first: int, size: int) -> list[tuple[int, list[dict]]]:
    """(staged row, reasons) of one verdict, in the order of the file."""
    found = rows_of("SELECT row_id, reasons FROM undoing WHERE verdict = %s ORDER BY row_id OFFSET %s LIMIT %s", [verdict, first, size])
    return [(pk, loaded(reasons)) for pk, reasons in found]


def carry_out(batch: ImportBatch, kind: SheetKind, *, now: datetime, step) -> None:
    """Do what ``judge`` found, inside the batch's scope; ``step(rows)`` tells progress."""
    table = kind.model._meta.db_table
    for one in own_making(kind.model):
        _clear(one)
    removed = _run(f"DELETE FROM {table} c USING undoing u WHERE u.verdict = '{Undone.REMOVED}' AND c.id = u.target_id AND c.version = 1")
    step(removed)
    step(removed + _put_back(kind, now))
    _run("UPDATE files_importrow r SET undone = u.verdict, undone_reason = u.reasons FROM undoing u WHERE r.id = u.row_id AND r.batch_id = %s", [batch.pk])


def _clear(one: Reference) -> None:
    """What the portal had opened by itself for records that go."""
    going = f"""SELECT x.id FROM {one.table} x JOIN undoing u ON u.target_id = x."{one.column}" WHERE u.verdict = '{Undone.REMOVED}' AND {one.condition}"""
    for table, column in OWN_MAKING[one.table].with_them:
        _run(f'DELETE FROM {table} WHERE "{column}" IN ({going})')
    _run(f"DELETE FROM {one.table} WHERE id IN ({going})")


def _put_back(kind: SheetKind, now: datetime) -> int:
    table, columns = kind.model._meta.db_table, columns_of(kind.model)
    names = [name for name in columns if name not in KEPT]
    left, right = ", ".join(f'"{name}"' for name in names), ", ".join(f'p."{name}"' for name in names)
    stamp = ", updated_at = %s" if "updated_at" in columns else ""
    return _run(
        f"""UPDATE {table} c SET ({left}) = (SELECT {right} FROM jsonb_populate_record(c, u.back || {_notes(kind)}) p), version = c.version + 1{stamp}
            FROM undoing u WHERE NOT u.made AND u.back <> '{{}}' AND c.id = u.target_id""",
        [now] if stamp else [],
    )


def _notes(kind: SheetKind) -> str:
    """SQL for the column of side notes as it will be: notes that were there before come back, those the batch brought go."""
    if not kind.aside:
        return "'{}'::jsonb"
    mark = f"{kind.aside}{NOTE}"
    own = f"SELECT jsonb_object_agg(substr(b.key, {len(mark) + 1}), b.value) FROM jsonb_each(u.back) b WHERE b.key ^@ '{mark}'"
    return f"""jsonb_build_object('{kind.aside}', (SELECT coalesce(jsonb_object_agg(n.key, n.value) FILTER (WHERE n.value <> 'null'), '{{}}')
                 FROM jsonb_each(c.{kind.aside} || coalesce(({own}), '{{}}')) n))"""
