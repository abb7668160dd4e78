"""待办 of 一县一品: one list for the page and the messages."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from apps.accounts.permissions import ROLES, Right, Role
from apps.activity.models import Notification
from apps.brands.actions import brands, practices, reviews
from apps.brands.actions.telling import tell_duties
from apps.brands.models import PlannedStep, ReviewRound, StudyPhase, StudyPlan
from apps.brands.selectors import desk as selectors
from apps.brands.selectors.effort import without_plan
from apps.brands.standards import PLAN_DAYS, WEIGHTS
from apps.core.calendar import Quarter
from apps.core.scope import system_scope
from tests.brands.conftest import TODAY, at

OFFICER = ROLES[Role.COUNTY_OFFICER]


def owed(scope_of, place, today=TODAY) -> dict[str, selectors.Item]:
    with system_scope("test"):
        return {one.key.split(":")[0]: one for one in selectors.items_of(scope_of(place), today)}


def told(day) -> int:
    with system_scope("test") as scope:
        return tell_duties(scope=scope, today=day, now=at(day))


def test_a_report_unwritten_then_returned(approved, report, scope_of):
    brand = approved()
    quarter = Quarter(2026, 3)
    one = owed(scope_of, "浔阳区", date(2026, 10, 5))["report"]
    assert (one.due_on, one.came_back, one.title) == (date(2026, 10, 10), False, "“银龄先锋站”2026年第三季度进展请报送")
    assert "逾期未报" in owed(scope_of, "九江市", date(2026, 10, 12))["report"].title
    assert "report" not in owed(scope_of, "濂溪区", date(2026, 10, 5))
    report(brand, quarter, "submit", "return")
    found = owed(scope_of, "浔阳区", date(2026, 10, 12))
    assert "report" not in found
    assert (found["returned"].note, found["returned"].came_back) == ("请写清", True)


def test_a_brand_sent_back_and_one_that_mends(write, step, named, scope_of):
    with system_scope("test"):
        brand = step(step(write(name="第二个"), "apply"), "return", note="目标写不清")
    assert owed(scope_of, "浔阳区")["brand"].note == "目标写不清"
    step(brand, "stop", note="不办了")
    assert "brand" not in owed(scope_of, "浔阳区")
    step(named(), "rectify", note="停了半年")
    assert owed(scope_of, "浔阳区")["brand"].note == "停了半年"


def test_a_month_of_the_plan(approved, scope_of, county, places):
    brand = approved()
    with system_scope("test"):
        row = PlannedStep.objects.create(brand=brand, org=brand.org, month=date(2026, 5, 1), text="试点开张")
    keyed = {one.key: one for one in items(scope_of, date(2026, 5, 20))}
    one = keyed[f"month:{row.pk}"]
    assert (one.due_on, one.tells) == (date(2026, 5, 31), (date(2026, 6, 1),))
    assert f"month:{row.pk}" not in {found.key for found in items(scope_of, date(2026, 4, 30))}
    with system_scope("test"):
        seen = [f"month:{row.pk}" in {found.key for found in selectors.owed_at(scope_of("九江市"), places[place], date(2026, 5, 20))} for place in ("九江市", "浔阳区")]
    assert seen == [False, True]
    with system_scope("test"):
        brands.tick_step(step=row, by=county, today=date(2026, 5, 20))
    assert f"month:{row.pk}" not in {found.key for found in items(scope_of, date(2026, 6, 20))}


def items(scope_of, today, place="浔阳区"):
    with system_scope("test"):
        return selectors.items_of(scope_of(place), today)


def test_a_question_waits_for_its_owner_alone(listed, places, neighbour, county, scope_of):
    made = listed()
    with system_scope("test"):
        asked = practices.ask(practice=made, org=places["濂溪区"], text="谁出钱？", by=neighbour, today=TODAY, now=at(TODAY))
    one = owed(scope_of, "浔阳区")["question"]
    assert (one.note, one.due_on) == ("谁出钱？", TODAY + timedelta(days=10))
    assert "question" not in owed(scope_of, "濂溪区")
    with system_scope("test"):
        practices.answer(question=asked, org=places["浔阳区"], text="自己出", by=county, today=TODAY, now=at(TODAY))
    assert "question" not in owed(scope_of, "浔阳区")


def test_from_the_list_to_the_look_a_year_later(listed, places, neighbour, scope_of):
    made = listed(day=date(2026, 10, 26))
    due = date(2026, 10, 26) + timedelta(days=PLAN_DAYS)
    one = owed(scope_of, "濂溪区")["unplanned"]
    assert (one.due_on, one.org.name) == (due, "濂溪区")
    assert "unplanned" not in owed(scope_of, "齐齐哈尔市")
    assert [told(due - timedelta(days=11)), told(due - timedelta(days=10)), told(due - timedelta(days=9))] == [0, 2, 0]
    assert Notification.objects.filter(user=neighbour, title__contains="订学习推广计划").count() == 1
    with system_scope("test"):
        plan = practices.adopt(practice=made, org=places["濂溪区"], by=neighbour, today=date(2026, 11, 2))
        phase = StudyPhase.objects.filter(plan=plan).order_by("order").first()
    found = owed(scope_of, "濂溪区", phase.due_on - timedelta(days=7))
    assert "unplanned" not in found
    assert (found["phase"].due_on, found["phase"].note) == (phase.due_on, phase.person)
    assert "phase" not in owed(scope_of, "濂溪区", phase.due_on - timedelta(days=8))
    with system_scope("test"):
        practices.end_plan(plan=StudyPlan.objects.get(pk=plan.pk), state="adopted", outcome="用上了", by=neighbour, today=date(2026, 11, 20))
    assert "check" not in owed(scope_of, "濂溪区", date(2027, 11, 19))
    check = owed(scope_of, "濂溪区", date(2027, 11, 20))["check"]
    assert check.due_on == date(2027, 11, 20)
    assert "phase" not in owed(scope_of, "濂溪区", date(2027, 11, 20))


def test_the_desk_and_the_figure_mean_the_same_counties(listed, places, neighbour, scope_of):
    made = listed(day=date(2026, 10, 26))
    late = date(2026, 10, 26) + timedelta(days=PLAN_DAYS)

    def both() -> tuple[set[str], set[str]]:
        with system_scope("test"):
            owed_by = {one.org.name for one in selectors.items_of(scope_of("九江市"), late) if one.key.startswith("unplanned:")}
            return owed_by, {one.name for one in without_plan(scope_of("九江市"), late)}

    first = both()
    assert first[0] == first[1] >= {"濂溪区", "浔阳区"}
    with system_scope("test"):
        practices.adopt(practice=made, org=places["濂溪区"], by=neighbour, today=date(2026, 11, 2))
    second = both()
    assert second[0] == second[1] == first[0] - {"濂溪区"}


def test_what_waits_above(write, step, approved, report, places, scope_of):
    with system_scope("test"):
        first, second = write(name="甲"), approved(name="乙")
    step(first, "apply")
    report(second, Quarter(2026, 2), "submit")
    with system_scope("test"):
        at_city = selectors.waiting(scope_of("九江市"), places["九江市"], OFFICER, TODAY)
        at_county = selectors.waiting(scope_of("浔阳区"), places["浔阳区"], OFFICER, TODAY)
        leader = selectors.waiting(scope_of("九江市"), places["九江市"], frozenset({Right.BRAND_NAME}), TODAY)
    assert [one.title for one in at_city] == ["“甲”待审核", "审阅“乙”2026年第二季度进展"]
    assert (at_county, leader) == ([], [])


def test_publicity_over_waits_for_whoever_names(shortlisted, judged, step, places, scope_of):
    brand = shortlisted()
    with system_scope("test"):
        ReviewRound.objects.filter(pk=judged(brand).round_id).update(opened_on=TODAY)
    for key in ("propose", "publish"):
        brand = step(brand, key, day=TODAY)
    naming = frozenset({Right.BRAND_NAME})
    with system_scope("test"):
        assert selectors.waiting(scope_of("九江市"), places["九江市"], naming, brand.public_to) == []
        (one,) = selectors.waiting(scope_of("九江市"), places["九江市"], naming, brand.public_to + timedelta(days=1))
    assert one.title == "“银龄先锋站”公示期满，可以命名"


def test_a_showing_waits_for_its_round_and_its_result(shortlisted, places, city, person, scope_of):
    brand = shortlisted()
    naming, reviewing = frozenset({Right.BRAND_NAME}), frozenset({Right.BRAND_REVIEW})

    def titles(rights) -> list[str]:
        with system_scope("test"):
            return [one.title for one in selectors.waiting(scope_of("九江市"), places["九江市"], rights, TODAY)]

    assert (titles(reviewing), titles(naming)) == (["“银龄先锋站”初评已通过，待展评"], [])
    judges = [person("九江市", Role.LEADER, username=f"judge{n}") for n in range(3)]
    with system_scope("test"):
        only = {"material": 100, "stage": 0, "vote": 0}
        found = reviews.open_round(org=places["九江市"], title="展评", brands=[brand], judges=judges, weights=only, by=city, today=TODAY, now=at(TODAY))
        entry, points = found.entries.get(), {one["key"]: one["points"] for one in found.criteria["material"]}
    for user in judges:
        assert (titles(reviewing), titles(naming)) == ([], [])
        with system_scope("test"):
            reviews.score_entry(entry=entry, user=user, part="material", points=points, comment="", final=True, today=TODAY)
    assert titles(reviewing) == ["展评：打分齐了，可以出结果"]
    with system_scope("test"):
        reviews.close_round(found=found, by=city, today=TODAY)
    assert (titles(reviewing), titles(naming)) == ([], ["“银龄先锋站”展评已出结果，待拟命名"])
    with system_scope("test"):
        ReviewRound.objects.filter(pk=found.pk).update(opened_on=TODAY - timedelta(days=1))
    assert (titles(reviewing), titles(naming)) == (["“银龄先锋站”初评已通过，待展评"], []), "an old result counts for a new 初评"


def test_a_judge_is_asked_until_all_sheets_are_in(shortlisted, places, city, person):
    brands_in = [shortlisted(), shortlisted(org="濂溪区", name="故事会")]
    judges = [person("九江市", Role.LEADER, username=f"judge{n}") for n in range(3)] + [person("浔阳区", Role.COUNTY_OFFICER, username="own")]
    with system_scope("test"):
        found = reviews.open_round(org=places["九江市"], title="展评", brands=brands_in, judges=judges, weights=WEIGHTS, by=city, today=TODAY, now=at(TODAY))
        entries = list(found.entries.select_related("brand__org"))
    assert [one.note for one in selectors.to_judge(judges[0], TODAY)] == ["已提交 0 张，共 4 张"]
    assert [one.note for one in selectors.to_judge(judges[3], TODAY)] == ["已提交 0 张，共 2 张"]
    for entry in entries:
        for part in ("material", "stage"):
            if entry.brand.org.name != "浔阳区":
                with system_scope("test"):
                    points = {one["key"]: one["points"] for one in found.criteria[part]}
                    reviews.score_entry(entry=entry, user=judges[3], part=part, points=points, comment="", final=True, today=TODAY)
    assert selectors.to_judge(judges[3], TODAY) == []


@pytest.mark.parametrize("role", [Role.COUNTY_OFFICER, Role.LEADER])
def test_every_link_of_the_desk_opens(role, listed, approved, report, places, neighbour, person, client):
    made = listed()
    report(approved(name="另一个"), Quarter(2026, 3), "submit", "return")
    with system_scope("test"):
        practices.ask(practice=made, org=places["濂溪区"], text="谁出钱？", by=neighbour, today=TODAY, now=at(TODAY))
    client.force_login(person("九江市", role, username="reader"))
    page = client.get(reverse("brands:desk"))
    links = [one.url for _, rows in page.context["groups"] for one in rows]
    assert len(links) >= 3
    assert {client.get(link.split("#")[0]).status_code for link in links} == {200}


def test_an_empty_desk_and_a_wide_one(client, county, city, monkeypatch, approved):
    client.force_login(county)
    assert "现在没有要办的" in client.get(reverse("brands:desk")).content.decode()
    approved()
    monkeypatch.setattr(selectors, "MOST", 0)
    client.force_login(city)
    assert "逐件列出没有意义" in client.get(reverse("brands:desk")).content.decode()
