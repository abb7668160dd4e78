"""What is to be done for brands, from everything that knows: returned or unwritten reports, months of the plan, questions, phases, lists without a plan, the look a year later;
and, for whoever sits above, what waits to be read and judged.

One list for the page (everything, by day) and for the messages (what reaches a day of telling).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import TruncDate
from django.urls import reverse

from apps.accounts.models import Level, Organization, User
from apps.accounts.permissions import Right
from apps.brands.models import (
    REPORTING,
    Brand,
    BrandState,
    BrandStep,
    Entry,
    PlannedStep,
    PracticeList,
    QuarterReport,
    Question,
    ReportState,
    ReportStep,
    ReviewRound,
    RoundState,
    StudyPhase,
    StudyPlan,
    StudyState,
)
from apps.brands.selectors import reviews
from apps.brands.selectors.learning import COUNTY_DEPTH, cut
from apps.brands.selectors.plans import plans, to_check
from apps.brands.selectors.reports import MISSING, due_on, narrowed, owing
from apps.brands.standards import ANSWER_DAYS, PLAN_DAYS, REPORT_TELLS, STILL_AFTER_DAYS
from apps.core.calendar import Quarter, quarter_of
from apps.core.scope import Scope, prefixes

MOST = 300
"""More brands or counties than this aren't listed one by one."""
PHASE_AHEAD, PLAN_AHEAD = 7, 10
"""Days before the last day on which it is told (this platform's proposal)."""


@dataclass(frozen=True)
class Item:
    """``key`` names the occasion; ``url``: a page that everybody who reads brands may open; ``tells``: the days on which ``org`` hears of it, those above too where it
    ``escalates``; ``came_back``: it was returned, and why; ``own``: nobody's business above."""

    key: str
    org: Organization
    title: str
    url: str
    due_on: date | None
    tells: tuple[date, ...] = ()
    note: str = ""
    came_back: bool = False
    escalates: bool = False
    own: bool = False


def owed_at(scope: Scope, org: Organization, today: date) -> list[Item]:
    """What the page shows to somebody at ``org``: what places below have to do by themselves stays with them."""
    return [one for one in items_of(scope, today) if not one.own or one.org == org]


def too_many(scope: Scope) -> bool:
    """Whether one by one makes no sense any more."""
    return Brand.objects.visible_to(scope).count() > MOST or counties(scope)[: MOST + 1].count() > MOST


def counties(scope: Scope):
    return Organization.objects.visible_to(scope).filter(level=Level.COUNTY, valid_to=None)


def items_of(scope: Scope, today: date) -> list[Item]:
    """Of the places of the scope, the most pressing first (what has no day before all); a fixed number of queries."""
    parts = (_reports(scope, today), _brands(scope), _months(scope, today), _questions(scope), _phases(scope, today), _unplanned(scope, today), _checks(scope, today))
    return sorted((item for part in parts for item in part), key=lambda item: (item.due_on or date.min, item.org.path, item.key))


def _reports(scope: Scope, today: date) -> Iterable[Item]:
    quarter = quarter_of(today).previous
    due = due_on(quarter)
    days = (*(quarter.last + timedelta(days=n) for n in REPORT_TELLS), due + timedelta(days=1))
    for brand in narrowed(owing(scope, quarter), MISSING):
        url = reverse("brands:report", args=[brand.pk, quarter.year, quarter.q])
        title = f"“{brand.name}”{quarter.title}进展{'逾期未报' if today > due else '请报送'}"
        yield Item(f"report:{brand.pk}:{quarter}", brand.org, title, url, due, days, escalates=True)
    back = list(QuarterReport.objects.visible_to(scope).filter(state=ReportState.RETURNED).select_related("brand__org"))
    said = {one.case_id: one.note for one in ReportStep.objects.filter(case__in=back, step__in=("return", "reopen")).order_by("pk")}
    for one in back:
        url = reverse("brands:report", args=[one.brand_id, one.year, one.quarter])
        title = f"“{one.brand.name}”{Quarter(one.year, one.quarter).title}进展退回更正"
        yield Item(f"returned:{one.pk}", one.brand.org, title, url, None, note=said.get(one.pk, ""), came_back=True)


