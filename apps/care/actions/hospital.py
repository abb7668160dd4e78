"""Stays in hospital: writing down the ward and who visits; what a discharge makes pointless."""

from django.db import transaction
from django.db.models import F

from apps.accounts.permissions import Right
from apps.accounts.selectors import rights_over
from apps.activity import audit
from apps.cadres.models import ChangeKind, Standing, StatusChange
from apps.care.actions.todos import close_todos
from apps.care.models import HospitalStay, OccasionRule, Source, ToDo, ToDoState, Trigger
from apps.core.refusal import Refused, Stale

LEFT_HOSPITAL = "已出院，改为出院回访"


@transaction.atomic
def record_stay(*, admission: StatusChange, hospital: str, ward: str, reason: str, visitor, by, today, version: int = 0) -> HospitalStay:
    """What is known of a stay, and who visits: the visit owed for it becomes that person's. ``version`` 0: nothing was written down yet.

    Raises ``Refused`` (field ``visitor``; the person has left the register), ``Stale``.
    """
    held = StatusChange.objects.select_for_update(of=("self",)).select_related("cadre").get(pk=admission.pk)
    if held.kind != ChangeKind.ADMITTED:
        raise Refused("这条变动不是住院。", code="not_admitted")
    if held.cadre.standing != Standing.ACTIVE:
        raise Refused("此人已不在册，住院情况不能再改。", code="standing", status=409)
    if visitor is not None and Right.CARE_VISIT not in rights_over(visitor, held.org_path, today):
        raise Refused(f"{visitor}看不到{held.cadre.name}的档案，请换一位。", code="visitor_outside", field="visitor")
    stay = HospitalStay.objects.select_for_update(of=("self",)).filter(admission=held).first()
    if (stay.version if stay else 0) != version:
        raise Stale()
    values = {"hospital": hospital.strip(), "ward": ward.strip(), "reason": reason.strip(), "visitor": visitor}
    if stay is None:
        stay = HospitalStay.objects.create(admission=held, cadre=held.cadre, org_id=held.org_id, org_path=held.org_path, recorded_by=by, **values)
    else:
        for name, value in values.items():
            setattr(stay, name, value)
        stay.version += 1
        stay.save(update_fields=[*values, "version"])
    if visitor is not None:
        _owed_for(held).exclude(worker=visitor).update(worker=visitor, version=F("version") + 1)
    audit.record("stay.recorded", stay, by=by, title=str(stay), data={"visitor": getattr(visitor, "pk", None)})
    return stay


@transaction.atomic
def end_visits(*, discharge: StatusChange, by) -> int:
    """Nobody is seen in hospital after the discharge: what an admission still asks for is closed. Returns how many."""
    admitted = StatusChange.objects.filter(cadre=discharge.cadre_id, kind=ChangeKind.ADMITTED, effective_on__lte=discharge.effective_on)
    return sum(close_todos(todos=_owed_for(one), note=LEFT_HOSPITAL, by=by) for one in admitted)


def _owed_for(admission: StatusChange):
    """Open visits the rules asked for because of this admission."""
    rules = OccasionRule.objects.filter(trigger=Trigger.EVENT, opens=Source.OCCASION, setting__kind=ChangeKind.ADMITTED.value).values("key")
    return ToDo.objects.filter(cadre=admission.cadre_id, source=Source.OCCASION, rule__in=rules, subject_id=admission.pk, state=ToDoState.OPEN)
