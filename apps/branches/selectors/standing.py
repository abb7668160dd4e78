"""How branches stand, kept in a table and counted when read: lists and figures of ten thousand branches can't judge each of them anew.

A standing holds for its day until something it rests on changes; triggers (migration 0011) leave a mark then. ``settle`` counts those that are missing,
of another day, or marked. A mark is taken away before the facts are read, so a change that commits later leaves one that stays for the next reader.
"""

from datetime import date

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from apps.branches.checking import ERROR, OWN_RECORD, WARNING, Facts, Finding, Rule, findings, plain
from apps.branches.life import shortfalls, year_of
from apps.branches.models import Ballot, BallotState, Branch, Pledge, PledgeState, QuarterSheet, Rectification, RectifyState, SheetState, Standing, StandingMark
from apps.branches.selectors.activities import applying, attendance_rate, held_by_month
from apps.branches.selectors.dues import findings_about_people
from apps.branches.selectors.flags import FLAGS, flags_of
from apps.branches.selectors.known import facts_of
from apps.branches.selectors.rules import rules_in_force
from apps.branches.selectors.sheets import due_on
from apps.branches.standards import OWN
from apps.core.calendar import quarter_of
from apps.core.metrics import Period
from apps.core.scope import system_scope

AT_ONCE = 1000
PLEDGED_BY = 3
"""Month by whose end the year's pledges are expected (this platform's proposal)."""
ALONE = ("no_secretary", "committee_small", "committee_large", "posts_missing", "committee_not_needed")
GOODS = {
    "setup": ("too_few", "too_many", "too_many_units", "one_unit", "group_small"),
    "team": (*ALONE, "term_over", "term_long", "no_surplus", "no_quorum", "temporary_elected"),
    "people": ("unreached", "silent", "dues_red", "dues_late"),
    "study": ("life_short", "life_none", "attendance_low"),
    "role": ("no_pledge", "unsatisfied"),
    "system": ("rectify_late", "sheet_missing"),
}
"""The six 好 of the standard and the findings that speak against each. Which belongs where is this platform's reading."""
LOOKS = {
    "wrong": (), "look": (), "term": ("term_over", "term_near"), "size": ("too_few", "too_many"), "committee": ALONE, "units": ("too_many_units", "one_unit"),
    "life": ("life_short", "life_none"), "dues": ("dues_red", "dues_late"), **GOODS,
}  # fmt: skip
"""What a list may be narrowed to by its findings: any error, any finding at all, or those of one matter."""


def looks_like(look: str) -> Q:
    """A condition on branches; existing ones alone have findings."""
    if look == "wrong":
        return Q(standing__wrong=True)
    return Q(standing__keys__len__gt=0) if look == "look" else Q(standing__keys__overlap=list(LOOKS[look]))


def settle(found: QuerySet, today: date) -> int:
    """Count the standing of those of ``found`` (branches) where it doesn't hold for ``today``; returns how many."""
    marked = StandingMark.objects.filter(branch_id=OuterRef("pk"))
    stale = found.order_by().filter(Q(standing=None) | ~Q(standing__day=today) | Exists(marked))
    keys = sorted(set(stale.values_list("pk", flat=True)))
    for start in range(0, len(keys), AT_ONCE):
        count_anew(keys[start : start + AT_ONCE], today)
    return len(keys)


def count_anew(keys: list[int], today: date) -> None:
    """Judge these branches over all their facts, whoever asks: what a reader's place can't see of a branch counts as well."""
    with system_scope("standing of branches"):
        StandingMark.objects.filter(branch_id__in=keys).delete()
        rows = list(Branch.objects.filter(pk__in=keys))
        known, flags = facts_of(rows)[0], _flags(keys, today)
        against = _findings(rows, known, today)
        made = [_standing(one, known[one.pk], against.get(one.pk, []), flags.get(one.pk, []), today) for one in rows]
        written = ["org", "org_path", "day", "members", "probationary", "wrong", "findings", "keys", "flags"]
        Standing.objects.bulk_create(made, update_conflicts=True, unique_fields=["branch"], update_fields=written)


def _standing(branch: Branch, facts: Facts, against: list[Finding], flags: list[str], today: date) -> Standing:
    found = [] if branch.dissolved_on else against
    return Standing(
        branch=branch, org_id=branch.org_id, org_path=branch.org_path, day=today, members=facts.total, probationary=facts.probationary, flags=flags,
        wrong=any(one.level == ERROR for one in found), findings=[[one.key, one.level, one.sentence, one.source] for one in found], keys=sorted({one.key for one in found}),
    )  # fmt: skip


