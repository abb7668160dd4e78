"""《示范党支部申报表》 as an official document."""

from datetime import date, datetime

from apps.branches.models import Application, Committee, ItemScore, PartyMember
from apps.core.documents import Gongwen

HEAD = ("序号", "大项", "小项", "分值", "自评", "核查", "说明")
WIDTHS = (11, 24, 26, 13, 13, 13, 63)


def application_document(*, case: Application, scores: list[ItemScore], today: date, now: datetime) -> tuple[bytes, str]:
    """(content, file name). No number, phone or address of a person stands in it."""
    branch = case.branch
    title = f"{case.standard.campaign}申报表"
    doc = Gongwen(title, moment=now, author=branch.org.name)
    doc.heading1("一、基本情况")
    members = PartyMember.objects.filter(branch=branch, left_on=None)
    term = Committee.objects.filter(branch=branch, removed_why="").order_by("-starts_on").prefetch_related("posts__cadre").first()
    posts = [f"{one.get_post_display()}{one.cadre.name if one.cadre else one.name}" for one in term.posts.all() if one.left_on is None] if term else []
    facts = (
        ("党支部", branch.name), ("类型", branch.get_kind_display()), ("管理单位", branch.org.name), ("上级党组织", branch.superior), ("成立时间", branch.founded_on),
        ("批准文号", branch.approval_no), ("党员", f"{members.count()}名"), ("支委会", "、".join(posts)), ("任期", f"{term.starts_on}至{term.ends_on}" if term else ""),
        ("活动场所", branch.meeting_place), ("曾受表彰", case.honours),
    )  # fmt: skip
    doc.paragraph("".join(f"{label}：{value or '未填'}。" for label, value in facts))
    doc.heading1("二、主要做法")
    for line in case.story.splitlines() or ["（未填）"]:
        doc.paragraph(line)
    doc.heading1("三、评分")
    rows = [[row.item.order, row.item.group, row.item.name, _plain(row.item.points), _plain(row.self_score), _plain(row.team_score), _said(row)] for row in scores]
    doc.table(list(HEAD), rows, widths=list(WIDTHS), align=["center", "left", "left", "center", "center", "center", "left"])
    bonus = f"加分{_plain(case.bonus)}分（{case.bonus_why}）。" if case.bonus else ""
    doc.paragraph(f"自评合计{_plain(case.self_total)}分，核查合计{_plain(case.team_total)}分。{bonus}标准：{case.standard}。")
    doc.heading1("四、意见")
    for label in ("党支部意见", "单位党组织意见", "县（市、区）老干部局意见", "市老干部局意见"):
        doc.paragraph(f"{label}：　　　　　　　　　　　　　　　　（盖章）　　年　　月　　日")
    doc.sign(branch.org.name, today)
    return doc.to_bytes(), f"{title}（{branch.name}）.docx"


def _plain(value) -> str:
    return "—" if value is None else f"{value.normalize():f}"


def _said(row: ItemScore) -> str:
    return "；".join(part for part in (row.self_note or row.fact_text, f"扣分：{row.team_note}" if row.team_note else "") if part)
