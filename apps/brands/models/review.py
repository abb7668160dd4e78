import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Organization, OrgOwned
from apps.brands.models.brand import Brand
from apps.core.personal_data import PersonalClass

USER = settings.AUTH_USER_MODEL


class RoundState(models.TextChoices):
    OPEN = "open", "评分中"
    CLOSED = "closed", "已出结果"


class Part(models.TextChoices):
    MATERIAL = "material", "材料评审"
    STAGE = "stage", "现场展示"
    VOTE = "vote", "互评投票"


class ReviewRound(OrgOwned):
    """展评 of several brands by several judges. ``criteria``: part → [{key, group, name, points, note}]; ``weights``: part → per cent; both are those of the day it was
    opened. ``issued`` counts codes of the vote. Results are kept with the entries once it is closed."""

    title = models.CharField("名称", max_length=60)
    criteria = models.JSONField("评分标准")
    weights = models.JSONField("权重")
    stage_seconds = models.PositiveSmallIntegerField("展示时限（秒）")
    issued = models.PositiveIntegerField("发出号码", default=0)
    state = models.CharField("状态", max_length=8, choices=RoundState, default=RoundState.OPEN)
    opened_on = models.DateField("开始日期")
    opened_by = models.ForeignKey(USER, verbose_name="组织人", on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField("出结果日期", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "品牌展评"
        verbose_name_plural = "品牌展评"
        ordering = ["-opened_on", "-pk"]
        indexes = [models.Index(fields=["org_path"], name="review_round_org")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RoundState.values), name="review_round_state_known"),
            models.CheckConstraint(condition=~Q(state="closed") | Q(closed_on__isnull=False), name="review_round_closed_on_a_day"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def open(self) -> bool:
        return self.state == RoundState.OPEN


class Entry(OrgOwned):
    """A brand in a round, in the order of showing; with the result once the round is closed."""

    round = models.ForeignKey(ReviewRound, verbose_name="展评", on_delete=models.CASCADE, related_name="entries")
    brand = models.ForeignKey(Brand, verbose_name="品牌", on_delete=models.PROTECT, related_name="entries")
    order = models.PositiveSmallIntegerField("顺序")
    started_at = models.DateTimeField("展示开始", null=True, blank=True)
    ended_at = models.DateTimeField("展示结束", null=True, blank=True)
    material = models.DecimalField("材料", max_digits=6, decimal_places=2, null=True, blank=True)
    stage = models.DecimalField("展示", max_digits=6, decimal_places=2, null=True, blank=True)
    votes = models.PositiveIntegerField("票数", null=True, blank=True)
    vote = models.DecimalField("互评", max_digits=6, decimal_places=2, null=True, blank=True)
    total = models.DecimalField("总分", max_digits=6, decimal_places=2, null=True, blank=True)
    rank = models.PositiveSmallIntegerField("名次", null=True, blank=True)

    class Meta:
        verbose_name = "参评品牌"
        verbose_name_plural = "参评品牌"
        ordering = ["order", "pk"]
        indexes = [models.Index(fields=["org_path"], name="review_entry_org")]
        constraints = [
            models.UniqueConstraint(fields=["round", "brand"], name="review_entry_once"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="review_entry_times_in_order"),
        ]

    @property
    def over(self) -> int:
        """Seconds shown beyond the limit."""
        if not self.ended_at:
            return 0
        return max(0, int((self.ended_at - self.started_at).total_seconds()) - self.round.stage_seconds)


class Judge(OrgOwned):
    """Who scores in a round. Judges sit with the round, whatever place they come from."""

    round = models.ForeignKey(ReviewRound, verbose_name="展评", on_delete=models.CASCADE, related_name="judges")
    user = models.ForeignKey(USER, verbose_name="评委", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "评委"
        verbose_name_plural = "评委"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path"], name="review_judge_org")]
        constraints = [models.UniqueConstraint(fields=["round", "user"], name="review_judge_once")]


class JudgeScore(OrgOwned):
    """What a judge gives an entry in a part: ``points``, criterion → whole number. ``final``: handed in; nobody else reads it until the round is closed."""

    entry = models.ForeignKey(Entry, verbose_name="参评品牌", on_delete=models.CASCADE, related_name="scores")
    judge = models.ForeignKey(Judge, verbose_name="评委", on_delete=models.CASCADE, related_name="scores")
    part = models.CharField("部分", max_length=8, choices=Part)
    points = models.JSONField("打分", default=dict)
    comment = models.CharField("评语", max_length=300, blank=True)
    total = models.PositiveSmallIntegerField("合计", default=0)
    final = models.BooleanField("已提交", default=False)

    PERSONAL = dict.fromkeys(("comment",), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "评委打分"
        verbose_name_plural = "评委打分"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path"], name="judge_score_org")]
        constraints = [
            models.UniqueConstraint(fields=["entry", "judge", "part"], name="judge_score_once"),
            models.CheckConstraint(condition=Q(part__in=("material", "stage")), name="judge_score_part_known"),
            models.CheckConstraint(condition=Q(total__lte=100), name="judge_score_of_hundred"),
        ]


class ReviewCode(OrgOwned):
    """A code of the vote nobody has used yet, as its fingerprint; ``barred``: the place whose own brand can't be chosen with it. Voting takes the row away."""

    round = models.ForeignKey(ReviewRound, verbose_name="展评", on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField("指纹", max_length=64, unique=True, db_collation="C")
    barred = models.ForeignKey(Organization, verbose_name="所属县区", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "投票号码"
        verbose_name_plural = "投票号码"
        indexes = [models.Index(fields=["org_path"], name="review_code_org")]


class ReviewSlip(OrgOwned):
    """What one voter chose (keys of entries). No time, no code, no place: the key is drawn by lot."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(ReviewRound, verbose_name="展评", on_delete=models.CASCADE, related_name="slips")
    choices = models.JSONField("选择")

    class Meta:
        verbose_name = "投票"
        verbose_name_plural = "投票"
        indexes = [models.Index(fields=["org_path"], name="review_slip_org")]
