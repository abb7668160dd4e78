"""Visits and the register of aid (困难帮扶台账) as they leave. No ID number, phone or address stands in them, nor what somebody is in need of."""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from apps.accounts.permissions import Right
from apps.care import campaign_exports, survey_exports  # noqa: F401 - register themselves
from apps.care.forms import VisitFilter
from apps.care.forms.aid import AidFilter
from apps.care.selectors import aid
from apps.care.selectors import visits as selectors
from apps.care.selectors.codes import AID_TABLE, OCCASION_TABLE, WAY_TABLE, names
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


AID_COLUMNS = (
    ExportColumn("year", "年度", "申请", 8, "text"),
    ExportColumn("whom", "帮扶对象", "申请", 14),
    ExportColumn("cadre", "干部姓名", "申请", 10),
    ExportColumn("org", "管理单位", "申请", 24),
    ExportColumn("kind", "帮扶类别", "申请", 12),
    ExportColumn("applicant", "申请方式", "申请", 9),
    ExportColumn("applicant_name", "申请人", "申请", 12, usual=False),
    ExportColumn("applied_on", "申请日期", "申请", 12, "date"),
    ExportColumn("amount_asked", "申请金额（元）", "申请", 14, "number"),
    ExportColumn("state", "状态", "办理", 10),
    ExportColumn("reviewed_on", "初审日期", "办理", 12, "date"),
    ExportColumn("published_on", "公示起", "办理", 12, "date", usual=False),
    ExportColumn("publicity_ends_on", "公示止", "办理", 12, "date"),
    ExportColumn("approved_on", "审批日期", "办理", 12, "date"),
    ExportColumn("document_no", "批准文号", "办理", 16),
    ExportColumn("amount_granted", "批准金额（元）", "办理", 14, "number"),
    ExportColumn("budget_org", "列支", "办理", 12),
    ExportColumn("exception_reason", "年内再次帮扶理由", "办理", 24),
    ExportColumn("paid_on", "发放日期", "发放", 12, "date"),
    ExportColumn("pay_way", "发放方式", "发放", 10),
    ExportColumn("received_on", "签收日期", "发放", 12, "date"),
    ExportColumn("received_by", "签收人", "发放", 14),
)


def aid_filtered(scope: Scope, query: dict[str, str], today: date):
    return aid.filtered(scope, AidFilter(query, scope=scope, today=today).wanted(), today)


def aid_count(scope: Scope, query: dict[str, str], today: date, most: int) -> int:
    return aid_filtered(scope, query, today).order_by().values("pk")[:most].count()


def aid_rows(scope: Scope, query: dict[str, str], keys: list[str], full: bool, today: date) -> Iterator[list]:
    """By year, place and number: the order of a register."""
    kinds = names()[AID_TABLE]
    for case in aid_filtered(scope, query, today).order_by("-year", "org_path", "pk").iterator(chunk_size=CHUNK):
        yield [_aid_cell(case, key, kinds) for key in keys]


def _aid_cell(case, key: str, kinds: dict):
    value = getattr(case, key)
    readers = {
        "kind": lambda: kinds.get(value, value),
        "year": lambda: str(value),
        "cadre": lambda: value.name,
        "org": lambda: str(value),
        "budget_org": lambda: str(value or ""),
        "state": case.get_state_display,
        "applicant": case.get_applicant_display,
        "pay_way": case.get_pay_way_display,
        "amount_asked": lambda: float(value),
        "amount_granted": lambda: "" if value is None else float(value),
    }
    return readers[key]() if key in readers else value


EXPORTS.add("aid", ExportKind("aid", "困难帮扶台账", "件", Right.CADRE_EXPORT, "aid.exported", "care:aid", lambda: AID_COLUMNS, aid_count, aid_rows, told))
EXPORTS.add("visits", ExportKind("visits", "走访记录", "条", Right.CADRE_EXPORT, "visit.exported", "care:visits", lambda: COLUMNS, count, rows, told))
