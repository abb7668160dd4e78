"""What falls due is told on its days: which day was reached, and how the deadline is said. The messages themselves are ``apps.activity.notify``, once per occasion."""

from collections.abc import Iterable
from datetime import date, timedelta

WINDOW = 4
"""A day of telling that fell on days without a run is made up for within so many days."""


def reached(tells: Iterable[date], today: date) -> date | None:
    """The latest day of telling within the last ``WINDOW`` days."""
    return max((day for day in tells if today - timedelta(days=WINDOW) < day <= today), default=None)


def deadline(due_on: date, today: date) -> str:
    return f"{due_on:%Y-%m-%d} 前办理。" if due_on >= today else f"应于 {due_on:%Y-%m-%d} 前办理，已过期。"
