"""Template context of the shell: menu, who is signed in, badges, session length. Knows nothing of what the menu leads to.

Read from the request when set: ``navigation`` (entries with group, title, url_name, icon, elder), ``rights``, ``membership`` and
``memberships`` (with role and org), ``elder``. Badges (the small counts in the menu) come from functions registered with ``badge``. What costs a query is
counted only when a template asks, so error pages stay free of the database; all badges that name their rows are counted in one statement.
"""

import time
from collections.abc import Callable, Iterable
from functools import cache, partial
from itertools import groupby

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.urls import NoReverseMatch, resolve, reverse

from apps.core.offline import CARRIED_UNTIL, NARROWED, acting_mark
from apps.core.outbox import acting_for

BADGES: dict[str, Callable] = {}
PHONE_ENTRIES = 4
NOBODY = {"id": "", "name": "", "role": "", "organisation": ""}


def badge(url_name: str) -> Callable:
    """Register ``fn(request)`` as what is counted beside the menu entry (or ``inbox``) of that URL name: the rows, or their number."""

    def keep(count: Callable) -> Callable:
        BADGES[url_name] = count
        return count

    return keep


def shell(request) -> dict:
    """Every variable base.html reads, always present, so that no template has to ask whether it exists."""
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    elder = bool(getattr(request, "elder", getattr(user, "elder_mode", False)))
    counts = cache(partial(_counts, request))
    items = cache(partial(_items, request, elder, counts))
    return {
        "portal_name": settings.PORTAL_NAME,
        "signed_in": signed_in,
        "shell_user": {**NOBODY, "id": user.pk, "name": str(user), **_acting(getattr(request, "membership", None))} if signed_in else NOBODY,
        "other_memberships": [_acting(held) for held in getattr(request, "memberships", ()) if held != request.membership],
        "navigation": lambda: [{"title": title, "entries": list(group)} for title, group in groupby(items(), key=lambda item: item["group"])],
        "phone_navigation": lambda: items()[:PHONE_ENTRIES],
        "can_search": signed_in and _may_open(request, "search"),
        "inbox_count": lambda: counts()["inbox"],
        "elder": elder,
        "demo_data": bool(getattr(user, "is_demo", False)),
        "session_seconds": _session_seconds(request) if signed_in else 0,
        "acting": acting_for(request) if signed_in else "",
        "acting_mark": acting_mark(request) if signed_in else "",
        "offline_hours": settings.OFFLINE_HOURS,
        "narrowed": signed_in and bool(getattr(request, "session", {}).get(NARROWED)),
    }


def _items(request, elder: bool, counts: Callable[[], dict[str, int]]) -> list[dict]:
    found = []
    for entry in getattr(request, "navigation", ()):
        if elder and not entry.elder:
            continue
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        count = counts().get(entry.url_name, 0)
        found.append({"group": entry.group, "label": entry.title, "url": url, "icon": entry.icon or "dot", "count": count, "active": False})
    here = max((item for item in found if request.path.startswith(item["url"])), key=lambda item: len(item["url"]), default=None)
    if here:
        here["active"] = True
    return found


def _may_open(request, url_name: str) -> bool:
    """Whether the view behind a URL name is there and asks for no right the request lacks."""
    try:
        rights = getattr(resolve(reverse(url_name)).func, "rights", ())
    except NoReverseMatch:
        return False
    return not rights or bool(getattr(request, "rights", frozenset()).intersection(rights))


def _counts(request) -> dict[str, int]:
    """Badge → its count, for the menu entries this request has and the inbox."""
    wanted = dict.fromkeys(("inbox", *(entry.url_name for entry in getattr(request, "navigation", ()))))
    found = {name: BADGES[name](request) for name in wanted if name in BADGES}
    rows = {name: value for name, value in found.items() if isinstance(value, QuerySet)}
    return {"inbox": 0} | found | dict(zip(rows, counted_together(rows.values()), strict=True))


def counted_together(querysets: Iterable[QuerySet]) -> list[int]:
    """How many rows each of them has, in one statement."""
    parts, params = [], []
    for rows in querysets:
        try:
            sql, own = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            sql, own = "SELECT 1 WHERE false", ()
        parts.append(f"(SELECT count(*) FROM ({sql}) counted)")
        params += own
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return list(cursor.fetchone())


def _session_seconds(request) -> int:
    """How long the page may lie idle: longer while a work list is carried along."""
    carried = getattr(request, "session", {}).get(CARRIED_UNTIL, 0) - int(time.time()) if settings.OFFLINE_HOURS else 0
    return max(settings.SESSION_IDLE_SECONDS, carried)


def _acting(membership) -> dict:
    if membership is None:
        return {}
    org = membership.org
    return {"membership": membership.pk, "role": membership.get_role_display(), "organisation": getattr(org, "short_name", "") or str(org)}
