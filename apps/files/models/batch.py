from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.core.crypto import EncryptedTextField
from apps.core.models import Scoped
from apps.files.models.stored import StoredFile


class BatchState(models.TextChoices):
    QUEUED = "queued", "等待读取"
    READING = "reading", "读取中"
    CHECKED = "checked", "待确认"
    CONFIRMED = "confirmed", "等待写入"
    APPLYING = "applying", "写入中"
    APPLIED = "applied", "已导入"
    UNDOING = "undoing", "撤销中"
    UNDONE = "undone", "已撤销"
    FAILED = "failed", "未成功"
    CANCELLED = "cancelled", "已放弃"
    EXPIRED = "expired", "已过期"


WRITTEN = (BatchState.APPLIED, BatchState.UNDOING, BatchState.UNDONE)
"""States of a batch whose rows have been written, whatever became of them later."""


class RowState(models.TextChoices):
    NEW = "new", "新增"
    CHANGED = "changed", "变更"
    UNCHANGED = "unchanged", "无变化"
    REFUSED = "refused", "不能导入"
    REVIEW = "review", "待判断"


class Decision(models.TextChoices):
    """What a person said of a row that may be somebody already on the register."""

    SAME = "same", "同一人"
    DIFFERENT = "different", "不是同一人"
    LATER = "later", "以后再说"


class Undone(models.TextChoices):
    """What became of a written row when its batch was taken back."""

    REMOVED = "removed", "已删除"
    RESTORED = "restored", "已恢复"
    PARTLY = "partly", "部分恢复"
    KEPT = "kept", "保留"


class ImportBatch(OrgOwned):
    """One file on its way in: read, checked, shown, applied, perhaps taken back. ``org`` is whom the file speaks for.

    ``may`` holds "create" and "update" as far as the uploader's rights go; rows beyond them are refused at the check. ``attempts`` counts how often
    somebody sat down to it in its present stage; ``facts`` what was noticed on the way: ``seconds`` by stage, ``twin`` (an earlier batch about the same records).
    """

    kind = models.CharField("表类", max_length=30)
    state = models.CharField("状态", max_length=12, choices=BatchState, default=BatchState.QUEUED)
    file = models.ForeignKey(StoredFile, verbose_name="原文件", on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    mapping = models.JSONField("列对应", default=dict, blank=True)
    given = models.JSONField("整表统一值", default=dict, blank=True)
    sheets = models.JSONField("识别结果", default=list, blank=True)
    counts = models.JSONField("计数", default=dict, blank=True)
    whole_only = models.BooleanField("全部无误才导入", default=False)
    done = models.PositiveIntegerField("已处理行", default=0)
    total = models.PositiveIntegerField("总行数", default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField("失败原因", max_length=300, blank=True)
    moved_at = models.DateTimeField("进入现状态的时间", auto_now_add=True)
    attempts = models.PositiveSmallIntegerField("已处理次数", default=0)
    facts = models.JSONField("处理情况", default=dict, blank=True)
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="确认人", null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    applied_at = models.DateTimeField("导入时间", null=True, blank=True)
    may = models.JSONField("可以新增和变更", default=list, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="撤销人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_counts = models.JSONField("撤销结果", default=dict, blank=True)

    class Meta:
        verbose_name = "导入批次"
        verbose_name_plural = "导入批次"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["org_path", "-id"], name="batch_org_id")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
            models.CheckConstraint(
                condition=(Q(state__in=WRITTEN) & Q(applied_at__isnull=False, applied_by__isnull=False)) | (~Q(state__in=WRITTEN) & Q(applied_at=None)),
                name="batch_applied_with_who_when",
            ),
            models.CheckConstraint(
                condition=(Q(state="undone") & Q(undone_at__isnull=False, undone_by__isnull=False)) | (~Q(state="undone") & Q(undone_at=None)),
                name="batch_undone_with_who_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file.name} #{self.pk}"


class ImportRow(Scoped):
    """A row of the sheet as staged: what it would do, and what is wrong with it.

    ``values`` are columns of the record as ``to_jsonb`` writes them, blank cells left out; ``fresh`` holds columns for a new record only
    (birth and sex read from the ID number). ``org_path`` is where the row belongs, ``county_path`` the county the sheet names ("" when
    it names none). ``target_id`` is the record's key, for a new one the key it will have. Encrypted columns stand there encrypted;
    ``key_shown`` is the key cell as the sheet shows it; ``cells`` the whole row as JSON text (field → cell as shown), kept encrypted for rows
    that wait for a person (refused, to be judged). ``part`` counts what one row packs into parallel cells. ``owner_id`` is the person whom a row
    of a sheet about people's relatives, treatments or visits belongs to; ``candidates`` the records it may be, ``decision`` what a person said of that.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows", db_index=False)
    sheet = models.CharField("工作表", max_length=120, blank=True)
    number = models.PositiveIntegerField("行号")
    part = models.PositiveSmallIntegerField("行内序号", default=0, db_default=0)
    state = models.CharField("结果", max_length=10, choices=RowState)
    values = models.JSONField("清洗后的值", default=dict)
    problems = models.JSONField("问题", default=list)
    changes = models.JSONField("变更", default=list)
    fresh = models.JSONField("新建时的值", default=dict)
    org_id = models.BigIntegerField("管理单位")
    county_path = models.CharField("表中写明的地区", max_length=160, blank=True, db_collation="C")
    key_shown = EncryptedTextField("关键列原值", null=True, blank=True)
    target_id = models.BigIntegerField("对应记录", null=True, blank=True)
    target_version = models.PositiveIntegerField("对应记录的版本", null=True, blank=True)
    before = models.JSONField("导入前的值", null=True, blank=True)
    cells = EncryptedTextField("原行内容", null=True, blank=True)
    corrected_at = models.DateTimeField("页面修改时间", null=True, blank=True)
    owner_id = models.BigIntegerField("所属人员", null=True, blank=True)
    candidates = models.JSONField("可能相同的记录", default=list, db_default=[], blank=True)
    decision = models.CharField("判断", max_length=10, blank=True, db_default="", choices=Decision)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="判断人", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    undone = models.CharField("撤销结果", max_length=10, blank=True, db_default="", choices=Undone)
    undone_reason = models.JSONField("未能撤销的原因", default=list, db_default=[], blank=True)
    match_index = models.BinaryField("匹配索引", null=True, blank=True)
    match_name = models.CharField("匹配姓名", max_length=60, blank=True, db_collation="C")
    match_month = models.CharField("匹配出生年月", max_length=7, blank=True, db_collation="C")

    class Meta:
        verbose_name = "导入行"
        verbose_name_plural = "导入行"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["batch", "state", "id"], name="importrow_batch_state"),
            models.Index(fields=["batch", "id"], condition=Q(state="review"), name="importrow_waiting"),
        ]
        constraints = [models.UniqueConstraint(fields=["batch", "sheet", "number", "part"], name="importrow_once")]
