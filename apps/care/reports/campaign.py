"""小结 of a campaign as an official document (GB/T 9704-2012), as far as the reader sees."""

from datetime import date, datetime

from django.utils import timezone

from apps.accounts.models import Organization
from apps.cadres.selectors.codes import CodeBook
from apps.care.models import Campaign
from apps.care.selectors import campaigns as selectors
from apps.care.selectors import surveys
from apps.care.selectors.campaigns import Tally
from apps.care.selectors.surveys import Results
from apps.core.documents import Gongwen
from apps.core.scope import Scope

HEAD = ("单位", "应走访", "已走访", "未走访", "其中逾期", "不再走访", "完成率")
WIDTHS = (42, 18, 18, 18, 20, 20, 20)


def document(scope: Scope, campaign: Campaign, *, org: Organization, today: date, now: datetime) -> tuple[bytes, str]:
    """(content, file name)."""
    title = f"{org.name}“{campaign.title}”工作小结"
    doc = Gongwen(title, moment=now, author=f"{org.name}老干部局")
    progress = selectors.progress(scope, campaign, today)
    doc.heading1("一、基本情况")
    doc.paragraph(overview(campaign, progress.total))
    if campaign.note:
        doc.paragraph(f"工作要求：{campaign.note}")
    doc.heading1("二、各单位完成情况")
    rows = [_row(part) for part in progress.units] + [_row(progress.total)]
    doc.table(list(HEAD), rows, widths=list(WIDTHS), align=["left", *["right"] * 6])
    doc.heading1("三、没有走访的原因")
    for text in _left(scope, campaign, progress.total):
        doc.paragraph(text)
    rows = list(surveys.questions(campaign))
    if rows:
        doc.heading1("四、问需情况")
        _survey(doc, surveys.results(scope, campaign, rows, texts=0))
    doc.sign(f"{org.name}老干部局", timezone.localdate(now))
    return doc.to_bytes(), f"{title}.docx"


def overview(campaign: Campaign, total: Tally) -> str:
    """The campaign in one paragraph."""
    span = f"{_day(campaign.starts_on)}至{_day(campaign.ends_on)}"
    over = "已结束" if campaign.state == "ended" else "正在进行"
    how = "须见面" if campaign.meet else "见面或电话均可"
    share = f"，完成率 {total.share:.1%}" if total.share is not None else ""
    whom = selectors.whom_in_words(campaign, CodeBook())
    return f"“{campaign.title}”于{span}开展，{over}。走访对象为{whom}，{how}。应走访 {total.asked} 人，已走访 {total.done} 人{share}；不再走访 {total.closed} 人。"


def _left(scope: Scope, campaign: Campaign, total: Tally) -> list[str]:
    found = [f"{n}. {reason.removeprefix('不列入：') or '未写明'}：{count} 人。" for n, (reason, count) in enumerate(selectors.reasons(scope, campaign), 1)]
    if total.open:
        found.append(f"尚未走访 {total.open} 人" + (f"，其中已过截止日期 {total.late} 人。" if total.late else "，仍在期限内。"))
    return found or ["应走访的人员均已走访。"]


def _survey(doc: Gongwen, found: Results) -> None:
    """How many were asked, and what they need; opinions written down stay in the portal, since names stand beside them."""
    share = f"，占 {found.share:.1%}" if found.share is not None else ""
    needs = [result for result in found.of_needs if result.need]
    taken = sum(result.need for result in needs) - found.waiting
    doc.paragraph(f"应问 {found.asked} 人，已问 {found.answered} 人{share}。提出需求 {sum(result.need for result in needs)} 项，已转办 {taken} 项，还没转办 {found.waiting} 项。")
    if needs:
        lines = [[result.question.wording, result.need, result.need - result.waiting, result.waiting] for result in sorted(needs, key=lambda result: -result.need)]
        doc.table(["需求", "人数", "已转办", "还没转办"], lines, widths=[70, 24, 24, 24], align=["left", "right", "right", "right"])
    for result in found.results:
        if result.choices and not result.question.category and result.answered:
            said = "，".join(f"“{choice.label}”{choice.count} 人" for choice in result.choices)
            doc.paragraph(f"{result.question.text}：{said}。")


def _row(tally: Tally) -> list:
    return [tally.label, tally.asked, tally.done, tally.open, tally.late, tally.closed, f"{tally.share:.1%}" if tally.share is not None else "—"]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
