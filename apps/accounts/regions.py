"""Reading GB/T 2260 code tables: the seed that comes with the portal, and the yearly changes an administrator brings as CSV."""

import csv
import io
from datetime import date
from pathlib import Path

from apps.core.refusal import Refused

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "reference" / "regions"
SEED = ("provinces.csv", "cities.csv", "counties.csv", "amendments.csv", "townships.csv")
COLUMNS = ("code", "name", "parent", "level", "valid_from", "valid_to")
LEVELS = {"province": 2, "city": 4, "county": 6, "township": 9}


def seed_rows() -> list[dict]:
    """Rows of the reference data, top level first."""
    return [row for name in SEED for row in csv.DictReader((FOLDER / name).read_text(encoding="utf-8").splitlines())]


def read_changes(content: bytes) -> list[dict]:
    """Rows of an uploaded CSV with the columns of ``COLUMNS``; UTF-8 or GB18030. Refuses what isn't such a table, naming the line."""
    rows = list(csv.DictReader(io.StringIO(_text(content))))
    if not rows or set(COLUMNS) - set(rows[0]):
        raise Refused(f"表头应为：{'、'.join(COLUMNS)}。", code="region_columns", field="file")
    for line, row in enumerate(rows, 2):
        if problem := _problem(row):
            raise Refused(f"第 {line} 行：{problem}", code="region_row", field="file")
    return rows


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("认不出文件编码，请另存为 UTF-8 的 CSV。", code="region_encoding", field="file")


def _problem(row: dict) -> str:
    if row["level"] not in LEVELS:
        return f"级别「{row['level']}」不在 {'、'.join(LEVELS)} 之中。"
    if not (row["code"] or "").isdigit() or len(row["code"]) not in (6, 9):
        return f"代码「{row['code']}」应为 6 位（乡镇 9 位）数字。"
    if not (row["name"] or "").strip():
        return "名称不能为空。"
    for name in ("valid_from", "valid_to"):
        try:
            date.fromisoformat(row[name] or "2000-01-01")
        except ValueError:
            return f"{name}「{row[name]}」应为 2026-01-31 这样的日期。"
    return ""
