"""Reading what is due: whole, in pages, and counted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import CharField, Count, DateField, F, Q, Value

from apps.care.models import FrequencyRule, ServicePlan, Stage, StageRule, ToDo
from apps.care.reminders.deputies import stands_in_for
from apps.care.reminders.rules import RULES, DutyRule
from apps.core.scope import Scope

NOBODY = "nobody"
"""As ``worker``: plans without a person responsible."""
COLUMNS = ("due_on", "key", "rule", "cadre_id", "org_path", "worker_id", "attention_class", "last_on", "title", "source")
ONCE = "once"
"""As rule of a duty: it is a to-do, its ``key`` the to-do's."""


@dataclass(frozen=True)
class Duty:
    """One thing owed to one person: by a plan's rhythm (``key`` is the plan's) or as a to-do (``key`` the to-do's, ``title`` what it is, ``source`` what it comes from).

    ``days_late`` is negative before the due day; ``interval`` in days and ``last_on`` (``None`` if never yet) belong to the rhythm.
    """

    due_on: date
    key: int
    rule: str
    cadre_id: int
    org_path: str
    worker_id: int | None
    attention_class: str
    last_on: date | None
    title: str
    source: str
    days_late: int
    interval: int | None

    @property
    def is_todo(self) -> bool:
        return self.rule == ONCE

    @property
    def name(self) -> str:
        return self.title or RULES[self.rule].name

    @property
    def cursor(self) -> str:
        return f"{self.due_on:%Y%m%d}-{self.key}-{self.rule}"


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


def owed_todos(scope: Scope, *, today: date, until: date, worker=None):
    """Open to-dos that show by ``today`` and are due up to ``until``."""
    found = ToDo.objects.visible_to(scope).filter(state="open", opens_on__lte=today, due_on__lte=until)
    return found if worker is None else found.filter(worker=None if worker == NOBODY else worker)


def owed(scope: Scope, rule: DutyRule, *, until: date, worker=None):
    """Plans that owe ``rule`` up to ``until``; the building block of everything below, and of the figures."""
    plans = ServicePlan.objects.visible_to(scope).filter(rule.binds, state="active", **{f"{rule.due}__lte": until})
    return plans if worker is None else plans.filter(worker=None if worker == NOBODY else worker)


def duties_due(
    scope: Scope, *, today: date, worker=None, unassigned: bool = False, only: tuple[str, ...] = (), since: date | None = None,
    until: date | None = None, overdue_only: bool = False, after: str = "", limit: int | None = None, away: Collection[int] | None = None,
):  # fmt: skip
    """One union over the rules, oldest first: dictionaries with ``COLUMNS``. ``until`` defaults to the horizon; ``after`` is a cursor.

    ``worker``: whose (``None``: everybody's, ``NOBODY``: those without one), with those of whoever that worker stands in for today; ``unassigned`` adds
    those without one to a worker's own. ``away``: whom the worker stands in for, where the caller has asked already.
    ``only`` names rules, ``ONCE`` among them. With ``limit`` each branch reads no more than that many rows, so that a page costs the same at a million plans.
    """
    last_day = today - timedelta(days=1) if overdue_only else (until or horizon(today))
    whose = _whose(worker, unassigned, today, away)
    rules = [rule for rule in RULES.values() if not only or rule.key in only]
    branches = [_branch(scope, rule, since, last_day, who, after, limit) for rule in rules for who in whose]
    if not only or ONCE in only:
        branches += [_todos(scope, today, since, last_day, who, after, limit) for who in whose]
    found = branches[0].union(*branches[1:], all=True).order_by("due_on", "key", "rule")
    return found[:limit] if limit else found


def _whose(worker, unassigned: bool, today: date, away: Collection[int] | None) -> tuple:
    """``worker`` and those the worker stands in for, and ``NOBODY``."""
    if worker is None or worker == NOBODY:
        return (worker,)
    return (worker, *(stands_in_for(worker, today) if away is None else away), *((NOBODY,) if unassigned else ()))


