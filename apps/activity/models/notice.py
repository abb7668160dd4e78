from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.activity.models.robot import GroupMessage


class Channel(models.TextChoices):
    MAIL = "mail", "邮件"
    GROUP = "group", "群机器人"


class DeliveryState(models.TextChoices):
    QUEUED = "queued", "待发"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发"
    FAILED = "failed", "失败"
    DROPPED = "dropped", "不再发送"


class Notification(models.Model):
    """One message to one person, in the inbox. ``key`` makes it once-only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    key = models.CharField("去重键", max_length=120)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    class Meta:
        verbose_name = "消息"
        verbose_name_plural = "消息"
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notification_once")]
        indexes = [models.Index(fields=["user", "-created_at"], name="notification_inbox"), models.Index(fields=["user"], condition=Q(read_at=None), name="notification_unread")]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """A message on its way: to one person by mail, or to a group by its robot. Claimed before it is sent; a claim that outlives its worker is taken up again."""

    notification = models.ForeignKey(Notification, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries")
    group_message = models.OneToOneField(GroupMessage, null=True, blank=True, on_delete=models.CASCADE, related_name="delivery")
    channel = models.CharField("渠道", max_length=10, choices=Channel)
    address = models.CharField("地址", max_length=254)
    state = models.CharField("状态", max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    claimed_at = models.DateTimeField("开始发送", null=True, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    error = models.CharField("失败原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "发送记录"
        verbose_name_plural = "发送记录"
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="delivery_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(
                condition=Q(channel="mail", notification__isnull=False, group_message=None) | Q(channel="group", notification=None, group_message__isnull=False),
                name="delivery_of_one",
            ),
            models.CheckConstraint(condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)), name="delivery_sent_with_time"),
        ]
        indexes = [models.Index(fields=["state", "claimed_at"], name="delivery_open")]
