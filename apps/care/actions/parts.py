"""四位一体: who does what about an item, each side ticking its own part."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from django.db import connection, transaction

from apps.accounts.models import Level, Organization
from apps.accounts.selectors import ancestors
from apps.activity import audit
from apps.cadres.constraints import as_sentences
from apps.care.models import ItemPart, ItemState, PartState, PlanItem, PlanState, Side
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope, system_scope

FOLLOW = """
UPDATE care_itempart t SET person = c.name, need = i.need, due_on = i.due_on, over = NOT (i.state = 'open' AND p.state = 'active')
FROM care_planitem i JOIN care_serviceplan p ON p.id = i.plan_id JOIN cadres_cadre c ON c.id = p.cadre_id
WHERE t.item_id = i.id AND i.id = ANY(%(items)s)
"""


@dataclass(frozen=True)
class Wanted:
    """What a side is asked to do; ``org`` None: it isn't in the system and is named by ``who``. A blank ``task``: it has no part."""

    side: str
    org: Organization | None
    who: str
    task: str


def follow_items(item_ids: Iterable[int]) -> None:
    """Carry words, term and end of these items over to their parts, wherever those lie: parts of other places are beyond the reader's own scope."""
    keys = list(item_ids)
    if not keys:
        return
    with system_scope("parts follow their item"), connection.cursor() as cursor:
        cursor.execute(FOLLOW, {"items": keys})


def leave_parts(plan_ids: list[int], path: str) -> None:
    """The person goes to another place: parts not yet done by places outside its region fall away, what was done stays told with the file."""
    region = "/" + "".join(f"{code}/" for code in takewhile(str.isdecimal, path.strip("/").split("/")))
    with system_scope("parts left behind"):
        ItemPart.objects.filter(item__plan__in=plan_ids, state=PartState.OPEN).exclude(org_path__startswith=region).delete()


@transaction.atomic
def divide_item(*, scope: Scope, item: PlanItem, wanted: list[Wanted], by, version: int | None = None) -> int:
    """Set who does what; sides with a blank task have no part (any more). Ticked parts stay as they are. Returns how many parts there are now.

    Raises ``Refused`` (fields ``task_<side>``, ``org_<side>``, ``who_<side>``), ``Stale``.
    """
    held = PlanItem.objects.select_for_update(of=("self",)).select_related("plan__cadre", "plan__org").get(pk=item.pk)
    if version is not None and held.version != version:
        raise Stale()
    if held.state != ItemState.OPEN or held.plan.state != PlanState.ACTIVE:
        raise Refused("这件事已经办结或方案已终止，不能再分工。", code="item_closed", status=409)
    present = {part.side: part for part in ItemPart.objects.select_for_update(of=("self",)).filter(item=held)}
    for one in wanted:
        _check(scope, one)
        part = present.get(one.side)
        if part and part.state == PartState.DONE:
            continue
        if not one.task.strip():
            if part:
                part.delete()
            continue
        org = one.org or _bureau(scope, held.plan.org)
        words = {"who": (str(one.org) if one.org else one.who.strip())[:80], "task": one.task.strip(), "org": org, "org_path": org.path}
        if part:
            ItemPart.objects.filter(pk=part.pk).update(**words, version=part.version + 1)
        else:
            with as_sentences(ItemPart):
                ItemPart.objects.create(item=held, side=one.side, person=held.plan.cadre.name, need=held.need, due_on=held.due_on, **words)
    PlanItem.objects.filter(pk=held.pk).update(version=held.version + 1)
    audit.record("item.divided", held, by=by, title=str(held.plan.cadre), data={"sides": sorted(one.side for one in wanted if one.task.strip())})
    return ItemPart.objects.filter(item=held).count()


def _bureau(scope: Scope, org: Organization) -> Organization:
    """Where the parts of sides lie that aren't in the system: with the county (or city) the person belongs to, out of sight of the person's unit;
    of a unit that divides by itself, with the unit."""
    place = next(one for one in reversed(ancestors(org)) if one.level in (Level.COUNTRY, Level.PROVINCE, Level.CITY, Level.COUNTY))
    return place if scope.covers(place.path) else org


def _check(scope: Scope, one: Wanted) -> None:
    if one.side not in Side.values:
        raise Refused("没有这一方。", code="side")
    if not one.task.strip():
        return
    if one.org and not scope.covers(one.org.path):
        raise Refused("这个单位不在您的管理范围内。", code="outside", field=f"org_{one.side}")
    if not one.org and not one.who.strip():
        raise Refused("系统里没有的单位，请写名称。", code="who_required", field=f"who_{one.side}")


def _held(part: ItemPart, version: int | None) -> ItemPart:
    found = ItemPart.objects.select_for_update(of=("self",)).get(pk=part.pk)
    if version is not None and found.version != version:
        raise Stale()
    if found.over:
        raise Refused("这件事已经办结或不再办理。", code="part_over", status=409)
    return found


@transaction.atomic
def tick_part(*, part: ItemPart, note: str, by, today: date, version: int | None = None) -> ItemPart:
    """This side has done its part, with a word on what was done. Raises ``Refused`` (ticked already; field ``note``), ``Stale``."""
    found = _held(part, version)
    if found.state == PartState.DONE:
        raise Refused("这一项已经办过了。", code="part_done", status=409)
    if not note.strip():
        raise Refused("请写一句办理情况。", code="note_required", field="note")
    found.state, found.done_on, found.done_by, found.note, found.version = PartState.DONE, today, by, note.strip(), found.version + 1
    found.save()
    audit.record("item.part", found, by=by, note=found.note, title=found.person, data={"side": found.side})
    return found


@transaction.atomic
def untick_part(*, part: ItemPart, note: str, by, version: int | None = None) -> ItemPart:
    """Ticked by mistake; ``note`` says why. Raises ``Refused`` (field ``note``), ``Stale``."""
    found = _held(part, version)
    if found.state != PartState.DONE:
        raise Refused("这一项还没有办。", code="part_open", status=409)
    if not note.strip():
        raise Refused("请写明为什么取消。", code="note_required", field="note")
    found.state, found.done_on, found.done_by, found.note, found.version = PartState.OPEN, None, None, "", found.version + 1
    found.save()
    audit.record("item.part", found, by=by, note=f"取消：{note.strip()}", title=found.person, data={"side": found.side})
    return found
