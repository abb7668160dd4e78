from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Organization, OrgOwned
from apps.cadres.models import Cadre, Survivor
from apps.care.models.rules import Dated
from apps.core.personal_data import PersonalClass
from apps.core.workflow import Trail

USER = settings.AUTH_USER_MODEL


class AidStandard(Dated):
    """What a kind of aid may amount to, in 元, and for how many days it is shown in public (公示) before it may be approved; 0: not at all."""

    kind = models.CharField("帮扶类别", max_length=20, db_collation="C")
    ceiling = models.DecimalField("最高金额（元）", max_digits=10, decimal_places=2)
    publicity_days = models.PositiveSmallIntegerField("公示天数", default=0)
    source = models.CharField("依据", max_length=120, blank=True)

    class Meta:
        verbose_name = "困难帮扶标准"
        verbose_name_plural = "困难帮扶标准"
        ordering = ["kind", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "valid_from"], name="aid_standard_once"),
            models.CheckConstraint(condition=Q(ceiling__gt=0), name="aid_standard_positive"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="aid_standard_dates_in_order"),
        ]


class AidBudget(OrgOwned):
    """What one county (or the city itself, for people who hang on it directly) may grant in one year, in 元, and what of it is bound.

    ``spent`` is kept by the steps that grant and take back; the database never lets it pass ``amount``, however many approve at once.
    """

    year = models.PositiveSmallIntegerField("年度")
    amount = models.DecimalField("预算（元）", max_digits=12, decimal_places=2)
    spent = models.DecimalField("已批准（元）", max_digits=12, decimal_places=2, default=Decimal(0), editable=False)
    note = models.CharField("说明", max_length=120, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "困难帮扶预算"
        verbose_name_plural = "困难帮扶预算"
        ordering = ["-year", "org_path"]
        constraints = [
            models.UniqueConstraint(fields=["org", "year"], name="aid_budget_once"),
            models.CheckConstraint(condition=Q(spent__gte=0, spent__lte=F("amount")), name="aid_budget_kept"),
        ]

    @property
    def remaining(self) -> Decimal:
        return self.amount - self.spent


class CaseState(models.TextChoices):
    DRAFT = "draft", "草稿"
    APPLIED = "applied", "待初审"
    FIRST_REVIEWED = "first_reviewed", "初审通过"
    PUBLISHED = "published", "公示中"
    APPROVED = "approved", "待发放"
    PAID = "paid", "待回执"
    RECEIPTED = "receipted", "已办结"
    RETURNED = "returned", "退回补正"
    REFUSED = "refused", "未批准"
    WITHDRAWN = "withdrawn", "已撤回"


GRANTED = (CaseState.APPROVED, CaseState.PAID, CaseState.RECEIPTED)
WAITING = (CaseState.APPLIED, CaseState.FIRST_REVIEWED, CaseState.PUBLISHED)
WRITABLE = (CaseState.DRAFT, CaseState.RETURNED)
OPEN = (*WRITABLE, *WAITING)


class Applicant(models.TextChoices):
    SELF = "self", "本人"
    SPOUSE = "spouse", "配偶"
    SURVIVOR = "survivor", "遗属"
    UNIT = "unit", "所在单位"


class PayWay(models.TextChoices):
    BANK = "bank", "银行转账"
    CASH = "cash", "现金"
    OTHER = "other", "其他"


class HardshipCase(OrgOwned):
    """困难帮扶: one application from draft to receipt, for the cadre or (``survivor``) for a 遗属. Amounts in 元.

    One grant per person and year; ``exception`` marks a further one that was approved with a reason. ``standard`` is the version in force on the day of
    application, ``budget_org`` whose money it is. ``follows``: the case of the deceased that this one goes on from. What happened stands in ``CaseStep``.
    """

    cadre = models.ForeignKey(Cadre, verbose_name="帮扶对象", on_delete=models.PROTECT, related_name="hardship_cases")
    survivor = models.ForeignKey(Survivor, verbose_name="遗属", null=True, blank=True, on_delete=models.PROTECT, related_name="hardship_cases")
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("帮扶类别", max_length=20, db_collation="C")
    applicant = models.CharField("申请方式", max_length=10, choices=Applicant)
    applicant_name = models.CharField("申请人", max_length=60, blank=True)
    reason = models.TextField("困难情况", max_length=1000)
    amount_asked = models.DecimalField("申请金额（元）", max_digits=10, decimal_places=2)
    amount_granted = models.DecimalField("批准金额（元）", max_digits=10, decimal_places=2, null=True, blank=True)
    state = models.CharField("状态", max_length=16, choices=CaseState, default=CaseState.DRAFT)
    standard = models.ForeignKey(AidStandard, verbose_name="执行标准", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    budget_org = models.ForeignKey(Organization, verbose_name="列支单位", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    exception = models.BooleanField("年内再次帮扶", default=False)
    exception_reason = models.CharField("再次帮扶理由", max_length=200, blank=True)
    follows = models.ForeignKey("self", verbose_name="接续的申请", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")
    created_by = models.ForeignKey(USER, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("登记时间")
    applied_by = models.ForeignKey(USER, verbose_name="提交人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    applied_on = models.DateField("申请日期", null=True, blank=True)
    reviewed_by = models.ForeignKey(USER, verbose_name="初审人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_on = models.DateField("初审日期", null=True, blank=True)
    published_on = models.DateField("公示起", null=True, blank=True)
    publicity_ends_on = models.DateField("公示止", null=True, blank=True)
    publicity_place = models.CharField("公示地点", max_length=80, blank=True)
    approved_by = models.ForeignKey(USER, verbose_name="审批人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_on = models.DateField("审批日期", null=True, blank=True)
    document_no = models.CharField("批准文号", max_length=60, blank=True)
    paid_by = models.ForeignKey(USER, verbose_name="发放人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    paid_on = models.DateField("发放日期", null=True, blank=True)
    pay_way = models.CharField("发放方式", max_length=10, blank=True, choices=PayWay)
    received_on = models.DateField("签收日期", null=True, blank=True)
    received_by = models.CharField("签收人", max_length=60, blank=True)
    once = models.UUIDField("去重键", unique=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = {"reason": PersonalClass.SECRET} | dict.fromkeys(
        ("kind", "applicant", "applicant_name", "amount_asked", "amount_granted", "received_by", "exception_reason"), PersonalClass.INSIDE
    )

    class Meta:
        verbose_name = "困难帮扶"
        verbose_name_plural = "困难帮扶"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["org_path", "state"], name="aid_org_state"),
            models.Index(fields=["org_path", "year", "-id"], name="aid_org_year"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["cadre", "survivor", "year"], condition=Q(state__in=GRANTED, exception=False), nulls_distinct=False, name="aid_one_grant_a_year"),
            models.CheckConstraint(condition=Q(state__in=CaseState.values), name="aid_state_known"),
            models.CheckConstraint(condition=Q(amount_asked__gt=0) & (Q(amount_granted=None) | Q(amount_granted__gt=0, amount_granted__lte=F("amount_asked"))), name="aid_amounts"),
            models.CheckConstraint(
                condition=(Q(state__in=GRANTED, amount_granted__isnull=False, budget_org__isnull=False, approved_by__isnull=False, approved_on__isnull=False))
                | (~Q(state__in=GRANTED) & Q(amount_granted=None, budget_org=None, approved_by=None, approved_on=None)),
                name="aid_granted_with_money",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(CaseState.PAID, CaseState.RECEIPTED), paid_by__isnull=False, paid_on__isnull=False)
                | (~Q(state__in=(CaseState.PAID, CaseState.RECEIPTED)) & Q(paid_by=None, paid_on=None)),
                name="aid_paid_with_who_when",
            ),
            models.CheckConstraint(
                condition=(Q(state=CaseState.RECEIPTED, received_on__isnull=False) & ~Q(received_by="")) | (~Q(state=CaseState.RECEIPTED) & Q(received_on=None)),
                name="aid_receipt_with_who_when",
            ),
            models.CheckConstraint(condition=Q(exception=False, exception_reason="") | (Q(exception=True) & ~Q(exception_reason="")), name="aid_exception_with_reason"),
            models.CheckConstraint(
                condition=(Q(survivor=None) & ~Q(applicant=Applicant.SURVIVOR)) | Q(survivor__isnull=False, applicant__in=(Applicant.SURVIVOR, Applicant.UNIT)),
                name="aid_applicant_fits",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | (~Q(approved_by=F("created_by")) & ~Q(approved_by=F("applied_by")) & ~Q(approved_by=F("reviewed_by"))), name="aid_duties_apart"
            ),
            models.CheckConstraint(condition=Q(published_on=None, publicity_ends_on=None) | Q(publicity_ends_on__gte=F("published_on")), name="aid_publicity_in_order"),
        ]

    def __str__(self) -> str:
        return f"困难帮扶 {self.pk}"

    @property
    def tone(self) -> str:
        """The state as ``apps.core.tones`` knows it: other tables have states of the same names."""
        return f"aid_{self.state}"

    @property
    def whom(self) -> str:
        return f"{self.survivor.name}（{self.cadre.name}遗属）" if self.survivor_id else self.cadre.name


class CaseStep(Trail, OrgOwned):
    """Who took which step with a case, when, from where to where, and what was said. The database lets nobody alter or delete one; it only moves with the person."""

    case = models.ForeignKey(HardshipCase, verbose_name="申请", on_delete=models.PROTECT, related_name="steps")
    before = models.CharField("原状态", max_length=16, blank=True, choices=CaseState)
    after = models.CharField("现状态", max_length=16, choices=CaseState)
    amount = models.DecimalField("金额（元）", max_digits=10, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = "帮扶办理记录"
        verbose_name_plural = "帮扶办理记录"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path"], name="aid_step_org")]
        triggers = [
            pgtrigger.ReadOnly(name="aid_step_kept", exclude=["org", "org_path"]),
            pgtrigger.Protect(name="aid_step_not_deleted", operation=pgtrigger.Delete),
        ]
