"""What a showing is judged by: changed before anybody scores, handed on to the next, never in a way that doesn't add up."""

from dataclasses import replace

import pytest
from django.urls import reverse

from apps.brands.actions import reviews as actions
from apps.brands.selectors import reviews as selectors
from apps.brands.standards import MATERIAL, WEIGHTS, Criterion
from apps.core.refusal import Stale
from apps.core.scope import system_scope
from tests.brands.test_reviews import entry_of, refused, score


def lines(found, part):
    return [Criterion(**one) for one in found.criteria[part]]


def write_rules(found, by, **given):
    act = {"criteria": {part: lines(found, part) for part in selectors.SCORED}, "weights": found.weights, "stage_seconds": 480} | given
    with system_scope("test"):
        return actions.write_rules(found=found, by=by, **act)


def test_rules_are_changed_before_anybody_scores_and_kept_for_the_next_round(opened, judges, city, places):
    found = opened()
    changed = lines(found, "material")
    changed[0], changed[-1] = replace(changed[0], points=12, name="难题"), Criterion("", "可操作性", "长久", 8)
    held = write_rules(
        found, city, criteria={"material": changed, "stage": lines(found, "stage")}, weights={"material": 50, "stage": 40, "vote": 10}, stage_seconds=600
    )  # fmt: skip
    assert [(one["key"], one["name"], one["points"]) for one in held.criteria["material"]][0] == ("difficulty", "难题", 12)
    assert [(one["key"], one["name"], one["points"]) for one in held.criteria["material"]][-1] == ("c1", "长久", 8)
    with system_scope("test"):
        rules = selectors.last_rules(places["九江市"])
        assert (rules.criteria, rules.weights, rules.stage_seconds) == (held.criteria, held.weights, 600)
        assert selectors.last_rules(places["齐齐哈尔市"]).weights == WEIGHTS
    entry = entry_of(held, "银龄先锋站")
    points = {one["key"]: one["points"] for one in held.criteria["material"]}
    assert score(entry, judges[0], points=points, final=False).total == 100
    assert refused(write_rules, held, city).code == "round_begun"


def test_no_line_takes_a_key_that_is_not_its_own(opened, city):
    found = opened()
    shown, written = lines(found, "stage"), lines(found, "material")
    hostile = [replace(written[0], key="comment"), replace(written[1], key=written[2].key), *written[2:]]
    held = write_rules(found, city, criteria={"material": hostile, "stage": shown})
    keys = [one["key"] for one in held.criteria["material"]]
    assert keys == ["c1", written[2].key, "c2", *[one.key for one in written[3:]]]


def test_rules_that_dont_add_up(opened, city):
    found = opened()
    shown, less = lines(found, "stage"), lines(found, "material")[:-1]
    assert (refused(write_rules, found, city, criteria={"material": less, "stage": shown}).sentence) == "“材料评审”各项合计应为 100 分，现在是 95 分。"
    twice = [*less, Criterion("", "", less[0].name, 5)]
    assert refused(write_rules, found, city, criteria={"material": twice, "stage": shown}).code == "same_name"
    assert refused(write_rules, found, city, weights={"material": 60, "stage": 30, "vote": 5}).field == "vote"
    with system_scope("test"):
        actions.issue_codes(found=found, wanted={None: 2}, by=city)
        found.refresh_from_db()
    assert refused(write_rules, found, city, weights={"material": 70, "stage": 30, "vote": 0}).code == "codes_out"
    with pytest.raises(Stale), system_scope("test"):
        write_rules(found, city, version=found.version - 1)


def test_the_page_of_rules(opened, client, city, judges):
    found = opened()
    client.force_login(city)
    here = reverse("brands:round_rules", args=[found.pk])
    form = client.get(here).context["form"]
    filled = {field.html_name: field.value() for field in form if field.value() is not None}
    assert "合计应为 100 分，现在是 99 分" in client.post(here, filled | {"material_p_0": "14"}).content.decode()
    assert client.post(here, filled | {"material_p_0": ""}).status_code == 422
    assert "项目和分值都要写" in client.post(here, filled | {"stage_p_4": "5"}).content.decode()
    short = client.post(here, filled | {"material_n_0": ""})
    assert (short.status_code, short.context["form"].non_field_errors()) == (422, ["“材料评审”各项合计应为 100 分，现在是 85 分。"])
    dropped = filled | {"material_n_0": "", "material_p_1": "30"}
    answer = client.post(here, dropped, follow=True)
    assert "评分标准已保存" in answer.content.decode()
    assert "服务老同志、参与党员和点位的广度" in answer.content.decode()
    with system_scope("test"):
        found.refresh_from_db()
    assert len(found.criteria["material"]) == len(MATERIAL) - 1
    score(entry_of(found, "故事会"), judges[0], points={one["key"]: 1 for one in found.criteria["material"]}, final=False)
    assert "已有评委打分" in client.get(here, follow=True).content.decode()
