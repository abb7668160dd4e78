"""What the person's page is put together from: the head, the facts, the panels and the timeline the apps above add."""

from collections.abc import Iterable
from datetime import date

from django.template.loader import render_to_string
from django.utils import timezone

from apps.activity.audit import VERBS
from apps.cadres import selectors
from apps.cadres.columns import PARTIAL_DATES
from apps.cadres.fields import MASKED_BESIDE, SECTIONS
from apps.cadres.models import Cadre, ChangeKind, RetireKind, Standing
from apps.cadres.registries import PANELS, TIMELINE, TimelineEntry
from apps.cadres.rules import period_choices
from apps.cadres.selectors.history import title_of
from apps.cadres.selectors.regions import region_name
from apps.cadres.values import as_words, shown, value_of
from apps.core.scope import Scope
from apps.core.templatetags.portal import age, date_partial

TABS = (
    ("overview", "总览"),
    ("plan", "一人一策"),
    ("visits", "走访"),
    ("family", "家庭与遗属"),
    ("treatments", "待遇"),
    ("files", "文件"),
    ("history", "变更记录"),
)
OPENED = "建立档案"
SIDE = 200
"""Panels of the overview with an order from here on stand in the narrow column."""


def headline(cadre: Cadre, book, today: date) -> str:
    """男 · 93 岁（1933 年 4 月生）· 解放战争时期参加革命 · 现享受副县（处）级待遇."""
    born = value_of(cadre, "born_on")
    parts = [book.field("sex", cadre.sex)]
    if born:
        until = cadre.deceased_on or today
        lived = age(born.value, until) if born.precision != "year" else f"约 {until.year - born.value.year} 岁"
        parts.append(f"{'享年' if cadre.deceased_on else ''}{lived}（{date_partial(born.value, born.precision)}生）")
    if cadre.revolution_period:
        parts.append(f"{shown(cadre, 'revolution_period', book)}参加革命")
    elif cadre.retire_kind == RetireKind.LIXIU and period_choices({"revolution_started_on": value_of(cadre, "revolution_started_on")}):
        parts.append("参加革命工作时期待确认")
    if cadre.treatment_level:
        parts.append(f"现享受{book.field('treatment_level', cadre.treatment_level)}")
    if cadre.standing == Standing.DECEASED:
        parts.append(f"{as_words('deceased_on', cadre.deceased_on, book)}去世")
    return " · ".join(part for part in parts if part)


FIRST_NEEDED = ("联系方式", "居住", "健康", "身份", "离退休", "工作经历", "政治面貌", "特长与备注")


def facts(cadre: Cadre, book, sections: Iterable[str] = ()) -> list[dict]:
    """``[{"title", "rows": [{"label", "value", "field", "closed"}]}]`` of the sections named, in that order (all), values in words, closed ones masked."""
    groups = []
    named = dict(SECTIONS)
    for title in sections or named:
        names = named[title]
        rows = [row for name in names if (row := _fact(cadre, name, book)) and row["value"]]
        if rows:
            groups.append({"title": title, "rows": rows})
    return groups


def note_facts(cadre: Cadre) -> list[dict]:
    """The side notes as one more group of ``facts``; [] without any."""
    rows = [{"label": label, "value": text, "field": "", "closed": False} for label, text in cadre.extra.items()]
    return [{"title": "附注", "rows": rows}] if rows else []


def _fact(cadre: Cadre, name: str, book) -> dict | None:
    if name == "name" or (name in ("resettled", "counts_in_statistics") and getattr(cadre, name) == (name == "counts_in_statistics")):
        return None
    if name == "revolution_period_confirmed":
        name = "revolution_period"
        if cadre.revolution_period is None and cadre.revolution_started_on and cadre.retire_kind == RetireKind.LIXIU:
            return {"label": title_of(name), "value": "待确认", "field": name, "closed": False}
    value = region_name(cadre.residence_region) if name == "residence_region" else shown(cadre, name, book)
    return {"label": title_of(name), "value": value, "field": name, "closed": name in MASKED_BESIDE, "date": name in PARTIAL_DATES}


def panels(request, cadre: Cadre, tab: str) -> list[dict]:
    """Rendered panels of a tab, by order; ``Panel.tab`` is a tab's key or its title."""
    title = dict(TABS)[tab]
    chosen = sorted((panel for panel in PANELS.values() if panel.tab in (tab, title)), key=lambda panel: panel.order)
    return [
        {"title": panel.title, "side": panel.order >= SIDE, "body": render_to_string(panel.template, panel.context(request, cadre) | {"cadre": cadre}, request)} for panel in chosen
    ]


def timeline(scope: Scope, cadre: Cadre, book) -> list[TimelineEntry]:
    """Everything that happened, newest first, from the registry and from whoever adds to it."""
    entries = [*_own_entries(scope, cadre, book)]
    for source in TIMELINE.values():
        entries.extend(source(scope, cadre))
    return sorted(entries, key=lambda entry: (entry.day, entry.sentence != OPENED), reverse=True)


def _own_entries(scope: Scope, cadre: Cadre, book):
    for change in selectors.status_changes(scope, cadre):
        yield TimelineEntry(change.effective_on, change_sentence(change, book), detail="；".join(part for part in (change.note, change.document_no) if part))
    yield TimelineEntry(timezone.localtime(cadre.created_at).date(), OPENED)


def change_sentence(change, book) -> str:
    """住院；自理能力由「部分自理」改为「不能自理」."""
    kind = ChangeKind(change.kind)
    words = [kind.label]
    for name, after in change.after.items():
        if name == "org_name":
            words.append(f"由「{change.before.get(name, '')}」移交「{after}」")
        elif name not in ("org", "org_path", "standing", "deceased_on", "resettled"):
            before, now = (as_words(name, value, book) for value in (change.before.get(name), after))
            words.append(f"{title_of(name)}由「{before}」改为「{now}」" if before else f"{title_of(name)}：{now}")
    return "；".join(words)


def readings(scope: Scope, cadre: Cadre) -> list[dict]:
    """谁看过: the last readers, the same kind of reading by the same person on one day once, with the reason where one was given."""
    found: dict[tuple, dict] = {}
    for event in selectors.readings(scope, cadre, limit=60):
        at = timezone.localtime(event.at)
        key = (event.actor_id, event.verb, at.date(), event.note)
        what = VERBS[event.verb] + (f"：{event.data['title']}" if event.data.get("title") else "")
        found.setdefault(key, {"at": at, "who": event.actor, "what": what, "note": event.note})
    return list(found.values())[:12]
