"""Template context of the shell: menu, who is signed in, badges, session length. Knows nothing of what the menu leads to.

Read from the request when set: ``navigation`` (entries with group, title, url_name, icon, elder), ``membership`` (role, org),
``elder``, ``organisation``, ``role_label``. Badges (the small counts in the menu) come from functions registered with ``badge``.
"""

from collections.abc import Callable
from itertools import groupby

from django.conf import settings
from django.urls import NoReverseMatch, reverse

BADGES: dict[str, Callable] = {}
PHONE_ENTRIES = 4


def badge(url_name: str) -> Callable:
    """Register ``fn(request) -> int`` as the count beside the menu entry (or ``inbox``) of that URL name."""

    def keep(count: Callable) -> Callable:
        BADGES[url_name] = count
        return count

    return keep


def shell(request) -> dict:
    """Every variable base.html reads, always present, so that no template has to ask whether it exists."""
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    elder = bool(getattr(request, "elder", getattr(user, "elder_mode", False)))
    items = _items(request, elder) if signed_in else []
    return {
        "portal_name": settings.PORTAL_NAME,
        "signed_in": signed_in,
        "shell_user": _who(request, user if signed_in else None),
        "navigation": [{"title": title, "entries": list(group)} for title, group in groupby(items, key=lambda item: item["group"])],
        "phone_navigation": items[:PHONE_ENTRIES],
        "inbox_count": _count(request, "inbox") if signed_in else 0,
        "elder": elder,
        "demo_data": bool(getattr(user, "is_demo", False)),
        "session_seconds": settings.SESSION_IDLE_SECONDS if signed_in else 0,
    }


def _items(request, elder: bool) -> list[dict]:
    found = []
    for entry in getattr(request, "navigation", ()):
        if elder and not entry.elder:
            continue
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        found.append(
            {"group": entry.group, "label": entry.title, "url": url, "icon": entry.icon or "dot", "count": _count(request, entry.url_name), "active": False}
        )
    here = max((item for item in found if request.path.startswith(item["url"])), key=lambda item: len(item["url"]), default=None)
    if here:
        here["active"] = True
    return found


def _count(request, url_name: str) -> int:
    counted = BADGES.get(url_name)
    return counted(request) if counted else 0


def _who(request, user) -> dict:
    membership = getattr(request, "membership", None)
    org = getattr(membership, "org", None) or getattr(request, "organisation", None)
    role = membership.get_role_display() if membership else getattr(request, "role_label", "")
    return {"id": user.pk if user else "", "name": str(user or ""), "role": role, "organisation": getattr(org, "short_name", "") or str(org or "")}
