from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.cadres.models.cadre import Cadre
from apps.core.personal_data import PersonalClass


class ChangeKind(models.TextChoices):
    REGISTERED = "registered", "新办离退休"
    RECEIVED = "received", "接收调入"
    MOVED_OUT = "moved_out", "调出移交"
    TREATMENT = "treatment", "职级待遇变动"
    RESIDENCE = "residence", "居住地变动"
    RESETTLED = "resettled", "易地安置"
    ADMITTED = "admitted", "住院"
    DISCHARGED = "discharged", "出院"
    DISABLED = "disabled", "失能认定"
    WIDOWED = "widowed", "丧偶"
    FELL = "fell", "摔伤"
    DIAGNOSED = "diagnosed", "确诊大病"
    DECEASED = "deceased", "去世"
    CORRECTED = "corrected", "信息更正"
    RESTORED = "restored", "恢复（误登）"


class StatusChange(OrgOwned):
    """An event in a person's life as the registry keeps it. Immutable; a mistake is mended by another row."""

    cadre = models.ForeignKey(Cadre, verbose_name="本人", on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField("变动类别", max_length=12, choices=ChangeKind)
    effective_on = models.DateField("发生日期")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    document_no = models.CharField("依据文号", max_length=60, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    before = models.JSONField("变动前", default=dict, blank=True)
    after = models.JSONField("变动后", default=dict, blank=True)

    PERSONAL = dict.fromkeys(("kind", "effective_on", "document_no", "note", "before", "after"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "增减变动"
        verbose_name_plural = "增减变动"
        ordering = ["-effective_on", "-pk"]
        indexes = [models.Index(fields=["org_path", "kind", "effective_on"], name="change_org_kind_day")]
        constraints = [models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="change_kind_known")]
