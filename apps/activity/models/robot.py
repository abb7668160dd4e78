from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.core.crypto import EncryptedTextField


class RobotKind(models.TextChoices):
    WECOM = "wecom", "企业微信群机器人"
    DINGTALK = "dingtalk", "钉钉群机器人"


class MessageForm(models.TextChoices):
    MARKDOWN = "markdown", "带格式（Markdown）"
    TEXT = "text", "纯文字"


class GroupRobot(OrgOwned):
    """A robot in a work group of an organisation: whoever knows its address may write there, so address and secret lie encrypted.

    ``held_until``: it said we were too fast, and is left in peace so long.
    """

    name = models.CharField("名称", max_length=40)
    kind = models.CharField("类型", max_length=10, choices=RobotKind)
    url = EncryptedTextField("机器人地址", max_length=500)
    host = models.CharField("主机", max_length=120, editable=False)
    secret = EncryptedTextField("加签密钥", null=True, blank=True, max_length=100)
    form = models.CharField("消息格式", max_length=10, choices=MessageForm, default=MessageForm.MARKDOWN)
    with_names = models.BooleanField("写出姓名", default=False)
    is_active = models.BooleanField("启用", default=True)
    held_until = models.DateTimeField("限流到", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = "群机器人"
        verbose_name_plural = "群机器人"
        ordering = ["org_path", "name"]
        constraints = [
            models.UniqueConstraint(fields=["org", "name"], name="robot_name_once"),
            models.CheckConstraint(condition=Q(kind__in=RobotKind.values), name="robot_kind_known"),
            models.CheckConstraint(condition=Q(form__in=MessageForm.values), name="robot_form_known"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMessage(OrgOwned):
    """What one robot is to say; ``key`` makes it once-only, as with ``Notification``."""

    robot = models.ForeignKey(GroupRobot, on_delete=models.PROTECT, related_name="messages")
    key = models.CharField("去重键", max_length=120)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    created_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "群消息"
        verbose_name_plural = "群消息"
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["robot", "key"], name="group_message_once")]

    def __str__(self) -> str:
        return self.title
