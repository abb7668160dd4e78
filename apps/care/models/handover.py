from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.cadres.models import Cadre
from apps.core.personal_data import PersonalClass


class HandoverState(models.TextChoices):
    OPEN = "open", "待确认"
    DONE = "done", "已交接"
    REFUSED = "refused", "未接收"
    WITHDRAWN = "withdrawn", "已撤回"


class Handover(OrgOwned):
    """交接: one person goes from the worker responsible to a successor, once both have said so; until then the giver answers for the person.

    ``given_by`` is the giver, or a head for a giver who has left. ``moved`` says what went along: ``{"todos": 3, "items": 1}``.
    """

    cadre = models.ForeignKey(Cadre, verbose_name="服务对象", on_delete=models.PROTECT, related_name="handovers")
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="移交人", on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="接收人", on_delete=models.PROTECT, related_name="+")
    note = models.CharField("交接说明", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=HandoverState, default=HandoverState.OPEN)
    created_at = models.DateTimeField("提出时间", auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="提出人", on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField("移交确认", null=True, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="移交确认人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField("接收确认", null=True, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="办结人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("未交接的原因", max_length=120, blank=True)
    moved = models.JSONField("随同移交", default=dict, blank=True, editable=False)

    PERSONAL = dict.fromkeys(("note", "reason"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "交接"
        verbose_name_plural = "交接"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["cadre"], condition=Q(state="open"), name="one_open_handover"),
            models.CheckConstraint(condition=Q(state__in=HandoverState.values), name="handover_state_known"),
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="handover_to_another"),
            models.CheckConstraint(condition=~Q(state="done") | Q(given_at__isnull=False, received_at__isnull=False), name="handover_done_by_both"),
            models.CheckConstraint(condition=Q(state="open", ended_at=None) | ~Q(state="open") & Q(ended_at__isnull=False), name="handover_ended_with_when"),
            models.CheckConstraint(condition=~Q(state__in=["refused", "withdrawn"]) | ~Q(reason=""), name="handover_ended_with_reason"),
        ]
        indexes = [
            models.Index(fields=["org_path", "state"], name="handover_org_state"),
            models.Index(fields=["receiver"], condition=Q(state="open"), name="handover_to_receive"),
            models.Index(fields=["giver"], condition=Q(state="open"), name="handover_to_give"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre}：{self.giver} → {self.receiver}"


class Absence(OrgOwned):
    """请假代管: from–to somebody else sees the worker's duties and is reminded of them; the pairing stays. ``org`` is the worker's place."""

    worker = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="请假人", on_delete=models.PROTECT, related_name="+", db_index=False)
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="代管人", on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("截止日期")
    reason = models.CharField("原因", max_length=60)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("提前结束", null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="结束人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "请假代管"
        verbose_name_plural = "请假代管"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_dates_in_order"),
            models.CheckConstraint(condition=~Q(worker=F("deputy")), name="absence_by_another"),
            models.CheckConstraint(condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False), name="absence_ended_with_who"),
        ]
        indexes = [
            models.Index(fields=["deputy", "ends_on"], condition=Q(ended_at=None), name="absence_deputy"),
            models.Index(fields=["worker", "ends_on"], condition=Q(ended_at=None), name="absence_worker"),
            models.Index(fields=["org_path"], name="absence_org"),
        ]

    def __str__(self) -> str:
        return f"{self.worker} 由 {self.deputy} 代"
