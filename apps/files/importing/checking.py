"""The checks that look across rows and into the registry: each one set-based query over the staged rows of a batch.

Rows that turn out wrong are few and get their sentences in Python; everything else happens in the database. Nothing a row holds can
reach outside the organisation the file speaks for: only ``registered_elsewhere`` looks further, and brings back no more than a county's name.
"""

from collections.abc import Iterable

from django.db import connection
from psycopg2.extras import execute_values

from apps.core.scope import system_scope, upper_bound
from apps.core.workbooks.problems import Problem, problem
from apps.files.importing.asking import Flag, rows_of
from apps.files.importing.comparing import Only, limited, match_and_compare
from apps.files.importing.rows import as_json, closed
from apps.files.models import ImportBatch, ImportRow
from apps.files.sheetkinds import SheetKind


def one_at_a_time(batch: ImportBatch) -> None:
    """Imports into the same city wait for one another, so that two files with the same new people without a number are told apart."""
    rows_of("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["import " + "/".join(batch.org.path.split("/")[:3])])


def check(batch: ImportBatch, kind: SheetKind) -> None:
    """All checks of a freshly staged batch; the caller has entered the batch's scope."""
    flags = [*same_key_in_file(batch, kind), *same_person_in_file(batch, kind)]
    flag(batch, kind, [*flags, *registered_elsewhere(batch, kind)])
    match_and_compare(batch, kind)
    set_aside(batch, kind)
    flag(batch, kind, after_matching(batch, kind))


def after_matching(batch: ImportBatch, kind: SheetKind, only: Only = None) -> list[Flag]:
    """What can be asked once it is known whom a row is about."""
    found = [*other_county(batch, kind, only), *kind.merged_problems(batch.pk, batch.org, only), *neighbours(batch, kind, only)]
    return [*found, *not_allowed(batch, kind, only)]


def not_allowed(batch: ImportBatch, kind: SheetKind, only: Only = None) -> list[Flag]:
    """Rows that would do what the uploader has no right to: make a record, or change one."""
    limit, keys = limited(only)
    beyond = [(state, code) for word, state, code in (("create", "new", "create_not_allowed"), ("update", "changed", "update_not_allowed")) if word not in batch.may]
    sql = f"SELECT r.id FROM files_importrow r WHERE r.batch_id = %s AND r.state = %s{limit}"
    return [(pk, kind.key_field, problem(code)) for state, code in beyond for (pk,) in rows_of(sql, [batch.pk, state, *keys])]


def flag(batch: ImportBatch, kind: SheetKind, flags: Iterable[Flag]) -> None:
    """Attach problems to staged rows, located at the field's cell; errors refuse the row."""
    found: dict[int, list[tuple[str, Problem]]] = {}
    for row_id, name, one in flags:
        found.setdefault(row_id, []).append((name, one))
    if not found:
        return
    sheets = {sheet["name"]: sheet for sheet in batch.sheets}
    rows = ImportRow.objects.filter(pk__in=found).values_list("pk", "sheet", "key_shown", "values")
    values = []
    for pk, sheet, key_shown, stored in rows.iterator(chunk_size=5000):
        located = [_located(name, one, sheets[sheet], key_shown, stored, kind) for name, one in found[pk]]
        values.append((pk, as_json(located), any(one.is_error for _, one in found[pk])))
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            "UPDATE files_importrow r SET state = CASE WHEN v.refuse THEN 'refused' ELSE r.state END, problems = r.problems || v.problems::jsonb"
            " FROM (VALUES %s) v(id, problems, refuse) WHERE r.id = v.id",
            values, page_size=1000,
        )  # fmt: skip


def _located(name: str, one: Problem, sheet: dict, key_shown, stored: dict, kind: SheetKind) -> dict:
    key = name == kind.key_field
    value = (key_shown.open() if key_shown is not None else "") if key else str(stored.get(f"_{name}", stored.get(name, "")))
    found = {
        "column": sheet["letters"].get(name, ""), "title": sheet["titles"].get(name, ""), "value": value,
        "code": one.code, "level": one.level, "message": one.message,
    }  # fmt: skip
    return closed(found) if key else found


def place_of(sheet: str, number: int, own_sheet: str) -> str:
    return f"第 {number} 行" if sheet == own_sheet else f"工作表“{sheet}”第 {number} 行"


