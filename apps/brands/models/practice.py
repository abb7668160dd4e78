import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Organization, OrgOwned
from apps.brands.models.brand import Brand
from apps.core.personal_data import PersonalClass

USER = settings.AUTH_USER_MODEL


class FitFor(models.TextChoices):
    COUNTY = "county", "县区"
    TOWN = "town", "乡镇街道"
    COMMUNITY = "community", "社区村"
    UNIT = "unit", "单位"


class PracticeList(OrgOwned):
    """经验做法清单, as the city issues it: numbered within the year, read by every place below. Once issued it stays as it is."""

    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveSmallIntegerField("期数")
    title = models.CharField("标题", max_length=60)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    issued_by = models.ForeignKey(USER, verbose_name="印发人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "经验做法清单"
        verbose_name_plural = "经验做法清单"
        ordering = ["-year", "-number"]
        indexes = [models.Index(fields=["org_path"], name="practice_list_org")]
        constraints = [models.UniqueConstraint(fields=["org", "year", "number"], name="practice_list_once", violation_error_message="这一期已经有了。")]

    def __str__(self) -> str:
        return f"{self.year} 年第 {self.number} 期"


class Practice(OrgOwned):
    """经验做法: what others may take over without looking into it anew. It lies with the city that lists it and is read by every place below; ``owner`` is the place
    whose brand it comes from."""

    listed = models.ForeignKey(PracticeList, verbose_name="清单", on_delete=models.PROTECT, related_name="practices")
    number = models.PositiveSmallIntegerField("编号")
    brand = models.ForeignKey(Brand, verbose_name="品牌", on_delete=models.PROTECT, related_name="practices")
    brand_name = models.CharField("品牌名称", max_length=30)
    owner = models.ForeignKey(Organization, verbose_name="来源", on_delete=models.PROTECT, related_name="+")
    title = models.CharField("做法", max_length=60)
    steps = models.JSONField("三步做法")
    conditions = models.CharField("适用条件", max_length=200)
    results = models.CharField("成效", max_length=300)
    contact = models.CharField("联系人", max_length=60)
    fit_for = models.JSONField("适用范围", default=list)

    PERSONAL = dict.fromkeys(("contact",), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "经验做法"
        verbose_name_plural = "经验做法"
        ordering = ["listed", "number"]
        indexes = [models.Index(fields=["org_path"], name="practice_org")]
        constraints = [models.UniqueConstraint(fields=["listed", "number"], name="practice_number_once")]

    def __str__(self) -> str:
        return self.title


class Question(OrgOwned):
    """What a place asks the owner of a practice, with the answer; kept for everybody who comes after."""

    practice = models.ForeignKey(Practice, verbose_name="经验做法", on_delete=models.PROTECT, related_name="questions")
    asker = models.ForeignKey(Organization, verbose_name="提问单位", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(USER, verbose_name="提问人", on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField("提问日期")
    text = models.CharField("问题", max_length=300)
    answer = models.CharField("答复", max_length=600, blank=True)
    answered_by = models.ForeignKey(USER, verbose_name="答复人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_on = models.DateField("答复日期", null=True, blank=True)

    class Meta:
        verbose_name = "问答"
        verbose_name_plural = "问答"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path"], name="practice_question_org")]
        constraints = [models.CheckConstraint(condition=Q(answered_on=None) | ~Q(answer=""), name="practice_question_answered")]

    def __str__(self) -> str:
        return self.text


class StudyState(models.TextChoices):
    DOING = "doing", "推进中"
    ADOPTED = "adopted", "已采用"
    ADAPTED = "adapted", "改造后采用"
    DROPPED = "dropped", "没有采用"


TAKEN = (StudyState.ADOPTED, StudyState.ADAPTED)
"""Outcomes in which the practice is in use."""


class StudyPlan(OrgOwned):
    """学习推广计划: a place takes a practice over as a plan of its own, in phases; what became of it, and whether it still works a year later."""

    practice = models.ForeignKey(Practice, verbose_name="经验做法", on_delete=models.PROTECT, related_name="plans")
    why = models.CharField("为什么学", max_length=200, blank=True)
    adaptation = models.CharField("本地结合点", max_length=300, blank=True)
    person = models.CharField("责任人", max_length=60, blank=True)
    expected = models.CharField("预期成果", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=StudyState, default=StudyState.DOING)
    outcome = models.CharField("结果说明", max_length=300, blank=True)
    ended_on = models.DateField("结束日期", null=True, blank=True)
    still_works = models.BooleanField("一年后仍在用", null=True, blank=True)
    checked_on = models.DateField("回访日期", null=True, blank=True)
    checked_note = models.CharField("回访情况", max_length=200, blank=True)
    started_on = models.DateField("起始日期")
    started_by = models.ForeignKey(USER, verbose_name="制定人", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("person",), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "学习推广计划"
        verbose_name_plural = "学习推广计划"
        ordering = ["-started_on", "-pk"]
        indexes = [models.Index(fields=["org_path", "state"], name="study_plan_org")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=StudyState.values), name="study_plan_state_known"),
            models.CheckConstraint(condition=Q(state="doing") | Q(ended_on__isnull=False), name="study_plan_ended_on_a_day"),
            models.CheckConstraint(condition=~Q(state="dropped") | ~Q(outcome=""), name="study_plan_dropped_with_reason"),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="study_plan_dates_in_order"),
            models.UniqueConstraint(fields=["org", "practice"], condition=Q(state="doing"), name="study_plan_one_running", violation_error_message="本单位正在学这一项。"),
        ]

    def __str__(self) -> str:
        return f"学习《{self.practice.title}》"

    @property
    def tone(self) -> str:
        return f"study_{self.state}"


class StudyPhase(OrgOwned):
    """One of the phases of a plan to learn."""

    plan = models.ForeignKey(StudyPlan, verbose_name="计划", on_delete=models.CASCADE, related_name="phases")
    order = models.PositiveSmallIntegerField("阶段")
    text = models.CharField("工作", max_length=120)
    person = models.CharField("责任人", max_length=60, blank=True)
    due_on = models.DateField("时限")
    done_on = models.DateField("完成日期", null=True, blank=True)
    result = models.CharField("成果", max_length=200, blank=True)

    PERSONAL = dict.fromkeys(("person",), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "计划阶段"
        verbose_name_plural = "计划阶段"
        ordering = ["order", "pk"]
        indexes = [models.Index(fields=["org_path"], name="study_phase_org")]
        constraints = [models.UniqueConstraint(fields=["plan", "order"], name="study_phase_once")]

    def __str__(self) -> str:
        return self.text


class StudyNote(OrgOwned):
    """A line of a plan's progress; kept as it was written."""

    plan = models.ForeignKey(StudyPlan, verbose_name="计划", on_delete=models.CASCADE, related_name="notes")
    text = models.CharField("进展", max_length=300)
    by = models.ForeignKey(USER, verbose_name="记录人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "计划进展"
        verbose_name_plural = "计划进展"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path"], name="study_note_org")]
        triggers = [pgtrigger.ReadOnly(name="study_note_kept")]

    def __str__(self) -> str:
        return self.text
