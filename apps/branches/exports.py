"""Branches and their members as they leave. No ID number, phone or address stands in them."""

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet

from apps.accounts.permissions import Right
from apps.branches.checking import dues
from apps.branches.forms import BranchFilter
from apps.branches.models import PartyMember
from apps.branches.selectors import branches as selectors
from apps.branches.selectors import supervision
from apps.branches.selectors.rules import rules_in_force
from apps.branches.supervision_forms import RectifyFilter
from apps.core.scope import Scope
from apps.files.exporting.kinds import EXPORTS, ExportColumn, ExportKind

CHUNK = 2000
BRANCHES = (
    ExportColumn("name", "党支部名称", "设置", 28),
    ExportColumn("code", "代码", "设置", 12),
    ExportColumn("kind", "类型", "设置", 12),
    ExportColumn("org", "管理单位", "设置", 24),
    ExportColumn("hosts", "依托单位数", "设置", 10),
    ExportColumn("superior", "上级党组织", "设置", 24),
    ExportColumn("area", "片区", "设置", 12),
    ExportColumn("founded_on", "成立时间", "设置", 12, "date"),
    ExportColumn("approval_no", "批准文号", "设置", 16),
    ExportColumn("formal", "正式党员", "党员", 9),
    ExportColumn("probationary", "预备党员", "党员", 9),
    ExportColumn("secretary", "书记", "支委会", 10),
    ExportColumn("committee", "支委会人数", "支委会", 10),
    ExportColumn("starts_on", "任期起", "支委会", 12, "date"),
    ExportColumn("ends_on", "任期止", "支委会", 12, "date"),
    ExportColumn("meeting_place", "活动场所", "活动", 20),
    ExportColumn("fixed_day", "固定活动日", "活动", 10),
    ExportColumn("adviser", "党建指导员", "活动", 10),
    ExportColumn("findings", "需要核对的", "核对", 50),
)
MEMBERS = (
    ExportColumn("branch", "党支部名称", "支部", 28),
    ExportColumn("name", "姓名", "党员", 10),
    ExportColumn("org", "管理单位", "党员", 24),
    ExportColumn("party_joined_on", "入党时间", "党员", 12, "date"),
    ExportColumn("standing", "党员类别", "党员", 10),
    ExportColumn("main", "组织关系", "党员", 10),
    ExportColumn("posts", "支部职务", "党员", 14),
    ExportColumn("group", "党小组", "党员", 12),
    ExportColumn("health", "参加活动", "党员", 12),
    ExportColumn("joined_on", "转入时间", "党员", 12, "date"),
    ExportColumn("floating_from", "外出起", "外出", 12, "date"),
    ExportColumn("floating_to", "外出去向", "外出", 16),
    ExportColumn("floating_contact", "联系人", "外出", 10),
    ExportColumn("dues_base", "党费月基数（元）", "党费", 14),
    ExportColumn("dues_rate", "党费比例（%）", "党费", 12),
    ExportColumn("dues", "每月党费（元）", "党费", 12),
    ExportColumn("note", "备注", "党员", 20),
)
OF_LINE = {
    "kind": lambda line: line.branch.get_kind_display(), "org": lambda line: str(line.branch.org), "area": lambda line: str(line.branch.area or ""),
    "hosts": lambda line: line.facts.hosts, "formal": lambda line: line.facts.formal, "probationary": lambda line: line.facts.probationary,
    "secretary": lambda line: line.secretary, "committee": lambda line: line.facts.committee, "starts_on": lambda line: line.facts.starts_on,
    "ends_on": lambda line: line.facts.ends_on, "findings": lambda line: "；".join(one.sentence.rstrip("。") for one in line.findings),
}  # fmt: skip
OF_MEMBER = {
    "branch": lambda one: str(one.branch), "name": lambda one: one.cadre.name, "org": lambda one: str(one.org), "party_joined_on": lambda one: one.cadre.party_joined_on,
    "standing": lambda one: one.get_standing_display(), "main": lambda one: "在本支部" if one.main else "另外参加", "health": lambda one: one.get_health_display(),
    "posts": lambda one: "、".join(post.get_post_display() for post in one.cadre.branch_posts.all() if post.left_on is None and post.committee.branch_id == one.branch_id),
    "dues_base": lambda one: None if one.dues_base is None else float(one.dues_base), "dues_rate": lambda one: None if one.dues_rate is None else float(one.dues_rate),
}  # fmt: skip


def _wanted(scope: Scope, query: dict[str, str]) -> tuple[dict, str]:
    wanted = BranchFilter(query, scope=scope).wanted()
    return wanted, wanted.pop("look", "")


def _found(scope: Scope, query: dict[str, str], today: date) -> QuerySet:
    wanted, look = _wanted(scope, query)
    return selectors.looking(selectors.filtered(scope, wanted, today), look, today)


