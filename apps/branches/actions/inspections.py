"""督查检查: planned for chosen or drawn branches, written down on the spot, cancelled with the reason."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from apps.accounts.models import Organization
from apps.accounts.permissions import Right
from apps.accounts.selectors import nearest_with
from apps.activity import audit, notify
from apps.branches.actions.draws import draw_from
from apps.branches.actions.rectifications import open_rectification
from apps.branches.models import Branch, Draw, DrawPurpose, Inspection, InspectionKind, InspectionState, RectifySource
from apps.cadres.constraints import as_sentences
from apps.core.refusal import Refused, Stale

MOST_AT_ONCE = 200
MOST_PROBLEMS = 20


@transaction.atomic
def plan_inspections(
    *, branches, kind: str, planned_on: date, team: str, by, today: date, now: datetime, chosen: Iterable[int] = (), size: int | None = None, org: Organization
) -> tuple[list[Inspection], Draw | None]:  # fmt: skip
    """Plan a visit to each of ``chosen`` of the branches ``branches`` (a queryset), or to ``size`` of them drawn by lot; the draw lies with ``org``.

    Raises ``Refused`` (fields ``kind``, ``planned_on``, ``team``, ``chosen``, ``size``).
    """
    if kind not in InspectionKind.values:
        raise Refused("请选检查类型。", code="kind", field="kind")
    if planned_on < today:
        raise Refused("计划日期不能早于今天；已经检查过的，安排在今天再登记，检查日期写实际的。", code="date_past", field="planned_on")
    if not team.strip():
        raise Refused("请写检查组成员，至少两人为宜。", code="team_required", field="team")
    there = {one.pk: one for one in branches.filter(dissolved_on=None).select_related("org")}
    keys, made = list(dict.fromkeys(chosen)), None
    if size is not None:
        if not 1 <= size <= MOST_AT_ONCE:
            raise Refused(f"一次抽 1 到 {MOST_AT_ONCE} 个。", code="size", field="size")
        made = _draw(org, there, size, by, now)
        keys = [pk for pk, _ in made.chosen]
    if not keys:
        raise Refused("请选党支部，或填随机抽几个。", code="nobody", field="chosen")
    if len(keys) > MOST_AT_ONCE or set(keys) - set(there):
        raise Refused(f"所选党支部不在您的管理范围内、已撤销，或多于 {MOST_AT_ONCE} 个。", code="outside", field="chosen")
    rows = [_plan(there[pk], kind, planned_on, team, made, by, today, now) for pk in keys]
    return rows, made


def _draw(org: Organization, there: dict[int, Branch], size: int, by, now: datetime) -> Draw:
    if not there:
        raise Refused("没有可以抽取的党支部。", code="nothing_to_draw", field="size")
    return draw_from({pk: one.name for pk, one in there.items()}, size=size, purpose=DrawPurpose.INSPECTION, org=org, by=by, now=now)


def _plan(branch: Branch, kind: str, planned_on: date, team: str, draw: Draw | None, by, today: date, now: datetime) -> Inspection:
    row = Inspection(branch=branch, org=branch.org, kind=kind, planned_on=planned_on, team=team.strip()[:120], draw=draw, created_by=by)
    try:
        with as_sentences(Inspection):
            row.save()
    except Refused as problem:
        raise Refused(f"{branch.name}：{problem.sentence}", code=problem.code, field="planned_on") from problem
    audit.record("inspection.planned", row, by=by, title=str(branch), data={"kind": kind, "day": str(planned_on), "draw": draw.pk if draw else None})
    if kind != InspectionKind.RANDOM:
        people = [user for user in nearest_with(branch.org, today, Right.BRANCH_EDIT) if user.pk != by.pk]
        title = f"{row.get_kind_display()}：{branch.name}，{planned_on:%-m月%-d日}"
        notify.tell(people, title=title, url=reverse("branches:inspection", args=[row.pk]), key=f"inspection:{row.pk}", now=now)
    return row


def _held(inspection: Inspection, version: int | None) -> Inspection:
    found = Inspection.objects.select_for_update(of=("self",)).select_related("branch__org", "org").get(pk=inspection.pk)
    if version is not None and found.version != version:
        raise Stale()
    if found.state != InspectionState.PLANNED:
        raise Refused(f"这次检查{found.get_state_display()}，不能再改。", code="inspection_state", status=409)
    return found


@transaction.atomic
def record_inspection(
    *, inspection: Inspection, inspected_on: date, ways: list[str], good: str, demand: str, problems: list[tuple[str, str]], by, today: date, now: datetime,
    due_on: date | None = None, score=None, team: str = "", version: int | None = None,
) -> Inspection:  # fmt: skip
    """Write down what was found; each of ``problems`` (matter, sentence) opens a rectification due on ``due_on``. Raises ``Refused`` (fields of the form), ``Stale``."""
    found = _held(inspection, version)
    if inspected_on > today:
        raise Refused("检查日期不能晚于今天。", code="date_future", field="inspected_on")
    if not ways:
        raise Refused("请选怎样检查的。", code="ways_required", field="ways")
    if not (good.strip() or problems):
        raise Refused("请写肯定的地方或发现的问题，至少一样。", code="nothing_found", field="good")
    if len(problems) > MOST_PROBLEMS:
        raise Refused(f"一次最多写 {MOST_PROBLEMS} 个问题。", code="many_problems", field="problems")
    found.inspected_on, found.ways, found.good, found.demand, found.score = inspected_on, list(ways), good.strip(), demand.strip(), score
    found.team = team.strip()[:120] or found.team
    found.state, found.recorded_by, found.version = InspectionState.DONE, by, found.version + 1
    found.save()
    given = {"branch": found.branch, "by": by, "today": today, "now": now, "source": RectifySource.INSPECTION, "inspection": found, "due_on": due_on}
    for matter, sentence in problems:
        open_rectification(problem=sentence, matter=matter, **given)
    audit.record("inspection.recorded", found, by=by, title=str(found.branch), data={"problems": len(problems), "score": str(score) if score is not None else None})
    return found


@transaction.atomic
def cancel_inspection(*, inspection: Inspection, reason: str, by, version: int | None = None) -> Inspection:
    """It won't take place. Raises ``Refused`` (field ``reason``), ``Stale``."""
    found = _held(inspection, version)
    if not reason.strip():
        raise Refused("请写明取消原因。", code="reason_required", field="reason")
    found.state, found.cancelled_why, found.version = InspectionState.CANCELLED, reason.strip(), found.version + 1
    found.save(update_fields=["state", "cancelled_why", "version"])
    audit.record("inspection.cancelled", found, by=by, note=found.cancelled_why, title=str(found.branch))
    return found
