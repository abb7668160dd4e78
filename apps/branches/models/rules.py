from django.db import models
from django.db.models import F, Q

from apps.branches.standards import BASES


class BranchRule(models.Model):
    """One number of the set-up rules, in force from–to, with its source. One for the whole deployment."""

    key = models.CharField("规则", max_length=30, db_collation="C")
    name = models.CharField("名称", max_length=60)
    value = models.DecimalField("数值", max_digits=10, decimal_places=2)
    unit = models.CharField("单位", max_length=10)
    basis = models.CharField("性质", max_length=12, choices=BASES)
    source = models.CharField("依据", max_length=120)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = "支部设置规则"
        verbose_name_plural = "支部设置规则"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["key", "valid_from"], name="branch_rule_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="branch_rule_not_negative"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="branch_rule_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.name
