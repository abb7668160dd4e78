"""Who learned from whom: the matrix, and the same as a drawing."""

from collections import Counter
from dataclasses import dataclass

from apps.accounts.models import Organization
from apps.brands.models import TAKEN, StudyState
from apps.brands.selectors.plans import plans
from apps.core.scope import Scope


@dataclass(frozen=True)
class Learned:
    """Who learned from whom: ``rows`` learn, ``columns`` are learned from; ``cells`` (learner, source) → plans, those taken over, those running."""

    rows: list[Organization]
    columns: list[Organization]
    cells: dict[tuple[int, int], tuple[int, int, int]]

    def line(self, learner: Organization) -> list[tuple[Organization, tuple[int, int, int] | None, bool]]:
        """Source by source: what is learned there, and whether it is the learner itself."""
        return [(source, self.cells.get((learner.pk, source.pk)), source.pk == learner.pk) for source in self.columns]

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
