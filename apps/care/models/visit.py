import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.cadres.models import Cadre, Survivor
from apps.files.models import StoredFile


@pghistory.track(pghistory.InsertEvent(level=pghistory.Statement), pghistory.UpdateEvent(level=pghistory.Statement), model_name="VisitEvent")
class Visit(OrgOwned):
    """A visit or a contact that took place. ``once`` is made with the form, so that a double press or a re-sent draft saves once."""

    cadre = models.ForeignKey(Cadre, verbose_name="走访对象", on_delete=models.PROTECT, related_name="visits")
    survivor = models.ForeignKey(Survivor, verbose_name="遗属", null=True, blank=True, on_delete=models.PROTECT, related_name="visits")
    visited_on = models.DateField("走访日期")
    occasion = models.CharField("事由", max_length=20, db_collation="C")
    way = models.CharField("方式", max_length=20, db_collation="C")
    in_person = models.BooleanField("见到本人", default=True)
    place = models.CharField("地点", max_length=80, blank=True)
    companions = models.CharField("陪同人员", max_length=80, blank=True)
    gifts = models.CharField("慰问品", max_length=80, blank=True)
    situation = models.TextField("情况", max_length=2000)
    need = models.CharField("需求", max_length=200, blank=True)
    next_step = models.CharField("下一步", max_length=300, blank=True)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="走访人", on_delete=models.PROTECT, related_name="+")
    once = models.UUIDField("去重键", unique=True)
    logged_at = models.DateTimeField("登记时间", auto_now_add=True)
    late_reason = models.CharField("补记原因", max_length=120, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    void_reason = models.CharField("作废原因", max_length=120, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "走访记录"
        verbose_name_plural = "走访记录"
        ordering = ["-visited_on", "-pk"]
        indexes = [
            models.Index(fields=["org_path", "-visited_on", "-id"], name="visit_org_day"),
            models.Index(fields=["-visited_on", "-id"], name="visit_by_day"),
            models.Index(fields=["cadre", "-visited_on"], name="visit_cadre_day"),
            models.Index(fields=["worker", "-visited_on"], name="visit_worker_day"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(voided_at=None, voided_by=None) | Q(voided_at__isnull=False, voided_by__isnull=False), name="visit_voided_with_who"),
        ]


class VisitPhoto(OrgOwned):
    """A photo of a visit, re-encoded; the bytes are a stored file."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="photos")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "走访照片"
        verbose_name_plural = "走访照片"
        ordering = ["pk"]
