"""Whom a staged row speaks of: one statement over all rows of a batch, inside the organisation the file speaks for.

By ID number where the row has one, else by name and birth date as far as the row gives it. Several of one name are told apart by the
place or former unit the row names. The row then belongs where the person belongs.
"""

from apps.core.scope import upper_bound
from apps.core.workbooks.problems import problem
from apps.files.importing.asking import Flag, by_hash, rows_of
from apps.files.importing.comparing import Only
from apps.files.models import ImportBatch
from apps.files.sheetkinds import SheetKind

_RESOLVE = """
WITH asked AS (
  SELECT id, match_index, match_name, match_month, org_path, county_path, "values" ->> '_unit' AS unit
  FROM files_importrow r WHERE r.batch_id = %(batch)s AND (%(only)s IS NULL OR r.id = ANY(%(only)s))
), hits AS (
  SELECT a.id, c.id AS owner, true AS near FROM asked a JOIN {table} c ON c.{key} = a.match_index
  WHERE c.org_path >= %(from)s AND c.org_path < %(to)s AND NOT {hidden}
  UNION ALL
  SELECT a.id, c.id, (a.org_path <> %(from)s AND c.org_path ^@ a.org_path) OR coalesce(c.{unit} <> '' AND c.{unit} = a.unit, false)
  FROM asked a JOIN {table} c ON c.{name} = a.match_name
  WHERE a.match_index IS NULL AND a.match_name <> '' AND c.org_path >= %(from)s AND c.org_path < %(to)s AND c.org_path ^@ a.county_path AND NOT {hidden}
    AND (a.match_month = '' OR left({month}, length(a.match_month)) = left(a.match_month, length({month})))
), found AS (
  SELECT id, count(*) AS many, count(*) FILTER (WHERE near) AS near,
         CASE WHEN count(*) = 1 THEN min(owner) WHEN count(*) FILTER (WHERE near) = 1 THEN min(owner) FILTER (WHERE near) END AS owner
  FROM hits GROUP BY id
), taken AS (
  UPDATE files_importrow r SET owner_id = c.id, org_id = c.org_id, org_path = c.org_path,
    "values" = r."values" || CASE WHEN r.match_name IN ('', c.{name}) THEN jsonb_build_object('_person', c.name) ELSE '{{}}' END
  FROM found f JOIN {table} c ON c.id = f.owner WHERE r.id = f.id
)
SELECT a.id, coalesce(f.many, 0), f.owner IS NOT NULL, a.match_index IS NOT NULL, a.match_name <> '', c.name,
       a.match_name NOT IN ('', c.{name}), a.match_month = '' AND f.near = 0
FROM asked a LEFT JOIN found f USING (id) LEFT JOIN {table} c ON c.id = f.owner
WHERE f.owner IS NULL OR a.match_name NOT IN ('', c.{name}) OR (a.match_index IS NULL AND a.match_month = '' AND f.near = 0)
ORDER BY a.id
"""


def resolve(batch: ImportBatch, kind: SheetKind, elsewhere: frozenset[int], only: Only = None) -> list[Flag]:
    """Give each row its person; problems of the rows whose person isn't certain. ``elsewhere``: rows that other checks have answered."""
    owner = kind.owner
    month = f"left(to_char(c.{owner.born}, 'YYYY-MM'), CASE c.{owner.exactness} WHEN 'year' THEN 4 ELSE 7 END)"
    sql = _RESOLVE.format(table=owner.model._meta.db_table, key=owner.key, name=owner.name, unit=owner.unit, month=month, hidden=f"({owner.hidden})")
    with by_hash():
        found = rows_of(sql, {"batch": batch.pk, "only": None if only is None else list(only), "from": batch.org.path, "to": upper_bound(batch.org.path)})
    flags: list[Flag] = []
    for pk, many, certain, by_key, named, name, differs, weak in found:
        if not certain:
            if pk not in elsewhere and (by_key or named):
                flags.append(_nobody(pk, kind, many, by_key))
        elif differs:
            flags.append((pk, kind.name_field, problem("person_differs", found=name)))
        elif weak:
            flags.append((pk, kind.name_field, problem("person_by_name", found=name)))
    return flags


def _nobody(pk: int, kind: SheetKind, many: int, by_key: bool) -> Flag:
    field = kind.key_field if by_key else kind.name_field
    return (pk, field, problem("person_ambiguous", found=many) if many else problem("person_unknown"))
