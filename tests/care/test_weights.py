"""Points: what today's rules suggest stays as it was; lighter ones add up where a place sets its thresholds so; thresholds change from a day on."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.cadres.models import Cadre
from apps.care import standards
from apps.care.actions import rules as actions
from apps.care.models import ClassThreshold, SuggestionRule
from apps.care.selectors.rules import threshold_effect
from apps.care.selectors.suggestions import class_only, rules_in_force, suggestion_of, with_suggestion
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from tests.factories import duties as make

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)
FACTS = {"self_care": "partly", "health": "3", "living": "empty_nest", "born_on": date(1930, 1, 1), "resettled": True, "residence_kind": "province"}


@pytest.fixture(autouse=True)
def rules(db):
    with system_scope("test"):
        standards.load()


@pytest.fixture
def admin(person):
    return person("九江市", Role.DATA_ADMIN)


def suggested(who, today=TODAY):
    weighing = rules_in_force(today)
    row = with_suggestion(Cadre.objects.filter(pk=who.pk), today, rules=weighing).get()
    return suggestion_of(row, weighing)


@pytest.mark.usefixtures("whole")
class TestAddingUp:
    def test_by_default_light_signals_never_make_a_heavy_class(self, places):
        for size in range(len(FACTS) + 1):
            for names in combinations(FACTS, size):
                make.cadre(places["浔阳区"], "、".join(names), **{name: FACTS[name] for name in names})
        found = {row.name: row.suggested_class for row in class_only(Cadre.objects.all(), TODAY)}
        assert set(found.values()) == {"regular", "routine"}
        assert [name for name, value in found.items() if value == "routine"] == [""]

    def test_points_and_reasons_are_told(self, places):
        found = suggested(make.cadre(places["浔阳区"], self_care="dependent", resettled=True))
        assert (found.points, found.weighed) == (11, ["生活不能自理（10 分）", "易地安置（1 分）"])

    @pytest.mark.parametrize(("weight", "expected"), [(4, "regular"), (5, "key")])
    def test_two_lighter_ones_reach_the_line_together(self, places, weight, expected):
        SuggestionRule.objects.filter(key__in=("empty_nest", "ninety")).update(weight=weight)
        assert suggested(make.cadre(places["浔阳区"], living="empty_nest", born_on=date(1930, 1, 1))).attention_class == expected

    def test_a_higher_line_for_regular(self, places):
        ClassThreshold.objects.filter(attention_class="regular").update(points=2)
        assert suggested(make.cadre(places["浔阳区"], living="empty_nest")).attention_class == "routine"
        assert suggested(make.cadre(places["浔阳区"], living="empty_nest", resettled=True)).attention_class == "regular"

    def test_an_empty_table_of_lines_means_the_published_ones(self, places):
        ClassThreshold.objects.all().delete()
        assert suggested(make.cadre(places["浔阳区"], living="alone")).attention_class == "key"


@pytest.mark.usefixtures("whole")
class TestLines:
    def test_a_new_line_is_a_version(self, admin, places):
        actions.new_threshold(attention_class="key", points=12, valid_from=TOMORROW, by=admin, today=TODAY)
        who = make.cadre(places["浔阳区"], living="alone")
        assert [str(suggested(who, day).attention_class) for day in (TODAY, TOMORROW)] == ["key", "regular"]
        assert ClassThreshold.objects.filter(attention_class="key", valid_to=TODAY).exists()

    @pytest.mark.parametrize(("given", "field"), [({"points": 1}, "points"), ({"valid_from": TODAY}, "valid_from"), ({"attention_class": "regular"}, "points")])
    def test_refusals_name_the_field(self, admin, given, field):
        with pytest.raises(Refused) as refused:
            actions.new_threshold(**{"attention_class": "key", "points": 10, "valid_from": TOMORROW, "by": admin, "today": TODAY} | given)
        assert refused.value.field == field

    def test_the_effect_is_counted_within_the_scope(self, places, scope_of):
        for name in ("浔阳区", "濂溪区"):
            make.cadre(places[name], living="alone")
        assert threshold_effect(scope_of("浔阳区"), "key", 11, today=TODAY) == 1
        assert threshold_effect(scope_of("浔阳区"), "key", 10, today=TODAY) == 0

    def test_a_rule_weighs_between_one_and_a_hundred(self, admin):
        rule = {"field": "born_on", "operator": "age_gte", "value": 80, "reason": "年满 80 岁", "valid_from": TOMORROW, "by": admin, "today": TODAY}
        for weight in (0, 101):
            with pytest.raises(Refused) as refused:
                actions.new_suggestion(weight=weight, **rule)
            assert refused.value.field == "weight"


def test_through_the_page(client, admin):
    client.force_login(admin)
    url = reverse("care:rule_threshold", args=["key"])
    given = {"points": 12, "valid_from": timezone.localdate() + timedelta(days=1)}
    assert "因此改变" in client.post(url, given | {"preview": "1"}).content.decode()
    assert client.post(url, given).status_code == 302
    assert "12 分" in client.get(reverse("care:rules")).content.decode()
    assert client.get(reverse("care:rule_threshold", args=["routine"])).status_code == 404
