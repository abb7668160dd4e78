"""People by one ``INSERT … SELECT``: names from a pool drawn and prepared in Python, everything else by chance in the database."""

import io
from datetime import date, datetime
from random import Random
from typing import Any

from django.db import connection, models

from apps.cadres.columns import prepare
from apps.cadres.models import Cadre
from apps.dashboard.demo.names import draw

POOL = 30_000
"""Different names at most; a million people share them, as people of a province share names."""

STREETS = "{人民路,滨江东路,庐山大道,浔阳西路,建设街,和平巷,新桥头,长虹大道}"
POSTS = "{局长,副局长,主任科员,科长,副科长,工会主席,高级教师,主任医师,科员,所长}"
RANKS = "{131,132,141,141,142,142,150,199}"

PEOPLE = """
FROM (
  SELECT c.code, g AS n, c.first_unit + floor(random() * c.units)::int AS unit_n, floor(random() * %(names)s)::int AS name_n,
    random() < 0.02 AS lixiu, random() + random() + random() - 1.5 AS bell, random() AS born_n, random() AS health_n, random() AS care_n, random() AS living_n,
    random() AS rank_n, random() AS open_n, random() AS end_n, random() AS phone_n, random() AS party_n, random() < 0.03 AS resettled
  FROM scale_county c CROSS JOIN LATERAL generate_series(1, c.people) g
  OFFSET 0
) d
JOIN scale_unit u ON u.n = d.unit_n
JOIN scale_name m ON m.n = d.name_n
CROSS JOIN LATERAL (SELECT CASE WHEN lixiu THEN 93 + born_n * 7 ELSE least(98, greatest(56, 74 + bell * 18)) END AS age) a
CROSS JOIN LATERAL (
  SELECT %(today)s::date - (age * 365.25)::int AS born_on, care_n < CASE WHEN age < 75 THEN 0.06 WHEN age < 88 THEN 0.2 ELSE 0.45 END AS frail,
    CASE WHEN end_n < 0.02 THEN 'deceased' WHEN end_n < 0.03 THEN 'moved' ELSE 'active' END AS standing
) b
CROSS JOIN LATERAL (
  SELECT CASE WHEN lixiu THEN make_date(1945 + floor(rank_n * 4)::int, 1 + floor(party_n * 12)::int, 1)
              ELSE date_trunc('month', born_on + (18 + floor(party_n * 7)::int) * interval '1 year')::date END AS work_started_on,
    least(date_trunc('month', born_on + CASE m.sex WHEN '1' THEN interval '60 years' ELSE interval '55 years' END)::date, %(today)s::date - 40) AS retired_on,
    CASE WHEN NOT frail THEN 'full' WHEN rank_n < 0.4 THEN 'dependent' ELSE 'partly' END AS self_care,
    CASE WHEN frail AND health_n < 0.2 THEN 'serious' WHEN frail OR health_n < 0.3 THEN '3' WHEN health_n < 0.75 THEN '1' ELSE '2' END AS health,
    CASE WHEN living_n < 0.42 THEN 'spouse' WHEN living_n < 0.64 THEN 'children' WHEN living_n < 0.69 THEN 'nanny' WHEN living_n < 0.74 THEN 'alone'
         WHEN living_n < 0.88 THEN 'empty_nest' WHEN living_n < 0.91 THEN 'care_home' ELSE '' END AS living
) l
CROSS JOIN LATERAL (
  SELECT CASE WHEN self_care = 'dependent' OR health = 'serious' OR living = 'alone' THEN 'key'
              WHEN self_care = 'partly' OR health = '3' OR living = 'empty_nest' OR resettled OR age >= 90 THEN 'regular' ELSE 'routine' END AS class
) s
ORDER BY d.code, d.n
"""
"""The class is the gist of ``care.standards.SUGGESTIONS``; three in a hundred are not decided yet."""

