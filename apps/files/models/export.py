from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.core.crypto import EncryptedTextField
from apps.files.models.stored import StoredFile


class ExportState(models.TextChoices):
    QUEUED = "queued", "等待生成"
    RUNNING = "running", "生成中"
    READY = "ready", "可以下载"
    FAILED = "failed", "未成功"
    CANCELLED = "cancelled", "已取消"
    EXPIRED = "expired", "已过期"


UNDER_WAY = (ExportState.QUEUED, ExportState.RUNNING)


class ExportRun(OrgOwned):
    """A list being made into a workbook in the background, for the one who asked. ``org`` is whose eyes it is made with.

    ``query`` is the list's filters as JSON; kept encrypted, since a name or number may have been typed into the search box.
    """

    kind = models.CharField("名单", max_length=40)
    state = models.CharField("状态", max_length=10, choices=ExportState, default=ExportState.QUEUED)
    query = EncryptedTextField("条件")
    columns = models.JSONField("列", default=list)
    full = models.BooleanField("含原文", default=False)
    reason = models.CharField("用途", max_length=100, blank=True)
    total = models.PositiveIntegerField("行数", default=0)
    file = models.ForeignKey(StoredFile, verbose_name="文件", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    error = models.CharField("失败原因", max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="导出人", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("要求时间", auto_now_add=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "导出"
        verbose_name_plural = "导出"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["created_by", "-id"], name="export_user_id")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_known"),
            models.CheckConstraint(condition=~Q(state__in=["ready", "expired"]) | Q(file__isnull=False, finished_at__isnull=False), name="export_ready_with_file"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class ExportChoice(models.Model):
    """Columns a person chose last for a kind of list; offered the next time."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField("名单", max_length=40)
    columns = models.JSONField("列", default=list)

    class Meta:
        verbose_name = "导出列的选择"
        verbose_name_plural = "导出列的选择"
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="export_choice_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.user}"
