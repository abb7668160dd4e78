"""What the leader's page shows of one place and quarter: figures with their change, the comparison of the places below, what to ask about.

Every number comes from ``apps.core.metrics`` and carries the address of its list; what is left of a budget is asked of ``apps.care``. Nothing is counted here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.models import Level, Organization
from apps.cadres.metrics import LEDGER, ledger_difference
from apps.care.selectors.aid import money
from apps.core.calendar import Quarter, quarter_of
from apps.core.metrics import METRICS, Period, count
from apps.core.scope import Scope
from apps.dashboard import selectors

LARGE = 50_000
"""From so many people on (a province) figures are kept for a while; the page says from when they are."""
KEPT_PRESENT, KEPT_PAST = 600, 3600
"""Seconds."""
LOW = 0.7
"""A place that has seen fewer of those due is shown in red."""
QUESTIONS = (
    ("key_silent", "名重点关注人员 30 天以上没有联系"),
    ("visits_overdue_30", "人逾期超过 30 天仍未走访"),
    ("hospital_unseen", "人住院还没有人去看望"),
    ("alone_silent", "名独居高龄老人 14 天以上没有联系"),
    ("promises_late", "人有答应的事逾期没有办"),
    ("away_overdue", "名易地安置人员超过一年未走访"),
    ("unassigned", "人的方案没有责任人"),
    ("people_unclassed", "人还没有定类别"),
    ("class_differs", "人的类别与档案现在的情况不一致，应复核"),
    ("branches_term_over", "个党支部届满没有换届"),
    ("rectify_late", "项党支部整改逾期没有报送结果"),
    ("ballots_short", "次群众评议满意率不达标"),
    ("ledger_unexplained", "人的增减情况对不上，多为漏登新办离退休"),
)
STRIP = ("people_lixiu", "people_retired", "visits_due", "visits_done", "planned", "people", "key_silent", "visits_overdue")
COMPARED = ("people", "visits_due", "visits_done", "visits_overdue", "visits_today", "key_silent")
MAKEUP = (
    ("类别", ("people_key", "people_regular", "people_routine", "people_unclassed")),
    ("年龄", ("people_under_70", "people_70", "people_80", "people_90", "people_age_unknown")),
    ("离退休", ("people_lixiu", "people_retired")),
)
BRANDS = ("brands", "brands_building", "brands_named", "brand_reports_late", "brands_goals_reached", "brand_counties_idle", "brand_counties_without_plan", "practices_unused")
BRANCHES = ("branches", "branches_term_over", "branches_life_short", "branches_never_inspected", "rectify_open", "rectify_late", "ballots_short")
AID = ("aid_waiting", "aid_granted", "aid_unreceipted")
VISITS = ("visits_made", "visits_met", "visits_called", "visits_hospital")


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def points(now: float | None, before: float | None) -> str:
    """Change of a share since last quarter in percentage points: "比上季 +3.1 个百分点"."""
    if now is None or before is None:
        return ""
    change = round((now - before) * 100, 1)
    return "与上季持平" if not change else f"比上季 {'+' if change > 0 else '−'}{abs(change):g} 个百分点"


@dataclass(frozen=True)
class Row:
    """One place below: numbers by metric, addresses of their lists, and where to go deeper ("" at the bottom)."""

    org: Organization
    numbers: dict[str, int]
    urls: dict[str, str]
    deeper: str
    direct: bool

    @property
    def done(self) -> float | None:
        return share(self.numbers["visits_done"], self.numbers["visits_due"])

    @property
    def low(self) -> bool:
        return self.done is not None and self.done < LOW


class Board:
    """Counts lazily, each family of metrics once per quarter. Lives inside one request and its scope."""

    def __init__(self, scope: Scope, org: Organization, quarter: Quarter, *, today: date, now: datetime) -> None:
        self.scope, self.org, self.quarter, self.today, self.now = scope, org, min(quarter, quarter_of(today)), today, now
        self.period = Period.of(self.quarter, today)

    @cached_property
    def _present(self) -> tuple[dict, datetime]:
        wanted = {*STRIP, *COMPARED, *LEDGER, "ledger_unexplained", *VISITS, *AID, *BRANCHES, *BRANDS, *(key for key, _ in QUESTIONS), *(key for _, keys in MAKEUP for key in keys)}
        return self._counted("present", wanted, self.period, KEPT_PRESENT)

    @property
    def counts(self) -> dict:
        return self._present[0]

    @property
    def as_of(self) -> datetime:
        """When the figures were counted."""
        return self._present[1]

    @cached_property
    def before(self) -> dict[str, int]:
        """Totals of the quarter before, seen as it ended."""
        keys = {"people_lixiu", "people_retired", "visits_due", "visits_done", "planned", "people", "key_silent"}
        found, _ = self._counted("before", keys, Period.of(self.quarter.previous, self.today), KEPT_PAST)
        return {key: found[key][self.org.path] for key in keys}

    def _counted(self, name: str, keys: set[str], period: Period, seconds: int) -> tuple[dict, datetime]:
        """Counts and their moment: fresh, or for a place of ``LARGE`` size as kept since it was last counted."""
        place = f"board:{connection.settings_dict['NAME']}:{name}:{self.org.path}:{period.text}:{self.today}"
        if kept := cache.get(place):
            return kept
        found = count([METRICS[key] for key in METRICS if key in keys], self.org.path, period), self.now
        if found[0]["people"][self.org.path] >= LARGE:
            cache.set(place, found, seconds)
        return found

    def total(self, key: str) -> int:
        return self.counts[key][self.org.path]

    def url(self, key: str, org: Organization | None = None) -> str:
        return METRICS[key].list_url((org or self.org).pk, self.period)

    def figure(self, key: str, **more) -> dict:
        metric = METRICS[key]
        late = metric.late and self.total(key) > 0
        return {"label": metric.name, "value": self.total(key), "unit": metric.unit, "url": self.url(key), "tone": "late" if late else "", **more}

    def _change(self, key: str) -> str:
        change = self.total(key) - self.before[key]
        return "与上季末持平" if not change else f"比上季末 {'+' if change > 0 else '−'}{abs(change):,}"

    def _share(self, label: str, part: str, whole: str) -> dict:
        now, before = share(self.total(part), self.total(whole)), share(self.before[part], self.before[whole])
        value = "—" if now is None else f"{now * 100:.1f}%"
        return {"label": label, "value": value, "note": points(now, before), "url": self.url(part)}

    @property
    def strip(self) -> list[dict]:
        deaths = self.total("deaths")
        lixiu = self._change("people_lixiu") + (f"（本季去世 {deaths}）" if deaths else "")
        spread = sum(1 for path, n in self.counts["key_silent"].items() if n and path != self.org.path)
        return [
            self.figure("people_lixiu", note=lixiu),
            self.figure("people_retired", note=self._change("people_retired")),
            self._share("应访已访", "visits_done", "visits_due"),
            self._share("方案执行中", "planned", "people"),
            self.figure("key_silent", note=f"分布 {spread} 个{selectors.kind_below(self.org)}" if spread > 1 else self._change("key_silent")),
            self.figure("visits_overdue", note=f"应访 {self.total('visits_due'):,}"),
        ]

    @cached_property
    def rows(self) -> list[Row]:
        """Places below that have people: those deeper down first, then units of the place itself; worst first, without anybody due last."""
        found = [self._row(child) for child in selectors.children(self.scope, self.org, self.today)]
        return sorted((row for row in found if row.numbers["people"]), key=lambda row: (row.direct, row.done is None, row.done or 0))

    def _row(self, child: Organization) -> Row:
        numbers = {key: self.counts[key].get(child.path, 0) for key in COMPARED}
        deeper = address(child, self.quarter) if child.level not in (Level.UNIT, Level.BUREAU) else ""
        return Row(child, numbers, {key: self.url(key, child) for key in COMPARED}, deeper, not deeper and self.org.level != Level.COUNTY)

    @property
    def own(self) -> int:
        """People on the place itself and no place below."""
        return self.total("people") - sum(row.numbers["people"] for row in self.rows)

    @property
    def chart(self) -> dict:
        series = [(METRICS[key].name, key) for key in ("visits_done", "visits_overdue", "visits_today")]
        return {
            "kind": "stack", "unit": "人", "head": selectors.kind_below(self.org), "categories": [row.org.label for row in self.rows],
            "series": [{"name": name, "data": [row.numbers[key] for row in self.rows], "urls": [row.urls[key] for row in self.rows]} for name, key in series],
        }  # fmt: skip

    @property
    def questions(self) -> list[dict]:
        """需要过问: what is above zero, with the places it mostly lies in."""
        found = [{"n": n, "text": words, "url": self.url(key), "where": self._where(key)} for key, words in QUESTIONS if (n := self.total(key))]
        if not self.period.past and (missing := self.total("people") - self.total("planned")) > 0:
            url = f"{reverse('care:plans')}?{urlencode({'org': self.org.pk, 'year': self.today.year})}"
            found.append({"n": missing, "text": "名在册人员还没有一人一策方案", "url": url, "where": ""})
        return found

    def _where(self, key: str) -> str:
        shares = sorted(((row.org.label, self.counts[key].get(row.org.path, 0)) for row in self.rows), key=lambda pair: -pair[1])
        named = [f"{label} {n} {METRICS[key].unit}" for label, n in shares[:3] if n]
        rest = sum(1 for _, n in shares if n) - len(named)
        return "、".join(named) + (f"，另有 {rest} 个{selectors.kind_below(self.org)}" if rest > 0 else "")

    @property
    def ledger(self) -> dict:
        numbers = {key: self.total(key) for key in LEDGER}
        signs = {"ledger_opening": "", "ledger_new": "＋", "ledger_in": "＋", "ledger_out": "－", "deaths": "－", "people": "＝"}
        names = {"people": "期末在册"} if self.period.past else {"people": "现在在册"}
        terms = [{"name": names.get(key, METRICS[key].name), "n": numbers[key], "url": self.url(key), "sign": signs[key]} for key in LEDGER]
        return {"terms": terms, "difference": ledger_difference(numbers), "url": self.url("ledger_unexplained"), "unexplained": self.total("ledger_unexplained")}

    @property
    def makeup(self) -> list[dict]:
        whole = self.total("people")
        return [{"title": title, "rows": self._parts(keys, whole)} for title, keys in MAKEUP]

    def _parts(self, keys: Iterable[str], whole: int) -> list[dict]:
        shown = [key for key in keys if self.total(key) or METRICS[key].good >= 0]
        return [{"name": METRICS[key].name, "n": self.total(key), "share": share(self.total(key), whole), "url": self.url(key)} for key in shown]

    @property
    def figures(self) -> list[dict]:
        """For a place without places below."""
        keys = ("visits_due", "visits_done", "visits_overdue", "visits_today", "planned", "key_silent")
        return [self.figure(key) for key in keys] if self.total("people") else []

    @property
    def visits(self) -> list[dict]:
        return [self.figure(key) for key in VISITS]

    @property
    def aid(self) -> list[dict]:
        """困难帮扶: cases, and what is left of this year's money while the quarter runs."""
        found = [self.figure(key) for key in AID]
        if self.period.past:
            return found
        left = money(Scope((self.org.path,)), self.today.year)["remaining"]
        return [*found, {"label": f"{self.today.year} 年预算余额", "value": f"{left:,.2f}", "unit": "元", "url": reverse("care:aid_money"), "tone": ""}]

    @property
    def branches(self) -> list[dict]:
        """党支部: nothing where there is none."""
        return [self.figure(key) for key in BRANCHES] if self.total("branches") else []

    @property
    def brands(self) -> list[dict]:
        """一县一品: nothing where there is none."""
        return [self.figure(key) for key in BRANDS] if self.total("brands") else []

    @property
    def next(self) -> Quarter | None:
        return self.quarter.next if self.quarter < quarter_of(self.today) else None


def address(org: Organization, quarter: Quarter) -> str:
    """The leader's page of a place and quarter."""
    return f"{reverse('dashboard')}?{urlencode({'org': org.pk, 'period': quarter})}"
