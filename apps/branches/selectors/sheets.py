"""活动情况统计表: what the logged activities say of a quarter, the sheets of many branches, their sums."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection
from django.db.models import Case, Count, F, FilteredRelation, Q, QuerySet, Sum, Value, When

from apps.accounts.models import Organization
from apps.branches.models import FOR_ALL, HOLDING, ActivityKind, Attendance, Branch, Participation, PartyMember, QuarterSheet, QuarterSheetStep, SheetLayout, SheetState
from apps.branches.standards import SHEET_COLUMNS, SHEET_DUE_DAY
from apps.core.calendar import Quarter
from apps.core.scope import Scope, upper_bound

COUNTED = tuple(row[0] for row in SHEET_COLUMNS if not row[4])
"""Keys of what the books say; a layout may leave some out and rename them."""
TIMES = (
    ActivityKind.MEETING, ActivityKind.COMMITTEE, ActivityKind.GROUP, ActivityKind.LECTURE, ActivityKind.THEME, ActivityKind.LIFE, ActivityKind.REVIEW, ActivityKind.VOLUNTEER
)  # fmt: skip
"""Kinds whose column counts how often; 谈心谈话 and 送学上门 count persons."""


@dataclass(frozen=True)
class Column:
    """A column of the sheet; ``typed``: nobody logs it, the branch fills it in."""

    key: str
    name: str
    unit: str
    group: str
    typed: bool


def columns_of(quarter: Quarter) -> list[Column]:
    """The columns of a quarter's sheet, in order."""
    since = Q(year__lt=quarter.year) | Q(year=quarter.year, quarter__lte=quarter.q)
    found = SheetLayout.objects.filter(since).first()
    return [Column(key, name, unit, group, bool(typed)) for key, name, unit, group, typed in (found.columns if found else SHEET_COLUMNS)]


def layouts() -> QuerySet:
    """The newest first."""
    return SheetLayout.objects.select_related("created_by")


def due_on(quarter: Quarter) -> date:
    return quarter.next.first + timedelta(days=SHEET_DUE_DAY - 1)


def counted_for(branch_ids: list[int], quarter: Quarter) -> dict[int, dict[str, int]]:
    """Branch → column → number, from the books of each; three queries for any number of branches."""
    found: dict[int, dict[str, int]] = {pk: dict.fromkeys(COUNTED, 0) for pk in branch_ids}
    of_quarter = Participation.objects.filter(branch__in=branch_ids, removed=False, held_on__gte=quarter.first, held_on__lte=quarter.last).order_by()
    called, own = Sum("expected", filter=Q(present__isnull=False)), Count("pk", filter=Q(by_secretary=True))
    for row in of_quarter.values("branch", "kind").annotate(n=Count("pk"), came=Sum("present"), called=called, own=own):
        into = found[row["branch"]]
        if row["kind"] in TIMES:
            into[row["kind"]] = row["n"]
        if row["kind"] in FOR_ALL:
            into["expected"] += row["called"] or 0
            into["present"] += row["came"] or 0
        if row["kind"] == ActivityKind.LECTURE:
            into["lecture_secretary"] = row["own"]
        elif row["kind"] == ActivityKind.VOLUNTEER:
            into["volunteer_people"] = row["came"] or 0
        elif row["kind"] == ActivityKind.TALK:
            into["talk"] = row["came"] or 0
    at_home = Q(at_home=True) | Q(participation__kind=ActivityKind.HOME)
    for row in Attendance.objects.filter(at_home, participation__in=of_quarter.values("pk")).order_by().values("participation__branch").annotate(n=Count("pk")):
        found[row["participation__branch"]]["home"] = row["n"]
    there = PartyMember.objects.filter(Q(joined_on=None) | Q(joined_on__lte=quarter.last), Q(left_on=None) | Q(left_on__gt=quarter.last), branch__in=branch_ids)
    for row in there.order_by().values("branch").annotate(n=Count("pk")):
        found[row["branch"]]["members"] = row["n"]
    return found


def values_of(sheet: QuarterSheet, columns: list[Column]) -> dict[str, int | None]:
    """Column → the number that holds: corrected, typed or counted."""
    corrected = {key: given["value"] for key, given in sheet.corrected.items()}
    return {one.key: corrected.get(one.key, sheet.typed.get(one.key) if one.typed else sheet.counted.get(one.key, 0)) for one in columns}


def sheet_of(scope: Scope, branch: Branch, quarter: Quarter) -> QuarterSheet:
    """The sheet kept, or an unsaved draft; counted anew as long as it isn't with the reviewer. Of a branch outside the scope ``branch`` can't be had."""
    kept = QuarterSheet.objects.visible_to(scope).select_related("branch__org", "org", "submitted_by", "accepted_by")
    found = kept.filter(branch=branch, year=quarter.year, quarter=quarter.q).first()
    found = found or QuarterSheet(branch=branch, org=branch.org, year=quarter.year, quarter=quarter.q)
    if found.state in (SheetState.DRAFT, SheetState.RETURNED):
        found.counted = counted_for([branch.pk], quarter)[branch.pk]
    return found


