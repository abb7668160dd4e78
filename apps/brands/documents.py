"""Brands as official documents: 《品牌创建申报表》, a county's 季度进展, the city's collection of them, the list of practices."""

from collections.abc import Iterable
from datetime import date, datetime

from apps.accounts.models import Organization
from apps.brands.models import Brand, FitFor, Goal, GroupMeeting, PlannedStep, Practice, PracticeList, QuarterReport, ReviewRound, Spread
from apps.brands.selectors.reviews import Result, suggested
from apps.core.calendar import Quarter
from apps.core.documents import Gongwen

TEXTS = (
    ("meaning", "品牌内涵"), ("background", "背景"), ("problem", "要解决的难题"), ("target_group", "服务对象"), ("carrier", "载体与措施"), ("effect", "预期成效"),
    ("spread_plan", "推广设想"), ("group", "创建工作领导小组"), ("people", "参与人员"), ("media", "宣传与影响"),
)  # fmt: skip
MARKS = "一二三四五六七八九十"


def _lines(doc: Gongwen, text: str) -> None:
    for line in (text or "（未填）").splitlines():
        doc.paragraph(line)


def _plain(value) -> str:
    return "—" if value is None else f"{value.normalize():f}"


def proposal_document(*, brand: Brand, today: date, now: datetime) -> tuple[bytes, str]:
    """《一县一品品牌创建申报表》: (content, file name)."""
    title = "一县一品品牌创建申报表"
    doc = Gongwen(title, moment=now, author=brand.org.name)
    doc.heading1("一、基本情况")
    span = f"{brand.starts_on or '未填'}至{brand.ends_on or '未填'}"
    facts = (
        ("品牌名称", brand.name), ("申报单位", brand.org.name), ("主题", brand.get_line_display()), ("口号", brand.slogan), ("创建起止", span), ("负责人", brand.leader),
        ("联系人", brand.contact), ("经费", brand.budget), ("标识含义", brand.logo_meaning),
    )  # fmt: skip
    doc.paragraph("".join(f"{label}：{value or '未填'}。" for label, value in facts))
    doc.heading1("二、创建内容")
    for n, (name, label) in enumerate(TEXTS):
        doc.heading2(f"（{MARKS[n]}）{label}")
        _lines(doc, getattr(brand, name))
    doc.heading1("三、目标")
    rows = [[one.order, one.name, one.unit, _plain(one.start), _plain(one.target)] for one in Goal.objects.filter(brand=brand)]
    doc.table(["序号", "指标", "单位", "起点", "目标"], rows or [["—"] * 5], widths=[12, 70, 20, 27, 27], align=["center", "left", "center", "right", "right"])
    doc.heading1("四、进度安排")
    rows = [[f"{one.month:%Y年%-m月}", one.text] for one in PlannedStep.objects.filter(brand=brand)]
    doc.table(["月份", "工作"], rows or [["—"] * 2], widths=[30, 126], align=["center", "left"])
    doc.heading1("五、试点与推广")
    rows = [[one.get_rung_display(), one.place, f"{one.since}", one.people, one.evidence] for one in Spread.objects.filter(brand=brand, ended_on=None)]
    doc.table(["范围", "地点", "起始", "惠及人数", "依据"], rows or [["—"] * 5], widths=[20, 40, 28, 22, 46], align=["center", "left", "center", "right", "left"])
    meetings = GroupMeeting.objects.filter(brand=brand)
    if meetings:
        doc.heading1("六、领导小组会议")
        for one in meetings:
            doc.paragraph(f"{one.held_on}，{one.subject}：{one.decisions}")
    doc.heading1("意见")
    for label in ("单位意见", "县区领导小组意见", "市委老干部局意见"):
        doc.paragraph(f"{label}：　　　　　　　　　　　　　　　　（盖章）　　年　　月　　日")
    doc.sign(brand.org.name, today)
    return doc.to_bytes(), f"{title}（{brand.org.name} {brand.name}）.docx"


def _report(doc: Gongwen, report: QuarterReport) -> None:
    for n, (name, label) in enumerate((("planned", "本季计划"), ("done", "完成情况"), ("problems", "问题和困难"), ("next_step", "下一步"))):
        doc.heading2(f"（{MARKS[n]}）{label}")
        _lines(doc, getattr(report, name))
    doc.heading2("（五）数字和目标")
    given = {name: getattr(report, name) for name in ("activities", "participants", "beneficiaries")}
    told = {name: "未填" if value is None else value for name, value in given.items()}
    doc.paragraph(f"开展活动{told['activities']}次，参与{told['participants']}人次，受益老同志{told['beneficiaries']}人。")
    rows = [
        [one.goal.name, one.goal.unit, _plain(one.goal.start), _plain(one.now), _plain(one.goal.target), f"{one.goal.share(one.now)} %"] for one in report.figures.all()
    ]  # fmt: skip
    if rows:
        doc.table(["目标", "单位", "起点", "现在", "目标值", "完成"], rows, widths=[60, 18, 22, 22, 22, 22], align=["left", "center", "right", "right", "right", "right"])