def _flags(keys: list[int], today: date) -> dict[int, list[str]]:
    sql, parameters = flags_of("b.id = ANY(%(branches)s)", {"branches": keys}, Period(today, today, today))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT f.pk, {', '.join(f'f.{flag}' for flag in FLAGS)} FROM ({sql}) f", parameters)  # noqa: S608 - names are code
        return {pk: [flag for flag, counts in zip(FLAGS, row, strict=True) if counts] for pk, *row in cursor.fetchall()}


def _findings(rows: list[Branch], known: dict[int, Facts], today: date) -> dict[int, list[Finding]]:
    """Everything that speaks against each, what breaks a regulation first."""
    rules, keys = rules_in_force(today), [one.pk for one in rows]
    held, parts = held_by_month(keys, today.year), [findings_about_people(keys, rules, today), _of_work(rows, rules, today)]
    found = {}
    for one in rows:
        facts = known[one.pk]
        found[one.pk] = findings(facts, rules, today) + life_findings(one, facts, held.get(one.pk, {}), rules, today) + [each for part in parts for each in part.get(one.pk, ())]
    return found


def life_findings(branch: Branch, facts: Facts, held: dict, rules, today: date) -> list[Finding]:
    """What this year's 组织生活 lacks; warnings only: what isn't logged may have been held. A branch that logged nothing at all hears it once."""
    if not branch.holds:
        return []
    table = year_of(year=today.year, held=held, rules=rules, today=today, founded_on=branch.founded_on, kinds=applying(facts))
    missing = shortfalls(table)
    if missing and not held:
        return [Finding("life_none", WARNING, f"{today.year} 年还没有登记组织生活。", OWN_RECORD)]
    return [Finding("life_short", WARNING, sentence, source) for sentence, source in missing]


def _of_work(rows: list[Branch], rules: dict[str, Rule], today: date) -> dict[int, list[Finding]]:
    """Attendance, pledges, the last ballot, rectifications, the last quarter's sheet; warnings."""
    keys, quarter = [one.pk for one in rows], quarter_of(today).previous
    rates, least, late, ballots = attendance_rate(keys, today.year), rules["attendance_least"], _late(keys, today), _last_ballots(keys)
    pledged = set(Pledge.objects.filter(branch__in=keys, year=today.year).exclude(state=PledgeState.DROPPED).values_list("branch", flat=True))
    sheets = QuarterSheet.objects.filter(branch__in=keys, year=quarter.year, quarter=quarter.q)
    handed = set(sheets.filter(state__in=(SheetState.SUBMITTED, SheetState.ACCEPTED)).values_list("branch", flat=True))
    found: dict[int, list[Finding]] = {one.pk: [] for one in rows}
    for one in (row for row in rows if row.holds):
        into = found[one.pk]
        if (rate := rates.get(one.pk)) is not None and rate < least.value:
            into.append(Finding("attendance_low", WARNING, f"今年到会率 {rate} %，低于 {plain(least.value)} %。", least.source or OWN))
        if (last := ballots.get(one.pk)) and last.rate is not None and last.rate < last.threshold:
            into.append(Finding("unsatisfied", WARNING, f"最近一次群众评议满意率 {plain(last.rate)} %，低于 {plain(last.threshold)} %。", OWN_RECORD))
        if one.pk not in pledged and today >= (expected := date(today.year, PLEDGED_BY + 1, 1)) and not (one.founded_on and one.founded_on >= expected):
            into.append(Finding("no_pledge", WARNING, f"{today.year} 年还没有公开承诺。", OWN_RECORD))
        if n := late.get(one.pk):
            into.append(Finding("rectify_late", WARNING, f"整改 {n} 项过了时限还没有报送结果。", OWN_RECORD))
        if one.pk not in handed and due_on(quarter) < today and not (one.founded_on and one.founded_on > quarter.last):
            into.append(Finding("sheet_missing", WARNING, f"{quarter.title}活动情况统计表没有报送。", OWN_RECORD))
    return found


def _late(keys: list[int], today: date) -> dict[int, int]:
    late = Rectification.objects.filter(branch__in=keys, state=RectifyState.OPEN, due_on__lt=today)
    return dict(late.order_by().values_list("branch").annotate(n=Count("pk")))


def _last_ballots(keys: list[int]) -> dict[int, Ballot]:
    closed = Ballot.objects.filter(branch__in=keys, state=BallotState.CLOSED)
    return {one.branch_id: one for one in closed.order_by("branch_id", "-closed_on", "-pk").distinct("branch_id")}
