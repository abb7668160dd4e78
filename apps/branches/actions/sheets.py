"""活动情况统计表: filled from the activities, corrected with a reason, submitted, accepted or returned."""

from datetime import date, datetime

from django.db import connection, transaction
from django.urls import reverse

from apps.accounts.permissions import Right
from apps.accounts.selectors import nearest_with
from apps.activity import audit, notify
from apps.branches.actions.branches import held as held_branch
from apps.branches.models import Branch, QuarterSheet, QuarterSheetStep, SheetLayout, SheetState
from apps.branches.selectors.sheets import COUNTED, Column, columns_of, counted_for
from apps.branches.workflow import SHEET
from apps.core.calendar import Quarter, quarter_of
from apps.core.refusal import Refused, Stale
from apps.core.workflow import lock, take

MOST, MOST_COLUMNS = 100_000, 40
EDITABLE = (SheetState.DRAFT, SheetState.RETURNED)


def _held(branch: Branch, quarter: Quarter, version: int | None) -> QuarterSheet:
    """The sheet under a row lock; made where there is none. Raises ``Stale``."""
    found = held_branch(branch)
    sheet, made = QuarterSheet.objects.get_or_create(branch=found, year=quarter.year, quarter=quarter.q, defaults={"org": found.org})
    if made and version:
        raise Stale()
    return lock(QuarterSheet.objects.select_related("branch__org", "org", "submitted_by"), sheet.pk, None if made else version)


def _number(key: str, value) -> int:
    if not isinstance(value, int) or not 0 <= value <= MOST:
        raise Refused(f"请填 0 到 {MOST} 的整数。", code="number", field=key)
    return value


@transaction.atomic
def fill_sheet(
    *, branch: Branch, quarter: Quarter, typed: dict[str, int], corrected: dict[str, tuple[int, str]], problems: str, by, version: int | None = None
) -> QuarterSheet:  # fmt: skip
    """Write ``typed`` columns and ``corrected`` ones (column → number, reason); a correction that says what is counted falls away. ``version`` 0 or None: of one not
    kept yet. Raises ``Refused`` (fields: the column, ``why_<column>``), ``Stale``."""
    sheet = _held(branch, quarter, version)
    if sheet.state not in EDITABLE:
        raise Refused(f"这张统计表现在是“{sheet.get_state_display()}”，不能再改。", code="sheet_state", status=409)
    counted = counted_for([sheet.branch_id], quarter)[sheet.branch_id]
    kept = {}
    for key, (value, reason) in corrected.items():
        if key not in counted or _number(key, value) == counted[key]:
            continue
        if not reason.strip():
            raise Refused(f"与活动记录的 {counted[key]} 不同，请写明原因。", code="reason_required", field=f"why_{key}")
        kept[key] = {"value": value, "reason": reason.strip()[:120]}
    own = {one.key for one in columns_of(quarter) if one.typed}
    sheet.typed = {key: _number(key, value) for key, value in typed.items() if key in own and value is not None}
    sheet.counted, sheet.corrected, sheet.problems, sheet.version = counted, kept, problems.strip()[:300], sheet.version + 1
    sheet.save(update_fields=["typed", "counted", "corrected", "problems", "version"])
    audit.record("quarter_sheet.changed", sheet, by=by, title=str(sheet.branch), data={"quarter": str(quarter), "corrected": sorted(kept)})
    return sheet