def _brands(scope: Scope) -> Iterable[Item]:
    words = {BrandState.RETURNED: "退回修改", BrandState.RECTIFYING: "复评整改"}
    back = list(Brand.objects.visible_to(scope).filter(state__in=words).select_related("org"))
    said = {one.case_id: one.note for one in BrandStep.objects.filter(case__in=back, step__in=("return", "rectify")).order_by("pk")}
    for one in back:
        yield Item(f"brand:{one.pk}", one.org, f"“{one.name}”{words[one.state]}", reverse("brands:brand", args=[one.pk]), None, note=said.get(one.pk, ""), came_back=True)


def _months(scope: Scope, today: date) -> Iterable[Item]:
    rows = PlannedStep.objects.filter(brand__in=Brand.objects.visible_to(scope).filter(state__in=REPORTING), month__lte=today, done_on=None)
    for one in rows.select_related("brand__org"):
        due = (one.month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        title, url = f"“{one.brand.name}”{one.month:%Y 年 %-m 月}：{one.text}", reverse("brands:brand", args=[one.brand_id])
        yield Item(f"month:{one.pk}", one.brand.org, title, url, due, (due + timedelta(days=1),), own=True)


def _questions(scope: Scope) -> Iterable[Item]:
    for one in Question.objects.filter(answered_on=None, practice__owner__in=Organization.objects.visible_to(scope)).select_related("practice__owner", "asker"):
        due, url = one.asked_on + timedelta(days=ANSWER_DAYS), reverse("brands:practice", args=[one.practice_id]) + "#questions"
        yield Item(f"question:{one.pk}", one.practice.owner, f"{one.asker.name}问“{one.practice.title}”", url, due, (due + timedelta(days=1),), one.text)


def _phases(scope: Scope, today: date) -> Iterable[Item]:
    soon = today + timedelta(days=PHASE_AHEAD)
    rows = StudyPhase.objects.filter(plan__in=StudyPlan.objects.visible_to(scope).filter(state=StudyState.DOING), done_on=None, due_on__lte=soon)
    for one in rows.select_related("plan__org", "plan__practice"):
        tells = (one.due_on - timedelta(days=PHASE_AHEAD), one.due_on + timedelta(days=1))
        url = reverse("brands:plan", args=[one.plan_id])
        yield Item(f"phase:{one.pk}:{one.due_on}", one.plan.org, f"{one.plan}第 {one.order} 阶段：{one.text}", url, one.due_on, tells, one.person)


def _unplanned(scope: Scope, today: date) -> Iterable[Item]:
    """Counties that have made no plan since the newest list that reaches them."""
    newest: dict[str, PracticeList] = {}
    for listed in PracticeList.objects.filter(issued_on__isnull=False).select_related("org").order_by("issued_on", "pk"):
        newest[listed.org_path] = listed
    begun: dict[str, date] = {}
    for path, day in StudyPlan.objects.visible_to(scope).values_list("org_path", "started_on"):
        county = cut(path, COUNTY_DEPTH)
        begun[county] = max(begun.get(county, day), day)
    for one in counties(scope).order_by("path"):
        reaching = [newest[path] for path in prefixes(one.path) if path in newest]
        listed = max(reaching, key=lambda found: (found.issued_on, found.pk), default=None)
        if listed and begun.get(one.path, date.min) < listed.issued_on:
            due = listed.issued_on + timedelta(days=PLAN_DAYS)
            tells = (due - timedelta(days=PLAN_AHEAD), due + timedelta(days=1))
            yield Item(f"unplanned:{listed.pk}:{one.pk}", one, f"订学习推广计划（{listed}）", reverse("brands:practice_list", args=[listed.pk]), due, tells)


def _checks(scope: Scope, today: date) -> Iterable[Item]:
    for one in to_check(plans(scope), today):
        due = one.ended_on + timedelta(days=STILL_AFTER_DAYS)
        yield Item(f"check:{one.pk}", one.org, f"回访：{one}，一年后还在用吗", reverse("brands:plan", args=[one.pk]), due, (due, due + timedelta(days=30)))


WAITING = {
    BrandState.APPLIED: (Right.BRAND_REVIEW, "待审核"), BrandState.HEARING: (Right.BRAND_REVIEW, "待立项"), BrandState.APPLYING: (Right.BRAND_REVIEW, "待初评"),
    BrandState.PROPOSED: (Right.BRAND_REVIEW, "待公示"),
}  # fmt: skip
"""What a brand waits for, and whose business that is; of others it depends (``_waits``)."""


def _waits(one: Brand, today: date) -> tuple[Right, str] | None:
    if one.state == BrandState.SHORTLISTED and one.judged:
        return Right.BRAND_NAME, "展评已出结果，待拟命名"
    if one.state == BrandState.SHORTLISTED and not one.entered:
        return Right.BRAND_REVIEW, "初评已通过，待展评"
    if one.state == BrandState.PUBLIC and one.public_to < today:
        return Right.BRAND_NAME, "公示期满，可以命名"
    return WAITING.get(one.state)


def waiting(scope: Scope, org: Organization, rights: frozenset[Right], today: date) -> list[Item]:
    """What those at ``org`` have to read and judge of places below it: brands that wait, 公示 that are over, reports handed in, showings with all sheets in. A showing
    before the last 初评 doesn't count, as in the workflow."""
    if not rights & {Right.BRAND_REVIEW, Right.BRAND_NAME}:
        return []
    shortlisted = BrandStep.objects.filter(case=OuterRef("pk"), step="shortlist").order_by("-pk").annotate(day=TruncDate("at")).values("day")[:1]
    entries, found = Entry.objects.filter(brand=OuterRef("pk"), round__opened_on__gte=OuterRef("since")), []
    below = Brand.objects.visible_to(scope).exclude(org=org).filter(state__in=(*WAITING, BrandState.SHORTLISTED, BrandState.PUBLIC)).select_related("org")
    below = below.annotate(since=Subquery(shortlisted)).annotate(entered=Exists(entries), judged=Exists(entries.filter(round__state=RoundState.CLOSED)))
    for one in below.order_by("org_path", "pk"):
        waits = _waits(one, today)
        if waits and waits[0] in rights:
            found.append(Item(f"brand:{one.pk}", one.org, f"“{one.name}”{waits[1]}", reverse("brands:brand", args=[one.pk]), None))
    if Right.BRAND_REVIEW in rights:
        for one in QuarterReport.objects.visible_to(scope).filter(state=ReportState.SUBMITTED).exclude(org=org).select_related("brand__org").order_by("submitted_on", "pk"):
            url = reverse("brands:report_review", args=[one.brand_id, one.year, one.quarter])
            title = f"审阅“{one.brand.name}”{Quarter(one.year, one.quarter).title}进展"
            found.append(Item(f"report:{one.pk}", one.brand.org, title, url, None, note="逾期报送" if one.late else ""))
        for one in ReviewRound.objects.filter(org=org, state=RoundState.OPEN).select_related("org"):
            if not reviews.expected(one, today) - reviews.handed_in(one):
                found.append(Item(f"round:{one.pk}", org, f"{one.title}：打分齐了，可以出结果", reverse("brands:round", args=[one.pk]), None))
    return found


def to_judge(user: User, today: date) -> list[Item]:
    """Showings in which sheets of ``user`` are open, wherever they are held."""
    found = []
    for one in reviews.rounds_judged(user):
        desk = reviews.desk(user, one.pk, today)
        wanted = len(desk.parts) * len([row for row in desk.rows if not row[1]])
        given = len([sheet for _, _, own in desk.rows for sheet in own.values() if sheet.final])
        if given < wanted:
            found.append(Item(f"judge:{one.pk}", one.org, f"请您评审：{one.title}", reverse("brands:judge_desk", args=[one.pk]), None, note=f"已提交 {given} 张，共 {wanted} 张"))
    return found
