"""The work list as rows: who, why, since when, what was last."""

from dataclasses import dataclass, field
from datetime import date

from apps.cadres.models import Cadre
from apps.care.models import WITHOUT_A_VISIT, ServicePlan, Source, Visit
from apps.care.reminders import ONCE, Duty
from apps.care.selectors import due, surveys
from apps.care.selectors.visits import last_visits
from apps.core.scope import Scope

LATE, TODAY, COMING = "late", "today", "coming"
GROUPS = ((LATE, "已逾期"), (TODAY, "今天到期"), (COMING, "未来几天"))
KINDS = {"visit": ("visit", "away"), "contact": ("contact",), "todo": (ONCE,)}


@dataclass
class Row:
    """One person with everything owed to them on this page, the most urgent first. ``asks``: the to-do of a campaign with a survey still to be put;
    ``instead_of``: whose duties these are, where the reader stands in."""

    cadre: Cadre
    duties: list[Duty]
    today: date
    plan: ServicePlan | None = None
    last: Visit | None = None
    needs: list[str] = field(default_factory=list)
    asks: int | None = None
    instead_of: str = ""

    @property
    def first(self) -> Duty:
        return self.duties[0]

    @property
    def group(self) -> str:
        late = self.first.days_late
        return LATE if late > 0 else TODAY if late == 0 else COMING

    @property
    def reasons(self) -> list[str]:
        return [duty.title or why(duty, self.today) for duty in self.duties]

    @property
    def worker(self) -> str:
        """Who answers for the most urgent duty, "" for nobody."""
        return str(self.plan.worker) if self.plan and self.plan.worker_id and self.plan.worker_id == self.first.worker_id else ""

    @property
    def act(self) -> str:
        """What the row's button does: "call", "visit", or of to-dos that no visit settles the source of the most urgent one."""
        to_go_for = [duty for duty in self.duties if duty.source not in (*WITHOUT_A_VISIT, Source.ITEM)]
        if to_go_for:
            return "call" if all(duty.rule == "contact" for duty in to_go_for) else "visit"
        return self.first.source

    @property
    def todo(self) -> Duty | None:
        """The to-do this row offers to put off: the most urgent one."""
        return next((duty for duty in self.duties if duty.is_todo), None)


def why(duty: Duty, today: date) -> str:
    """The rule as a sentence: 距上次见面 97 天，应每 90 天一次."""
    contact = duty.rule == "contact"
    every = f"，应每 {duty.interval} 天一次" if duty.interval else ""
    begin = "易地安置，" if duty.rule == "away" else ""
    if duty.last_on is None:
        return f"{begin}建立方案后还没有{'联系过' if contact else '见过面'}{every}"
    return f"{begin}距上次{'联系' if contact else '见面'} {(today - duty.last_on).days} 天{every}"


def rows(scope: Scope, duties: list[Duty], today: date, away: dict[int, str] | None = None) -> list[Row]:
    """Duties of one page gathered per person, in the order of the most urgent. Five queries. ``away``: whom the reader stands in for, by key."""
    people = due.people_by_key(scope, [duty.cadre_id for duty in duties])
    found: dict[int, Row] = {}
    for duty in duties:
        if duty.cadre_id in people:
            found.setdefault(duty.cadre_id, Row(people[duty.cadre_id], [], today)).duties.append(duty)
    keys = list(found)
    plans, last, needs = due.newest_plans(scope, keys), last_visits(scope, keys), due.open_needs(scope, keys)
    asking = surveys.asking(scope, [duty.key for duty in duties if duty.is_todo])
    for key, row in found.items():
        row.plan, row.last, row.needs = plans.get(key), last.get(key), needs.get(key, [])
        row.asks = next((duty.key for duty in row.duties if duty.is_todo and duty.key in asking), None)
        row.instead_of = next((away[duty.worker_id] for duty in row.duties if duty.worker_id in away), "") if away else ""
    return list(found.values())


def grouped(found: list[Row], days: int) -> list[tuple[str, str, list[Row]]]:
    """(group, heading, rows) without the empty ones; ``days`` is how far the list looks ahead."""
    words = dict(GROUPS) | {COMING: f"未来 {days} 天"}
    return [(key, words[key], part) for key, _ in GROUPS if (part := [row for row in found if row.group == key])]
