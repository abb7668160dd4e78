"""Two records of one person made one, and the way back.

The absorbed record is not deleted: it is hidden (``Standing.MERGED``) and points to the one that was kept. Rows hanging on it go over by an allow-list
(``MERGE_RELATIONS``); a relation that the list doesn't know and that has rows stops the merge, so that nothing is ever left hanging unseen.
"""

import json
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import User
from apps.activity import audit
from apps.cadres.actions.people import write
from apps.cadres.columns import ENCRYPTED
from apps.cadres.fields import EDITABLE
from apps.cadres.models import Cadre, DistinctPair, MergeRecord, Standing
from apps.cadres.registries import MERGE_RELATIONS
from apps.cadres.rules import findings
from apps.cadres.values import same, value_of, values_of
from apps.core.dates import PartialDate
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope
from apps.core.sealing import WrongKey

FILLED = ("attention_class",)
FOLLOWS = {"revolution_period_confirmed": "revolution_started_on"}
"""Fields nobody chooses by themselves: they come with another one."""


def better(kept: Cadre, absorbed: Cadre) -> dict[str, str]:
    """Field → "kept" or "absorbed", for every field that differs: what isn't blank, the more exact date, the newer record."""
    newer = "absorbed" if absorbed.updated_at > kept.updated_at else "kept"
    return {name: _better(value_of(kept, name), value_of(absorbed, name), newer) for name in differing(kept, absorbed)}


def differing(kept: Cadre, absorbed: Cadre) -> list[str]:
    return [name for name in EDITABLE if name not in FOLLOWS and not same(value_of(kept, name), value_of(absorbed, name))]


def _better(mine: Any, theirs: Any, newer: str) -> str:
    if theirs in (None, "", False):
        return "kept"
    if mine in (None, "", False):
        return "absorbed"
    if isinstance(mine, PartialDate) and isinstance(theirs, PartialDate) and mine.precision != theirs.precision:
        order = ("year", "month", "day")
        return "kept" if order.index(mine.precision) > order.index(theirs.precision) else "absorbed"
    return newer


def reason_against_merging(kept: Cadre, absorbed: Cadre) -> str:
    """Why these two can't be merged; "" when they can."""
    if kept.pk == absorbed.pk:
        return "这是同一份档案。"
    if Standing.MERGED in (kept.standing, absorbed.standing):
        return "其中一份已经并入别的档案。"
    if kept.standing != absorbed.standing:
        return f"一份{kept.get_standing_display()}，一份{absorbed.get_standing_display()}。请先核实，把其中一份的状态更正后再合并。"
    if kept.deceased_on != absorbed.deceased_on:
        return "两份档案的去世日期不同，请先核实更正后再合并。"
    if unknown := unknown_relations(absorbed):
        return f"并入的档案有系统还不会合并的记录（{'、'.join(unknown)}），不能合并，以免这些记录丢失。"
    return ""


def unknown_relations(cadre: Cadre) -> list[str]:
    """Names of relations to a person that the allow-list doesn't know and that have rows for this one. History rows stay with the record they tell of."""
    known = {field for relation in MERGE_RELATIONS.values() for field in relation.fields}
    found = []
    for relation in Cadre._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.is_relation and not relation.concrete):
            continue
        model, field = relation.related_model, relation.field
        if hasattr(model, "pgh_tracked_model") or f"{model._meta.label}.{field.name}" in known:
            continue
        if model._base_manager.filter(**{field.name: cadre.pk}).exists():
            found.append(str(model._meta.verbose_name))
    return found


