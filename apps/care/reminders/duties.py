"""Reading what is due: whole, in pages, and counted."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import CharField, Count, F, Q, Value

from apps.care.models import FrequencyRule, ServicePlan, Stage, StageRule
from apps.care.reminders.rules import RULES, DutyRule
from apps.core.scope import Scope

NOBODY = "nobody"
"""As ``worker``: plans without a person responsible."""
COLUMNS = ("due_on", "plan_id", "rule", "cadre_id", "org_path", "worker_id", "attention_class", "starts_on", "last_on")


@dataclass(frozen=True)
class Duty:
    """One thing owed to one person. ``days_late`` is negative before the due day; ``interval`` in days; ``last_on`` ``None`` if never yet."""

    due_on: date
    plan_id: int
    rule: str
    cadre_id: int
    org_path: str
    worker_id: int | None
    attention_class: str
    starts_on: date
    last_on: date | None
    days_late: int
    interval: int | None

    @property
    def name(self) -> str:
        return RULES[self.rule].name

    @property
    def cursor(self) -> str:
        return f"{self.due_on:%Y%m%d}-{self.plan_id}-{self.rule}"


@dataclass(frozen=True)
class Page:
    """Part of the list; ``after`` is the cursor of the next part, empty at the end."""

    duties: list[Duty]
    after: str


@dataclass(frozen=True)
class Counts:
    """Duties (not people): late, due this very day, and coming up to the horizon."""

    overdue: int
    today: int
    coming: int

    @property
    def total(self) -> int:
        return self.overdue + self.today + self.coming


def horizon(today: date) -> date:
    """Last day of the window the lists look ahead: as far as the 'upcoming' stage opens."""
    rule = StageRule.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), stage=Stage.UPCOMING, valid_from__lte=today).order_by("-valid_from").first()
    return today - timedelta(days=rule.offset_days) if rule else today


def frequencies(today: date) -> dict[str, FrequencyRule]:
    """The rule in force for each class."""
    rules = FrequencyRule.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today).order_by("valid_from")
    return {rule.attention_class: rule for rule in rules}


def owed(scope: Scope, rule: DutyRule, *, until: date, worker=None):
    """Plans that owe ``rule`` up to ``until``; the building block of everything below, and of the figures."""
    plans = ServicePlan.objects.visible_to(scope).filter(rule.binds, state="active", **{f"{rule.due}__lte": until})
    return plans if worker is None else plans.filter(worker=None if worker == NOBODY else worker)


def duties_due(
    scope: Scope, *, today: date, worker=None, unassigned: bool = False, only: tuple[str, ...] = (), since: date | None = None,
    until: date | None = None, overdue_only: bool = False, after: str = "", limit: int | None = None,
):  # fmt: skip
    """One union over the rules, oldest first: dictionaries with ``COLUMNS``. ``until`` defaults to the horizon; ``after`` is a cursor.

    ``worker``: whose (``None``: everybody's, ``NOBODY``: those without one); ``unassigned`` adds the latter to a worker's own.
    ``only`` names rules. With ``limit`` each branch reads no more than that many rows, so that a page costs the same at a million plans.
    """
    last_day = today - timedelta(days=1) if overdue_only else (until or horizon(today))
    whose = (worker, NOBODY) if unassigned and worker is not None else (worker,)
    rules = [rule for rule in RULES.values() if not only or rule.key in only]
    branches = [_branch(scope, rule, since, last_day, who, after, limit) for rule in rules for who in whose]
    found = branches[0].union(*branches[1:], all=True).order_by("due_on", "plan_id", "rule")
    return found[:limit] if limit else found


def _branch(scope: Scope, rule: DutyRule, since: date | None, until: date, worker, after: str, limit: int | None):
    plans = owed(scope, rule, until=until, worker=worker)
    if since:
        plans = plans.filter(**{f"{rule.due}__gte": since})
    if after:
        plans = plans.filter(_behind(rule, after))
    rows = plans.annotate(
        due_on=F(rule.due), plan_id=F("pk"), rule=Value(rule.key, output_field=CharField()), last_on=F(rule.last)
    ).values(*COLUMNS)
    rows = rows.order_by("due_on", "plan_id")
    return rows[:limit] if limit else rows.order_by()


def _behind(rule: DutyRule, after: str) -> Q:
    """Rows behind the cursor in the order (due day, plan, rule). A spoilt cursor raises ``ValueError``."""
    day, plan, key = after.split("-")
    on = date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    same_day = Q(pk__gte=int(plan)) if rule.key > key else Q(pk__gt=int(plan))
    return Q(**{f"{rule.due}__gte": on}) & (Q(**{f"{rule.due}__gt": on}) | same_day)


def page_of_duties(scope: Scope, *, today: date, limit: int = 50, **which) -> Page:
    """Up to ``limit`` duties behind the cursor ``after``, oldest first, with lateness and interval; ``which`` as for ``duties_due``."""
    rows = list(duties_due(scope, today=today, limit=limit + 1, **which))
    rules = frequencies(today)
    duties = [_duty(row, today, rules) for row in rows[:limit]]
    return Page(duties, duties[-1].cursor if len(rows) > limit else "")


def _duty(row: dict, today: date, rules: dict[str, FrequencyRule]) -> Duty:
    frequency = rules.get(row["attention_class"])
    interval = getattr(frequency, RULES[row["rule"]].interval) if frequency else None
    return Duty(**row, days_late=(today - row["due_on"]).days, interval=interval)


def counts(scope: Scope, *, today: date, worker=None, unassigned: bool = False, until: date | None = None) -> Counts:
    """How many duties are late, due today and coming, over all rules, in one query; ``worker`` and ``unassigned`` as for ``duties_due``."""
    last_day = until or horizon(today)
    plans = ServicePlan.objects.visible_to(scope).filter(state="active")
    if worker is not None:
        own = Q(worker=None if worker == NOBODY else worker)
        plans = plans.filter(own | Q(worker=None) if unassigned else own)
    wanted = {}
    for field in ("visit_due_on", "contact_due_on"):
        wanted[f"{field}_overdue"] = Count("pk", filter=Q(**{f"{field}__lt": today}))
        wanted[f"{field}_today"] = Count("pk", filter=Q(**{field: today}))
        wanted[f"{field}_coming"] = Count("pk", filter=Q(**{f"{field}__gt": today, f"{field}__lte": last_day}))
    found = plans.filter(Q(visit_due_on__lte=last_day) | Q(contact_due_on__lte=last_day)).aggregate(**wanted)
    return Counts(*(found[f"visit_due_on_{name}"] + found[f"contact_due_on_{name}"] for name in ("overdue", "today", "coming")))
