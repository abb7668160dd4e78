import uuid

from django.conf import settings
from django.db import models

from apps.accounts.models import OrgOwned


class StoredFile(OrgOwned):
    """Bytes kept outside the web root, served only through a view that asks the same rights as the thing they belong to."""

    key = models.UUIDField("编号", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("散列值", max_length=64, db_index=True)
    path = models.CharField("存放位置", max_length=200)
    label = models.CharField("所属对象类别", max_length=60)
    subject_id = models.BigIntegerField("所属对象编号", null=True, blank=True)
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="上传人", null=True, on_delete=models.PROTECT, related_name="+")
    expires_on = models.DateField("到期删除", null=True, blank=True)
    sealed = models.BooleanField("加密存放", default=False)
    removed_at = models.DateTimeField("内容删除时间", null=True, blank=True)

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        indexes = [
            models.Index(fields=["label", "subject_id"], name="file_subject"),
            models.Index(fields=["expires_on"], condition=models.Q(removed_at=None), name="file_expiring"),
        ]

    def __str__(self) -> str:
        return self.name
