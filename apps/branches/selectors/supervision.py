"""Inspections, the ledger of rectifications, draws."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet

from apps.accounts.models import Organization
from apps.branches.models import Branch, Draw, Inspection, InspectionState, Rectification, RectificationStep, RectifyState
from apps.branches.standards import RECTIFY_PROOF
from apps.core.metrics import behind
from apps.core.scope import Scope, upper_bound
from apps.files.models import StoredFile

OPEN = Q(state=RectifyState.OPEN)
AGES = (("age30", "逾期 30 天内", 0, 30), ("age60", "31 至 60 天", 30, 60), ("age90", "61 至 90 天", 60, 90), ("age91", "90 天以上", 90, 10_000))
"""(look, name, more than so many days past the term, at most so many)."""
UNDER_WAY = Q(state__in=(RectifyState.OPEN, RectifyState.REPORTED))


def looks(today: date) -> dict[str, Q]:
    """What the ledger may be narrowed to; ages are days past the term."""
    late = OPEN & Q(due_on__lt=today)
    return {
        "open": OPEN, "late": late, "late30": OPEN & Q(due_on__lt=today - timedelta(days=30)), "supervised": UNDER_WAY & Q(supervised_on__isnull=False),
        "reported": Q(state=RectifyState.REPORTED), "closed": Q(state=RectifyState.CLOSED),
        "recheck": Q(state=RectifyState.CLOSED, recheck_drawn_on__isnull=False, rechecked_on=None),
        "void": Q(state=RectifyState.VOID),
        **{key: OPEN & Q(due_on__lt=today - timedelta(days=more), due_on__gte=today - timedelta(days=most)) for key, _, more, most in AGES},
    }  # fmt: skip


def rectifications(scope: Scope) -> QuerySet:
    return Rectification.objects.visible_to(scope).select_related("branch", "org", "inspection", "ballot", "opened_by", "reported_by", "closed_by")


def rectification(scope: Scope, pk: int) -> Rectification:
    """Raises ``Rectification.DoesNotExist`` outside the scope."""
    return rectifications(scope).get(pk=pk)


def filtered(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Narrowed by ``look`` (without it: what is under way), ``source``, ``matter``, ``branch`` (a key), ``org`` (and below), ``q``."""
    found = rectifications(scope)
    if wanted.get("metric"):
        found = behind(found, scope, wanted["metric"], wanted.get("period", ""), today)
    look = wanted.get("look", "all" if wanted.get("metric") else "")
    found = found.filter(looks(today)[look] if look in looks(today) else UNDER_WAY if look != "all" else Q())
    for name in ("source", "matter", "branch"):
        if wanted.get(name):
            found = found.filter(**{name: wanted[name]})
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    if text := (wanted.get("q") or "").strip():
        found = found.filter(Q(problem__icontains=text) | Q(branch__name__icontains=text))
    return found.order_by(F("supervised_on").asc(nulls_last=True), "due_on", "pk")


def tally(scope: Scope, today: date) -> dict[str, int]:
    """Look → how many, in one query."""
    found = Rectification.objects.visible_to(scope)
    return found.aggregate(**{key: Count("pk", filter=condition) for key, condition in looks(today).items()})


@dataclass(frozen=True)
class Ageing:
    """A place: under way, not late, late by ages (look → how many)."""

    org: Organization
    under_way: int
    in_time: int
    late: dict[str, int]

    @property
    def cells(self) -> list[tuple[str, str, int]]:
        """(look, name, how many) for each age."""
        return [(key, name, self.late[key]) for key, name, *_ in AGES]


def ageing(scope: Scope, places: list[Organization], today: date) -> list[Ageing]:
    """Rectifications under way by place and age; places without any are left out. Those reported wait for whoever closes them and count as in time."""
    found, wanted = Rectification.objects.visible_to(scope).filter(UNDER_WAY).order_by(), looks(today)
    counts = {key: Count("pk", filter=wanted[key]) for key, *_ in AGES}
    rows = []
    for org in places:
        row = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path)).aggregate(n=Count("pk"), **counts)
        if n := row.pop("n"):
            rows.append(Ageing(org, n, n - sum(row.values()), row))
    return rows


def steps(case: Rectification) -> QuerySet:
    return RectificationStep.objects.filter(case=case).select_related("by").order_by("pk")


def proofs(case: Rectification) -> QuerySet:
    return StoredFile.objects.filter(label=RECTIFY_PROOF, subject_id=case.pk).order_by("pk")


def to_recheck(found: QuerySet, today: date) -> QuerySet:
    """Closed ones whose time has come and that no draw has taken yet."""
    return found.filter(state=RectifyState.CLOSED, recheck_due_on__lte=today, recheck_drawn_on=None, rechecked_on=None)


def of_branch(scope: Scope, branch: Branch) -> QuerySet:
    return rectifications(scope).filter(UNDER_WAY, branch=branch).order_by("due_on", "pk")


def inspections(scope: Scope) -> QuerySet:
    return Inspection.objects.visible_to(scope).select_related("branch", "org", "draw", "created_by", "recorded_by")


def inspection(scope: Scope, pk: int) -> Inspection:
    """Raises ``Inspection.DoesNotExist`` outside the scope."""
    return inspections(scope).get(pk=pk)


def inspections_filtered(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Narrowed by ``kind``, ``state`` ("over": planned for a day that has passed), ``branch``, ``year``; each with ``found``: how many problems."""
    found = inspections(scope).annotate(found=Count("rectifications"))
    for name in ("kind", "branch"):
        if wanted.get(name):
            found = found.filter(**{name: wanted[name]})
    if wanted.get("year"):
        found = found.filter(planned_on__year=wanted["year"])
    state = wanted.get("state", "")
    if state == "over":
        found = found.filter(state=InspectionState.PLANNED, planned_on__lt=today)
    elif state in InspectionState.values:
        found = found.filter(state=state)
    return found.order_by("-planned_on", "-pk")


def announced(scope: Scope, rights, inspect: str) -> QuerySet:
    """Inspections one may know of: a random one yet to come only whoever inspects."""
    found = inspections(scope)
    return found if inspect in rights else found.exclude(kind="random", state=InspectionState.PLANNED)


def never_inspected(scope: Scope) -> QuerySet:
    """Existing branches nobody has inspected yet."""
    return Branch.objects.visible_to(scope).filter(dissolved_on=None).exclude(inspections__state=InspectionState.DONE).order_by("org_path", "name")


def draws(scope: Scope) -> QuerySet:
    return Draw.objects.visible_to(scope).select_related("drawn_by", "org")


def draw(scope: Scope, pk: int) -> Draw:
    """Raises ``Draw.DoesNotExist`` outside the scope."""
    return draws(scope).get(pk=pk)
