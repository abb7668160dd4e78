"""What stands behind a difference: the people who make it, by how much, and why, each with the entries of the period.

Annual tables: 差 = 实有 − (上年末 + 办理手续 − 去世), so whoever was received, moved out or changed between 离休 and 退休 stands here, too.
Ledger: those are terms of their own, and only what was not recorded is left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from apps.accounts.models import Organization
from apps.cadres.models import Cadre, StatusChange
from apps.cadres.statistics.counted import Where, condition, judged
from apps.core.metrics import AS_USUAL, BY_HASH, Period
from apps.core.scope import Scope

REASONS = {
    "converted": ("离退休类别变更", "上年末或期初按另一类别统计，其间办理手续后类别变了"),
    "received": ("接收调入", "从系统以外接收，不是新办离退休"),
    "moved_out": ("调出移交", "调往系统以外，不是去世"),
    "unregistered": ("没有登记新办离退休", "离退休时间在本期内，但「登记变动」里没有「新办离退休」"),
    "restored": ("误登恢复", "以前误登为去世或调出，本期登记了「恢复（误登）」"),
    "future": ("离退休时间未到", "档案里的离退休时间晚于截止日，已在册"),
    "unrecorded": ("转出没有登记", "现在是「已转出」，但本期没有「调出移交」的登记"),
    "absent": ("登记了新办而不在册", "登记了「新办离退休」，截止日不在册"),
    "died": ("去世而期初不在册", "本期去世，但期初不在册，也没有登记怎样来的"),
    "other": ("其他", "几项登记的日期互相矛盾，请打开档案核对"),
}
"""Reason → its name and what it means."""

REASON = """CASE
  WHEN kind <> kind_open AND opening THEN 'converted' WHEN came THEN 'received' WHEN went THEN 'moved_out'
  WHEN (here OR died) AND retired_on BETWEEN %(first)s AND %(as_of)s AND NOT fresh THEN 'unregistered' WHEN restored THEN 'restored'
  WHEN here AND retired_on > %(as_of)s THEN 'future' WHEN opening AND NOT here AND NOT died THEN 'unrecorded'
  WHEN fresh AND NOT here THEN 'absent' WHEN died AND NOT opening THEN 'died' ELSE 'other' END"""
ANNUAL = """(here AND kind = '{kind}')::int - (opening AND kind_open = '{kind}')::int - (new AND kind = '{kind}')::int + (died AND kind = '{kind}')::int"""
LEDGER = """(here AND kind = '{kind}')::int - (opening AND kind_open = '{kind}')::int
  - (CASE WHEN kind = '{kind}' THEN fresh::int + came::int - went::int - died::int ELSE 0 END)"""
LEDGER_ALL = "here::int - opening::int - fresh::int - came::int + went::int + died::int"


@dataclass(frozen=True)
class Found:
    """(key of the person, how much, reason), the weightiest reasons first."""

    rows: tuple[tuple[int, int, str], ...]

    @property
    def difference(self) -> int:
        return sum(by for _, by, _ in self.rows)

    @property
    def reasons(self) -> list[dict]:
        """Each reason with how many people and what they amount to."""
        found: dict[str, list[int]] = {}
        for _, by, reason in self.rows:
            found.setdefault(reason, []).append(by)
        return [{"key": key, "name": REASONS[key][0], "means": REASONS[key][1], "people": len(bys), "amount": sum(bys)} for key, bys in found.items()]


def annual(org: Organization, kind: str, where: Where, period: Period) -> Found:
    """Behind 差 of a row of table B or D."""
    return _found(org, ANNUAL.format(kind=kind), condition(where), period)


def ledger(org: Organization, kind: str, period: Period) -> Found:
    """Behind the difference of the ledger; ``kind`` blank for everybody."""
    return _found(org, LEDGER.format(kind=kind) if kind else LEDGER_ALL, "true", period)


def _found(org: Organization, amount: str, narrowed: str, period: Period) -> Found:
    sql, parameters = judged(Scope((org.path,)), period)
    order = ", ".join(f"'{key}'" for key in REASONS)
    asked = f"SELECT pk, {amount} AS amount, {REASON} AS reason FROM ({sql}) j WHERE {narrowed}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{BY_HASH}; SELECT pk, amount, reason FROM ({asked}) f WHERE amount <> 0 ORDER BY array_position(ARRAY[{order}], reason), pk", parameters)  # noqa: S608
        rows = cursor.fetchall()
        cursor.execute(AS_USUAL)
    return Found(tuple(rows))


def shown(scope: Scope, rows: Iterable[tuple[int, int, str]], first: date, last: date) -> list[dict]:
    """Part of ``Found.rows`` with the people and their entries of the period; two queries."""
    rows = list(rows)
    keys = [pk for pk, _, _ in rows]
    people = {one.pk: one for one in Cadre.objects.visible_to(scope).filter(pk__in=keys).select_related("org", "org__parent")}
    entries: dict[int, list[StatusChange]] = {}
    for entry in StatusChange.objects.visible_to(scope).filter(cadre__in=keys, effective_on__range=(first, last)).order_by("effective_on", "pk"):
        entries.setdefault(entry.cadre_id, []).append(entry)
    return [
        {"cadre": people[pk], "amount": amount, "reason": REASONS[reason][0], "means": REASONS[reason][1], "key": reason, "entries": entries.get(pk, [])}
        for pk, amount, reason in rows
        if pk in people
    ]
