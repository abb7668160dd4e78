"""What care keeps about a person and how it goes over when two records are merged: visits, to-dos, applications for aid, and plans, of which there is one a year."""

from django.utils import timezone

from apps.cadres.registries import MERGE_RELATIONS, MergeRelation, rows_of
from apps.care.actions.aid_following import place_cases
from apps.care.actions.ending import void_handovers
from apps.care.actions.following import move_records
from apps.care.models import DoctorContract, Handover, HardshipCase, HospitalStay, NeedTaken, PlanItem, PlanState, Reminder, ServicePlan, SurveyAnswer, ToDo, Visit
from apps.care.models.aid import GRANTED
from apps.care.reminders import settle

NOTE = "档案合并，由保留档案的方案继续"
TWICE = "档案合并：两份档案同一年各批准过一笔"


def _place(cadre) -> dict:
    return {"org": cadre.org_id, "org_path": cadre.org_path}


def move_plans(kept, absorbed, *, by, today) -> dict:
    """Plans of years the kept record has none for go over. Of a year that both have, the kept one's goes on with the items of both; the other is closed
    and stays with the absorbed record, its reminders settled."""
    own = dict(ServicePlan.objects.filter(cadre=kept).values_list("year", "pk"))
    over, closed, items = [], [], {}
    for plan in ServicePlan.objects.filter(cadre=absorbed).select_for_update():
        if plan.year not in own:
            over.append(plan.pk)
            continue
        items[plan.pk] = list(PlanItem.objects.filter(plan=plan).values_list("pk", flat=True))
        PlanItem.objects.filter(pk__in=items[plan.pk]).update(plan=own[plan.year], **_place(kept))
        Reminder.objects.filter(plan=plan, digest=None, settled_at=None).update(settled_at=timezone.now())
        if plan.state == PlanState.ACTIVE:
            closed.append(plan.pk)
    ServicePlan.objects.filter(pk__in=over).update(cadre=kept, **_place(kept))
    ServicePlan.objects.filter(pk__in=closed).update(state=PlanState.CLOSED, contact_due_on=None, visit_due_on=None)
    closed += _one_in_force(kept)
    if kept.org_path != absorbed.org_path:
        move_records(cadre=kept, by=by, today=today)
    settle([*own.values(), *over], today=today)
    return {"over": over, "closed": closed, "items": items}


def _one_in_force(kept) -> list[int]:
    """Only the newest plan of a person is in force; those closed for that."""
    active = list(ServicePlan.objects.filter(cadre=kept, state=PlanState.ACTIVE).order_by("-year").values_list("pk", flat=True))
    ServicePlan.objects.filter(pk__in=active[1:]).update(state=PlanState.CLOSED, contact_due_on=None, visit_due_on=None)
    return active[1:]


def restore_plans(kept, absorbed, moved: dict, *, by, today) -> list[str]:
    back = ServicePlan.objects.filter(pk__in=moved["over"], cadre=kept).update(cadre=absorbed, **_place(absorbed))
    left = [f"一人一策：{len(moved['over']) - back} 份没有移回。"] if back < len(moved["over"]) else []
    for plan, keys in moved["items"].items():
        count = PlanItem.objects.filter(pk__in=keys, plan__cadre=kept).update(plan=int(plan), **_place(absorbed))
        left += [f"服务事项：{len(keys) - count} 条没有移回。"] if count < len(keys) else []
    ServicePlan.objects.filter(pk__in=moved["closed"], cadre__in=(kept, absorbed), state=PlanState.CLOSED).update(state=PlanState.ACTIVE)
    if kept.org_path != absorbed.org_path:
        move_records(cadre=absorbed, by=by, today=today)
    settle(list(ServicePlan.objects.filter(cadre__in=(kept, absorbed)).values_list("pk", flat=True)), today=today)
    return left


def move_todos(kept, absorbed, *, by, today) -> dict:
    """A to-do the kept record has already stays behind, closed; the others go over."""
    taken = set(ToDo.objects.filter(cadre=kept).values_list("survivor_id", "rule", "subject_id"))
    rows = list(ToDo.objects.filter(cadre=absorbed).values_list("pk", "state", "survivor_id", "rule", "subject_id"))
    over = [pk for pk, _, *like in rows if tuple(like) not in taken]
    closed = [pk for pk, state, *like in rows if tuple(like) in taken and state == "open"]
    ToDo.objects.filter(pk__in=over).update(cadre=kept, **_place(kept))
    ToDo.objects.filter(pk__in=closed).update(state="closed", result=NOTE)
    Reminder.objects.filter(todo__in=closed, digest=None, settled_at=None).update(settled_at=timezone.now())
    return {"over": over, "closed": closed} if over or closed else {}