def changed_since(sheet: QuarterSheet) -> list[tuple[str, int, int]]:
    """(column, then, now) where activities logged or corrected after the sheet was submitted say otherwise."""
    if sheet.state in (SheetState.DRAFT, SheetState.RETURNED):
        return []
    quarter = Quarter(sheet.year, sheet.quarter)
    now = counted_for([sheet.branch_id], quarter)[sheet.branch_id]
    pairs = [(one.name, sheet.counted.get(one.key, 0), now[one.key]) for one in columns_of(quarter) if not one.typed]
    return [(name, then, n) for name, then, n in pairs if then != n]


def steps(sheet: QuarterSheet) -> QuerySet:
    return QuarterSheetStep.objects.filter(case=sheet.pk).select_related("by").order_by("pk")


@dataclass
class Line:
    """A branch with its sheet of the quarter; ``state`` "missing" without one that was submitted."""

    branch: Branch
    sheet: QuarterSheet | None
    state: str
    values: dict[str, int | None] = field(default_factory=dict)


def owing(scope: Scope, quarter: Quarter, org: Organization | None = None) -> QuerySet:
    """Branches that owe a sheet of the quarter, each with ``state``: of ``SheetState``, or "missing" where nothing was handed in."""
    found = Branch.objects.visible_to(scope).filter(kind__in=HOLDING).filter(Q(founded_on=None) | Q(founded_on__lte=quarter.last))
    found = found.filter(Q(dissolved_on=None) | Q(dissolved_on__gt=quarter.last))
    if org:
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    sheet = FilteredRelation("quarter_sheets", condition=Q(quarter_sheets__year=quarter.year, quarter_sheets__quarter=quarter.q))
    handed = When(Q(sheet__state__isnull=False) & ~Q(sheet__state=SheetState.DRAFT), then=F("sheet__state"))
    return found.annotate(sheet=sheet, state=Case(handed, default=Value("missing"))).select_related("org").order_by("org_path", "name", "pk")


def tally(scope: Scope, quarter: Quarter) -> dict[str, int]:
    """State → how many branches."""
    return dict(owing(scope, quarter).order_by().values_list("state").annotate(n=Count("pk")))


def lines(rows: Iterable[Branch], quarter: Quarter) -> list[Line]:
    """Branches of ``owing`` with what they have handed in; numbers only of sheets submitted or accepted."""
    rows, columns = list(rows), columns_of(quarter)
    known = {one.branch_id: one for one in QuarterSheet.objects.filter(branch__in=[one.pk for one in rows], year=quarter.year, quarter=quarter.q)}
    found = []
    for branch in rows:
        sheet = known.get(branch.pk)
        handed = branch.state in (SheetState.SUBMITTED, SheetState.ACCEPTED)
        found.append(Line(branch, sheet, branch.state, values_of(sheet, columns) if sheet and handed else {}))
    return found


def sums(rows: list[Line], columns: list[Column]) -> dict[str, int]:
    """Column → sum over the accepted sheets."""
    found: dict[str, int] = {one.key: 0 for one in columns}
    for line in rows:
        if line.state == SheetState.ACCEPTED:
            for key, n in line.values.items():
                found[key] += n or 0
    return found


SUMS = """
SELECT c.key, COALESCE(sum(CASE WHEN s.corrected ? c.key THEN (s.corrected -> c.key ->> 'value')::int
  WHEN c.typed THEN (s.typed ->> c.key)::int ELSE (s.counted ->> c.key)::int END), 0)
FROM branches_quartersheet s CROSS JOIN unnest(%(keys)s, %(typed)s) AS c(key, typed)
WHERE s.id = ANY(%(sheets)s) GROUP BY c.key
"""


def totals(scope: Scope, quarter: Quarter) -> list[tuple[Column, int]]:
    """Each column with its sum over the accepted sheets of the quarter, without reading each."""
    columns = columns_of(quarter)
    accepted = list(owing(scope, quarter).filter(state=SheetState.ACCEPTED).order_by().values_list("sheet__pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"keys": [one.key for one in columns], "typed": [one.typed for one in columns], "sheets": accepted})
        found = dict(cursor.fetchall())
    return [(one, found.get(one.key, 0)) for one in columns]


def by_place(rows: list[Line], path: str) -> list[tuple[str, list[Line]]]:
    """Rows of each organisation right below ``path`` (and of those at it), by path."""
    depth = path.count("/")
    grouped: dict[str, list[Line]] = defaultdict(list)
    for line in rows:
        segments = line.branch.org_path.split("/")
        grouped["/".join(segments[: depth + 1]) + "/" if len(segments) > depth + 1 else line.branch.org_path].append(line)
    names = dict(Organization.objects.filter(path__in=grouped).values_list("path", "name"))
    return [(names.get(place, place), grouped[place]) for place in sorted(grouped)]
