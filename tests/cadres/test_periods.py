"""参加革命工作时期: the boundaries, by the rule in Python and by the database's generated column, which must agree."""

from datetime import date

import pytest

from apps.cadres.models import periods
from apps.core.dates import PartialDate
from tests.factories import registry

DAYS = [
    ("1921-07-01", "1"),
    ("1927-07-31", "1"),
    ("1927-08-01", "2"),
    ("1937-07-06", "2"),
    ("1937-07-07", "3"),
    ("1942-12-31", "3"),
    ("1943-01-01", "4"),
    ("1945-09-02", "4"),
    ("1945-09-03", "5"),
    ("1945-09-30", "5"),
    ("1945-10-01", "5"),
    ("1949-09-30", "5"),
    ("1949-10-01", None),
]
MONTHS = [
    ("1927-07", "1"),
    ("1927-08", "2"),
    ("1937-06", "2"),
    ("1937-07", None),
    ("1937-08", "3"),
    ("1942-12", "3"),
    ("1943-01", "4"),
    ("1945-08", "4"),
    ("1945-09", None),
    ("1949-09", "5"),
]
YEARS = [("1926", "1"), ("1927", None), ("1936", "2"), ("1937", None), ("1938", "3"), ("1944", "4"), ("1945", None), ("1946", "5"), ("1949", "5")]


def partial(text):
    parts = [int(part) for part in text.split("-")]
    return PartialDate(date(*(parts + [1, 1])[:3]), {1: "year", 2: "month", 3: "day"}[len(parts)])


@pytest.mark.parametrize(("text", "period"), DAYS + MONTHS + YEARS)
def test_period_of_a_date(text, period, places, worker, inside):
    started = partial(text)
    candidates = periods.candidates(started.value, started.precision)
    assert (candidates[0] if len(candidates) == 1 else None) == period
    with inside("浔阳区"):
        cadre = registry.register(places["浔阳区"], worker, born_on="1905", revolution_started_on=started)
        cadre.refresh_from_db()
        assert cadre.revolution_period == period


@pytest.mark.parametrize(("text", "choice"), [("1937-07", "2"), ("1937-07", "3"), ("1945-09", "4"), ("1945-09", "5"), ("1945", "4")])
def test_a_confirmed_period_counts_where_the_date_leaves_it_open(text, choice, places, worker, inside):
    with inside("浔阳区"):
        cadre = registry.register(places["浔阳区"], worker, born_on="1920", revolution_started_on=partial(text), revolution_period_confirmed=choice)
        cadre.refresh_from_db()
        assert cadre.revolution_period == choice


def test_a_confirmation_never_beats_the_date(places, worker, inside):
    with inside("浔阳区"):
        cadre = registry.register(places["浔阳区"], worker, born_on="1920", revolution_started_on=partial("1945-10"), revolution_period_confirmed="4")
        cadre.refresh_from_db()
        assert (cadre.revolution_period_confirmed, cadre.revolution_period) == ("", "5")
