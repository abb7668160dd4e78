"""Writes of the inbox (one's own messages become read), of group robots, and of what is to be sent once more."""

import uuid
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from django.db import transaction

from apps.accounts.models import Organization
from apps.activity import audit, selectors
from apps.activity.models import Channel, Delivery, DeliveryState, GroupMessage, GroupRobot, Notification, RobotKind
from apps.activity.robots import sending, wire
from apps.core.refusal import Refused

ADDRESSES = {RobotKind.WECOM: ("/cgi-bin/webhook/send", "key"), RobotKind.DINGTALK: ("/robot/send", "access_token")}


@transaction.atomic
def mark_read(*, pk: int, by, now: datetime) -> Notification:
    """Note when a message was first read; raises ``Notification.DoesNotExist`` for somebody else's."""
    Notification.objects.filter(pk=pk, user=by, read_at=None).update(read_at=now)
    return selectors.message(by, pk)


@transaction.atomic
def mark_all_read(*, by, now: datetime, up_to: int) -> int:
    """Everything up to and including message ``up_to`` (what the reader has seen), and nothing that came in since."""
    return Notification.objects.filter(user=by, read_at=None, pk__lte=up_to).update(read_at=now)


def _check_robot(robot: GroupRobot) -> None:
    robot.host = wire.check(robot.url)
    path, token = ADDRESSES[RobotKind(robot.kind)]
    parts = urlsplit(robot.url)
    if parts.path != path or not parse_qs(parts.query).get(token):
        raise Refused(f"{robot.get_kind_display()}的地址应含 {path}?{token}=…，请从群机器人的设置里完整复制。", code="robot_form", field="url")
    if robot.secret and robot.kind != RobotKind.DINGTALK:
        raise Refused("只有钉钉机器人有加签密钥，请留空。", code="robot_secret", field="secret")
    others = GroupRobot.objects.filter(org=robot.org, name=robot.name).exclude(pk=robot.pk)
    if others.exists():
        raise Refused("这个单位已有同名的机器人。", code="robot_name", field="name")


@transaction.atomic
def add_robot(*, org: Organization, name: str, kind: str, url: str, secret: str, form: str, with_names: bool, by) -> GroupRobot:
    """A robot for the digests of ``org`` and what lies below. Raises ``Refused`` (fields ``url``, ``secret``, ``name``)."""
    robot = GroupRobot(org=org, name=name.strip(), kind=kind, url=url.strip(), secret=secret.strip() or None, form=form, with_names=with_names, created_by=by)
    _check_robot(robot)
    robot.save()
    audit.record("robot.added", robot, by=by, data={"kind": kind, "host": robot.host, "names": with_names})
    return robot


@transaction.atomic
def change_robot(*, robot: GroupRobot, name: str, kind: str, url: str, secret: str, form: str, with_names: bool, is_active: bool, by) -> GroupRobot:
    """An empty ``url`` or ``secret`` keeps the present one: neither is ever shown again. Raises ``Refused`` as ``add_robot`` does."""
    held = GroupRobot.objects.select_for_update(of=("self",)).select_related("org").get(pk=robot.pk)
    if kind != held.kind and not url:
        raise Refused("换了类型，请填写新的机器人地址。", code="robot_url", field="url")
    held.name, held.kind, held.form, held.with_names, held.is_active = name.strip(), kind, form, with_names, is_active
    held.secret = secret.strip() or (held.secret if kind == RobotKind.DINGTALK else None)
    if url:
        held.url, held.held_until = url.strip(), None
    _check_robot(held)
    held.save()
    audit.record("robot.changed", held, by=by, data={"kind": kind, "host": held.host, "names": with_names, "active": is_active, "url": bool(url)})
    return held


def try_robot(*, robot: GroupRobot, by, now: datetime) -> str:
    """Say a word of greeting in the group at once; returns why that failed, "" when it worked. Raises ``Refused`` when it would be too fast."""
    with transaction.atomic():
        held = GroupRobot.objects.select_for_update(of=("self",)).select_related("org").get(pk=robot.pk)
        if held.held_until and held.held_until > now or sending.used(held, now) >= sending.PER_MINUTE:
            raise Refused("这个机器人刚刚发得太快或没有回答，请过一两分钟再试。", code="robot_too_fast")
        message = GroupMessage.objects.create(
            robot=held, org=held.org, key=f"try:{uuid.uuid4()}", title="提醒机器人试发", body=f"{held.org.label}的走访提醒将发到这个群。", created_at=now
        )
        row = Delivery.objects.create(group_message=message, channel=Channel.GROUP, address=held.name, state=DeliveryState.SENDING, claimed_at=now, tries=1)
        audit.record("robot.tried", held, by=by)
    row.group_message.robot = held
    problem = sending.send(row, now=now, once=True)
    return problem.sentence if problem else ""


@transaction.atomic
def retry_delivery(*, delivery: Delivery, by, org_path: str) -> Delivery:
    """Queue a failed delivery again, with all its tries. Raises ``Refused`` when it hasn't failed (any more)."""
    changed = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.FAILED).update(state=DeliveryState.QUEUED, tries=0)
    if not changed:
        raise Refused("这一条不在失败状态，可能别人刚刚点过重试。", code="not_failed")
    audit.record("delivery.retried", delivery, by=by, org_path=org_path, title=f"{delivery.get_channel_display()}：{delivery.address}"[:120])
    return delivery
