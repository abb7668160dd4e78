import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.brands.models.brand import Brand, Goal
from apps.core.personal_data import PersonalClass
from apps.core.workflow import Trail

USER = settings.AUTH_USER_MODEL
LINES = ("planned", "done", "problems", "next_step")
"""Columns of a report that are written as text, and that the city marks one by one."""


class ReportState(models.TextChoices):
    DRAFT = "draft", "填写中"
    SUBMITTED = "submitted", "待审阅"
    RETURNED = "returned", "已退回"
    ACCEPTED = "accepted", "已接受"


HANDED_IN = (ReportState.SUBMITTED, ReportState.ACCEPTED)
"""States in which a report's figures count; those of a draft, or of one that was returned, don't."""


class Mark(models.TextChoices):
    GOOD = "good", "好"
    FAIR = "fair", "一般"
    POOR = "poor", "差"


class QuarterReport(OrgOwned):
    """季度进展 of a brand. ``comments``: column → what the city says at it. ``late``: handed in after the last day, as it was the first time."""

    brand = models.ForeignKey(Brand, verbose_name="品牌", on_delete=models.PROTECT, related_name="reports")
    year = models.PositiveSmallIntegerField("年度")
    quarter = models.PositiveSmallIntegerField("季度")
    planned = models.TextField("本季计划", max_length=1000, blank=True)
    done = models.TextField("完成情况", max_length=2000, blank=True)
    problems = models.TextField("问题和困难", max_length=1000, blank=True)
    next_step = models.TextField("下一步", max_length=1000, blank=True)
    activities = models.PositiveIntegerField("开展活动（次）", null=True, blank=True)
    participants = models.PositiveIntegerField("参与人次", null=True, blank=True)
    beneficiaries = models.PositiveIntegerField("受益老同志（人）", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=ReportState, default=ReportState.DRAFT)
    comments = models.JSONField("审阅意见", default=dict, blank=True)
    mark = models.CharField("评价", max_length=6, choices=Mark, blank=True)
    submitted_on = models.DateField("报送日期", null=True, blank=True)
    submitted_by = models.ForeignKey(USER, verbose_name="报送人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    late = models.BooleanField("逾期报送", default=False)
    accepted_on = models.DateField("接受日期", null=True, blank=True)
    accepted_by = models.ForeignKey(USER, verbose_name="审阅人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(LINES, PersonalClass.INSIDE)

    class Meta:
        verbose_name = "季度进展"
        verbose_name_plural = "季度进展"
        ordering = ["-year", "-quarter", "pk"]
        indexes = [models.Index(fields=["org_path", "year", "quarter"], name="brand_report_org")]
        constraints = [
            models.UniqueConstraint(fields=["brand", "year", "quarter"], name="brand_report_once"),
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="brand_report_state_known"),
            models.CheckConstraint(condition=Q(mark="") | Q(mark__in=Mark.values), name="brand_report_mark_known"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="brand_report_quarter"),
            models.CheckConstraint(condition=~Q(state="accepted") | Q(accepted_by__isnull=False) & ~Q(mark=""), name="brand_report_accepted_with_mark"),
            models.CheckConstraint(condition=Q(accepted_by=None) | ~Q(accepted_by=F("submitted_by")), name="brand_report_accepted_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.quarter}季度进展"


class ReportStep(Trail, OrgOwned):
    """Who took which step with a report. The database lets nobody alter or delete one."""

    case = models.ForeignKey(QuarterReport, verbose_name="季度进展", on_delete=models.PROTECT, related_name="steps")
    before = models.CharField("原状态", max_length=16, blank=True, choices=ReportState)
    after = models.CharField("现状态", max_length=16, choices=ReportState)

    class Meta:
        verbose_name = "季度进展办理记录"
        verbose_name_plural = "季度进展办理记录"
        ordering = ["pk"]
        triggers = [pgtrigger.ReadOnly(name="brand_report_step_kept"), pgtrigger.Protect(name="brand_report_step_not_deleted", operation=pgtrigger.Delete)]


class GoalFigure(OrgOwned):
    """Where a goal stands at the end of a quarter."""

    report = models.ForeignKey(QuarterReport, verbose_name="季度进展", on_delete=models.CASCADE, related_name="figures")
    goal = models.ForeignKey(Goal, verbose_name="目标", on_delete=models.PROTECT, related_name="figures")
    now = models.DecimalField("现在", max_digits=12, decimal_places=1)

    class Meta:
        verbose_name = "目标进展"
        verbose_name_plural = "目标进展"
        ordering = ["goal__order", "pk"]
        indexes = [models.Index(fields=["org_path"], name="goal_figure_org")]
        constraints = [
            models.UniqueConstraint(fields=["report", "goal"], name="goal_figure_once"),
            models.CheckConstraint(condition=Q(now__gte=0), name="goal_figure_not_negative"),
        ]
