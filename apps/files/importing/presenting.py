"""A batch as the pages show it: figures, problems by code, changes, first rows. Plain values, ready for templates."""

from collections.abc import Iterable

from django.urls import reverse

from apps.accounts.permissions import Right
from apps.core.crypto import Sealed
from apps.core.scope import Scope
from apps.files import selectors
from apps.files.importing.asking import loaded, rows_of
from apps.files.models import ASIDE, WRITTEN, BatchState, ImportBatch, ImportRow, RowState
from apps.files.registry import ROW_OFFERS
from apps.files.sheetkinds import SHEETS, SheetKind
from apps.files.wording import title_of

SAMPLES = 3
STEPS = ("上传", "读取", "核对", "导入")
AT = {
    BatchState.QUEUED: 2, BatchState.READING: 2, BatchState.CHECKED: 3, BatchState.CONFIRMED: 4, BatchState.APPLYING: 4, BatchState.APPLIED: 5,
    BatchState.UNDOING: 5, BatchState.UNDONE: 5, BatchState.FAILED: 2, BatchState.CANCELLED: 3, BatchState.EXPIRED: 3,
}  # fmt: skip
SKIPPED = {"total": "合计行", "note": "注、填表人等说明行", "options": "下拉选项", "example": "示例行", "header": "重复的表头", "codes": "编号行"}


def figures(batch: ImportBatch) -> list[dict]:
    kind, counts = SHEETS[batch.kind], batch.counts
    url = reverse("files:rows", args=[batch.pk])
    done = batch.state in WRITTEN
    words = {"new": "已新增" if done else "新增", "changed": "已变更" if done else "变更", "unchanged": "无变化", "refused": "未导入" if done else "不能导入"}
    found = [
        {"label": word, "value": counts[state], "unit": kind.unit if state != "refused" else "行", "url": f"{url}?state={state}",
         "tone": "late" if state == "refused" and counts[state] else ""}
        for state, word in words.items()
    ]  # fmt: skip
    if counts.get("review"):
        found.insert(3, {"label": "待判断", "value": counts["review"], "unit": "行", "url": reverse("files:judge", args=[batch.pk]), "tone": "late"})
    return found


def groups(batch: ImportBatch, level: str, rights: frozenset[Right] = frozenset()) -> list[dict]:
    """Problems of one level by code: ``{"code", "title", "count", "samples", "url", "offer"}``, the most frequent first; ``offer``: what these rights can do about it."""
    samples: dict[str, list[dict]] = {}
    sql = """
        SELECT code, sheet, number, p, key_shown FROM (
          SELECT p ->> 'code' AS code, r.sheet, r.number, p, r.key_shown, row_number() OVER (PARTITION BY p ->> 'code' ORDER BY r.id) AS n
          FROM files_importrow r, jsonb_array_elements(r.problems) p WHERE r.batch_id = %s AND p ->> 'level' = %s
        ) x WHERE n <= %s ORDER BY code, n
    """
    aad = ImportRow._meta.get_field("key_shown").aad
    for code, sheet, number, one, key_shown in rows_of(sql, [batch.pk, level, SAMPLES]):
        [shown] = selectors.opened_problems([loaded(one)], Sealed(key_shown, aad) if key_shown is not None else None)
        samples.setdefault(code, []).append({"sheet": sheet, "row": number, **shown})
    url = reverse("files:problems", args=[batch.pk])
    return [
        {"code": code, "title": title_of(code), "count": count, "samples": samples.get(code, []), "url": f"{url}?code={code}", "offer": offer(batch, code, count, rights)}
        for code, of_level, count in batch.counts.get("codes", ())
        if of_level == level
    ]


def offer(batch: ImportBatch, code: str, count: int, rights: frozenset[Right]) -> dict | None:
    """``{"label", "url"}`` of what can be done about the rows refused with this code."""
    if code not in ROW_OFFERS:
        return None
    found = ROW_OFFERS[code]
    if batch.kind not in found.kinds or found.right not in rights:
        return None
    return {"label": f"{found.label} {count} {SHEETS[batch.kind].unit}", "url": reverse(found.url_name, args=[batch.pk])}


def changes(kind: SheetKind, rows: Iterable[ImportRow], applied: bool) -> list[dict]:
    """Per row ``{"name", "url", "where", "fields": [{"title", "was", "now"}]}``."""
    show = kind.shower()
    found = []
    for row in rows:
        fields = []
        for one in row.changes:
            title = one.get("title") or kind.fields[kind.field_of(one["column"])].column_name
            was, now = show(one["column"], one["was"]), show(one["column"], one["now"])
            fields.append({"title": title, "was": was, "now": now if now != was else f"{now}（中间几位不同）"})
        found.append({"name": kind.row_title(row.values), "url": kind.row_url(row), "where": where(row), "fields": fields})
    return found


def where(row: ImportRow) -> str:
    return f"{row.sheet} 第 {row.number} 行" if row.sheet else f"第 {row.number} 行"


def preview(kind: SheetKind, scope: Scope, rows: Iterable[ImportRow], applied: bool) -> list[dict]:
    """Rows as they will stand in the list: ``{"where", "url", "cells", "problems"}``; cells as ``kind.preview`` names them."""
    rows, show = list(rows), kind.shower()
    known = (RowState.CHANGED, RowState.UNCHANGED, *((RowState.NEW,) if applied else ()))
    places = selectors.place_names({row.org_id for row in rows})
    return [
        {
            "where": where(row), "url": kind.row_url(row) if row.state in known else "",
            "cells": kind.preview_cells(row.fresh | row.values | {"org": places.get(row.org_id, "")}, show),
            "problems": [one | {"words": one["message"] if one["level"] == "error" else title_of(one["code"])} for one in row.problems],
        }
        for row in rows
    ]  # fmt: skip


def sheets_read(batch: ImportBatch) -> list[dict]:
    """What was made of each sheet, in words."""
    found = []
    for sheet in batch.sheets:
        skipped = "、".join(f"{SKIPPED.get(what, what)} {count} 行" for what, count in sheet.get("skipped", {}).items())
        columns = sheet.get("columns", ())
        header = ""
        if sheet.get("first"):
            header = f"表头在第 {sheet['first']} 行" if sheet["first"] == sheet["last"] else f"表头在第 {sheet['first']}–{sheet['last']} 行"
        found.append(
            {"name": sheet["name"] or "（文本文件）", "rows": sheet.get("rows", 0), "reason": sheet.get("reason", ""), "header": header,
             "known": sum(1 for one in columns if one["field"]), "aside": [one["title"] for one in columns if one.get("use") == ASIDE and one["filled"]],
             "unknown": [one["title"] for one in columns if not one.get("use", one["field"]) and one.get("filled", 1)], "skipped": skipped,
             "notes": [one for one in sheet.get("notes", ()) if not one["code"].startswith("column_")]}
        )  # fmt: skip
    return found


def better_kind(batch: ImportBatch, rights) -> SheetKind | None:
    """The kind a batch looks more like, if whoever holds these rights may import it."""
    key = next((sheet["better"] for sheet in batch.sheets if sheet.get("better")), "")
    kind = SHEETS[key] if key in SHEETS and key != batch.kind else None
    return kind if kind and kind.rights & rights else None


def lacking(batch: ImportBatch) -> list[str]:
    """Required fields that no sheet has and that may be given one value for the whole file."""
    if batch.state == BatchState.FAILED:
        return []
    kind = SHEETS[batch.kind]
    present = {name for sheet in batch.sheets for name in sheet.get("letters", {})} | set(batch.given)
    return [name for name, one in kind.fields.items() if one.lacking and one.required and name not in present]
