"""The work list as rows: who, why, since when, what was last."""

from dataclasses import dataclass, field
from datetime import date

from apps.care.models import ServicePlan, Visit
from apps.care.reminders import Duty
from apps.care.selectors import due
from apps.care.selectors.visits import last_visits
from apps.core.scope import Scope

LATE, TODAY, COMING = "late", "today", "coming"
GROUPS = ((LATE, "已逾期"), (TODAY, "今天到期"), (COMING, "未来几天"))
KINDS = {"visit": ("visit", "away"), "contact": ("contact",)}


@dataclass
class Row:
    """One person with everything owed to them on this page, the most urgent first."""

    plan: ServicePlan
    duties: list[Duty]
    today: date
    last: Visit | None = None
    needs: list[str] = field(default_factory=list)

    @property
    def first(self) -> Duty:
        return self.duties[0]

    @property
    def group(self) -> str:
        late = self.first.days_late
        return LATE if late > 0 else TODAY if late == 0 else COMING

    @property
    def reasons(self) -> list[str]:
        return [why(duty, self.today) for duty in self.duties]

    @property
    def contact_only(self) -> bool:
        """Nothing but a call is owed."""
        return all(duty.rule == "contact" for duty in self.duties)


def why(duty: Duty, today: date) -> str:
    """The rule as a sentence: 距上次见面 97 天，应每 90 天一次."""
    contact = duty.rule == "contact"
    every = f"，应每 {duty.interval} 天一次" if duty.interval else ""
    begin = "易地安置，" if duty.rule == "away" else ""
    if duty.last_on is None:
        return f"{begin}建立方案后还没有{'联系过' if contact else '见过面'}{every}"
    return f"{begin}距上次{'联系' if contact else '见面'} {(today - duty.last_on).days} 天{every}"


def rows(scope: Scope, duties: list[Duty], today: date) -> list[Row]:
    """Duties of one page gathered per person, in the order of the most urgent. Three queries."""
    plans = due.plans_by_key(scope, [duty.plan_id for duty in duties])
    found: dict[int, Row] = {}
    for duty in duties:
        if duty.plan_id in plans:
            found.setdefault(duty.plan_id, Row(plans[duty.plan_id], [], today)).duties.append(duty)
    people = [row.plan.cadre_id for row in found.values()]
    last, needs = last_visits(scope, people), due.open_needs(scope, people)
    for row in found.values():
        row.last, row.needs = last.get(row.plan.cadre_id), needs.get(row.plan.cadre_id, [])
    return list(found.values())


def grouped(found: list[Row], days: int) -> list[tuple[str, str, list[Row]]]:
    """(group, heading, rows) without the empty ones; ``days`` is how far the list looks ahead."""
    words = dict(GROUPS) | {COMING: f"未来 {days} 天"}
    return [(key, words[key], part) for key, _ in GROUPS if (part := [row for row in found if row.group == key])]
