"""What a plan says, frozen, and how two such contents differ, in words."""

from django.db.models import QuerySet

from apps.care.models import AttentionClass, DoctorContract, EditionState, Frequency, ItemState, PlanEdition, PlanItem, PlanState, ServicePlan
from apps.care.selectors import codes
from apps.core.scope import Scope

PLAIN = {"class": "类别", "worker": "责任人", "wishes": "本人意愿", "community": "社区", "away": "易地安置", "lunar": "过农历生日", "doctor": "家庭医生"}
ITEM = {
    "category": "类别", "measure": "措施", "lead_unit": "牵头单位", "worker": "责任人", "frequency": "频次", "starts_on": "起", "due_on": "止",
}  # fmt: skip


def content_of(plans: list[ServicePlan]) -> dict[int, dict]:
    """Plan → its content as plain JSON: ``PLAIN`` in words, ``reasons`` of the class, ``items`` (done or open, ``key`` names the item across editions).

    A draft of next year also holds what is open in the plan in force, since that goes over. The same few queries for any number of plans;
    they come with ``cadre``, ``org`` and ``worker``.
    """
    keys, names = [plan.pk for plan in plans], codes.names()[codes.CATEGORY_TABLE]
    rows: dict[int, list] = {pk: [] for pk in keys}
    drafts = {plan.cadre_id: plan.pk for plan in plans if plan.state == PlanState.DRAFT}
    coming = PlanItem.objects.filter(plan__cadre__in=drafts, plan__state=PlanState.ACTIVE, state=ItemState.OPEN) if drafts else PlanItem.objects.none()
    present = PlanItem.objects.filter(plan__in=keys).exclude(state=ItemState.DROPPED)
    for item in [*coming.select_related("worker", "plan").order_by("pk"), *present.select_related("worker", "plan").order_by("pk")]:
        rows[item.plan_id if item.plan_id in rows else drafts[item.plan.cadre_id]].append(
            {
                "key": item.pk, "category": names.get(item.category, item.category), "need": item.need, "measure": item.measure, "lead_unit": item.lead_unit,
                "worker": str(item.worker or ""), "frequency": Frequency(item.frequency).label, "starts_on": _day(item.starts_on), "due_on": _day(item.due_on),
            }
        )  # fmt: skip
    doctors = {}
    for one in DoctorContract.objects.filter(cadre__in=[plan.cadre_id for plan in plans]).order_by("ends_on"):
        doctors[one.cadre_id] = f"{one.doctor}（{one.institution}，{one.starts_on:%Y-%m-%d} 至 {one.ends_on:%Y-%m-%d}）"
    return {
        plan.pk: {
            "year": plan.year, "name": plan.cadre.name, "org": str(plan.org),
            "class": AttentionClass(plan.attention_class).label if plan.class_decided else "待定", "worker": str(plan.worker or ""),
            "wishes": plan.wishes, "community": plan.community, "away": "是" if plan.away else "否", "lunar": "是" if plan.lunar_birthday else "否",
            "doctor": doctors.get(plan.cadre_id, ""), "items": rows[plan.pk],
        }
        for plan in plans
    }  # fmt: skip


def _paired(old: list[dict], new: list[dict]) -> tuple[dict, dict]:
    """Items by key, those of ``new`` under the key of their like in ``old``: the same item, else one of the same need (it came over from another year's plan)."""
    before, after = {one["key"]: one for one in old}, {}
    left = {one["need"]: one["key"] for one in old if one["key"] not in {other["key"] for other in new}}
    for one in new:
        key = one["key"] if one["key"] in before else left.pop(one["need"], one["key"])
        after[key] = one
    return before, after


def _day(day) -> str:
    return f"{day:%Y-%m-%d}" if day else ""


def differences(old: dict, new: dict) -> list[str]:
    """What ``new`` says otherwise than ``old``, a sentence each; [] when nothing."""
    found = [f"{label}由“{old.get(name) or '未填'}”改为“{new.get(name) or '未填'}”" for name, label in PLAIN.items() if (old.get(name) or "") != (new.get(name) or "")]
    before, after = _paired(old["items"], new["items"])
    found += [f"新增事项：{one['need']}" for key, one in after.items() if key not in before]
    found += [f"不再列入：{one['need']}" for key, one in before.items() if key not in after]
    for key in before.keys() & after.keys():
        was, now = before[key], after[key]
        if was["need"] != now["need"]:
            found.append(f"事项“{was['need']}”改为“{now['need']}”")
        parts = [f"{label}由“{was[name] or '未填'}”改为“{now[name] or '未填'}”" for name, label in ITEM.items() if was[name] != now[name]]
        if parts:
            found.append(f"事项“{now['need']}”：" + "，".join(parts))
    return found


def editions(scope: Scope) -> QuerySet:
    return PlanEdition.objects.visible_to(scope).select_related("plan__cadre", "plan__org", "plan__worker", "org", "submitted_by", "decided_by")


def edition(scope: Scope, pk: int) -> PlanEdition:
    """Raises ``PlanEdition.DoesNotExist`` outside the scope."""
    return editions(scope).get(pk=pk)


def editions_of(plan: ServicePlan) -> list[PlanEdition]:
    """All of a plan, the latest first."""
    return list(PlanEdition.objects.filter(plan=plan).select_related("submitted_by", "decided_by"))


def latest_approved(plan: ServicePlan) -> PlanEdition | None:
    return PlanEdition.objects.filter(plan=plan, state=EditionState.APPROVED).order_by("-number").first()


def edition_before(one: PlanEdition) -> PlanEdition | None:
    """The approved edition that ``one`` follows."""
    found = PlanEdition.objects.filter(plan=one.plan_id, state=EditionState.APPROVED, submitted_at__lt=one.submitted_at)
    return found.order_by("-number").first()


def waiting(scope: Scope) -> QuerySet:
    """What waits for the head, the oldest first."""
    return editions(scope).filter(state=EditionState.SUBMITTED).order_by("submitted_at", "pk")
