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


@dataclass(frozen=True)
class MergeRelation:
    """Rows that hang on a person and go over when two records are merged; an app registers its own in ``merge_relations.py``.

    ``fields``: the relations this speaks for, as ``care.Visit.cadre``. ``move(kept, absorbed, by=, today=)`` hangs the rows of ``absorbed`` on ``kept``, minds what
    must be unique, and returns what ``restore`` needs (plain JSON, {} when there was nothing). ``restore(kept, absorbed, moved, by=, today=)`` puts back what is
    still where it was put and returns sentences about what is not.
    """

    title: str
    fields: tuple[str, ...]
    move: Callable[..., dict]
    restore: Callable[..., list[str]]
    order: int = 100


MERGE_RELATIONS: Registry[MergeRelation] = Registry("relation of merged records")


def rows_of(model: type, field: str, title: str, *, unique: tuple[str, ...] = ()) -> MergeRelation:
    """Rows of a scoped table that simply change hands. With ``unique``, rows whose like ``kept`` has already stay where they are."""
    label = f"{model._meta.label}.{field}"

    def move(kept, absorbed, **how) -> dict:
        rows = model.objects.filter(**{field: absorbed})
        if unique:
            taken = set(model.objects.filter(**{field: kept}).values_list(*unique))
            keys = [pk for pk, *like in rows.values_list("pk", *unique) if tuple(like) not in taken]
        else:
            keys = list(rows.values_list("pk", flat=True))
        model.objects.filter(pk__in=keys).update(**{field: kept, "org": kept.org_id, "org_path": kept.org_path})
        return {"keys": keys} if keys else {}

    def restore(kept, absorbed, moved: dict, **how) -> list[str]:
        back = model.objects.filter(pk__in=moved["keys"], **{field: kept}).update(**{field: absorbed, "org": absorbed.org_id, "org_path": absorbed.org_path})
        gone = len(moved["keys"]) - back
        return [f"{title}：{gone} 条合并后已删除或移走，没有移回。"] if gone else []

    return MergeRelation(title, (label,), move, restore)
