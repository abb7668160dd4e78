"""The lists of what is due: union of the rules, pages, counts; they agree."""

from datetime import date, timedelta

import pytest

from apps.care.reminders import counts, duties_due, horizon, page_of_duties, settle
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
TODAY = date(2026, 6, 30)


@pytest.fixture
def county(places, person):
    """Thirty people of 浔阳区 and five of 濂溪区, with due days spread around TODAY."""
    make.rules()
    worker = person()
    for n in range(35):
        org = places["浔阳区教育局"] if n < 30 else places["濂溪区卫生局"]
        who = make.cadre(org, f"测试{n}")
        make.plan(who, TODAY - timedelta(days=90 - n), away=n % 7 == 0, worker=worker if n % 2 else None)
        if n % 3 == 0:
            make.visit(who, TODAY - timedelta(days=25 + n % 10), worker, in_person=n % 2 == 0)
    settle(today=TODAY)
    return worker


def test_pages_walk_the_whole_list_once_in_order(county, scope_of):
    scope = scope_of("浔阳区")
    whole_list = list(duties_due(scope, today=TODAY))
    assert len(whole_list) > 20
    seen, after = [], ""
    while True:
        page = page_of_duties(scope, today=TODAY, after=after, limit=4)
        seen += page.duties
        after = page.after
        if not after:
            break
    key = [(d.due_on, d.key, d.rule) for d in seen]
    assert key == [(row["due_on"], row["key"], row["rule"]) for row in whole_list]
    assert key == sorted(set(key))


def test_counts_agree_with_the_list(county, scope_of):
    scope = scope_of("浔阳区")
    for worker in (None, county):
        rows = list(duties_due(scope, today=TODAY, worker=worker))
        found = counts(scope, today=TODAY, worker=worker)
        assert found.overdue == sum(row["due_on"] < TODAY for row in rows) == len(duties_due(scope, today=TODAY, worker=worker, overdue_only=True))
        assert found.today == sum(row["due_on"] == TODAY for row in rows)
        assert found.coming == sum(row["due_on"] > TODAY for row in rows)
        assert found.total == len(rows) > 0


def test_lateness_interval_and_last_day(places, scope_of):
    make.rules()
    who = make.cadre(places["浔阳区教育局"])
    make.plan(who, date(2026, 1, 1), away=True)
    settle(today=TODAY)
    (contact,) = page_of_duties(scope_of("浔阳区"), today=TODAY).duties
    assert (contact.rule, contact.days_late, contact.interval, contact.last_on) == ("contact", 150, 30, None)
    (away,) = page_of_duties(scope_of("浔阳区"), today=date(2027, 1, 1), after=contact.cursor).duties
    assert (away.rule, away.name, away.days_late, away.interval) == ("away", "易地走访", 0, 365)


def test_the_horizon_is_the_upcoming_stage(places):
    assert horizon(TODAY) == TODAY
    make.rules()
    assert horizon(TODAY) == TODAY + timedelta(days=7)


def test_a_neighbour_sees_nothing_of_it(county, scope_of, places):
    assert {row["org_path"] for row in duties_due(scope_of("濂溪区"), today=TODAY)} == {places["濂溪区卫生局"].path}
    assert counts(scope_of("齐齐哈尔市"), today=TODAY).total == 0


def test_a_page_costs_the_same_number_of_queries_for_few_and_many(county, scope_of, django_assert_num_queries):
    for limit in (2, 20):
        with django_assert_num_queries(3):
            assert len(page_of_duties(scope_of("浔阳区"), today=TODAY, limit=limit).duties) == limit


def test_a_spoilt_cursor_is_refused(county, scope_of):
    with pytest.raises(ValueError):
        page_of_duties(scope_of("浔阳区"), today=TODAY, after="x")
