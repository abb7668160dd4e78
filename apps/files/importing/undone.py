"""Taking back as the pages show it: what would go, come back or stay, and why; before and afterwards alike."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.core.scope import Scope
from apps.core.templatetags.portal import date_zh
from apps.files import selectors
from apps.files.importing import presenting, undoing
from apps.files.models import BatchState, ImportBatch, ImportRow, Undone
from apps.files.sheetkinds import SheetKind

WORDS = {
    Undone.REMOVED: ("将删除", "已删除", "这一批新增、此后没有人动过的记录"),
    Undone.RESTORED: ("将恢复", "已恢复", "这一批改动的内容，恢复为导入前的样子"),
    Undone.PARTLY: ("部分恢复", "部分恢复", "有的项此后又被改过，只恢复其余各项"),
    Undone.KEPT: ("保留不动", "保留不动", "此后有过变化或已被用到，撤销不会动它"),
}


def tabs(batch: ImportBatch, counts: dict[str, int], chosen: str) -> list[dict]:
    """One tab per verdict that has rows; what ``components/tabs.html`` takes."""
    over = batch.state == BatchState.UNDONE
    url = reverse("files:undo", args=[batch.pk])
    return [
        {"label": words[over], "url": f"{url}?what={verdict}", "count": counts.get(verdict, 0), "active": verdict == chosen, "about": words[2], "verdict": verdict}
        for verdict, words in WORDS.items()
    ]


def lines(kind: SheetKind, scope: Scope, found: Sequence[tuple[ImportRow, list[dict]]], verdict: str) -> list[dict]:
    """Per row ``{"name", "where", "url", "fields": [{"title", "was", "now"}], "reasons": [words]}``; ``fields`` are those that go back."""
    names = selectors.user_names({one["by"] for _, reasons in found for one in reasons if one.get("by")})
    shown = {row.pk: one["fields"] for row, one in zip((row for row, _ in found), presenting.changes(kind, [row for row, _ in found], True), strict=True)}
    return [
        {
            "name": kind.row_title(row.values), "where": presenting.where(row), "url": "" if verdict == Undone.REMOVED else _url(kind, row, reasons),
            "fields": _going(row, shown[row.pk], reasons) if verdict in (Undone.RESTORED, Undone.PARTLY) else [],
            "reasons": [said(one, kind, names) for one in reasons],
        }
        for row, reasons in found
    ]  # fmt: skip


def before(kind: SheetKind, scope: Scope, verdict: str, first: int, size: int) -> list[dict]:
    """Lines of a dry run, from the table that ``undoing.judge`` has filled."""
    found = undoing.verdicts(verdict, first, size)
    rows = selectors.rows_by_key(scope, [pk for pk, _ in found])
    return lines(kind, scope, [(rows[pk], reasons) for pk, reasons in found if pk in rows], verdict)


def afterwards(kind: SheetKind, scope: Scope, rows: Iterable[ImportRow], verdict: str) -> list[dict]:
    return lines(kind, scope, [(row, row.undone_reason) for row in rows], verdict)


def _url(kind: SheetKind, row: ImportRow, reasons: list[dict]) -> str:
    return "" if {"gone", "elsewhere"} & {one["code"] for one in reasons} else kind.row_url(row)


def _going(row: ImportRow, fields: list[dict], reasons: list[dict]) -> list[dict]:
    lost = {one.get("column") for one in reasons}
    keys = [f"{one['column']}{undoing.NOTE}{one['title']}" if one.get("title") else one["column"] for one in row.changes]
    return [field for key, field in zip(keys, fields, strict=True) if key not in lost]


def said(reason: dict[str, Any], kind: SheetKind, names: dict[int, str]) -> str:
    """A reason of ``undoing`` in words."""
    code = reason["code"]
    if code == "gone":
        return "这条记录已不在登记库里。"
    if code == "elsewhere":
        return f"已转到{reason.get('place') or '其他单位'}，由那里管理。"
    if code == "has":
        return f"已有{reason['what']}。"
    if code == "contradicts":
        return f"恢复后会与现在的其他内容矛盾：{reason['what']}"
    what = f"“{_title(reason['column'], kind)}”" if reason.get("column") else ""
    who = names.get(reason.get("by"), "")
    when = date_zh(datetime.fromisoformat(reason["at"]), "day") if reason.get("at") else ""
    return f"{what}此后{f'由 {who} ' if who else ''}{f'在 {when}' if when else ''}改过。"


def _title(column: str, kind: SheetKind) -> str:
    name, mark, note = column.partition(undoing.NOTE)
    if mark:
        return note
    field = kind.fields.get(kind.field_of(name))
    return field.column_name if field else name


def sentence(counts: dict[str, int], unit: str, over: bool) -> str:
    """The whole in one line."""
    parts = [
        f"{word} {counts[key]:,} {unit}"
        for key, word in (("removed", "删除"), ("restored", "恢复"), ("partly", "部分恢复"), ("kept", "保留"))
        if counts.get(key)
    ]
    return f"{'已' if over else '将'}{'，'.join(parts)}。" if parts else "没有可以撤销的内容。"


def chosen_tab(batch: ImportBatch, counts: dict[str, int], asked: str) -> str:
    """The verdict to list: the one asked for, else the first that has rows."""
    if asked in Undone.values:
        return asked
    return next((verdict for verdict in WORDS if counts.get(verdict)), Undone.REMOVED)


