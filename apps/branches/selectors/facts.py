"""What the books say of the items of a standard: a sentence, a proposal of points, the list behind it. The branch confirms or changes the proposal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from apps.branches.checking import Facts, Finding
from apps.branches.life import Row
from apps.branches.models import Ballot, BallotState, Branch, DuesPayment, Participation, Pledge, PledgeComment, PledgeProgress, PledgeState, QuarterSheet, Rectification
from apps.branches.selectors.activities import attendance_rate, year_table
from apps.branches.selectors.branches import lines
from apps.branches.selectors.dues import behind
from apps.branches.selectors.known import facts_of
from apps.core.calendar import Quarter, quarter_of
from apps.core.scope import Scope

HALF = Decimal("0.5")


@dataclass(frozen=True)
class Fact:
    """``points``: the proposal, None where the books alone don't decide. ``url``: the list behind the sentence."""

    text: str
    points: Decimal | None
    url: str


class Books:
    """Everything asked about one branch in a year, read once."""

    def __init__(self, scope: Scope, branch: Branch, today: date) -> None:
        self.branch, self.today, self.year = branch, today, today.year
        self.facts: Facts = facts_of([branch])[0][branch.pk]
        self.rows: dict[str, Row] = {row.kind: row for row in year_table(branch, self.facts, today.year, today)}
        self.findings: list[Finding] = lines(Branch.objects.visible_to(scope).filter(pk=branch.pk), today)[0].findings

    @property
    def life(self) -> str:
        return f"{reverse('branches:life', args=[self.branch.pk])}?year={self.year}"

    @property
    def page(self) -> str:
        return reverse("branches:branch", args=[self.branch.pk])

    def has(self, *keys: str) -> bool:
        return any(one.key in keys for one in self.findings)


def _less(points: Decimal, lost) -> Decimal:
    return max(points - Decimal(lost), Decimal(0))


def _periods(kind: str, each: Decimal) -> Callable[[Books, Decimal], Fact | None]:
    def of(books: Books, points: Decimal) -> Fact | None:
        if not (row := books.rows.get(kind)):
            return None
        over = [cell for cell in row.cells if cell.state in ("ok", "short") and cell.last < books.today]
        short = len([cell for cell in over if cell.state == "short"])
        return Fact(f"{row.label} {row.held} 次；已过 {len(over)} 期，缺 {short} 期", _less(points, each * short), books.life)

    return of


def _yearly(kind: str) -> Callable[[Books, Decimal], Fact | None]:
    def of(books: Books, points: Decimal) -> Fact | None:
        row = books.rows.get(kind)
        return Fact(f"今年{row.label} {row.held} 次", points if row.held else Decimal(0), books.life) if row else None

    return of


def _committee(books: Books, points: Decimal) -> Fact:
    if books.has("no_secretary", "committee_small"):
        return Fact("没有书记或支委会人数不足", Decimal(0), books.page)
    missing = next((one.sentence for one in books.findings if one.key == "posts_missing"), "")
    return Fact(missing or "支委会与规定相符", _less(points, 1 + missing.count("、")) if missing else points, books.page)


def _size(books: Books, points: Decimal) -> Fact:
    wrong = [one.sentence for one in books.findings if one.key in ("too_few", "too_many", "too_many_units")]
    return Fact(wrong[0] if wrong else f"正式党员 {books.facts.formal} 名，规模合规", Decimal(0) if wrong else points, books.page)


def _reached(books: Books, points: Decimal) -> Fact:
    n = books.facts.unreached
    return Fact(f"外出党员 {n} 名没有联系人" if n else "外出党员都有联系人", _less(points, n), books.page)


def _term(books: Books, points: Decimal) -> Fact:
    over = books.has("term_over")
    return Fact("任期已届满，没有换届" if over else "任期未满", Decimal(0) if over else points, books.page)


def _lectures(books: Books, points: Decimal) -> Fact:
    held = Participation.objects.filter(branch=books.branch, kind="lecture", removed=False, held_on__year=books.year)
    n, own = held.count(), held.filter(by_secretary=True).count()
    return Fact(f"今年党课 {n} 次，书记讲 {own} 次", _less(points, Decimal("1.5") * (max(2 - n, 0) + (own == 0))), books.life)


def _attendance(books: Books, points: Decimal) -> Fact:
    rate = attendance_rate([books.branch.pk], books.year).get(books.branch.pk)
    if rate is None:
        return Fact("今年没有可计算到会率的活动", Decimal(0), books.life)
    return Fact(f"今年到会率 {rate} %", points if rate >= 70 else _less(points, ceil((70 - rate) / 5)), books.life)


def _forms(books: Books, points: Decimal) -> Fact:
    own = Participation.objects.filter(branch=books.branch, removed=False, held_on__year=books.year)
    home = own.filter(Q(kind="home") | Q(attendances__at_home=True)).exists()
    joint = own.filter(Q(host=False) | Exists(Participation.objects.filter(activity=OuterRef("activity"), host=False))).exists()
    return Fact(f"送学上门{'有' if home else '没有'}，联合开展{'有' if joint else '没有'}，线上参加请自己核对", None, books.life)