@transaction.atomic
def merge_cadres(
    *, kept: Cadre, absorbed: Cadre, versions: tuple[int, int], choices: dict[str, str], by: User, scope: Scope, today: date, now: datetime, note: str = ""
) -> MergeRecord:
    """Make ``absorbed`` part of ``kept``. ``choices``: field → "kept" or "absorbed", for those that differ (else ``better`` decides); ``versions`` as they were looked at.

    Raises ``Refused`` for records that can't be merged, values that don't go together; ``Stale`` when one has changed meanwhile.
    """
    kept, absorbed = _both(scope, kept.pk, absorbed.pk)
    if (kept.version, absorbed.version) != versions:
        raise Stale("其中一份档案刚刚被别人改过，请重新对照。")
    if reason := reason_against_merging(kept, absorbed):
        raise Refused(reason, code="not_mergeable", status=409)
    taken = [name for name, side in (better(kept, absorbed) | choices).items() if side == "absorbed" and name in differing(kept, absorbed)]
    values = _taken(kept, absorbed, taken)
    _check(values_of(kept) | values, today)
    record = MergeRecord(kept=kept, absorbed=absorbed, org=kept.org, fields=taken, note=note[:200], merged_by=by, merged_at=now)
    record.before_kept, record.before_absorbed = _image(kept), _image(absorbed)
    _hide(absorbed, kept)
    write(kept, values)
    record.moved = _move(kept, absorbed, by, today)
    kept.refresh_from_db()
    record.after_kept = _image(kept)
    record.save()
    for one, other in ((kept, absorbed), (absorbed, kept)):
        audit.record("cadre.merged", one, by=by, note=note[:100], data={"merge": record.pk, "kept": kept.pk, "absorbed": absorbed.pk, "other": other.pk, "fields": taken})
    return record


def _both(scope: Scope, *keys: int) -> list[Cadre]:
    """The two records under lock, in the order asked for; always locked in the same order. Raises ``Cadre.DoesNotExist`` outside the scope."""
    found = {one.pk: one for one in Cadre.objects.visible_to(scope).filter(pk__in=keys).order_by("pk").select_for_update(of=("self",)).select_related("org")}
    if set(keys) - set(found):
        raise Cadre.DoesNotExist
    return [found[key] for key in keys]


def _taken(kept: Cadre, absorbed: Cadre, names: list[str]) -> dict[str, Any]:
    values = {name: value_of(absorbed, name) for name in names}
    values |= {name: value_of(absorbed, name) for name, leader in FOLLOWS.items() if leader in values}
    values |= {name: getattr(absorbed, name) for name in FILLED if not getattr(kept, name) and getattr(absorbed, name)}
    if absorbed.extra:
        values["extra"] = absorbed.extra | kept.extra
    return values


def _check(values: dict[str, Any], today: date) -> None:
    if wrong := next((found for found in findings(values, today) if found.is_error), None):
        raise Refused(wrong.problem.message, code=wrong.problem.code, field=wrong.field)


def _image(cadre: Cadre) -> dict:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(c) FROM cadres_cadre c WHERE c.id = %s", [cadre.pk])
        found = cursor.fetchone()[0]
    return json.loads(found) if isinstance(found, str) else found


def _as_was(image: dict) -> Cadre:
    """A record as an image holds it, encrypted values opened; not to be saved. Raises ``Refused`` when their key is no more."""
    try:
        found = Cadre.objects.raw("SELECT * FROM jsonb_populate_record(NULL::cadres_cadre, %s::jsonb)", [json.dumps(image)])[0]
        values_of(found, ENCRYPTED)
        return found
    except WrongKey:
        raise Refused("合并前的号码是用已停用的密钥加密的，这次合并不能再撤销。", code="key_retired", status=409) from None


def _hide(absorbed: Cadre, kept: Cadre) -> None:
    write(absorbed, {"id_number": None, "standing": Standing.MERGED, "deceased_on": None, "merged_into": kept})


def _move(kept: Cadre, absorbed: Cadre, by: User, today: date) -> dict:
    relations = sorted(MERGE_RELATIONS.items(), key=lambda pair: pair[1].order)
    moved = {key: relation.move(kept, absorbed, by=by, today=today) for key, relation in relations}
    return {key: what for key, what in moved.items() if what}


