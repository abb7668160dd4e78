"""What can only be asked of a staged row together with the record it would change."""

import json
from collections.abc import Iterable

from django.db import connection

from apps.cadres.columns import SEARCHED, search_vector
from apps.cadres.models import Cadre, Standing, periods
from apps.core.workbooks.problems import Problem, problem
from apps.files.importing.comparing import limited

PAGE = 2_000
IN_ORDER = (("born_on", "work_started_on"), ("work_started_on", "retired_on"), ("born_on", "retired_on"))


def _title(name: str) -> str:
    return str(Cadre._meta.get_field(name).verbose_name)


def merged_problems(batch_id: int, only: Iterable[int] | None = None) -> list[tuple[int, str, Problem]]:
    """(staged row, field, problem): dates out of order and 离休 after 1949 once row and record are one; the dead and the departed; new names."""
    limit, keys = limited(only)
    sql = f"""
        SELECT r.id, r.fresh ->> 'standing', c.standing, c.deceased_on, c.name, r."values" ->> 'name', c.name_key = r.match_name,
               r."values" ?| ARRAY['born_on', 'work_started_on', 'retired_on', 'revolution_started_on', 'retire_kind'],
               coalesce(r."values" ->> 'retire_kind', c.retire_kind),
               coalesce((r."values" ->> 'born_on')::date, c.born_on), coalesce((r."values" ->> 'work_started_on')::date, c.work_started_on),
               coalesce((r."values" ->> 'retired_on')::date, c.retired_on),
               coalesce((r."values" ->> 'revolution_started_on')::date, c.revolution_started_on)
        FROM files_importrow r JOIN cadres_cadre c ON c.id = r.target_id
        WHERE r.batch_id = %s AND r.state IN ('changed', 'unchanged') AND (r.state = 'changed' OR c.standing <> 'active' OR r.fresh ? 'standing'){limit}
    """
    found = []
    with connection.cursor() as cursor:
        cursor.execute(sql, [batch_id, *keys])
        for pk, said, standing, died, was, name, same_name, dated, kind, *dates in cursor.fetchall():
            if standing == Standing.ACTIVE and said:
                found.append((pk, "deceased_on", problem("death_unregistered")))
            if standing not in (Standing.ACTIVE, said):
                found.append((pk, "id_number", problem("record_closed", what=_closed(standing, died))))
            if not same_name:
                found.append((pk, "name", problem("name_differs", found=was, value=name)))
            if dated:
                found += [(pk, field, one) for field, one in _order(kind, *dates)]
    return found


def _closed(standing: str, died) -> str:
    return f"已登记去世（{died:%Y年%m月%d日}）" if standing == Standing.DECEASED else "已登记转出"


def _order(kind, born, work, retired, revolution):
    """The database's own rules, as sentences."""
    dates = {"born_on": born, "work_started_on": work, "retired_on": retired}
    for earlier, later in IN_ORDER:
        if dates[earlier] and dates[later] and dates[later] < dates[earlier]:
            yield later, problem("date_order", later=_title(later), earlier=_title(earlier))
    if kind == "lixiu" and revolution and revolution > periods.LAST_DAY:
        detail = "离休要求 1949 年 9 月 30 日以前参加革命工作"
        yield "revolution_started_on", problem("retire_kind_conflict", kind="离休", title=_title("revolution_started_on"), detail=detail)


def renew_search(batch, only: Iterable[int] | None = None) -> None:
    """Search words of people whose name, former unit or side notes the batch has changed, or filled from an unknown 现管单位."""
    limit, keys = limited(only)
    wanted = f"""
        SELECT c.id, c.name, c.former_name, c.original_unit, c.extra::text FROM cadres_cadre c JOIN files_importrow r ON r.target_id = c.id
        WHERE r.batch_id = %s AND c.id > %s{limit} AND (
          (r.state = 'changed' AND EXISTS (SELECT FROM jsonb_array_elements(r.changes) x WHERE x ->> 'column' = ANY(%s)))
          OR (r.state = 'new' AND r.fresh ?| ARRAY['original_unit', 'extra']))
        ORDER BY c.id LIMIT %s
    """
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(wanted, [batch.pk, last, *keys, list(SEARCHED), PAGE])
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            ids, vectors = [row[0] for row in rows], [search_vector(*row[1:4], json.loads(row[4])) for row in rows]
            cursor.execute("UPDATE cadres_cadre c SET search = v.words::tsvector FROM unnest(%s::bigint[], %s::text[]) v(id, words) WHERE c.id = v.id", [ids, vectors])
