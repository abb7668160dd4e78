"""Measures the three ways of finding names that docs/adr/0005-search-keys.md compares, on the embedded PostgreSQL.
"tsvector_sorted" is the tsvector again, its page ordered by an expression so that the sort index can't be walked;
"tsvector_covered" has the vector inside the index the list sorts by.

    .venv/bin/python scripts/measure_search_keys.py [ROWS]

Uses and drops a database of its own. Prints one JSON object per figure: milliseconds are the median of five warm runs,
or a text when the query was given up.
"""

import functools
import io
import itertools
import json
import os
import random
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psycopg2  # noqa: E402

from apps.core.embedded.postgres import ensure_postgres  # noqa: E402
from apps.core.pinyin import search_tokens, sort_key  # noqa: E402

GIVE_UP_S = 20
DATABASE = "measure_search_keys"
SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕单查仇覃解")
GIVEN = list("建国明华志军芳秀英兰玉桂珍文德福生长乐春梅金平光荣和卫东红海小晓丽强永林杰伟敏静峰霞涛勇艳超")
QUERIES = ["sxf", "w", "wang", "wangjianguo", "jianguo", "wjg", "建国", "国", "王建国", "shanxiaofang", "zzzz"]
SCOPES = {"whole": None, "city": "/36/3604/", "county": "/36/3604/360402/"}
PREFIX_SQL = {
    "array": "t.prefixes @> ARRAY[%(q)s]",
    "tsvector": "t.keys @@ %(ts)s::tsquery",
    "tsvector_sorted": "t.keys @@ %(ts)s::tsquery",
    "tsvector_covered": "t.keys @@ %(ts)s::tsquery",
    "side_table": "t.id IN (SELECT s.id FROM side s WHERE s.token >= %(q)s AND s.token < %(hi)s)",
}
ORDERS = {"tsvector_sorted": ("tsvector", "t.sorts || ''"), "tsvector_covered": ("covered", "t.org_path, t.sorts")}


def rows(count):
    """(number, path of a unit, name): 11 cities of 12 counties of 40 units, county after county as imports bring them."""
    chance = random.Random(7)
    weights = [1 / (n + 3) for n in range(len(SURNAMES))]
    for number in range(count):
        name = chance.choices(SURNAMES, weights)[0] + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2, 2, 2))))
        city, county = divmod(number * 132 // count, 12)
        yield number, f"/36/36{city + 1:02d}/36{city + 1:02d}{county + 2:02d}/{chance.randrange(40)}/", name


def copy(cursor, table, lines):
    started = time.perf_counter()
    cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO("".join(lines)))
    return time.perf_counter() - started


@functools.cache
def forms(name):
    """(tokens, array literal of all their beginnings, tsvector literal, sort key) of one name."""
    tokens = search_tokens(name)
    every = sorted({token[:size] for token in tokens for size in range(1, len(token) + 1)})
    return tokens, "{" + ",".join(f'"{item}"' for item in every) + "}", " ".join(f"'{token}'" for token in tokens), sort_key(name)


def tables(batch):
    """(way, table, COPY lines) of each way for a batch of people."""
    prefixes, vectors, plain, side = [], [], [], []
    for number, path, name in batch:
        tokens, every, vector, sorts = forms(name)
        head = f"{number}\t{path}\t{name}\t{sorts}"
        prefixes.append(f"{head}\t{every}\n")
        vectors.append(f"{head}\t{vector}\n")
        plain.append(head + "\n")
        side.extend(f"{token}\t{path}\t{number}\n" for token in tokens)
    yield "array", "people_array", prefixes
    yield "tsvector", "people_tsvector", vectors
    yield "side_table", "people_side_table", plain
    yield "side_table", "side", side


def fill(cursor, count):
    cursor.execute("""
        CREATE TABLE people_array (id bigint PRIMARY KEY, org_path text COLLATE "C", name text, sorts text COLLATE "C", prefixes text[]);
        CREATE TABLE people_tsvector (id bigint PRIMARY KEY, org_path text COLLATE "C", name text, sorts text COLLATE "C", keys tsvector);
        CREATE TABLE people_side_table (id bigint PRIMARY KEY, org_path text COLLATE "C", name text, sorts text COLLATE "C");
        CREATE TABLE side (token text COLLATE "C", org_path text COLLATE "C", id bigint)""")
    took = dict.fromkeys(("array", "tsvector", "side_table"), 0.0)
    source = rows(count)
    while batch := list(itertools.islice(source, 50_000)):
        for way, table, lines in tables(batch):
            took[way] += copy(cursor, table, lines)
    yield "copy_s", {way: round(seconds, 1) for way, seconds in took.items()}


