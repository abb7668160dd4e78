from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Code(models.Model):
    """One value of a code table (民族, 职级, 居住状况 …). Retired by date, never deleted. ``aliases`` are spellings found in sheets."""

    table = models.CharField("代码表", max_length=30, db_collation="C")
    code = models.CharField("代码", max_length=20, db_collation="C")
    name = models.CharField("名称", max_length=60)
    aliases = ArrayField(models.CharField(max_length=60), verbose_name="别名", default=list, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)
    source = models.CharField("依据", max_length=80, blank=True)

    class Meta:
        verbose_name = "代码"
        verbose_name_plural = "代码"
        ordering = ["table", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["table", "code"], name="code_once"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")), name="code_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.name
