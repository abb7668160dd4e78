"""Standards: one in force is changed by revising a copy and putting that in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Max

from apps.activity import audit
from apps.branches.models import NamingMode, Standard, StandardItem, StandardState
from apps.branches.selectors.applications import total_of
from apps.cadres.constraints import as_sentences
from apps.core.refusal import Refused, Stale

NUMBERS = ("total", "bonus_cap", "pass_score", "publicity_days", "mode", "quota", "bands", "vetoes")
OF_STANDARD = ("basis", "bonus_cap", "pass_score", "publicity_days", "mode", "quota", "bands", "vetoes")
LAST = 10_000
"""Beyond every number an item has; numbers are set twice, so that none meets another on the way."""
WORDS = ("group", "name", "requirement", "deduction", "evidence", "source")


@dataclass(frozen=True)
class Line:
    """An item as it is to be; ``fact`` stays with the item it came from. ``key`` None: a new one, the last of its ``group`` (or of the standard)."""

    key: int | None
    points: Decimal
    requirement: str
    deduction: str
    evidence: str
    source: str
    group: str = ""
    name: str = ""


@transaction.atomic
def revise_standard(*, by) -> Standard:
    """A draft copy of the one in force. Raises ``Refused`` when none is, or a draft exists."""
    old = Standard.objects.select_for_update().filter(state=StandardState.IN_FORCE).first()
    if old is None:
        raise Refused("没有现行的标准可以修订。", code="no_standard", status=409)
    last = Standard.objects.filter(campaign=old.campaign).aggregate(last=Max("number"))["last"]
    made = Standard(
        campaign=old.campaign, number=last + 1, basis="", created_by=by, **{name: getattr(old, name) for name in NUMBERS}
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
def change_standard(*, standard: Standard, lines: list[Line], by, removed: Iterable[int] = (), version: int | None = None, **values) -> Standard:
    """Write a draft: items changed, added, ``removed`` (keys); ``values`` are ``OF_STANDARD``. Raises ``Refused`` (fields ``points_<item>``, ``requirement_<item>``,
    ``name_new…``, ``quota``, ``bands``), ``Stale``."""
    found = _draft(standard, version)
    _check_naming(values)
    items, gone = {item.pk: item for item in found.items.all()}, set(removed)
    if gone - set(items):
        raise Refused("标准已经换了，请刷新后再改。", code="item_unknown")
    for number, line in enumerate(lines):
        _check_line(line, items, number)
        if line.key is None:
            items[-number - 1] = StandardItem(standard=found, group=line.group.strip(), name=line.name.strip())
        item = items[line.key if line.key is not None else -number - 1]
        item.points = line.points
        item.requirement, item.deduction, item.evidence, item.source = (text.strip() for text in (line.requirement, line.deduction, line.evidence, line.source))
    _write_items(found, [item for pk, item in items.items() if pk not in gone], gone)
    for name in OF_STANDARD:
        if name in values:
            setattr(found, name, values[name].strip() if name == "basis" else values[name])
    found.version += 1
    found.save()
    audit.record("standard.changed", found, by=by, title=str(found), data={"items": len(items) - len(gone), "removed": len(gone)})
    return found


def _check_naming(values: dict) -> None:
    if values.get("mode") == NamingMode.QUOTA and not values.get("quota"):
        raise Refused("按比例命名的，请填每年命名的比例。", code="quota_required", field="quota")
    if values.get("mode") == NamingMode.RIPE and values.get("quota") is not None:
        values["quota"] = None
    bounds = [least for _, least in values.get("bands", [])]
    if bounds != sorted(set(bounds), reverse=True):
        raise Refused("等次从高到低写，分数线不能相同。", code="bands", field="bands")


def _check_line(line: Line, items: dict, number: int) -> None:
    if line.key is not None and line.key not in items:
        raise Refused("标准已经换了，请刷新后再改。", code="item_unknown")
    mark = line.key if line.key is not None else f"new{number}"
    if line.key is None and not (line.name.strip() and line.group.strip()):
        raise Refused("新增条目请写大项和小项。", code="name_required", field=f"name_{mark}")
    if not line.points or line.points <= 0:
        raise Refused("分值应大于 0。", code="points", field=f"points_{mark}")
    if not line.requirement.strip():
        raise Refused("请写要求。", code="requirement", field=f"requirement_{mark}")


def _write_items(found: Standard, items: list[StandardItem], gone: set[int]) -> None:
    """In the order of groups as they first stand, new ones last in theirs; numbered anew."""
    groups = list(dict.fromkeys(item.group for item in sorted((one for one in items if one.pk), key=lambda one: one.order)))
    groups += [item.group for item in items if item.group not in groups]
    placed = sorted(items, key=lambda one: (groups.index(one.group), one.order or LAST))
    StandardItem.objects.filter(standard=found, pk__in=gone).delete()
    StandardItem.objects.filter(standard=found).update(order=F("order") + LAST)
    for order, item in enumerate(placed, 1):
        item.order = order
    kept = [item for item in placed if item.pk]
    StandardItem.objects.bulk_update(kept, ["order", "points", "requirement", "deduction", "evidence", "source"])
    StandardItem.objects.bulk_create([item for item in placed if not item.pk])


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
