"""Applications, their scores, the register of named branches, coverage."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet

from apps.accounts.models import Organization
from apps.branches.checking import months_on
from apps.branches.models import HOLDING, Application, ApplicationState, ApplicationStep, Branch, ItemPaper, ItemScore, Objection, Standard, StandardState
from apps.branches.standards import EVIDENCE
from apps.core.scope import Scope, system_scope, upper_bound
from apps.files.models import StoredFile

DRAWN = Q(state="named", lookback_drawn_on__isnull=False) & (Q(looked_back_on=None) | Q(looked_back_on__lt=F("lookback_drawn_on")))
"""Named and drawn for a look back that hasn't been yet."""
LOOKS = {
    "doing": Q(state__in=("draft", "returned", "submitted", "to_inspect", "scored", "rectifying", "proposed", "public")), "review": Q(state="submitted"),
    "inspect": Q(state__in=("to_inspect", "rectifying")), "meeting": Q(state__in=("scored", "proposed", "public")), "named": Q(state__in=("named", "yellow")),
    "lookback": DRAWN, "yellow": Q(state="yellow"), "ended": Q(state__in=("removed", "failed", "withdrawn")),
}  # fmt: skip


def applications(scope: Scope) -> QuerySet:
    people = ("applied_by", "reviewed_by", "scored_by", "named_by")
    return Application.objects.visible_to(scope).select_related("branch__org", "org", "standard", *people)


def application(scope: Scope, pk: int) -> Application:
    """Raises ``Application.DoesNotExist`` outside the scope."""
    return applications(scope).get(pk=pk)


def filtered(scope: Scope, wanted: dict) -> QuerySet:
    """Narrowed by ``look`` (of ``LOOKS``), ``branch`` (a key), ``org`` (and below), ``q``."""
    found = applications(scope)
    if wanted.get("look") in LOOKS:
        found = found.filter(LOOKS[wanted["look"]])
    if wanted.get("branch"):
        found = found.filter(branch=wanted["branch"])
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    if text := (wanted.get("q") or "").strip():
        found = found.filter(branch__name__icontains=text)
    return found.order_by("-pk")


def tally(scope: Scope) -> dict[str, int]:
    """Look → how many, in one query."""
    return Application.objects.visible_to(scope).aggregate(**{look: Count("pk", filter=condition) for look, condition in LOOKS.items()})


def to_look_back(found: QuerySet, today: date) -> QuerySet:
    """Of applications: names held a year or longer since they were given or last looked at, not drawn already."""
    since = months_on(today, -12)
    return found.filter(state=ApplicationState.NAMED, named_on__lte=since).exclude(looked_back_on__gt=since).exclude(DRAWN)


def present(branch: Branch) -> Application | None:
    """The one under way, or the name held; else the last."""
    return Application.objects.filter(branch=branch).select_related("standard").order_by("-pk").first()


def scores(case: Application) -> list[ItemScore]:
    """In the order of the standard, each with its ``papers``."""
    papers = Prefetch("papers", queryset=ItemPaper.objects.select_related("file"))
    return list(ItemScore.objects.filter(application=case).select_related("item").prefetch_related(papers).order_by("item__order"))


def steps(case: Application) -> QuerySet:
    return ApplicationStep.objects.filter(case=case).select_related("by").order_by("pk")


def objections(case: Application) -> QuerySet:
    return Objection.objects.filter(application=case).select_related("answered_by").order_by("pk")


def objection(case: Application, pk: int) -> Objection:
    """Raises ``Objection.DoesNotExist``."""
    return Objection.objects.get(application=case, pk=pk)


def evidence(case: Application) -> QuerySet:
    """All its files; the name of each begins with the number of its item."""
    return StoredFile.objects.filter(label=EVIDENCE, subject_id=case.pk).order_by("pk")


def standard_in_force() -> Standard | None:
    return Standard.objects.filter(state=StandardState.IN_FORCE).first()


def standards() -> QuerySet:
    return Standard.objects.annotate(used=Count("applications", distinct=True), lines=Count("items", distinct=True)).order_by("-pk")


def total_of(standard: Standard) -> Decimal:
    return sum((item.points for item in standard.items.all()), Decimal(0))


@dataclass(frozen=True)
class PublicName:
    """What the page of 公示 shows."""

    branch: str
    org: str
    campaign: str
    first: date
    last: date
    open: bool


def public_name(key: UUID, today: date) -> PublicName:
    """Only while it is shown, or afterwards as over. Raises ``Application.DoesNotExist``."""
    with system_scope("public names"):
        case = Application.objects.select_related("branch", "org", "standard").get(public_key=key, public_from__isnull=False)
        running = case.state == ApplicationState.PUBLIC and case.public_from <= today <= case.public_to
        return PublicName(case.branch.name, case.org.name, case.standard.campaign, case.public_from, case.public_to, running)


@dataclass(frozen=True)
class Coverage:
    """Of a place: branches that may be named, those that hold the name, those never inspected, and the share in whole per cent, cut."""

    org: Organization
    eligible: int
    named: int
    fresh: int

    @property
    def share(self) -> int | None:
        return self.named * 100 // self.eligible if self.eligible else None


def coverage(scope: Scope, places: list[Organization]) -> list[Coverage]:
    """One row per place, places without branches left out."""
    found = []
    owing = Branch.objects.visible_to(scope).filter(kind__in=HOLDING, dissolved_on=None)
    for org in places:
        here = owing.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
        held, seen = Q(applications__state__in=("named", "yellow")), Q(inspections__state="done")
        row = here.aggregate(eligible=Count("pk", distinct=True), named=Count("pk", filter=held, distinct=True), seen=Count("pk", filter=seen, distinct=True))
        if row["eligible"]:
            found.append(Coverage(org, row["eligible"], row["named"], row["eligible"] - row["seen"]))
    return found


def curve(years: dict[int, int], whole: int, today: date, ahead: int = 3) -> dict:
    """Names held, year by year, and where the mean pace of those years leads: a chart. Years still to come stand apart. ``whole``: branches that may be named."""
    first = min(years, default=today.year)
    past, rows, total = range(first, today.year + 1), [], 0
    for year in past:
        total += years.get(year, 0)
        rows.append(total)
    pace = total / len(past)
    coming = [min(whole, round(total + pace * n)) for n in range(1, ahead + 1)]
    return {
        "kind": "line", "unit": "个", "head": "年度", "categories": [f"{first + n} 年" for n in range(len(rows) + ahead)],
        "series": [
            {"name": "已命名（累计）", "data": rows + [None] * ahead}, {"name": "照此速度", "data": [None] * (len(rows) - 1) + [total, *coming]},
            {"name": "应覆盖", "data": [whole] * (len(rows) + ahead)},
        ],
    }  # fmt: skip


def named_by_year(scope: Scope) -> dict[int, int]:
    """Year → names given that still stand."""
    rows = Application.objects.visible_to(scope).filter(state__in=("named", "yellow")).order_by().values("named_on__year").annotate(n=Count("pk"))
    return {row["named_on__year"]: row["n"] for row in rows}