@transaction.atomic
def change_layout(*, quarter: Quarter, columns: list[Column], basis: str, by, today: date, version: int = 0) -> SheetLayout:
    """Other columns from a quarter on, that of today at the earliest; sheets of earlier quarters keep theirs. New ones (key blank) are filled in by the branches.
    ``version``: key of the newest layout the change started from, 0 for none. Raises ``Refused`` (fields ``quarter``, ``basis``), ``Stale``."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE branches_sheetlayout IN SHARE ROW EXCLUSIVE MODE")
    newest = SheetLayout.objects.order_by("-pk").first()
    if (newest.pk if newest else 0) != version:
        raise Stale()
    if (quarter.year, quarter.q) < ((now := quarter_of(today)).year, now.q):
        raise Refused("最早从本季度起；过去的季度按当时的格式。", code="quarter_past", field="quarter")
    if not basis.strip():
        raise Refused("请写依据：文件名称和文号。", code="basis_required", field="basis")
    if not columns or len(columns) > MOST_COLUMNS:
        raise Refused(f"至少一栏，最多 {MOST_COLUMNS} 栏。", code="column_count")
    rows, used = [], {row[0] for one in SheetLayout.objects.all() for row in one.columns}
    for one in columns:
        if not one.name.strip():
            raise Refused("每一栏都要有名称。", code="name_required")
        if not one.typed and one.key not in COUNTED:
            raise Refused(f"“{one.name}”不是系统能统计的栏目，请设为自填。", code="not_counted")
        key = one.key or next(f"own{n}" for n in range(1, 1000) if f"own{n}" not in used and not used.add(f"own{n}"))
        rows.append([key, one.name.strip()[:20], one.unit.strip()[:6], one.group.strip()[:12], "typed" if one.typed else ""])
    if len({row[0] for row in rows}) != len(rows):
        raise Refused("同一栏写了两次。", code="column_twice")
    made = SheetLayout.objects.create(year=quarter.year, quarter=quarter.q, columns=rows, basis=basis.strip()[:120], created_by=by)
    audit.record("quarter_sheet.layout", made, by=by, title=str(made), note=made.basis, data={"columns": len(rows)})
    return made


@transaction.atomic
def take_step(*, branch: Branch, quarter: Quarter, step: str, by, today: date, now: datetime, note: str = "", version: int | None = None) -> QuarterSheet:
    """Move the sheet by one of ``workflow.SHEET_STEPS``. Raises ``Refused``, ``Stale``."""
    sheet = _held(branch, quarter, version)
    take(SHEET, sheet, step, by=by, today=today, now=now, note=note, effect=EFFECTS.get(step), write=_write)
    people = nearest_with(sheet.org, today, Right.BRANCH_INSPECT) if step == "submit" else [sheet.submitted_by] if step in ("accept", "return", "reopen") else []
    others = [user for user in people if user and user.pk != by.pk]
    title = f"{sheet.branch.name}：{quarter.title}活动情况统计表{SHEET.states(sheet.state).label}"
    url = reverse("branches:sheet", args=[sheet.branch_id, sheet.year, sheet.quarter])
    notify.tell(others, title=title, body=note, url=url, key=f"quarter_sheet:{sheet.pk}:{sheet.version}", now=now)
    return sheet


def _write(held: QuarterSheet, *, step: str, before: str, note: str, by, at: datetime) -> None:
    QuarterSheetStep.objects.create(case=held, org=held.org, step=step, before=before, after=held.state, note=note, by=by, at=at)
    audit.record("quarter_sheet.step", held, by=by, note=note[:100], title=str(held.branch), data={"step": step, "from": before, "to": held.state})


def _submit(held: QuarterSheet, *, by, today: date) -> None:
    quarter = Quarter(held.year, held.quarter)
    columns = columns_of(quarter)
    if missing := [one.name for one in columns if one.typed and held.typed.get(one.key) is None]:
        raise Refused(f"还没有填：{'、'.join(missing)}。没有的填 0。", code="columns_open")
    held.counted = counted_for([held.branch_id], quarter)[held.branch_id]
    held.corrected = {key: given for key, given in held.corrected.items() if key in {one.key for one in columns} and given["value"] != held.counted.get(key)}
    held.submitted_on, held.submitted_by = today, by


def _accept(held: QuarterSheet, *, by, today: date) -> None:
    held.accepted_on, held.accepted_by = today, by


def _back(held: QuarterSheet, *, by, today: date) -> None:
    held.accepted_on, held.accepted_by = None, None


EFFECTS = {"submit": _submit, "accept": _accept, "withdraw": _back, "return": _back, "reopen": _back}
