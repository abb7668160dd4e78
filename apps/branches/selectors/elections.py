"""换届: where the papers of a term stand and by when each is wanted."""

from dataclasses import dataclass
from datetime import date, timedelta

from apps.branches.checking import Rule
from apps.branches.models import Committee, ElectionPaper, ElectionStep
from apps.branches.standards import ELECTION_PAPER
from apps.core.scope import Scope
from apps.files.models import StoredFile

WANTED = {
    ElectionStep.REQUEST: "term_first", ElectionStep.APPROVAL: "term_second", ElectionStep.CANDIDATES: "term_second", ElectionStep.CANDIDATES_APPROVED: "term_last",
    ElectionStep.ELECTION: "", ElectionStep.RESULT: "", ElectionStep.CONFIRMED: "",
}  # fmt: skip
"""Paper → the rule that says how many days before the end of the term it is wanted; blank: by its end. The order is published practice, the days this platform's proposal."""


@dataclass(frozen=True)
class Place:
    """A paper of the chain: ``paper`` once it is there, by when it is wanted, whether it is the next one."""

    step: str
    wanted_on: date
    paper: ElectionPaper | None
    next: bool
    files: tuple[StoredFile, ...] = ()

    @property
    def label(self) -> str:
        return ElectionStep(self.step).label


def papers_of(term: Committee, rules: dict[str, Rule]) -> list[Place]:
    """The whole chain of a term, in order."""
    known = {one.step: one for one in ElectionPaper.objects.filter(term=term).select_related("by")}
    files: dict[int, list[StoredFile]] = {}
    for one in StoredFile.objects.filter(label=ELECTION_PAPER, subject_id__in=[paper.pk for paper in known.values()]).order_by("pk"):
        files.setdefault(one.subject_id, []).append(one)
    following = next((step for step in ElectionStep.values if step not in known), None)
    found = []
    for step, rule in WANTED.items():
        paper = known.get(step)
        wanted = term.ends_on - timedelta(days=int(rules[rule].value) if rule else 0)
        found.append(Place(step, wanted, paper, step == following, tuple(files.get(paper.pk, ())) if paper else ()))
    return found


def next_papers(term_ids: list[int]) -> dict[int, str]:
    """Term → what is wanted next, of those not finished."""
    done: dict[int, int] = {}
    for term, step in ElectionPaper.objects.filter(term__in=term_ids).values_list("term", "step"):
        done[term] = max(done.get(term, 0), ElectionStep.values.index(step) + 1)
    return {pk: ElectionStep(ElectionStep.values[done.get(pk, 0)]).label for pk in term_ids if done.get(pk, 0) < len(ElectionStep.values)}


def paper(scope: Scope, pk: int) -> ElectionPaper:
    """Raises ``ElectionPaper.DoesNotExist`` outside the scope."""
    return ElectionPaper.objects.visible_to(scope).select_related("term__branch").get(pk=pk)
