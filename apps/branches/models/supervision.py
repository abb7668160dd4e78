import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.branches.models.ballot import Ballot
from apps.branches.models.branch import Branch
from apps.core.personal_data import PersonalClass
from apps.core.workflow import Trail

USER = settings.AUTH_USER_MODEL


class Matter(models.TextChoices):
    """What a problem is about: the six 好, and the rest."""

    SETUP = "setup", "组织设置"
    TEAM = "team", "班子建设"
    MEMBERS = "members", "党员队伍"
    LIFE = "life", "学习活动"
    EFFECT = "effect", "作用发挥"
    RULES = "rules", "制度坚持"
    OTHER = "other", "其他"


class InspectionKind(models.TextChoices):
    REGULAR = "regular", "经常性督查"
    STAGE = "stage", "阶段性检查"
    RANDOM = "random", "不定期抽查"


class InspectionState(models.TextChoices):
    PLANNED = "planned", "待检查"
    DONE = "done", "已检查"
    CANCELLED = "cancelled", "已取消"


class DrawPurpose(models.TextChoices):
    INSPECTION = "inspection", "抽取检查对象"
    RECHECK = "recheck", "抽取整改复查"
    LOOKBACK = "lookback", "抽取回头看"


class Draw(OrgOwned):
    """A sample drawn by ``apps.core.draw``: from which list, with which seed, what came out. ``pool`` and ``chosen``: lists of [key, name]; nobody alters a row."""

    purpose = models.CharField("用途", max_length=12, choices=DrawPurpose)
    seed = models.CharField("种子", max_length=32, db_collation="C")
    pool = models.JSONField("名单")
    chosen = models.JSONField("抽中")
    drawn_by = models.ForeignKey(USER, verbose_name="抽取人", on_delete=models.PROTECT, related_name="+", editable=False)
    drawn_at = models.DateTimeField("抽取时间")

    class Meta:
        verbose_name = "抽取记录"
        verbose_name_plural = "抽取记录"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["org_path"], name="draw_org")]
        triggers = [pgtrigger.ReadOnly(name="draw_kept", exclude=["org", "org_path"]), pgtrigger.Protect(name="draw_not_deleted", operation=pgtrigger.Delete)]


