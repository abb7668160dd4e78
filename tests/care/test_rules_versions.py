"""Rules change from a day on; what was in force stays readable; the effect is shown before."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.care import standards
from apps.care.actions import rules as actions
from apps.care.actions.plans import open_plans
from apps.care.models import FrequencyRule, ServicePlan, StageRule, SuggestionRule
from apps.care.reminders import settle
from apps.care.selectors.rules import frequencies, frequency_effect, suggestion_effect
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from tests.factories import duties as make

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def admin(person):
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture(autouse=True)
def rules(db):
    with system_scope("test"):
        standards.load()


def test_loading_again_adds_nothing_and_leaves_an_edited_row(db):
    FrequencyRule.objects.filter(attention_class="key").update(contact_days=3)
    assert set(standards.load().values()) == {0}
    assert FrequencyRule.objects.get(attention_class="key").contact_days == 3


def new(admin, **given):
    values = {"attention_class": "key", "contact_days": 5, "visit_days": 20, "away_visit_days": 300, "valid_from": TOMORROW} | given
    return actions.new_frequency(by=admin, today=TODAY, **values)


@pytest.mark.usefixtures("whole")
class TestFrequency:
    def test_a_new_version_ends_the_old_one_the_day_before(self, admin):
        new(admin)
        old, fresh = FrequencyRule.objects.filter(attention_class="key").order_by("valid_from")
        assert (old.valid_to, old.contact_days, fresh.valid_from) == (TODAY, 7, TOMORROW)
        assert frequencies(TODAY)["key"] == old
        assert frequencies(TOMORROW)["key"] == fresh

    @pytest.mark.parametrize(("given", "field"), [({"valid_from": TODAY}, "valid_from"), ({"contact_days": 30}, "visit_days")])
    def test_not_from_today_and_no_visit_more_often_than_contact(self, admin, given, field):
        with pytest.raises(Refused) as refused:
            new(admin, **given)
        assert refused.value.field == field

    def test_not_before_one_that_is_already_planned(self, admin):
        new(admin, valid_from=TOMORROW + timedelta(days=30))
        with pytest.raises(Refused, match="已有"):
            new(admin)

    def test_due_days_follow_once_it_is_in_force(self, admin, places, person, scope_of):
        make.cadre(places["浔阳区"], living="alone")
        plan_id = open_plans(scope=scope_of("浔阳区"), year=2026, by=admin, today=TODAY).plan_ids
        new(admin)
        settle(plan_id, today=TODAY)
        assert ServicePlan.objects.get().contact_due_on == TODAY + timedelta(days=7)
        settle(plan_id, today=TOMORROW)
        assert ServicePlan.objects.get().contact_due_on == TODAY + timedelta(days=5)

    def test_the_effect_is_counted_before(self, admin, places, scope_of):
        for n in range(3):
            make.cadre(places["浔阳区"], f"测试{n}", living="alone")
        open_plans(scope=scope_of("浔阳区"), year=2026, by=admin, today=TODAY)
        asked = {"contact_days": 7, "visit_days": 30, "away_visit_days": 365, "today": TODAY}
        found = frequency_effect(scope_of("浔阳区"), "key", **asked, valid_from=TODAY + timedelta(days=7))
        assert (found.plans, found.late_before, found.late_after) == (3, 0, 0)
        found = frequency_effect(scope_of("浔阳区"), "key", **asked | {"contact_days": 6}, valid_from=TODAY + timedelta(days=7))
        assert (found.late_before, found.late_after) == (0, 3)


@pytest.mark.usefixtures("whole")
class TestSuggestions:
    def test_a_new_version_keeps_the_key(self, admin):
        old = SuggestionRule.objects.get(key="ninety")
        actions.new_suggestion(weight=10, field="born_on", operator="age_gte", value=95, reason="年满 95 岁", valid_from=TOMORROW, by=admin, today=TODAY, replaces=old)
        old.refresh_from_db()
        assert old.valid_to == TODAY
        assert SuggestionRule.objects.filter(key="ninety").count() == 2

    def test_ending_one_keeps_it_for_today(self, admin):
        rule = actions.end_suggestion(rule=SuggestionRule.objects.get(key="ninety"), by=admin, today=TODAY)
        assert rule.valid_to == TODAY
        with pytest.raises(Refused, match="已经停用"):
            actions.end_suggestion(rule=rule, by=admin, today=TODAY)

    def test_the_effect_names_people_and_changed_suggestions(self, places, scope_of):
        make.cadre(places["浔阳区"], "九十五", born_on=date(1931, 1, 1))
        make.cadre(places["浔阳区"], "独居", born_on=date(1931, 1, 1), living="alone")
        make.cadre(places["濂溪区"], "邻县", born_on=date(1931, 1, 1))
        rule = SuggestionRule(key="", weight=10, field="born_on", operator="age_gte", value=95, reason="年满 95 岁")
        found = suggestion_effect(scope_of("浔阳区"), rule, replaces=None, today=TODAY)
        assert (found.people, found.changed) == (2, 1)


def test_stages_stay_on_their_side_of_the_due_day(admin):
    with system_scope("test"):
        with pytest.raises(Refused) as refused:
            actions.new_stage(stage="overdue", offset_days=0, goes_to="", valid_from=TOMORROW, by=admin, today=TODAY)
        assert refused.value.field == "offset_days"
        actions.new_stage(stage="escalated", offset_days=10, goes_to="leader", valid_from=TOMORROW, by=admin, today=TODAY)
    assert StageRule.objects.filter(stage="escalated").count() == 2


class TestPages:
    @pytest.fixture
    def signed_in(self, client, admin):
        client.force_login(admin)
        return client

    def test_the_table_says_what_is_a_proposal(self, signed_in):
        text = signed_in.get(reverse("care:rules")).content.decode()
        assert "缺省值（本平台建议）" in text
        assert "自理能力：" in text

    def test_looking_at_the_effect_changes_nothing(self, signed_in):
        day = timezone.localdate() + timedelta(days=1)
        answer = signed_in.post(reverse("care:rule_frequency", args=["key"]), {"contact_days": 5, "visit_days": 20, "away_visit_days": 300, "valid_from": day, "preview": "1"})
        assert answer.status_code == 200
        assert "涉及 0 人" in answer.content.decode()
        assert FrequencyRule.objects.filter(attention_class="key").count() == 1

    def test_a_new_version_through_the_page(self, signed_in):
        day = timezone.localdate() + timedelta(days=1)
        signed_in.post(reverse("care:rule_frequency", args=["key"]), {"contact_days": 5, "visit_days": 20, "away_visit_days": 300, "valid_from": day})
        assert FrequencyRule.objects.filter(attention_class="key").count() == 2

    def test_a_refusal_keeps_what_was_typed(self, signed_in):
        answer = signed_in.post(reverse("care:rule_frequency", args=["key"]), {"contact_days": 55, "visit_days": 20, "away_visit_days": 300, "valid_from": timezone.localdate()})
        assert answer.status_code == 422
        assert 'value="55"' in answer.content.decode()

    def test_a_new_rule_in_two_steps(self, signed_in):
        url = reverse("care:rule_suggestion_add")
        assert signed_in.get(url).status_code == 200
        data = {"weight": "10", "value": "70", "reason": "年满 70 岁", "valid_from": timezone.localdate() + timedelta(days=1)}
        assert "因此改变" in signed_in.post(url + "?field=born_on", data | {"preview": "1"}).content.decode()
        assert signed_in.post(url + "?field=born_on", data).status_code == 302
        rule = SuggestionRule.objects.get(reason="年满 70 岁")
        assert (rule.operator, rule.value, rule.weight) == ("age_gte", 70, 10)

    @pytest.mark.parametrize("field", list(standards.SIGNALS))
    def test_every_signal_has_a_form(self, signed_in, field):
        assert signed_in.get(reverse("care:rule_suggestion_add") + f"?field={field}").status_code == 200

    def test_workers_do_not_come_here(self, client, person):
        client.force_login(person())
        assert client.get(reverse("care:rules")).status_code == 403
