"""组织生活: how often each kind is due and what a year shows of it. Pure: facts in, cells out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from apps.branches.checking import Rule
from apps.branches.models import ActivityKind
from apps.branches.standards import OWN

MONTH, QUARTER, HALF, YEAR = 1, 3, 6, 12
DEMANDS: tuple[tuple[str, int, str], ...] = (
    (ActivityKind.MEETING, QUARTER, "life_meeting"),
    (ActivityKind.COMMITTEE, MONTH, "life_committee"),
    (ActivityKind.GROUP, MONTH, "life_group"),
    (ActivityKind.THEME, MONTH, "life_theme"),
    (ActivityKind.LECTURE, HALF, "life_lecture"),
    (ActivityKind.LIFE, YEAR, "life_life"),
    (ActivityKind.REVIEW, YEAR, "life_review"),
    (ActivityKind.TALK, YEAR, "life_talk"),
    (ActivityKind.VOLUNTEER, YEAR, "life_volunteer"),
)
"""(kind, months of a period, rule that says how many are due in each). The number is data; that a kind is counted by the quarter or month is the wording of its rule."""
OK, SHORT, OPEN, AHEAD, NONE = "ok", "short", "open", "ahead", "none"
"""A cell: done; over and not enough; running and not enough yet; still to come; before the branch existed."""


@dataclass(frozen=True)
class Cell:
    """A period of a kind: its first and last day, how many are due and were held, and its state."""

    first: date
    last: date
    due: int
    held: int
    state: str

    @property
    def months(self) -> int:
        return self.last.month - self.first.month + 1


@dataclass(frozen=True)
class Row:
    kind: str
    rule: Rule
    cells: tuple[Cell, ...]

    @property
    def label(self) -> str:
        return ActivityKind(self.kind).label

    @property
    def held(self) -> int:
        return sum(cell.held for cell in self.cells)

    @property
    def short(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.state == SHORT]

    @property
    def open(self) -> Cell | None:
        """The running period, where something is still due in it."""
        return next((cell for cell in self.cells if cell.state == OPEN), None)


def demanded(kinds: Mapping[str, bool]) -> list[tuple[str, int, str]]:
    """Demands that apply: a branch without a committee owes no 支委会, one without groups no 党小组会. ``kinds``: kind → does it apply? (missing: yes)."""
    return [row for row in DEMANDS if kinds.get(row[0], True)]


def year_of(
    *, year: int, held: Mapping[tuple[str, int], int], rules: Mapping[str, Rule], today: date, founded_on: date | None, kinds: Mapping[str, bool]
) -> list[Row]:  # fmt: skip
    """The year of a branch, kind by kind. ``held``: (kind, month) → how many. Periods before the one it was founded in ask for nothing."""
    rows = []
    for kind, months, key in demanded(kinds):
        rule, cells = rules[key], []
        due = int(rule.value)
        for start in range(1, 13, months):
            first = date(year, start, 1)
            last = date(year + (start + months > 12), (start + months - 1) % 12 + 1, 1) - timedelta(days=1)
            done = sum(held.get((kind, month), 0) for month in range(start, start + months))
            cells.append(Cell(first, last, due, done, _state(first, last, done >= due, today, founded_on)))
        rows.append(Row(kind, rule, tuple(cells)))
    return rows


def _state(first: date, last: date, enough: bool, today: date, founded_on: date | None) -> str:
    if founded_on and last < founded_on:
        return NONE
    if enough:
        return OK
    return SHORT if last < today else OPEN if first <= today else AHEAD


def in_words(cells: list[Cell]) -> str:
    """1、2、7 月; 一、三季度; 上半年; 全年."""
    months = cells[0].months
    if months == YEAR:
        return "全年"
    if months == HALF:
        return "、".join("上半年" if cell.first.month == 1 else "下半年" for cell in cells)
    if months == QUARTER:
        return "、".join("一二三四"[cell.first.month // 3] for cell in cells) + "季度"
    return "、".join(str(cell.first.month) for cell in cells) + " 月"


def shortfalls(rows: list[Row]) -> list[tuple[str, str]]:
    """(sentence, source) for each kind with periods that are over and fell short."""
    found = []
    for row in rows:
        if cells := row.short:
            often = ("每年", "每半年", "每季度", "每月")[(YEAR, HALF, QUARTER, MONTH).index(cells[0].months)]
            missing = f"{row.label}{in_words(cells)}不足" if cells[0].due > 1 or cells[0].months == YEAR else f"{in_words(cells)}没有登记{row.label}"
            found.append((f"{missing}（应{often} {cells[0].due} 次）。", row.rule.source or OWN))
    return found
