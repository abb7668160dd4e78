"""Figures of brands against hand-made cases, and each against the rows its link opens."""

from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from apps.brands.actions import practices as actions
from apps.brands.forms.brands import BrandFilter
from apps.brands.forms.plans import EffortFilter
from apps.brands.forms.practices import PracticeFilter
from apps.brands.models import GoalFigure, PracticeList
from apps.brands.selectors import brands, effort, practices
from apps.core.calendar import Quarter
from apps.core.metrics import METRICS, Period, count
from apps.core.scope import system_scope
from tests.brands.conftest import QUARTERS, TODAY, at

KEYS = [key for key in METRICS if key.startswith(("brand", "practice")) and not key.startswith("branch")]
NOW = Period(TODAY, TODAY, TODAY)


def told(period, *keys):
    with system_scope("test"):
        found = count([METRICS[key] for key in keys or KEYS], "/36/3604/", period)
        return {key: found[key]["/36/3604/"] for key in keys or KEYS}


@pytest.fixture
def town(listed, approved, write, neighbour):
    """浔阳区 has a named brand on an issued list; 濂溪区 builds one that owes its last report, and has a draft."""
    practice = listed()
    approved(org="濂溪区", name="故事会", by=neighbour)
    write(org="濂溪区", name="草稿", by=neighbour)
    return practice


def test_today(town):
    found = told(NOW)
    assert {key: found[key] for key in ("brands", "brands_proposing", "brands_building", "brands_judging", "brands_named")} == {
        "brands": 3, "brands_proposing": 1, "brands_building": 1, "brands_judging": 0, "brands_named": 1,
    }  # fmt: skip
    assert (found["brand_reports_late"], found["brands_goals_reached"]) == (1, 0)
    assert (found["practices"], found["practices_unused"]) == (1, 1)
    assert (found["brand_counties"], found["brand_counties_idle"]) == (2, 0)
    assert found["brand_counties_without_plan"] == 0


def test_as_it_stood_then(town):
    first = told(Period.of(QUARTERS[0], TODAY), "brands", "brands_building", "brands_named", "brand_reports_late")
    assert first == {"brands": 2, "brands_building": 2, "brands_named": 0, "brand_reports_late": 0}
    assert told(Period.of(Quarter(2025, 4), TODAY), "brands") == {"brands": 0}
    july = Period.parse("20260701-20260711", TODAY)
    assert told(july, "brand_reports_late") == {"brand_reports_late": 1}
    assert told(Period.parse("20260701-20260709", TODAY), "brand_reports_late") == {"brand_reports_late": 0}


def test_goals_reached_in_the_latest_report(town, report):
    with system_scope("test"):
        last = GoalFigure.objects.filter(goal__brand=town.brand).order_by("-report__quarter").first()
        GoalFigure.objects.filter(pk=last.pk).update(now=Decimal(40))
    assert told(NOW, "brands_goals_reached") == {"brands_goals_reached": 1}
    with system_scope("test"):
        GoalFigure.objects.exclude(pk=last.pk).update(now=Decimal(40))
        GoalFigure.objects.filter(pk=last.pk).update(now=Decimal(39))
    assert told(NOW, "brands_goals_reached") == {"brands_goals_reached": 0}


def test_idle_and_without_a_plan(town, places, neighbour):
    then = date(2027, 2, 15)
    late = Period(then, then, then)
    found = told(late)
    assert (found["brand_counties_idle"], found["brand_counties_without_plan"]) == (2, 2)
    with system_scope("test"):
        plan = actions.adopt(practice=town, org=places["濂溪区"], by=neighbour, today=TODAY)
        actions.end_plan(plan=plan, state="adopted", outcome="用上了", by=neighbour, today=TODAY)
    found = told(late)
    assert (found["brand_counties_without_plan"], found["practices_unused"]) == (1, 0)
    early = told(Period(TODAY - timedelta(days=1), TODAY - timedelta(days=1), TODAY), "practices_unused")
    assert early == {"practices_unused": 1}


@pytest.mark.parametrize("key", KEYS)
def test_each_opens_its_list(town, key, places):
    metric = METRICS[key]
    address = urlsplit(metric.list_url(places["九江市"].pk, NOW))
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert query["metric"] == key
    with system_scope("test") as scope:
        if metric.family.model == "brands.Brand":
            found = brands.filtered(scope, BrandFilter(query, scope=scope).wanted(), TODAY)
        elif metric.family.model == "brands.Practice":
            found = practices.filtered(scope, PracticeFilter(query).wanted(), TODAY)
        else:
            found = effort.counties(scope, EffortFilter(query, scope=scope).wanted(), TODAY)
        assert found.count() == told(NOW, key)[key]


def test_a_list_of_another_city_is_no_measure(town, places, city):
    """Each county is measured by the newest list that reached it, whatever was issued elsewhere since."""
    with system_scope("test"):
        PracticeList.objects.create(org=places["齐齐哈尔市"], year=2026, number=1, title="别处", issued_on=date(2026, 12, 20))
    then = date(2027, 2, 15)
    assert told(Period(then, then, then), "brand_counties_without_plan") == {"brand_counties_without_plan": 2}


def test_the_last_sign_of_life_is_what_the_figure_reads(town, places, neighbour):
    with system_scope("test") as scope:
        rows = {one.org.name: one for one in effort.effort(scope, effort.counties(scope, {}, TODAY))}
        assert (rows["浔阳区"].brands, rows["浔阳区"].named, rows["濂溪区"].brands, rows["濂溪区"].last) == (1, 1, 2, TODAY)
        plan = actions.adopt(practice=town, org=places["濂溪区"], by=neighbour, today=TODAY)
        later = date(2027, 1, 5)
        actions.note_progress(plan=plan, text="看过", by=neighbour, now=at(later), today=later)
        rows = {one.org.name: one for one in effort.effort(scope, effort.counties(scope, {}, TODAY))}
        assert (rows["濂溪区"].last, rows["濂溪区"].learning) == (later, 1)


def test_pages_of_figures(town, client, city):
    client.force_login(city)
    page = client.get(reverse("brands:effort")).content.decode()
    assert "浔阳区" in page
    assert client.get(METRICS["brand_counties_idle"].list_url(1, NOW)).status_code == 200
    assert "目标全部达到" in client.get(reverse("dashboard")).content.decode()