def count(scope: Scope, query: dict[str, str], today: date, most: int) -> int:
    return _found(scope, query, today).values("pk")[:most].count()


def rows(scope: Scope, query: dict[str, str], keys: list[str], full: bool, today: date) -> Iterator[list]:
    """In the order of the list."""
    for line in selectors.lines(_found(scope, query, today), today):
        yield [OF_LINE[key](line) if key in OF_LINE else getattr(line.branch, key) for key in keys]


def _members(scope: Scope, query: dict[str, str], today: date):
    """Present members of the branches of the list; with ``branch`` of that one alone."""
    found = PartyMember.objects.visible_to(scope).filter(left_on=None)
    one = query.get("branch", "")
    if one.isdecimal() and len(one) < 19:
        return found.filter(branch__in=selectors.branches(scope).filter(pk=int(one)).order_by().values("pk"))
    return found.filter(branch__in=_found(scope, query, today).order_by().values("pk"))


def member_count(scope: Scope, query: dict[str, str], today: date, most: int) -> int:
    return _members(scope, query, today).values("pk")[:most].count()


def member_rows(scope: Scope, query: dict[str, str], keys: list[str], full: bool, today: date) -> Iterator[list]:
    rules = rules_in_force(today)
    found = _members(scope, query, today).select_related("branch", "cadre", "org").prefetch_related("cadre__branch_posts__committee")
    for one in found.order_by("branch__org_path", "branch__name", "branch", "group", "cadre__name_sort", "pk").iterator(chunk_size=CHUNK):
        due = dues(one.dues_base, one.dues_rate, rules)
        given = {"dues": None if due is None else float(due)}
        yield [given[key] if key in given else OF_MEMBER[key](one) if key in OF_MEMBER else getattr(one, key) for key in keys]


def told(query: dict[str, str]) -> str:
    return "；".join(f"{name}={'（有）' if name == 'q' else value}" for name, value in sorted(query.items()))


RECTIFICATIONS = (
    ExportColumn("branch", "党支部", "台账", 28),
    ExportColumn("source", "来源", "台账", 14),
    ExportColumn("matter", "类别", "台账", 12),
    ExportColumn("problem", "问题", "台账", 40),
    ExportColumn("measure", "整改措施", "台账", 30),
    ExportColumn("owner", "责任人", "台账", 10),
    ExportColumn("opened_on", "提出日期", "台账", 12, "date"),
    ExportColumn("due_on", "整改时限", "台账", 12, "date"),
    ExportColumn("days_late", "逾期天数", "台账", 10),
    ExportColumn("state", "状态", "台账", 10),
    ExportColumn("supervised_on", "挂牌督办", "台账", 12, "date"),
    ExportColumn("result", "整改结果", "销号", 30),
    ExportColumn("reported_on", "报送日期", "销号", 12, "date"),
    ExportColumn("closed_on", "销号日期", "销号", 12, "date"),
    ExportColumn("closed_by", "销号人", "销号", 10),
    ExportColumn("rechecked_on", "复查日期", "销号", 12, "date"),
)
SHOWN = ("source", "matter", "state")


def _ledger(scope: Scope, query: dict[str, str], today: date):
    return supervision.filtered(scope, RectifyFilter(query, scope=scope).wanted(), today)


def ledger_count(scope: Scope, query: dict[str, str], today: date, most: int) -> int:
    return _ledger(scope, query, today).values("pk")[:most].count()


def ledger_rows(scope: Scope, query: dict[str, str], keys: list[str], full: bool, today: date) -> Iterator[list]:
    """In the order of the list."""
    for one in _ledger(scope, query, today).iterator(chunk_size=CHUNK):
        late = max((today - one.due_on).days, 0) if one.state == "open" else None
        given = {"branch": one.branch.name, "closed_by": str(one.closed_by or ""), "days_late": late} | {key: getattr(one, f"get_{key}_display")() for key in SHOWN}
        yield [given[key] if key in given else getattr(one, key) for key in keys]


LIST = "branches:list"
EXPORTS.add("branches", ExportKind("branches", "党支部", "个", Right.CADRE_EXPORT, "branch.exported", LIST, lambda: BRANCHES, count, rows, told))
EXPORTS.add("branch_members", ExportKind("branch_members", "支部党员", "人", Right.CADRE_EXPORT, "branch.exported", LIST, lambda: MEMBERS, member_count, member_rows, told))
EXPORTS.add(
    "rectifications",
    ExportKind("rectifications", "整改台账", "项", Right.CADRE_EXPORT, "branch.exported", "branches:rectifications", lambda: RECTIFICATIONS, ledger_count, ledger_rows, told),
)
