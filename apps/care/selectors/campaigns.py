"""Campaigns as a list and one by one, how far they are, and who stands behind each figure."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet

from apps.accounts.models import Organization, User
from apps.cadres.models import RetireKind
from apps.cadres.selectors.codes import CodeBook
from apps.care.models import AttentionClass, Campaign, CampaignState, Source, ToDo, ToDoState
from apps.care.selectors.people import people_named
from apps.core.scope import Scope, above, upper_bound

CODED = {"living": "居住状况", "health": "健康", "self_care": "自理", "residence": "居住地"}
TABLES = {"residence": "residence_kind"}


def campaigns(scope: Scope) -> QuerySet:
    """Campaigns of the scope, and those started above that reach into it."""
    inside = Campaign.objects.visible_to(scope).values("pk")
    return Campaign.objects.filter(Q(pk__in=inside) | Q(org_path__in=above(scope)) & ~Q(state=CampaignState.DRAFT)).select_related("org", "created_by", "started_by", "ended_by")


def campaign(scope: Scope, pk: int) -> Campaign:
    """Raises ``Campaign.DoesNotExist`` where it neither lies nor reaches."""
    return campaigns(scope).get(pk=pk)


def own_campaign(scope: Scope, pk: int) -> Campaign:
    """One that may be changed from here: raises ``Campaign.DoesNotExist`` for what was started above, too."""
    return Campaign.objects.visible_to(scope).select_related("org").get(pk=pk)


def todos(scope: Scope, found: Campaign) -> QuerySet:
    return ToDo.objects.visible_to(scope).filter(source=Source.CAMPAIGN, rule="campaign", subject_id=found.pk)


def filtered(scope: Scope, found: Campaign, wanted: dict, today: date) -> QuerySet:
    """To-dos of the campaign narrowed by ``org`` (and what lies below), ``own`` (exactly there), ``worker`` (user or "none"), ``state`` and ``q``, in the order of units."""
    rows = todos(scope, found).select_related("cadre__org", "survivor", "worker", "org", "visit", "done_by")
    if org := wanted.get("org"):
        rows = rows.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    if own := wanted.get("own"):
        rows = rows.filter(org_path=own.path)
    if worker := wanted.get("worker"):
        rows = rows.filter(worker=None if worker == "none" else worker)
    if state := wanted.get("state"):
        rows = rows.filter(STATES[state](today))
    if text := (wanted.get("q") or "").strip():
        rows = rows.filter(cadre__in=people_named(scope, text))
    return rows.order_by("org_path", "cadre__name_sort", "pk")


STATES = {
    "asked": lambda today: ~Q(state=ToDoState.CLOSED),
    "done": lambda today: Q(state=ToDoState.DONE),
    "open": lambda today: Q(state=ToDoState.OPEN),
    "late": lambda today: Q(state=ToDoState.OPEN, due_on__lt=today),
    "closed": lambda today: Q(state=ToDoState.CLOSED),
}
"""What one may ask the list for; the figures count by the same."""


@dataclass
class Tally:
    """How far it is: ``asked`` = done + open; ``late`` are open ones past their day; ``closed`` were excluded, or are owed no more."""

    label: str = ""
    query: str = ""
    done: int = 0
    open: int = 0
    late: int = 0
    closed: int = 0

    @property
    def asked(self) -> int:
        return self.done + self.open

    @property
    def share(self) -> float | None:
        return self.done / self.asked if self.asked else None

    def add(self, row: dict) -> None:
        for name in ("done", "open", "late", "closed"):
            setattr(self, name, getattr(self, name) + row[name])


@dataclass
class Progress:
    """The whole and its parts, as far as the scope sees."""

    total: Tally
    units: list[Tally] = field(default_factory=list)
    workers: list[Tally] = field(default_factory=list)


def _counted(rows: QuerySet, by: str, today: date) -> QuerySet:
    return rows.order_by().values(by).annotate(**{name: Count("pk", filter=STATES[name](today)) for name in ("done", "open", "late", "closed")})


def totals(scope: Scope, found: list[Campaign], today: date) -> dict[int, Tally]:
    """Campaign's key → the whole of it, for a list of campaigns: one query."""
    rows = ToDo.objects.visible_to(scope).filter(source=Source.CAMPAIGN, rule="campaign", subject_id__in=[one.pk for one in found])
    tallies: dict[int, Tally] = defaultdict(Tally)
    for row in _counted(rows, "subject_id", today):
        tallies[row["subject_id"]].add(row)
    return tallies


def base_of(scope: Scope, found: Campaign) -> str:
    """Where the division by unit begins: the campaign's place, or one's own below it."""
    inside = [root for root in scope.roots if root.startswith(found.org_path)]
    return inside[0] if len(inside) == 1 and not scope.covers(found.org_path) else found.org_path


def progress(scope: Scope, found: Campaign, today: date) -> Progress:
    """By what lies directly below, and by worker; four queries."""
    rows, base = todos(scope, found), base_of(scope, found)
    total, parts = Tally("合计"), defaultdict(Tally)
    for row in _counted(rows, "org_path", today):
        total.add(row)
        rest = row["org_path"].removeprefix(base).strip("/")
        parts[base + rest.split("/")[0] + "/" if rest else base].add(row)
    places = {org.path: org for org in Organization.objects.filter(path__in=parts)}
    for path, tally in parts.items():
        org = places[path]
        tally.label, tally.query = (f"{org.label}（本级）", f"own={org.pk}") if path == base else (org.label, f"org={org.pk}")
    workers = []
    for row in _counted(rows, "worker", today):
        tally = Tally(query=f"worker={row['worker'] or 'none'}")
        tally.add(row)
        workers.append((row["worker"], tally))
    names = User.objects.in_bulk([pk for pk, _ in workers if pk])
    for pk, tally in workers:
        tally.label = str(names[pk]) if pk else "（未指定）"
    slowest = sorted((tally for _, tally in workers), key=lambda tally: (tally.share if tally.share is not None else 2, tally.label))
    return Progress(total, [parts[path] for path in sorted(parts)], slowest)


def reasons(scope: Scope, found: Campaign) -> list[tuple[str, int]]:
    """Why people are not visited, most frequent first."""
    rows = todos(scope, found).filter(state=ToDoState.CLOSED).order_by().values("result").annotate(n=Count("pk"))
    return sorted(((row["result"], row["n"]) for row in rows), key=lambda pair: (-pair[1], pair[0]))


def whom_in_words(found: Campaign, book: CodeBook) -> str:
    """The conditions as one sentence: 离休；80 岁以上；独居、空巢."""
    asked, words = found.whom, []
    if asked.get("kind"):
        words.append(RetireKind(asked["kind"]).label)
    if asked.get("class"):
        words.append("未定类别" if asked["class"] == "none" else AttentionClass(asked["class"]).label)
    if asked.get("age"):
        words.append(f"{asked['age'].split('-')[0]} 岁以上")
    for name in CODED:
        if asked.get(name):
            words.append("、".join(book.name(TABLES.get(name, name), code) for code in asked[name].split(",")))
    if asked.get("party"):
        words.append("中共党员")
    if asked.get("resettled"):
        words.append("易地安置" if asked["resettled"] == "1" else "非易地安置")
    if asked.get("unit"):
        words.append(str(Organization.objects.filter(pk=asked["unit"]).first() or "（单位已撤销）"))
    whose = "遗属" if found.concerns == "survivor" else "在册人员"
    return f"{whose}：{'；'.join(words)}" if words else f"全部{whose}"
