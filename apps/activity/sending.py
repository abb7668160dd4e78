"""Mail on its way out: claimed, sent, recorded. A claim that outlives its worker is taken up again under the same Message-ID.

The inbox row is the message; mail only points to it. A mail is written down as sent after the server took it: a worker killed in between
sends it again with the same Message-ID, which mail programs (and the file backend) show once.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import F, Q

from apps.activity.models import Channel, Delivery, DeliveryState

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=10)
"""A claim older than this belongs to a worker that is gone."""
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""Waiting before the second, third and fourth try; after that the delivery has failed."""
BATCH = 50
UNWANTED: dict[str, Callable[[list[int]], set[int]]] = {}
"""Beginning of a message's key → what says which of these messages (by number) nobody needs to be told any more."""


def asked_again(prefix: str) -> Callable:
    """Register a function that is asked right before mails leave the house, for messages whose key begins with ``prefix``."""

    def keep(unwanted: Callable[[list[int]], set[int]]) -> Callable:
        UNWANTED[prefix] = unwanted
        return unwanted

    return keep


def waiting(now: datetime) -> Q:
    """Deliveries to be tried now: never tried, their pause over, or their claim abandoned."""
    ready = Q(state=DeliveryState.QUEUED, tries=0)
    for tries, pause in enumerate(PAUSES, 1):
        ready |= Q(state=DeliveryState.QUEUED, tries=tries, claimed_at__lte=now - pause)
    return ready | Q(state=DeliveryState.SENDING, claimed_at__lte=now - LEASE)


@transaction.atomic
def claim(*, now: datetime, limit: int = BATCH) -> list[Delivery]:
    """Take up to ``limit`` waiting deliveries for oneself; no two workers get the same one."""
    picked = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(waiting(now), channel=Channel.MAIL).order_by("pk")[:limit]
    keys = [row.pk for row in picked]
    Delivery.objects.filter(pk__in=keys).update(state=DeliveryState.SENDING, claimed_at=now, tries=F("tries") + 1)
    return list(Delivery.objects.filter(pk__in=keys).select_related("notification__user").order_by("pk"))


def deliver(*, now: datetime, limit: int = BATCH) -> dict[str, int]:
    """Claim a batch and send it: {"sent", "failed", "dropped"}; ``failed`` counts this time's errors, retried or not."""
    result = {"sent": 0, "failed": 0, "dropped": 0}
    claimed = claim(now=now, limit=limit)
    if not claimed:
        return result
    over = _unwanted(claimed)
    with mail.get_connection() as connection:
        for delivery in claimed:
            if delivery.notification_id in over:
                record_end(delivery, state=DeliveryState.DROPPED, error="提醒的事都已办结，不再发送。")
                result["dropped"] += 1
            else:
                result[_send_one(delivery, connection, now)] += 1
    return result


def _unwanted(claimed: list[Delivery]) -> set[int]:
    found: set[int] = set()
    for prefix, ask in UNWANTED.items():
        if keys := [one.notification_id for one in claimed if one.notification.key.startswith(prefix)]:
            found |= ask(keys)
    return found


def deliver_all(*, now: datetime) -> dict[str, int]:
    """Batch after batch until nothing waits."""
    total = {"sent": 0, "failed": 0, "dropped": 0}
    while any((done := deliver(now=now)).values()):
        for name, count in done.items():
            total[name] += count
    return total


def _send_one(delivery: Delivery, connection, now: datetime) -> str:
    if not delivery.notification.user.is_active:
        record_end(delivery, state=DeliveryState.DROPPED)
        return "dropped"
    if delivery.tries > len(PAUSES) + 1:
        record_end(delivery, state=DeliveryState.FAILED, error=delivery.error or "发送多次中断")
        return "failed"
    try:
        message_of(delivery, connection).send()
    except Exception as error:  # noqa: BLE001 - whatever the mail server says is written down and tried again
        log.warning("mail.failed", delivery=delivery.pk, tries=delivery.tries, error=type(error).__name__)
        last = delivery.tries > len(PAUSES)
        record_end(delivery, state=DeliveryState.FAILED if last else DeliveryState.QUEUED, error=f"{type(error).__name__}：{error}"[:300])
        return "failed"
    record_end(delivery, state=DeliveryState.SENT, sent_at=now, error="")
    return "sent"


def record_end(delivery: Delivery, **values) -> None:
    """Only while the claim is still ours: whoever took it over writes its end."""
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING, claimed_at=delivery.claimed_at).update(**values)


def message_of(delivery: Delivery, connection=None) -> mail.EmailMessage:
    """The mail as it goes out; its Message-ID comes from the delivery, so that it is the same at every try."""
    told = delivery.notification
    lines: Iterable[str] = [told.body, f"{settings.PORTAL_URL}{told.url}" if settings.PORTAL_URL and told.url else "", f"—— {settings.PORTAL_NAME}"]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
    return mail.EmailMessage(
        subject=f"【{settings.PORTAL_NAME}】{told.title}",
        body="\n\n".join(line for line in lines if line) + "\n",
        to=[delivery.address],
        headers={"Message-ID": f"<delivery-{delivery.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
