"""Quarterly report of visiting work for a city or county: official document (GB/T 9704-2012) and spreadsheet annex."""

import io
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Level
from apps.cadres.models import Cadre
from apps.cadres.selectors.people import Filters, filtered
from apps.care.reports import context as contexts
from apps.care.reports import wording
from apps.care.reports.context import QuarterlyVisits
from apps.core.documents import Gongwen
from apps.core.metrics import METRICS
from apps.core.scope import Scope, prefixes, system_scope
from apps.core.sheets_out import Column, SheetOut, write_xlsx
from apps.files.reporting import DOCX, REPORTS, XLSX, Output, ReportKind
from apps.files.selectors import reporting_places

KEY = "quarterly_visits"
LEVELS = (Level.CITY, Level.COUNTY)
TABLE = ("people", "visits_made", "visits_due", "visits_done", "visits_overdue", "key_silent")
HEAD = ("在册", "走访人次", "应访", "已访", "逾期", "重点未联系")
NAMED_IN_TEXT = 10
NUMERALS = "一二三四五六七八九十"


def files(data: dict) -> tuple[Output, Output]:
    """Document and annex from a context; equal contexts give equal bytes."""
    c = QuarterlyVisits.read(data)
    return Output(f"{c.title}.docx", DOCX, document(c)), Output(f"{c.title}附表.xlsx", XLSX, annex(c))


def document(c: QuarterlyVisits) -> bytes:
    made = datetime.fromisoformat(c.made_at)
    doc = Gongwen(c.title, moment=made, author=f"{c.org}委老干部局")
    sections = [("总体情况", _overview), (f"各{c.below}走访完成情况", _places), ("重点关注人员", _key_people), ("存在的问题", _problems), ("下一步建议", _next_steps)]
    if not c.places:
        sections.pop(1)
    for numeral, (title, write) in zip(NUMERALS, sections, strict=False):
        doc.heading1(f"{numeral}、{title}")
        write(doc, c)
    doc.annexes(["走访工作情况统计表及人员名单"])
    doc.sign(f"{c.org}委老干部局", timezone.localtime(made).date())
    return doc.to_bytes()


def _overview(doc: Gongwen, c: QuarterlyVisits) -> None:
    for text in wording.overview(c):
        doc.paragraph(text)


def _places(doc: Gongwen, c: QuarterlyVisits) -> None:
    if sentence := wording.compared_places(c):
        doc.paragraph(sentence)
    shown = [place for place in c.places if not place.direct]
    rows = [_row(place.name, place.numbers) for place in shown]
    rest = {key: c.total[key] - sum(place.numbers[key] for place in shown) for key in TABLE}
    if any(rest.values()):
        rows.append(_row("市直单位" if any(place.direct for place in c.places) else "本级直管", rest))
    rows.append(_row("合计", c.total))
    doc.table([c.below, *HEAD, "完成率"], rows, widths=[32, 13, 16, 13, 13, 13, 16, 17], align=["left", *["right"] * 7])


def _row(name: str, numbers: dict[str, int]) -> list:
    return [name, *(numbers[key] for key in TABLE), wording.percent(numbers["visits_done"], numbers["visits_due"])]


def _key_people(doc: Gongwen, c: QuarterlyVisits) -> None:
    doc.paragraph(wording.key_people(c))
    named = [person for person in c.named["visits_overdue"] if person.attention == "key"]
    if named:
        shown = sorted(named, key=lambda person: -person.days_late)[:NAMED_IN_TEXT]
        more = f"逾期未访的重点关注人员 {len(named)} 人" + (f"，逾期最久的 {len(shown)} 人如下，其余见附件。" if len(named) > len(shown) else "如下。")
        doc.paragraph(more)
        head, rows = ["姓名", "单位", "上次见面", "应走访", "逾期天数"], [wording.person_line(one) for one in shown]
        doc.table(head, rows, widths=[20, 52, 32, 32, 18], align=["left", "left", "center", "center", "right"])


def _problems(doc: Gongwen, c: QuarterlyVisits) -> None:
    found = wording.problems(c)
    for n, (shown, _) in enumerate(found, 1):
        doc.paragraph(f"{n}. {shown}")
    if not found:
        doc.paragraph("按本季度的统计口径，没有发现需要说明的问题。")


def _next_steps(doc: Gongwen, c: QuarterlyVisits) -> None:
    found = wording.problems(c)
    for n, (_, step) in enumerate(found, 1):
        doc.paragraph(f"{n}. {step}")
    if not found:
        doc.paragraph("继续按走访频次规定做好走访联系。")


