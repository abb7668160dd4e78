import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.core.personal_data import PersonalClass
from apps.core.workflow import Trail
from apps.files.models import StoredFile

USER = settings.AUTH_USER_MODEL


class ThemeLine(models.TextChoices):
    PROBLEM = "problem", "问题导向"
    SERVICE = "service", "服务老干部"
    ROLE = "role", "发挥作用"
    INHERIT = "inherit", "继承发展"


class BrandState(models.TextChoices):
    DRAFT = "draft", "草稿"
    APPLIED = "applied", "已申报"
    RETURNED = "returned", "退回修改"
    HEARING = "hearing", "立项评审"
    BUILDING = "building", "创建中"
    APPLYING = "applying", "申请评审"
    SHORTLISTED = "shortlisted", "初评通过"
    PROPOSED = "proposed", "拟命名"
    PUBLIC = "public", "公示中"
    NAMED = "named", "已命名"
    SPREADING = "spreading", "推广中"
    RECTIFYING = "rectifying", "复评整改"
    REMOVED = "removed", "已撤销"
    STOPPED = "stopped", "已终止"


class Award(models.TextChoices):
    MODEL = "model", "示范品牌"
    FINE = "fine", "优秀品牌"


ENDED = ("removed", "stopped")
UNDER_WAY = tuple(state for state in BrandState.values if state not in ENDED)
REPORTING = ("building", "applying", "shortlisted", "proposed", "public", "named", "spreading", "rectifying")
"""States in which a brand hands in quarterly reports."""
HOLDING = ("named", "spreading", "rectifying")
TEXTS = (
    "name", "line", "slogan", "logo_meaning", "meaning", "background", "problem", "target_group", "carrier", "effect", "spread_plan", "leader", "contact", "people", "group",
    "budget", "media", "starts_on", "ends_on",
)  # fmt: skip
"""Columns that whoever creates the brand writes, and a reviewer may comment on."""


class Brand(OrgOwned):
    """品牌 of a county, a unit or a branch's unit: what it is, whom it is for, how far it came. ``comments``: column → what the reviewer says at it."""

    name = models.CharField("品牌名称", max_length=30)
    line = models.CharField("主题", max_length=10, choices=ThemeLine)
    slogan = models.CharField("口号", max_length=40, blank=True)
    logo = models.ForeignKey(StoredFile, verbose_name="标识", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    logo_meaning = models.CharField("标识含义", max_length=200, blank=True)
    meaning = models.CharField("品牌内涵", max_length=200, blank=True)
    background = models.TextField("背景", max_length=1000, blank=True)
    problem = models.TextField("要解决的难题", max_length=1000, blank=True)
    target_group = models.CharField("服务对象", max_length=120, blank=True)
    carrier = models.TextField("载体与措施", max_length=2000, blank=True)
    effect = models.TextField("预期成效", max_length=1000, blank=True)
    spread_plan = models.TextField("推广设想", max_length=1000, blank=True)
    leader = models.CharField("负责人", max_length=60, blank=True)
    contact = models.CharField("联系人", max_length=60, blank=True)
    people = models.CharField("参与人员", max_length=300, blank=True)
    group = models.CharField("创建工作领导小组", max_length=300, blank=True)
    budget = models.CharField("经费", max_length=120, blank=True)
    media = models.TextField("宣传与影响", max_length=1000, blank=True)
    starts_on = models.DateField("创建起", null=True, blank=True)
    ends_on = models.DateField("创建止", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=BrandState, default=BrandState.DRAFT)
    comments = models.JSONField("评审意见", default=dict, blank=True)
    applied_by = models.ForeignKey(USER, verbose_name="申报人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(USER, verbose_name="立项人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_on = models.DateField("立项日期", null=True, blank=True)
    award = models.CharField("等次", max_length=10, choices=Award, blank=True)
    public_from = models.DateField("公示起", null=True, blank=True)
    public_to = models.DateField("公示止", null=True, blank=True)
    named_by = models.ForeignKey(USER, verbose_name="命名人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    named_on = models.DateField("命名日期", null=True, blank=True)
    document_no = models.CharField("命名文号", max_length=60, blank=True)
    reviewed_again_on = models.DateField("上次复评", null=True, blank=True)
    ended_on = models.DateField("结束日期", null=True, blank=True)
    changed_at = models.DateTimeField("最近动静", auto_now=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("leader", "contact", "people", "group"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "品牌"
        verbose_name_plural = "品牌"
        ordering = ["org_path", "pk"]
        indexes = [models.Index(fields=["org_path", "state"], name="brand_org")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BrandState.values), name="brand_state_known"),
            models.CheckConstraint(condition=Q(line__in=ThemeLine.values), name="brand_line_known"),
            models.CheckConstraint(condition=Q(award="") | Q(award__in=Award.values), name="brand_award_known"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gt=F("starts_on")), name="brand_dates_in_order"),
            models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("applied_by")), name="brand_approved_by_another"),
            models.CheckConstraint(condition=Q(named_by=None) | ~Q(named_by=F("applied_by")), name="brand_named_by_another"),
            models.CheckConstraint(condition=~Q(state__in=HOLDING) | Q(named_on__isnull=False) & ~Q(document_no=""), name="brand_named_on_paper"),
            models.UniqueConstraint(
                fields=["org", "name"], condition=~Q(state__in=("removed", "stopped")), name="brand_name_once", violation_error_message="本单位已有叫这个名字的品牌。"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tone(self) -> str:
        return f"brand_{self.state}"

    @property
    def named(self) -> bool:
        return self.state in HOLDING


class BrandStep(Trail, OrgOwned):
    """Who took which step with a brand. The database lets nobody alter or delete one."""

    case = models.ForeignKey(Brand, verbose_name="品牌", on_delete=models.PROTECT, related_name="steps")
    before = models.CharField("原状态", max_length=16, blank=True, choices=BrandState)
    after = models.CharField("现状态", max_length=16, choices=BrandState)

    class Meta:
        verbose_name = "品牌办理记录"
        verbose_name_plural = "品牌办理记录"
        ordering = ["pk"]
        triggers = [pgtrigger.ReadOnly(name="brand_step_kept"), pgtrigger.Protect(name="brand_step_not_deleted", operation=pgtrigger.Delete)]


class Goal(OrgOwned):
    """A measurable aim of a brand: from ``start`` to ``target``, in ``unit``."""

    brand = models.ForeignKey(Brand, verbose_name="品牌", on_delete=models.CASCADE, related_name="goals")
    order = models.PositiveSmallIntegerField("序号")
    name = models.CharField("指标", max_length=40)
    unit = models.CharField("单位", max_length=10)
    start = models.DecimalField("起点", max_digits=12, decimal_places=1, default=0)
    target = models.DecimalField("目标", max_digits=12, decimal_places=1)

    class Meta:
        verbose_name = "品牌目标"
        verbose_name_plural = "品牌目标"
        ordering = ["order", "pk"]
        indexes = [models.Index(fields=["org_path"], name="goal_org")]
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="goal_once", violation_error_message="有两个目标一样。"),
            models.CheckConstraint(condition=Q(start__gte=0, target__gte=0), name="goal_not_negative"),
            models.CheckConstraint(condition=~Q(target=F("start")), name="goal_goes_somewhere"),
        ]

    def __str__(self) -> str:
        return self.name

    def reached(self, now) -> bool:
        """Whether ``now`` is at the target or beyond, in the direction the goal points."""
        return now is not None and (now >= self.target if self.target > self.start else now <= self.target)

    def share(self, now) -> int | None:
        """How far of the way, 0 to 100 per cent, cut; None without a figure."""
        if now is None:
            return None
        return int(max(0, min(100, (now - self.start) * 100 / (self.target - self.start))))


