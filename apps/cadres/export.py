"""The list as a workbook: every field that may leave with a list, closed ones masked unless asked for with a reason; who and when on top."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

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
from apps.core.sheets_out import Column, SheetOut, write_xlsx

MOST = 20_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = {"address": 32, "original_unit": 26, "honours": 24, "note": 30, "extra": 30, "party_branch": 24} | dict.fromkeys(MASKED_BESIDE, 20)
EXTRA = ("revolution_period", "standing", "attention_class", "extra")


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
    columns = [Column("管理单位", 28), *(Column(title_of(name), WIDTHS.get(name, 13)) for name in names)]
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_xlsx(out, [SheetOut("名单", _notice(full, reason, by, place, count), columns, _rows(people, names, book, full))])
    out.seek(0)
    response = FileResponse(out, as_attachment=True, filename=f"离退休干部名单 {today:%Y%m%d}.xlsx", content_type=XLSX)
    return Export(response, count, [column.title for column in columns])


def _rows(people: QuerySet, names: list[str], book, full: bool) -> Iterator[list[str]]:
    closed = () if full else tuple(MASKED_BESIDE)
    rows = people.select_related("org", "org__parent").order_by("org_path", "name_sort", "id").defer(*closed)
    for cadre in rows.iterator(chunk_size=1000):
        yield [place_name(cadre.org), *(_cell(cadre, name, book, full) for name in names)]


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
    parts = ["内部资料，注意保密", f"导出人：{by}（{place}）", f"时间：{now:%Y-%m-%d %H:%M}", f"共 {count:,} 人"]
    parts.append("含身份证号、电话原文" if full else "身份证号、电话已遮盖")
    return "　".join([*parts, f"用途：{reason}"] if reason else parts)
