"""The people of a campaign as they leave: who, by whom, how far. No ID number, phone or address stands in it."""

from collections.abc import Iterator
from datetime import date

from apps.accounts.models import Organization
from apps.accounts.permissions import Right
from apps.accounts.selectors import organization
from apps.care.forms.campaigns import TargetFilter
from apps.care.models import Campaign, ToDo
from apps.care.selectors import campaigns as selectors
from apps.core.scope import Scope
from apps.files.exporting.kinds import EXPORTS, ExportColumn, ExportKind

CHUNK = 2000
COLUMNS = (
    ExportColumn("name", "姓名", "人员", 10),
    ExportColumn("survivor", "遗属", "人员", 12),
    ExportColumn("retire_kind", "离退休类型", "人员", 10),
    ExportColumn("attention_class", "类别", "人员", 10),
    ExportColumn("org", "管理单位", "人员", 24),
    ExportColumn("worker", "责任人", "走访", 10),
    ExportColumn("due_on", "应办日期", "走访", 12, "date"),
    ExportColumn("state", "进展", "走访", 10),
    ExportColumn("done_on", "走访日期", "走访", 12, "date"),
    ExportColumn("done_by", "走访人", "走访", 10),
    ExportColumn("result", "不再走访的原因", "走访", 30),
)
READERS = {
    "name": lambda todo: todo.cadre.name,
    "survivor": lambda todo: f"{todo.survivor.name}（{todo.survivor.relation}）" if todo.survivor else "",
    "retire_kind": lambda todo: todo.cadre.get_retire_kind_display(),
    "attention_class": lambda todo: todo.cadre.get_attention_class_display(),
    "org": lambda todo: str(todo.org),
    "worker": lambda todo: str(todo.worker or ""),
    "state": lambda todo: {"open": "未走访", "done": "已走访", "closed": "不再走访"}[todo.state],
    "done_by": lambda todo: str(todo.done_by or "") if todo.state == "done" else "",
}


def found(scope: Scope, query: dict[str, str], today: date):
    """To-dos that the list with this query shows; none without a campaign in sight."""
    key = query.get("campaign", "")
    try:
        campaign = selectors.campaign(scope, int(key) if key.isdecimal() and len(key) < 19 else 0)
        wanted = TargetFilter(query, scope=scope, today=today).wanted()
        places = {name: organization(scope, wanted[name]) for name in ("org", "own") if wanted.get(name)}
    except (Campaign.DoesNotExist, Organization.DoesNotExist):
        return ToDo.objects.none()
    return selectors.filtered(scope, campaign, wanted | places, today)


def count(scope: Scope, query: dict[str, str], today: date, most: int) -> int:
    return found(scope, query, today).order_by().values("pk")[:most].count()


def rows(scope: Scope, query: dict[str, str], keys: list[str], full: bool, today: date) -> Iterator[list]:
    """In the order of units, as the list shows them."""
    for todo in found(scope, query, today).iterator(chunk_size=CHUNK):
        yield [READERS[key](todo) if key in READERS else getattr(todo, key) for key in keys]


def told(query: dict[str, str]) -> str:
    return "；".join(f"{name}={'（有）' if name == 'q' else value}" for name, value in sorted(query.items()))


EXPORTS.add(
    "campaign_targets",
    ExportKind("campaign_targets", "集中走访名单", "人", Right.CADRE_EXPORT, "campaign.exported", "care:campaigns", lambda: COLUMNS, count, rows, told),
)