COLUMNS = {
    "org_id": "u.org_id",
    "org_path": "u.org_path",
    "name": "m.name",
    "name_key": "m.name_key",
    "name_sort": "m.name_sort",
    "search": "m.search || u.search",
    "sex": "m.sex",
    "id_index": "sha256(convert_to('scale id ' || d.code || ' ' || d.n, 'UTF8'))",
    "id_masked": "left(d.code, 4) || '**********' || lpad((d.n * 7919 %% 10000)::text, 4, '0')",
    "id_last4": "lpad((d.n * 7919 %% 10000)::text, 4, '0')",
    "born_on": "b.born_on",
    "ethnicity": "CASE WHEN rank_n < 0.96 THEN '01' ELSE '11' END",
    "marital": "CASE WHEN living IN ('children', 'alone', 'nanny') THEN '30' ELSE '20' END",
    "education": "CASE WHEN care_n < 0.4 THEN '30' WHEN care_n < 0.8 THEN '41' ELSE '61' END",
    "political_status": "CASE WHEN party_n < 0.82 THEN '01' ELSE '13' END",
    "party_branch": "u.name || '离退休干部党支部'",
    "work_started_on": "work_started_on",
    "work_started_precision": "'month'",
    "revolution_started_on": "CASE WHEN lixiu THEN work_started_on END",
    "revolution_started_precision": "'month'",
    "retire_kind": "CASE WHEN lixiu THEN 'lixiu' ELSE 'retired' END",
    "retired_on": "retired_on",
    "retired_precision": "'month'",
    "original_unit": "u.name",
    "original_post": "(%(posts)s::text[])[1 + floor(rank_n * 10)::int]",
    "unit_nature": "CASE WHEN u.name ~ '学|医院|党校' THEN 'institution' ELSE 'organ' END",
    "rank": "(%(ranks)s::text[])[1 + floor(rank_n * 8)::int]",
    "treatment_level": "CASE WHEN lixiu THEN '132' ELSE '' END",
    "address": "(%(streets)s::text[])[1 + floor(born_n * 8)::int] || ' ' || 1 + floor(phone_n * 180)::int || ' 号 ' || 1 + floor(care_n * 12)::int || ' 栋'",
    "living": "living",
    "residence_kind": "CASE WHEN resettled THEN 'province' ELSE 'county' END",
    "resettled": "resettled",
    "phone_index": "CASE WHEN phone_n < 0.92 THEN sha256(convert_to('scale phone ' || d.code || ' ' || d.n, 'UTF8')) END",
    "phone_masked": "CASE WHEN phone_n < 0.92 THEN '12' || floor(phone_n * 10)::int || '****' || lpad((d.n %% 10000)::text, 4, '0') ELSE '' END",
    "health": "health",
    "self_care": "self_care",
    "standing": "standing",
    "deceased_on": "CASE WHEN standing = 'deceased' THEN %(today)s::date - floor(phone_n * 700)::int END",
    "attention_class": "CASE WHEN open_n < 0.03 THEN '' ELSE class END",
    "created_at": "%(now)s::timestamptz - born_n * interval '300 days'",
    "updated_at": "%(now)s::timestamptz - born_n * interval '300 days'",
}
"""Column → SQL; all others get the model's default. ID numbers and phones have their index and mask but no ciphertext: nobody to reveal."""


def defaults(model: type[models.Model]) -> dict[str, Any]:
    """Column → value of a row that says nothing, as the model declares it; without the key and what PostgreSQL computes."""
    found = {}
    for one in model._meta.concrete_fields:
        if not (one.primary_key or one.generated):
            value = one.get_db_prep_save(one.get_default(), connection)
            found[one.column] = "" if value is None and not one.null and one.empty_strings_allowed else value
    return found


def insert_select(model: type[models.Model], columns: dict[str, str], source: str, parameters: dict[str, Any]) -> int:
    """``INSERT`` every column of ``model`` from ``source`` (FROM and what follows); those not in ``columns`` get their default. Returns the rows."""
    given = {f"default_{name}": value for name, value in defaults(model).items() if name not in columns}
    chosen = {name.removeprefix("default_"): f"%({name})s" for name in given} | columns
    names = ", ".join(f'"{name}"' for name in chosen)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(chosen.values())} {source}", {**parameters, **given})
        return cursor.rowcount


def make_names(count: int, random: Random) -> int:
    """Fill ``scale_name`` with drawn names and their search columns; returns how many there are."""
    names = [(draw(random, sex), sex) for sex in random.choices("12", (68, 32), k=min(count, POOL))]
    lines = io.StringIO()
    for n, (name, sex) in enumerate(names):
        made = prepare({"name": name})
        lines.write("\t".join([str(n), sex, *(made[column].replace("\\", "\\\\") for column in ("name", "name_key", "name_sort", "search"))]) + "\n")
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE scale_name (n int PRIMARY KEY, sex text, name text, name_key text, name_sort text, search tsvector) ON COMMIT DROP")
        cursor.copy_expert("COPY scale_name FROM STDIN", lines)
    return len(names)


def make_people(*, names: int, today: date, now: datetime) -> int:
    """Register everybody the counties of ``scale_county`` ask for; rows lie county by county, as they would after a year of imports."""
    parameters = {"names": names, "today": today, "now": now, "streets": STREETS, "posts": POSTS, "ranks": RANKS}
    return insert_select(Cadre, COLUMNS, PEOPLE, parameters)
