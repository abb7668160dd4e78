"""Ballots, and what they say: shares only, and none where so few answered that one could be guessed."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal

from django.db.models import F, QuerySet

from apps.branches.models import Application, Ballot, BallotAnswer, BallotCode, BallotState, Branch, Grade, VoterGroup
from apps.branches.standards import BALLOT_QUESTIONS
from apps.core.metrics import behind
from apps.core.one_time_codes import fingerprint as of_code
from apps.core.scope import Scope, upper_bound

PURPOSE = "ballot.code"
SATISFIED = (Grade.GOOD, Grade.FAIR)
"""满意率 is 满意 and 基本满意 of all slips; 不了解 counts as not satisfied."""


def fingerprint(code: str) -> str:
    return of_code(code, PURPOSE)


@dataclass
class Counted:
    """``rate``: of the last question, per cent, cut (not rounded up) to two digits; None without votes. ``lines``: question, {grade: n}, share satisfied.
    ``groups``: group, votes, share satisfied; empty when a group is so small that its votes could be guessed."""

    voted: int
    rate: Decimal | None
    lines: list[tuple[str, dict[str, int], Decimal]] = field(default_factory=list)
    groups: list[tuple[str, int, Decimal]] = field(default_factory=list)


def share(part: int, whole: int) -> Decimal:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_DOWN)


def counted(ballot: Ballot) -> Counted:
    """What the slips of a ballot say."""
    slips = list(BallotAnswer.objects.filter(ballot=ballot).values_list("group", "grades"))
    if not slips:
        return Counted(0, None)

    def satisfied(rows: list, n: int) -> Decimal:
        return share(sum(row[n] in SATISFIED for row in rows), len(rows))

    answers = [row for _, row in slips]
    lines = []
    for n, question in enumerate(ballot.questions):
        count = Counter(row[n] for row in answers)
        lines.append((question, {grade: count[grade] for grade in Grade.values}, satisfied(answers, n)))
    by_group = [(label, [row for one, row in slips if one == group]) for group, label in VoterGroup.choices]
    by_group = [(label, rows) for label, rows in by_group if rows]
    told = len(by_group) > 1 and all(len(rows) >= ballot.least for _, rows in by_group)
    return Counted(len(slips), lines[-1][2], lines, [(label, len(rows), satisfied(rows, -1)) for label, rows in by_group] if told else [])


def remarks(ballot: Ballot) -> list[str]:
    """What was written, in the order of keys drawn by lot; of a closed ballot only."""
    if ballot.state != BallotState.CLOSED:
        return []
    return list(BallotAnswer.objects.filter(ballot=ballot).exclude(remark="").order_by("pk").values_list("remark", flat=True))


def votes(ballot: Ballot) -> int:
    return BallotAnswer.objects.filter(ballot=ballot).count()


def unused(ballot: Ballot) -> int:
    return BallotCode.objects.filter(ballot=ballot).count()


def ballots(scope: Scope) -> QuerySet:
    return Ballot.objects.visible_to(scope).select_related("branch", "org", "created_by", "rectification", "application")


def ballot(scope: Scope, pk: int) -> Ballot:
    """Raises ``Ballot.DoesNotExist`` outside the scope."""
    return ballots(scope).get(pk=pk)


def ballots_of(branch: Branch) -> QuerySet:
    return Ballot.objects.filter(branch=branch).select_related("branch", "org")


def on_the_spot(case: Application) -> list[Ballot]:
    """Ballots held while the application is inspected, the last first; those made void left out."""
    return list(Ballot.objects.filter(application=case).exclude(state=BallotState.VOID).select_related("branch").order_by("-pk"))


def filtered(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Narrowed by ``branch`` (a key), ``year``, ``org`` (and below), ``look``: open, over (the last day has passed), below (less than the threshold), closed, void."""
    found = ballots(scope)
    if wanted.get("year"):
        found = found.filter(year=wanted["year"])
    if wanted.get("branch"):
        found = found.filter(branch=wanted["branch"])
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    if wanted.get("metric"):
        found = behind(found, scope, wanted["metric"], wanted.get("period", ""), today)
    look = wanted.get("look")
    if look in BallotState.values:
        return found.filter(state=look)
    if look == "over":
        return found.filter(state=BallotState.OPEN, closes_on__lt=today)
    if look == "below":
        return found.filter(state=BallotState.CLOSED, rate__lt=F("threshold"))
    return found


def usual_questions(scope: Scope, branch: Branch) -> list[str]:
    """Those of the branch's last ballot, else the proposed ones."""
    last = ballots(scope).filter(branch=branch).order_by("-opened_on", "-pk").first()
    return last.questions if last else list(BALLOT_QUESTIONS)
