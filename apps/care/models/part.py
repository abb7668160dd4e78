from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.care.models.plan import PlanItem
from apps.core.personal_data import PersonalClass


class Side(models.TextChoices):
    """四位一体: who carries a service together."""

    BUREAU = "bureau", "老干部工作部门"
    DEPARTMENT = "department", "主管部门"
    UNIT = "unit", "原单位"
    COMMUNITY = "community", "社区"


class PartState(models.TextChoices):
    OPEN = "open", "待办"
    DONE = "done", "已办"


class ItemPart(OrgOwned):
    """What one side does about an item. ``org`` is that side's own place, so that whoever signs in there sees this row and nothing else of the plan; therefore it
    carries the few words it needs (``person``, ``need``, ``due_on``), which follow the item (``follow_items``). A side that isn't in the system is a name
    (``who``); its part lies with the bureau, which ticks for it. ``over``: the item or its plan has ended."""

    item = models.ForeignKey(PlanItem, verbose_name="服务事项", on_delete=models.PROTECT, related_name="parts")
    side = models.CharField("哪一方", max_length=12, choices=Side)
    who = models.CharField("单位名称", max_length=80)
    task = models.CharField("做什么", max_length=200)
    person = models.CharField("服务对象", max_length=60)
    need = models.CharField("需求", max_length=200)
    due_on = models.DateField("期限", null=True, blank=True)
    over = models.BooleanField("已不再办", default=False, db_default=False)
    state = models.CharField("状态", max_length=6, choices=PartState, default=PartState.OPEN)
    done_on = models.DateField("办理日期", null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="办理人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField("办理情况", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("person", "need", "task", "note"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "四位一体分工"
        verbose_name_plural = "四位一体分工"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path", "state", "due_on"], condition=Q(over=False), name="part_org_state")]
        constraints = [
            models.UniqueConstraint(fields=["item", "side"], name="part_once_a_side", violation_error_message="这一方已经有分工。"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="part_side_known"),
            models.CheckConstraint(
                condition=Q(state="open", done_on=None, done_by=None) | Q(state="done", done_on__isnull=False, done_by__isnull=False), name="part_done_with_who_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}：{self.task}"
