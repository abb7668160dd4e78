from django.db import models
from django.db.models.functions import Now

from apps.core.models import Scoped


class AuditEvent(Scoped):
    """Who did or saw what. Text only, no foreign keys, never changed; sealed into a hash chain when its transaction commits."""

    at = models.DateTimeField("时间", db_default=Now())
    actor_id = models.BigIntegerField("操作人编号", null=True)
    actor = models.CharField("操作人", max_length=80)
    role = models.CharField("角色", max_length=20, blank=True)
    verb = models.CharField("动作", max_length=40)
    label = models.CharField("对象类别", max_length=60, blank=True)
    key = models.CharField("对象编号", max_length=40, blank=True)
    title = models.CharField("对象", max_length=120, blank=True)
    note = models.TextField("理由或说明", blank=True)
    data = models.JSONField("明细", default=dict, blank=True)
    address = models.CharField("来源地址", max_length=45, blank=True)
    request_id = models.CharField("请求编号", max_length=64, blank=True)

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["org_path", "-id"], name="audit_org_id"),
            models.Index(fields=["label", "key", "-id"], name="audit_object"),
            models.Index(fields=["actor_id", "-id"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.actor} {self.verb} {self.title}"


class AuditSeal(models.Model):
    """Place of an event in the chain: ``hash = sha256(previous hash ‖ event)``. Written by the database alone."""

    seq = models.BigIntegerField("序号", primary_key=True)
    event_id = models.BigIntegerField("记录编号", unique=True)
    hash = models.BinaryField("散列值")

    class Meta:
        verbose_name = "审计封印"
        verbose_name_plural = "审计封印"


class AuditHead(models.Model):
    """The chain's last link; one row, its lock orders the commits."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=b"")

    class Meta:
        verbose_name = "审计链末端"
        verbose_name_plural = "审计链末端"
