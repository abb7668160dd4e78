"""经验做法: issued by the city and read below, asked about, taken over as a plan, what became of it; who learned from whom."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from apps.activity.models import Notification
from apps.brands.actions import practices as actions
from apps.brands.actions.practices import PhaseRow
from apps.brands.models import Practice, PracticeList, StudyPhase, StudyPlan
from apps.brands.selectors import effort, learning, plans
from apps.brands.selectors import practices as selectors
from apps.core.refusal import Refused, Stale
from apps.core.scope import entered, system_scope
from tests.brands.conftest import TODAY, at

WORDS = {"conditions": "一人", "results": "翻一番", "contact": "乙", "fit_for": ["county"]}
FIELDS = {"why": "", "adaptation": "", "person": "", "expected": ""}


def refused(act, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as caught, system_scope("test"):
        act(*args, **kwargs)
    return caught.value


@pytest.fixture
def plan(listed, places, neighbour):
    practice = listed()
    with system_scope("test"):
        return actions.adopt(practice=practice, org=places["濂溪区"], by=neighbour, today=TODAY)


def test_a_list_is_the_citys_and_stays_as_issued(listed, places, county, city, neighbour):
    practice = listed(issue=False)
    one = practice.listed
    assert refused(actions.begin_list, org=places["浔阳区"], title="x", by=county, today=TODAY).code == "level"
    assert refused(actions.begin_list, org=places["九江市"], title="x", by=city, today=TODAY).code == "list_open"
    with system_scope("test"):
        second = actions.write_practice(listed=one, brand=practice.brand, title="第二项", steps=["一", "二", "三"], by=city, **WORDS)
        assert second.number == 2
        actions.take_off(practice=practice, by=city)
        second = Practice.objects.select_related("brand").get()
        assert second.number == 1
    for change, field in (({"steps": ["一", " ", "三"]}, "step2"), ({"steps": ["一"]}, "step3"), ({"fit_for": []}, "fit_for"), ({"fit_for": ["moon"]}, "fit_for")):
        given = {"listed": one, "brand": second.brand, "title": "x", "steps": ["一", "二", "三"], "by": city} | WORDS | change
        assert refused(actions.write_practice, **given).field == field
    with system_scope("test"):
        actions.issue_list(listed=one, by=city, today=TODAY, now=at(TODAY))
    assert refused(actions.take_off, practice=second, by=city).code == "list_issued"
    assert refused(actions.issue_list, listed=one, by=city, today=TODAY, now=at(TODAY)).code == "list_issued"
    assert {one.username for one in (county, neighbour)} <= set(Notification.objects.filter(key__startswith="practice_list").values_list("user__username", flat=True))


def test_only_named_brands_are_listed(approved, places, city):
    brand = approved()
    with system_scope("test"):
        one = actions.begin_list(org=places["九江市"], title="x", by=city, today=TODAY)
    assert refused(actions.write_practice, listed=one, brand=brand, title="x", steps=["一", "二", "三"], by=city, **WORDS).field == "brand"
    assert refused(actions.issue_list, listed=one, by=city, today=TODAY, now=at(TODAY)).code == "list_empty"


def test_read_below_once_issued_and_nowhere_else(listed, scope_of):
    practice = listed(issue=False)

    def seen(place):
        scope = scope_of(place)
        with entered(scope):
            return selectors.practices(scope).count(), selectors.lists(scope).count()

    assert (seen("九江市"), seen("濂溪区"), seen("齐齐哈尔市")) == ((1, 1), (0, 0), (0, 0))
    with system_scope("test"):
        PracticeList.objects.filter(pk=practice.listed_id).update(issued_on=TODAY)
    assert (seen("九江市"), seen("濂溪区"), seen("齐齐哈尔市")) == ((1, 1), (1, 1), (0, 0))
    with system_scope("test"):  # the first fence alone
        assert [selectors.practices(scope_of(name)).count() for name in ("九江市", "濂溪区", "齐齐哈尔市")] == [1, 1, 0]
    scope = scope_of("濂溪区")
    with entered(scope), pytest.raises(DatabaseError), transaction.atomic():
        Practice.objects.filter(pk=practice.pk).update(title="改了")


def test_asked_and_answered_for_all(listed, places, neighbour, county, city):
    practice = listed()
    ask = {"practice": practice, "today": TODAY, "now": at(TODAY)}
    with system_scope("test"):
        made = actions.ask(org=places["濂溪区"], text=" 钱谁出？ ", by=neighbour, **ask)
    assert made.text == "钱谁出？"
    assert Notification.objects.filter(user=county, title__contains="专长派单").exists()
    assert refused(actions.ask, org=places["浔阳区"], text="x", by=county, **ask).code == "own_practice"
    assert refused(actions.ask, org=places["濂溪区"], text=" ", by=neighbour, **ask).field == "text"
    answer = {"question": made, "today": TODAY, "now": at(TODAY)}
    assert refused(actions.answer, org=places["濂溪区"], text="不知道", by=neighbour, **answer).code == "not_owner"
    assert refused(actions.answer, org=places["浔阳区"], text="", by=county, **answer).field == "text"
    with system_scope("test"):
        assert actions.answer(org=places["浔阳区"], text="医保出", by=county, **answer).answered_on == TODAY
    assert Notification.objects.filter(user=neighbour, title__contains="已答复").exists()


def test_one_click_makes_a_plan_of_ones_own(plan, places, neighbour, county, city):
    with system_scope("test"):
        assert [(one.order, one.due_on - TODAY) for one in StudyPhase.objects.filter(plan=plan)] == [(1, timedelta(30)), (2, timedelta(90)), (3, timedelta(180))]
    again = {"practice": plan.practice, "by": neighbour, "today": TODAY}
    assert refused(actions.adopt, org=places["濂溪区"], **again).sentence == "本单位正在学这一项。"
    assert refused(actions.adopt, org=places["浔阳区"], **again).code == "own_practice"
    assert refused(actions.adopt, org=places["九江市"], **again).code == "own_practice"


def test_phases_change_but_not_what_is_done(plan, neighbour):
    with system_scope("test"):
        first, second, third = StudyPhase.objects.filter(plan=plan)
        actions.note_progress(plan=plan, phase=first, text="看过了", result="一份记录", by=neighbour, now=at(TODAY), today=TODAY)
    with pytest.raises(Stale), system_scope("test"):
        actions.note_progress(plan=plan, phase=first, text="再看", by=neighbour, now=at(TODAY), today=TODAY)
    kept, new = PhaseRow(first.text, "甲", first.due_on, first.pk), PhaseRow("总结", "", date(2027, 6, 1))
    change = {"plan": plan, "values": FIELDS, "by": neighbour}
    assert refused(actions.change_plan, phases=[new], **change).code == "phase_done"
    assert refused(actions.change_plan, phases=[], **change).code == "phase_count"
    assert refused(actions.change_plan, phases=[new, kept], **change).code == "phase_order"
    with system_scope("test"):
        actions.change_plan(phases=[kept, new], **change)
        rows = plans.phases(plan)
        assert [(one.order, one.text, bool(one.done_on)) for one in rows] == [(1, first.text, True), (2, "总结", False)]
        assert plans.share(rows) == 50


def test_what_became_of_it_and_a_year_on(plan, neighbour, scope_of):
    end = {"plan": plan, "by": neighbour, "today": TODAY}
    assert refused(actions.end_plan, state="doing", outcome="x", **end).field == "state"
    assert "没有采用的原因" in refused(actions.end_plan, state="dropped", outcome=" ", **end).sentence
    with system_scope("test"):
        actions.end_plan(state="adapted", outcome="两个街道", **end)
    assert refused(actions.end_plan, state="adopted", outcome="x", **end).code == "plan_ended"
    assert refused(actions.note_progress, plan=plan, text="x", by=neighbour, now=at(TODAY), today=TODAY).code == "plan_ended"
    check = {"plan": plan, "still_works": True, "by": neighbour}
    assert refused(actions.check_plan, note="在用", today=date(2027, 11, 21), **check).code == "too_early"
    with system_scope("test"):
        assert plans.to_check(StudyPlan.objects.all(), date(2027, 11, 22)).count() == 1
        actions.check_plan(note="在用", today=date(2027, 11, 22), **check)
        assert plans.to_check(StudyPlan.objects.all(), date(2027, 11, 22)).count() == 0
        assert selectors.adoptions([plan.practice]) == {plan.practice_id: 1}


def test_who_learned_from_whom(plan, places, scope_of, neighbour):
    with system_scope("test"):
        found = learning.learned(scope_of("九江市"))
        pair = (places["濂溪区"].pk, places["浔阳区"].pk)
        assert found.cells == {pair: (1, 0, 1)}
        actions.end_plan(plan=plan, state="adopted", outcome="用上了", by=neighbour, today=TODAY)
        assert learning.learned(scope_of("九江市")).cells == {pair: (1, 1, 0)}
        drawn = learning.graph(learning.learned(scope_of("九江市")))
        assert [(one.plans, one.taken, one.title) for one in drawn["edges"]] == [(1, 1, "濂溪区学浔阳区：1 项，已采用 1 项")]
        assert drawn["edges"][0].start == drawn["rows"][0][1]
        assert drawn["edges"][0].end == drawn["columns"][0][1]
        assert learning.learned(scope_of("齐齐哈尔市")).rows == []
        assert learning.graph(learning.learned(scope_of("齐齐哈尔市")))["edges"] == []
    scope = scope_of("浔阳区")
    with entered(scope):
        assert plans.plans(scope).count() == 0  # the learner's own plan is the learner's
        assert selectors.learners_of(plan.practice.brand) == [("濂溪区", "专长派单", "已采用")]


def test_too_many_lines_are_drawn_a_level_higher(plan, scope_of, places, monkeypatch):
    assert [learning.cut("/36/3604/360403/u1/", depth) for depth in (3, 2, 1)] == ["/36/3604/360403/", "/36/3604/", "/36/"]
    assert learning.cut("/36/", 3) == "/36/"
    monkeypatch.setattr(learning, "MOST_LINES", 0)
    with system_scope("test"):
        found = learning.learned(scope_of("九江市"))
        assert found.cells == {(places["江西省"].pk, places["江西省"].pk): (1, 0, 1)}


def test_counties_without_a_plan_after_thirty_days(plan, scope_of, places):
    with system_scope("test"):
        issued = plan.practice.listed.issued_on
        assert [one.name for one in effort.without_plan(scope_of("九江市"), issued + timedelta(29))] == []
        assert [one.name for one in effort.without_plan(scope_of("九江市"), issued + timedelta(30))] == ["浔阳区"]
        StudyPlan.objects.all().update(started_on=issued - timedelta(1))
        assert [one.name for one in effort.without_plan(scope_of("九江市"), issued + timedelta(30))] == ["濂溪区", "浔阳区"]
