"""集中走访 of the demo: one of the county under way with a survey (问需敲门), one of the city just drafted."""

import uuid
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.care.actions.campaigns import make_campaign, start_campaign
from apps.care.actions.dividing import exclude
from apps.care.actions.questions import use_set
from apps.care.actions.surveys import answer_survey, take_need
from apps.care.models import Campaign, SurveyQuestion, ToDo
from apps.care.selectors.surveys import needs, questions
from apps.core.scope import Scope

BEGUN, LASTS = 9, 21
WRITTEN = {True: ("", "", "老年优待证换证", "代缴燃气费"), False: ("", "多组织就近的活动", "感谢组织关心，没有意见", "学习材料字再大一些")}
"""What is written as an errand and as an opinion."""
SAID = ("送去慰问信，屋里暖和，嘱出门防滑。", "精神不错，问起新一年的学习安排。", "血压平稳，女儿每周回来两次。")


def hold_campaigns(*, today: date, random: Random) -> int:
    """Returns how many to-dos they opened."""
    officer, leader = (User.objects.get(username=name) for name in ("demo_county", "demo_leader"))
    county, city = (Organization.objects.get(code=code, valid_to=None) for code in ("360403", "360400"))
    made = _make(county, officer, today, "独居高龄老同志问需敲门", {"age": "80-", "living": "alone,empty_nest"}, today - timedelta(days=BEGUN))
    use_set(campaign=made, key="needs", by=officer)
    opened = start_campaign(campaign=made, by=officer, today=today, now=timezone.now()).opened
    begun = timezone.make_aware(datetime.combine(today - timedelta(days=BEGUN), time(9)))
    Campaign.objects.filter(pk=made.pk).update(created_at=begun - timedelta(minutes=25), started_at=begun)
    _walk(made, officer, Scope((county.path,)), today, random)
    _make(city, leader, today, "离休干部走访", {"kind": "lixiu"}, today + timedelta(days=3))
    return opened


def _make(org: Organization, by: User, today: date, title: str, whom: dict, starts_on: date) -> Campaign:
    note = "见到本人，问清起居、就医和取暖，有需求当场记下。"
    return make_campaign(
        scope=Scope((org.path,)), org=org, by=by, today=today, title=title, occasion="daily", concerns="cadre", meet=True, starts_on=starts_on,
        ends_on=starts_on + timedelta(days=LASTS), note=note, whom=whom, share="workers", helpers=[],
    )  # fmt: skip


def _walk(campaign: Campaign, officer: User, scope: Scope, today: date, random: Random) -> None:
    """Half are asked, most of them at the door; some needs are taken on; one person isn't at home this winter."""
    todos = list(ToDo.objects.filter(rule="campaign", subject_id=campaign.pk).select_related("cadre__org", "survivor", "worker").order_by("pk"))
    rows = list(questions(campaign))
    for n, todo in enumerate(todos[: len(todos) // 2]):
        worker = todo.worker or officer
        saved = answer_survey(
            todo=todo, answers=_answers(rows, random), manner="phone" if n == 3 else "door", answered_on=today - timedelta(days=random.randint(0, 6)),
            situation=random.choice(SAID), once=uuid.UUID(int=random.getrandbits(128), version=4), by=worker, today=today,
        )  # fmt: skip
        for need in needs(saved, rows)[: 1 if n % 2 else 0]:
            take_need(answer=saved, question=need.question, into="item", by=worker, today=today)
    if len(todos) > 2:
        exclude(scope=scope, campaign=campaign, keys=[todos[-1].pk], reason="本人在海南过冬，电话联系", by=officer)


def _answers(rows: list[SurveyQuestion], random: Random) -> dict:
    """Most say no to most; a few write something."""
    given = {}
    for row in rows:
        if row.kind == "yes_no":
            given[row.key] = random.choices(("yes", "no"), (1, 2))[0]
        elif row.kind == "one":
            given[row.key] = random.choices(row.options, (4, 5, 2))[0]
        elif row.kind == "several":
            given[row.key] = random.sample(row.options, random.randint(0, 2))
        elif row.kind == "number":
            given[row.key] = random.randint(1, 3)
        else:
            given[row.key] = random.choice(WRITTEN[bool(row.category)])
    return given
