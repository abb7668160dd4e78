"""Editing what obliges to a visit: every trigger's form, its effect before, versions, refusals."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.care import standards
from apps.care.models import OccasionRule
from apps.care.selectors.occasions import in_words
from apps.core.scope import system_scope
from tests.factories import duties as make


@pytest.fixture
def admin(client, person, places):
    from apps.cadres import standards as registry

    registry.load()
    standards.load()
    client.force_login(person("浔阳区", Role.DATA_ADMIN, username="admin"))
    return client


def tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


def filled(**given) -> dict:
    return {"name": "新规则", "occasion": "daily", "concerns": "cadre", "meet": "1", "due_days": 0, "ahead_days": 7, "valid_from": tomorrow()} | given


ASKED = {
    "event": ({"event": "admitted", "due_days": 2, "opens": "occasion"}, {"kind": "admitted"}),
    "birthday": ({"from_age": 85, "every": 5}, {"from_age": 85, "every": 5}),
    "festival": ({"festival": "double_ninth"}, {"festival": "double_ninth"}),
    "season": ({"first": "12-01", "last": "02-28"}, {"from": "12-01", "to": "02-28"}),
    "rhythm": ({"every": 45}, {"every": 45}),
    "quarter": ({"ahead_days": 20}, {}),
}


@pytest.mark.parametrize("trigger", ASKED)
def test_each_trigger_asks_for_its_own(admin, trigger):
    given, setting = ASKED[trigger]
    url = f"{reverse('care:rule_occasion_add')}?trigger={trigger}"
    assert admin.get(url).status_code == 200
    admin.post(url, filled(**given, age=80, party="on", classes=["key"]))
    rule = OccasionRule.objects.get(name="新规则")
    assert (rule.trigger, rule.setting) == (trigger, setting)
    assert rule.whom == [["attention_class", "in", ["key"]], ["born_on", "age_gte", 80], ["political_status", "in", ["01", "02"]]]


def test_the_effect_is_shown_before(admin, places):
    with system_scope("test"):
        make.cadre(places["浔阳区教育局"], born_on=date(1930, 1, 1))
        make.cadre(places["浔阳区教育局"], born_on=date(1960, 1, 1))
    answer = admin.post(f"{reverse('care:rule_occasion_add')}?trigger=festival", filled(festival="party_day", age=90, preview="1"))
    assert "在册人员中有 1 人符合" in answer.content.decode()
    assert not OccasionRule.objects.filter(name="新规则").exists()


@pytest.mark.parametrize(
    ("trigger", "given", "sentence"),
    [
        ("season", {"first": "02-30", "last": "03-01"}, "没有这一天"),
        ("season", {"first": "7月", "last": "08-01"}, "请写成"),
        ("birthday", {"from_age": 80, "every": 1, "concerns": "survivor"}, "只能是本人"),
        ("event", {"event": "admitted", "valid_from": "2020-01-01"}, "最早从明天起"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(admin, trigger, given, sentence):
    answer = admin.post(f"{reverse('care:rule_occasion_add')}?trigger={trigger}", filled(**given))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_new_version_of_a_default_loses_none_of_its_conditions(admin):
    for rule in OccasionRule.objects.all():
        url = reverse("care:rule_occasion", args=[rule.pk])
        form = admin.get(url).context["form"]
        data = {name: form[name].value() for name in form.fields if form[name].value() is not None and form[name].value() is not False}
        assert admin.post(url, data | {"valid_from": tomorrow()}).status_code == 302, rule.key
        new = OccasionRule.objects.get(key=rule.key, valid_from=tomorrow())
        assert (sorted(map(str, new.whom)), new.setting, new.meet) == (sorted(map(str, rule.whom)), rule.setting, rule.meet), rule.key


def test_ending_a_rule_and_ending_it_twice(admin):
    rule = OccasionRule.objects.get(key="heat")
    url = reverse("care:rule_occasion_end", args=[rule.pk])
    admin.post(url)
    assert OccasionRule.objects.get(pk=rule.pk).valid_to == timezone.localdate()
    assert "已经停用" in admin.post(url, follow=True).content.decode()


def test_every_rule_reads_as_words(admin):
    page = admin.get(reverse("care:rules")).content.decode()
    for words in ("登记“住院”后 3 天内", "80 岁起，每年生日当天", "重阳节前 1 天", "每年 12-15 至 01-20", "距上次见面满 30 天", "90 岁以上"):
        assert words in page
    assert all(rule.when and rule.who for rule in in_words(list(OccasionRule.objects.all())))


def test_others_may_not(client, person, places):
    client.force_login(person("浔阳区", Role.WORKER, username="worker"))
    assert client.get(reverse("care:rule_occasion_add")).status_code == 403
