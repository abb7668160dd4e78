"""《活动情况统计表》 as .xlsx in its form: one table by branch, one by place with sums."""

from typing import BinaryIO

from apps.branches.models import SheetState
from apps.branches.selectors.sheets import Column, Line, by_place, columns_of, sums
from apps.cadres.statistics.layout import Head
from apps.core.calendar import Quarter
from apps.core.tables_out import TableOut, write_tables

GAP = "　　　　"
NOTE = "注：只汇总已接受的统计表；到会按党员大会、党课、主题党日、组织生活会、民主评议计算。栏目按当季的统计表格式。"


def _head(first: str, columns: list[Column]) -> list[list[Head]]:
    groups: list[tuple[str, int]] = []
    for one in columns:
        if groups and groups[-1][0] == one.group:
            groups[-1] = (one.group, groups[-1][1] + 1)
        else:
            groups.append((one.group, 1))
    return [[Head("序号", 2), Head(first, 2), *(Head(name, 1, n) for name, n in groups)], [Head(f"{one.name}（{one.unit}）" if one.unit else one.name) for one in columns]]


def workbook(target: BinaryIO, *, place: str, path: str, quarter: Quarter, rows: list[Line], mark: str) -> None:
    """Accepted sheets of ``rows`` below ``path``; those who haven't handed in are named in a note, not shown as zero."""
    accepted = [line for line in rows if line.state == SheetState.ACCEPTED]
    missing = [line.branch.name for line in rows if line.state != SheetState.ACCEPTED]
    columns, notes = columns_of(quarter), [NOTE]
    total = list(sums(accepted, columns).values())
    if missing:
        notes.append(f"还没有接受统计表的党支部 {len(missing)} 个：{'、'.join(missing[:30])}{'等' if len(missing) > 30 else ''}。")
    below = f"{place}{GAP}{quarter.title}{GAP}已接受 {len(accepted)} / {len(rows)}"
    by_branch = [((Head(str(n)), Head(line.branch.name)), [line.values[one.key] for one in columns]) for n, line in enumerate(accepted, 1)]
    places = [(name, [line for line in found if line.state == SheetState.ACCEPTED]) for name, found in by_place(rows, path)]
    by_org = [((Head(str(n)), Head(f"{name}（{len(found)}个支部）")), list(sums(found, columns).values())) for n, (name, found) in enumerate(places, 1)]
    title, widths = "离退休干部党支部活动情况统计表", (6, 26, *(8 for _ in columns))
    last = ((Head(""), Head("合计")), total)
    write_tables(
        target,
        [
            TableOut("按支部", title, below, _head("党支部", columns), [*by_branch, last], widths, notes, mark),
            TableOut("按单位", f"{title}（汇总）", below, _head("单位", columns), [*by_org, last], widths, notes, mark),
        ],
    )
