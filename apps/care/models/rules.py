from django.db import models
from django.db.models import F, Q

from apps.accounts.permissions import Role
from apps.cadres.models import AttentionClass


class Dated(models.Model):
    """A rule in force from–to; published results keep the version they were made with."""

    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        abstract = True


class FrequencyRule(Dated):
    """How often a person of a class is contacted and visited, in days; the year's visit for those settled elsewhere too."""

    attention_class = models.CharField("类别", max_length=10, choices=AttentionClass)
    contact_days = models.PositiveSmallIntegerField("联系间隔（天）")
    visit_days = models.PositiveSmallIntegerField("走访间隔（天）")
    away_visit_days = models.PositiveSmallIntegerField("易地安置走访间隔（天）", default=365)

    class Meta:
        verbose_name = "走访频次规则"
        verbose_name_plural = "走访频次规则"
        ordering = ["attention_class", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["attention_class", "valid_from"], name="frequency_once"),
            models.CheckConstraint(condition=Q(contact_days__gte=1, visit_days__gte=1, away_visit_days__gte=1), name="frequency_positive"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="frequency_dates_in_order"),
        ]


class StageRule(Dated):
    """When a reminder of each stage opens, in days relative to the due day (−7 upcoming, 1 overdue, 15 escalated), and who is told.

    ``goes_to`` empty: the person responsible; a role: its holders in the nearest organisation upwards from the plan's, up to the city.
    ``also_to``: a role told beside them.
    """

    RECIPIENTS = [("", "责任人"), (Role.COUNTY_OFFICER.value, Role.COUNTY_OFFICER.label), (Role.LEADER.value, Role.LEADER.label)]

    stage = models.CharField("阶段", max_length=10)
    offset_days = models.SmallIntegerField("相对到期日（天）")
    goes_to = models.CharField("提醒谁", max_length=20, blank=True, default="", db_default="", choices=RECIPIENTS, db_collation="C")

    also_to = models.CharField("同时提醒", max_length=20, blank=True, default="", db_default="", choices=[("", "不另提醒"), *RECIPIENTS[1:]], db_collation="C")

    class Meta:
        verbose_name = "提醒阶段规则"
        verbose_name_plural = "提醒阶段规则"
        ordering = ["offset_days"]
        constraints = [models.UniqueConstraint(fields=["stage", "valid_from"], name="stage_rule_once")]


class SuggestionRule(Dated):
    """A condition on the record that counts for so many points: ``field`` ``operator`` ``value`` (JSON), and the sentence shown as reason.

    The points of all rules that hold are added; which class they come to says ``ClassThreshold``. Which fields and operators go together stands in
    ``apps.care.standards.SIGNALS``.
    """

    OPERATORS = [("eq", "等于"), ("in", "属于"), ("age_gte", "年龄不小于"), ("days_gte", "已满（天）"), ("within", "多少天以内")]

    key = models.CharField("规则", max_length=40)
    weight = models.PositiveSmallIntegerField("分值", default=1, db_default=1)
    field = models.CharField("档案字段", max_length=40)
    operator = models.CharField("比较", max_length=10, choices=OPERATORS)
    value = models.JSONField("值")
    reason = models.CharField("理由", max_length=80)

    class Meta:
        verbose_name = "类别建议规则"
        verbose_name_plural = "类别建议规则"
        ordering = ["-weight", "key"]
        constraints = [
            models.UniqueConstraint(fields=["key", "valid_from"], name="suggestion_once"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="suggestion_weighs_something"),
        ]


class ClassThreshold(Dated):
    """From how many points on the record speaks for a class. Whoever has fewer than any threshold asks for is 日常跟踪."""

    attention_class = models.CharField("类别", max_length=10, choices=[row for row in AttentionClass.choices if row[0] != AttentionClass.ROUTINE])
    points = models.PositiveSmallIntegerField("满多少分")

    class Meta:
        verbose_name = "类别分数线"
        verbose_name_plural = "类别分数线"
        ordering = ["-points", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["attention_class", "valid_from"], name="threshold_once"),
            models.CheckConstraint(condition=Q(points__gte=1), name="threshold_positive"),
        ]


class Trigger(models.TextChoices):
    EVENT = "event", "发生变动"
    BIRTHDAY = "birthday", "生日"
    FESTIVAL = "festival", "节日"
    SEASON = "season", "时令"
    RHYTHM = "rhythm", "定期"
    QUARTER = "quarter", "每季度"
    ITEM = "item", "服务事项到日"
    CONTRACT = "contract", "家医签约到期"


STANDING = (Trigger.ITEM, Trigger.CONTRACT)
"""There is one rule of each; it can be revised, not added to."""


class OccasionRule(Dated):
    """An occasion that obliges to a visit (必访), or to look at the class again (``opens`` "review"): what triggers it, whom it concerns, until when.

    ``setting`` by trigger: event ``{"kind": "admitted"}``; birthday ``{"from_age": 80, "every": 1}`` or ``{"from_age": 60, "every": 10}``; festival
    ``{"festival": "double_ninth"}``; season ``{"from": "07-01", "to": "08-31"}``; rhythm ``{"every": 30}`` (days since the last meeting);
    quarter ``{}``: by the quarter's last day; item and contract ``{}``: a date of a service item, the last day of a doctor's contract.
    ``whom`` are conditions as suggestion rules have them (field, operator, value), all of which must hold. ``due_days``: days after the event, or
    before the festival, by which one must have been there; ``ahead_days`` before that day it shows on the work list.
    """

    CONCERNS = [("cadre", "本人"), ("survivor", "遗属")]
    OPENS = [("occasion", "走访"), ("review", "类别复核"), ("item", "服务事项"), ("doctor", "家医续约")]

    key = models.CharField("规则", max_length=40, db_collation="C")
    name = models.CharField("名称", max_length=40)
    opens = models.CharField("开出", max_length=10, choices=OPENS, default="occasion", db_default="occasion")
    trigger = models.CharField("触发", max_length=10, choices=Trigger)
    setting = models.JSONField("设置", default=dict)
    whom = models.JSONField("对象条件", default=list, blank=True)
    concerns = models.CharField("走访谁", max_length=10, choices=CONCERNS, default="cadre")
    due_days = models.PositiveSmallIntegerField("期限（天）", default=0)
    ahead_days = models.PositiveSmallIntegerField("提前提示（天）", default=7)
    meet = models.BooleanField("须见面", default=True)
    occasion = models.CharField("走访事由", max_length=20, blank=True, db_collation="C")
    source = models.CharField("依据", max_length=80, blank=True)

    class Meta:
        verbose_name = "必访规则"
        verbose_name_plural = "必访规则"
        ordering = ["trigger", "key", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["key", "valid_from"], name="occasion_rule_once"),
            models.CheckConstraint(condition=Q(trigger__in=Trigger.values), name="occasion_trigger_known"),
            models.CheckConstraint(condition=~Q(opens="occasion") | ~Q(occasion=""), name="visits_have_an_occasion"),
        ]

    def __str__(self) -> str:
        return self.name
