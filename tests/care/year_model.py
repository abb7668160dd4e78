"""The rules of reminding once more, in plain Python and person by person: what the year's ledger must look like. Calls nothing of the portal's own."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from borax.calendars.lunardate import InvalidLunarDateError, LunarDate

INTERVALS = {"key": (7, 30), "regular": (30, 90), "routine": (90, 180)}
DAY = timedelta(days=1)


def stage_of(due: date, today: date) -> str:
    late = (today - due).days
    return "" if late < -7 else "upcoming" if late < 1 else "overdue" if late < 15 else "escalated"


@dataclass
class Person:
    name: str
    attention_class: str
    born: date
    lunar: bool
    start: date
    worker: str
    contact: date | None = None
    visit: date | None = None
    dead: bool = False

    def owed(self) -> list[tuple[str, date]]:
        contact, visit = INTERVALS[self.attention_class]
        return [] if self.dead else [("contact", (self.contact or self.start) + contact * DAY), ("visit", (self.visit or self.start) + visit * DAY)]

    def birthdays(self) -> list[date]:
        """From the eightieth on, of 2027 to 2029; lunar ones by lunar years, on the 29th where the month has no 30th."""
        if not self.lunar:
            days = [date(year, 3, 1) if (self.born.month, self.born.day) == (2, 29) and year != 2028 else self.born.replace(year=year) for year in (2027, 2028, 2029)]
            return [day for day in days if day.year - self.born.year >= 80]
        own, found = LunarDate.from_solar_date(self.born.year, self.born.month, self.born.day), []
        for year in range(max(2026, own.year + 80), 2030):
            try:
                found.append(LunarDate(year, own.month, own.day).to_solar_date())
            except InvalidLunarDateError:
                found.append(LunarDate(year, own.month, 29).to_solar_date())
        return found


@dataclass
class Model:
    """``rows``: (person, rule, due day, stage, user) → [opened on, told on or None, settled]; ``todos``: (person, birthday) → open."""

    people: list[Person]
    leaders: list[str]
    head: str
    off: set[date]
    rows: dict[tuple, list] = field(default_factory=dict)
    todos: dict[tuple[str, date], bool] = field(default_factory=dict)

    def run(self, today: date) -> None:
        for one in self.people:
            for day in one.birthdays() if not one.dead else ():
                if today - 10 * DAY <= day <= today + 7 * DAY:
                    self.todos.setdefault((one.name, day), True)
            for rule, due in [*one.owed(), *(("occasion", day) for (name, day), is_open in self.todos.items() if name == one.name and is_open)]:
                if stage := stage_of(due, today):
                    for user in {"escalated": self.leaders, "overdue": {one.worker, self.head}}.get(stage, [one.worker]):
                        self.rows.setdefault((one.name, rule, due, stage, user), [today, None, False])
        if today not in self.off:
            self._tell(today)

    def _tell(self, today: date) -> None:
        owed = {(one.name, *duty) for one in self.people for duty in one.owed()} | {(name, "occasion", day) for (name, day), is_open in self.todos.items() if is_open}
        untold = {key: row for key, row in self.rows.items() if row[1] is None and not row[2]}
        for key, row in untold.items():
            row[2] = key[:3] not in owed
        left = {key: row for key, row in untold.items() if not row[2]}
        newest: dict[tuple, date] = {}
        for (name, rule, due, _, user), row in left.items():
            duty = (name, rule, due, user)
            newest[duty] = max(row[0], newest.get(duty, row[0]))
        for (name, rule, due, _, user), row in left.items():
            if row[0] < newest[name, rule, due, user]:
                row[2] = True
            else:
                row[1] = today

    def seen(self, one: Person, day: date, *, in_person: bool) -> None:
        one.contact = day
        if in_person:
            one.visit = day
            self.close(one, day)

    def close(self, one: Person, day: date) -> None:
        """Birthdays shown by then are done."""
        for (name, birthday), _ in self.todos.items():
            if name == one.name and birthday - 7 * DAY <= day:
                self.todos[name, birthday] = False

    def died(self, one: Person) -> None:
        one.dead = True
        for key in self.todos:
            if key[0] == one.name:
                self.todos[key] = False
