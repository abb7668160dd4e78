"""Lists of care as workbooks."""

import io
from datetime import date

import xlsxwriter
from django.db.models import QuerySet
from django.utils import timezone

from apps.care.selectors.codes import OCCASION_TABLE, WAY_TABLE, names

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 50_000
COLUMNS = (
    ("走访日期", 12), ("姓名", 10), ("类别", 10), ("管理单位", 24), ("事由", 12), ("方式", 10), ("见到本人", 9), ("走访的遗属", 12), ("走访人", 10),
    ("陪同人员", 14), ("慰问品", 14), ("情况", 50), ("需求", 30), ("下一步", 30), ("登记时间", 17), ("补记原因", 20), ("作废原因", 20),
)  # fmt: skip


def visits_workbook(visits: QuerySet, *, today: date, by) -> tuple[bytes, int, bool]:
    """(.xlsx, rows written, whether more than ``MOST_ROWS`` were left out). No ID number, phone or address stands in it."""
    tables, out, rows = names(), io.BytesIO(), 0
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"})
    sheet, head = book.add_worksheet("走访记录"), book.add_format({"bold": True, "bg_color": "#F4F1EC", "border": 1})
    for place, (_, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
    sheet.write(0, 0, f"走访记录　{today:%Y-%m-%d} 由{by}导出")
    sheet.write_row(2, 0, [title for title, _ in COLUMNS], head)
    sheet.freeze_panes(3, 2)
    found = visits.order_by("-visited_on", "-pk")[: MOST_ROWS + 1]
    for visit in found.iterator(chunk_size=2000):
        if rows == MOST_ROWS:
            book.close()
            return out.getvalue(), rows, True
        sheet.write_row(rows + 3, 0, _row(visit, tables, timezone.localtime(visit.logged_at).strftime("%Y-%m-%d %H:%M")))
        rows += 1
    book.close()
    return out.getvalue(), rows, False


def _row(visit, tables: dict, logged: str) -> list:
    return [
        visit.visited_on, visit.cadre.name, visit.cadre.get_attention_class_display(), str(visit.org), tables[OCCASION_TABLE].get(visit.occasion, visit.occasion),
        tables[WAY_TABLE].get(visit.way, visit.way), "是" if visit.in_person else "否", visit.survivor.name if visit.survivor else "", str(visit.worker),
        visit.companions, visit.gifts, visit.situation, visit.need, visit.next_step, logged, visit.late_reason, visit.void_reason,
    ]  # fmt: skip
