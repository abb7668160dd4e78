import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.branches.models.application import Application
from apps.branches.models.branch import Branch


class BallotState(models.TextChoices):
    OPEN = "open", "评议中"
    CLOSED = "closed", "已结束"
    VOID = "void", "已作废"


class VoterGroup(models.TextChoices):
    MEMBER = "member", "党员"
    STAFF = "staff", "干部职工"
    DELEGATE = "delegate", "两代表一委员"
    MASS = "mass", "群众代表"


class Grade(models.TextChoices):
    GOOD = "good", "满意"
    FAIR = "fair", "基本满意"
    POOR = "poor", "不满意"
    UNKNOWN = "unknown", "不了解"


class Ballot(OrgOwned):
    """群众评议 of a branch, by one-time codes. Questions and threshold are those of the day it was opened; the last question is the verdict as a whole.

    With an ``application`` it is held on the spot by the team that inspects it, not by the branch.

    ``issued`` counts codes per group. Figures are kept here once it is closed, and only figures.
    """

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="ballots")
    application = models.ForeignKey(Application, verbose_name="现场核查的申报", null=True, blank=True, on_delete=models.PROTECT, related_name="ballots")
    title = models.CharField("名称", max_length=60)
    year = models.PositiveSmallIntegerField("年度")
    questions = models.JSONField("评议项目", default=list)
    threshold = models.DecimalField("满意率不低于（%）", max_digits=5, decimal_places=2)
    least = models.PositiveSmallIntegerField("少于多少票不显示结果")
    issued = models.JSONField("发出号码", default=dict)
    state = models.CharField("状态", max_length=10, choices=BallotState, default=BallotState.OPEN)
    opened_on = models.DateField("开始日期")
    closes_on = models.DateField("截止日期")
    rate = models.DecimalField("总体满意率（%）", max_digits=5, decimal_places=2, null=True, blank=True)
    voted = models.PositiveIntegerField("收回", null=True, blank=True)
    closed_on = models.DateField("结束日期", null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    told_on = models.DateField("通报日期", null=True, blank=True)
    told_how = models.CharField("通报方式", max_length=100, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="发起人", on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = "群众评议"
        verbose_name_plural = "群众评议"
        ordering = ["-opened_on", "-pk"]
        indexes = [
            models.Index(fields=["org_path", "year", "state"], name="ballot_org_year"),
            models.Index(fields=["closes_on"], condition=Q(state="open"), name="ballot_to_close"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BallotState.values), name="ballot_state_known"),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opened_on")), name="ballot_dates_in_order"),
            models.CheckConstraint(condition=Q(threshold__gte=0, threshold__lte=100), name="ballot_threshold_is_a_share"),
            models.CheckConstraint(condition=~Q(state="void") | ~Q(void_reason=""), name="ballot_void_with_reason"),
            models.CheckConstraint(condition=~Q(state="closed") | Q(closed_on__isnull=False, voted__isnull=False), name="ballot_closed_with_figures"),
            models.UniqueConstraint(
                fields=["branch"], condition=Q(state="open"), name="ballot_one_open", violation_error_message="这个党支部的上一次评议还没有结束。"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def short(self) -> bool:
        """Whether the result asks for 补课."""
        return self.rate is not None and self.rate < self.threshold


class BallotCode(OrgOwned):
    """A code nobody has voted with yet, as its fingerprint; nobody knows who holds it. Voting takes the row away, so nothing joins a code to an answer."""

    ballot = models.ForeignKey(Ballot, verbose_name="评议", on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField("指纹", max_length=64, unique=True, db_collation="C")
    group = models.CharField("身份", max_length=10, choices=VoterGroup)

    class Meta:
        verbose_name = "评议号码"
        verbose_name_plural = "评议号码"
        constraints = [models.CheckConstraint(condition=Q(group__in=VoterGroup.values), name="ballot_code_group_known")]


class BallotAnswer(OrgOwned):
    """What one voter ticked. No time, no code, no number in order: the key is drawn by lot, and closing writes the rows anew under fresh keys."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, verbose_name="评议", on_delete=models.CASCADE, related_name="answers")
    group = models.CharField("身份", max_length=10, choices=VoterGroup)
    grades = models.JSONField("选择")
    remark = models.CharField("意见", max_length=300, blank=True)

    class Meta:
        verbose_name = "评议票"
        verbose_name_plural = "评议票"
        constraints = [models.CheckConstraint(condition=Q(group__in=VoterGroup.values), name="ballot_answer_group_known")]
