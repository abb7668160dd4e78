"""《一人一策服务方案》 as an official document: an approved edition as it was approved, or the plan as it stands, marked as a draft."""

from datetime import date, datetime

from apps.care.models import PlanEdition, ServicePlan
from apps.care.selectors.editions import PLAIN, content_of
from apps.core.documents import Gongwen

HEAD = ("序号", "类别", "需求", "措施", "牵头单位", "责任人", "频次、起止")
WIDTHS = (11, 20, 34, 34, 22, 16, 26)
DRAFT = "（草案，未经批准）"


def document(*, plan: ServicePlan, edition: PlanEdition | None, today: date, now: datetime) -> tuple[bytes, str]:
    """(content, file name) of ``edition``, or of the plan as it stands. No number or address of the person stands in it."""
    content = edition.content if edition else content_of([plan])[plan.pk]
    approved = bool(edition and edition.number)
    title = f"{content['name']}同志{content['year']}年一人一策服务方案"
    doc = Gongwen(title, moment=now, author=content["org"])
    if not approved:
        doc.paragraph(DRAFT)
    doc.heading1("一、基本情况")
    doc.paragraph(f"管理单位：{content['org']}。" + "".join(f"{label}：{content.get(name) or '未填'}。" for name, label in PLAIN.items()))
    doc.heading1("二、服务事项")
    rows = [_row(n, item) for n, item in enumerate(content["items"], 1)]
    if rows:
        doc.table(list(HEAD), rows, widths=list(WIDTHS), align=["center", *["left"] * 6])
    else:
        doc.paragraph("暂无服务事项，按类别规定的频次走访、联系。")
    doc.heading1("三、审批")
    doc.paragraph(_approval(edition) if approved else "尚未批准。")
    doc.sign(content["org"], edition.decided_at.date() if approved else today)
    return doc.to_bytes(), f"{title}{f'（第{edition.number}版）' if approved else '（草案）'}.docx"


def _row(n: int, item: dict) -> list:
    days = " 至 ".join(day for day in (item["starts_on"], item["due_on"]) if day)
    return [n, item["category"], item["need"], item["measure"] or "—", item["lead_unit"] or "—", item["worker"] or "—", f"{item['frequency']} {days}".strip()]


def _approval(edition: PlanEdition) -> str:
    note = f"意见：{edition.note}。" if edition.note else ""
    return f"由{edition.submitted_by}于{edition.submitted_at:%Y年%-m月%-d日}提交，{edition.decided_by}于{edition.decided_at:%Y年%-m月%-d日}批准，为第{edition.number}版。{note}"
