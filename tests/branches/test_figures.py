"""Figures of branches: against hand-made cases, against the findings of the list, and each against the rows its link opens."""

import uuid
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.branches.actions.activities import log_activity
from apps.branches.actions.branches import dissolve_branch
from apps.branches.actions.committees import Holder, save_committee
from apps.branches.actions.inspections import plan_inspections, record_inspection
from apps.branches.actions.rectifications import open_rectification, take_step
from apps.branches.forms import BranchFilter
from apps.branches.models import Ballot, Branch, PartyMember
from apps.branches.selectors import ballots, branches, supervision
from apps.core.calendar import Quarter
from apps.core.metrics import METRICS, Period, count
from apps.core.scope import system_scope
from tests.branches.conftest import TODAY
from tests.branches.test_activities import VALUES

KEYS = [key for key, metric in METRICS.items() if metric.family.model.startswith("branches.")]
NOW = Period(TODAY, TODAY, TODAY)


@pytest.fixture
def town(set_up, comrade, officer, places):
    """Three branches: one sound but for its year, one over its term with too few, one that is dissolved; a functional one beside."""
    with system_scope("test"):
        pass
    sound = set_up(members=[comrade(f"甲{n}") for n in range(4)])
    late = set_up("卫健支部", org="浔阳区", members=[comrade("乙", "浔阳区")])
    gone = set_up("撤销支部", org="浔阳区")
    set_up("书画班", org="浔阳区", kind="functional")
    with system_scope("test") as scope:
        people = list(PartyMember.objects.filter(branch=sound).order_by("pk"))
        save_committee(branch=sound, holders=[Holder("secretary", people[0].cadre_id)], by=officer, today=TODAY, starts_on=date(2025, 1, 1))
        holder = PartyMember.objects.get(branch=late).cadre_id
        save_committee(branch=late, holders=[Holder("secretary", holder)], by=officer, today=TODAY, starts_on=date(2023, 1, 1), ends_on=TODAY - timedelta(days=1))
        dissolve_branch(branch=gone, reason="合并", on=TODAY - timedelta(days=3), by=officer, today=TODAY)
        for month in range(1, 11):
            values = VALUES | {"held_on": date(2026, month, 10), "present": [one.pk for one in people[: 4 if month > 5 else 1]]}
            log_activity(branch=sound, once=uuid.uuid4(), by=officer, today=TODAY, **values)
        given = {"by": officer, "today": TODAY, "now": timezone.now()}
        row = plan_inspections(
            branches=Branch.objects.visible_to(scope), chosen=[sound.pk], kind="stage", planned_on=TODAY, team="张三", org=places["浔阳区"], **given
        )[0][0]  # fmt: skip
        record_inspection(inspection=row, inspected_on=TODAY, ways=["座谈"], good="好", demand="", problems=[("life", "缺党课")], **given)
        past = TODAY - timedelta(days=90)
        old = open_rectification(branch=late, problem="旧问题", due_on=TODAY - timedelta(days=1), by=officer, today=past, now=timezone.now())
        take_step(case=old, step="supervise", **given)
        plain = {"questions": ["总体"], "threshold": 90, "least": 5, "opened_on": TODAY, "closes_on": TODAY, "state": "closed", "voted": 9, "created_by": officer, "org": late.org}
        Ballot.objects.create(branch=late, title="评议", year=2026, closed_on=TODAY, rate=80, **plain)
        Ballot.objects.create(branch=late, title="上年评议", year=2025, closed_on=date(2025, 12, 1), rate=95, **plain | {"state": "closed"})
    return {"sound": sound, "late": late}


def numbers(path, period=NOW) -> dict:
    with system_scope("test"):
        found = count([METRICS[key] for key in KEYS], path, period)
    return {key: found[key][path] for key in KEYS}


def test_hand_made_case(town, places):
    assert numbers(places["浔阳区"].path) == {
        "branches": 3, "branches_term_over": 1, "branches_term_near": 0, "branches_too_few": 1, "branches_too_many": 0, "branches_life_short": 2, "branches_attendance_low": 1,
        "branches_never_inspected": 2, "rectify_open": 2, "rectify_late": 1, "rectify_supervised": 1, "ballots_closed": 1, "ballots_short": 1,
    }  # fmt: skip
    assert numbers(places["浔阳区教育局"].path)["branches"] == 1
    assert set(numbers(places["濂溪区"].path).values()) == {0}


def test_the_county_is_the_sum_of_its_units_and_itself(town, places):
    with system_scope("test"):
        found = count([METRICS[key] for key in KEYS], places["九江市"].path, NOW)
    for key in KEYS:
        assert found[key][places["九江市"].path] == found[key].get(places["浔阳区"].path, 0) + found[key].get(places["濂溪区"].path, 0)


def test_what_the_year_lacks_is_what_the_list_finds(town):
    with system_scope("test") as scope:
        found = branches.branches(scope).filter(dissolved_on=None)
        rows, listed = branches.lines(found, TODAY), set(branches.looking(found, "life", TODAY).values_list("pk", flat=True))
        assert set(METRICS["branches_life_short"].rows(scope, NOW).values_list("pk", flat=True)) == listed
        over = {line.branch.pk for line in rows if any(one.key == "term_over" for one in line.findings)}
        assert set(METRICS["branches_term_over"].rows(scope, NOW).values_list("pk", flat=True)) == over


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("place", ["九江市", "浔阳区", "浔阳区教育局"])
@pytest.mark.parametrize("period", [NOW, Period.of(Quarter(2026, 3), TODAY)], ids=["now", "Q3"])
def test_every_figure_opens_the_rows_it_counted(town, places, key, place, period):
    org = places[place]
    query = {name: given[0] for name, given in parse_qs(urlsplit(METRICS[key].list_url(org.pk, period)).query).items()}
    wanted = {"metric": query["metric"], "period": query.get("period", ""), "org": org}
    with system_scope("test") as scope:
        model = METRICS[key].family.model
        if model == "branches.Branch":
            assert BranchFilter(query, scope=scope).wanted()["org"] == org
            found = branches.filtered(scope, wanted, TODAY)
        elif model == "branches.Rectification":
            found = supervision.filtered(scope, wanted, TODAY)
        else:
            found = ballots.filtered(scope, wanted, TODAY)
        assert found.count() == count([METRICS[key]], org.path, period)[key][org.path]


def test_a_past_quarter_sees_what_was_then(town, places, officer):
    before = numbers(places["浔阳区"].path, Period.of(Quarter(2026, 3), TODAY))
    assert (before["branches"], before["branches_term_over"], before["rectify_open"], before["rectify_late"]) == (4, 0, 1, 0)
    with system_scope("test"):
        dissolved = Branch.objects.get(name="书画班")
        dissolve_branch(branch=dissolved, reason="停办", on=TODAY, by=officer, today=TODAY)
    assert numbers(places["浔阳区"].path, Period.of(Quarter(2026, 3), TODAY)) == before


def test_nonsense_in_the_address_shows_nothing_rather_than_everything(client, town, officer):
    client.force_login(officer)
    for query in ("metric=people", "metric=none", "metric=branches&period=2026X"):
        assert "没有符合条件" in client.get(reverse("branches:list") + f"?{query}").content.decode()