def _branch(scope: Scope, rule: DutyRule, since: date | None, until: date, worker, after: str, limit: int | None):
    plans = owed(scope, rule, until=until, worker=worker)
    if since:
        plans = plans.filter(**{f"{rule.due}__gte": since})
    if after:
        plans = plans.filter(_behind(rule.key, rule.due, after))
    nothing = Value("", output_field=CharField())
    rows = plans.annotate(due_on=F(rule.due), key=F("pk"), rule=Value(rule.key, output_field=CharField()), last_on=F(rule.last), title=nothing, source=nothing).values(*COLUMNS)
    rows = rows.order_by("due_on", "key")
    return rows[:limit] if limit else rows.order_by()


def _todos(scope: Scope, today: date, since: date | None, until: date, worker, after: str, limit: int | None):
    found = owed_todos(scope, today=today, until=until, worker=worker)
    if since:
        found = found.filter(due_on__gte=since)
    if after:
        found = found.filter(_behind(ONCE, "due_on", after))
    rows = found.annotate(
        key=F("pk"), duty=Value(ONCE, output_field=CharField()), attention_class=F("cadre__attention_class"), last_on=Value(None, output_field=DateField())
    ).values("due_on", "key", "duty", "cadre_id", "org_path", "worker_id", "attention_class", "last_on", "title", "source")
    rows = rows.order_by("due_on", "pk")
    return rows[:limit] if limit else rows.order_by()


def _behind(rule: str, due: str, after: str) -> Q:
    """Rows behind the cursor in the order (due day, key, rule). A spoilt cursor raises ``ValueError``."""
    day, key, last = after.split("-", 2)
    on = date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    same_day = Q(pk__gte=int(key)) if rule > last else Q(pk__gt=int(key))
    return Q(**{f"{due}__gte": on}) & (Q(**{f"{due}__gt": on}) | same_day)


def page_of_duties(scope: Scope, *, today: date, limit: int = 50, **which) -> Page:
    """Up to ``limit`` duties behind the cursor ``after``, oldest first, with lateness and interval; ``which`` as for ``duties_due``."""
    rows = list(duties_due(scope, today=today, limit=limit + 1, **which))
    rules = frequencies(today)
    duties = [_duty(row, today, rules) for row in rows[:limit]]
    return Page(duties, duties[-1].cursor if len(rows) > limit else "")


def _duty(row: dict, today: date, rules: dict[str, FrequencyRule]) -> Duty:
    frequency = rules.get(row["attention_class"])
    interval = getattr(frequency, RULES[row["rule"]].interval) if frequency and row["rule"] in RULES else None
    return Duty(**row, days_late=(today - row["due_on"]).days, interval=interval)


def counts(scope: Scope, *, today: date, worker=None, unassigned: bool = False, until: date | None = None, away: Collection[int] | None = None) -> Counts:
    """How many duties are late, due today and coming, over all rules, in two queries; ``worker``, ``unassigned`` and ``away`` as for ``duties_due``."""
    last_day = until or horizon(today)
    plans, todos = ServicePlan.objects.visible_to(scope).filter(state="active"), owed_todos(scope, today=today, until=last_day)
    if worker is not None:
        whose = _whose(worker, unassigned, today, away)
        own = Q(worker__in=[one for one in whose if one != NOBODY]) | (Q(worker=None) if NOBODY in whose else Q())
        plans, todos = plans.filter(own), todos.filter(own)
    wanted = {name: count for field in ("visit_due_on", "contact_due_on") for name, count in _counted(field, today, last_day).items()}
    found = plans.filter(Q(visit_due_on__lte=last_day) | Q(contact_due_on__lte=last_day)).aggregate(**wanted)
    found |= todos.aggregate(**_counted("due_on", today, last_day))
    return Counts(*(sum(found[f"{field}_{name}"] for field in ("visit_due_on", "contact_due_on", "due_on")) for name in ("overdue", "today", "coming")))


def _counted(field: str, today: date, last_day: date) -> dict[str, Count]:
    return {
        f"{field}_overdue": Count("pk", filter=Q(**{f"{field}__lt": today})),
        f"{field}_today": Count("pk", filter=Q(**{field: today})),
        f"{field}_coming": Count("pk", filter=Q(**{f"{field}__gt": today, f"{field}__lte": last_day})),
    }
