"""Annual tables and ledger as .xlsx, ready to print; every number a number."""

from typing import BinaryIO

from apps.cadres.statistics.annual import Filled
from apps.cadres.statistics.layout import Head
from apps.cadres.statistics.ledger import HEADS, KIND_NAMES, KINDS, Ledger
from apps.core.tables_out import TableOut, write_tables

GAP = "　　　　"


def annual(target: BinaryIO, filled: list[Filled], *, mark: str) -> None:
    """One sheet per table, named 表A …"""
    write_tables(target, [_table(one, mark) for one in filled])


def _table(one: Filled, mark: str) -> TableOut:
    body = [((*row.labels, Head(str(row.number))), [cell.value for cell in row.cells]) for row in one.rows]
    notes = [f"注：{before}{number}{behind}" for before, number, behind, _ in one.notes]
    if not one.period.past:
        notes.insert(0, f"注：本年度尚未结束，表中“本年12月底”按{one.day}统计。")
    below = f"{one.unit}{GAP}{one.period.first.year}年度{GAP}{'截至' if not one.period.past else ''}{one.day}{GAP}单位：人"
    return TableOut(f"表{one.table.key}", one.table.title, below, one.table.head, body, one.table.widths, notes, mark)


def ledger(target: BinaryIO, found: list[Ledger], *, mark: str) -> None:
    """``found`` holds the ledger once per kind, in the order of ``KINDS``: for every place a row per kind."""
    first = found[0]
    rows = [((Head(first.org.name, len(KINDS)),), first.kinds)]
    for place in first.places:
        lines = [next((one for one in ledger.places if one.key == place.key), None) for ledger in found]
        rows.append(((Head(place.title, len(KINDS)),), lines))
    body = []
    for labels, lines in rows:
        for number, (kind, line) in enumerate(zip(KINDS, lines, strict=True)):
            values = [cell.value for cell in line.cells] if line else [0] * len(HEADS)
            body.append(((*(labels if number == 0 else ()), Head(KIND_NAMES[kind])), values))
    top = (Head("单位", 2), Head("类别", 2), Head("期初在册", 2), Head("本期增加", 1, 2), Head("本期减少", 1, 2), Head("期末在册", 2), Head("差", 2))
    head = (top, tuple(map(Head, HEADS[1:5])))
    notes = [
        "注：期初＋新办离退休＋接收调入－调出移交－去世＝期末；各项分别取自登记，不互相推算，差不为零的须查明。",
        f"系统内部单位之间移交 {first.handed.value} 人，人仍在册，期初数随档案归接收单位；离退休类别变更 {first.converted.value} 人。",
    ]
    below = f"单位：{first.org.name}{GAP}{first.period.title}{GAP}截至{first.period.as_of.year}年{first.period.as_of.month}月{first.period.as_of.day}日{GAP}单位：人"
    write_tables(target, [TableOut("增减台账", "离退休干部增减台账", below, head, body, (24, 12, *(12 for _ in range(7))), notes, mark)])
