"""The order of things."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from random import Random

from django.db import connection, transaction

from apps.cadres.models import Cadre
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from apps.dashboard.scale.bare import bare
from apps.dashboard.scale.people import make_names, make_people
from apps.dashboard.scale.places import counties_of, make_places, make_staff
from apps.dashboard.scale.work import make_changes, make_plans, make_visits

LARGE = ("cadres_cadre", "care_visit", "care_serviceplan")


@dataclass(frozen=True)
class Filled:
    """How many of each were made."""

    counties: int
    units: int
    users: int
    cadres: int
    visits: int
    plans: int
    changes: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@transaction.atomic
def fill(*, cadres: int, visits: int, top: str, today: date, now: datetime, told: Callable[[str], object] = lambda words: None) -> Filled:
    """Fill an empty registry below the region whose code begins with ``top``; ``told`` hears of each step. Call it outside any scope.

    The same numbers give the same people. Raises ``Refused`` when anybody is registered already or the region is unknown.
    """
    with system_scope("seed for measuring"):
        if Cadre.objects.exists():
            raise Refused("已有人员登记，测量用的数据只放进空库。", code="not_empty")
    region, counties = counties_of(top)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL synchronous_commit = off; SELECT setseed(0.36)")
    with bare(*LARGE):
        with system_scope("seed for measuring"):
            told("places and staff")
            places = make_places(counties, cadres)
            users = make_staff(region, places, today)
            told("people")
            made = make_people(names=make_names(cadres, Random(2026)), today=today, now=now)
            told("visits")
            seen = make_visits(visits, today=today)
            told("plans")
            plans = make_plans(today=today, now=now)
            changes = make_changes(today=today, now=now)
        told("indexes and keys")
    return Filled(len(places), sum(one.units for one in places), users, made, seen, plans, changes)


def tidy() -> None:
    """What autovacuum would have done after a while: statistics and the visibility map. Not inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
