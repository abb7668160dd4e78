"""A brand's way: every state × step, who may take it, what it asks for, what the database keeps without the code."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from apps.accounts.models import Membership
from apps.accounts.permissions import Role
from apps.activity.models import Notification
from apps.brands.actions import brands as actions
from apps.brands.actions.brands import GoalRow, MonthRow
from apps.brands.models import Brand, BrandState, BrandStep, Goal, PlannedStep, Spread
from apps.brands.selectors import brands as selectors
from apps.brands.workflow import BRAND, OWN
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from apps.core.workflow import drawn
from tests.brands.conftest import QUARTERS, TODAY, VALUES, at


def refused(act, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as caught, system_scope("test"):
        act(*args, **kwargs)
    return caught.value


@pytest.mark.parametrize("state", BrandState.values)
def test_every_step_from_every_state(write, city, county, state):
    brand = write()
    brand.state, brand.public_to, brand.document_no = state, date(2026, 1, 1), "1"
    for key, rule in BRAND.steps.items():
        by = county if key in OWN else city
        reason = BRAND.reason_against(brand, key, by=by, today=TODAY)
        if state not in rule.sources:
            assert "不能" in reason, key
        elif key not in ("ask", "propose"):
            assert reason == "", (key, reason)


def test_judged_from_above_and_never_from_inside(write, step, city, county, leader, neighbour, person):
    brand = step(write(), "apply")
    assert "申报的" in refused(step, brand, "hear", by=county).sentence
    assert "创建单位任职" in refused(step, brand, "hear", by=person("浔阳区", Role.LEADER, username="head")).sentence
    assert "须由上级" in refused(step, brand, "hear", by=neighbour).sentence
    both = person("九江市", Role.COUNTY_OFFICER, username="both")
    Membership.objects.create(user=both, org=brand.org, role=Role.WORKER, starts_on=date(2026, 1, 1))
    assert "创建单位任职" in refused(step, brand, "hear", by=both).sentence
    step(brand, "hear")
    with system_scope("test"):
        Brand.objects.filter(pk=brand.pk).update(applied_by=city)
    assert "申报的" in refused(step, brand, "approve").sentence
    assert step(brand, "approve", by=leader).approved_on == TODAY


def test_the_database_keeps_duties_apart(approved, county):
    brand = approved()
    for given in ({"approved_by": county}, {"named_by": county}, {"state": "named"}, {"line": "x"}, {"award": "x"}):
        with pytest.raises(IntegrityError), system_scope("test"), transaction.atomic():
            Brand.objects.filter(pk=brand.pk).update(**given)
    with pytest.raises(DatabaseError, match="Cannot update"), system_scope("test"), transaction.atomic():
        BrandStep.objects.filter(case=brand).update(note="x")


def test_an_application_asks_for_what_matters(write, step):
    bare = write(name="空的", problem="", meaning=" ")
    with system_scope("test"):
        Goal.objects.filter(brand=bare).delete()
    assert refused(step, bare, "apply").sentence == "还没有写：品牌内涵、要解决的难题、目标。"
    with system_scope("test"):
        assert Brand.objects.get(pk=bare.pk).state == "draft"


def test_from_draft_to_the_loss_of_the_name(named, step, leader):
    brand = named()
    assert (brand.state, brand.award, brand.document_no) == ("spreading", "model", "九老干〔2026〕1 号")
    assert step(brand, "keep").reviewed_again_on == TODAY
    assert "原因" in refused(step, brand, "rectify").sentence
    step(brand, "rectify", note="没有人做了")
    step(brand, "restore")
    step(brand, "rectify", note="又没有人做了")
    gone = step(brand, "remove", by=leader, note="整改不到位")
    assert (gone.state, gone.ended_on) == ("removed", TODAY)
    with system_scope("test"):
        assert [one.step for one in BrandStep.objects.filter(case=brand)][-4:] == ["rectify", "restore", "rectify", "remove"]


def test_review_needs_three_reports_in_time_and_all_five(approved, report, step, city):
    brand = approved()
    report(brand, QUARTERS[0], "submit", "accept")
    report(brand, QUARTERS[1], "submit", "accept", day=date(2026, 7, 11))
    report(brand, QUARTERS[2], "submit", "accept")
    assert "有 2 份，满 3 份" in refused(step, brand, "ask").sentence
    with system_scope("test"):
        brand.reports.update(late=False)
    assert refused(step, brand, "ask").sentence == "五有还缺：标识。"


def test_publicity_lasts_its_days(named, step):
    brand = named()
    with system_scope("test"):
        Brand.objects.filter(pk=brand.pk).update(state="public", public_to=TODAY)
    assert "第二天起" in refused(step, brand, "name", document_no="1", award="fine").sentence
    later = date(2026, 11, 23)
    assert refused(step, brand, "name", day=later).field == "document_no"
    assert refused(step, brand, "name", day=later, document_no="1", award="x").field == "award"


def test_stopped_from_anywhere_with_a_reason(write, step):
    brand = write()
    assert refused(step, brand, "stop").field == "note"
    assert step(brand, "stop", note="并入另一项").state == "stopped"
    assert write().pk != brand.pk  # the name is free again


def test_comments_stand_at_the_columns_and_go_when_it_comes_back(write, step, city, county):
    brand = step(write(), "apply")
    given = {"brand": brand, "today": TODAY}
    assert "须由上级" in refused(actions.comment_brand, comments={"problem": "太大"}, by=county, **given).sentence
    with system_scope("test"):
        held = actions.comment_brand(comments={"problem": " 太大 ", "nonsense": "x", "media": ""}, by=city, **given)
    assert held.comments == {"problem": "太大"}
    step(brand, "return", note="改小")
    assert refused(actions.comment_brand, comments={}, by=city, **given).code == "brand_state"
    assert step(brand, "apply").comments == {}


def test_goals_that_were_reported_stay(approved, report, county):
    brand = approved()
    report(brand, QUARTERS[0])
    write = {"org": brand.org, "brand": brand, "values": VALUES, "months": [], "by": county, "now": at(TODAY)}
    assert "不能删去" in refused(actions.write_brand, goals=[GoalRow("新的", "个", Decimal(0), Decimal(1))], **write).sentence
    with system_scope("test"):
        goal = brand.goals.get()
        actions.write_brand(goals=[GoalRow("派单", "次", Decimal(0), Decimal(60), goal.pk), GoalRow("少跑", "次", Decimal(9), Decimal(1))], **write)
        assert [(one.name, one.target) for one in brand.goals.all()] == [("派单", 60), ("少跑", 1)]
        assert not PlannedStep.objects.filter(brand=brand).exists()
    for rows in ([GoalRow("甲", "个", Decimal(1), Decimal(1))], [GoalRow("甲", "个", Decimal(0), Decimal(1))] * 2, [GoalRow("甲", "个", Decimal(-1), Decimal(1))]):
        assert refused(actions.write_brand, goals=rows, **write).field == "goals"


def test_how_far_a_goal_is():
    up, down = Goal(start=Decimal(10), target=Decimal(50)), Goal(start=Decimal(9), target=Decimal(1))
    assert [up.share(Decimal(n)) for n in (5, 10, 30, 50, 70)] == [0, 0, 50, 100, 100]
    assert [down.share(Decimal(n)) for n in (9, 5, 1, 0)] == [0, 50, 100, 100]
    assert up.share(None) is None
    assert (up.reached(Decimal(50)), up.reached(Decimal(49)), down.reached(Decimal(1)), down.reached(Decimal(2)), up.reached(None)) == (True, False, True, False, False)


def test_two_at_once_and_a_stale_form(write, step, county):
    brand = write()
    with pytest.raises(Stale), system_scope("test"):
        actions.write_brand(org=brand.org, brand=brand, values=VALUES, goals=[], months=[], by=county, now=at(TODAY), version=brand.version - 1)
    assert refused(actions.write_brand, org=brand.org, values=VALUES, goals=[], months=[], by=county, now=at(TODAY)).sentence == "本单位已有叫这个名字的品牌。"


@pytest.mark.django_db(transaction=True)
def test_six_press_and_one_moves(write, county):
    brand = write()

    def press(_):
        try:
            with system_scope("test"):
                actions.take_step(brand=brand, step="apply", by=county, today=TODAY, now=at(TODAY), version=brand.version)
            return "moved"
        except (Refused, Stale):
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(press, range(6))) == ["moved"] + ["refused"] * 5


def test_places_meetings_and_months(approved, county):
    brand, given = approved(), {"by": county, "today": TODAY}
    place = {"rung": "pilot", "place": "甘棠社区", "since": date(2026, 2, 1), "people": 60, "evidence": "方案"}
    with system_scope("test"):
        made = actions.add_place(brand=brand, **place, **given)
    assert refused(actions.add_place, brand=brand, **place, **given).sentence == "这个地点已经登记过。"
    for change, field in (({"since": date(2027, 1, 1)}, "since"), ({"evidence": " "}, "evidence")):
        assert refused(actions.add_place, brand=brand, **place | {"place": "另一处"} | change, **given).field == field
    assert refused(actions.end_place, place=made, on=date(2026, 1, 1), why="停", **given).field == "on"
    assert refused(actions.end_place, place=made, on=TODAY, why="", **given).field == "why"
    with system_scope("test"):
        assert selectors.ladder([brand]) == {brand.pk: {"pilot": 1}}
        actions.end_place(place=made, on=TODAY, why="场地收回", **given)
        assert selectors.ladder([brand]) == {}
        actions.add_place(brand=brand, **place, **given)
        assert Spread.objects.filter(brand=brand).count() == 2
    with pytest.raises(Stale), system_scope("test"):
        actions.end_place(place=made, on=TODAY, why="再停", **given)
    assert refused(actions.add_meeting, brand=brand, held_on=date(2027, 1, 1), subject="x", decisions="y", **given).field == "held_on"
    with system_scope("test"):
        actions.add_meeting(brand=brand, held_on=TODAY, subject="启动", decisions="定人", **given)
        month = PlannedStep.objects.get(brand=brand)
        assert month.month == date(2026, 3, 1)
        assert actions.tick_step(step=month, **given).done_on == TODAY
        assert actions.tick_step(step=month, **given).done_on is None


def test_nothing_is_logged_of_an_ended_brand(write, step, county):
    brand = write()
    step(brand, "stop", note="停")
    assert refused(actions.add_meeting, brand=brand, held_on=TODAY, subject="x", decisions="y", by=county, today=TODAY).code == "brand_ended"


def test_those_who_wait_are_told(write, step, city, county):
    brand = step(write(), "apply")
    assert Notification.objects.filter(user=city, key=f"brand:{brand.pk}:{brand.version}").count() == 1
    brand = step(brand, "return", note="改小")
    assert Notification.objects.filter(user=county, body="改小").count() == 1


def test_months_without_a_number_are_refused(write, county, approved):
    brand = approved()
    rows = [MonthRow(TODAY, "x")] * (actions.MOST_MONTHS + 1)
    assert refused(actions.write_brand, org=brand.org, brand=brand, values=VALUES, goals=[], months=rows, by=county, now=at(TODAY)).field == "months"


def test_the_drawing_names_every_step():
    page = drawn(BRAND)
    assert all(rule.label in page for rule in BRAND.steps.values())
