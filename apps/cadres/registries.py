"""Where the apps above plug into the person: panels on the page, entries of the timeline, and what follows a life event.

They register in their own ``person_page.py`` and ``life_events.py``; the registry never imports them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.core.registry import Registry


@dataclass(frozen=True)
class TimelineEntry:
    """One line of 经过: the day, a sentence, an optional link and a softer second line."""

    day: date
    sentence: str
    url: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Panel:
    """A block on the person's page. ``context(request, cadre)`` feeds ``template`` (with ``cadre`` added); ``tab`` is where it stands:
    overview, plan, visits, family, treatments, files or history. The template brings its own ``{% panel %}``. On the overview panels
    with an order from 200 on stand in the narrow column, the others above 经过; ``title`` is for the developer."""

    title: str
    tab: str
    template: str
    context: Callable[[Any, Any], dict]
    order: int = 100


PANELS: Registry[Panel] = Registry("person panel")
TIMELINE: Registry[Callable[[Any, Any], Iterable[TimelineEntry]]] = Registry("timeline source")
"""``source(scope, cadre)`` gives entries in any order."""

LIFE_EVENTS: Registry[Callable[..., None]] = Registry("life event handler")
"""``handler(change=StatusChange, by=User, today=date)`` runs inside the transaction that registered the change."""

TABLE_TITLES: Registry[str] = Registry("code table title")
"""Code table of an app above → its Chinese title on the page of code tables; registered beside the panels."""
