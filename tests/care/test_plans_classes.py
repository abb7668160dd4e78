"""Classes: what the record suggests and why, who decides, what is kept."""

from datetime import date, timedelta

import pytest

from apps.accounts.models import User
from apps.cadres.models import Cadre, ChangeKind, StatusChange
from apps.care import standards
from apps.care.actions.classes import accept_suggestions, decide_class, undo_acceptance
from apps.care.actions.plans import open_plans
from apps.care.models import ClassDecision, ServicePlan, SuggestionRule
from apps.care.selectors.plans import filtered
from apps.care.selectors.suggestions import rules_in_force, suggestion_of, with_suggestion
from apps.core.refusal import Refused, Stale
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
TODAY = date(2026, 11, 22)
HERE = "浔阳区"


@pytest.fixture(autouse=True)
def rules(db):
    standards.load()


@pytest.fixture
def officer(person):
    return person()


@pytest.fixture
def suggested(places):
    """``suggested(living="alone")`` → (class, reasons) for somebody with that record."""

    def ask(today=TODAY, changes=(), **record):
        who = make.cadre(places[HERE], **record)
        for kind, days_ago in changes:
            StatusChange.objects.create(cadre=who, org=who.org, kind=kind, effective_on=today - timedelta(days=days_ago), recorded_by=make_user())
        rules_now = rules_in_force(today)
        row = with_suggestion(type(who).objects.filter(pk=who.pk), today, rules=rules_now).get()
        found = suggestion_of(row, rules_now)
        return str(found.attention_class), found.reasons

    def make_user():
        return User.objects.get_or_create(username="recorder", defaults={"display_name": "登记人"})[0]

    return ask


class TestSuggestion:
    @pytest.mark.parametrize(
        ("record", "expected", "reason"),
        [
            ({"self_care": "dependent"}, "key", "生活不能自理"),
            ({"health": "dementia"}, "key", "失智"),
            ({"health": "critical"}, "key", "患重大疾病"),
            ({"living": "alone"}, "key", "独居，身边无人照料"),
            ({"living": "empty_nest"}, "regular", "空巢"),
            ({"health": "3"}, "regular", "有慢性病或残疾"),
            ({"resettled": True}, "regular", "易地安置"),
            ({"residence_kind": "other_province"}, "regular", "居住外地"),
            ({"born_on": date(1936, 11, 22)}, "regular", "年满 90 岁"),
            ({"born_on": date(1936, 11, 23)}, "routine", "档案中没有需特别关注的情况"),
            ({}, "routine", "档案中没有需特别关注的情况"),
        ],
    )
    def test_a_record_speaks_for_a_class_and_says_why(self, suggested, record, expected, reason):
        assert suggested(**record) == (expected, [reason])

    def test_the_heavier_class_wins_and_all_reasons_are_shown(self, suggested):
        assert suggested(self_care="dependent", resettled=True) == ("key", ["生活不能自理", "易地安置"])

    def test_thirty_days_in_hospital(self, suggested):
        assert suggested(changes=[(ChangeKind.ADMITTED, 29)]) == ("regular", ["正在住院"])
        assert suggested(changes=[(ChangeKind.ADMITTED, 30)]) == ("key", ["住院已满 30 天", "正在住院"])

    def test_discharge_ends_the_stay_and_opens_a_month_of_care(self, suggested):
        assert suggested(changes=[(ChangeKind.ADMITTED, 60), (ChangeKind.DISCHARGED, 29)]) == ("key", ["出院未满 30 天"])
        assert suggested(changes=[(ChangeKind.ADMITTED, 60), (ChangeKind.DISCHARGED, 30)])[0] == "routine"
        assert suggested(changes=[(ChangeKind.DISCHARGED, 60), (ChangeKind.ADMITTED, 10)])[0] == "regular"

    def test_widowed_within_half_a_year(self, suggested):
        assert suggested(changes=[(ChangeKind.WIDOWED, 179)])[0] == "key"
        assert suggested(changes=[(ChangeKind.WIDOWED, 180)])[0] == "routine"

    def test_ninety_on_a_leap_day(self, suggested):
        assert suggested(born_on=date(1936, 2, 29), today=date(2026, 2, 28))[0] == "routine"
        assert suggested(born_on=date(1936, 2, 29), today=date(2026, 3, 1))[0] == "regular"
        assert suggested(born_on=date(1938, 3, 1), today=date(2028, 2, 29))[0] == "routine"

    def test_only_rules_in_force_are_asked(self, suggested):
        SuggestionRule.objects.filter(key="empty_nest").update(valid_to=TODAY - timedelta(days=1))
        assert suggested(living="empty_nest")[0] == "routine"

    def test_one_query_for_however_many(self, places, django_assert_num_queries):
        for n in range(12):
            make.cadre(places[HERE], f"测试{n}", living="alone")
        rules_now = rules_in_force(TODAY)
        with django_assert_num_queries(1):
            found = [suggestion_of(row, rules_now) for row in with_suggestion(Cadre.objects.all(), TODAY, rules=rules_now)]
        assert {str(one.attention_class) for one in found} == {"key"}


@pytest.fixture
def plan(places, officer, scope_of):
    make.cadre(places[HERE], living="alone")
    opened = open_plans(scope=scope_of(HERE), year=2026, by=officer, today=TODAY)
    return ServicePlan.objects.get(pk=opened.plan_ids[0])


