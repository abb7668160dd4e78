"""各县区力度: who creates, who learns, when something last happened there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet

from apps.accounts.models import Level, Organization
from apps.brands.models import ENDED, HOLDING, TAKEN, Brand, StudyPlan, StudyState
from apps.brands.selectors.learning import COUNTY_DEPTH, cut
from apps.core.metrics import behind
from apps.core.scope import Scope

HAPPENED = """
  SELECT t.org_path, (t.at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM brands_brandstep t
  UNION ALL SELECT t.org_path, (t.at AT TIME ZONE 'Asia/Shanghai')::date FROM brands_reportstep t
  UNION ALL SELECT n.org_path, (n.at AT TIME ZONE 'Asia/Shanghai')::date FROM brands_studynote n
  UNION ALL SELECT p.org_path, p.started_on FROM brands_studyplan p
  UNION ALL SELECT m.org_path, m.held_on FROM brands_groupmeeting m
  UNION ALL SELECT s.org_path, s.since FROM brands_spread s
"""
"""(org_path, day) of everything that shows effort: steps, reports, lines of progress, plans begun, meetings, new places. The figure of idle counties reads it too."""
COUNTY = "'/' || array_to_string((string_to_array(trim(both '/' from h.org_path), '/'))[1:3], '/') || '/'"
"""SQL: the county a row ``h`` lies in."""


@dataclass(frozen=True)
class Effort:
    """A county: brands under way, named ones among them, plans to learn under way, practices taken over, when something last happened."""

    org: Organization
    brands: int
    named: int
    learning: int
    taken: int
    last: date | None


def counties(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Counties of the scope; with ``metric`` (and ``period``) those a figure counted, with ``org`` at and below."""
    found = Organization.objects.visible_to(scope).filter(level=Level.COUNTY, valid_to=None)
    if wanted.get("metric"):
        found = behind(found, scope, wanted["metric"], wanted.get("period", ""), today)
    if org := wanted.get("org"):
        found = found.filter(path__startswith=org.path)
    return found.order_by("path")


def without_plan(scope: Scope, today: date) -> QuerySet:
    """Counties that a list reached long enough ago and that have made no plan since: those the figure counts."""
    return counties(scope, {"metric": "brand_counties_without_plan"}, today)


def effort(scope: Scope, found: Iterable[Organization]) -> list[Effort]:
    """One row per county, in three queries for any number of them."""
    rows = list(found)
    inside = Q(pk__in=[])
    for one in rows:
        inside |= Q(org_path__startswith=one.path)
    brands: dict[str, Counter] = {one.path: Counter() for one in rows}
    for path, state in Brand.objects.visible_to(scope).filter(inside).exclude(state__in=ENDED).values_list("org_path", "state"):
        brands[cut(path, COUNTY_DEPTH)].update(all=1, named=state in HOLDING)
    plans: dict[str, Counter] = {one.path: Counter() for one in rows}
    for path, state in StudyPlan.objects.visible_to(scope).filter(inside).values_list("org_path", "state"):
        plans[cut(path, COUNTY_DEPTH)].update(learning=state == StudyState.DOING, taken=state in TAKEN)
    last = _last([one.path for one in rows])
    return [
        Effort(one, brands[one.path]["all"], brands[one.path]["named"], plans[one.path]["learning"], plans[one.path]["taken"], last.get(one.path)) for one in rows
    ]  # fmt: skip


def _last(paths: list[str]) -> dict[str, date]:
    """County → the last day something happened there."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COUNTY} AS path, max(h.day) FROM ({HAPPENED}) h GROUP BY 1 HAVING {COUNTY} = ANY(%s)", [paths])  # noqa: S608 - no input
        return dict(cursor.fetchall())
