from django.conf import settings
from django.db import models

from apps.accounts.models import OrgOwned
from apps.cadres.models import Cadre, StatusChange
from apps.core.personal_data import PersonalClass


class HospitalStay(OrgOwned):
    """住院登记: what is known about one stay besides the admission registered in the registry (from–to and grade of self-care stand there), and who visits."""

    cadre = models.ForeignKey(Cadre, verbose_name="本人", on_delete=models.PROTECT, related_name="stays")
    admission = models.OneToOneField(StatusChange, verbose_name="住院变动", on_delete=models.CASCADE, related_name="stay")
    hospital = models.CharField("医院", max_length=80, blank=True)
    ward = models.CharField("科室、病区、床号", max_length=60, blank=True)
    reason = models.CharField("住院原因", max_length=120, blank=True)
    visitor = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="谁去看望", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("hospital", "ward", "reason"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "住院登记"
        verbose_name_plural = "住院登记"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["org_path"], name="stay_org")]

    def __str__(self) -> str:
        return f"{self.cadre} 住院"
