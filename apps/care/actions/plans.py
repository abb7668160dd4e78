"""Opening plans and changing what stands in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.activity import audit
from apps.cadres.models import Standing
from apps.care.actions.ending import void_handovers
from apps.care.actions.opening import INSERT_COLUMNS, carry_decisions, carry_items, carry_ledger, follow_present, new_plans
from apps.care.actions.parts import follow_items
from apps.care.actions.todos import close_todos
from apps.care.models import ItemState, PlanItem, PlanState, Reminder, ServicePlan, ToDo, ToDoState
from apps.care.reminders import settle
from apps.care.selectors.plans import people_without_plan
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope

__all__ = ["INSERT_COLUMNS", "Opened", "assign_worker", "begin_year", "close_plans", "edit_plan", "locked", "open_plans", "reopen_plans"]


AT_ONCE = 2000
"""Drafts that begin in one transaction."""


@dataclass(frozen=True)
class Opened:
    """``opened`` plans, of which ``carried`` took last year's class over; ``items`` open items went with them; ``plan_ids`` in order of opening."""

    opened: int
    carried: int
    items: int
    plan_ids: list[int]


@transaction.atomic
def open_plans(*, scope: Scope, year: int, by, today: date, cadres: QuerySet | Iterable[int] | None = None) -> Opened:
    """Open a plan of ``year`` for everybody on the register in ``scope`` (or those of ``cadres``) who has none, in one statement.

    Last year's class, responsible person, wishes and open items go with the person; who had no plan gets the class the record suggests,
    undecided. Earlier plans of these people are closed. Plans of the next year are drafts: this year's go on until ``begin_year``.
    ``Refused`` for any year but this one and the next.
    """
    if year not in (today.year, today.year + 1):
        raise Refused(f"只能建立 {today.year} 年和 {today.year + 1} 年的方案。", code="year_out_of_range", field="year")
    people = people_without_plan(scope, year)
    if cadres is not None:
        people = people.filter(pk__in=cadres)
    sql, parameters = new_plans(people, year=year, by=by, today=today)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO care_serviceplan ({', '.join(INSERT_COLUMNS)}) {sql} ON CONFLICT (cadre_id, year) DO NOTHING RETURNING id", parameters)
        made = [row[0] for row in cursor.fetchall()]
    if not made:
        return Opened(0, 0, 0, [])
    if year > today.year:
        audit.record("plan.opened", by=by, note=f"{year} 年草案 {len(made)} 份", data={"year": year, "opened": len(made), "draft": True})
        return Opened(len(made), 0, 0, made)
    carried, items = _take_over(made, year=year, by=by, today=today)
    audit.record("plan.opened", by=by, note=f"{year} 年方案 {len(made)} 份", data={"year": year, "opened": len(made), "carried": carried, "items": items})
    return Opened(len(made), carried, items, made)


def _take_over(made: list[int], *, year: int, by, today: date) -> tuple[int, int]:
    """New plans take the place of these people's earlier ones; returns (classes, items) that went along."""
    carried = carry_decisions(made, by=by, today=today)
    items = carry_items(made, year=year, by=by)
    settle(made, today=today)
    carry_ledger(made)
    close_plans(plans=ServicePlan.objects.filter(cadre__plans__in=made, year__lt=year, state=PlanState.ACTIVE), note=f"转入 {year} 年方案", by=by)
    return carried, items


@transaction.atomic
def begin_year(*, today: date, most: int = AT_ONCE) -> int:
    """Up to ``most`` drafts whose year has come take the place of the plans in force: once, whoever runs it, on whatever day of the year. Returns how many.

    Who has left the register meanwhile keeps an idle draft. Run in the whole scope, again until it returns 0.
    """
    due = ServicePlan.objects.filter(state=PlanState.DRAFT, year__lte=today.year, cadre__standing=Standing.ACTIVE, created_by__isnull=False)
    begun: dict[tuple[int, int], list[int]] = {}
    for pk, year, by in due.select_for_update(of=("self",)).order_by("year", "pk").values_list("pk", "year", "created_by")[:most]:
        begun.setdefault((year, by), []).append(pk)
    for (year, by), keys in begun.items():
        author = User.objects.get(pk=by)
        follow_present(keys)
        ServicePlan.objects.filter(pk__in=keys).update(state=PlanState.ACTIVE, version=F("version") + 1)
        carried, items = _take_over(keys, year=year, by=author, today=today)
        data = {"year": year, "begun": len(keys), "carried": carried, "items": items}
        audit.record("plan.opened", by=author, note=f"{year} 年方案 {len(keys)} 份开始执行", data=data)
    return sum(len(keys) for keys in begun.values())


def locked(plan: ServicePlan, version: int | None = None, *, draft: bool = False) -> ServicePlan:
    """The plan under a row lock; ``draft``: one of next year will do. ``Stale`` when it has another version than the form was made with, ``Refused`` when it is closed."""
    held = ServicePlan.objects.select_for_update(of=("self",)).select_related("cadre", "org").get(pk=plan.pk)
    if version is not None and held.version != version:
        raise Stale()
    if held.state == PlanState.DRAFT and not draft:
        raise Refused("这是下一年的草案，类别、责任人和意愿到时跟着现行方案走，请在现行方案里改。", code="plan_draft")
    if held.state == PlanState.CLOSED:
        raise Refused("这份方案已经终止，不能再改。", code="plan_closed")
    return held


