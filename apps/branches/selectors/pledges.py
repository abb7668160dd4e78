"""Pledges of a branch and a year, and what the page without login shows of them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from apps.branches.models import Branch, Pledge, PledgeComment, PledgePage, PledgeProgress, PledgeState
from apps.core.scope import Scope, system_scope


def pledges(scope: Scope) -> QuerySet:
    return Pledge.objects.visible_to(scope).select_related("branch__org", "org", "member__cadre")


def pledge(scope: Scope, pk: int) -> Pledge:
    """Raises ``Pledge.DoesNotExist`` outside the scope."""
    return pledges(scope).get(pk=pk)


def pledges_of(scope: Scope, branch: Branch, year: int) -> list[Pledge]:
    """Those of the branch first, then its members'; each with ``steps`` (quarter → progress)."""
    rows = pledges(scope).filter(branch=branch, year=year).prefetch_related(Prefetch("progress", queryset=PledgeProgress.objects.order_by("quarter")))
    found = sorted(rows, key=lambda one: (one.member_id is not None, one.state == PledgeState.DROPPED, one.due_on, one.pk))
    for one in found:
        one.steps = {step.quarter: step for step in one.progress.all()}
    return found


def comments_of(scope: Scope, branch: Branch, year: int) -> list[PledgeComment]:
    return list(PledgeComment.objects.visible_to(scope).filter(branch=branch, year=year).select_related("by"))


def page_of(scope: Scope, branch: Branch, year: int) -> PledgePage | None:
    return PledgePage.objects.visible_to(scope).filter(branch=branch, year=year).first()


@dataclass(frozen=True)
class Shown:
    """A pledge as anybody may read it; ``who`` is "" for the branch's own."""

    who: str
    text: str
    measure: str
    due_on: date
    state: str
    progress: list[tuple[int, str]]


@dataclass(frozen=True)
class PublicPage:
    branch: str
    org: str
    year: int
    own: list[Shown]
    members: list[Shown]

    @property
    def parts(self) -> list[tuple[str, list[Shown]]]:
        return [("党支部的承诺", self.own), ("党员的承诺", self.members)]

    @property
    def empty(self) -> bool:
        return not (self.own or self.members)


def public_page(key: str) -> PublicPage:
    """What the page behind ``key`` shows: no phone, no post, no author; a member who didn't agree is shown by the surname, and who has left the branch isn't.
    A dissolved branch has no page. Raises ``PledgePage.DoesNotExist``."""
    with system_scope("public pledges") as scope:
        page = PledgePage.objects.select_related("branch", "org").get(key=key, branch__dissolved_on=None)
        rows = [
            Shown(_who(one), one.text, one.measure, one.due_on, one.get_state_display(), [(n, step.text) for n, step in sorted(one.steps.items())])
            for one in pledges_of(scope, page.branch, page.year) if one.state != PledgeState.DROPPED and not (one.member_id and one.member.left_on)
        ]  # fmt: skip
        return PublicPage(page.branch.name, page.org.name, page.year, [one for one in rows if not one.who], [one for one in rows if one.who])


def _who(pledge: Pledge) -> str:
    if pledge.member_id is None:
        return ""
    name = pledge.member.cadre.name
    return name if pledge.name_shown else f"{name[:1]}某某"
