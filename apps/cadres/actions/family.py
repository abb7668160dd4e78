"""Relatives, survivors and treatments of a person."""

from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.activity import audit
from apps.cadres.constraints import as_sentences
from apps.cadres.models import Cadre, Relative, Standing, Survivor, Treatment
from apps.core.personal_data import mask_phone
from apps.core.refusal import Refused


def _save(row, values: dict[str, Any], verb: str, by: User):
    if row.cadre.standing == Standing.MERGED:
        raise Refused("这份档案已并入另一份，请在合并后的档案里修改。", code="merged", status=409)
    opening = row.pk is None
    for name, value in values.items():
        setattr(row, name, value)
    if "phone" in values:
        row.phone = values["phone"] or None
        row.phone_masked = mask_phone(row.phone)
    if not opening:
        row.version += 1
    with as_sentences(type(row)):
        row.save()
    audit.record(verb, row, by=by, note="新增" if opening else "修改", data={"cadre": row.cadre_id, "fields": sorted(values)})
    return row


@transaction.atomic
def save_relative(*, cadre: Cadre, values: dict[str, Any], by: User, relative: Relative | None = None) -> Relative:
    """Add or change a member of the family; ``phone`` in the clear or None."""
    return _save(relative or Relative(cadre=cadre, org=cadre.org), values, "relative.changed", by)


@transaction.atomic
def remove_relative(*, relative: Relative, by: User) -> None:
    audit.record("relative.changed", relative, by=by, note="删除", data={"cadre": relative.cadre_id, "relation": relative.relation})
    relative.delete()


@transaction.atomic
def save_survivor(*, cadre: Cadre, values: dict[str, Any], by: User, survivor: Survivor | None = None) -> Survivor:
    """Add or change a survivor. Raises ``Refused`` while the cadre lives."""
    if cadre.standing != Standing.DECEASED:
        raise Refused("本人健在，没有遗属。请先登记去世。", code="alive", status=409)
    return _save(survivor or Survivor(cadre=cadre, org=cadre.org), values, "survivor.changed", by)


@transaction.atomic
def save_treatment(*, cadre: Cadre, values: dict[str, Any], by: User, treatment: Treatment | None = None) -> Treatment:
    return _save(treatment or Treatment(cadre=cadre, org=cadre.org), values, "treatment.changed", by)


@transaction.atomic
def remove_treatment(*, treatment: Treatment, by: User) -> None:
    audit.record("treatment.changed", treatment, by=by, note="删除", data={"cadre": treatment.cadre_id, "content": treatment.content})
    treatment.delete()
