"""Refused rows as a grid shows them: the sheet's own columns and titles, every cell with what is wrong in it. Plain values, ready for templates."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from apps.files import selectors
from apps.files.importing.correcting import cells_of
from apps.files.importing.presenting import where
from apps.files.models import ImportBatch, ImportRow, RowState
from apps.files.sheetkinds import SHEETS, SheetKind

WORDS = {
    RowState.REFUSED: ("要改", "late"), RowState.NEW: ("可新增", "ok"), RowState.CHANGED: ("可变更", "ok"), RowState.UNCHANGED: ("与档案一致", "off"),
    RowState.REVIEW: ("待判断", "warn"),
}  # fmt: skip


def sheets(batch: ImportBatch, rows: Iterable[ImportRow]) -> list[dict]:
    """``{"name", "columns": [{"letter", "title"}], "lines": […]}`` per run of rows of one sheet."""
    about = {one["name"]: one for one in batch.sheets}
    kind, found = SHEETS[batch.kind], []
    for name, of_sheet in groupby(rows, key=lambda row: row.sheet):
        lines = [line(batch, kind, list(parts)) for _, parts in groupby(of_sheet, key=lambda row: row.number)]
        found.append({"name": name, "columns": about[name]["columns"], "lines": lines})
    return found


def line(batch: ImportBatch, kind: SheetKind, parts: Sequence[ImportRow]) -> dict:
    """One row of the sheet; ``parts`` are the staged rows it holds."""
    row, about = parts[0], next(one for one in batch.sheets if one["name"] == parts[0].sheet)
    worst = next((part for part in parts if part.state == RowState.REFUSED), row)
    word, tone = WORDS[worst.state]
    problems = _problems(row, parts, {one["letter"] for one in about["columns"]})
    texts, by_letter = cells_of(row), {}
    for one in problems:
        by_letter.setdefault(one["column"], []).append(one)
    return {
        "pk": row.pk, "version": selectors.row_version(row), "number": row.number, "where": where(row), "state": worst.state, "word": word, "tone": tone,
        "known": row.cells is not None, "problems": problems, "cells": [_cell(one, texts, by_letter.get(one["letter"], []), kind) for one in about["columns"]],
    }  # fmt: skip


def _problems(row: ImportRow, parts: Sequence[ImportRow], letters: set[str]) -> list[dict]:
    """Each once, errors first; ``id`` ties the sentence to its cell."""
    every = {(one["column"], one["title"], one["message"]): one for part in parts for one in part.problems}
    found = sorted(every.values(), key=lambda one: (one["level"] != "error", len(one["column"]), one["column"]))
    return [
        one | {"id": f"p-{row.pk}-{number}", "column": one["column"] if one["column"] in letters else "", "is_error": one["level"] == "error"}
        for number, one in enumerate(found)
    ]


def _cell(column: dict, texts: dict[str, str], problems: list[dict], kind: SheetKind) -> dict:
    level = "error" if any(one["is_error"] for one in problems) else "warning" if problems else ""
    words = bool(column["field"] and kind.fields[column["field"]].widget.options())
    return {
        "letter": column["letter"], "title": column["title"], "value": texts.get(column["letter"], ""), "level": level,
        "described": " ".join(one["id"] for one in problems), "options": f"options-{column['field']}" if words else "",
        "lead": column["field"] == kind.name_field,
    }  # fmt: skip


def options(batch: ImportBatch) -> list[dict]:
    """``{"id", "words"}`` of every coded column any sheet has."""
    kind = SHEETS[batch.kind]
    names = dict.fromkeys(one["field"] for sheet in batch.sheets for one in sheet["columns"] if one["field"])
    return [{"id": f"options-{name}", "words": words} for name in names if (words := kind.fields[name].widget.options())]
