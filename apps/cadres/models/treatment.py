from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.cadres.models.cadre import Cadre
from apps.core.personal_data import PersonalClass


class Treatment(OrgOwned):
    """A political, living or medical treatment granted to a person, with its paper."""

    cadre = models.ForeignKey(Cadre, verbose_name="本人", on_delete=models.PROTECT, related_name="treatments")
    kind = models.CharField("待遇类别", max_length=20, db_collation="C")
    content = models.CharField("待遇内容", max_length=120)
    approved_on = models.DateField("批准时间", null=True, blank=True)
    document_no = models.CharField("批准文号", max_length=60, blank=True)
    starts_on = models.DateField("起", null=True, blank=True)
    ends_on = models.DateField("止", null=True, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("kind", "content", "approved_on", "document_no", "starts_on", "ends_on", "note"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "待遇"
        verbose_name_plural = "待遇"
        ordering = ["-starts_on", "-pk"]
        indexes = [models.Index(fields=["org_path"], name="treatment_org")]
        constraints = [models.CheckConstraint(condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")), name="treatment_dates_in_order")]
