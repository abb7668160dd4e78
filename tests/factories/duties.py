"""People with a plan and visits, for everything that asks what is due. Call inside a scope."""

import uuid
from datetime import date

from apps.accounts.models import Organization
from apps.cadres.models import AttentionClass, Cadre, RetireKind
from apps.care.models import FrequencyRule, ServicePlan, StageRule, Visit
from apps.care.reminders import settle

DAYS = {AttentionClass.KEY: (7, 30), AttentionClass.REGULAR: (30, 90), AttentionClass.ROUTINE: (90, 180)}
STAGES = {"upcoming": -7, "overdue": 1, "escalated": 15}
LONG_AGO = date(2020, 1, 1)


def rules(valid_from: date = LONG_AGO, **changed) -> None:
    """The defaults of the published table; ``key=(3, 10)`` sets contact and visit days of a class."""
    for name, (contact, visit) in {**DAYS, **changed}.items():
        FrequencyRule.objects.update_or_create(attention_class=name, valid_from=valid_from, defaults={"contact_days": contact, "visit_days": visit})
    for stage, offset in STAGES.items():
        StageRule.objects.get_or_create(stage=stage, valid_from=LONG_AGO, defaults={"offset_days": offset})


def cadre(org: Organization, name: str = "汪测试", **kwargs) -> Cadre:
    return Cadre.objects.create(org=org, name=name, name_key=name, retire_kind=kwargs.pop("retire_kind", RetireKind.RETIRED), **kwargs)


def plan(who: Cadre, starts_on: date, attention_class: str = "regular", **kwargs) -> ServicePlan:
    return ServicePlan.objects.create(
        cadre=who, org=who.org, year=kwargs.pop("year", starts_on.year), starts_on=starts_on, attention_class=attention_class, **kwargs
    )


def visit(who: Cadre, day: date, worker, *, in_person: bool = True, **kwargs) -> Visit:
    return Visit.objects.create(
        cadre=who, org=who.org, visited_on=day, worker=worker, in_person=in_person, occasion=kwargs.pop("occasion", "routine"),
        way=kwargs.pop("way", "home" if in_person else "phone"), situation="身体尚好。", once=uuid.uuid4(), **kwargs,
    )  # fmt: skip


def third_quarter(places, worker) -> dict[str, ServicePlan]:
    """Seven people and what is due of them on 2026-08-20; interval of a 定期关注 visit 90 days, of a 重点关注 visit 30. Name → plan.

    甲 never seen since 2026-01-01: due, late. 乙 seen 07-10, was due 06-30: done. 丙 seen 2026-06-20, due 09-18: not due before.
    丁 key, seen 07-05, called 08-10: due, late, not met for 46 days, silent for 10. 戊 settled elsewhere, seen 2026-03-01: not due.
    己 seen 05-22, due this very 20 August. 庚 of 濂溪区 never seen, nobody responsible.
    """
    unit, start = places["浔阳区教育局"], date(2026, 1, 1)
    plans = {}
    for name in "甲乙丙丁戊己":
        plans[name] = plan(cadre(unit, name), start, "key" if name == "丁" else "regular", worker=worker, away=name == "戊")
    plans["庚"] = plan(cadre(places["濂溪区卫生局"], "庚"), start, worker=None)
    for name, *days in (("乙", (4, 1), (7, 10)), ("丙", (6, 20)), ("丁", (7, 5)), ("戊", (3, 1)), ("己", (5, 22))):
        for month, day in days:
            visit(plans[name].cadre, date(2026, month, day), worker)
    visit(plans["丁"].cadre, date(2026, 8, 10), worker, in_person=False, way="phone")
    settle(today=date(2026, 8, 20))
    return plans
