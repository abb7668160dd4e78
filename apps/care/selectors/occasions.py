"""Occasions in words, and what a rule would come to."""

from datetime import date

from apps.cadres.models import AttentionClass, Cadre, ChangeKind, RetireKind, Standing
from apps.care.models import OccasionRule, Trigger
from apps.care.models.rules import STANDING
from apps.care.selectors.codes import value_names
from apps.care.selectors.suggestions import Signal, condition
from apps.core.calendar import festivals
from apps.core.scope import Scope

CODED = {"living", "political_status", "self_care", "health", "residence_kind"}


def effect_of(scope: Scope, rule: OccasionRule, *, today: date) -> str:
    """How many people on the register the conditions name, as a sentence; the trigger then picks among them."""
    people = Cadre.objects.visible_to(scope).filter(standing=Standing.ACTIVE if rule.concerns == "cadre" else Standing.DECEASED)
    for name, operator, value in rule.whom:
        people = people.filter(condition(Signal(name, operator, value), today))
    whose = "在册人员" if rule.concerns == "cadre" else "已故干部"
    return f"{whose}中有 {people.count()} 人符合对象条件；{when_of(rule)}时为其中相应的人开出待办。"


def when_of(rule: OccasionRule) -> str:
    """When the rule sets in, in words: 住院登记后 3 天内."""
    setting, days = rule.setting, rule.due_days
    if rule.trigger == Trigger.EVENT:
        return f"登记“{ChangeKind(setting['kind']).label}”后 {days} 天内" if days else f"登记“{ChangeKind(setting['kind']).label}”当天"
    if rule.trigger == Trigger.BIRTHDAY:
        to_age = f"至 {setting['to_age']} 岁" if setting.get("to_age") else "起"
        return f"{setting['from_age']} 岁{to_age}，{'每年' if setting.get('every', 1) == 1 else '每 ' + str(setting['every']) + ' 岁'}生日当天"
    if rule.trigger == Trigger.FESTIVAL:
        title = {one.code: one.title for one in festivals(2026)}.get(setting["festival"], setting["festival"])
        return f"{title}前" + (f" {days} 天" if days else "")
    if rule.trigger == Trigger.SEASON:
        return f"每年 {setting['from']} 至 {setting['to']}"
    if rule.trigger == Trigger.QUARTER:
        return "每季度末" + (f"前 {days} 天" if days else "")
    if rule.trigger in STANDING:
        what = "事项到日" if rule.trigger == Trigger.ITEM else "签约到期"
        return what + (f"前 {days} 天" if days else "当天") + f"，提前 {rule.ahead_days} 天列入待办"
    return f"距上次见面满 {setting['every']} 天"


def whom_of(rule: OccasionRule, names: dict) -> str:
    """Whom it concerns, in words; ``names`` as ``value_names`` gives them."""
    found = []
    for name, _, value in rule.whom:
        if name == "born_on":
            found.append(f"{value} 岁以上")
        elif name == "retire_kind":
            found.append(RetireKind(value).label)
        elif name == "attention_class":
            found.append("、".join(AttentionClass(one).label if one else "未定类别" for one in value))
        else:
            found.append("、".join(names.get((name, one), str(one)) for one in (value if isinstance(value, list) else [value])))
    if rule.trigger in STANDING:
        return "；".join(found) or ("有进行中事项的人" if rule.trigger == Trigger.ITEM else "已签约的人")
    if rule.opens == "review":
        return "；".join(found) or "类别已确定的人"
    who = "遗属" if rule.concerns == "survivor" else "本人"
    return "；".join(found) + f"（{who}）" if found else f"所有人（{who}）"


def in_words(rules: list[OccasionRule]) -> list[OccasionRule]:
    """Rules with ``when`` and ``who`` as sentences."""
    names = value_names(CODED)
    for rule in rules:
        rule.when, rule.who = when_of(rule), whom_of(rule, names)
    return rules
