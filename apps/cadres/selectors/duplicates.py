"""Records that look like one person kept twice; merges and who was told apart."""

from dataclasses import dataclass

from django.db import connection

from apps.cadres.models import Cadre, MergeRecord, Standing
from apps.cadres.registries import MERGE_RELATIONS
from apps.cadres.selectors.search import matching
from apps.core.metrics import AS_USUAL, BY_HASH, inside
from apps.core.scope import Scope

COUNTY = "'/' || split_part({0}.org_path, '/', 2) || '/' || split_part({0}.org_path, '/', 3) || '/' || split_part({0}.org_path, '/', 4)"
PAIRS = """
WITH person AS MATERIALIZED (
  SELECT c.id, c.name_key, c.phone_index, c.id_index, {county} AS county, CASE WHEN c.born_precision <> 'year' THEN to_char(c.born_on, 'YYYY-MM') END AS month
  FROM cadres_cadre c WHERE {inside} AND c.standing <> 'merged' AND c.name_key <> ''
), pair AS (
  SELECT a.id AS one, b.id AS other, 'born' AS why FROM person a JOIN person b USING (name_key, county, month) WHERE a.id < b.id AND (a.id_index IS NULL OR b.id_index IS NULL)
  UNION ALL
  SELECT a.id, b.id, 'phone' FROM person a JOIN person b USING (name_key, phone_index) WHERE a.id < b.id
)
SELECT one, other, array_agg(DISTINCT why) FROM pair WHERE NOT EXISTS (SELECT FROM cadres_distinctpair d WHERE d.first_id = one AND d.second_id = other)
GROUP BY one, other ORDER BY one, other LIMIT %(limit)s OFFSET %(offset)s
"""
WHY = {"born": "姓名、出生年月相同", "phone": "姓名、手机号相同"}


@dataclass(frozen=True)
class Pair:
    one: Cadre
    other: Cadre
    why: str


def duplicates(scope: Scope, *, offset: int = 0, limit: int = 50) -> tuple[list[Pair], bool]:
    """(pairs that look like one person, is there more): same name and birth month inside one county while one lacks an ID number, or same name and mobile
    number. Those said to be two people are left out. Two statements, however many."""
    condition, parameters = inside(scope, "c.org_path")
    with connection.cursor() as cursor:
        cursor.execute(f"{BY_HASH}; {PAIRS.format(inside=condition, county=COUNTY.format('c'))}", parameters | {"limit": limit + 1, "offset": offset})
        found = cursor.fetchall()
        cursor.execute(AS_USUAL)
    keys = {key for one, other, _ in found[:limit] for key in (one, other)}
    people = {one.pk: one for one in Cadre.objects.visible_to(scope).filter(pk__in=keys).select_related("org", "org__parent")}
    pairs = [Pair(people[one], people[other], "；".join(WHY[each] for each in why)) for one, other, why in found[:limit] if one in people and other in people]
    return pairs, len(found) > limit


def alike(scope: Scope, cadre: Cadre, limit: int = 20):
    """Others of the same name, for choosing whom to merge with."""
    others = Cadre.objects.visible_to(scope).filter(name_key=cadre.name_key).exclude(pk=cadre.pk).exclude(standing=Standing.MERGED)
    return list(others.select_related("org", "org__parent").order_by("pk")[:limit])


def merges(scope: Scope, cadre: Cadre):
    """Merges a person's record has had part in, newest first."""
    return MergeRecord.objects.visible_to(scope).filter(kept=cadre).select_related("absorbed", "merged_by", "undone_by").order_by("-pk")


def merge(scope: Scope, pk: int) -> MergeRecord:
    """Raises ``MergeRecord.DoesNotExist`` outside the scope."""
    return MergeRecord.objects.visible_to(scope).select_related("kept", "absorbed", "merged_by", "undone_by").get(pk=pk)


def found_for_merging(scope: Scope, text: str, cadre: Cadre, limit: int = 20):
    """Others whom the typed text may mean."""
    return list(matching(scope, text).exclude(pk=cadre.pk).select_related("org", "org__parent").order_by("name_sort", "pk")[:limit])


def moved_words(record: MergeRecord) -> list[str]:
    """走访 12 条、待遇 1 条 …: what went over."""
    found = []
    for key, what in record.moved.items():
        count = len(what.get("keys", what.get("over", ())))
        if key in MERGE_RELATIONS and count:
            found.append(f"{MERGE_RELATIONS[key].title} {count} 条")
    return found
