"""家庭医生签约: registering a term, renewing it with one press, correcting it."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q

from apps.activity import audit
from apps.cadres.models import Cadre, Standing
from apps.care.models import DoctorContract, Source, ToDo, ToDoState
from apps.care.reminders import open_occasions
from apps.core.refusal import Refused, Stale

FIELDS = ("doctor", "institution", "phone", "starts_on", "ends_on", "note")
LONGEST_YEARS = 5


def _check(cadre: Cadre, values: dict, but: int | None = None) -> None:
    """Raises ``Refused`` naming the field. The person's row is locked, so that two people can't register terms that overlap."""
    Cadre.objects.select_for_update(of=("self",)).get(pk=cadre.pk)
    for name, what in (("doctor", "医生姓名"), ("institution", "签约机构")):
        if not values[name].strip():
            raise Refused(f"请填写{what}。", code=f"{name}_required", field=name)
    if values["ends_on"] < values["starts_on"]:
        raise Refused("签约止早于签约起。", code="date_order", field="ends_on")
    if values["ends_on"] >= years_later(values["starts_on"], LONGEST_YEARS):
        raise Refused(f"一次签约最长 {LONGEST_YEARS} 年，请核对年份。", code="term_too_long", field="ends_on")
    others = DoctorContract.objects.filter(Q(starts_on__lte=values["ends_on"], ends_on__gte=values["starts_on"]), cadre=cadre).exclude(pk=but)
    if other := others.first():
        raise Refused(f"与已登记的签约（{other.starts_on:%Y-%m-%d} 至 {other.ends_on:%Y-%m-%d}）重叠。", code="term_overlaps", field="starts_on")


def years_later(day: date, years: int) -> date:
    """The same day ``years`` later; 29 February becomes 1 March, so that no day is missing from a term."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def next_term(contract: DoctorContract) -> tuple[date, date]:
    """First and last day of as long a term again: whole years as years, anything else by its days."""
    first = contract.ends_on + timedelta(days=1)
    for years in range(1, LONGEST_YEARS + 1):
        if years_later(contract.starts_on, years) == first:
            return first, years_later(first, years) - timedelta(days=1)
    return first, first + (contract.ends_on - contract.starts_on)


@transaction.atomic
def sign_doctor(*, cadre: Cadre, doctor: str, institution: str, starts_on: date, ends_on: date, by, today: date, phone: str = "", note: str = "") -> DoctorContract:
    """Register a term; an open reminder to renew an earlier one is settled. Raises ``Refused`` naming the field."""
    if cadre.standing != Standing.ACTIVE:
        raise Refused("此人不在册，不能登记签约。", code="not_active", status=409)
    values = {"doctor": doctor.strip(), "institution": institution.strip(), "phone": phone.strip(), "starts_on": starts_on, "ends_on": ends_on, "note": note.strip()}
    _check(cadre, values)
    contract = DoctorContract.objects.create(cadre=cadre, org=cadre.org, created_by=by, **values)
    renewals = ToDo.objects.filter(cadre=cadre, source=Source.DOCTOR, state=ToDoState.OPEN, due_on__lt=ends_on)
    renewals.update(state=ToDoState.DONE, done_on=today, done_by=by, result=f"已续签至 {ends_on:%Y-%m-%d}", version=F("version") + 1)
    open_occasions(today=today, cadre_id=cadre.pk)
    audit.record("doctor.signed", contract, by=by, title=str(cadre), data={"from": str(starts_on), "to": str(ends_on)})
    return contract


@transaction.atomic
def renew_doctor(*, contract: DoctorContract, by, today: date) -> DoctorContract:
    """As long a term again with the same doctor, from the day after the last. Pressed twice it renews once and gives the term back.

    ``Refused`` when another term follows already.
    """
    Cadre.objects.select_for_update(of=("self",)).get(pk=contract.cadre_id)
    starts_on, ends_on = next_term(contract)
    if known := DoctorContract.objects.filter(cadre=contract.cadre_id, starts_on=starts_on, doctor=contract.doctor).first():
        return known
    if DoctorContract.objects.filter(cadre=contract.cadre_id, ends_on__gt=contract.ends_on).exists():
        raise Refused("已有更晚的签约，不用再续。", code="renewed_already", status=409)
    same = {name: getattr(contract, name) for name in ("doctor", "institution", "phone")}
    return sign_doctor(cadre=contract.cadre, starts_on=starts_on, ends_on=ends_on, by=by, today=today, **same)


@transaction.atomic
def edit_doctor(*, contract: DoctorContract, by, today: date, version: int | None = None, **values) -> DoctorContract:
    """Correct ``FIELDS``; the reminder to renew moves with the last day. Raises ``Refused``, ``Stale``."""
    held = DoctorContract.objects.select_for_update(of=("self",)).select_related("cadre", "org").get(pk=contract.pk)
    if version is not None and held.version != version:
        raise Stale()
    wanted = {name: values[name].strip() if isinstance(values[name], str) else values[name] for name in FIELDS if name in values}
    _check(held.cadre, {name: getattr(held, name) for name in FIELDS} | wanted, but=held.pk)
    was = held.ends_on
    for name, value in wanted.items():
        setattr(held, name, value)
    held.version += 1
    held.save()
    open_ones = ToDo.objects.filter(cadre=held.cadre, source=Source.DOCTOR, subject_id=held.pk, state=ToDoState.OPEN)
    if moved := (held.ends_on - was).days:
        later = timedelta(days=moved)
        open_ones.update(due_on=F("first_due_on") + later, opens_on=F("opens_on") + later, first_due_on=F("first_due_on") + later, version=F("version") + 1)
    open_occasions(today=today, cadre_id=held.cadre_id)
    audit.record("doctor.changed", held, by=by, title=str(held.cadre))
    return held
