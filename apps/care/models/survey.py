from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.cadres.models import Cadre, Survivor
from apps.care.models.campaigns import Campaign
from apps.care.models.plan import PlanItem
from apps.care.models.todo import ToDo
from apps.core.personal_data import PersonalClass


class QuestionKind(models.TextChoices):
    YES_NO = "yes_no", "是或否"
    ONE = "one", "选一项"
    SEVERAL = "several", "可选多项"
    NUMBER = "number", "填数字"
    TEXT = "text", "填文字"


ASKING_FOR_NEEDS = (QuestionKind.YES_NO, QuestionKind.SEVERAL, QuestionKind.TEXT)
"""Kinds whose answer may be a need: a yes, anything chosen, anything written."""


class SurveyQuestion(models.Model):
    """One question of a campaign's survey (问需). With a ``category`` (of plan items) its answer may be a need, put into words by ``need``."""

    campaign = models.ForeignKey(Campaign, verbose_name="集中走访", on_delete=models.CASCADE, related_name="questions")
    order = models.PositiveSmallIntegerField("顺序", default=0)
    kind = models.CharField("怎样回答", max_length=10, choices=QuestionKind)
    text = models.CharField("问题", max_length=80)
    options = models.JSONField("选项", default=list, blank=True)
    required = models.BooleanField("必问", default=False)
    category = models.CharField("需求类别", max_length=20, blank=True, db_collation="C")
    need = models.CharField("转为事项时写成", max_length=60, blank=True)

    class Meta:
        verbose_name = "问需问题"
        verbose_name_plural = "问需问题"
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_known"),
            models.CheckConstraint(condition=Q(category="") | Q(kind__in=[kind.value for kind in ASKING_FOR_NEEDS]), name="question_need_kind"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def key(self) -> str:
        """Under which its answer stands in ``SurveyAnswer.answers``, and its field in the form."""
        return f"q{self.pk}"

    @property
    def wording(self) -> str:
        return self.need or self.text


class Manner(models.TextChoices):
    DOOR = "door", "上门"
    PHONE = "phone", "电话"


class SurveyAnswer(OrgOwned):
    """What one person answered, once per campaign: ``{"q12": "yes", "q13": ["保洁"]}``; a question nobody asked isn't there. ``once`` is made with the form."""

    campaign = models.ForeignKey(Campaign, verbose_name="集中走访", on_delete=models.PROTECT, related_name="answers")
    cadre = models.ForeignKey(Cadre, verbose_name="服务对象", on_delete=models.PROTECT, related_name="survey_answers")
    survivor = models.ForeignKey(Survivor, verbose_name="遗属", null=True, blank=True, on_delete=models.PROTECT, related_name="survey_answers")
    answers = models.JSONField("回答", default=dict)
    manner = models.CharField("怎样问的", max_length=10, choices=Manner, default=Manner.DOOR)
    answered_on = models.DateField("问需日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="填写人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("填写时间", auto_now=True)
    once = models.UUIDField("去重键")
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = {"answers": PersonalClass.INSIDE}

    class Meta:
        verbose_name = "问需回答"
        verbose_name_plural = "问需回答"
        ordering = ["org_path", "pk"]
        indexes = [models.Index(fields=["org_path"], name="survey_answer_org")]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "cadre", "survivor"], nulls_distinct=False, name="one_answer_each"),
            models.CheckConstraint(condition=Q(manner__in=Manner.values), name="answer_manner_known"),
        ]


class NeedTaken(OrgOwned):
    """What became of a need: an item of the plan or a to-do, with somebody and a day; or nothing (``declined`` says why). Once per answer and question."""

    answer = models.ForeignKey(SurveyAnswer, verbose_name="回答", on_delete=models.PROTECT, related_name="taken")
    question = models.ForeignKey(SurveyQuestion, verbose_name="问题", on_delete=models.PROTECT, related_name="+")
    item = models.OneToOneField(PlanItem, verbose_name="服务事项", null=True, blank=True, on_delete=models.PROTECT, related_name="survey_need")
    todo = models.OneToOneField(ToDo, verbose_name="待办", null=True, blank=True, on_delete=models.PROTECT, related_name="survey_need")
    declined = models.CharField("不需办理的原因", max_length=120, blank=True, default="", db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="转办人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("转办时间", auto_now_add=True)

    class Meta:
        verbose_name = "需求转办"
        verbose_name_plural = "需求转办"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path"], name="need_taken_org")]
        constraints = [
            models.UniqueConstraint(fields=["answer", "question"], name="need_taken_once"),
            models.CheckConstraint(
                condition=Q(item=None, todo__isnull=False, declined="") | Q(item__isnull=False, todo=None, declined="") | Q(item=None, todo=None) & ~Q(declined=""),
                name="need_became_one",
            ),
        ]
