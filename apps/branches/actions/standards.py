"""Standards: one in force is changed by revising a copy and putting that in force."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from apps.activity import audit
from apps.branches.models import Standard, StandardItem, StandardState
from apps.branches.selectors.applications import total_of
from apps.cadres.constraints import as_sentences
from apps.core.refusal import Refused, Stale

WORDS = ("group", "name", "requirement", "deduction", "evidence", "source")


@dataclass(frozen=True)
class Line:
    """An item as it is to be; ``fact`` stays with the item it came from."""

    key: int
    points: Decimal
    requirement: str
    deduction: str
    evidence: str
    source: str


@transaction.atomic
def revise_standard(*, by) -> Standard:
    """A draft copy of the one in force. Raises ``Refused`` when none is, or a draft exists."""
    old = Standard.objects.select_for_update().filter(state=StandardState.IN_FORCE).first()
    if old is None:
        raise Refused("没有现行的标准可以修订。", code="no_standard", status=409)
    last = Standard.objects.filter(campaign=old.campaign).aggregate(last=Max("number"))["last"]
    made = Standard(
        campaign=old.campaign, number=last + 1, total=old.total, bonus_cap=old.bonus_cap, pass_score=old.pass_score, publicity_days=old.publicity_days, basis="", created_by=by
    )  # fmt: skip
    with as_sentences(Standard):
        made.save()
    copied = ("order", "points", "fact", *WORDS)
    StandardItem.objects.bulk_create([StandardItem(standard=made, **{name: getattr(item, name) for name in copied}) for item in old.items.all()])
    audit.record("standard.changed", made, by=by, title=str(made), data={"from": old.number})
    return made


def _draft(standard: Standard, version: int | None) -> Standard:
    found = Standard.objects.select_for_update().get(pk=standard.pk)
    if version is not None and found.version != version:
        raise Stale()
    if found.state != StandardState.DRAFT:
        raise Refused(f"{found}{found.get_state_display()}，不能直接改；请先“修订”出新的一版。", code="standard_in_use", status=409)
    return found


@transaction.atomic
def change_standard(
    *, standard: Standard, lines: list[Line], basis: str, pass_score: Decimal, publicity_days: int, by, version: int | None = None
) -> Standard:  # fmt: skip
    """Write a draft. Raises ``Refused`` (fields ``points_<item>``, ``requirement_<item>``, ``pass_score``), ``Stale``."""
    found = _draft(standard, version)
    items = {item.pk: item for item in found.items.all()}
    for line in lines:
        item = items.get(line.key)
        if item is None:
            raise Refused("标准已经换了，请刷新后再改。", code="item_unknown")
        if line.points <= 0:
            raise Refused("分值应大于 0。", code="points", field=f"points_{line.key}")
        if not line.requirement.strip():
            raise Refused("请写要求。", code="requirement", field=f"requirement_{line.key}")
        item.points = line.points
        item.requirement, item.deduction, item.evidence, item.source = (text.strip() for text in (line.requirement, line.deduction, line.evidence, line.source))
    StandardItem.objects.bulk_update(items.values(), ["points", "requirement", "deduction", "evidence", "source"])
    found.basis, found.pass_score, found.publicity_days, found.version = basis.strip(), pass_score, publicity_days, found.version + 1
    found.save()
    audit.record("standard.changed", found, by=by, title=str(found))
    return found


@transaction.atomic
def put_in_force(*, standard: Standard, by, version: int | None = None) -> Standard:
    """The draft takes the place of the one in force; applications begun by the old one go on by it. Raises ``Refused`` (the items don't add up; no basis), ``Stale``."""
    found = _draft(standard, version)
    total = total_of(found)
    if total != found.total:
        raise Refused(f"各项分值合计 {total:f} 分，应为 {found.total:f} 分。", code="sum", status=409)
    if not found.basis.strip():
        raise Refused("请先写依据：文件名称和文号。", code="basis_required", status=409)
    Standard.objects.filter(state=StandardState.IN_FORCE).update(state=StandardState.RETIRED)
    found.state, found.version = StandardState.IN_FORCE, found.version + 1
    found.save(update_fields=["state", "version"])
    audit.record("standard.changed", found, by=by, title=str(found), data={"in_force": True})
    return found


@transaction.atomic
def drop_draft(*, standard: Standard, by) -> None:
    """A draft nobody wants. Raises ``Refused``."""
    found = _draft(standard, None)
    audit.record("standard.changed", found, by=by, title=str(found), note="放弃修订")
    found.delete()
