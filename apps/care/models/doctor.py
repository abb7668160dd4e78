from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.cadres.models import Cadre
from apps.core.personal_data import PersonalClass


class DoctorContract(OrgOwned):
    """家庭医生签约: one term with one doctor. Renewing adds the next term; terms of a person don't overlap (``apps.care.actions.doctors`` sees to it)."""

    cadre = models.ForeignKey(Cadre, verbose_name="签约人", on_delete=models.PROTECT, related_name="doctor_contracts")
    doctor = models.CharField("家庭医生", max_length=40)
    institution = models.CharField("签约机构", max_length=80)
    phone = models.CharField("医生电话", max_length=30, blank=True)
    starts_on = models.DateField("签约起")
    ends_on = models.DateField("签约止")
    note = models.CharField("备注", max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("doctor", "institution", "phone", "starts_on", "ends_on", "note"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "家庭医生签约"
        verbose_name_plural = "家庭医生签约"
        ordering = ["-ends_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["cadre", "starts_on"], name="one_doctor_at_a_time"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="doctor_term_in_order"),
        ]
        indexes = [models.Index(fields=["ends_on"], name="doctor_ends"), models.Index(fields=["org_path"], name="doctor_org")]

    def __str__(self) -> str:
        return f"{self.institution} {self.doctor}"
