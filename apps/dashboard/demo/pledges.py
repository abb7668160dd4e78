"""公开承诺 and 群众评议 of the demo: one branch with a year of pledges, a ballot that fell short, and one that runs."""

from datetime import date, datetime, timedelta

from apps.accounts.models import User
from apps.branches.actions import ballots, pledges, voting
from apps.branches.models import Ballot, Branch, PartyMember
from apps.branches.standards import BALLOT_QUESTIONS
from apps.core.calendar import quarter_of

OWN = (
    ("每月组织一次集中学习，给行动不便的老党员送学上门", "支委分片包干，学习资料送到家", "组织委员"),
    ("办好活动室书画角，春节前给社区写春联", "书画小组牵头，社区提供场地", "宣传委员"),
    ("帮助三位独居老党员每周买菜、取药", "结对名单贴在活动室", "支部书记"),
)
MEMBERS = ("带头参加每次主题党日，教孙辈不浪费粮食", "到社区老年课堂讲两次革命传统")
PROGRESS = ("方案已定，分工到人。", "完成过半，老同志反映好。", "按月推进，遇雨改在室内。", "收尾，准备向党员大会报告。")
REMARKS = ("活动通知再早两天。", "希望多组织体检知识讲座。", "送学上门坚持得好。")


def set_up_pledges(officer: User, branch: Branch, other: Branch, *, today: date, now: datetime) -> int:
    """Pledges of this year and a closed ballot for ``branch``, an open one for ``other``. Returns how many pledges."""
    members = list(PartyMember.objects.filter(branch=branch, left_on=None).order_by("pk")[:2])
    due = date(today.year, 12, 31)
    plain = {"due_on": due, "by": officer, "today": today, "branch": branch, "year": today.year}
    made = [pledges.make_pledge(text=text, measure=measure, responsible=who, name_shown=False, **plain) for text, measure, who in OWN]
    for n, (member, text) in enumerate(zip(members, MEMBERS, strict=False)):
        made.append(pledges.make_pledge(member=member, text=text, measure="", responsible="", name_shown=not n, **plain))
    for n, pledge in enumerate(made):
        for quarter in range(1, quarter_of(today).q + (n != 1)):
            pledges.log_progress(pledge=pledge, quarter=quarter, text=PROGRESS[quarter - 1], by=officer, today=today, now=now)
    given = {"form": "meeting", "commentator": "市委老干部局（演示）", "good": "承诺实在，送学上门坚持得好。", "wanting": "年底前把独居老党员的帮扶名单再核一遍。"}
    pledges.comment_pledges(branch=branch, year=today.year, on=today, by=officer, today=today, now=now, **given)
    _ballot(officer, branch, today, now)
    running = _open(officer, other, today, today + timedelta(days=7))
    ballots.issue_codes(ballot=running, wanted={"member": 8, "mass": 5}, by=officer)
    return len(made)


def _open(officer: User, branch: Branch, today: date, closes_on: date) -> Ballot:
    return ballots.open_ballot(branch=branch, title=f"{today.year} 年群众评议", questions=BALLOT_QUESTIONS, closes_on=closes_on, by=officer, today=today)


def _ballot(officer: User, branch: Branch, today: date, now: datetime) -> None:
    """Fifteen slips, two of them not satisfied: 86.66 %."""
    ballot = _open(officer, branch, today, today)
    codes = ballots.issue_codes(ballot=ballot, wanted={"member": 9, "mass": 6}, by=officer)
    for n, code in enumerate(code for made in codes.values() for code in made):
        grades = [("good", "good", "fair", "good", "fair")[(n + q) % 5] for q in range(len(BALLOT_QUESTIONS) - 1)] + ["poor" if n in (3, 11) else "good" if n % 3 else "fair"]
        voting.vote(code=code, grades=grades, remark=REMARKS[n] if n < len(REMARKS) else "", today=today, address="demo")
    ballots.close_ballot(ballot=ballot, by=officer, today=today, now=now)