def same_key_in_file(batch: ImportBatch, kind: SheetKind) -> list[Flag]:
    """The same key twice: the first row stays, later ones are refused; under different names all are, since somebody's number is wrong."""
    sql = """
        SELECT id, sheet, number, first_id, first_sheet, first_number, other_sheet, other_number, names_differ FROM (
          SELECT id, sheet, number, count(*) OVER key AS many,
                 coalesce(min(nullif(match_name, '')) OVER key <> max(match_name) OVER key, false) AS names_differ,
                 first_value(id) OVER sorted AS first_id, first_value(sheet) OVER sorted AS first_sheet, first_value(number) OVER sorted AS first_number,
                 lead(sheet) OVER sorted AS other_sheet, lead(number) OVER sorted AS other_number
          FROM files_importrow WHERE batch_id = %s AND match_index IS NOT NULL
          WINDOW key AS (PARTITION BY match_index), sorted AS (PARTITION BY match_index ORDER BY id)
        ) x WHERE many > 1 AND (id <> first_id OR names_differ) ORDER BY id
    """
    title = kind.fields[kind.key_field].column_name
    flags = []
    for pk, sheet, _, first_id, first_sheet, first_number, other_sheet, other_number, differ in rows_of(sql, [batch.pk]):
        where = place_of(other_sheet, other_number, sheet) if pk == first_id else place_of(first_sheet, first_number, sheet)
        what = f"{title}相同而姓名不同，其中有一个号码抄错了；{title}" if differ else title
        flags.append((pk, kind.key_field, problem("duplicate_in_file", place=where, what=what)))
    return flags


def same_person_in_file(batch: ImportBatch, kind: SheetKind) -> list[Flag]:
    """Rows without a key that another row of the file already has, by name, birth month and place."""
    sql = """
        SELECT id, sheet, twin_sheet, twin_number FROM (
          SELECT id, sheet, match_index, count(*) OVER person AS many,
                 first_value(id) OVER sorted AS twin_id, first_value(sheet) OVER sorted AS twin_sheet, first_value(number) OVER sorted AS twin_number
          FROM files_importrow WHERE batch_id = %s AND match_name <> '' AND match_month <> ''
          WINDOW person AS (PARTITION BY match_name, match_month, org_path),
                 sorted AS (PARTITION BY match_name, match_month, org_path ORDER BY (match_index IS NULL), id)
        ) x WHERE many > 1 AND match_index IS NULL AND id <> twin_id ORDER BY id
    """
    what = "姓名、出生年月、单位"
    return [
        (pk, kind.name_field, problem("duplicate_in_file", place=place_of(twin_sheet, twin_number, sheet), what=what))
        for pk, sheet, twin_sheet, twin_number in rows_of(sql, [batch.pk])
    ]


def registered_elsewhere(batch: ImportBatch, kind: SheetKind, only: Only = None) -> list[Flag]:
    """Keys that a record outside the file's organisation already has. Looks at the whole deployment, tells a county's name and no more."""
    model, column = (kind.owner.model, kind.owner.key) if kind.owner else (kind.model, kind.match_column)
    limit, keys = limited(only)
    sql = f"""
        SELECT r.id, (SELECT o.name FROM accounts_organization o WHERE c.org_path ^@ o.path AND o.level = 'county' LIMIT 1)
        FROM files_importrow r JOIN {model._meta.db_table} c ON c.{column} = r.match_index
        WHERE r.batch_id = %s AND NOT (c.org_path >= %s AND c.org_path < %s){limit}
    """
    with system_scope("import: is this key registered elsewhere"):
        found = rows_of(sql, [batch.pk, batch.org.path, upper_bound(batch.org.path), *keys])
    return [(pk, kind.key_field, _elsewhere(county)) for pk, county in found]


def _elsewhere(county: str | None) -> Problem:
    return problem("other_unit", unit=county or "其他单位")


def _twin_of(kind: SheetKind) -> str:
    """Condition under which record ``c`` may be the person of row ``r``: same name, same month of birth."""
    name, born = kind.twin
    there = f" AND NOT ({kind.hidden})" if kind.hidden else ""
    return f"c.{name} = r.match_name AND to_char(c.{born}, 'YYYY-MM') = r.match_month{there}"


