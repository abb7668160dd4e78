from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import Organization, OrgOwned


class BranchKind(models.TextChoices):
    COMMITTEE = "committee", "党委"
    GENERAL = "general", "党总支"
    BRANCH = "branch", "党支部"
    JOINT = "joint", "联合党支部"
    TEMPORARY = "temporary", "临时党支部"
    FLOATING = "floating", "流动党员党支部"
    FUNCTIONAL = "functional", "功能型党支部"


HOLDING = (BranchKind.BRANCH, BranchKind.JOINT)
"""Kinds in which one's membership (组织关系) lies; in the others one takes part beside it."""


class Area(OrgOwned):
    """片区: branches that share rooms and a head. Places below its own read it."""

    name = models.CharField("名称", max_length=40)
    head = models.CharField("片区长", max_length=60, blank=True)
    deputy = models.CharField("副片区长", max_length=60, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "片区"
        verbose_name_plural = "片区"
        ordering = ["org_path", "name"]
        indexes = [models.Index(fields=["org_path", "name"], name="area_org")]
        constraints = [models.UniqueConstraint(fields=["org", "name"], name="area_once", violation_error_message="这个片区已经有了。")]

    def __str__(self) -> str:
        return self.name


class Branch(OrgOwned):
    """A branch of retired cadres (and 党委, 党总支 above them). Never deleted: it is dissolved. Places below its own read it, so that a person's
    page can name the branch; people belong to places at or below it."""

    kind = models.CharField("类型", max_length=12, choices=BranchKind, default=BranchKind.BRANCH)
    name = models.CharField("名称", max_length=80)
    code = models.CharField("代码", max_length=30, blank=True, db_collation="C")
    superior = models.CharField("上级党组织", max_length=80, blank=True)
    hosts = models.ManyToManyField(Organization, verbose_name="依托单位", through="BranchHost", through_fields=("branch", "unit"), related_name="+")
    area = models.ForeignKey(Area, verbose_name="片区", null=True, blank=True, on_delete=models.PROTECT, related_name="branches")
    founded_on = models.DateField("成立时间", null=True, blank=True)
    approval_no = models.CharField("批准文号", max_length=60, blank=True)
    meeting_place = models.CharField("活动场所", max_length=80, blank=True)
    fixed_day = models.PositiveSmallIntegerField("固定活动日（每月几日）", null=True, blank=True)
    adviser = models.CharField("党建指导员", max_length=60, blank=True)
    dissolved_on = models.DateField("撤销时间", null=True, blank=True)
    dissolved_why = models.CharField("撤销原因", max_length=120, blank=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="建立人", null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "党支部"
        verbose_name_plural = "党支部"
        ordering = ["org_path", "name"]
        indexes = [models.Index(fields=["org_path", "name"], name="branch_org")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BranchKind.values), name="branch_kind_known"),
            models.CheckConstraint(condition=Q(fixed_day=None) | Q(fixed_day__gte=1, fixed_day__lte=31), name="branch_fixed_day"),
            models.CheckConstraint(condition=Q(dissolved_on=None) | ~Q(dissolved_why=""), name="branch_dissolved_with_reason"),
            models.UniqueConstraint(fields=["org", "name"], condition=Q(dissolved_on=None), name="branch_once", violation_error_message="这个单位已经有同名的党支部。"),
            models.UniqueConstraint(fields=["org", "code"], condition=~Q(code=""), name="branch_code_once", violation_error_message="这个代码已经用过。"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def holds(self) -> bool:
        """Whether one's membership lies here."""
        return self.kind in HOLDING


class BranchHost(OrgOwned):
    """A unit whose retired members the branch gathers; ``org`` is the branch's own managing unit."""

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.CASCADE, related_name="host_rows")
    unit = models.ForeignKey(Organization, verbose_name="依托单位", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "依托单位"
        verbose_name_plural = "依托单位"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["branch", "unit"], name="branch_host_once")]
