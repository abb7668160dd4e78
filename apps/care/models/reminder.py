from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import Organization, OrgOwned
from apps.activity.models import Notification
from apps.care.models.plan import ServicePlan
from apps.care.models.todo import ToDo


class Stage(models.TextChoices):
    UPCOMING = "upcoming", "即将到期"
    OVERDUE = "overdue", "已逾期"
    ESCALATED = "escalated", "上报督促"


class Digest(models.Model):
    """What one person was told on one day: one message, however many reminders."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField("日期")
    notification = models.OneToOneField(Notification, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "每日提醒"
        verbose_name_plural = "每日提醒"
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_digest_a_day")]


class DailyRun(models.Model):
    """A day whose reminders were opened: when last, and how many it opened over all its runs."""

    day = models.DateField("日期", primary_key=True)
    at = models.DateTimeField("时间", auto_now=True)
    opened = models.PositiveIntegerField("开出提醒", default=0)

    class Meta:
        verbose_name = "每日运行"
        verbose_name_plural = "每日运行"
        ordering = ["-day"]


class Reminder(OrgOwned):
    """The ledger: a due day and stage of a plan's rule, or of a to-do, is told once to each of its recipients. ``digest`` is set by whoever claims it.

    Of a to-do ``rule`` is its source.

    No foreign keys in the database: a morning writes hundreds of thousands of rows, each from rows read in the same statement, and checking five keys
    of each again at commit took as long as writing them. Plans, to-dos and users aren't deleted; Django still guards where they are.

    ``user`` empty: nobody answers for the place, which the dashboard shows. ``settled_at``: no longer due when it was to be told.
    """

    org = models.ForeignKey(Organization, verbose_name="管理单位", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    plan = models.ForeignKey(ServicePlan, verbose_name="方案", null=True, blank=True, on_delete=models.CASCADE, related_name="reminders", db_index=False, db_constraint=False)
    todo = models.ForeignKey(ToDo, verbose_name="待办", null=True, blank=True, on_delete=models.CASCADE, related_name="reminders", db_index=False, db_constraint=False)
    rule = models.CharField("规则", max_length=20, db_collation="C")
    due_on = models.DateField("应办日期")
    stage = models.CharField("阶段", max_length=10, choices=Stage)
    opened_on = models.DateField("开出日期")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="提醒谁", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    digest = models.ForeignKey(Digest, verbose_name="随哪次提醒发出", null=True, blank=True, on_delete=models.PROTECT, related_name="reminders", db_constraint=False)
    settled_at = models.DateTimeField("不再需要", null=True, blank=True)

    class Meta:
        verbose_name = "提醒"
        verbose_name_plural = "提醒"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "rule", "due_on", "stage", "user"], condition=Q(todo=None), nulls_distinct=False, name="reminder_once"),
            models.UniqueConstraint(fields=["todo", "due_on", "stage", "user"], condition=Q(plan=None), nulls_distinct=False, name="todo_reminder_once"),
            models.CheckConstraint(condition=Q(plan=None, todo__isnull=False) | Q(plan__isnull=False, todo=None), name="reminder_of_one"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="reminder_stage_known"),
        ]
        indexes = [
            models.Index(fields=["user", "due_on"], condition=Q(digest=None, settled_at=None), name="reminder_untold"),
            models.Index(fields=["org_path"], name="reminder_org"),
        ]
