"""Plans of the demo before the head: most of one worker's approved, some waiting, one returned, one changed since."""

from datetime import datetime

from apps.accounts.models import User
from apps.care.actions.editions import approve_several, return_edition, submit_plans
from apps.care.actions.items import add_item
from apps.care.models import PlanEdition, ServicePlan
from apps.core.scope import Scope


def put_before_the_head(worker: User, head: User, *, now: datetime) -> int:
    """Returns how many plans were submitted."""
    plans = list(ServicePlan.objects.filter(worker=worker, class_decided=True, state="active").order_by("pk")[:30])
    if not plans:
        return 0
    scope = Scope(("/".join(plans[0].org_path.split("/")[:4]) + "/",))
    keys = [plan.pk for plan in plans]
    made = submit_plans(scope=scope, plan_ids=keys[:24], by=worker, now=now).submitted
    approve_several(scope=scope, edition_ids=PlanEdition.objects.filter(plan__in=keys[:22]).values_list("pk", flat=True), by=head, now=now)
    back = PlanEdition.objects.filter(plan__in=keys[22:24], state="submitted").first()
    if back:
        return_edition(edition=back, by=head, now=now, note="请写清家庭医生多久来一次。")
    values = {"category": "medical", "need": "冬季每周量一次血压", "measure": "社区护士上门", "lead_unit": "", "worker": None}
    add_item(plan=plans[0], by=worker, today=now.date(), frequency="once", starts_on=None, due_on=None, **values)
    return made + submit_plans(scope=scope, plan_ids=keys[24:], by=worker, now=now).submitted