def report_document(*, report: QuarterReport, today: date, now: datetime) -> tuple[bytes, str]:
    """A county's 季度进展: (content, file name)."""
    quarter, brand = Quarter(report.year, report.quarter), report.brand
    title = f"“{brand.name}”品牌创建{quarter.title}进展报告"
    doc = Gongwen(title, moment=now, author=brand.org.name)
    _report(doc, report)
    doc.sign(brand.org.name, report.submitted_on or today)
    return doc.to_bytes(), f"{brand.org.name} {brand.name} {quarter.title}进展.docx"


def collection_document(*, org: Organization, quarter: Quarter, reports: list[QuarterReport], missing: Iterable[Brand], today: date, now: datetime) -> tuple[bytes, str]:
    """The city's 汇编 of the accepted reports of a quarter, with those that are missing named: (content, file name)."""
    title = f"{org.name}一县一品{quarter.title}进展汇编"
    doc = Gongwen(title, moment=now, author=org.name)
    absent, late = [f"{one.org.name}“{one.name}”" for one in missing], [one for one in reports if one.late]
    doc.paragraph(f"{quarter.title}，收到并接受季度进展{len(reports)}份，其中逾期报送{len(late)}份；没有接受的{len(absent)}份{'：' + '、'.join(absent) if absent else ''}。")
    sums = [sum(getattr(one, name) or 0 for one in reports) for name in ("activities", "participants", "beneficiaries")]
    doc.paragraph(f"合计开展活动{sums[0]}次，参与{sums[1]}人次，受益老同志{sums[2]}人。")
    rows = [
        [n, one.brand.org.name, one.brand.name, one.activities or 0, one.participants or 0, one.beneficiaries or 0, one.get_mark_display(), "是" if one.late else ""]
        for n, one in enumerate(reports, 1)
    ]  # fmt: skip
    head = ["序号", "单位", "品牌", "活动", "人次", "受益", "评价", "逾期"]
    doc.table(head, rows or [["—"] * 8], widths=[14, 31, 39, 15, 16, 15, 14, 14], align=["center", "left", "left", "right", "right", "right", "center", "center"])
    for n, one in enumerate(reports, 1):
        doc.heading1(f"{n}. {one.brand.org.name}：{one.brand.name}")
        _report(doc, one)
    doc.sign(org.name, today)
    return doc.to_bytes(), f"{title}.docx"


def list_document(*, listed: PracticeList, practices: list[Practice], today: date, now: datetime) -> tuple[bytes, str]:
    """《经验做法清单》: (content, file name)."""
    doc = Gongwen(f"经验做法清单\n（{listed}）", moment=now, author=listed.org.name)
    fit = dict(FitFor.choices)
    doc.paragraph(listed.title)
    for one in practices:
        doc.heading1(f"{one.number}. {one.title}")
        doc.paragraph(f"来源：{one.owner.name}“{one.brand_name}”。适用范围：{'、'.join(fit[key] for key in one.fit_for)}。联系人：{one.contact}。")
        for n, text in enumerate(one.steps):
            doc.heading2(f"（{MARKS[n]}）第{MARKS[n]}步", text)
        doc.paragraph(f"适用条件：{one.conditions}")
        doc.paragraph(f"成效：{one.results}")
    doc.sign(listed.org.name, listed.issued_on or today)
    return doc.to_bytes(), f"经验做法清单（{listed}）.docx"


def result_document(*, found: ReviewRound, results: list[Result], judges: list[str], today: date, now: datetime) -> tuple[bytes, str]:
    """《展评汇总表》 with lines to sign: (content, file name)."""
    doc = Gongwen(f"{found.title}汇总表", moment=now, author=found.org.name)
    rows = [
        [one.rank, one.entry.brand.org.name, one.entry.brand.name, _plain(one.material), _plain(one.stage), _plain(one.vote), _plain(one.total), word]
        for one, word in zip(results, suggested([one.rank for one in results]), strict=True)
    ]  # fmt: skip
    weights = found.weights
    doc.paragraph(f"总分＝材料评审{weights['material']}%＋现场展示{weights['stage']}%＋互评投票{weights['vote']}%。评委超过五位的，去掉一个最高分和一个最低分。总分相同，材料分高的在前，再相同，展示分高的在前，都相同的并列；并列的多于名额时建议一栏写“待定”，由局务会定。")
    head = ["名次", "单位", "品牌", "材料", "展示", "互评", "总分", "建议"]
    doc.table(head, rows, widths=[15, 30, 36, 17, 17, 17, 17, 17], align=["center", "left", "left", "right", "right", "right", "right", "center"])
    doc.heading1("评委签名")
    doc.table(["评委", "签名"], [[name, ""] for name in judges], widths=[60, 96], align=["left", "left"])
    doc.sign(found.org.name, found.closed_on or today)
    return doc.to_bytes(), f"{found.title}汇总表.docx"
