"""How a batch goes through its life, as the pages show it: how long it will still take, and what has happened to it so far."""

from datetime import datetime

from apps.core.scope import Scope
from apps.core.templatetags.portal import date_zh
from apps.files import selectors
from apps.files.models import BatchState, ImportBatch
from apps.files.sheetkinds import SHEETS

UNDER_WAY = (BatchState.QUEUED, BatchState.READING, BatchState.CONFIRMED, BatchState.APPLYING, BatchState.UNDOING)
STAGE = {BatchState.READING: "read", BatchState.APPLYING: "apply", BatchState.UNDOING: "undo"}
SHORTEST, SETTLED = 5.0, 0.2


def progress(scope: Scope, batch: ImportBatch, now: datetime) -> dict:
    """What ``components/progress.html`` takes."""
    return {
        "state": batch.state, "word": batch.get_state_display(), "done": batch.done, "total": batch.total, "over": batch.state not in UNDER_WAY,
        "refused": batch.counts.get("refused", 0) if batch.state == BatchState.READING else 0, "left": left(scope, batch, now),
        "message": f"上一次处理中断了，没有留下半截数据；这是第 {batch.attempts} 次从头处理。" if batch.attempts > 1 and batch.state in STAGE else "",
    }  # fmt: skip


def left(scope: Scope, batch: ImportBatch, now: datetime) -> str:
    """How long it will still take, in words; "" where there is nothing to judge by. From what has been done, else from how long the last batches took."""
    stage = STAGE.get(batch.state)
    if stage is None:
        return ""
    gone = (now - batch.moved_at).total_seconds()
    if batch.total and batch.done >= SETTLED * batch.total and gone >= SHORTEST:
        return in_words(gone * (batch.total - batch.done) / batch.done)
    pace = selectors.pace(scope, batch, stage)
    if pace is None:
        return ""
    expected = pace * (batch.file.size if stage == "read" else batch.total) - gone
    return in_words(expected) if expected > 0 else "的时间比预计长，仍在处理"


def in_words(seconds: float) -> str:
    """A rough length of time, never finer than it can be known: 不到 10 秒, 约 40 秒, 约 3 分钟, 约 2 小时."""
    if seconds < 10:
        return "不到 10 秒"
    if seconds < 55:
        return f"约 {round(seconds, -1):.0f} 秒"
    if seconds < 3300:
        return f"约 {max(1, round(seconds / 60))} 分钟"
    return f"约 {max(1, round(seconds / 3600))} 小时"


def timeline(batch: ImportBatch) -> list[dict]:
    """What ``components/timeline.html`` takes, newest first."""
    counts, undone, unit = batch.counts, batch.undone_counts, SHEETS[batch.kind].unit
    told = [
        (batch.undone_at, f"撤销完成：{_undone(undone, unit)}", ""),
        (batch.applied_at, f"写入登记库：新增 {counts.get('new', 0)} {unit}，变更 {counts.get('changed', 0)} {unit}", _took(batch, "apply")),
        (batch.confirmed_at, f"{batch.applied_by} 确认导入", "全部无误才导入" if batch.whole_only else ""),
        (batch.checked_at, f"核对完成：共 {counts.get('rows', 0)} 行" if counts.get("rows") else "核对完成", _took(batch, "read")),
        (batch.created_at, f"{batch.created_by} 上传文件", batch.file.name),
    ]
    if batch.undone_by and batch.state in (BatchState.UNDOING, BatchState.UNDONE):
        told.insert(1, (batch.moved_at if batch.state == BatchState.UNDOING else batch.undone_at, f"{batch.undone_by} 要求撤销", ""))
    if batch.state in (BatchState.CANCELLED, BatchState.FAILED, BatchState.EXPIRED):
        told.insert(0, (batch.moved_at, batch.get_state_display(), batch.error))
    if batch.file.removed_at:
        told.append((batch.file.removed_at, "原文件已按期删除", ""))
    return [{"when": date_zh(when, "time"), "text": text, "note": note} for when, text, note in sorted((one for one in told if one[0]), key=lambda one: one[0], reverse=True)]


def _took(batch: ImportBatch, stage: str) -> str:
    seconds = batch.facts.get("seconds", {}).get(stage)
    return f"用时 {max(1, round(seconds))} 秒" if seconds else ""


def _undone(counts: dict, unit: str) -> str:
    words = (("removed", "删除"), ("restored", "恢复"), ("partly", "部分恢复"), ("kept", "保留"))
    return "，".join(f"{word} {counts[key]} {unit}" for key, word in words if counts.get(key)) or "没有需要撤销的内容"