class PlannedStep(OrgOwned):
    """What is to be done in a month."""

    brand = models.ForeignKey(Brand, verbose_name="品牌", on_delete=models.CASCADE, related_name="planned")
    month = models.DateField("月份")
    text = models.CharField("工作", max_length=120)
    done_on = models.DateField("完成日期", null=True, blank=True)

    class Meta:
        verbose_name = "进度安排"
        verbose_name_plural = "进度安排"
        ordering = ["month", "pk"]
        indexes = [models.Index(fields=["org_path"], name="planned_step_org")]
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="planned_step_month")]

    def __str__(self) -> str:
        return self.text


class Rung(models.TextChoices):
    """推广 one rung after another: a pilot, the own county, others."""

    PILOT = "pilot", "试点"
    OWN = "own", "本县区"
    OTHER = "other", "外县区"


class Spread(OrgOwned):
    """A place where the brand is at work: which rung, since when, how many people it reaches, what shows it."""

    brand = models.ForeignKey(Brand, verbose_name="品牌", on_delete=models.CASCADE, related_name="spread")
    rung = models.CharField("范围", max_length=8, choices=Rung)
    place = models.CharField("地点", max_length=60)
    since = models.DateField("起始日期")
    people = models.PositiveIntegerField("惠及人数", default=0)
    evidence = models.CharField("依据", max_length=200)
    ended_on = models.DateField("停止日期", null=True, blank=True)
    ended_why = models.CharField("停止原因", max_length=120, blank=True)

    class Meta:
        verbose_name = "推广点"
        verbose_name_plural = "推广点"
        ordering = ["since", "pk"]
        indexes = [models.Index(fields=["org_path", "rung"], name="spread_org")]
        constraints = [
            models.CheckConstraint(condition=Q(rung__in=Rung.values), name="spread_rung_known"),
            models.UniqueConstraint(fields=["brand", "rung", "place"], condition=Q(ended_on=None), name="spread_once", violation_error_message="这个地点已经登记过。"),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=F("since")) & ~Q(ended_why=""), name="spread_ended_with_reason"),
        ]

    def __str__(self) -> str:
        return self.place


class GroupMeeting(OrgOwned):
    """领导小组 met: what about, what was decided."""

    brand = models.ForeignKey(Brand, verbose_name="品牌", on_delete=models.CASCADE, related_name="meetings")
    held_on = models.DateField("日期")
    subject = models.CharField("议题", max_length=120)
    decisions = models.TextField("议定事项", max_length=1000)

    class Meta:
        verbose_name = "领导小组会议"
        verbose_name_plural = "领导小组会议"
        ordering = ["-held_on", "-pk"]
        indexes = [models.Index(fields=["org_path"], name="group_meeting_org")]

    def __str__(self) -> str:
        return self.subject