def _lacking(kind: SheetKind) -> tuple[str, str]:
    """One of the two has no key: two conditions rather than one with OR, which no index would serve."""
    return "r.match_index IS NULL", f"r.match_index IS NOT NULL AND c.{kind.match_column} IS NULL"


def set_aside(batch: ImportBatch, kind: SheetKind, only: Only = None) -> None:
    """``new`` rows that look like somebody already there — same name, birth month and place, one of the two without a key — wait for a person's word:
    ``review`` with their ``candidates``. Whoever was judged to be somebody else isn't asked about again."""
    if not kind.twin:
        return
    limit, keys = limited(only)
    pairs = " UNION ALL ".join(
        f"""SELECT r.id, c.id AS candidate FROM files_importrow r JOIN {kind.model._meta.db_table} c
              ON {_twin_of(kind)} AND (c.org_path ^@ r.org_path OR r.org_path ^@ c.org_path)
            WHERE r.batch_id = %s AND r.state = 'new' AND r.match_name <> '' AND r.match_month <> '' AND c.org_path >= %s AND c.org_path < %s AND {lacking}
              AND NOT (r.decision = 'different' AND r.candidates @> to_jsonb(c.id)){limit}"""
        for lacking in _lacking(kind)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE files_importrow r SET state = 'review', decision = '', decided_by_id = NULL, candidates = d.candidates
                FROM (SELECT id, jsonb_agg(DISTINCT candidate ORDER BY candidate) AS candidates FROM ({pairs}) p GROUP BY id) d WHERE r.id = d.id
                RETURNING r.id""",
            [batch.pk, batch.org.path, upper_bound(batch.org.path), *keys] * 2,
        )
        found = cursor.fetchall()
    flag(batch, kind, [(pk, kind.name_field, looks_alike()) for (pk,) in found])


def looks_alike() -> Problem:
    """What stands at the name of a row that waits for a person's word."""
    return problem("possible_duplicate", "warning")


def neighbours(batch: ImportBatch, kind: SheetKind, only: Only = None) -> list[Flag]:
    """New rows whose name and birth month somebody of another unit of the same county has, one of the two without a key: worth a look, no more."""
    if not kind.twin:
        return []
    limit, keys = limited(only)
    county = "'/' || split_part(r.org_path, '/', 2) || '/' || split_part(r.org_path, '/', 3) || '/' || split_part(r.org_path, '/', 4) || '/'"
    found: dict[int, str] = {}
    for lacking in _lacking(kind):
        sql = f"""
            SELECT r.id, min(o.name) FROM files_importrow r JOIN {kind.model._meta.db_table} c ON {_twin_of(kind)}
              AND NOT c.org_path ^@ r.org_path AND NOT r.org_path ^@ c.org_path AND c.org_path ^@ ({county})
            JOIN accounts_organization o ON o.id = c.org_id
            WHERE r.batch_id = %s AND r.state = 'new' AND r.match_name <> '' AND r.match_month <> '' AND c.org_path >= %s AND c.org_path < %s AND {lacking}{limit}
            GROUP BY r.id
        """
        found |= dict(rows_of(sql, [batch.pk, batch.org.path, upper_bound(batch.org.path), *keys]))
    return [(pk, kind.name_field, problem("alike_elsewhere", unit=unit)) for pk, unit in found.items()]


def other_county(batch: ImportBatch, kind: SheetKind, only: Only = None) -> list[Flag]:
    """Matched records that stand in another county than the sheet says: never moved by an import. Another unit of the same county is noted."""
    limit, keys = limited(only)
    sql = f"""
        SELECT r.id, o.name, c.org_path ^@ r.county_path AS same_county FROM files_importrow r
        JOIN {kind.model._meta.db_table} c ON c.id = r.target_id JOIN accounts_organization o ON o.id = c.org_id
        WHERE r.batch_id = %s AND r.county_path <> '' AND r.state IN ('changed', 'unchanged')
          AND NOT c.org_path ^@ r.org_path AND NOT r.org_path ^@ c.org_path{limit}
    """
    return [
        (pk, kind.unit_field, problem("unit_differs", found=unit)) if same else (pk, kind.key_field, _elsewhere(unit))
        for pk, unit, same in rows_of(sql, [batch.pk, *keys])
    ]
