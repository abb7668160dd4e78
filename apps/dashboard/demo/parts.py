"""四位一体 in the demo: a few items carried by the unit of the demo secretary, a community that isn't in the system, and the bureau."""

from datetime import date, timedelta

from apps.accounts.models import Organization, User
from apps.care.actions.items import add_item
from apps.care.actions.parts import Wanted, divide_item, tick_part
from apps.care.models import ItemPart, ServicePlan
from apps.core.scope import Scope

NEEDS = (("行动不便，取药难", "送药上门", 20), ("独居，冬天怕摔", "装扶手、查水电", 6), ("想参加书画活动", "接送到活动室", -3))


def share_some(officer: User, unit: Organization, *, today: date) -> int:
    """Returns how many items were divided."""
    scope, plans = Scope((unit.path.rsplit("/", 2)[0] + "/",)), ServicePlan.objects.filter(org=unit, state="active").select_related("cadre").order_by("pk")
    done = 0
    for plan, (need, measure, days) in zip(plans[: len(NEEDS)], NEEDS, strict=False):
        item = add_item(plan=plan, category="living", need=need, measure=measure, by=officer, today=today, due_on=today + timedelta(days=days))
        wanted = [Wanted("bureau", None, "区委老干部局", "每月回访一次"), Wanted("unit", unit, "", measure), Wanted("community", None, "湓浦社区", "网格员每周敲门")]
        divide_item(scope=scope, item=item, wanted=wanted, by=officer)
        done += 1
    if part := ItemPart.objects.filter(side="community").order_by("pk").first():
        tick_part(part=part, note="网格员已走访两次，平安", by=officer, today=today)
    return done
