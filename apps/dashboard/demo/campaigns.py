"""集中走访 of the demo: one of the county under way, one of the city just drafted."""

import uuid
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.care.actions.campaigns import make_campaign, start_campaign
from apps.care.actions.dividing import exclude
from apps.care.actions.visits import log_visit
from apps.care.models import Campaign, ToDo
from apps.core.scope import Scope

BEGUN, LASTS = 9, 21
SAID = ("送去慰问信，屋里暖和，嘱出门防滑。", "精神不错，问起新一年的学习安排。", "血压平稳，女儿每周回来两次。")


def hold_campaigns(*, today: date, random: Random) -> int:
    """Returns how many to-dos they opened."""
    officer, leader = (User.objects.get(username=name) for name in ("demo_county", "demo_leader"))
    county, city = (Organization.objects.get(code=code, valid_to=None) for code in ("360403", "360400"))
    made = _make(county, officer, today, "独居高龄老同志走访", {"age": "80-", "living": "alone,empty_nest"}, today - timedelta(days=BEGUN))
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
    """Two in five are visited, one isn't at home this winter."""
    todos = list(ToDo.objects.filter(rule="campaign", subject_id=campaign.pk).select_related("cadre__org", "worker").order_by("pk"))
    for todo in todos[: len(todos) * 2 // 5]:
        day = today - timedelta(days=random.randint(0, BEGUN - 1))
        log_visit(
            cadre=todo.cadre, visited_on=day, occasion="daily", way="home", situation=random.choice(SAID), once=uuid.UUID(int=random.getrandbits(128), version=4),
            by=todo.worker or officer, today=today, late_reason="基层网络不通，回来补记" if (today - day).days > 7 else "", settles=[todo],
        )  # fmt: skip
    if len(todos) > 2:
        exclude(scope=scope, campaign=campaign, keys=[todos[-1].pk], reason="本人在海南过冬，电话联系", by=officer)
