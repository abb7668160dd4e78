"""Visits as they leave. No ID number, phone or address stands in them."""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from apps.accounts.permissions import Right
from apps.care import campaign_exports  # noqa: F401 - registers itself
from apps.care.forms import VisitFilter
from apps.care.selectors import visits as selectors
from apps.care.selectors.codes import OCCASION_TABLE, WAY_TABLE, names
from apps.core.scope import Scope
from apps.files.exporting.kinds import EXPORTS, ExportColumn, ExportKind

CHUNK = 2000
TYPED = ("q",)
COLUMNS = (
    ExportColumn("visited_on", "走访日期", "走访", 12, "date"),
    ExportColumn("name", "姓名", "走访", 10),
    ExportColumn("attention_class", "类别", "走访", 10),
    ExportColumn("org", "管理单位", "走访", 24),
    ExportColumn("occasion", "事由", "走访", 12),
    ExportColumn("way", "方式", "走访", 10),
    ExportColumn("in_person", "见到本人", "走访", 9),
    ExportColumn("survivor", "走访的遗属", "走访", 12),
    ExportColumn("worker", "走访人", "走访", 10),
    ExportColumn("companions", "陪同人员", "走访", 14),
    ExportColumn("gifts", "慰问品", "情况", 14),
    ExportColumn("situation", "情况", "情况", 50),
    ExportColumn("need", "需求", "情况", 30),
    ExportColumn("next_step", "下一步", "情况", 30),
    ExportColumn("logged_at", "登记时间", "登记", 17),
    ExportColumn("late_reason", "补记原因", "登记", 20),
    ExportColumn("void_reason", "作废原因", "登记", 20, usual=False),
)


def filtered(scope: Scope, query: dict[str, str], today: date):
    return selectors.filtered(scope, VisitFilter(query, scope=scope, today=today).wanted())


def count(scope: Scope, query: dict[str, str], today: date, most: int) -> int:
    return filtered(scope, query, today).order_by().values("pk")[:most].count()


def rows(scope: Scope, query: dict[str, str], keys: list[str], full: bool, today: date) -> Iterator[list]:
    """Latest first, as the list shows them."""
    tables = names()
    for visit in filtered(scope, query, today).order_by("-visited_on", "-pk").iterator(chunk_size=CHUNK):
        yield [_cell(visit, key, tables) for key in keys]


def _cell(visit, key: str, tables: dict):
    readers = {
        "name": lambda: visit.cadre.name,
        "attention_class": visit.cadre.get_attention_class_display,
        "occasion": lambda: tables[OCCASION_TABLE].get(visit.occasion, visit.occasion),
        "way": lambda: tables[WAY_TABLE].get(visit.way, visit.way),
        "survivor": lambda: visit.survivor.name if visit.survivor else "",
        "logged_at": lambda: f"{timezone.localtime(visit.logged_at):%Y-%m-%d %H:%M}",
        "org": lambda: str(visit.org),
        "worker": lambda: str(visit.worker),
    }
    return readers[key]() if key in readers else getattr(visit, key)


def told(query: dict[str, str]) -> str:
    return "；".join(f"{name}={'（有）' if name in TYPED else value}" for name, value in sorted(query.items()))


EXPORTS.add("visits", ExportKind("visits", "走访记录", "条", Right.CADRE_EXPORT, "visit.exported", "care:visits", lambda: COLUMNS, count, rows, told))
