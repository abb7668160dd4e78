"""Applications for aid, their trail and papers; standards and budgets."""

from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from apps.accounts.models import Level, Organization
from apps.accounts.permissions import Right
from apps.accounts.selectors import ancestors, organizations
from apps.cadres.models import Cadre, Standing, Survivor
from apps.care.models import AidBudget, AidStandard, CaseState, CaseStep, HardshipCase
from apps.care.models.aid import GRANTED, OPEN, WAITING, WRITABLE
from apps.care.selectors.people import people_named
from apps.care.selectors.rules import in_force
from apps.core.metrics import behind
from apps.core.scope import Scope, upper_bound
from apps.files.models import StoredFile

PROOF_LABEL, RECEIPT_LABEL = "care.aid", "care.aid.receipt"
TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "waiting": ("办理中", WAITING),
    "approved": ("待发放", (CaseState.APPROVED,)),
    "paid": ("待回执", (CaseState.PAID,)),
    "receipted": ("已办结", (CaseState.RECEIPTED,)),
    "writing": ("草稿与退回", WRITABLE),
    "ended": ("未批准与撤回", (CaseState.REFUSED, CaseState.WITHDRAWN)),
    "granted": ("已批准的", GRANTED),
}
"""Tab → its title and the states it shows. ``granted`` is no tab but what figures and the register link to."""
REGIONS = (Level.COUNTRY, Level.PROVINCE, Level.CITY, Level.COUNTY)


def cases(scope: Scope) -> QuerySet:
    return HardshipCase.objects.visible_to(scope).select_related("cadre", "survivor", "org", "standard", "budget_org")


def case(scope: Scope, pk: int) -> HardshipCase:
    """Raises ``HardshipCase.DoesNotExist`` outside the scope."""
    people = ("created_by", "applied_by", "reviewed_by", "approved_by", "paid_by", "follows")
    return cases(scope).select_related(*people).get(pk=pk)


