"""Writes of the inbox: one's own messages become read."""

from datetime import datetime

from django.db import transaction

from apps.activity import selectors
from apps.activity.models import Notification


@transaction.atomic
def mark_read(*, pk: int, by, now: datetime) -> Notification:
    """Note when a message was first read; raises ``Notification.DoesNotExist`` for somebody else's."""
    Notification.objects.filter(pk=pk, user=by, read_at=None).update(read_at=now)
    return selectors.message(by, pk)


@transaction.atomic
def mark_all_read(*, by, now: datetime, up_to: int) -> int:
    """Everything up to and including message ``up_to`` (what the reader has seen), and nothing that came in since."""
    return Notification.objects.filter(user=by, read_at=None, pk__lte=up_to).update(read_at=now)
