import uuid
from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.branches.models.branch import Branch
from apps.branches.models.standard import Standard, StandardItem
from apps.core.personal_data import PersonalClass
from apps.core.workflow import Trail
from apps.files.models import StoredFile

USER = settings.AUTH_USER_MODEL


class ApplicationState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待初审"
    RETURNED = "returned", "退回补正"
    TO_INSPECT = "to_inspect", "待核查"
    SCORED = "scored", "已核查"
    RECTIFYING = "rectifying", "限期整改"
    PROPOSED = "proposed", "拟命名"
    PUBLIC = "public", "公示中"
    NAMED = "named", "已命名"
    YELLOW = "yellow", "黄牌整改"
    REMOVED = "removed", "已摘牌"
    FAILED = "failed", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"


UNDER_WAY = ("draft", "submitted", "returned", "to_inspect", "scored", "rectifying", "proposed", "public", "named", "yellow")
ENDED = ("removed", "failed", "withdrawn")


class Application(OrgOwned):
    """A branch's way to being named 示范党支部 by a standard, and what became of the name: one under way per branch. Totals are settled when scores are."""

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="applications")
    standard = models.ForeignKey(Standard, verbose_name="标准", on_delete=models.PROTECT, related_name="applications")
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=12, choices=ApplicationState, default=ApplicationState.DRAFT)
    story = models.TextField("主要做法", max_length=1500, blank=True)
    honours = models.CharField("曾受表彰", max_length=300, blank=True)
    self_total = models.DecimalField("自评分", max_digits=5, decimal_places=1, null=True, blank=True)
    bonus = models.DecimalField("加分", max_digits=4, decimal_places=1, default=0)
    bonus_why = models.CharField("加分依据", max_length=200, blank=True)
    team_total = models.DecimalField("核查分", max_digits=5, decimal_places=1, null=True, blank=True)
    veto = models.CharField("一票否决", max_length=120, blank=True, default="", db_default="")
    veto_why = models.CharField("否决的事实", max_length=200, blank=True, default="", db_default="")
    team = models.CharField("核查组", max_length=120, blank=True)
    applied_by = models.ForeignKey(USER, verbose_name="申报人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(USER, verbose_name="初审人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    scored_by = models.ForeignKey(USER, verbose_name="核查人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey(USER, verbose_name="命名人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    scored_on = models.DateField("核查日期", null=True, blank=True)
    public_from = models.DateField("公示起", null=True, blank=True)
    public_to = models.DateField("公示止", null=True, blank=True)
    public_key = models.UUIDField("公示页", default=uuid.uuid4, unique=True, editable=False)
    named_on = models.DateField("命名日期", null=True, blank=True)
    document_no = models.CharField("命名文号", max_length=60, blank=True)
    plaque_no = models.CharField("牌匾编号", max_length=30, blank=True)
    lookback_drawn_on = models.DateField("抽中回头看", null=True, blank=True)
    looked_back_on = models.DateField("上次回头看", null=True, blank=True)
    ended_on = models.DateField("结束日期", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("story", "veto_why"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "示范党支部申报"
        verbose_name_plural = "示范党支部申报"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["org_path", "state"], name="application_org"), models.Index(fields=["branch", "state"], name="application_branch")]
        constraints = [
            models.UniqueConstraint(
                fields=["branch"], condition=Q(state__in=UNDER_WAY), name="application_one_under_way", violation_error_message="这个党支部已有一份申报在办理，或已经命名。"
            ),
            models.CheckConstraint(condition=Q(state__in=ApplicationState.values), name="application_state_known"),
            models.CheckConstraint(condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("applied_by")), name="application_reviewed_by_another"),
            models.CheckConstraint(condition=Q(scored_by=None) | ~Q(scored_by=F("applied_by")), name="application_scored_by_another"),
            models.CheckConstraint(condition=Q(named_by=None) | ~Q(named_by=F("applied_by")), name="application_named_by_another"),
            models.CheckConstraint(condition=Q(public_to=None) | Q(public_to__gte=F("public_from")), name="application_publicity_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.branch} {self.year} 年申报"

    @property
    def tone(self) -> str:
        return f"application_{self.state}"

    @property
    def points(self) -> Decimal | None:
        """Of the team, with the bonus; None until the sheet is settled."""
        return None if self.team_total is None else self.team_total + self.bonus

    @property
    def band(self) -> str:
        return self.standard.band(self.points)


class ItemScore(OrgOwned):
    """What an item of the standard was worth in an application: by the branch itself, by the team; ``comment`` is the reviewer's, at the item."""

    application = models.ForeignKey(Application, verbose_name="申报", on_delete=models.CASCADE, related_name="scores")
    item = models.ForeignKey(StandardItem, verbose_name="条目", on_delete=models.PROTECT, related_name="+")
    self_score = models.DecimalField("自评", max_digits=4, decimal_places=1, null=True, blank=True)
    self_note = models.CharField("自评说明", max_length=200, blank=True)
    fact_text = models.CharField("记录里", max_length=120, blank=True)
    comment = models.CharField("初审意见", max_length=200, blank=True)
    team_score = models.DecimalField("核查", max_digits=4, decimal_places=1, null=True, blank=True)
    team_note = models.CharField("扣分原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "条目得分"
        verbose_name_plural = "条目得分"
        ordering = ["item__order"]
        constraints = [
            models.UniqueConstraint(fields=["application", "item"], name="item_score_once"),
            models.CheckConstraint(condition=Q(self_score=None) | Q(self_score__gte=0), name="item_score_self"),
            models.CheckConstraint(condition=Q(team_score=None) | Q(team_score__gte=0), name="item_score_team"),
        ]


class ItemPaper(OrgOwned):
    """A file that speaks for an item of an application."""

    score = models.ForeignKey(ItemScore, verbose_name="条目", on_delete=models.CASCADE, related_name="papers")
    file = models.OneToOneField(StoredFile, verbose_name="文件", on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = "条目佐证"
        verbose_name_plural = "条目佐证"
        ordering = ["pk"]


class ApplicationStep(Trail, OrgOwned):
    """Who took which step with an application. The database lets nobody alter or delete one; it only moves with the branch."""

    case = models.ForeignKey(Application, verbose_name="申报", on_delete=models.PROTECT, related_name="steps")
    before = models.CharField("原状态", max_length=16, blank=True, choices=ApplicationState)
    after = models.CharField("现状态", max_length=16, choices=ApplicationState)

    class Meta:
        verbose_name = "申报办理记录"
        verbose_name_plural = "申报办理记录"
        ordering = ["pk"]
        triggers = [
            pgtrigger.ReadOnly(name="application_step_kept", exclude=["org", "org_path"]),
            pgtrigger.Protect(name="application_step_not_deleted", operation=pgtrigger.Delete),
        ]


class Objection(OrgOwned):
    """What somebody said against a name during 公示, from the public page; answered before the name is given."""

    application = models.ForeignKey(Application, verbose_name="申报", on_delete=models.PROTECT, related_name="objections")
    text = models.CharField("意见", max_length=500)
    contact = models.CharField("联系方式", max_length=60, blank=True)
    made_at = models.DateTimeField("时间", auto_now_add=True)
    answer = models.CharField("核实情况", max_length=300, blank=True)
    answered_by = models.ForeignKey(USER, verbose_name="核实人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_on = models.DateField("核实日期", null=True, blank=True)

    PERSONAL = dict.fromkeys(("contact", "text"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "公示意见"
        verbose_name_plural = "公示意见"
        ordering = ["pk"]