@transaction.atomic
def edit_plan(
    *, plan: ServicePlan, wishes: str, away: bool, by, today: date, version: int | None = None, community: str | None = None, lunar_birthday: bool | None = None
) -> ServicePlan:
    """Change what the person wishes, the community, the calendar of the birthday (None: as before), and whether the rule for those settled elsewhere
    (易地安置) binds. Raises ``Stale``, ``Refused``."""
    held = locked(plan, version)
    wanted = {"wishes": wishes, "away": away, "community": community, "lunar_birthday": lunar_birthday}
    changed = [name for name, value in wanted.items() if value is not None and getattr(held, name) != value]
    if not changed:
        return held
    for name in changed:
        setattr(held, name, wanted[name])
    held.version += 1
    held.save(update_fields=[*changed, "version"])
    if "away" in changed:
        settle([held.pk], today=today)
        held.refresh_from_db()
    audit.record("plan.changed", held, by=by, data={"fields": changed}, title=str(held.cadre))
    return held


@transaction.atomic
def assign_worker(*, scope: Scope, plan_ids: Iterable[int], worker, by, version: int | None = None) -> int:
    """Give these active plans (those inside ``scope``) to ``worker`` (``None``: to nobody); whoever had them is reminded no more.

    ``version`` guards the form of a single plan. Returns how many changed hands. Raises ``Stale``.
    """
    plans = ServicePlan.objects.visible_to(scope).filter(pk__in=plan_ids, state=PlanState.ACTIVE).select_for_update(of=("self",))
    found = {plan.pk: plan for plan in plans}
    if version is not None and any(plan.version != version for plan in found.values()):
        raise Stale()
    moving = [plan.pk for plan in found.values() if plan.worker_id != getattr(worker, "pk", None)]
    if moving:
        Reminder.objects.filter(plan__in=moving, user=F("plan__worker"), digest=None, settled_at=None).update(settled_at=timezone.now())
        ServicePlan.objects.filter(pk__in=moving).update(worker=worker, version=F("version") + 1)
        void_handovers(cadres=[found[pk].cadre_id for pk in moving], reason="责任人已另行指定", by=by)
        name = str(worker) if worker else "（未指定）"
        single = found[moving[0]] if len(moving) == 1 else None
        audit.record("plan.changed", single, by=by, note=f"责任人改为{name}，{len(moving)} 人", data={"worker": getattr(worker, "pk", None), "plans": len(moving)})
    return len(moving)


@transaction.atomic
def close_plans(*, plans: QuerySet, note: str, by) -> int:
    """Close these plans: they owe nothing more, their open items are dropped with ``note``, their reminders settled. Returns how many."""
    keys = list(plans.values_list("pk", flat=True))
    if not keys:
        return 0
    now = timezone.now()
    dropped = list(PlanItem.objects.filter(plan__in=keys, state=ItemState.OPEN).values_list("pk", flat=True))
    PlanItem.objects.filter(plan__in=keys, state=ItemState.OPEN).update(state=ItemState.DROPPED, result=note, closed_at=now, closed_by=by, version=F("version") + 1)
    Reminder.objects.filter(plan__in=keys, settled_at=None).update(settled_at=now)
    close_todos(todos=ToDo.objects.filter(item__plan__in=keys), note=note, by=by)
    closed = ServicePlan.objects.filter(pk__in=keys).update(state=PlanState.CLOSED, contact_due_on=None, visit_due_on=None, version=F("version") + 1)
    follow_items(dropped)
    on = ServicePlan.objects.filter(cadre=OuterRef("cadre"), state=PlanState.ACTIVE)
    void_handovers(cadres=ServicePlan.objects.filter(~Exists(on), pk__in=keys).values("cadre"), reason=note, by=by)
    return closed


@transaction.atomic
def reopen_plans(*, plans: QuerySet, notes: tuple[str, ...], today: date) -> int:
    """Undo ``close_plans`` for these plans: items dropped with exactly one of ``notes`` are open again, due days settled."""
    keys = list(plans.filter(state=PlanState.CLOSED).values_list("pk", flat=True))
    dropped = PlanItem.objects.filter(plan__in=keys, state=ItemState.DROPPED, result__in=notes)
    again_open = list(dropped.values_list("pk", flat=True))
    dropped.update(state=ItemState.OPEN, result="", closed_at=None, closed_by=None, version=F("version") + 1)
    again = ToDo.objects.filter(item__plan__in=keys, state=ToDoState.CLOSED, done_on=None, result__in=notes)
    again.update(state=ToDoState.OPEN, result="", done_by=None, version=F("version") + 1)
    ahead = ServicePlan.objects.filter(pk__in=keys, year__gt=today.year).update(state=PlanState.DRAFT, version=F("version") + 1)
    reopened = ahead + ServicePlan.objects.filter(pk__in=keys, year__lte=today.year).update(state=PlanState.ACTIVE, version=F("version") + 1)
    follow_items(again_open)
    settle(keys, today=today)
    return reopened
