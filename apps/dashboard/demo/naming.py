"""示范党支部 of the demo: one branch named last year, one on its way to the inspection, both by the default standard."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.accounts.models import User
from apps.branches.actions.applications import Given, begin_application, score_items, take_step, write_application
from apps.branches.models import Application, Branch
from apps.branches.selectors.applications import scores
from apps.core.scope import Scope

STORY = (
    "支部把学习送到床头：十二位行动不便的老党员由支委分片包干，每月带着材料上门，听意见、办小事。\n"
    "活动室和社区共用，书画角、红色书架、银龄调解室挂在一处，谁来都有事做。三年来调解邻里纠纷二十六起，写春联一千余幅。（演示）"
)


def name_branches(officer: User, secretary: User, leader: User, first: Branch, second: Branch, *, scope: Scope, today: date, now: datetime) -> int:
    """Returns how many applications there are."""
    named = _apply(officer, secretary, first, scope, today, now)
    _score(officer, named, today)
    for step, by in (("score", officer), ("propose", leader), ("publish", officer)):
        take_step(case=named, step=step, by=by, today=today, now=now)
    Application.objects.filter(pk=named.pk).update(public_from=today - timedelta(days=20), public_to=today - timedelta(days=12))
    take_step(case=named, step="name", by=leader, today=today, now=now, document_no="浔老干〔演示〕9号", plaque_no="XY-001")
    _apply(officer, secretary, second, scope, today, now)
    return Application.objects.count()


def _apply(officer: User, secretary: User, branch: Branch, scope: Scope, today: date, now: datetime) -> Application:
    """Written, submitted and reviewed."""
    case = begin_application(scope=scope, branch=branch, by=secretary, today=today, now=now)
    given = {row.item_id: Given(row.self_score if row.self_score is not None else row.item.points) for row in scores(case)}
    case = write_application(case=case, story=STORY, honours="区级五好支部（演示）", bonus=Decimal(1), bonus_why="市级媒体报道（演示）", given=given, by=secretary)
    take_step(case=case, step="submit", by=secretary, today=today, now=now, scope=scope)
    return take_step(case=case, step="review", by=officer, today=today, now=now)


def _score(officer: User, case: Application, today: date) -> None:
    given = {}
    for row in scores(case):
        lost = row.item.name in ("有经费", "党小组", "书记培训")
        given[row.item_id] = Given(row.item.points - (Decimal("0.5") if lost else 0), "材料不全" if lost else "")
    score_items(case=case, team="张检查（演示）、李督查（演示）", given=given, by=officer, today=today)
