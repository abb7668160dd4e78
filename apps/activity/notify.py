"""Telling people: one inbox row and, where an address is known, one mail on its way. Unique by (user, key)."""

from collections.abc import Iterable

from django.db import transaction

from apps.activity.models import Channel, Delivery, Notification


@transaction.atomic
def tell(users: Iterable, *, title: str, body: str = "", url: str = "", key: str, now) -> list[Notification]:
    """Put the message into each inbox once; returns only those that are new. ``key`` names the occasion, e.g. ``digest:2026-11-21``."""
    people = {user.pk: user for user in users}
    known = set(Notification.objects.filter(key=key, user__in=people).values_list("user_id", flat=True))
    wanted = [Notification(user=user, key=key, title=title, body=body, url=url, created_at=now) for pk, user in people.items() if pk not in known]
    Notification.objects.bulk_create(wanted, ignore_conflicts=True)
    told = list(Notification.objects.filter(key=key, user__in=[row.user_id for row in wanted]).select_related("user"))
    mails = [Delivery(notification=row, channel=Channel.MAIL, address=row.user.email) for row in told if row.user.email]
    Delivery.objects.bulk_create(mails, ignore_conflicts=True)
    return told
