"""People with a plan and visits, for everything that asks what is due. Call inside a scope."""

import uuid
from datetime import date

from apps.accounts.models import Organization
from apps.cadres.models import AttentionClass, Cadre, RetireKind
from apps.care.models import FrequencyRule, ServicePlan, StageRule, Visit

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
