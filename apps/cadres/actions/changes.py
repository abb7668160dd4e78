"""Changes in a person's life: hospital, home, treatment, transfer, death, and what each leaves behind."""

from datetime import date
from typing import Any

from django.db import transaction

from apps.accounts.models import Organization, User
from apps.activity import audit
from apps.cadres.actions.people import write
from apps.cadres.models import Cadre, ChangeKind, MergeRecord, Relative, Standing, StatusChange, Survivor, Treatment
from apps.cadres.registries import LIFE_EVENTS
from apps.cadres.rules import findings
from apps.cadres.selectors.codes import codebook
from apps.cadres.selectors.person import LABEL
from apps.cadres.values import plain_value, same, value_of, values_of
from apps.cadres.workflow import EFFECTS, reason_against
from apps.core.refusal import Refused
from apps.core.scope import Scope
from apps.files.models import StoredFile

SPOUSE, WIDOWED = "10", "30"


@transaction.atomic
def register_status_change(
    *,
    cadre: Cadre,
    kind: ChangeKind | str,
    effective_on: date,
    by: User,
    scope: Scope,
    today: date,
    document_no: str = "",
    note: str = "",
    values: dict[str, Any] | None = None,
    org: Organization | None = None,
) -> StatusChange:
    """Register what happened, change the record accordingly and let the apps above react (``LIFE_EVENTS``), all or nothing.

    ``values`` may set what the kind allows (``workflow.EFFECTS``); ``org`` is the new unit of a transfer inside the scope.
    Raises ``Refused``: not possible from the present standing, a date in the future or before birth, a required value missing.
    """
    kind = ChangeKind(kind)
    cadre = Cadre.objects.visible_to(scope).select_for_update(of=("self",)).select_related("org").get(pk=cadre.pk)
    if reason := reason_against(cadre, kind):
        raise Refused(reason, code="standing", status=409)
    _check_date(cadre, effective_on, today)
    wanted = _wanted(kind, values or {})
    wanted |= _standing(cadre, kind, effective_on, org)
    changed = {name: value for name, value in wanted.items() if not same(value, value_of(cadre, name))}
    _check_values(cadre, changed, today)
    before, after = ({name: plain_value(one(name)) for name in changed} for one in (lambda name: value_of(cadre, name), changed.get))
    if org is not None and org.pk != cadre.org_id:
        before, after = before | _place(cadre.org), after | _place(org)
        _move(cadre, org, scope)
        changed["org"] = org
    if changed:
        write(cadre, changed)
    change = StatusChange.objects.create(
        cadre=cadre, org=cadre.org, kind=kind, effective_on=effective_on, recorded_by=by, document_no=document_no, note=note, before=before, after=after
    )
    if kind == ChangeKind.DECEASED:
        _open_survivors(cadre, by)
    audit.record("cadre.status", cadre, by=by, note=note, data={"kind": str(kind), "on": effective_on.isoformat(), "change": change.pk})
    for handler in LIFE_EVENTS.values():
        handler(change=change, by=by, today=today)
    return change


def _check_date(cadre: Cadre, on: date, today: date) -> None:
    if on > today:
        raise Refused("发生日期不能晚于今天。", code="date_future", field="effective_on")
    if cadre.born_on and on < cadre.born_on:
        raise Refused("发生日期早于出生日期。", code="date_order", field="effective_on")


def _wanted(kind: ChangeKind, values: dict[str, Any]) -> dict[str, Any]:
    """What the kind lets the form set; blanks leave the record as it is."""
    effect = EFFECTS[kind]
    for name in effect.required:
        if values.get(name) in (None, ""):
            raise Refused("请填写这一项。", code="required_missing", field=name)
    return {name: value for name, value in values.items() if name in effect.fields and value not in (None, "")}


def _standing(cadre: Cadre, kind: ChangeKind, on: date, org: Organization | None) -> dict[str, Any]:
    target = EFFECTS[kind].target
    if kind == ChangeKind.MOVED_OUT and org is not None:
        target = None
    found: dict[str, Any] = {"standing": target} if target else {}
    if target == Standing.DECEASED:
        found["deceased_on"] = on
    elif target == Standing.ACTIVE:
        found["deceased_on"] = None
    if kind == ChangeKind.WIDOWED:
        found["marital"] = WIDOWED
    if kind == ChangeKind.RESETTLED:
        found["resettled"] = True
    return found


def _check_values(cadre: Cadre, changed: dict[str, Any], today: date) -> None:
    for found in findings(values_of(cadre) | changed, today):
        if found.is_error and found.field in changed:
            raise Refused(found.problem.message, code=found.problem.code, field=found.field)


def _place(org: Organization) -> dict[str, Any]:
    return {"org": org.pk, "org_name": org.name, "org_path": org.path}


def _move(cadre: Cadre, org: Organization, scope: Scope) -> None:
    """Everything the registry keeps about the person goes along; the apps above move theirs in their life-event handlers."""
    if not scope.covers(org.path):
        raise Refused("这个单位不在您的管理范围内。跨县（市、区）移交请由上级单位办理。", code="region_out_of_scope", field="org")
    MergeRecord.objects.filter(kept=cadre).update(org=org, org_path=org.path)
    for model in (Relative, Survivor, Treatment, StatusChange):
        model.objects.filter(cadre=cadre).update(org=org, org_path=org.path)
    StoredFile.objects.filter(label=LABEL, subject_id=cadre.pk).update(org=org, org_path=org.path)


def _open_survivors(cadre: Cadre, by: User) -> None:
    """A survivor's file for every spouse among the relatives who isn't on file yet."""
    book = codebook()
    known = set(Survivor.objects.filter(cadre=cadre).values_list("name", flat=True))
    for relative in Relative.objects.filter(cadre=cadre):
        if book.code("relation", relative.relation) != SPOUSE or relative.name in known:
            continue
        survivor = Survivor.objects.create(
            cadre=cadre,
            org=cadre.org,
            name=relative.name,
            relation="配偶",
            born_year=relative.born_year,
            phone=relative.phone,
            phone_masked=relative.phone_masked,
            address=cadre.address if relative.lives_with else "",
        )
        audit.record("survivor.changed", survivor, by=by, note="登记去世时建立", data={"cadre": cadre.pk})
