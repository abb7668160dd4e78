"""A number is defined once: how it is counted per place, and the list of rows behind it.

A *family* judges every row once, in one SELECT with a boolean column per metric. Counts (per child organisation, all metrics of the family
in one query) and lists are both taken from that SELECT, so they cannot disagree.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.apps import apps
from django.db import connection
from django.db.models.expressions import RawSQL

from apps.core.calendar import quarter_of
from apps.core.registry import Registry
from apps.core.scope import Scope, upper_bound

BY_HASH, AS_USUAL = "SET LOCAL enable_nestloop = off", "SET LOCAL enable_nestloop = on"
"""Under a row policy PostgreSQL expects a thousandth of the rows there are and joins them one by one; a count over a place reads them all."""


@dataclass(frozen=True)
class Period:
    """First and last day, both inclusive; ``today`` is the day the question is asked on."""

    first: date
    last: date
    today: date

    @classmethod
    def of(cls, quarter, today: date) -> "Period":
        """A ``Quarter`` of the calendar."""
        return cls(quarter.first, quarter.last, today)

    @property
    def as_of(self) -> date:
        """The day a state is looked at: the last day of a past period, else today."""
        return min(self.last, self.today)

    @property
    def past(self) -> bool:
        return self.last < self.today

    @property
    def until(self) -> date:
        """First day not yet over: what was due before it is late. Today, or the day after a past period."""
        return self.last + timedelta(days=1) if self.past else self.today

    @property
    def text(self) -> str:
        """As it stands in a URL: 2026Q4, 2026H1, 2026-11, 2026, 20260105-20260307; blank for today. ``parse`` reads it back."""
        if self.first == self.last == self.today:
            return ""
        quarter, after = quarter_of(self.first), self.last + timedelta(days=1)
        if (self.first, self.last) == (quarter.first, quarter.last):
            return str(quarter)
        months = (after.year * 12 + after.month) - (self.first.year * 12 + self.first.month) if self.first.day == after.day == 1 else 0
        if months == 1:
            return f"{self.first:%Y-%m}"
        if months == 6 and self.first.month in (1, 7):
            return f"{self.first.year}H{1 if self.first.month == 1 else 2}"
        if months == 12 and self.first.month == 1:
            return str(self.first.year)
        return f"{self.first:%Y%m%d}-{self.last:%Y%m%d}"

    @classmethod
    def parse(cls, text: str, today: date) -> "Period":
        """Raises ``ValueError`` for what isn't a period, ends before it begins or leaves the calendar."""
        if not text:
            return cls(today, today, today)
        if match := re.fullmatch(r"(\d{8})-(\d{8})", text):
            first, last = (date.fromisoformat(day) for day in match.groups())
            if not 1900 <= first.year <= last.year <= 2200 or last < first:
                raise ValueError(f"ends before it begins, or out of the calendar: {text}")
            return cls(first, last, today)
        if not (match := re.fullmatch(r"((?:19|20|21)\d\d)(?:-(\d{2})|Q([1-4])|H([12]))?", text)):
            raise ValueError(f"not a period: {text}")
        year, month, quarter, half = (int(part) if part else 0 for part in match.groups())
        months = 1 if match[2] else 3 if quarter else 6 if half else 12
        start = year * 12 + (month - 1 if match[2] else (quarter - 1) * 3 if quarter else (half - 1) * 6 if half else 0)
        first, after = date(start // 12, (month or start % 12 + 1), 1), date((start + months) // 12, (start + months) % 12 + 1, 1)
        return cls(first, after - timedelta(days=1), today)

    @property
    def title(self) -> str:
        """As it stands in a heading: 2026 年, 2026 年上半年, 2026 年第一季度, 2026 年 11 月, 2026-01-05 至 2026-03-07."""
        text = self.text
        if match := re.fullmatch(r"(\d{4})(?:-(\d{2})|Q([1-4])|H([12]))?", text):
            half, quarter = ("", "上半年", "下半年")[int(match[4] or 0)], f"第{'一二三四'[int(match[3]) - 1]}季度" if match[3] else ""
            return f"{match[1]} 年{half}{quarter}" + (f" {int(match[2])} 月" if match[2] else "")
        return f"{self.first.isoformat()} 至 {self.last.isoformat()}"


@dataclass(frozen=True)
class Family:
    """``select(scope, period)`` gives SQL and named parameters (``%(name)s``) of a SELECT with the columns ``pk`` (of ``model``, "app.Model"),
    ``org_path`` and a boolean for each metric of the family. It must keep to the scope itself (``inside``): the first fence.
    ``prepare(scope, period)`` runs before: where the SELECT reads what is derived, it brings that up to date.
    """

    key: str
    model: str
    select: Callable[[Scope, Period], tuple[str, dict]]
    prepare: Callable[[Scope, Period], None] = lambda scope, period: None

    def sql(self, scope: Scope, period: Period) -> tuple[str, dict]:
        """The SELECT, ready to be run."""
        self.prepare(scope, period)
        return self.select(scope, period)


@dataclass(frozen=True)
class Metric:
    """``flag`` is the column of the family that says whether a row counts. ``of`` names the metric this one is a share of.

    ``link(metric, org, period)`` is the address of the list of exactly these rows, at and below the organisation with that key.
    ``good``: +1 when more is better, −1 when less is, 0 neither. ``late``: shown as something to act on when above zero.
    """

    key: str
    name: str
    unit: str
    family: Family
    flag: str
    link: Callable[["Metric", int, Period], str]
    help: str = ""
    of: str = ""
    good: int = 0
    late: bool = False
    order: int = 100

    def keys(self, scope: Scope, period: Period) -> list[int]:
        """Keys of the rows counted, read at once, so that a list pages through what was counted."""
        sql, parameters = self.family.sql(scope, period)
        with connection.cursor() as cursor:
            cursor.execute(f'{BY_HASH}; SELECT f.pk FROM ({sql}) f WHERE f."{self.flag}"', parameters)  # noqa: S608 - flag is code, not input
            keys = [pk for (pk,) in cursor.fetchall()]
            cursor.execute(AS_USUAL)
        return keys

    def rows(self, scope: Scope, period: Period):
        """Queryset of the family's model: the rows counted."""
        return _among(apps.get_model(self.family.model).objects.visible_to(scope), self.keys(scope, period))

    def list_url(self, org: int, period: Period) -> str:
        return self.link(self, org, period)


def _among(found, keys: list[int]):
    return found.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [keys]))


