from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q


class StandardState(models.TextChoices):
    DRAFT = "draft", "修订中"
    IN_FORCE = "in_force", "现行"
    RETIRED = "retired", "已停用"


class NamingMode(models.TextChoices):
    RIPE = "ripe", "成熟一个，命名一个"
    QUOTA = "quota", "按比例命名"


class Standard(models.Model):
    """What a branch is measured by in a campaign, one for the whole deployment. Editing one in force makes a new version; what was applied for by an old one stays with it.

    ``quota``: with ``NamingMode.QUOTA`` at most so many per cent of a city's branches are named in a year. ``bands``: [name, from so many points on], best first.
    ``vetoes``: sentences; what is found to be so is not named whatever its points."""

    campaign = models.CharField("创建活动", max_length=40)
    number = models.PositiveSmallIntegerField("版本")
    year = models.PositiveSmallIntegerField("年度", null=True, blank=True)
    total = models.DecimalField("总分", max_digits=5, decimal_places=1, default=100)
    bonus_cap = models.DecimalField("加分上限", max_digits=4, decimal_places=1, default=0)
    pass_score = models.DecimalField("命名分数线", max_digits=5, decimal_places=1, default=90)
    publicity_days = models.PositiveSmallIntegerField("公示工作日", default=5)
    mode = models.CharField("命名方式", max_length=10, choices=NamingMode, default=NamingMode.RIPE, db_default="ripe")
    quota = models.DecimalField("每年命名比例（%）", max_digits=5, decimal_places=2, null=True, blank=True)
    bands = models.JSONField("等次", default=list, blank=True)
    vetoes = models.JSONField("一票否决", default=list, blank=True)
    state = models.CharField("状态", max_length=10, choices=StandardState, default=StandardState.DRAFT)
    basis = models.CharField("依据", max_length=120, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="修订人", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False)
    version = models.PositiveIntegerField("记录版本", default=1, editable=False)

    class Meta:
        verbose_name = "创建标准"
        verbose_name_plural = "创建标准"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="standard_once"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="in_force"), name="standard_one_in_force"),
            models.UniqueConstraint(fields=["campaign"], condition=Q(state="draft"), name="standard_one_draft", violation_error_message="已经有一份修订中的标准。"),
            models.CheckConstraint(condition=Q(state__in=StandardState.values), name="standard_state_known"),
            models.CheckConstraint(condition=Q(mode="ripe", quota=None) | Q(mode="quota", quota__gt=0, quota__lte=100), name="standard_quota_with_its_mode"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}标准（第{self.number}版）"

    def band(self, points: Decimal | None) -> str:
        """The name of the band these points fall into, blank below the lowest or without points."""
        return next((name for name, least in self.bands if points is not None and points >= Decimal(str(least))), "")


class StandardItem(models.Model):
    """One line of a standard. ``fact`` names what the books say of it, "" nothing."""

    standard = models.ForeignKey(Standard, verbose_name="标准", on_delete=models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField("序号")
    group = models.CharField("大项", max_length=20)
    name = models.CharField("小项", max_length=30)
    points = models.DecimalField("分值", max_digits=4, decimal_places=1)
    requirement = models.CharField("要求", max_length=200)
    deduction = models.CharField("扣分", max_length=200, blank=True)
    evidence = models.CharField("佐证", max_length=80, blank=True)
    source = models.CharField("依据", max_length=80, blank=True)
    fact = models.CharField("记录", max_length=20, blank=True, db_collation="C")

    class Meta:
        verbose_name = "标准条目"
        verbose_name_plural = "标准条目"
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["standard", "order"], name="standard_item_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="standard_item_points"),
        ]

    def __str__(self) -> str:
        return self.name