def _volunteer(books: Books, points: Decimal) -> Fact:
    row = books.rows.get("volunteer")
    n = row.held if row else 0
    return Fact(f"今年志愿服务 {n} 次", _less(points, max(4 - n, 0)), books.life)


def _pledges(books: Books, points: Decimal) -> Fact:
    own = Pledge.objects.filter(branch=books.branch, year=books.year).exclude(state=PledgeState.DROPPED)
    n, told = own.count(), PledgeProgress.objects.filter(pledge__in=own).exists()
    said = PledgeComment.objects.filter(branch=books.branch, year=books.year).exists()
    missing = (not n) + (not told) + (not said)
    text = f"今年承诺 {n} 项，{'有' if told else '没有'}季度进展，{'有' if said else '没有'}领导点评"
    return Fact(text, _less(points, missing), f"{reverse('branches:pledges', args=[books.branch.pk])}?year={books.year}")


def _satisfaction(books: Books, points: Decimal) -> Fact:
    url = f"{reverse('branches:ballots')}?branch={books.branch.pk}"
    last = Ballot.objects.filter(branch=books.branch, state=BallotState.CLOSED).order_by("-closed_on", "-pk").first()
    if last is None:
        return Fact("还没有群众评议", Decimal(0), url)
    given = points if last.rate >= 90 else points / 2 if last.rate >= 80 else Decimal(0)
    return Fact(f"{last.title}满意率 {last.rate} %", given, url)


def _mended(books: Books, points: Decimal) -> Fact:
    late = Rectification.objects.filter(branch=books.branch, state="open", due_on__lt=books.today).count()
    under_way = Rectification.objects.filter(branch=books.branch, state__in=("open", "reported")).count()
    return Fact(f"整改 {under_way} 项没有销号，其中逾期 {late} 项", _less(points, late), f"{reverse('branches:rectifications')}?branch={books.branch.pk}&look=all")


def _sheets(books: Books, points: Decimal) -> Fact:
    over = [Quarter(books.year, q) for q in range(1, quarter_of(books.today).q)]
    handed = QuarterSheet.objects.filter(branch=books.branch, year=books.year, state__in=("submitted", "accepted"), quarter__in=[one.q for one in over]).count()
    return Fact(f"今年已过 {len(over)} 个季度，报送 {handed} 张", _less(points, HALF * (len(over) - handed)), reverse("branches:sheets"))


def _dues(books: Books, points: Decimal) -> Fact:
    late = behind([books.branch.pk], books.today).get(books.branch.pk, {})
    worst = max(late.values(), default=0)
    given = Decimal(0) if worst >= 6 else _less(points, HALF * len(late))
    registered = DuesPayment.objects.filter(member__branch=books.branch, month__year=books.year).exists()
    text = f"{len(late)} 名党员有月份没有登记，最多 {worst} 个月" if registered else "今年没有登记党费"
    return Fact(text, given if registered else None, f"{reverse('branches:dues', args=[books.branch.pk])}?year={books.year}")


FACTS: dict[str, Callable[[Books, Decimal], Fact | None]] = {
    "committee": _committee, "themes": _periods("theme", HALF), "size": _size, "reached": _reached, "groups": _periods("group", HALF), "term": _term,
    "committees": _periods("committee", HALF), "reviews": _yearly("review"), "meetings": _periods("meeting", Decimal(1)), "lectures": _lectures, "attendance": _attendance,
    "forms": _forms, "volunteer": _volunteer, "pledges": _pledges, "satisfaction": _satisfaction, "life": _yearly("life"), "talks": _yearly("talk"), "mended": _mended,
    "sheets": _sheets, "dues": _dues,
}  # fmt: skip


def facts_for(scope: Scope, branch: Branch, items, today: date) -> dict[int, Fact]:
    """Key of an item → what the books say; items without a fact, or whose kind doesn't apply to the branch, are left out."""
    books = Books(scope, branch, today)
    found = {item.pk: FACTS[item.fact](books, item.points) for item in items if item.fact in FACTS}
    return {pk: fact for pk, fact in found.items() if fact}


def gates_against(scope: Scope, branch: Branch, today: date) -> list[str]:
    """Why the branch can't apply at all now, as sentences."""
    findings = lines(Branch.objects.visible_to(scope).filter(pk=branch.pk), today)[0].findings
    found = [one.sentence for one in findings if one.key in ("term_over", "too_few")]
    half_a_year = date(today.year - (today.month <= 6), (today.month - 7) % 12 + 1, 1)
    if not Participation.objects.filter(branch=branch, removed=False, held_on__gte=half_a_year).exists():
        found.append("半年以上没有登记活动。")
    return found