def index(cursor):
    took = {}
    for way, extra in (
        ("array", "CREATE INDEX people_array_gin ON people_array USING gin (prefixes)"),
        ("tsvector", "CREATE INDEX people_tsvector_gin ON people_tsvector USING gin (keys)"),
        ("side_table", "CREATE INDEX side_token ON side (token, org_path, id)"),
    ):
        cursor.execute(f"CREATE INDEX people_{way}_path ON people_{way} (org_path, sorts)")
        cursor.execute(f"CREATE INDEX people_{way}_sorts ON people_{way} (sorts)")
        started = time.perf_counter()
        cursor.execute(extra)
        took[way] = round(time.perf_counter() - started, 1)
    cursor.execute("CREATE TABLE people_covered (LIKE people_tsvector); INSERT INTO people_covered SELECT * FROM people_tsvector")
    cursor.execute("CREATE INDEX people_covered_gin ON people_covered USING gin (keys)")
    cursor.execute("CREATE INDEX people_covered_list ON people_covered (org_path, sorts, id) INCLUDE (keys)")
    for table in ("people_array", "people_tsvector", "people_covered", "people_side_table", "side"):
        cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        inside = "org_path ^@ ANY ((SELECT string_to_array(current_setting('portal.roots', true), ','))::text[])"
        cursor.execute(f"CREATE POLICY inside ON {table} TO measure_scoped USING ({inside})")
        cursor.execute(f"CREATE POLICY whole ON {table} TO measure_root USING (true)")
        cursor.execute(f"GRANT SELECT ON {table} TO measure_scoped, measure_root")
    yield "index_build_s", took
    cursor.execute("""SELECT 'array', pg_table_size('people_array') t, pg_relation_size('people_array_gin') i
        UNION ALL SELECT 'tsvector', pg_table_size('people_tsvector'), pg_relation_size('people_tsvector_gin')
        UNION ALL SELECT 'tsvector_covered', pg_table_size('people_covered'), pg_relation_size('people_covered_gin') + pg_relation_size('people_covered_list')
        UNION ALL SELECT 'side_table', pg_table_size('people_side_table') + pg_table_size('side'), pg_relation_size('side_token')""")
    yield "size_mb", {way: {"table": table >> 20, "index": size >> 20} for way, table, size in cursor.fetchall()}


def timed(cursor, sql, values):
    took = []
    for _ in range(6):
        started = time.perf_counter()
        try:
            cursor.execute(sql, values)
        except psycopg2.errors.QueryCanceled:
            return f"over {GIVE_UP_S} s", [[None]]
        found = cursor.fetchall()
        took.append((time.perf_counter() - started) * 1000)
    return round(statistics.median(took[1:]), 1), found


def ask(cursor):
    for where, root in SCOPES.items():
        cursor.execute(f"SET ROLE {'measure_scoped' if root else 'measure_root'}")
        cursor.execute("SELECT set_config('portal.roots', %s, false), set_config('statement_timeout', %s, false)", [root or "/", f"{GIVE_UP_S}s"])
        for q in QUERIES:
            figure = {"scope": where, "q": q}
            for way, condition in PREFIX_SQL.items():
                values = {"q": q, "hi": q[:-1] + chr(ord(q[-1]) + 1), "ts": f"'{q}':*", "lo": root, "top": root and root[:-1] + "0"}
                if root:
                    condition += " AND t.org_path >= %(lo)s AND t.org_path < %(top)s"
                table, order = ORDERS.get(way, (way, "t.sorts"))
                base = f"FROM people_{table} t WHERE {condition}"
                page, _ = timed(cursor, f"SELECT t.id {base} ORDER BY {order}, t.id LIMIT 50", values)
                count, found = timed(cursor, f"SELECT count(*) {base}", values)
                figure[way] = {"page_ms": page, "count_ms": count, "found": found[0][0]}
            yield "search", figure
        cursor.execute("RESET ROLE; RESET statement_timeout")


def main(count):
    data = Path(os.environ.get("PORTAL_DATA", ROOT / ".data"))
    keeper = psycopg2.connect(ensure_postgres(data))
    keeper.autocommit = True
    tidy = keeper.cursor()
    tidy.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
    connection = psycopg2.connect(ensure_postgres(data, DATABASE))
    connection.autocommit = True
    cursor = connection.cursor()
    try:
        cursor.execute("CREATE ROLE measure_scoped; CREATE ROLE measure_root; GRANT measure_scoped, measure_root TO CURRENT_USER")
        for step in (fill(cursor, count), index(cursor), ask(cursor)):
            for figure, value in step:
                print(json.dumps({figure: value}, ensure_ascii=False), flush=True)
    finally:
        cursor.close()
        connection.close()
        tidy.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        tidy.execute("DROP ROLE IF EXISTS measure_scoped, measure_root")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
