"""Opening and changing a person's record."""

from datetime import date
from typing import Any

from django.db import transaction

from apps.accounts.models import Organization, User
from apps.activity import audit
from apps.cadres.columns import prepare
from apps.cadres.constraints import as_sentences
from apps.cadres.fields import EDITABLE
from apps.cadres.models import Cadre, ChangeKind, StatusChange
from apps.cadres.registries import LIFE_EVENTS
from apps.cadres.rules import findings, period_choices
from apps.cadres.selectors.history import changed_since
from apps.cadres.values import plain_value, same, value_of, values_of
from apps.cadres.workflow import reason_against_editing
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope

ARRIVALS = (ChangeKind.REGISTERED, ChangeKind.RECEIVED)


class ChangedMeanwhile(Stale):
    """``changed`` names the fields somebody else has changed since the form was opened; ``version`` is the present one."""

    def __init__(self, changed: list[str], version: int) -> None:
        super().__init__("您打开之后，这份档案被别人改过。您填写的内容都在，请对照后再保存。")
        self.changed, self.version = changed, version


@transaction.atomic
def register_cadre(
    *, org: Organization, values: dict[str, Any], by: User, scope: Scope, today: date, arrival: str = "", arrived_on: date | None = None, document_no: str = ""
) -> Cadre:
    """Open a record. ``values`` by field of ``fields.EDITABLE``, clean; ``arrival`` (新办离退休, 接收调入) also counts as a change of the year.

    Raises ``Refused`` for a place outside the scope, broken rules, a registered ID number.
    """
    if not scope.covers(org.path):
        raise Refused("这个单位不在您的管理范围内。", code="region_out_of_scope", field="org")
    values = {name: value for name, value in values.items() if name in EDITABLE}
    _check(values, today)
    cadre = Cadre(org=org, created_by=by, **prepare(values))
    with as_sentences(Cadre):
        cadre.save()
    audit.record("cadre.created", cadre, by=by, data={"arrival": arrival} if arrival else {})
    if arrival:
        if arrival not in ARRIVALS:
            raise Refused("建档来源不对。", code="arrival_unknown", field="arrival")
        change = StatusChange.objects.create(cadre=cadre, org=org, kind=arrival, effective_on=arrived_on or today, recorded_by=by, document_no=document_no)
        for handler in LIFE_EVENTS.values():
            handler(change=change, by=by, today=today)
    return cadre


@transaction.atomic
def change_cadre(*, cadre: Cadre, values: dict[str, Any], version: int, by: User, scope: Scope, today: date, basis: str = "") -> Cadre:
    """Change some fields of a record that was read at ``version``; fields not given stay. Nothing changed, nothing written.

    ``basis`` (document) is needed when a known 参加革命工作时间 changes, which then stands among the person's changes.
    Raises ``ChangedMeanwhile`` when somebody else saved in between, ``Refused`` for broken rules.
    """
    cadre = Cadre.objects.visible_to(scope).select_for_update(of=("self",)).select_related("org").get(pk=cadre.pk)
    if reason := reason_against_editing(cadre):
        raise Refused(reason, code="moved", status=409)
    if cadre.version != version:
        raise ChangedMeanwhile(changed_since(scope, cadre, version), cadre.version)
    changed = {name: value for name, value in values.items() if name in EDITABLE and not same(value, value_of(cadre, name))}
    if not changed:
        return cadre
    _check(values_of(cadre) | changed, today)
    _ask_basis(cadre, changed, by, today, basis)
    write(cadre, changed)
    audit.record("cadre.changed", cadre, by=by, note=basis, data={"fields": sorted(changed)})
    return cadre


def write(cadre: Cadre, values: dict[str, Any]) -> None:
    """Put values (and what follows from them) into a locked row and count the version up. For actions of this app."""
    columns = prepare(values, cadre)
    for name, value in columns.items():
        setattr(cadre, name, value)
    cadre.version += 1
    with as_sentences(Cadre):
        cadre.save(update_fields=[*columns, "version", "updated_at"])


def _check(values: dict[str, Any], today: date) -> None:
    for found in findings(values, today):
        if found.is_error:
            raise Refused(found.problem.message, code=found.problem.code, field=found.field)
    open_to = period_choices(values)
    if open_to and values.get("revolution_period_confirmed") not in ("", None, *open_to):
        raise Refused("所选时期与参加革命工作时间不符。", code="period_impossible", field="revolution_period_confirmed")


def _ask_basis(cadre: Cadre, changed: dict[str, Any], by: User, today: date, basis: str) -> None:
    name = "revolution_started_on"
    if name not in changed or cadre.revolution_started_on is None:
        return
    if not basis.strip():
        raise Refused("参加革命工作时间一经认定，一般不再更改。确需更正的，请写明批准文号或依据。", code="basis_required", field="basis")
    before, after = ({name: plain_value(value)} for value in (value_of(cadre, name), changed[name]))
    StatusChange.objects.create(cadre=cadre, org=cadre.org, kind=ChangeKind.CORRECTED, effective_on=today, recorded_by=by, document_no=basis[:60], before=before, after=after)
