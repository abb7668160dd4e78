from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.branches.models.branch import Branch
from apps.branches.models.member import PartyMember
from apps.core.personal_data import PersonalClass


class PledgeState(models.TextChoices):
    OPEN = "open", "进行中"
    KEPT = "kept", "已兑现"
    PARTLY = "partly", "部分兑现"
    FAILED = "failed", "未兑现"
    DROPPED = "dropped", "已撤下"


class Pledge(OrgOwned):
    """公开承诺 of a branch, or of one of its members (voluntary for the retired), for a year. Both lie with the branch.

    ``name_shown``: the member agreed that the public page names them; else it shows the surname alone.
    """

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="pledges")
    member = models.ForeignKey(PartyMember, verbose_name="承诺党员", null=True, blank=True, on_delete=models.PROTECT, related_name="pledges")
    year = models.PositiveSmallIntegerField("年度")
    text = models.CharField("承诺事项", max_length=200)
    measure = models.CharField("落实措施", max_length=200, blank=True)
    responsible = models.CharField("责任人", max_length=60, blank=True)
    due_on = models.DateField("完成时限")
    name_shown = models.BooleanField("本人同意公开姓名", default=False)
    state = models.CharField("状态", max_length=10, choices=PledgeState, default=PledgeState.OPEN)
    result = models.CharField("结果", max_length=200, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+", editable=False)

    PERSONAL = dict.fromkeys(("member", "responsible"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "公开承诺"
        verbose_name_plural = "公开承诺"
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["branch", "year"], name="pledge_branch_year"), models.Index(fields=["org_path", "year", "state"], name="pledge_org_year")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PledgeState.values), name="pledge_state_known"),
            models.CheckConstraint(condition=(Q(state="open") & Q(closed_on=None)) | (~Q(state="open") & Q(closed_on__isnull=False)), name="pledge_closed_with_day"),
        ]

    def __str__(self) -> str:
        return self.text


class PledgeProgress(OrgOwned):
    """What was done about a pledge in a quarter (1 to 4 of its year); once a quarter, corrected in place."""

    pledge = models.ForeignKey(Pledge, verbose_name="承诺", on_delete=models.CASCADE, related_name="progress")
    quarter = models.PositiveSmallIntegerField("季度")
    text = models.CharField("进展", max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "承诺进展"
        verbose_name_plural = "承诺进展"
        ordering = ["quarter"]
        constraints = [
            models.UniqueConstraint(fields=["pledge", "quarter"], name="pledge_progress_once_a_quarter"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="pledge_progress_quarter"),
        ]


class CommentForm(models.TextChoices):
    """How a comment was given; the published list."""

    MEETING = "meeting", "会议点评"
    RANDOM = "random", "随机点评"
    REGULAR = "regular", "定期点评"
    ON_SITE = "on_site", "现场点评"
    ONLINE = "online", "网络点评"
    OTHER = "other", "其他"


class PledgeComment(OrgOwned):
    """领导点评 on the pledges of a branch in a year, by somebody above it. Never changed; a further one may follow."""

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="pledge_comments")
    year = models.PositiveSmallIntegerField("年度")
    on = models.DateField("点评日期")
    form = models.CharField("方式", max_length=10, choices=CommentForm)
    commentator = models.CharField("点评人", max_length=60)
    good = models.CharField("肯定", max_length=300, blank=True)
    wanting = models.CharField("不足与要求", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "领导点评"
        verbose_name_plural = "领导点评"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["branch", "year"], name="pledge_comment_branch")]
        constraints = [models.CheckConstraint(condition=~Q(good="", wanting=""), name="pledge_comment_says_something")]


class PledgePage(OrgOwned):
    """The page without login that shows a branch's pledges of a year; ``key`` is in its address and can't be guessed. Taken down, its address is gone for good."""

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="pledge_pages")
    year = models.PositiveSmallIntegerField("年度")
    key = models.CharField("地址", max_length=43, unique=True, db_collation="C")

    class Meta:
        verbose_name = "承诺公开页"
        verbose_name_plural = "承诺公开页"
        constraints = [models.UniqueConstraint(fields=["branch", "year"], name="pledge_page_once")]