def restore_todos(kept, absorbed, moved: dict, *, by, today) -> list[str]:
    ToDo.objects.filter(pk__in=moved["over"], cadre=kept).update(cadre=absorbed, **_place(absorbed))
    ToDo.objects.filter(pk__in=moved["closed"], cadre=absorbed, state="closed", result=NOTE).update(state="open", result="")
    return []


def move_cases(kept, absorbed, *, by, today) -> dict:
    """Applications for aid go over. Where both were granted aid in the same year, the one that comes over is marked as a further grant: it was paid, and stands."""
    own = set(HardshipCase.objects.filter(cadre=kept, state__in=GRANTED).values_list("survivor_id", "year"))
    rows = list(HardshipCase.objects.filter(cadre=absorbed).values_list("pk", "survivor_id", "year", "state", "exception"))
    twice = [pk for pk, survivor, year, state, exception in rows if state in GRANTED and not exception and (survivor, year) in own]
    HardshipCase.objects.filter(pk__in=twice).update(exception=True, exception_reason=TWICE)
    keys = [row[0] for row in rows]
    HardshipCase.objects.filter(pk__in=keys).update(cadre=kept)
    place_cases(keys, _place(kept))
    return {"keys": keys, "twice": twice} if keys else {}


def restore_cases(kept, absorbed, moved: dict, *, by, today) -> list[str]:
    keys = list(HardshipCase.objects.filter(pk__in=moved["keys"], cadre=kept).values_list("pk", flat=True))
    HardshipCase.objects.filter(pk__in=keys).update(cadre=absorbed)
    HardshipCase.objects.filter(pk__in=set(moved["twice"]) & set(keys), exception_reason=TWICE).update(exception=False, exception_reason="")
    place_cases(keys, _place(absorbed))
    gone = len(moved["keys"]) - len(keys)
    return [f"困难帮扶：{gone} 份没有移回。"] if gone else []


ANSWERS = rows_of(SurveyAnswer, "cadre", "问需回答", unique=("campaign_id", "survivor_id"))


def move_answers(kept, absorbed, *, by, today) -> dict:
    """An answer to a survey the kept record has answered, too, stays behind; what has become of needs goes with its answer."""
    moved = ANSWERS.move(kept, absorbed, by=by, today=today)
    NeedTaken.objects.filter(answer__in=moved.get("keys", [])).update(**_place(kept))
    return moved


def restore_answers(kept, absorbed, moved: dict, *, by, today) -> list[str]:
    left = ANSWERS.restore(kept, absorbed, moved, by=by, today=today)
    NeedTaken.objects.filter(answer__in=moved["keys"], answer__cadre=absorbed).update(**_place(absorbed))
    return left


MERGE_RELATIONS.add("answers", MergeRelation("问需回答", ANSWERS.fields, move_answers, restore_answers))
HANDOVERS = rows_of(Handover, "cadre", "交接")


def move_handovers(kept, absorbed, *, by, today) -> dict:
    """What was being handed over with the absorbed record isn't any more; the history goes over."""
    void_handovers(cadres=[absorbed.pk], reason="档案合并", by=by)
    return HANDOVERS.move(kept, absorbed)


MERGE_RELATIONS.add("visits", rows_of(Visit, "cadre", "走访"))
MERGE_RELATIONS.add("doctors", rows_of(DoctorContract, "cadre", "家庭医生签约", unique=("starts_on",)))
MERGE_RELATIONS.add("todos", MergeRelation("待办", ("care.ToDo.cadre",), move_todos, restore_todos, order=150))
MERGE_RELATIONS.add("plans", MergeRelation("一人一策", ("care.ServicePlan.cadre",), move_plans, restore_plans, order=200))
MERGE_RELATIONS.add("aid", MergeRelation("困难帮扶", ("care.HardshipCase.cadre",), move_cases, restore_cases))
MERGE_RELATIONS.add("handovers", MergeRelation("交接", ("care.Handover.cadre",), move_handovers, HANDOVERS.restore))
MERGE_RELATIONS.add("stays", rows_of(HospitalStay, "cadre", "住院登记"))
