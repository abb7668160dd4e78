"""Every read of the inbox: one's own messages and nobody else's."""

from dataclasses import dataclass

from django.db.models import QuerySet

from apps.activity.models import Notification

PAGE = 30


@dataclass(frozen=True)
class InboxPage:
    """Messages newest first; ``next`` is the cursor of older ones, empty at the end."""

    rows: list[Notification]
    next: str


def inbox(user, *, unread_only: bool = False, after: str = "", limit: int = PAGE) -> InboxPage:
    """A page of ``user``'s messages behind the cursor (a message's number); a spoilt cursor starts at the top."""
    found = Notification.objects.filter(user=user).order_by("-pk")
    if unread_only:
        found = found.filter(read_at=None)
    if after.isdigit():
        found = found.filter(pk__lt=int(after))
    rows = list(found[: limit + 1])
    return InboxPage(rows[:limit], str(rows[limit - 1].pk) if len(rows) > limit else "")


def unread(user) -> QuerySet[Notification]:
    return Notification.objects.filter(user=user, read_at=None)


def unread_count(user) -> int:
    return unread(user).count()


def message(user, pk: int) -> Notification:
    """Raises ``Notification.DoesNotExist`` when it is somebody else's."""
    return Notification.objects.get(user=user, pk=pk)