METRICS: Registry[Metric] = Registry("metric")


def register(metric: Metric) -> Metric:
    return METRICS.add(metric.key, metric)


def named(rows) -> tuple[str, dict]:
    """A queryset as SQL with named parameters, to stand inside a family's SELECT or another statement."""
    sql, values = rows.query.sql_with_params()
    names = {f"p{n}": value for n, value in enumerate(values)}
    return sql.replace("%", "%%").replace("%%s", "{}").format(*(f"%({name})s" for name in names)), names


def inside(scope: Scope, column: str = "org_path") -> tuple[str, dict]:
    """A condition on ``column`` that keeps to the scope, with its parameters; false for an empty scope."""
    if not scope.roots:
        return "false", {}
    parts, parameters = [], {}
    for n, root in enumerate(scope.roots):
        parts.append(f"({column} >= %(root{n})s AND {column} < %(above{n})s)")
        parameters |= {f"root{n}": root, f"above{n}": upper_bound(root)}
    return "(" + " OR ".join(parts) + ")", parameters


Counts = dict[str, dict[str, int]]
"""Metric key → path → number. The path of the organisation itself holds the total, the paths of its children their share."""


def count(metrics: Iterable[Metric], path: str, period: Period) -> Counts:
    """Count metrics at and below the organisation at ``path`` and for each of its children, one query per family.

    Rows that hang on the organisation itself count in its total alone. Runs inside the reader's scope (second fence); ``path`` must lie in it.
    """
    families: dict[Family, list[Metric]] = {}
    for metric in metrics:
        families.setdefault(metric.family, []).append(metric)
    found: Counts = {}
    for family, members in families.items():
        found |= _count_family(family, members, path, period)
    return found


def _count_family(family: Family, members: list[Metric], path: str, period: Period) -> Counts:
    sql, parameters = family.sql(Scope((path,)), period)
    wanted = ", ".join(f'count(*) FILTER (WHERE f."{metric.flag}")' for metric in members)
    child = f"split_part(f.org_path, '/', {path.count('/') + 1})"
    found: Counts = {metric.key: {path: 0} for metric in members}
    with connection.cursor() as cursor:
        cursor.execute(f"{BY_HASH}; SELECT {child} AS child, {wanted} FROM ({sql}) f GROUP BY child", parameters)  # noqa: S608
        rows = cursor.fetchall()
        cursor.execute(AS_USUAL)
        for segment, *numbers in rows:
            for metric, number in zip(members, numbers, strict=True):
                found[metric.key][path] += number
                if segment:
                    found[metric.key][f"{path}{segment}/"] = number
    return found


def behind(found, scope: Scope, key: str, period: str, today: date):
    """``found`` narrowed to the rows that the figure ``key`` counted in ``period`` (as in an address); nothing for a figure or a period there isn't."""
    try:
        metric, when = METRICS[key], Period.parse(period or "", today)
    except (KeyError, ValueError):
        return found.none()
    return _among(found, metric.keys(scope, when)) if apps.get_model(metric.family.model) is found.model else found.none()