def what_stays(record: MergeRecord) -> list[str]:
    """Sentences about fields that have been changed since the merge and would keep their present value if it were taken back."""
    then, now = _as_was(record.after_kept), record.kept
    before = _as_was(record.before_kept)
    return [_title(name) for name in _touched(before, then) if not same(value_of(now, name), value_of(then, name))]


def _touched(before: Cadre, after: Cadre) -> list[str]:
    return [name for name in (*EDITABLE, *FILLED, "extra") if not same(value_of(before, name), value_of(after, name))]


def _title(name: str) -> str:
    return str(Cadre._meta.get_field(name).verbose_name)


@transaction.atomic
def unmerge_cadres(*, record: MergeRecord, by: User, scope: Scope, today: date, now: datetime) -> MergeRecord:
    """Take a merge back: values go back where they still are what the merge made them, rows where they still hang on the kept record; what is
    newer stays with it, and ``left`` says so. Raises ``Refused`` when it has been taken back already or one of the two isn't free."""
    record = MergeRecord.objects.visible_to(scope).select_for_update(of=("self",)).get(pk=record.pk)
    if record.undone_at:
        raise Refused("这次合并已经撤销过。", code="undone", status=409)
    try:
        kept, absorbed = _both(scope, record.kept_id, record.absorbed_id)
    except Cadre.DoesNotExist:
        raise Refused("其中一份档案现在在您的管理范围以外，请由上级单位撤销。", code="out_of_scope", status=409) from None
    if kept.standing == Standing.MERGED:
        raise Refused("保留的档案后来又并入了别的档案，请先撤销后一次合并。", code="merged_again", status=409)
    left = [f"{title}：合并后又改过，保持现在的值。" for title in what_stays(record)]
    _values_back(record, kept)
    left += _restore(record, absorbed)
    for key, relation in sorted(MERGE_RELATIONS.items(), key=lambda pair: pair[1].order):
        if key in record.moved:
            left += relation.restore(kept, absorbed, record.moved[key], by=by, today=today)
    record.undone_by, record.undone_at, record.left = by, now, left
    record.save(update_fields=["undone_by", "undone_at", "left"])
    for one in (kept, absorbed):
        audit.record("cadre.unmerged", one, by=by, data={"merge": record.pk, "left": len(left)})
    return record


def _values_back(record: MergeRecord, kept: Cadre) -> None:
    before, after = _as_was(record.before_kept), _as_was(record.after_kept)
    back = {name: value_of(before, name) for name in _touched(before, after) if same(value_of(kept, name), value_of(after, name))}
    write(kept, back)


def _restore(record: MergeRecord, absorbed: Cadre) -> list[str]:
    """The absorbed record as it was; its ID number only where nobody has it by now."""
    was = _as_was(record.before_absorbed)
    values: dict[str, Any] = {"standing": was.standing, "deceased_on": was.deceased_on, "merged_into": None}
    left = []
    if was.id_number and Cadre.objects.filter(id_index=was.id_index).exclude(pk=absorbed.pk).exists():
        left.append("身份证号：现在由另一份档案使用，没有交还。")
    elif was.id_number:
        values["id_number"] = was.id_number
    write(absorbed, values)
    return left


@transaction.atomic
def say_distinct(*, one: Cadre, other: Cadre, by: User, scope: Scope, now: datetime) -> None:
    """Remember that two records that look alike are two people."""
    first, second = _both(scope, *sorted((one.pk, other.pk)))
    if first.pk == second.pk:
        raise Refused("这是同一份档案。", code="same")
    DistinctPair.objects.get_or_create(first=first, second=second, defaults={"org": first.org, "said_by": by, "said_at": now})
    audit.record("cadre.distinct", first, by=by, data={"other": second.pk})


__all__ = ["better", "differing", "merge_cadres", "reason_against_merging", "say_distinct", "unknown_relations", "unmerge_cadres", "what_stays"]