def filtered(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Cases narrowed by the cleaned values of the list's filters; blank ones are ignored.

    Keys: ``org`` (Organization), ``year``, ``kind``, ``tab`` (of ``TABS``), ``since``/``until`` (day of approval), ``metric`` with ``period``, ``q`` (the person or the survivor).
    """
    found = cases(scope)
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    if wanted.get("metric"):
        found = behind(found, scope, wanted["metric"], wanted.get("period", ""), today)
    found = found.filter(**{name: wanted[name] for name in ("year", "kind", "cadre") if wanted.get(name)})
    if wanted.get("tab") in TABS:
        found = found.filter(state__in=TABS[wanted["tab"]][1])
    if text := (wanted.get("q") or "").strip():
        found = found.filter(Q(cadre__in=people_named(scope, text)) | Q(survivor__name__startswith=text))
    return found


def counts(found: QuerySet) -> dict[str, int]:
    """How many of these stand in each tab, one query; ``all`` of them."""
    wanted = {tab: Count("pk", filter=Q(state__in=states)) for tab, (_, states) in TABS.items()}
    return found.order_by().aggregate(all=Count("pk"), **wanted)


def waiting_for(scope: Scope, rights: frozenset[Right], user, today: date) -> QuerySet:
    """Cases whose next step is this person's and can be taken today: neither applied nor reviewed by him where somebody else must look."""
    mine = Q(created_by=user) | Q(applied_by=user)
    wanted = Q(pk__in=[])
    if Right.AID_REVIEW in rights:
        wanted |= Q(state=CaseState.APPLIED) & ~mine
    if Right.AID_APPROVE in rights:
        ready = Q(state=CaseState.PUBLISHED, publicity_ends_on__lt=today) | Q(state=CaseState.FIRST_REVIEWED, standard__publicity_days=0)
        wanted |= ready & ~mine & ~Q(reviewed_by=user)
    if Right.AID_APPLY in rights:
        wanted |= Q(state=CaseState.APPROVED) | Q(state=CaseState.RETURNED, created_by=user)
    return HardshipCase.objects.visible_to(scope).filter(wanted)


def steps(case: HardshipCase) -> QuerySet:
    return CaseStep.objects.filter(case=case).select_related("by").order_by("-pk")


def papers(case: HardshipCase, label: str = PROOF_LABEL) -> QuerySet:
    return StoredFile.objects.filter(label=label, subject_id=case.pk).order_by("pk")


def paper(case: HardshipCase, key) -> StoredFile:
    """A proof of this case. Raises ``StoredFile.DoesNotExist``."""
    return papers(case).get(key=key)


def cases_of(scope: Scope, cadre_id: int) -> QuerySet:
    """Everything ever asked for one person or his survivors, latest first."""
    return cases(scope).filter(cadre=cadre_id).order_by("-pk")


def granted_already(case: HardshipCase) -> QuerySet:
    """Other grants of the same person in the same year."""
    return HardshipCase.objects.filter(cadre=case.cadre_id, survivor=case.survivor_id, year=case.year, state__in=GRANTED).exclude(pk=case.pk)


def open_already(cadre: Cadre, survivor: Survivor | None, year: int) -> HardshipCase | None:
    """An application of this person that is under way in this year."""
    return HardshipCase.objects.filter(cadre=cadre, survivor=survivor, year=year, state__in=OPEN).order_by("pk").first()


def in_publicity(scope: Scope, today: date) -> QuerySet:
    return cases(scope).filter(state=CaseState.PUBLISHED, publicity_ends_on__gte=today).order_by("org_path", "pk")


def successor(case: HardshipCase) -> HardshipCase | None:
    """The application of a survivor that goes on from this one."""
    return HardshipCase.objects.filter(follows=case).exclude(state=CaseState.WITHDRAWN).order_by("pk").first()


def people_to_help(scope: Scope, text: str, limit: int = 20) -> list[Cadre]:
    """Whom one may apply for, by whatever the search box takes; of the dead those who left somebody."""
    left = Survivor.objects.filter(cadre=OuterRef("pk"), alive=True)
    found = people_named(scope, text).filter(Q(standing=Standing.ACTIVE) | Q(Exists(left), standing=Standing.DECEASED))
    return list(found.select_related("org").order_by("name_sort", "pk")[:limit])


def standard(kind: str, day: date) -> AidStandard | None:
    """What a kind may amount to on a day; the later start wins where two overlap."""
    return in_force(AidStandard.objects.filter(kind=kind), day).order_by("-valid_from").first()


def standards(day: date) -> dict[str, AidStandard]:
    """Kind → the standard in force. One query."""
    return {one.kind: one for one in in_force(AidStandard.objects.order_by("valid_from"), day)}


def standard_history() -> QuerySet:
    return AidStandard.objects.order_by("kind", "-valid_from")


def budget_place(org: Organization) -> Organization:
    """Whose money people of an organisation are helped with: its county's, or the city's where it hangs on the city itself."""
    return next(place for place in reversed(ancestors(org)) if place.level in REGIONS)


def budgets(scope: Scope, year: int) -> QuerySet:
    return AidBudget.objects.visible_to(scope).filter(year=year).select_related("org").order_by("org_path")


def budget(scope: Scope, pk: int) -> AidBudget:
    """Raises ``AidBudget.DoesNotExist`` outside the scope."""
    return AidBudget.objects.visible_to(scope).select_related("org").get(pk=pk)


def budget_of(place: Organization, year: int) -> AidBudget | None:
    return AidBudget.objects.filter(org=place, year=year).first()


def budget_places(scope: Scope) -> QuerySet:
    return organizations(scope).filter(level__in=(Level.PROVINCE, Level.CITY, Level.COUNTY))


def money(scope: Scope, year: int) -> dict[str, Decimal]:
    """``amount``, ``spent``, ``remaining`` of the budgets in the scope, in 元."""
    found = budgets(scope, year).order_by().aggregate(amount=Sum("amount"), spent=Sum("spent"))
    amount, spent = found["amount"] or Decimal(0), found["spent"] or Decimal(0)
    return {"amount": amount, "spent": spent, "remaining": amount - spent}


def granted_by_place(scope: Scope, year: int) -> dict[int, tuple[int, Decimal]]:
    """Budget's organisation → (cases, 元) granted that this scope still sees; the rest has moved away with its people."""
    found = HardshipCase.objects.visible_to(scope).filter(year=year, state__in=GRANTED).order_by().values_list("budget_org")
    return {org: (n, amount) for org, n, amount in found.annotate(n=Count("pk"), total=Sum("amount_granted"))}
