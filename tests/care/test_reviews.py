"""Looking at a class again: asked for once a quarter and after events, settled by deciding, also when it stays as it is."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.cadres.actions.changes import register_status_change
from apps.care import standards
from apps.care.actions.classes import decide_class, review_classes
from apps.care.actions.todos import finish_todo
from apps.care.models import ClassDecision, OccasionRule, ServicePlan, ToDo
from apps.care.models.plan import CARRIED
from apps.care.reminders import open_occasions
from apps.care.selectors.plans import filtered
from apps.core.metrics import METRICS, Period, count
from apps.core.refusal import Refused
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
TODAY = date(2026, 12, 5)
HERE = "浔阳区"


@pytest.fixture(autouse=True)
def rules(db):
    standards.load()
    OccasionRule.objects.exclude(opens="review").delete()


@pytest.fixture
def officer(person):
    return person()


@pytest.fixture
def plan(places, officer):
    return make.plan(make.cadre(places["浔阳区教育局"], living="alone"), date(2026, 1, 1), "key", class_decided=True, worker=officer)


def asked() -> list[tuple]:
    return list(ToDo.objects.filter(source="review").order_by("due_on", "pk").values_list("rule", "due_on", "state"))


def decided_on(plan, by, day: date, note=""):
    row = ClassDecision.objects.create(plan=plan, org=plan.org, after=plan.attention_class, suggested=plan.attention_class, by=by, note=note)
    ClassDecision.objects.filter(pk=row.pk).update(at=datetime.combine(day, datetime.min.time(), ZoneInfo("Asia/Shanghai")))


class TestAsking:
    @pytest.mark.parametrize(
        ("today", "due"),
        [
            (date(2026, 11, 30), []),
            (date(2026, 12, 1), [date(2026, 12, 31)]),
            (date(2026, 12, 31), [date(2026, 12, 31)]),
            (date(2027, 1, 10), [date(2026, 12, 31)]),
            (date(2027, 1, 11), []),
            (date(2028, 3, 1), [date(2028, 3, 31)]),
        ],
    )
    def test_once_a_quarter_in_its_last_month(self, plan, today, due):
        open_occasions(today=today)
        assert open_occasions(today=today) == 0
        assert [day for _, day, _ in asked()] == due

    def test_each_quarter_again(self, plan):
        for today in (date(2026, 9, 5), date(2026, 9, 20), TODAY):
            open_occasions(today=today)
        assert [day for _, day, _ in asked()] == [date(2026, 9, 30), date(2026, 12, 31)]

    def test_not_of_the_undecided_nor_of_closed_plans(self, plan):
        ServicePlan.objects.update(class_decided=False)
        assert open_occasions(today=TODAY) == 0
        ServicePlan.objects.update(class_decided=True, state="closed")
        assert open_occasions(today=TODAY) == 0

    @pytest.mark.parametrize(("day", "note", "opened"), [(date(2026, 9, 30), "", 1), (date(2026, 10, 1), "", 0), (date(2026, 11, 1), CARRIED, 1)])
    def test_whoever_was_decided_by_hand_in_the_quarter_is_not_asked_again(self, plan, officer, day, note, opened):
        decided_on(plan, officer, day, note)
        assert open_occasions(today=TODAY) == opened

    @pytest.mark.parametrize("kind", ["admitted", "widowed", "fell", "disabled", "residence"])
    def test_after_an_event_at_once_and_once(self, plan, officer, scope_of, kind):
        values = {"disabled": {"self_care": "partly"}, "residence": {"address": "长虹大道 1 号"}}.get(kind, {})
        register_status_change(cadre=plan.cadre, kind=kind, effective_on=date(2026, 8, 3), by=officer, scope=scope_of(HERE), today=date(2026, 8, 3), values=values)
        assert asked() == [(f"review_{kind}", date(2026, 8, 17), "open")]
        assert open_occasions(today=date(2026, 8, 4)) == 0
        assert ToDo.objects.get(source="review").worker == officer


class TestSettling:
    @pytest.fixture
    def review(self, plan):
        open_occasions(today=TODAY)
        return ToDo.objects.get(source="review")

    def decide(self, plan, officer, scope, attention_class="key", note=""):
        return decide_class(scope=scope, plan=plan, attention_class=attention_class, note=note, by=officer, today=TODAY)

    def test_it_stays_as_it_is(self, plan, review, officer, scope_of):
        assert self.decide(plan, officer, scope_of(HERE)).note == "复核后维持不变"
        review.refresh_from_db()
        assert (review.state, review.done_on, review.done_by, review.result) == ("done", TODAY, officer, "定为重点关注")
        assert open_occasions(today=TODAY + timedelta(days=1)) == 0
        with pytest.raises(Refused, match="没有变化"):
            self.decide(plan, officer, scope_of(HERE))

    def test_another_class_asks_for_its_reason_as_ever(self, plan, review, officer, scope_of):
        with pytest.raises(Refused) as refused:
            self.decide(plan, officer, scope_of(HERE), "regular")
        assert refused.value.field == "note"
        assert asked()[0][2] == "open"
        self.decide(plan, officer, scope_of(HERE), "regular", "女儿搬来同住")
        assert asked()[0][2] == "done"

    def test_it_is_not_finished_with_a_sentence(self, review, officer):
        with pytest.raises(Refused, match="确定类别"):
            finish_todo(todo=review, result="看过", by=officer, today=TODAY)

    def test_pages_lead_there_and_one_press_keeps_it(self, client, plan, officer):
        today = timezone.localdate()
        ToDo.objects.create(
            cadre=plan.cadre, org=plan.org, source="review", rule="review_quarter", title="季度类别复核", opens_on=today, due_on=today, first_due_on=today, worker=officer
        )
        ServicePlan.objects.update(year=today.year)
        client.force_login(officer)
        assert reverse("care:plan", args=[plan.pk]) + "#review" in client.get(reverse("worklist")).content.decode()
        assert "维持重点关注" in client.get(reverse("care:plan", args=[plan.pk])).content.decode()
        plan.refresh_from_db()
        client.post(reverse("care:plan_class", args=[plan.pk]), {"version": plan.version, "attention_class": "key"})
        assert asked()[0][2] == "done"


class TestMany:
    @pytest.fixture
    def plans(self, places, officer):
        """Two that disagree with the record, two that agree, one of the neighbour."""
        found = {}
        for name, living, attention_class in (("甲", "alone", "routine"), ("乙", "alone", "regular"), ("丙", "alone", "key"), ("丁", "spouse", "routine")):
            found[name] = make.plan(make.cadre(places["浔阳区教育局"], name, living=living), date(2026, 1, 1), attention_class, class_decided=True)
        found["邻"] = make.plan(make.cadre(places["濂溪区卫生局"], "邻", living="alone"), date(2026, 1, 1), "routine", class_decided=True)
        return found

    def review(self, plans, officer, scope, **given):
        return review_classes(scope=scope, plans=[plan.pk for plan in plans.values()], by=officer, today=TODAY, **{"follow": True, "note": "年末统一复核"} | given)

    def test_the_list_and_its_figure_agree(self, plans, places, scope_of):
        found = filtered(scope_of(HERE), {"differs": True}, TODAY)
        assert {plan.cadre.name for plan in found} == {"甲", "乙"}
        period = Period(TODAY, TODAY, TODAY)
        assert count([METRICS["class_differs"]], places[HERE].path, period)["class_differs"][places[HERE].path] == 2
        assert set(METRICS["class_differs"].rows(scope_of(HERE), period)) == set(found)

    def test_all_follow_with_one_reason(self, plans, officer, scope_of):
        found = self.review(plans, officer, scope_of(HERE))
        assert (found.changed, found.kept, found.skipped) == (2, 0, 3)
        assert {plans[name].decisions.get().note for name in "甲乙"} == {"年末统一复核"}
        assert not filtered(scope_of(HERE), {"differs": True}, TODAY).exists()
        assert not plans["丙"].decisions.exists()
        assert ServicePlan.objects.get(pk=plans["邻"].pk).attention_class == "routine"
        plans["甲"].cadre.refresh_from_db()
        assert plans["甲"].cadre.attention_class == "key"

    @pytest.mark.parametrize("follow", [True, False])
    def test_a_reason_is_asked_for_and_nothing_happens_without(self, plans, officer, scope_of, follow):
        with pytest.raises(Refused) as refused:
            self.review(plans, officer, scope_of(HERE), note="  ", follow=follow)
        assert refused.value.field == "note"
        assert not ClassDecision.objects.exists()

    def test_those_that_agree_are_settled_without_words(self, plans, officer, scope_of):
        open_occasions(today=TODAY)
        agree = {name: plans[name] for name in "丙丁"}
        found = self.review(agree, officer, scope_of(HERE), note="", follow=False)
        assert (found.changed, found.kept) == (0, 2)
        assert ToDo.objects.filter(source="review", state="done").count() == 2
        assert filtered(scope_of(HERE), {"review": True}, TODAY).count() == 2

    def test_through_the_list(self, client, plans, officer):
        ServicePlan.objects.update(year=timezone.localdate().year)
        client.force_login(officer)
        page = client.get(reverse("care:plans"), {"look": "differs"}).content.decode()
        assert "按建议改定" in page
        client.post(reverse("care:plan_review") + "?look=differs", {"review": "follow-all", "note": "年末复核"})
        assert ServicePlan.objects.filter(attention_class="key").count() == 3
