"""What a branch has to do, from everything that knows: the year's organisation life, the quarter's sheet, rectifications, pledges, the end of a term, a joint activity
without names.

One list for the page (everything, by day) and for the messages (what reaches a day of telling).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from apps.branches.life import HALF, MONTH, QUARTER, YEAR, year_of
from apps.branches.models import (
    Branch,
    Participation,
    Pledge,
    PledgeProgress,
    PledgeState,
    QuarterSheet,
    QuarterSheetStep,
    Rectification,
    RectificationStep,
    RectifyState,
    SheetState,
)  # fmt: skip
from apps.branches.selectors.activities import applying, held_by_month
from apps.branches.selectors.elections import next_papers
from apps.branches.selectors.known import facts_of
from apps.branches.selectors.rules import rules_in_force
from apps.branches.selectors.sheets import due_on as sheet_due
from apps.core.calendar import quarter_of

AHEAD = {MONTH: 6, QUARTER: 15, HALF: 30, YEAR: 60}
"""Days before the end of a period from which what it lacks is told: the 25th of a month, the last fortnight of a quarter (this platform's proposal)."""
RECTIFY_AHEAD, PLEDGE_AHEAD = 7, 15
TERM_RULES = ("term_first", "term_second", "term_last")


@dataclass(frozen=True)
class Item:
    """``key`` names the occasion; ``tells`` are the days on which the branch hears of it. ``came_back``: it was returned, and why."""

    key: str
    branch: Branch
    title: str
    url: tuple
    due_on: date
    tells: tuple[date, ...] = ()
    note: str = ""
    came_back: bool = False

    @property
    def address(self) -> str:
        """Of the page where it is done."""
        return reverse(self.url[0], args=self.url[1:])

    @property
    def page(self) -> str:
        """The same for whoever only looks on."""
        return reverse("branches:life", args=[self.branch.pk]) if self.url[0] == "branches:activity_add" else self.address


def items_of(found: QuerySet, today: date) -> list[Item]:
    """Of existing branches, the most pressing first; a fixed number of queries for any number of branches."""
    rows = list(found.filter(dissolved_on=None).select_related("org"))
    by_key = {one.pk: one for one in rows}
    facts, terms, _ = facts_of(rows)
    parts = (_life(rows, facts, today), _terms(by_key, terms, today), _sheets(by_key, today), _mending(by_key, today), _pledges(by_key, today), _unnamed(by_key, today))
    return sorted((item for part in parts for item in part), key=lambda item: (item.due_on, item.branch.org_path, item.branch.name, item.key))


def _life(rows: list[Branch], facts: dict, today: date) -> Iterable[Item]:
    rules, held = rules_in_force(today), held_by_month([one.pk for one in rows], today.year)
    for branch in rows:
        if not branch.holds:
            continue
        table = year_of(year=today.year, held=held.get(branch.pk, {}), rules=rules, today=today, founded_on=branch.founded_on, kinds=applying(facts[branch.pk]))
        for row in table:
            if cell := row.open:
                share = f"（{cell.held}/{cell.due}）" if cell.due > 1 else ""
                tell = cell.last - timedelta(days=AHEAD[cell.months])
                url = ("branches:activity_add", branch.pk)
                yield Item(f"life:{branch.pk}:{row.kind}:{cell.first:%Y%m}", branch, f"{row.label}{share}", url, cell.last, (tell,), "本期还没有登记")


def _terms(by_key: dict[int, Branch], terms: dict, today: date) -> Iterable[Item]:
    rules = rules_in_force(today)
    days = [int(rules[key].value) for key in TERM_RULES]
    near = {pk: term for pk, term in terms.items() if term.ends_on - timedelta(days=max(days)) <= today}
    wanted = next_papers([term.pk for term in near.values()])
    for pk, term in near.items():
        tells = (*(term.ends_on - timedelta(days=n) for n in days), term.ends_on + timedelta(days=1))
        following = f"下一份：{wanted[term.pk]}" if term.pk in wanted else "材料已齐，请登记新一届"
        note = f"已届满，请换届；{following}" if term.ends_on < today else following
        yield Item(f"term:{term.pk}", by_key[pk], "支委会换届", ("branches:election", term.pk), term.ends_on, tells, note)


def _sheets(by_key: dict[int, Branch], today: date) -> Iterable[Item]:
    quarter = quarter_of(today).previous
    kept = {one.branch_id: one for one in QuarterSheet.objects.filter(branch__in=by_key, year=quarter.year, quarter=quarter.q)}
    back = {one.case_id: one.note for one in QuarterSheetStep.objects.filter(case__in=[one.pk for one in kept.values()], step__in=("return", "reopen")).order_by("pk")}
    for pk, branch in by_key.items():
        sheet = kept.get(pk)
        if not branch.holds or sheet and sheet.state in (SheetState.SUBMITTED, SheetState.ACCEPTED) or branch.founded_on and branch.founded_on > quarter.last:
            continue
        due, returned = sheet_due(quarter), bool(sheet and sheet.state == SheetState.RETURNED)
        note = f"退回：{back.get(sheet.pk, '')}" if returned else ""
        url = ("branches:sheet", pk, quarter.year, quarter.q)
        yield Item(f"sheet:{pk}:{quarter}", branch, f"{quarter.title}活动情况统计表", url, due, (quarter.next.first, due + timedelta(days=1)), note, returned)


def _mending(by_key: dict[int, Branch], today: date) -> Iterable[Item]:
    open_ones = list(Rectification.objects.filter(branch__in=by_key, state=RectifyState.OPEN))
    back = {one.case_id: one for one in RectificationStep.objects.filter(case__in=open_ones, after=RectifyState.OPEN, step__in=("return", "relapse")).order_by("pk")}
    for one in open_ones:
        tells = (one.due_on - timedelta(days=RECTIFY_AHEAD), one.due_on + timedelta(days=1))
        note = f"退回：{back[one.pk].note}" if one.pk in back else "挂牌督办" if one.supervised_on else ""
        url = ("branches:rectification", one.pk)
        yield Item(f"rectify:{one.pk}:{one.due_on}", by_key[one.branch_id], f"整改：{one.problem[:40]}", url, one.due_on, tells, note, one.pk in back)


def _pledges(by_key: dict[int, Branch], today: date) -> Iterable[Item]:
    quarter = quarter_of(today)
    open_ones = Pledge.objects.filter(branch__in=by_key, year=today.year, state=PledgeState.OPEN, member__left_on=None)
    told = PledgeProgress.objects.filter(pledge__branch__in=by_key, quarter=quarter.q, pledge__year=today.year).values("pledge")
    waiting = dict.fromkeys(by_key, 0)
    for pk in open_ones.exclude(pk__in=told).values_list("branch", flat=True):
        waiting[pk] += 1
    for pk, n in waiting.items():
        if n:
            tell = quarter.last - timedelta(days=PLEDGE_AHEAD)
            yield Item(f"pledge:{pk}:{quarter}", by_key[pk], f"公开承诺登记{quarter.q}季度进展（{n} 项）", ("branches:pledges", pk), quarter.last, (tell,))


def _unnamed(by_key: dict[int, Branch], today: date) -> Iterable[Item]:
    for row in Participation.objects.filter(branch__in=by_key, present=None, removed=False):
        tells = (row.held_on + timedelta(days=1),)
        yield Item(f"unnamed:{row.pk}", by_key[row.branch_id], f"联合活动点名：{row.title[:40]}", ("branches:activity", row.pk), row.held_on + timedelta(days=7), tells)
