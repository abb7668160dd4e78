"""Figures of plans and visits: against hand-made cases, against the ledger and the work list, and again a quarter later."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.care.metrics import SERVED_FAMILY
from apps.care.models import ClassDecision, FrequencyRule, ServicePlan
from apps.care.reminders import counts, duties_due, settle
from apps.core.calendar import Quarter
from apps.core.metrics import METRICS, Period, count
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
Q3, Q4 = Quarter(2026, 3), Quarter(2026, 4)
IN_Q3, TODAY = date(2026, 8, 20), date(2026, 11, 21)
KEYS = ("planned", "unassigned", "visits_due", "visits_done", "visits_overdue", "visits_today", "key_silent", "key_unseen", "contact_overdue", "visits_made", "visits_met")


@pytest.fixture
def worker(person):
    return person()


@pytest.fixture(autouse=True)
def rules(db):
    make.rules()


def numbers(path, quarter, today, keys=KEYS):
    found = count([METRICS[key] for key in keys], path, Period.of(quarter, today))
    return {key: found[key][path] for key in keys}


def rows(key, scope, quarter, today):
    return set(METRICS[key].rows(scope, Period.of(quarter, today)).values_list("cadre__name", flat=True))


@pytest.fixture
def county(places, worker):
    return make.third_quarter(places, worker)


def test_hand_made_case_in_the_running_quarter(county, places, scope_of):
    path, scope = places["浔阳区"].path, scope_of("浔阳区")
    assert rows("visits_due", scope, Q3, IN_Q3) == {"甲", "乙", "丁", "己"}
    assert rows("visits_done", scope, Q3, IN_Q3) == {"乙"}
    assert rows("visits_overdue", scope, Q3, IN_Q3) == {"甲", "丁"}
    assert rows("visits_today", scope, Q3, IN_Q3) == {"己"}
    assert rows("key_unseen", scope, Q3, IN_Q3) == {"丁"}
    assert numbers(path, Q3, IN_Q3) == {
        "planned": 6, "unassigned": 0, "visits_due": 4, "visits_done": 1, "visits_overdue": 2, "visits_today": 1, "key_silent": 0, "key_unseen": 1,
        "contact_overdue": 6, "visits_made": 3, "visits_met": 2,
    }  # fmt: skip


def test_a_past_quarter_is_the_same_whenever_it_is_asked(county, places, worker, scope_of):
    """Closed: 丙 fell due on 18 September; 己 was due on 20 August. Later visits, deaths, plans, classes and rules change nothing."""
    path, scope = places["浔阳区"].path, scope_of("浔阳区")
    day_after = numbers(path, Q3, date(2026, 10, 1))
    assert rows("visits_due", scope, Q3, date(2026, 10, 1)) == set("甲乙丙丁己")
    assert (day_after["visits_due"], day_after["visits_done"], day_after["visits_overdue"], day_after["visits_today"]) == (5, 1, 4, 0)
    for name in "甲丙":
        make.visit(county[name].cadre, date(2026, 10, 20), worker)
    make.plan(county["甲"].cadre, date(2027, 1, 1), "key", year=2027)
    ServicePlan.objects.filter(pk=county["甲"].pk).update(state="closed", contact_due_on=None, visit_due_on=None)
    someone = county["己"].cadre
    someone.standing, someone.deceased_on = "deceased", date(2026, 11, 3)
    someone.save()
    make.rules(valid_from=date(2026, 11, 1), regular=(1, 2))
    ClassDecision.objects.create(plan=county["丙"], org=county["丙"].org, before="regular", after="key", suggested="key", by=worker)
    ClassDecision.objects.update(at=datetime(2026, 10, 1, 0, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
    ServicePlan.objects.filter(pk=county["丙"].pk).update(attention_class="key")
    assert numbers(path, Q3, date(2027, 2, 1)) == day_after


def test_due_is_done_and_late_and_today_and_the_late_are_due(county, places, worker, scope_of):
    for n in range(60):
        who = make.cadre(places["浔阳区教育局"], f"测试{n}")
        make.plan(who, date(2026, 1, 1) + timedelta(days=n * 4), ("key", "regular", "routine")[n % 3], worker=worker)
        for back in range(n % 4):
            make.visit(who, TODAY - timedelta(days=7 * n % 200 + 31 * back), worker, in_person=back % 2 == 0)
    for quarter, today in ((Q4, TODAY), (Q3, TODAY), (Q3, IN_Q3), (Q4, date(2027, 1, 1))):
        found = {key: rows(key, scope_of("浔阳区"), quarter, today) for key in ("visits_due", "visits_done", "visits_overdue", "visits_today")}
        parts = [found["visits_done"], found["visits_overdue"], found["visits_today"]]
        assert found["visits_due"] == set.union(*parts)
        assert sum(map(len, parts)) == len(found["visits_due"]) > 0


def test_list_work_list_ledger_and_figures_agree(county, places, scope_of):
    """One definition: the late on the dashboard are the late on the work list, visit by visit and contact by contact."""
    scope = scope_of("浔阳区")
    for today in (IN_Q3, TODAY, date(2027, 1, 1)):
        settle(today=today)
        quarter = Quarter(today.year, (today.month + 2) // 3)
        late = list(duties_due(scope, today=today, overdue_only=True))
        seen = {row["cadre_id"] for row in late if row["rule"] != "contact"}
        called = {row["cadre_id"] for row in late if row["rule"] == "contact"}
        period = Period.of(quarter, today)
        assert set(METRICS["visits_overdue"].rows(scope, period).values_list("cadre", flat=True)) == seen
        assert set(METRICS["contact_overdue"].rows(scope, period).values_list("cadre", flat=True)) == called
        assert counts(scope, today=today).overdue == len(seen) + len(called)
        this_day = {row["cadre_id"] for row in duties_due(scope, today=today) if row["due_on"] == today and row["rule"] != "contact"}
        assert set(METRICS["visits_today"].rows(scope, period).values_list("cadre", flat=True)) == this_day


def test_per_county_in_one_query_and_the_total_is_their_sum(county, places, django_assert_num_queries):
    city, period = places["九江市"].path, Period.of(Q3, IN_Q3)
    metrics = [metric for metric in METRICS.values() if metric.family is SERVED_FAMILY]
    with django_assert_num_queries(2):
        found = count(metrics, city, period)
    for metric in metrics:
        here = found[metric.key]
        assert here.pop(city) == sum(here.values()) == metric.rows(scope=_scope(city), period=period).count()
    assert found["planned"] == {places["浔阳区"].path: 6, places["濂溪区"].path: 1}
    assert found["unassigned"][places["濂溪区"].path] == 1


def _scope(path):
    from apps.core.scope import Scope

    return Scope((path,))


def test_a_neighbour_counts_nothing_of_it(county, places, scope_of, inside):
    assert rows("visits_due", scope_of("齐齐哈尔市"), Q3, IN_Q3) == set()
    with inside("濂溪区"):
        assert numbers(places["浔阳区"].path, Q3, IN_Q3)["planned"] == 0


def test_without_a_rule_nothing_is_due(county, places):
    FrequencyRule.objects.all().delete()
    settle(today=IN_Q3)
    found = numbers(places["浔阳区"].path, Q3, IN_Q3)
    assert (found["planned"], found["visits_due"], found["visits_overdue"]) == (6, 0, 0)


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ((2026, 10, 1), (2026, 12, 31), "2026Q4"), ((2026, 1, 1), (2026, 12, 31), "2026"), ((2028, 2, 1), (2028, 2, 29), "2028-02"),
        ((2026, 1, 1), (2026, 1, 31), "2026-01"), ((2026, 11, 21), (2026, 11, 21), ""),
        ((2026, 7, 1), (2026, 12, 31), "2026H2"), ((2024, 2, 29), (2026, 3, 7), "20240229-20260307"),
    ],
)  # fmt: skip
def test_a_period_in_the_url(first, last, text):
    period = Period(date(*first), date(*last), TODAY)
    assert period.text == text
    assert not text or Period.parse(text, TODAY) == period


@pytest.mark.parametrize(("today", "as_of", "until", "past"), [((2026, 9, 30), (2026, 9, 30), (2026, 9, 30), False), ((2026, 10, 1), (2026, 9, 30), (2026, 10, 1), True)])
def test_the_edge_of_a_quarter(today, as_of, until, past):
    period = Period.of(Q3, date(*today))
    assert (period.as_of, period.until, period.past) == (date(*as_of), date(*until), past)
