"""展评: rounds, who scores what, how scores become a result.

A judge's total of a part is the sum of whole points. A part of an entry is the mean of its judges, without the highest and the lowest when there are more than
``DROP_ABOVE``. The vote gives 100 to the most chosen and two points less for each rank. Equal totals: the better material, then the better showing; else one rank.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from django.db.models import QuerySet

from apps.accounts.models import Membership, Organization, User
from apps.accounts.permissions import ROLES, Right
from apps.brands.models import Brand, Entry, Judge, JudgeScore, Part, ReviewCode, ReviewRound, ReviewSlip, RoundState
from apps.brands.selectors.brands import files_of, places, standing
from apps.brands.selectors.reports import files, reports_of
from apps.brands.standards import DROP_ABOVE, MATERIAL, STAGE, STAGE_SECONDS, WEIGHTS
from apps.brands.workflow import offices, sits_in
from apps.core.scope import Scope, system_scope

SCORED = (Part.MATERIAL, Part.STAGE)
STEP_OF_RANK = 2
CENT = Decimal("0.01")


def rounds(scope: Scope) -> QuerySet:
    return ReviewRound.objects.visible_to(scope).select_related("org", "opened_by")


def review_round(scope: Scope, pk: int) -> ReviewRound:
    """Raises ``ReviewRound.DoesNotExist`` outside the scope."""
    return rounds(scope).get(pk=pk)


@dataclass(frozen=True)
class Rules:
    """What a round is judged by: ``criteria`` and ``weights`` as a round keeps them, the limit of a showing in seconds."""

    criteria: dict[str, list[dict]]
    weights: dict[str, int]
    stage_seconds: int


def last_rules(org: Organization) -> Rules:
    """Those of the place's newest round; before the first, the platform's proposal."""
    last = ReviewRound.objects.filter(org=org).order_by("-pk").first()
    if last:
        return Rules(last.criteria, last.weights, last.stage_seconds)
    return Rules({Part.MATERIAL.value: [vars(one) for one in MATERIAL], Part.STAGE.value: [vars(one) for one in STAGE]}, WEIGHTS, STAGE_SECONDS)


def criteria(found: ReviewRound) -> list[tuple[str, list[dict]]]:
    """(part in words, its lines) of each part that is scored."""
    return [(part.label, found.criteria[part]) for part in SCORED if found.weights[part]]


def begun(found: ReviewRound) -> bool:
    """Whether a judge has begun a sheet: from then on the rules stand."""
    return JudgeScore.objects.filter(entry__round=found).exists()


def rounds_judged(user: User) -> list[ReviewRound]:
    """Open rounds ``user`` is a judge of, wherever they are held: a judge from a county reads no more of the city than this."""
    with system_scope("rounds of a judge"):
        return list(ReviewRound.objects.filter(judges__user=user, state="open").select_related("org"))


def judges_brand(user: User, brand: int) -> bool:
    """Whether ``user`` is a judge of an open round the brand is in: reads what it brings forward, its files too. Ask inside ``system_scope``."""
    return Judge.objects.filter(user=user, round__state=RoundState.OPEN, round__entries__brand=brand).exists()


def entries(found: ReviewRound) -> list[Entry]:
    return list(Entry.objects.filter(round=found).select_related("brand__org", "brand__logo", "round"))


def judges(found: ReviewRound) -> list[Judge]:
    return list(Judge.objects.filter(round=found).select_related("user"))


def barred(user: User, brand: Brand, today: date) -> bool:
    """Whether ``user`` holds an office in the county (or unit) whose brand it is."""
    return sits_in(offices([user], today)[user.pk], brand.org.path)


def expected(found: ReviewRound, today: date) -> set[tuple[int, int, str]]:
    """(entry, judge, part) of every sheet that must be handed in."""
    parts = [part for part in SCORED if found.weights[part]]
    people, rows = judges(found), entries(found)
    held = offices([judge.user for judge in people], today)
    return {(entry.pk, judge.pk, part) for entry in rows for judge in people if not sits_in(held[judge.user_id], entry.brand.org.path) for part in parts}


def handed_in(found: ReviewRound) -> set[tuple[int, int, str]]:
    return set(JudgeScore.objects.filter(entry__round=found, final=True).values_list("entry", "judge", "part"))


@dataclass(frozen=True)
class Progress:
    """How many sheets of a judge are handed in, of how many."""

    judge: Judge
    done: int
    of: int


def progress(found: ReviewRound, today: date) -> list[Progress]:
    wanted, there = expected(found, today), handed_in(found)
    return [
        Progress(judge, len([one for one in there if one[1] == judge.pk and one in wanted]), len([one for one in wanted if one[1] == judge.pk])) for judge in judges(found)
    ]  # fmt: skip


def mean(totals: Iterable[int]) -> Decimal | None:
    """Of whole totals, two digits; the highest and the lowest left out when there are more than ``DROP_ABOVE``. None of none."""
    rows = sorted(totals)
    if len(rows) > DROP_ABOVE:
        rows = rows[1:-1]
    return (Decimal(sum(rows)) / len(rows)).quantize(CENT, ROUND_HALF_UP) if rows else None


def by_votes(votes: dict[int, int]) -> dict[int, Decimal]:
    """Entry → points: 100 for the most votes, ``STEP_OF_RANK`` less for each rank; equal votes share a rank."""
    return {entry: Decimal(100 - STEP_OF_RANK * len([other for other in votes.values() if other > n])) for entry, n in votes.items()}


@dataclass
class Result:
    """Points of an entry: parts out of 100, the weighted ``total``, the rank (equal ones share it)."""

    entry: Entry
    material: Decimal | None
    stage: Decimal | None
    votes: int
    vote: Decimal | None
    total: Decimal
    rank: int = 0


def results(found: ReviewRound) -> list[Result]:
    """By rank, from the sheets handed in and the slips."""
    weights, rows = found.weights, entries(found)
    totals: dict[tuple[int, str], list[int]] = {}
    for entry, part, total in JudgeScore.objects.filter(entry__round=found, final=True).values_list("entry", "part", "total"):
        totals.setdefault((entry, part), []).append(total)
    chosen = Counter(key for choices in ReviewSlip.objects.filter(round=found).values_list("choices", flat=True) for key in choices)
    votes = {entry.pk: chosen[entry.pk] for entry in rows}
    voted = by_votes(votes) if weights["vote"] else {}
    made = []
    for entry in rows:
        parts = {part: mean(totals.get((entry.pk, part), ())) if weights[part] else None for part in SCORED} | {Part.VOTE: voted.get(entry.pk)}
        total = sum(((value or Decimal(0)) * weights[part] / 100 for part, value in parts.items()), Decimal(0)).quantize(CENT, ROUND_HALF_UP)
        made.append(Result(entry, parts[Part.MATERIAL], parts[Part.STAGE], votes[entry.pk], parts[Part.VOTE], total))
    place = {id(one): (one.total, one.material or 0, one.stage or 0) for one in made}
    for one in made:
        one.rank = 1 + len([other for other in made if place[id(other)] > place[id(one)]])
    return sorted(made, key=lambda one: (one.rank, one.entry.order))


def results_kept(found: ReviewRound) -> list[Result]:
    """Of a closed round, as they were settled."""
    rows = [Result(one, one.material, one.stage, one.votes or 0, one.vote, one.total, one.rank) for one in entries(found)]
    return sorted(rows, key=lambda one: (one.rank, one.entry.order))


def comments(found: ReviewRound) -> list[JudgeScore]:
    """What judges wrote, once the round is closed."""
    return list(JudgeScore.objects.filter(entry__round=found, final=True).exclude(comment="").select_related("entry__brand").order_by("entry__rank", "pk"))


def slips(found: ReviewRound) -> int:
    return ReviewSlip.objects.filter(round=found).count()


def unused(found: ReviewRound) -> int:
    return ReviewCode.objects.filter(round=found).count()


def entry(found: ReviewRound, pk: int) -> Entry:
    """Raises ``Entry.DoesNotExist``."""
    return Entry.objects.select_related("round", "brand").get(round=found, pk=pk)


def time_cap(entry: Entry, most: int) -> int:
    """Points the time may still bring: one less for every ten seconds begun beyond the limit."""
    return max(0, most - ceil(entry.over / 10))


def awards(n: int) -> tuple[int, int]:
    """How many of ``n`` may become 示范 and 优秀: a fifth each, at least one 示范 (this platform's proposal)."""
    return max(1, n // 5), n // 5


def suggested(ranks: Sequence[int]) -> list[str]:
    """What each rank suggests: 示范, 优秀, nothing; 待定 where equals straddle a border, so that the meeting decides between them."""
    model, fine = awards(len(ranks))
    words = []
    for rank in ranks:
        last = rank + len([other for other in ranks if other == rank]) - 1
        borders = [("示范", model), ("优秀", model + fine), ("", len(ranks))]
        word, end = next(one for one in borders if rank <= one[1])
        words.append(word if last <= end else "待定")
    return words


def may_be_entered(scope: Scope) -> QuerySet:
    """Brands that passed the first review and stand in no open round."""
    return Brand.objects.visible_to(scope).filter(state="shortlisted").exclude(entries__round__state="open").select_related("org").order_by("org_path", "pk")


def possible_judges(org: Organization, today: date) -> list[tuple[User, str]]:
    """Everybody with an office at or below ``org`` whose role reads brands: (user, place)."""
    roles = [role for role, rights in ROLES.items() if Right.BRAND_VIEW in rights]
    rows = Membership.objects.in_force(today).filter(org__path__startswith=org.path, role__in=roles, user__is_active=True).select_related("user", "org").order_by("org__path", "pk")
    return list({row.user_id: (row.user, row.org.name) for row in rows}.values())


def sheets_of(judge: Judge) -> dict[tuple[int, str], JudgeScore]:
    return {(one.entry_id, one.part): one for one in JudgeScore.objects.filter(judge=judge)}


@dataclass(frozen=True)
class Desk:
    """What a judge has before him: the round, and each entry with whether he must stand back and his own sheets by part."""

    round: ReviewRound
    judge: Judge
    rows: list[tuple[Entry, bool, dict[str, JudgeScore]]]

    @property
    def parts(self) -> list[tuple[str, str]]:
        return [(part.value, part.label) for part in SCORED if self.round.weights[part]]


def desk(user: User, pk: int, today: date) -> Desk:
    """Raises ``Judge.DoesNotExist`` for whoever isn't a judge of the round; from whatever place."""
    with system_scope("a judge's desk"):
        judge = Judge.objects.select_related("round__org", "user").get(round=pk, user=user)
        own, held = sheets_of(judge), offices([user], today)[user.pk]
        rows = [
            (entry, sits_in(held, entry.brand.org.path), {part: own[(entry.pk, part)] for part in SCORED if (entry.pk, part) in own}) for entry in entries(judge.round)
        ]  # fmt: skip
        return Desk(judge.round, judge, rows)


def material(entry: Entry) -> dict:
    """What a judge reads of a brand: its goals, quarterly reports, places, pictures and papers."""
    with system_scope("material of an entry"):
        brand = Brand.objects.select_related("org").get(pk=entry.brand_id)
        told = [one for one in reports_of(brand) if one.state == "accepted"]
        shown = files_of(brand)
        return {
            "brand": brand, "goals": standing(brand), "reports": [(one, list(files(one))) for one in told],
            "places": [(label, [one for one in rows if not one.ended_on]) for label, rows in places(brand)], "pictures": shown.pictures, "papers": shown.papers,
        }  # fmt: skip
