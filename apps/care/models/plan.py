import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.cadres.models import AttentionClass, Cadre


class PlanState(models.TextChoices):
    """A draft is next year's: it owes nothing and waits for the first of January, until when this year's plan goes on."""

    DRAFT = "draft", "下年草案"
    ACTIVE = "active", "执行中"
    CLOSED = "closed", "已终止"


@pghistory.track(
    pghistory.InsertEvent(level=pghistory.Statement),
    pghistory.UpdateEvent(level=pghistory.Statement),
    exclude=["last_contact_on", "last_visit_on", "contact_due_on", "visit_due_on"],
    model_name="ServicePlanEvent",
)
class ServicePlan(OrgOwned):
    """一人一策: one plan per person and year. The due days are settled by ``apps.care.reminders`` and by nothing else.

    Until a person has decided (``class_decided``), ``attention_class`` is what the record suggested: somebody undecided is visited all the same.
    """

    cadre = models.ForeignKey(Cadre, verbose_name="服务对象", on_delete=models.PROTECT, related_name="plans")
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=10, choices=PlanState, default=PlanState.ACTIVE)
    attention_class = models.CharField("类别", max_length=10, choices=AttentionClass)
    class_decided = models.BooleanField("类别已确定", default=False, db_default=False, editable=False)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="责任人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField("起算日期")
    away = models.BooleanField("易地安置", default=False)
    wishes = models.CharField("本人意愿", max_length=300, blank=True)
    community = models.CharField("社区及联系人", max_length=80, blank=True, default="", db_default="")
    lunar_birthday = models.BooleanField("过农历生日", default=False, db_default=False)
    moved_to = models.DateField("走访改期到", null=True, blank=True)
    moved_on = models.DateField("改期登记日期", null=True, blank=True)
    moved_note = models.CharField("改期原因", max_length=120, blank=True, default="", db_default="")
    last_contact_on = models.DateField("上次联系", null=True, blank=True, editable=False)
    last_visit_on = models.DateField("上次见面", null=True, blank=True, editable=False)
    contact_due_on = models.DateField("应联系", null=True, blank=True, editable=False)
    visit_due_on = models.DateField("应走访", null=True, blank=True, editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = "一人一策"
        verbose_name_plural = "一人一策"
        ordering = ["org_path", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cadre", "year"], name="one_plan_a_year"),
            models.CheckConstraint(condition=Q(attention_class__in=AttentionClass.values), name="plan_class_known"),
            models.CheckConstraint(condition=Q(state__in=PlanState.values), name="plan_state_known"),
            models.CheckConstraint(condition=Q(moved_to=None, moved_on=None) | Q(moved_to__gte=F("moved_on")), name="plan_moved_forward"),
            models.CheckConstraint(condition=Q(state="active") | Q(contact_due_on=None, visit_due_on=None), name="closed_plan_owes_nothing"),
        ]
        indexes = [
            models.Index(fields=["org_path", "visit_due_on"], condition=Q(state="active"), name="plan_org_visit_due"),
            models.Index(fields=["org_path", "contact_due_on"], condition=Q(state="active"), name="plan_org_contact_due"),
            models.Index(fields=["worker", "visit_due_on"], condition=Q(state="active"), name="plan_worker_visit_due"),
            models.Index(fields=["worker", "contact_due_on"], condition=Q(state="active"), name="plan_worker_contact_due"),
            models.Index(fields=["org_path", "year", "attention_class"], name="plan_org_year_class"),
            models.Index(fields=["org_path"], condition=Q(state="active", class_decided=False), name="plan_class_open"),
            models.Index(fields=["org_path", "visit_due_on"], condition=Q(state="active", worker=None), name="plan_unassigned"),
            models.Index(fields=["visit_due_on", "id"], condition=Q(state="active", away=False), name="plan_visit_due"),
            models.Index(fields=["visit_due_on", "id"], condition=Q(state="active", away=True), name="plan_away_due"),
            models.Index(fields=["contact_due_on", "id"], condition=Q(state="active"), name="plan_contact_due"),
        ]


CARRIED = "沿用上年度类别"
"""Note of the decision that a new year's plan begins with."""


class ClassDecision(OrgOwned):
    """Who put a person into which class, when, why, and what the record suggested. Immutable."""

    plan = models.ForeignKey(ServicePlan, verbose_name="方案", on_delete=models.PROTECT, related_name="decisions")
    before = models.CharField("原类别", max_length=10, blank=True, choices=AttentionClass)
    after = models.CharField("定为", max_length=10, choices=AttentionClass)
    suggested = models.CharField("系统建议", max_length=10, choices=AttentionClass)
    reasons = models.JSONField("建议理由", default=list)
    note = models.CharField("决定理由", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="决定人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "类别决定"
        verbose_name_plural = "类别决定"
        ordering = ["-at", "-pk"]


class ItemState(models.TextChoices):
    OPEN = "open", "进行中"
    DONE = "done", "已完成"
    DROPPED = "dropped", "不再需要"


class Frequency(models.TextChoices):
    ONCE = "once", "一次"
    WEEKLY = "weekly", "每周"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"
    HALF_YEARLY = "half_yearly", "每半年"
    YEARLY = "yearly", "每年"


class PlanItem(OrgOwned):
    """A need and what is done about it; a need voiced at a visit becomes one.

    Done once, by ``due_on``; or again and again from ``starts_on`` to ``due_on`` (to no end without it). Each date opens a to-do
    (``apps.care.reminders.occurrences``), which keeps what was done.
    """

    plan = models.ForeignKey(ServicePlan, verbose_name="方案", on_delete=models.PROTECT, related_name="items")
    category = models.CharField("类别", max_length=20, db_collation="C")
    need = models.CharField("需求", max_length=200)
    measure = models.CharField("措施", max_length=300, blank=True)
    lead_unit = models.CharField("牵头单位", max_length=80, blank=True)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="责任人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    frequency = models.CharField("频次", max_length=12, choices=Frequency, default=Frequency.ONCE, db_default=Frequency.ONCE)
    starts_on = models.DateField("起", null=True, blank=True)
    due_on = models.DateField("办结期限", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=ItemState, default=ItemState.OPEN)
    result = models.CharField("办理结果", max_length=300, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("care.Visit", verbose_name="来自走访", null=True, blank=True, on_delete=models.PROTECT, related_name="items")
    created_at = models.DateTimeField("提出时间", auto_now_add=True)
    version = models.PositiveIntegerField("版本", default=1, db_default=1, editable=False)

    class Meta:
        verbose_name = "服务事项"
        verbose_name_plural = "服务事项"
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["org_path", "state", "due_on"], name="item_org_state_due"),
            models.Index(fields=["worker", "due_on"], condition=Q(state="open"), name="item_worker_due"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ItemState.values), name="item_state_known"),
            models.CheckConstraint(
                condition=(Q(state="open") & Q(closed_at=None, closed_by=None)) | (~Q(state="open") & Q(closed_at__isnull=False, closed_by__isnull=False)),
                name="item_closed_with_who_when",
            ),
            models.CheckConstraint(condition=Q(due_on=None) | Q(starts_on=None) | Q(due_on__gte=F("starts_on")), name="item_dates_in_order"),
            models.CheckConstraint(condition=Q(frequency__in=Frequency.values), name="item_frequency_known"),
            models.CheckConstraint(condition=Q(frequency="once") | Q(starts_on__isnull=False), name="item_rhythm_has_a_first_day"),
        ]