@pytest.fixture
def decide(plan, officer, scope_of):
    def act(attention_class="key", note="", **kwargs):
        return decide_class(scope=scope_of(HERE), plan=plan, attention_class=attention_class, note=note, by=officer, today=TODAY, **kwargs)

    return act


class TestDeciding:
    def test_as_suggested_needs_no_words(self, decide, plan, officer):
        decision = decide()
        plan.refresh_from_db()
        assert (plan.attention_class, plan.class_decided) == ("key", True)
        assert (decision.before, decision.after, decision.suggested, decision.by) == ("", "key", "key", officer)
        assert decision.reasons == ["独居，身边无人照料（10 分）"]
        plan.cadre.refresh_from_db()
        assert plan.cadre.attention_class == "key"

    def test_otherwise_a_reason_is_asked_for(self, decide, plan):
        with pytest.raises(Refused, match="与系统建议的「重点关注」不同") as refused:
            decide("routine", "  ")
        assert refused.value.field == "note"
        plan.refresh_from_db()
        assert not plan.class_decided
        assert decide("routine", "女儿同住，只是户口独立").note == "女儿同住，只是户口独立"

    def test_history_is_kept_and_due_days_follow(self, decide, plan):
        decide()
        plan.refresh_from_db()
        weekly = plan.contact_due_on
        decide("regular", "已请保姆")
        plan.refresh_from_db()
        assert plan.contact_due_on > weekly
        assert [(one.before, one.after) for one in plan.decisions.order_by("pk")] == [("", "key"), ("key", "regular")]

    def test_the_same_again_only_with_a_reason(self, decide, plan):
        decide()
        with pytest.raises(Refused, match="没有变化"):
            decide()
        assert decide(note="季度复核").after == "key"

    def test_two_people_at_the_same_form(self, decide, plan):
        read = plan.version
        decide(version=read)
        with pytest.raises(Stale):
            decide("routine", "另一人", version=read)

    def test_a_class_that_does_not_exist(self, decide):
        with pytest.raises(Refused, match="选择类别"):
            decide("vip", "x")


class TestManyAtOnce:
    @pytest.fixture
    def plans(self, places, officer, scope_of):
        for n in range(6):
            make.cadre(places[HERE], f"测试{n}", living="alone" if n % 2 else "spouse")
        return open_plans(scope=scope_of(HERE), year=2026, by=officer, today=TODAY).plan_ids

    def accept(self, plans, officer, scope):
        return accept_suggestions(scope=scope, plans=plans, by=officer, today=TODAY)

    def test_each_gets_its_own_suggestion_and_decision(self, plans, officer, scope_of):
        accepted = self.accept(plans[:4], officer, scope_of(HERE))
        assert (accepted.decided, accepted.skipped) == (4, 0)
        assert sorted(ServicePlan.objects.filter(class_decided=True).values_list("attention_class", flat=True)) == ["key", "key", "routine", "routine"]
        assert ClassDecision.objects.filter(by=officer).count() == 4
        assert {one.cadre.attention_class for one in ServicePlan.objects.filter(pk__in=plans[:4]).select_related("cadre")} == {"key", "routine"}

    def test_what_somebody_decided_stays(self, plans, officer, scope_of):
        decide_class(scope=scope_of(HERE), plan=ServicePlan.objects.get(pk=plans[0]), attention_class="key", note="本人要求多联系", by=officer, today=TODAY)
        accepted = self.accept(plans, officer, scope_of(HERE))
        assert (accepted.decided, accepted.skipped) == (5, 1)
        assert ServicePlan.objects.get(pk=plans[0]).attention_class == "key"

    def test_the_neighbour_s_plans_are_left_alone(self, plans, officer, scope_of):
        assert self.accept(plans, officer, scope_of("濂溪区")).decided == 0
        assert not ServicePlan.objects.filter(class_decided=True).exists()

    def test_it_can_be_taken_back_but_keeps_its_history(self, plans, officer, scope_of):
        accepted = self.accept(plans, officer, scope_of(HERE))
        decide_class(scope=scope_of(HERE), plan=ServicePlan.objects.get(pk=plans[1]), attention_class="routine", note="误选", by=officer, today=TODAY)
        assert undo_acceptance(scope=scope_of(HERE), token=accepted.undo, by=officer, today=TODAY) == 5
        assert list(ServicePlan.objects.filter(class_decided=True).values_list("pk", flat=True)) == [plans[1]]
        assert ClassDecision.objects.filter(plan=plans[0]).count() == 2
        assert ServicePlan.objects.get(pk=plans[0]).cadre.attention_class == ""

    def test_only_by_the_same_person_and_with_an_honest_token(self, plans, officer, person, scope_of):
        accepted = self.accept(plans, officer, scope_of(HERE))
        with pytest.raises(Refused, match="自己"):
            undo_acceptance(scope=scope_of(HERE), token=accepted.undo, by=person(username="other"), today=TODAY)
        with pytest.raises(Refused, match="时限"):
            undo_acceptance(scope=scope_of(HERE), token=accepted.undo + "x", by=officer, today=TODAY)

    def test_class_and_record_disagreeing_is_a_list(self, plans, officer, scope_of):
        self.accept(plans, officer, scope_of(HERE))
        assert not filtered(scope_of(HERE), {"differs": True}, TODAY).exists()
        quiet = ServicePlan.objects.filter(attention_class="routine").first()
        quiet.cadre.living = "alone"
        quiet.cadre.save()
        assert list(filtered(scope_of(HERE), {"differs": True}, TODAY)) == [quiet]
