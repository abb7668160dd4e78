from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.cadres.models.cadre import Cadre
from apps.core.personal_data import PersonalClass


class MergeRecord(OrgOwned):
    """Two records of one person made one (合并档案), with all it takes to take it back.

    ``before_kept``, ``after_kept`` and ``before_absorbed`` are the rows as ``to_jsonb`` writes them, encrypted columns encrypted; ``moved`` says by
    relation which rows went over. ``left`` are the sentences about what could not go back when it was taken back.
    """

    kept = models.ForeignKey(Cadre, verbose_name="保留的档案", on_delete=models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Cadre, verbose_name="并入的档案", on_delete=models.PROTECT, related_name="absorbed_by")
    fields = models.JSONField("改用并入档案的项目", default=list)
    before_kept = models.JSONField("合并前（保留）", default=dict)
    after_kept = models.JSONField("合并后（保留）", default=dict)
    before_absorbed = models.JSONField("合并前（并入）", default=dict)
    moved = models.JSONField("移过来的记录", default=dict)
    note = models.CharField("理由", max_length=200, blank=True)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="合并人", on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField("合并时间")
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="撤销人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    left = models.JSONField("没有恢复的", default=list, blank=True)

    PERSONAL = dict.fromkeys(("before_kept", "after_kept", "before_absorbed"), PersonalClass.SECRET) | dict.fromkeys(("fields", "moved", "note", "left"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "合并记录"
        verbose_name_plural = "合并记录"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="merge_of_two"),
            models.CheckConstraint(condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False), name="merge_undone_with_who"),
            models.UniqueConstraint(fields=["absorbed"], condition=Q(undone_at=None), name="merged_once"),
        ]

    def __str__(self) -> str:
        return f"合并 {self.pk}"


class DistinctPair(OrgOwned):
    """Two records that look alike and that a person has said to be two people: not asked about again."""

    first = models.ForeignKey(Cadre, on_delete=models.PROTECT, related_name="distinct_from")
    second = models.ForeignKey(Cadre, on_delete=models.PROTECT, related_name="distinct_of")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="判断人", on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField("判断时间")

    PERSONAL: dict = {}

    class Meta:
        verbose_name = "不是同一人"
        verbose_name_plural = "不是同一人"
        constraints = [
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="distinct_in_order"),
            models.UniqueConstraint(fields=["first", "second"], name="distinct_once"),
        ]
