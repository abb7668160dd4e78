"""Messages of robots on their way out, by the mechanism of mail: claimed, sent, recorded, tried again after the same pauses; no robot more than twenty a minute."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from apps.activity.models import Channel, Delivery, DeliveryState, GroupMessage, GroupRobot
from apps.activity.robots import wire, words
from apps.activity.robots.words import PER_MINUTE, Unsent
from apps.activity.sending import BATCH, PAUSES, record_end, waiting
from apps.core.scope import system_scope

log = structlog.get_logger(__name__)


@transaction.atomic
def queue(messages: Iterable[GroupMessage]) -> int:
    """Put each message on its way once (by robot and key); returns how many are new."""
    wanted = {(message.robot_id, message.key): message for message in messages}
    robots, keys = {robot for robot, _ in wanted}, {key for _, key in wanted}
    for known in GroupMessage.objects.filter(robot__in=robots, key__in=keys).values_list("robot_id", "key"):
        wanted.pop(known, None)
    GroupMessage.objects.bulk_create(wanted.values(), ignore_conflicts=True)
    made = GroupMessage.objects.filter(robot__in=robots, key__in=keys, delivery=None).select_related("robot")
    rows = [Delivery(group_message=message, channel=Channel.GROUP, address=message.robot.name) for message in made if (message.robot_id, message.key) in wanted]
    return len(Delivery.objects.bulk_create(rows, ignore_conflicts=True))


def used(robot: GroupRobot, now: datetime) -> int:
    """Messages begun within the last minute: no delivery is tried twice in one."""
    return Delivery.objects.filter(group_message__robot=robot, claimed_at__gt=now - timedelta(minutes=1)).count()


def claim(*, now: datetime, limit: int = BATCH) -> list[Delivery]:
    """Take waiting messages for oneself, with robot and words; no two workers get the same one, or serve one robot at once."""
    with system_scope("robots"):
        open_ones = Delivery.objects.filter(waiting(now), channel=Channel.GROUP)
        open_ones.filter(group_message__robot__is_active=False).update(state=DeliveryState.DROPPED, error="机器人已停用。")
        robots = GroupRobot.objects.select_for_update(skip_locked=True).filter(is_active=True, pk__in=open_ones.values("group_message__robot")).exclude(held_until__gt=now)
        keys: list[int] = []
        for robot in robots.order_by("pk"):
            room = min(PER_MINUTE - used(robot, now), limit - len(keys))
            if room > 0:
                keys += open_ones.filter(group_message__robot=robot).order_by("pk").values_list("pk", flat=True)[:room]
        Delivery.objects.filter(pk__in=keys).update(state=DeliveryState.SENDING, claimed_at=now, tries=F("tries") + 1)
        return list(Delivery.objects.filter(pk__in=keys).select_related("group_message__robot").order_by("pk"))


def deliver(*, now: datetime, limit: int = BATCH) -> dict[str, int]:
    """Send one batch; no transaction is open while the other side takes its time. What else waits for a robot that can't be reached waits on, untried."""
    result = {"sent": 0, "failed": 0}
    held: set[int] = set()
    for delivery in claim(now=now, limit=limit):
        robot = delivery.group_message.robot
        if robot.pk in held:
            record_end(delivery, state=DeliveryState.QUEUED, tries=delivery.tries - 1)
            continue
        problem = send(delivery, now=now)
        result["failed" if problem else "sent"] += 1
        if problem and problem.again:
            held.add(robot.pk)
    return result


def send(delivery: Delivery, *, now: datetime, once: bool = False) -> Unsent | None:
    """Say one claimed message and write down how it ended; returns why it failed. ``once``: what failed isn't tried again."""
    message = delivery.group_message
    robot = message.robot
    try:
        if delivery.tries > len(PAUSES) + 1:
            raise Unsent(delivery.error or "发送多次中断。", again=False)
        words.understood(robot, *wire.post(words.address(robot, now), words.written(message)))
    except Unsent as problem:
        log.warning("robot.failed", delivery=delivery.pk, tries=delivery.tries, again=problem.again)
        last = once or not problem.again or delivery.tries > len(PAUSES)
        record_end(delivery, state=DeliveryState.FAILED if last else DeliveryState.QUEUED, error=problem.sentence[:300])
        if problem.again and not (once and not problem.hold):
            with system_scope("robots"):
                GroupRobot.objects.filter(pk=robot.pk).update(held_until=now + (problem.hold or PAUSES[0]))
        return problem
    record_end(delivery, state=DeliveryState.SENT, sent_at=now, error="")
    return None


def deliver_all(*, now: datetime) -> dict[str, int]:
    """Batch after batch until nothing may go any more at this moment."""
    total = {"sent": 0, "failed": 0}
    while any((done := deliver(now=now)).values()):
        for name, count in done.items():
            total[name] += count
    return total
