"""Every read of the inbox (one's own messages and nobody else's), of group robots and of what was sent in one's scope."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from apps.accounts.selectors import users
from apps.activity.models import Channel, Delivery, DeliveryState, GroupRobot, Notification
from apps.core.scope import Scope

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


def robots(scope: Scope) -> QuerySet[GroupRobot]:
    return GroupRobot.objects.visible_to(scope).select_related("org").order_by("org_path", "name")


def robot(scope: Scope, pk: int) -> GroupRobot:
    """Raises ``GroupRobot.DoesNotExist`` outside the scope."""
    return robots(scope).get(pk=pk)


def robots_at_work(scope: Scope) -> list[GroupRobot]:
    """Those digests are written for."""
    return list(robots(scope).filter(is_active=True))


def deliveries(scope: Scope) -> QuerySet[Delivery]:
    """Mails to the users of the scope and messages of its robots."""
    own = Q(notification__user__in=users(scope).prefetch_related(None).order_by().values("pk")) | Q(group_message__robot__in=robots(scope).values("pk"))
    return Delivery.objects.filter(own).select_related("notification__user", "group_message__org")


def delivery(scope: Scope, pk: int) -> Delivery:
    """Raises ``Delivery.DoesNotExist`` outside the scope."""
    return deliveries(scope).get(pk=pk)


@dataclass(frozen=True)
class DeliveryPage:
    """Deliveries newest first; ``next`` is the cursor of older ones, empty at the end. ``failed``: how many have failed, over all pages."""

    rows: list[Delivery]
    next: str
    failed: int


def delivery_page(scope: Scope, *, state: str = "", channel: str = "", after: str = "", limit: int = PAGE) -> DeliveryPage:
    """``state`` and ``channel`` narrow the list; nonsense in them, or in the cursor, is as if it wasn't there."""
    found = deliveries(scope).order_by("-pk")
    failed = found.filter(state=DeliveryState.FAILED).count()
    if state in DeliveryState.values:
        found = found.filter(state=state)
    if channel in Channel.values:
        found = found.filter(channel=channel)
    if after.isdigit():
        found = found.filter(pk__lt=int(after))
    rows = list(found[: limit + 1])
    return DeliveryPage(rows[:limit], str(rows[limit - 1].pk) if len(rows) > limit else "", failed)
