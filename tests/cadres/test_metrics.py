"""People on the register, and the ledger of who came and went: each term from its own records."""

from datetime import date

import pytest

from apps.cadres.metrics import LEDGER, PEOPLE_FAMILY, ledger_difference
from apps.cadres.models import StatusChange
from apps.core.calendar import Quarter
from apps.core.metrics import METRICS, Period, count
from apps.core.scope import Scope
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
Q3, TODAY = Quarter(2026, 3), date(2026, 8, 20)


@pytest.fixture
def changed(person):
    clerk = person()

    def change(who, kind, day, **kwargs):
        return StatusChange.objects.create(cadre=who, org=who.org, kind=kind, effective_on=day, recorded_by=clerk, **kwargs)

    return change


@pytest.fixture
def county(places, changed):
    """Third quarter of 2026: 10 before it, 2 newly retired, 1 received, 1 moved out, 2 dead, 1 retired without an entry: 11 at its end."""
    unit = places["浔阳区教育局"]
    people = [make.cadre(unit, f"旧{n}", retired_on=date(2010, 1, 1), born_on=date(1930 + n * 4, 8, 20)) for n in range(10)]
    for n in range(2):
        changed(make.cadre(unit, f"新{n}", retired_on=date(2026, 7, 1)), "registered", date(2026, 7, 2))
    changed(make.cadre(unit, "接收"), "received", date(2026, 8, 1))
    changed(people[0], "moved_out", date(2026, 7, 20))
    people[0].standing = "moved"
    for n, day in ((1, date(2026, 7, 1)), (2, date(2026, 8, 19))):
        people[n].standing, people[n].deceased_on = "deceased", day
        changed(people[n], "deceased", day)
    for one in people:
        one.save()
    make.cadre(unit, "漏登", retired_on=date(2026, 8, 1))
    gone = make.cadre(unit, "早已去世", standing="deceased", deceased_on=date(2025, 3, 3))
    changed(gone, "deceased", date(2025, 3, 3))
    return people


def ledger(path, quarter=Q3, today=TODAY):
    found = count([METRICS[key] for key in (*LEDGER, "ledger_unexplained", "ledger_handed")], path, Period.of(quarter, today))
    return {key: found[key][path] for key in found}


def names(key, place, quarter=Q3, today=TODAY):
    return set(METRICS[key].rows(Scope((place.path,)), Period.of(quarter, today)).values_list("name", flat=True))


def test_the_ledger_shows_what_was_not_recorded(county, places):
    found = ledger(places["浔阳区"].path)
    assert [found[key] for key in LEDGER] == [10, 2, 1, 1, 2, 11]
    assert ledger_difference(found) == 1 == found["ledger_unexplained"]
    assert names("ledger_unexplained", places["浔阳区"]) == {"漏登"}
    assert names("deaths", places["浔阳区"]) == {"旧1", "旧2"}


def test_asked_again_later_the_quarter_has_not_changed(county, places, changed):
    before = ledger(places["浔阳区"].path)
    changed(county[5], "moved_out", date(2026, 10, 5))
    county[5].standing = "moved"
    county[6].standing, county[6].deceased_on = "deceased", date(2026, 10, 1)
    county[0].standing = "active"
    changed(county[0], "received", date(2026, 11, 1), before={"standing": "moved"})
    for n in (0, 5, 6):
        county[n].save()
    changed(make.cadre(places["浔阳区教育局"], "后来", retired_on=date(2026, 10, 2)), "registered", date(2026, 10, 9))
    assert ledger(places["浔阳区"].path, today=date(2027, 1, 5)) == before
    after = ledger(places["浔阳区"].path, Quarter(2026, 4), date(2027, 1, 5))
    assert [after[key] for key in LEDGER] == [11, 1, 1, 1, 1, 11]
    assert ledger_difference(after) == 0


def test_the_registers_of_two_quarters_join(county, places):
    """What closes one quarter opens the next, the unrecorded one included."""
    assert ledger(places["浔阳区"].path, Quarter(2026, 4), date(2027, 1, 5))["ledger_opening"] == ledger(places["浔阳区"].path, today=date(2027, 1, 5))["people"]


def test_handed_over_inside_the_system_is_neither_in_nor_out(places, changed):
    who = make.cadre(places["濂溪区卫生局"], "移交")
    changed(who, "moved_out", date(2026, 7, 9), before={"org": places["浔阳区教育局"].pk}, after={"org": who.org_id})
    found = ledger(places["濂溪区"].path)
    assert [found[key] for key in LEDGER] == [1, 0, 0, 0, 0, 1]
    assert found["ledger_handed"] == 1


def test_a_death_registered_by_mistake_and_taken_back(places, changed):
    who = make.cadre(places["浔阳区教育局"], "误登")
    changed(who, "deceased", date(2026, 7, 9))
    changed(who, "restored", date(2026, 7, 15))
    found = ledger(places["浔阳区"].path)
    assert [found[key] for key in LEDGER] == [1, 0, 0, 0, 0, 1]


def test_age_bands_meet_without_gap_or_overlap(county, places):
    keys = ("people_under_70", "people_70", "people_80", "people_90", "people_age_unknown")
    found = count([METRICS[key] for key in ("people", *keys)], places["浔阳区"].path, Period.of(Q3, TODAY))
    path = places["浔阳区"].path
    assert sum(found[key][path] for key in keys) == found["people"][path] == 11
    assert names("people_80", places["浔阳区"]) == {"旧3", "旧4"}
    assert "旧4" in names("people_70", places["浔阳区"], today=date(2026, 8, 19))


def test_born_on_29_february(places):
    make.cadre(places["浔阳区教育局"], "闰", born_on=date(1936, 2, 29))
    for today, band in ((date(2026, 2, 28), "people_80"), (date(2026, 3, 1), "people_90")):
        assert names(band, places["浔阳区"], Quarter(2026, 1), today) == {"闰"}


def test_every_figure_is_its_list_for_every_child(county, places, django_assert_num_queries):
    period, city = Period.of(Q3, TODAY), places["九江市"].path
    metrics = [metric for metric in METRICS.values() if metric.family is PEOPLE_FAMILY]
    with django_assert_num_queries(2):
        found = count(metrics, city, period)
    for metric in metrics:
        for path, number in found[metric.key].items():
            assert metric.rows(Scope((path,)), period).count() == number, (metric.key, path)


def test_a_neighbour_counts_nothing(county, places, inside):
    with inside("濂溪区"):
        assert ledger(places["浔阳区"].path)["people"] == 0
    assert names("people", places["齐齐哈尔市"]) == set()


def test_the_running_register_is_who_is_active(county, places):
    assert len(names("people", places["浔阳区"])) == 11
