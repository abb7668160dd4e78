"""经验做法: the lists, one practice with who took it over, the plans to learn, who learned from whom."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from apps.accounts.models import Level, Organization
from apps.brands.models import Brand, Practice, PracticeList, Question, StudyNote, StudyPhase, StudyPlan, StudyState
from apps.brands.standards import PLAN_DAYS, STILL_AFTER_DAYS
from apps.core.metrics import behind
from apps.core.scope import Scope, system_scope, upper_bound

TAKEN = (StudyState.ADOPTED, StudyState.ADAPTED)


def lists(scope: Scope) -> QuerySet:
    """Lists that were issued, and those in the making of one's own place and below. Places below a list's own read it (row security lets them)."""
    below = Q(pk__in=PracticeList.objects.visible_to(scope).values("pk"))
    return PracticeList.objects.filter(below | Q(issued_on__isnull=False)).select_related("org").annotate(n=Count("practices"))


def practice_list(scope: Scope, pk: int) -> PracticeList:
    """Raises ``PracticeList.DoesNotExist``."""
    return lists(scope).get(pk=pk)


def own_list(scope: Scope, pk: int) -> PracticeList:
    """One that may be written: at or below one's own place. Raises ``PracticeList.DoesNotExist``."""
    return PracticeList.objects.visible_to(scope).select_related("org").get(pk=pk)


def practices(scope: Scope) -> QuerySet:
    return Practice.objects.filter(listed__in=lists(scope).order_by().values("pk")).select_related("listed", "owner", "org")


def practice(scope: Scope, pk: int) -> Practice:
    """Raises ``Practice.DoesNotExist``."""
    return practices(scope).get(pk=pk)


