"""The list as a workbook: every field that may leave with a list, closed ones masked unless asked for with a reason; who and when on top."""

import tempfile
from dataclasses import dataclass
from datetime import date

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone

from apps.cadres.columns import PARTIAL_DATES
from apps.cadres.fields import EDITABLE, MASKED_BESIDE
from apps.cadres.models import Cadre
from apps.cadres.selectors.history import title_of
from apps.cadres.selectors.places import place_name
from apps.cadres.values import shown, value_of, written
from apps.core.personal_data import PersonalClass, classes
from apps.core.refusal import Refused

MOST = 20_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDE = {"address": 32, "original_unit": 26, "honours": 24, "note": 30, "party_branch": 24}
EXTRA = ("revolution_period", "standing", "attention_class")


@dataclass(frozen=True)
class Export:
    response: FileResponse
    rows: int
    columns: list[str]


def exported_fields() -> list[str]:
    """Fields in the order of the form that a list may carry: nothing secret; period instead of its confirmation."""
    known = classes(Cadre)
    kept = [name for name in EDITABLE if known.get(name, PersonalClass.PUBLIC) != PersonalClass.SECRET]
    return [name for name in kept if name != "revolution_period_confirmed"] + list(EXTRA)


def workbook(people: QuerySet, book, *, full: bool, reason: str, by, place: str, today: date) -> Export:
    """People (a scoped queryset) as .xlsx, made in constant memory inside the caller's scope. Raises ``Refused`` above ``MOST`` rows."""
    count = people.order_by().values("pk")[: MOST + 1].count()
    if count > MOST:
        raise Refused(f"超过 {MOST:,} 人，一次导不完。请先按单位或条件缩小范围。", code="too_many")
    names = exported_fields()
    columns = ["管理单位", *(title_of(name) for name in names)]
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    document = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = document.add_worksheet("名单")
    _head(document, sheet, columns, names, _notice(full, reason, by, place, count))
    closed = () if full else tuple(MASKED_BESIDE)
    rows = people.select_related("org", "org__parent").order_by("org_path", "name_sort", "id").defer(*closed)
    for number, cadre in enumerate(rows.iterator(chunk_size=1000), 2):
        sheet.write_string(number, 0, place_name(cadre.org))
        for column, name in enumerate(names, 1):
            value = _cell(cadre, name, book, full)
            if value:
                sheet.write_string(number, column, value)
    document.close()
    out.seek(0)
    response = FileResponse(out, as_attachment=True, filename=f"离退休干部名单 {today:%Y%m%d}.xlsx", content_type=XLSX)
    return Export(response, count, columns)


def _cell(cadre: Cadre, name: str, book, full: bool) -> str:
    """As the import would read it back: dates in their short form."""
    if full and name in MASKED_BESIDE:
        return getattr(cadre, name) or ""
    if name in PARTIAL_DATES:
        value = value_of(cadre, name)
        return written(value) if value else ""
    return shown(cadre, name, book)


def _notice(full: bool, reason: str, by, place: str, count: int) -> str:
    now = timezone.localtime()
    parts = ["内部资料，注意保密", f"导出人：{by}（{place}）", f"时间：{now:%Y-%m-%d %H:%M}", f"共 {count:,} 人", "含身份证号、电话原文" if full else "身份证号、电话已遮盖"]
    return "　".join([*parts, f"用途：{reason}"] if reason else parts)


def _head(document, sheet, columns: list[str], names: list[str], notice: str) -> None:
    plain = document.add_format({"font_color": "#A61B1B", "font_size": 10})
    head = document.add_format({"bold": True, "bg_color": "#F6F4F1", "bottom": 1, "text_wrap": True, "valign": "vcenter"})
    sheet.write_string(0, 0, notice, plain)
    for column, title in enumerate(columns):
        sheet.write_string(1, column, title, head)
    sheet.set_column(0, 0, 28)
    for column, name in enumerate(names, 1):
        sheet.set_column(column, column, WIDE.get(name, 20 if name in MASKED_BESIDE else 13))
    sheet.freeze_panes(2, 2)
    sheet.autofilter(1, 0, 1, len(columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(1)
    sheet.set_footer(f"&L{notice[:200]}&R第 &P / &N 页")
