"""组织生活 of the demo: a branch that did nearly everything, one that fell behind, a joint themed day."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.accounts.models import User
from apps.branches.actions.activities import log_activity, name_present
from apps.branches.actions.dues import register_dues
from apps.branches.actions.sheets import fill_sheet, take_step
from apps.branches.models import Branch, Participation, PartyMember
from apps.core.calendar import quarter_of

PLAIN = {"place": "区老干部活动中心", "speaker": "", "by_secretary": False, "group": "", "hours": None, "guests": 0}
THEMES = (
    "学习上年度工作总结", "节后走访独居老党员", "参观红色教育基地", "清明缅怀先烈", "老党员话初心", "重温入党誓词", "七一座谈", "学习党纪学习教育材料", "银龄志愿进社区",
    "重阳敬老", "学习全会精神", "年度总结",
)  # fmt: skip


def hold_activities(officer: User, secretary: User, busy: Branch, behind: Branch, *, today: date, now: datetime) -> int:
    """Activities of this year up to ``today``; returns how many. ``busy`` holds what the calendar asks, but for one month; ``behind`` two themed days."""
    made = 0
    for month in range(1, today.month + 1):
        day = date(today.year, month, min(10, today.day) if month == today.month else 10)
        if month != 8:
            made += _hold(officer, busy, "theme", day, THEMES[month - 1], today, absent=month % 3, hours=Decimal("2"))
        made += _hold(officer, busy, "committee", day - timedelta(days=min(day.day - 1, 5)), f"研究 {month} 月工作", today, absent=None)
        if month % 3 == 2:
            made += _hold(officer, busy, "meeting", day, f"{'一二三四'[month // 3]}季度党员大会", today, absent=1)
        if month in (3, 6):
            made += _hold(officer, busy, "lecture", day, "书记讲党课：" + ("两会精神" if month == 3 else "党史中的担当"), today, absent=0, by_secretary=True, speaker="支部书记")
        if month in (4, 9):
            made += _hold(officer, busy, "volunteer", day, "文明劝导志愿服务", today, absent=4)
    for month in (2, 5):
        if month <= today.month:
            made += _hold(officer, behind, "theme", date(today.year, month, 20), THEMES[month], today, absent=4)
    made += _joint(officer, busy, behind, today)
    _collect(officer, busy, today)
    _hand_in(officer, secretary, busy, behind, today=today, now=now)
    return made


def _collect(officer: User, branch: Branch, today: date) -> None:
    """Dues of the year so far; the last but one member stopped in spring, the last never paid."""
    people = list(PartyMember.objects.filter(branch=branch, left_on=None).order_by("pk").values_list("pk", flat=True))
    first, last = date(today.year, 1, 1), today.replace(day=1)
    register_dues(branch=branch, members=people[:-2], first=first, last=last, paid_on=today, by=officer, today=today)
    register_dues(branch=branch, members=people[-2:-1], first=first, last=min(date(today.year, 6, 1), last), paid_on=today, by=officer, today=today)


def _hand_in(officer: User, secretary: User, busy: Branch, behind: Branch, *, today: date, now: datetime) -> None:
    """Last quarter's sheets: one accepted, with a correction; one that waits."""
    quarter = quarter_of(today).previous
    for branch, typed, corrected in ((busy, (3, 12, 4), {"talk": (6, "谈心谈话在家里进行，没有逐次登记")}), (behind, (0, 2, 0), {})):
        values = dict(zip(("advice", "visits", "news"), typed, strict=True))
        fill_sheet(branch=branch, quarter=quarter, typed=values, corrected=corrected, problems="", by=secretary)
        take_step(branch=branch, quarter=quarter, step="submit", by=secretary, today=today, now=now)
    take_step(branch=busy, quarter=quarter, step="accept", by=officer, today=today, now=now)


def _hold(officer: User, branch: Branch, kind: str, day: date, title: str, today: date, *, absent: int | None, **more) -> int:
    if day > today:
        return 0
    people = list(PartyMember.objects.filter(branch=branch, left_on=None).order_by("pk"))
    there = people[:4] if absent is None else people[: max(len(people) - absent, 1)]
    values = PLAIN | {"kind": kind, "held_on": day, "title": title, "minutes": f"{title}。与会同志作了交流发言。"} | more
    log_activity(branch=branch, once=uuid.uuid4(), by=officer, today=today, present=[one.pk for one in there], **values)
    return 1


def _joint(officer: User, host: Branch, guest: Branch, today: date) -> int:
    """Held together by two branches, the guest has named its people."""
    there = list(PartyMember.objects.filter(branch=host, left_on=None).values_list("pk", flat=True)[:5])
    values = PLAIN | {"kind": "other", "held_on": today - timedelta(days=3), "title": "联合观看爱国主义影片", "minutes": ""}
    row = log_activity(branch=host, once=uuid.uuid4(), by=officer, today=today, present=there, partners=[guest.pk], **values)
    theirs = Participation.objects.get(activity=row.activity_id, host=False)
    name_present(row=theirs, present=PartyMember.objects.filter(branch=guest, left_on=None).values_list("pk", flat=True)[:3], by=officer)
    return 1
