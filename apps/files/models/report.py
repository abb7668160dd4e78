import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.files.models.stored import StoredFile


class RunState(models.TextChoices):
    QUEUED = "queued", "等待生成"
    RUNNING = "running", "生成中"
    READY = "ready", "已生成"
    PUBLISHED = "published", "已发布"
    FAILED = "failed", "未成功"


class ReportRun(OrgOwned):
    """One report for one organisation and period. ``context`` holds every figure as it was; a published one is never built again."""

    kind = models.CharField("报告", max_length=40)
    period = models.CharField("期间", max_length=10, help_text="例如 2026Q3")
    state = models.CharField("状态", max_length=10, choices=RunState, default=RunState.QUEUED)
    context = models.JSONField("数据", default=dict, blank=True)
    document = models.ForeignKey(StoredFile, verbose_name="正文", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    annex = models.ForeignKey(StoredFile, verbose_name="附表", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    done = models.PositiveSmallIntegerField("进度", default=0)
    error = models.CharField("失败原因", max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="生成人", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("生成时间", auto_now_add=True)
    data_until = models.DateTimeField("数据截至", null=True, blank=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="发布人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "报告"
        verbose_name_plural = "报告"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["org_path", "-id"], name="report_org_id")]
        triggers = [pgtrigger.Protect(name="published_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete, condition=pgtrigger.Q(old__state="published"))]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="report_state_known"),
            models.CheckConstraint(
                condition=(Q(state="published") & Q(published_at__isnull=False, published_by__isnull=False)) | (~Q(state="published") & Q(published_at=None)),
                name="report_published_with_who",
            ),
            models.UniqueConstraint(fields=["org", "kind", "period"], condition=Q(state="published"), name="report_published_once"),
            models.UniqueConstraint(fields=["org", "kind", "period"], condition=Q(state__in=["queued", "running"]), name="report_running_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} {self.org}"
