from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.care.models.plan import ServicePlan


class EditionState(models.TextChoices):
    SUBMITTED = "submitted", "待批"
    APPROVED = "approved", "已批准"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"


class PlanEdition(OrgOwned):
    """A plan as it was submitted to the head: ``content`` is plain and frozen (``apps.care.selectors.editions.content_of``). Approved ones are the plan's editions,
    counted by ``number``. Once decided a row never changes but for its place (a trigger holds it). A plan is in force whatever was decided:
    nobody is forgotten because a paper isn't signed."""

    plan = models.ForeignKey(ServicePlan, verbose_name="方案", on_delete=models.PROTECT, related_name="editions")
    state = models.CharField("状态", max_length=10, choices=EditionState, default=EditionState.SUBMITTED)
    number = models.PositiveSmallIntegerField("版次", null=True, blank=True)
    content = models.JSONField("内容")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="提交人", on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("提交时间")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="审批人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    note = models.CharField("意见", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "方案版本"
        verbose_name_plural = "方案版本"
        ordering = ["-submitted_at", "-pk"]
        indexes = [
            models.Index(fields=["plan", "state"], name="edition_plan"),
            models.Index(fields=["org_path", "submitted_at"], condition=Q(state="submitted"), name="edition_waiting"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=EditionState.values), name="edition_state_known"),
            models.CheckConstraint(condition=Q(state="approved", number__isnull=False) | ~Q(state="approved") & Q(number=None), name="edition_number_when_approved"),
            models.CheckConstraint(condition=Q(state="submitted", decided_at=None) | ~Q(state="submitted") & Q(decided_at__isnull=False), name="edition_decided_with_day"),
            models.UniqueConstraint(fields=["plan", "number"], name="edition_number_once"),
            models.UniqueConstraint(fields=["plan"], condition=Q(state="submitted"), name="edition_one_waiting", violation_error_message="这份方案刚刚已提交。"),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 版" if self.number else self.get_state_display()
