"""Telling people: one inbox row and, where an address is known, one mail on its way. Unique by (user, key)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from apps.activity.models import Channel, Delivery, Notification


@dataclass(frozen=True)
class Message:
    """What one person is to be told. ``key`` names the occasion, e.g. ``digest:2026-11-21``: told once per user and key."""

    user: Any
    title: str
    key: str
    body: str = ""
    url: str = ""


def tell(users: Iterable, *, title: str, body: str = "", url: str = "", key: str, now) -> list[Notification]:
    """Put the same message into each inbox once; returns only those that are new."""
    people = {user.pk: user for user in users}
    return tell_each([Message(user, title, key, body, url) for user in people.values()], now=now)


@transaction.atomic
def tell_each(messages: Iterable[Message], *, now) -> list[Notification]:
    """Put each message into its inbox once, with its mail; returns only those that are new, in a fixed number of statements per thousand."""
    wanted = {(m.user.pk, m.key): m for m in messages}
    keys = {key for _, key in wanted}
    known = Notification.objects.filter(key__in=keys, user__in={pk for pk, _ in wanted}).values_list("user_id", "key")
    for pair in known:
        wanted.pop(pair, None)
    rows = [Notification(user=m.user, key=m.key, title=m.title[:120], body=m.body, url=m.url, created_at=now) for m in wanted.values()]
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    made = Notification.objects.filter(key__in=keys, user__in=[row.user_id for row in rows]).select_related("user")
    told = [row for row in made if (row.user_id, row.key) in wanted]
    mails = [Delivery(notification=row, channel=Channel.MAIL, address=row.user.email) for row in told if row.user.email]
    Delivery.objects.bulk_create(mails, ignore_conflicts=True, batch_size=1000)
    return told
