"""Quarterly reports: who owes one, one of them, the quarter before, the collection."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from apps.brands.models import HANDED_IN, REPORTING, Brand, GoalFigure, QuarterReport, ReportState, ReportStep
from apps.brands.selectors.brands import goals
from apps.brands.standards import REPORT_DAYS, REPORT_FILE
from apps.core.calendar import Quarter
from apps.core.scope import Scope
from apps.files.models import StoredFile

MISSING = "missing"


def due_on(quarter: Quarter) -> date:
    """The last day for the quarter's report."""
    return quarter.last + timedelta(days=REPORT_DAYS)


def owing(scope: Scope, quarter: Quarter) -> QuerySet:
    """Brands that report on the quarter (approved by its end, not ended in it), with ``given`` (the state of its report, None where there is none) and ``report_late``."""
    one = QuarterReport.objects.filter(brand=OuterRef("pk"), year=quarter.year, quarter=quarter.q)
    here = Brand.objects.visible_to(scope).filter(approved_on__lte=quarter.last)
    here = here.filter(Q(state__in=REPORTING) | Q(ended_on__gt=quarter.last) | Exists(one))
    found = here.annotate(given=Subquery(one.values("state")[:1]), report_late=Subquery(one.values("late")[:1]))
    return found.select_related("org").order_by("org_path", "pk")


def state_of(brand: Brand) -> str:
    """Of a brand as ``owing`` gives it; a draft isn't handed in."""
    return brand.given if brand.given not in (None, ReportState.DRAFT) else MISSING


def narrowed(found: QuerySet, state: str) -> QuerySet:
    if state == MISSING:
        return found.filter(Q(given=None) | Q(given=ReportState.DRAFT))
    if state == "late":
        return found.filter(report_late=True)
    return found.filter(given=state) if state in ReportState.values else found


def tally(found: QuerySet) -> dict[str, int]:
    """State → how many of ``owing``; "late" counts those handed in late."""
    counted = {MISSING: 0, "late": 0} | dict.fromkeys(ReportState.values, 0)
    for given, late in found.values_list("given", "report_late"):
        counted[MISSING if given in (None, ReportState.DRAFT) else given] += 1
        counted["late"] += bool(late)
    return counted


def reports(scope: Scope) -> QuerySet:
    return QuarterReport.objects.visible_to(scope).select_related("brand__org", "org", "submitted_by", "accepted_by")


def report(brand: Brand, quarter: Quarter) -> QuarterReport | None:
    return QuarterReport.objects.filter(brand=brand, year=quarter.year, quarter=quarter.q).select_related("brand__org", "org", "submitted_by", "accepted_by").first()


def reports_of(brand: Brand) -> list[QuarterReport]:
    return list(QuarterReport.objects.filter(brand=brand).order_by("-year", "-quarter"))


def steps(found: QuarterReport | None) -> QuerySet:
    return ReportStep.objects.filter(case=found).select_related("by").order_by("pk") if found else ReportStep.objects.none()


def files(found: QuarterReport | None) -> QuerySet:
    return StoredFile.objects.filter(label=REPORT_FILE, subject_id=found.pk).order_by("pk") if found else StoredFile.objects.none()


def file(found: QuarterReport, key: UUID) -> StoredFile:
    """Raises ``StoredFile.DoesNotExist``."""
    return files(found).get(key=key)


@dataclass(frozen=True)
class GoalLine:
    """A goal in a report: the figure of the quarter before, the one of this, and how far of the way that is, per cent."""

    goal: object
    before: object
    now: object

    @property
    def share(self) -> int | None:
        return self.goal.share(self.now)

    @property
    def reached(self) -> bool:
        return self.goal.reached(self.now)


def figures(brand: Brand, quarter: Quarter) -> list[GoalLine]:
    def of(one: Quarter) -> dict:
        rows = GoalFigure.objects.filter(goal__brand=brand, report__year=one.year, report__quarter=one.q)
        return dict(rows.values_list("goal", "now"))

    before, now = of(quarter.previous), of(quarter)
    return [GoalLine(goal, before.get(goal.pk), now.get(goal.pk)) for goal in goals(brand)]


def course(brand: Brand) -> dict | None:
    """How the goals went quarter by quarter as handed in, per cent of the way: a chart. None before the first figure."""
    rows = GoalFigure.objects.filter(goal__brand=brand, report__state__in=HANDED_IN).select_related("report", "goal").order_by("report__year", "report__quarter", "goal__order")
    quarters = list(dict.fromkeys((one.report.year, one.report.quarter) for one in rows))
    if not quarters:
        return None
    named = {one.goal_id: one.goal for one in rows}
    values = {(one.goal_id, one.report.year, one.report.quarter): one.goal.share(one.now) for one in rows}
    return {
        "kind": "line", "unit": "%", "head": "季度", "categories": [f"{year} 年 {quarter} 季度" for year, quarter in quarters],
        "series": [{"name": goal.name, "data": [values.get((goal.pk, *one)) for one in quarters]} for goal in sorted(named.values(), key=lambda one: (one.order, one.pk))],
    }  # fmt: skip


def collection(scope: Scope, quarter: Quarter) -> list[QuarterReport]:
    """Accepted reports of the quarter, by place, with figures."""
    found = reports(scope).filter(year=quarter.year, quarter=quarter.q, state=ReportState.ACCEPTED)
    return list(found.prefetch_related("figures__goal").order_by("org_path", "brand"))
