"""A number is defined once: how it is counted per place, and the list of rows behind it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.core.registry import Registry
from apps.core.scope import Scope


@dataclass(frozen=True)
class Period:
    """First and last day, both inclusive; ``today`` is the day the question is asked on."""

    first: date
    last: date
    today: date

    @property
    def as_of(self) -> date:
        """The day a state is looked at: the last day of a past period, else today."""
        return min(self.last, self.today)


@dataclass(frozen=True)
class Metric:
    """``rows(scope, period)`` is a queryset with ``org_path`` columns; every count and every list is taken from it, so they cannot disagree.

    ``list_url(path, period)`` is the address of the list of exactly these rows. ``of`` names the metric this one is a share of.
    """

    key: str
    name: str
    unit: str
    rows: Callable[[Scope, Period], Any]
    list_url: Callable[[str, Period], str]
    help: str = ""
    of: str = ""
    late: bool = False
    order: int = 100
    extra: dict = field(default_factory=dict)


METRICS: Registry[Metric] = Registry("metric")


def register(metric: Metric) -> Metric:
    return METRICS.add(metric.key, metric)
