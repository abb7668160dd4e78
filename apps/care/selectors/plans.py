"""Plans, their items and decisions, as lists and one by one."""

from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from apps.cadres.models import Cadre, Standing
from apps.care.models import ClassDecision, EditionState, Frequency, ItemState, PlanEdition, PlanItem, PlanState, ServicePlan, Source, ToDo, ToDoState
from apps.care.selectors.people import people_named
from apps.care.selectors.suggestions import class_only, rules_in_force, with_suggestion
from apps.core.scope import Scope, upper_bound

COUNT_LIMIT = 10_000


def plans(scope: Scope) -> QuerySet:
    return ServicePlan.objects.visible_to(scope).select_related("cadre", "org", "worker")


def plan(scope: Scope, pk: int) -> ServicePlan:
    """Raises ``ServicePlan.DoesNotExist`` outside the scope."""
    return plans(scope).get(pk=pk)


def plan_with_suggestion(scope: Scope, pk: int, today: date) -> tuple[ServicePlan, list]:
    """The plan with ``suggested_class`` and ``says_<n>``, and the rules that were asked."""
    rules = rules_in_force(today)
    return with_suggestion(plans(scope), today, "cadre__", rules).get(pk=pk), rules


def filtered(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Plans narrowed by the cleaned values of the list's filters; blank ones are ignored. Without a year: those of this year.

    Keys: ``year``, ``org`` (Organization), ``attention_class``, ``worker`` (user, or ``"none"``), ``state``, ``undecided``, ``differs`` (class and record
    disagree), ``review`` (to be looked at again), ``unapproved`` (no edition approved), ``q``.
    """
    found = plans(scope).filter(year=wanted.get("year") or today.year)
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    if wanted.get("attention_class"):
        found = found.filter(attention_class=wanted["attention_class"])
    if worker := wanted.get("worker"):
        found = found.filter(worker=None) if worker == "none" else found.filter(worker=worker)
    if wanted.get("state"):
        found = found.filter(state=wanted["state"])
    if wanted.get("undecided"):
        found = found.filter(class_decided=False, state=PlanState.ACTIVE)
    if wanted.get("differs"):
        found = class_only(found, today, "cadre__").filter(state=PlanState.ACTIVE, class_decided=True).exclude(attention_class=F("suggested_class"))
    if wanted.get("unapproved"):
        approved = PlanEdition.objects.filter(plan=OuterRef("pk"), state=EditionState.APPROVED)
        found = found.filter(~Exists(approved), state=PlanState.ACTIVE)
    if wanted.get("review"):
        found = found.filter(Exists(reviews_open(today).filter(cadre=OuterRef("cadre"))), state=PlanState.ACTIVE)
    if text := (wanted.get("q") or "").strip():
        found = found.filter(cadre__in=people_named(scope, text))
    return found


def reviews_open(today: date) -> QuerySet:
    """To-dos that ask to look at a class again and show by ``today``."""
    return ToDo.objects.filter(source=Source.REVIEW, state=ToDoState.OPEN, opens_on__lte=today)


def reviews_of(cadre_id: int, today: date) -> QuerySet:
    return reviews_open(today).filter(cadre=cadre_id).order_by("due_on", "pk")


def page_keys(found: QuerySet, *, after: str = "", before: str = "", size: int = 50) -> tuple[list[int], str, str]:
    """(primary keys in order, previous, next); the cursors are keys as text, "" at the ends. A spoilt cursor counts as none."""
    down, up, keys = _key(after), _key(before), found.select_related(None).values_list("pk", flat=True)
    if up:
        got = list(keys.filter(pk__lt=up).order_by("-pk")[: size + 1])
        more, got = len(got) > size, got[:size][::-1]
        return got, str(got[0]) if got and more else "", str(got[-1]) if got else ""
    got = list((keys.filter(pk__gt=down) if down else keys).order_by("pk")[: size + 1])
    more, got = len(got) > size, got[:size]
    return got, str(got[0]) if got and down else "", str(got[-1]) if more else ""


def page(found: QuerySet, scope: Scope, today: date, rules: list, *, after: str = "", before: str = "") -> tuple[list[ServicePlan], str, str]:
    """(plans with what ``with_suggestion`` adds, previous, next): the order is taken from an index, the rest read for one page only."""
    keys, previous, following = page_keys(found, after=after, before=before)
    rows = with_suggestion(plans(scope).filter(pk__in=keys), today, "cadre__", rules)
    return list(rows.order_by("pk")), previous, following


def _key(cursor: str) -> int:
    return int(cursor) if cursor.isdecimal() and len(cursor) < 19 else 0


def count_up_to(found: QuerySet, limit: int = COUNT_LIMIT) -> tuple[int, bool]:
    """(number, whether it stopped at ``limit``): counting a million rows is not worth a page's wait."""
    n = found.order_by()[: limit + 1].count()
    return min(n, limit), n > limit


def people_without_plan(scope: Scope, year: int) -> QuerySet:
    """People on the register whom nobody has opened a plan of ``year`` for. A person's plan always stands in the person's own place.

    The plan is looked up by person and year alone: with a range of places besides, the planner, who cannot see through the policies,
    compares every person with every plan of the place.
    """
    opened = ServicePlan.objects.filter(cadre=OuterRef("pk"), year=year)
    return Cadre.objects.visible_to(scope).filter(~Exists(opened), standing=Standing.ACTIVE)


def undecided(scope: Scope, year: int) -> QuerySet:
    """Active plans of ``year`` whose class nobody has decided."""
    return ServicePlan.objects.visible_to(scope).filter(state=PlanState.ACTIVE, class_decided=False, year=year)


def counts(scope: Scope, year: int) -> dict[str, int]:
    """Figures above the list, one query: ``total``, ``undecided``, ``unassigned`` and one number per class, of plans in force."""
    wanted = {name: Count("pk", filter=Q(attention_class=name)) for name in ("key", "regular", "routine")}
    wanted |= {"total": Count("pk"), "undecided": Count("pk", filter=Q(class_decided=False)), "unassigned": Count("pk", filter=Q(worker=None))}
    return ServicePlan.objects.visible_to(scope).filter(state=PlanState.ACTIVE, year=year).aggregate(**wanted)


def plan_of(scope: Scope, cadre_id: int, year: int | None = None) -> ServicePlan | None:
    """The person's plan of ``year``, or the newest one that has begun."""
    found = plans(scope).filter(cadre=cadre_id)
    return found.filter(year=year).first() if year else found.exclude(state=PlanState.DRAFT).order_by("-year").first()


def plans_of(scope: Scope, cadre_id: int) -> QuerySet:
    return plans(scope).filter(cadre=cadre_id).order_by("-year")


def decisions(plan: ServicePlan) -> QuerySet:
    return ClassDecision.objects.filter(plan=plan).select_related("by")


def decisions_of(scope: Scope, cadre_id: int) -> QuerySet:
    return ClassDecision.objects.visible_to(scope).filter(plan__cadre=cadre_id).select_related("by", "plan")


def items(plan: ServicePlan) -> list[PlanItem]:
    """Open ones first, by term; then closed ones, latest first."""
    found = list(PlanItem.objects.filter(plan=plan).select_related("worker", "closed_by", "visit"))
    still = [item for item in found if item.state == ItemState.OPEN]
    return still + sorted((item for item in found if item.state != ItemState.OPEN), key=lambda item: item.closed_at, reverse=True)


def open_items(scope: Scope, cadre_id: int, *, without_todo: bool = False) -> QuerySet:
    """What is still owed to the person, whatever plan it stands in; ``without_todo``: what no open to-do stands for already."""
    found = PlanItem.objects.visible_to(scope).filter(plan__cadre=cadre_id, state=ItemState.OPEN).exclude(plan__state=PlanState.DRAFT)
    if without_todo:
        found = found.filter(~Exists(ToDo.objects.filter(item=OuterRef("pk"), state=ToDoState.OPEN)), frequency=Frequency.ONCE)
    return found.select_related("worker", "visit", "plan").order_by(F("due_on").asc(nulls_last=True), "pk")


def item(scope: Scope, pk: int) -> PlanItem:
    """Raises ``PlanItem.DoesNotExist`` outside the scope."""
    return PlanItem.objects.visible_to(scope).select_related("plan__cadre", "worker", "closed_by").get(pk=pk)


def closed_items(scope: Scope, cadre_id: int) -> QuerySet:
    """What was done or dropped, for the timeline; what merely went into the next year's plan is left out."""
    return PlanItem.objects.visible_to(scope).filter(plan__cadre=cadre_id).exclude(state=ItemState.OPEN).exclude(result__startswith="转入")