class Inspection(OrgOwned):
    """A visit to a branch to look at its work: planned with day and team, then written down. What was found wrong is one ``Rectification`` each."""

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="inspections")
    kind = models.CharField("类型", max_length=10, choices=InspectionKind)
    planned_on = models.DateField("计划日期")
    team = models.CharField("检查组", max_length=120)
    draw = models.ForeignKey(Draw, verbose_name="抽取记录", null=True, blank=True, on_delete=models.PROTECT, related_name="inspections")
    state = models.CharField("状态", max_length=10, choices=InspectionState, default=InspectionState.PLANNED)
    inspected_on = models.DateField("检查日期", null=True, blank=True)
    ways = models.JSONField("检查方式", default=list)
    good = models.CharField("肯定", max_length=500, blank=True)
    demand = models.CharField("总的要求", max_length=500, blank=True)
    score = models.DecimalField("得分", max_digits=5, decimal_places=1, null=True, blank=True)
    cancelled_why = models.CharField("取消原因", max_length=120, blank=True)
    created_by = models.ForeignKey(USER, verbose_name="安排人", on_delete=models.PROTECT, related_name="+", editable=False)
    recorded_by = models.ForeignKey(USER, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "督查检查"
        verbose_name_plural = "督查检查"
        ordering = ["-planned_on", "-pk"]
        indexes = [models.Index(fields=["org_path", "state", "planned_on"], name="inspection_org")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=InspectionKind.values), name="inspection_kind_known"),
            models.CheckConstraint(condition=Q(state__in=InspectionState.values), name="inspection_state_known"),
            models.CheckConstraint(condition=~Q(state="done") | Q(inspected_on__isnull=False), name="inspection_done_with_day"),
            models.CheckConstraint(condition=Q(score=None) | Q(score__gte=0, score__lte=100), name="inspection_score"),
            models.UniqueConstraint(
                fields=["branch", "kind", "planned_on"], condition=~Q(state="cancelled"), name="inspection_once", violation_error_message="这一天同类的检查已经安排过。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.planned_on:%Y-%m-%d}"


class RectifySource(models.TextChoices):
    INSPECTION = "inspection", "督查检查"
    BALLOT = "ballot", "群众评议补课"
    LOOKBACK = "lookback", "回头看"
    SELF = "self", "自查"
    OTHER = "other", "其他"


class RectifyState(models.TextChoices):
    OPEN = "open", "整改中"
    REPORTED = "reported", "待销号"
    CLOSED = "closed", "已销号"
    VOID = "void", "已撤销"


class Rectification(OrgOwned):
    """One problem on the ledger (整改台账): 问题–措施–责任人–时限–销号. ``supervised_on``: 挂牌督办 since. ``recheck_due_on``: from when on a closed one may be drawn for a
    re-check; ``recheck_drawn_on``: it was; ``rechecked_on``: the result held."""

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="rectifications")
    source = models.CharField("来源", max_length=12, choices=RectifySource)
    inspection = models.ForeignKey(Inspection, verbose_name="检查", null=True, blank=True, on_delete=models.PROTECT, related_name="rectifications")
    ballot = models.OneToOneField(Ballot, verbose_name="评议", null=True, blank=True, on_delete=models.PROTECT, related_name="rectification")
    matter = models.CharField("类别", max_length=10, choices=Matter, default=Matter.OTHER)
    problem = models.CharField("问题", max_length=300)
    measure = models.CharField("整改措施", max_length=300, blank=True)
    owner = models.CharField("责任人", max_length=60, blank=True)
    opened_on = models.DateField("提出日期")
    due_on = models.DateField("整改时限")
    first_due_on = models.DateField("原时限")
    state = models.CharField("状态", max_length=10, choices=RectifyState, default=RectifyState.OPEN)
    result = models.CharField("整改结果", max_length=500, blank=True)
    reported_on = models.DateField("报送日期", null=True, blank=True)
    reported_by = models.ForeignKey(USER, verbose_name="报送人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField("销号日期", null=True, blank=True)
    closed_by = models.ForeignKey(USER, verbose_name="销号人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    supervised_on = models.DateField("挂牌督办", null=True, blank=True)
    recheck_due_on = models.DateField("可复查", null=True, blank=True)
    recheck_drawn_on = models.DateField("抽中复查", null=True, blank=True)
    rechecked_on = models.DateField("复查日期", null=True, blank=True)
    opened_by = models.ForeignKey(USER, verbose_name="提出人", on_delete=models.PROTECT, related_name="+", editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("owner",), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "整改"
        verbose_name_plural = "整改台账"
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["org_path", "state", "due_on"], name="rectify_org"), models.Index(fields=["branch", "state"], name="rectify_branch")]
        constraints = [
            models.CheckConstraint(condition=Q(source__in=RectifySource.values), name="rectify_source_known"),
            models.CheckConstraint(condition=Q(matter__in=Matter.values), name="rectify_matter_known"),
            models.CheckConstraint(condition=Q(state__in=RectifyState.values), name="rectify_state_known"),
            models.CheckConstraint(condition=~Q(state="closed") | Q(closed_on__isnull=False, closed_by__isnull=False), name="rectify_closed_by_somebody"),
            models.CheckConstraint(condition=Q(closed_by=None) | ~Q(closed_by=F("reported_by")), name="rectify_closed_by_another"),
            models.CheckConstraint(condition=Q(due_on__gte=F("opened_on")), name="rectify_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.problem


class RectificationStep(Trail, OrgOwned):
    """Who took which step with a rectification. The database lets nobody alter or delete one; it only moves with the branch."""

    case = models.ForeignKey(Rectification, verbose_name="整改", on_delete=models.PROTECT, related_name="steps")
    before = models.CharField("原状态", max_length=16, blank=True, choices=RectifyState)
    after = models.CharField("现状态", max_length=16, choices=RectifyState)

    class Meta:
        verbose_name = "整改办理记录"
        verbose_name_plural = "整改办理记录"
        ordering = ["pk"]
        triggers = [
            pgtrigger.ReadOnly(name="rectify_step_kept", exclude=["org", "org_path"]),
            pgtrigger.Protect(name="rectify_step_not_deleted", operation=pgtrigger.Delete),
        ]
