import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.branches.models.branch import Branch
from apps.core.personal_data import PersonalClass
from apps.core.workflow import Trail

USER = settings.AUTH_USER_MODEL


class SheetState(models.TextChoices):
    DRAFT = "draft", "填报中"
    SUBMITTED = "submitted", "待审核"
    RETURNED = "returned", "已退回"
    ACCEPTED = "accepted", "已接受"


class SheetLayout(models.Model):
    """The columns of 《活动情况统计表》 from a quarter on, one for the whole deployment; before the first, and without any, those of ``standards.SHEET_COLUMNS``.
    ``columns``: [key, name, unit, group, "typed" or ""]. Never altered: a change is a new one."""

    year = models.PositiveSmallIntegerField("年度")
    quarter = models.PositiveSmallIntegerField("季度")
    columns = models.JSONField("栏目")
    basis = models.CharField("依据", max_length=120)
    created_by = models.ForeignKey(USER, verbose_name="修订人", on_delete=models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField("修订时间", auto_now_add=True)

    class Meta:
        verbose_name = "统计表格式"
        verbose_name_plural = "统计表格式"
        ordering = ["-year", "-quarter", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="sheet_layout_quarter")]
        triggers = [pgtrigger.ReadOnly(name="sheet_layout_kept"), pgtrigger.Protect(name="sheet_layout_not_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.year} 年{self.quarter}季度起"


class QuarterSheet(OrgOwned):
    """活动情况统计表 of a branch for a quarter. ``counted``: column → what the logged activities say, frozen when it is submitted; ``corrected``: column → {"value", "reason"}
    where a person knows better; ``typed``: columns nobody logs. Which columns there are says the ``SheetLayout`` of the quarter."""

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="quarter_sheets")
    year = models.PositiveSmallIntegerField("年度")
    quarter = models.PositiveSmallIntegerField("季度")
    state = models.CharField("状态", max_length=10, choices=SheetState, default=SheetState.DRAFT)
    counted = models.JSONField("按活动记录", default=dict, blank=True)
    corrected = models.JSONField("更正", default=dict, blank=True)
    typed = models.JSONField("填写", default=dict, blank=True)
    problems = models.CharField("存在问题", max_length=300, blank=True)
    submitted_on = models.DateField("报送日期", null=True, blank=True)
    submitted_by = models.ForeignKey(USER, verbose_name="报送人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    accepted_on = models.DateField("接受日期", null=True, blank=True)
    accepted_by = models.ForeignKey(USER, verbose_name="审核人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("problems",), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "活动情况统计表"
        verbose_name_plural = "活动情况统计表"
        ordering = ["-year", "-quarter", "pk"]
        indexes = [models.Index(fields=["org_path", "year", "quarter"], name="quarter_sheet_org")]
        constraints = [
            models.UniqueConstraint(fields=["branch", "year", "quarter"], name="quarter_sheet_once"),
            models.CheckConstraint(condition=Q(state__in=SheetState.values), name="quarter_sheet_state_known"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="quarter_sheet_quarter"),
            models.CheckConstraint(condition=~Q(state="accepted") | Q(accepted_by__isnull=False), name="quarter_sheet_accepted_by_somebody"),
            models.CheckConstraint(condition=Q(accepted_by=None) | ~Q(accepted_by=models.F("submitted_by")), name="quarter_sheet_accepted_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.quarter}季度活动情况统计表"


class QuarterSheetStep(Trail, OrgOwned):
    """Who took which step with a sheet. The database lets nobody alter or delete one; it only moves with the branch."""

    case = models.ForeignKey(QuarterSheet, verbose_name="统计表", on_delete=models.PROTECT, related_name="steps")
    before = models.CharField("原状态", max_length=16, blank=True, choices=SheetState)
    after = models.CharField("现状态", max_length=16, choices=SheetState)

    class Meta:
        verbose_name = "统计表办理记录"
        verbose_name_plural = "统计表办理记录"
        ordering = ["pk"]
        triggers = [
            pgtrigger.ReadOnly(name="sheet_step_kept", exclude=["org", "org_path"]),
            pgtrigger.Protect(name="sheet_step_not_deleted", operation=pgtrigger.Delete),
        ]