def annex(c: QuarterlyVisits) -> bytes:
    out = io.BytesIO()
    people = [Column("姓名", 10), Column("县（市、区）或上级", 20), Column("单位", 30), Column("类别", 10), Column("上次见面", 13, "date"), Column("上次联系", 13, "date")]
    people += [Column("应走访", 13, "date"), Column("逾期（天）", 10, "int"), Column("责任人", 12)]
    notes = ["统计口径：应访指本季度内若不走访即会到期的人员；已访指应访人员中本季度见过面且期末不逾期的；逾期指期末已超过应走访日期的。"]
    columns = [Column(c.below, 20), *(Column(METRICS[key].name, 12, "int") for key in TABLE), Column("完成率", 10, "percent")]
    rows = [[place.name, *(place.numbers[key] for key in TABLE), wording.rate(place)] for place in c.places]
    total = [c.total[key] for key in TABLE]
    rows.append(["合计", *total, c.total["visits_done"] / c.total["visits_due"] if c.total["visits_due"] else None])
    sheets = [SheetOut("统计表", c.title.replace("情况报告", "统计表"), columns, rows, notes)]
    for key, title in contexts.NAMED.items():
        sheets.append(SheetOut(title[:31], f"{c.org}{wording.quarter_title(c)}{title}", people, [_sheet_row(one) for one in c.named[key]], [f"共 {len(c.named[key])} 人。"]))
    write_xlsx(out, sheets, moment=datetime.fromisoformat(c.made_at))
    return out.getvalue()


def _sheet_row(person: contexts.Person) -> list:
    days = [date.fromisoformat(day) if day else None for day in (person.last_met, person.last_contact, person.due_on)]
    return [person.name, person.place, person.unit, wording.CLASSES.get(person.attention, ""), *days, person.days_late, person.worker]


FIGURES = (
    "people", "people_lixiu", "people_retired", "people_key", "visits_due", "visits_done", "visits_overdue", "key_silent", "key_unseen", "away_overdue", "planned",
    "unassigned", "ledger_new", "ledger_in", "ledger_out", "deaths", "ledger_unexplained",
)  # fmt: skip


def page(data: dict) -> dict:
    """What the detail page shows, from the frozen context alone."""
    c = QuarterlyVisits.read(data)
    figures = [{"label": METRICS[key].name, "value": c.total[key], "unit": "人", "list": key} for key in FIGURES]
    figures.insert(4, {"label": "应访完成率", "value": wording.percent(c.total["visits_done"], c.total["visits_due"]), "unit": "", "list": "visits_done"})
    keys = ("people", "visits_due", "visits_done", "visits_overdue", "key_silent")
    rows = [{"name": place.name, "cells": [{"value": place.numbers[key], "list": key, "place": place.path} for key in keys]} for place in c.places]
    problems = [text for text, _ in wording.problems(c)]
    return {"title": c.title, "figures": figures, "below": c.below, "head": [METRICS[key].name for key in keys], "rows": rows, "sentences": wording.overview(c) + problems}


def people(scope: Scope, data: dict, key: str, place: str, *, today: date, start: int, size: int) -> dict:
    """Part of the frozen list behind a figure; names as they stand now, for those the reader may see. ``KeyError`` for an unknown list."""
    places = data["lists"][key]
    keys = places.get(place, []) if place else [pk for part in places.values() for pk in part]
    found = filtered(scope, Filters(standing="all"), today).filter(pk__in=keys).select_related("org").order_by("org_path", "name_sort", "pk")
    visible = found.count()
    rows = [{"name": one.name, "url": reverse("cadres:detail", args=[one.pk]), "detail": _detail(one)} for one in found[start : start + size]]
    return {"title": METRICS[key].name, "rows": rows, "gone": len(keys) - visible, "visible": visible, "count": len(keys)}


def _detail(cadre: Cadre) -> str:
    known = [cadre.org.name, cadre.get_retire_kind_display(), cadre.get_attention_class_display() if cadre.attention_class else ""]
    return " · ".join(one for one in known if one)


def places(today: date):
    """Cities and counties with people, whoever asks: run in the whole scope."""
    with system_scope("reports due") as scope:
        found = list(reporting_places(scope, LEVELS, today))
        paths = set(filtered(scope, Filters(standing="all"), today).values_list("org_path", flat=True).distinct())
    inhabited = {above for path in paths for above in prefixes(path)}
    return [org for org in found if org.path in inhabited]


REPORTS.add(KEY, ReportKind(KEY, "季度走访工作情况报告", LEVELS, contexts.build, files, page, people, places))
