"""What becomes of plans, visits and reminders when something happens in a person's life."""

from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.permissions import ROLES, Right
from apps.accounts.selectors import ancestors, holders
from apps.activity import audit
from apps.cadres.models import Cadre
from apps.care.actions.ending import void_handovers
from apps.care.actions.parts import leave_parts
from apps.care.actions.plans import close_plans, reopen_plans
from apps.care.actions.todos import close_todos, reopen_todos
from apps.care.actions.visits import PHOTO_LABEL
from apps.care.models import (
    Campaign,
    ClassDecision,
    DoctorContract,
    Handover,
    HospitalStay,
    NeedTaken,
    PlanEdition,
    PlanItem,
    PlanState,
    Reminder,
    ServicePlan,
    Source,
    SurveyAnswer,
    ToDo,
    ToDoState,
    Visit,
    VisitPhoto,
)
from apps.care.reminders import settle
from apps.care.standards import EVIDENCE_LABEL
from apps.core.scope import prefixes
from apps.files.models import StoredFile

DIED, LEFT, MISTAKEN = "本人去世，不再办理", "本人已转出，不再办理", "误登去世，已恢复"
LEFT_CAMPAIGN = "已移交外单位，不在本次走访范围"


@transaction.atomic
def stop_plans(*, cadre: Cadre, note: str, by) -> int:
    """Close whatever plan is in force: nothing falls due and nobody is told any more, messages not yet sent included."""
    plans = ServicePlan.objects.filter(cadre=cadre, state__in=(PlanState.ACTIVE, PlanState.DRAFT))
    found = list(plans)
    closed = close_plans(plans=plans, note=note, by=by)
    for plan in found:
        audit.record("plan.changed", plan, by=by, note=note, title=str(cadre))
    return closed


@transaction.atomic
def stop_todos(*, cadre: Cadre, note: str, by) -> int:
    """Nothing is owed to the person any more; what concerns the survivors goes on after a death, and ends when the file has left."""
    found = ToDo.objects.filter(cadre=cadre)
    return close_todos(todos=found.filter(concerns="cadre") if note == DIED else found, note=note, by=by)


@transaction.atomic
def resume_plans(*, cadre: Cadre, by, today: date) -> int:
    """The newest plan goes on after a death or transfer registered by mistake, or after somebody came back."""
    newest = ServicePlan.objects.filter(cadre=cadre, year__lte=today.year).order_by("-year").values_list("pk", flat=True)[:1]
    ahead = ServicePlan.objects.filter(cadre=cadre, year__gt=today.year).values_list("pk", flat=True)
    plans = ServicePlan.objects.filter(pk__in=[*newest, *ahead], year__gte=today.year)
    resumed = reopen_plans(plans=plans, notes=(DIED, LEFT), today=today)
    reopen_todos(cadre=cadre, notes=(DIED, LEFT))
    close_todos(todos=ToDo.objects.filter(cadre=cadre, concerns="survivor"), note=MISTAKEN, by=by)
    if resumed:
        audit.record("plan.changed", plans[0], by=by, note="人员恢复在册，方案继续执行", title=str(cadre))
    return resumed


@transaction.atomic
def move_records(*, cadre: Cadre, by, today: date) -> None:
    """Everything goes with the person (档随人走): plans, items, decisions, visits with photos, reminders.

    So the receiving unit knows the whole story; published reports keep their frozen figures. Whoever can't see the new place is no
    longer responsible there.
    """
    place = {"org": cadre.org, "org_path": cadre.org_path}
    plans = ServicePlan.objects.filter(cadre=cadre)
    keys = list(plans.values_list("pk", flat=True))
    visits = list(Visit.objects.filter(cadre=cadre).values_list("pk", flat=True))
    plans.update(**place, version=F("version") + 1)
    for model in (ClassDecision, PlanEdition, PlanItem, Reminder):
        model.objects.filter(plan__in=keys).update(**place)
    Visit.objects.filter(pk__in=visits).update(**place)
    leave_parts(keys, cadre.org_path)
    todos = ToDo.objects.filter(cadre=cadre)
    Reminder.objects.filter(todo__in=todos).update(**place)
    StoredFile.objects.filter(label=EVIDENCE_LABEL, subject_id__in=todos.values("pk")).update(**place)
    todos.update(**place)
    Handover.objects.filter(cadre=cadre).update(**place)
    HospitalStay.objects.filter(cadre=cadre).update(**place)
    _leave_campaigns(cadre, by)
    SurveyAnswer.objects.filter(cadre=cadre).update(**place)
    NeedTaken.objects.filter(answer__cadre=cadre).update(**place)
    DoctorContract.objects.filter(cadre=cadre).update(**place)
    VisitPhoto.objects.filter(visit__in=visits).update(**place)
    StoredFile.objects.filter(label=PHOTO_LABEL, subject_id__in=visits).update(**place)
    _release_strangers(cadre, keys, today, by)
    if keys:
        audit.record("plan.changed", plans.first(), by=by, note=f"随人移交{cadre.org}", title=str(cadre))


def _leave_campaigns(cadre: Cadre, by) -> None:
    """A campaign of the old place asks for nothing in the new one; one of a place above both goes on."""
    reaching = Campaign.objects.filter(org_path__in=prefixes(cadre.org_path)).values("pk")
    close_todos(todos=ToDo.objects.filter(cadre=cadre, source=Source.CAMPAIGN).exclude(subject_id__in=reaching), note=LEFT_CAMPAIGN, by=by)


def _release_strangers(cadre: Cadre, plan_ids: list[int], today: date, by) -> None:
    """Plans and items keep their person responsible only where that person can still see them."""
    roles = tuple(role for role, rights in ROLES.items() if Right.CARE_VISIT in rights)
    insiders = {user.pk for org in ancestors(cadre.org) for user in holders(org, today, roles=roles)}
    strange = ServicePlan.objects.filter(pk__in=plan_ids, state=PlanState.ACTIVE, worker__isnull=False).exclude(worker__in=insiders)
    Reminder.objects.filter(plan__in=list(strange.values_list("pk", flat=True)), digest=None, settled_at=None).update(settled_at=timezone.now())
    void_handovers(cadres=[cadre.pk], reason="已移交外单位", by=by)
    strange.update(worker=None)
    ToDo.objects.filter(cadre=cadre, state=ToDoState.OPEN, worker__isnull=False).exclude(worker__in=insiders).update(worker=None)
    PlanItem.objects.filter(plan__in=plan_ids, state="open", worker__isnull=False).exclude(worker__in=insiders).update(worker=None)


@transaction.atomic
def bind_away_rule(*, cadre: Cadre, today: date) -> None:
    """The yearly visit binds from the day somebody is settled elsewhere (易地安置)."""
    plans = ServicePlan.objects.filter(cadre=cadre, state=PlanState.ACTIVE).exclude(away=cadre.resettled)
    keys = list(plans.values_list("pk", flat=True))
    ServicePlan.objects.filter(pk__in=keys).update(away=cadre.resettled, version=F("version") + 1)
    settle(keys, today=today)