def filtered(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Issued ones, the newest list first; narrowed by ``q``, ``fit`` (of ``FitFor``), ``metric``."""
    found = practices(scope).filter(listed__issued_on__isnull=False)
    if wanted.get("metric"):
        found = behind(found, scope, wanted["metric"], wanted.get("period", ""), today)
    if text := (wanted.get("q") or "").strip():
        found = found.filter(Q(title__icontains=text) | Q(brand_name__icontains=text) | Q(owner__name__icontains=text))
    if wanted.get("fit"):
        found = found.filter(fit_for__contains=[wanted["fit"]])
    return found.order_by("-listed__issued_on", "listed", "number")


def adoptions(found: Iterable[Practice]) -> dict[int, int]:
    """Practice → how many places have taken it over, wherever they lie: the number alone."""
    with system_scope("adoptions of practices"):
        rows = StudyPlan.objects.filter(practice__in=[one.pk for one in found], state__in=TAKEN).order_by().values("practice").annotate(n=Count("org", distinct=True))
        return {row["practice"]: row["n"] for row in rows}


def learners(one: Practice) -> list[tuple[str, str, date]]:
    """(place, state in words, since) of everybody who learns or learned it: that much is told to all who read the list."""
    with system_scope("who learns a practice"):
        plans = StudyPlan.objects.filter(practice=one).select_related("org").order_by("started_on", "pk")
        return [(plan.org.name, plan.get_state_display(), plan.started_on) for plan in plans]


def learners_of(brand: Brand) -> list[tuple[str, str, str]]:
    """(place, practice, state in words) of everybody who learns from the brand, wherever they lie."""
    with system_scope("who learns from a brand"):
        plans = StudyPlan.objects.filter(practice__brand=brand).select_related("org", "practice").order_by("started_on", "pk")
        return [(plan.org.name, plan.practice.title, plan.get_state_display()) for plan in plans]


def questions(one: Practice) -> QuerySet:
    return Question.objects.filter(practice=one).select_related("asker", "answered_by")


def question(one: Practice, pk: int) -> Question:
    """Raises ``Question.DoesNotExist``."""
    return questions(one).get(pk=pk)


def owns(one: Practice, org: Organization) -> bool:
    """Whether ``org`` is the place the practice comes from, or lies above it: may answer."""
    return one.owner.path.startswith(org.path)


def plans(scope: Scope) -> QuerySet:
    return StudyPlan.objects.visible_to(scope).select_related("org", "practice__owner", "practice__listed", "started_by")


def plan(scope: Scope, pk: int) -> StudyPlan:
    """Raises ``StudyPlan.DoesNotExist`` outside the scope."""
    return plans(scope).get(pk=pk)


PLAN_LOOKS = {
    "doing": Q(state="doing"), "taken": Q(state__in=TAKEN), "dropped": Q(state="dropped"),
}  # fmt: skip


def to_check(found: QuerySet, today: date) -> QuerySet:
    """Taken over a year ago or longer, nobody asked yet whether it still works."""
    return found.filter(state__in=TAKEN, ended_on__lte=today - timedelta(days=STILL_AFTER_DAYS), checked_on=None)


def overdue(found: QuerySet, today: date) -> QuerySet:
    """Running plans with a phase past its day."""
    late = StudyPhase.objects.filter(plan=OuterRef("pk"), done_on=None, due_on__lt=today)
    return found.filter(Q(state=StudyState.DOING) & Exists(late))


def filtered_plans(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Narrowed by ``look`` (of ``PLAN_LOOKS``, "overdue", "check"), ``practice`` (a key), ``org`` (and below)."""
    found, look = plans(scope), wanted.get("look")
    if look in PLAN_LOOKS:
        found = found.filter(PLAN_LOOKS[look])
    elif look == "overdue":
        found = overdue(found, today)
    elif look == "check":
        found = to_check(found, today)
    if wanted.get("practice"):
        found = found.filter(practice=wanted["practice"])
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    return found


def plan_tally(scope: Scope, today: date) -> dict[str, int]:
    found = plans(scope).order_by()
    counted = found.aggregate(**{look: Count("pk", filter=condition) for look, condition in PLAN_LOOKS.items()})
    return counted | {"overdue": overdue(found, today).count(), "check": to_check(found, today).count()}


def phases(one: StudyPlan) -> list[StudyPhase]:
    return list(StudyPhase.objects.filter(plan=one))


def phase(one: StudyPlan, pk: int) -> StudyPhase:
    """Raises ``StudyPhase.DoesNotExist``."""
    return StudyPhase.objects.get(plan=one, pk=pk)


def notes(one: StudyPlan) -> QuerySet:
    return StudyNote.objects.filter(plan=one).select_related("by")


def share(rows: list[StudyPhase]) -> int:
    """Phases done, per cent, cut."""
    return len([one for one in rows if one.done_on]) * 100 // len(rows) if rows else 0


@dataclass(frozen=True)
class Learned:
    """Who learned from whom: ``rows`` learn, ``columns`` are learned from; ``cells`` (learner, source) → plans, those taken over, those running."""

    rows: list[Organization]
    columns: list[Organization]
    cells: dict[tuple[int, int], tuple[int, int, int]]

    def line(self, learner: Organization) -> list[tuple[Organization, tuple[int, int, int] | None]]:
        return [(source, self.cells.get((learner.pk, source.pk))) for source in self.columns]

    @property
    def table(self) -> list[tuple[Organization, list]]:
        return [(one, self.line(one)) for one in self.rows]


LINE, LEFT, RIGHT = 34, 170, 470
"""Of the drawing: height of a line, where the learners' names end, where the sources' begin."""


@dataclass(frozen=True)
class Edge:
    """From a learner to a source: heights, and how many plans were taken over or run."""

    start: int
    end: int
    plans: int
    taken: int
    title: str

    @property
    def width(self) -> int:
        return min(8, 1 + self.plans)


def graph(found: Learned) -> dict:
    """The matrix as a drawing: learners to the left, sources to the right, a line for each pair; ``rows`` and ``columns`` as (place, height)."""
    rows = {one.pk: (one, LINE * n + LINE) for n, one in enumerate(found.rows)}
    gap = LINE * max(1, len(found.rows)) / max(1, len(found.columns))
    columns = {one.pk: (one, round(gap * n + gap / 2 + LINE / 2)) for n, one in enumerate(found.columns)}
    edges = [
        Edge(rows[a][1], columns[b][1], total, taken, f"{rows[a][0].label}学{columns[b][0].label}：{total} 项，已采用 {taken} 项")
        for (a, b), (total, taken, _) in found.cells.items()
    ]  # fmt: skip
    height = LINE * (max(len(found.rows), len(found.columns)) + 1)
    return {"rows": list(rows.values()), "columns": list(columns.values()), "edges": edges, "height": height, "left": LEFT, "right": RIGHT, "width": LEFT + RIGHT}


COUNTY_DEPTH = 3
"""Segments in the path of a county."""
MOST_LINES = 60
"""A matrix with more rows or columns than this is drawn a level higher: cities, then provinces."""


def cut(path: str, depth: int) -> str:
    """The path of the place ``depth`` segments deep in which ``path`` lies (itself when it lies no deeper)."""
    parts = path.strip("/").split("/")
    return "/" + "/".join(parts[:depth]) + "/" if len(parts) > depth else path


def county_of(path: str) -> str:
    """The path of the county a place lies in (of the place itself above a county)."""
    return cut(path, COUNTY_DEPTH)


def learned(scope: Scope) -> Learned:
    """By county (plans of a unit count for its county), or by city or province where there are too many to look at."""
    found = list(plans(scope).order_by().values_list("org_path", "practice__owner__path", "state"))
    for depth in (COUNTY_DEPTH, COUNTY_DEPTH - 1, COUNTY_DEPTH - 2):
        counted: dict[tuple[str, str], Counter] = {}
        for learner, source, state in found:
            counted.setdefault((cut(learner, depth), cut(source, depth)), Counter())[state] += 1
        if max(len({pair[n] for pair in counted}) for n in (0, 1)) <= MOST_LINES:
            break
    paths = {path for pair in counted for path in pair}
    places = {one.path: one for one in Organization.objects.filter(path__in=paths, valid_to=None)}
    cells = {
        (places[a].pk, places[b].pk): (sum(states.values()), sum(states[one] for one in TAKEN), states[StudyState.DOING])
        for (a, b), states in counted.items() if a in places and b in places
    }  # fmt: skip
    rows = sorted({places[a] for a, _ in counted if a in places}, key=lambda one: one.path)
    columns = sorted({places[b] for _, b in counted if b in places}, key=lambda one: one.path)
    return Learned(rows, columns, cells)


def without_plan(scope: Scope, today: date) -> QuerySet:
    """Counties that have made no plan since the newest list that is ``PLAN_DAYS`` old or older; nobody before there is one."""
    newest = PracticeList.objects.filter(issued_on__lte=today - timedelta(days=PLAN_DAYS)).order_by("-issued_on", "-pk").first()
    counties = Organization.objects.visible_to(scope).filter(level=Level.COUNTY, valid_to=None)
    if newest is None:
        return counties.none()
    below = counties.filter(path__startswith=newest.org_path)
    made = StudyPlan.objects.filter(org_path__startswith=OuterRef("path"), started_on__gte=newest.issued_on)
    return below.exclude(Exists(made)).order_by("path")


def may_be_listed(scope: Scope) -> QuerySet:
    """Brands whose practices may go on a list: named ones."""
    return Brand.objects.visible_to(scope).filter(state__in=("named", "spreading", "rectifying")).select_related("org").order_by("org_path", "pk")


@dataclass(frozen=True)
class Effort:
    """A county: brands under way, named ones, plans to learn under way, practices taken over, when something last happened."""

    org: Organization
    brands: int
    named: int
    learning: int
    taken: int
    last: date | None


def counties(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Counties of the scope; with ``metric`` (and ``period``) those a figure counted, with ``org`` at and below."""
    found = Organization.objects.visible_to(scope).filter(level=Level.COUNTY, valid_to=None)
    if wanted.get("metric"):
        found = behind(found, scope, wanted["metric"], wanted.get("period", ""), today)
    if org := wanted.get("org"):
        found = found.filter(path__startswith=org.path)
    return found.order_by("path")


def effort(scope: Scope, found: Iterable[Organization]) -> list[Effort]:
    """One row per county, in four queries for any number of them."""
    rows = list(found)
    brands: dict[str, Counter] = {}
    last: dict[str, date] = {}
    inside = Q(pk__in=[])
    for one in rows:
        inside |= Q(org_path__startswith=one.path)
    for path, state, changed in Brand.objects.visible_to(scope).filter(inside).values_list("org_path", "state", "changed_at"):
        county = county_of(path)
        brands.setdefault(county, Counter())["named" if state in ("named", "spreading", "rectifying") else "brands"] += state not in ("removed", "stopped")
        last[county] = max(last.get(county, date.min), changed.date())
    plans_of: dict[str, Counter] = {}
    for path, state in StudyPlan.objects.visible_to(scope).filter(inside).values_list("org_path", "state"):
        plans_of.setdefault(county_of(path), Counter())["learning" if state == StudyState.DOING else "taken" if state in TAKEN else "dropped"] += 1
    return [
        Effort(
            one, brands.get(one.path, Counter()).total(), brands.get(one.path, Counter())["named"], plans_of.get(one.path, Counter())["learning"],
            plans_of.get(one.path, Counter())["taken"], last.get(one.path),
        )
        for one in rows
    ]  # fmt: skip
