from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.branches.models.member import PartyMember
from apps.core.personal_data import PersonalClass


class DuesPayment(OrgOwned):
    """党费 of one member for one month (``month``: its first day), in 元; nothing where the branch decided that nothing is due (``waived``). Lies with the branch."""

    member = models.ForeignKey(PartyMember, verbose_name="党员", on_delete=models.PROTECT, related_name="dues_payments")
    month = models.DateField("月份")
    amount = models.DecimalField("金额（元）", max_digits=8, decimal_places=2)
    waived = models.BooleanField("免交", default=False)
    paid_on = models.DateField("收缴日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+", editable=False)

    PERSONAL = dict.fromkeys(("member", "month", "amount", "waived", "paid_on"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "党费"
        verbose_name_plural = "党费"
        ordering = ["month", "pk"]
        indexes = [models.Index(fields=["org_path", "month"], name="dues_org_month")]
        constraints = [
            models.UniqueConstraint(fields=["member", "month"], name="dues_once_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="dues_month_is_a_first"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="dues_amount"),
            models.CheckConstraint(condition=Q(waived=False) | Q(amount=0), name="dues_waived_is_nothing"),
        ]
