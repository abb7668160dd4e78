from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned


class CampaignState(models.TextChoices):
    DRAFT = "draft", "草稿"
    RUNNING = "running", "进行中"
    ENDED = "ended", "已结束"


class Share(models.TextChoices):
    """Who takes the people whom nobody is paired with."""

    WORKERS = "workers", "平均分给当地工作人员"
    CHOSEN = "chosen", "平均分给选定的人"
    NOBODY = "nobody", "先不分，由当地共同负责"


class Campaign(OrgOwned):
    """集中走访: one occasion, a period, and whom it concerns, in the place ``org``; places below see it. What it asks for are to-dos (``Source.CAMPAIGN``).

    ``whom`` are filters as the list of people has them in its URL. While it is a draft ``by_hand`` holds what the head has changed in the
    division: ``{"moved": {key: user or None}, "excluded": {key: reason}}``, keys of the person or, where it ``concerns`` survivors, of the survivor;
    starting turns both into to-dos. ``meet``: only meeting counts.
    """

    title = models.CharField("名称", max_length=40)
    occasion = models.CharField("走访事由", max_length=20, db_collation="C")
    concerns = models.CharField("走访谁", max_length=10, choices=[("cadre", "本人"), ("survivor", "遗属")], default="cadre")
    meet = models.BooleanField("须见面", default=True)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("截止日期")
    note = models.CharField("要求", max_length=300, blank=True)
    whom = models.JSONField("对象条件", default=dict, blank=True)
    share = models.CharField("其余的人", max_length=10, choices=Share, default=Share.WORKERS)
    helpers = models.JSONField("选定的人", default=list, blank=True)
    by_hand = models.JSONField("手工调整", default=dict, blank=True, editable=False)
    state = models.CharField("状态", max_length=10, choices=CampaignState, default=CampaignState.DRAFT)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="建立人", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField("启动时间", null=True, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="启动人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="结束人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField("结束说明", max_length=120, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "集中走访"
        verbose_name_plural = "集中走访"
        ordering = ["-starts_on", "-pk"]
        indexes = [models.Index(fields=["org_path", "state"], name="campaign_org_state")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CampaignState.values), name="campaign_state_known"),
            models.CheckConstraint(condition=Q(share__in=Share.values), name="campaign_share_known"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="campaign_dates_in_order"),
            models.CheckConstraint(condition=~Q(state="running") | Q(started_at__isnull=False, started_by__isnull=False), name="campaign_started_with_who"),
            models.CheckConstraint(condition=~Q(state="ended") | Q(ended_at__isnull=False, ended_by__isnull=False), name="campaign_ended_with_who"),
        ]

    def __str__(self) -> str:
        return self.title
