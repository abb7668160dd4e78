"""Aid (困难帮扶) on the demo people: budgets, and an application in each state, all by the steps anybody takes."""

import io
import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw

from apps.accounts.models import Organization, User
from apps.cadres.models import Cadre, Standing, Survivor
from apps.care.actions.aid import apply_for_aid
from apps.care.actions.aid_money import set_budget
from apps.care.actions.aid_steps import take_step
from apps.care.models import HardshipCase
from apps.core.scope import Scope

HOME, ALL = "360403", ("submit", "review", "publish", "approve", "pay", "receipt")
BUDGETS = {"360400": "60000", HOME: "40000", "360402": "30000", "360404": "25000"}
"""County → budget of the year in 元, invented."""
STORIES = (
    (70, "illness", "住院三十二天，医保外自付约六万元，老伴无收入。", 5000, ALL, {}),
    (48, "family", "长子车祸去世，孙子在读，家里靠本人退休费维持。", 4000, ALL, {"approve": {"amount": Decimal(3000)}}),
    (24, "illness", "肾透析每周三次，自付费用每月两千余元。", 5000, ALL[:5], {}),
    (12, "special", "老房屋面漏水，无力翻修。", 3000, ALL[:4], {"approve": {"amount": Decimal(2500)}}),
    (8, "illness", "股骨颈骨折手术，护工费用较高。", 4500, ALL[:3], {}),
    (3, "family", "配偶长期卧床，请护工照料。", 4000, ALL[:3], {}),
    (4, "illness", "白内障双眼手术，自付一万二千元。", 3000, ALL[:1], {}),
    (2, "special", "冬季取暖设备更换。", 2000, (*ALL[:1], "return"), {"return": {"note": "请补社区出具的家庭情况证明。"}}),
    (1, "illness", "新近确诊，正在汇总费用单据。", 4000, (), {}),
)
"""(days ago, kind, need, 元 asked for, steps taken, what a step was given)."""
TAKES = {"submit": "clerk", "review": "officer", "publish": "officer", "return": "officer", "approve": "leader", "pay": "clerk", "receipt": "clerk"}
AFTER = {"submit": 0, "review": 1, "publish": 1, "return": 1, "approve": 7, "pay": 9, "receipt": 10}
"""Days after the application on which a step was taken."""


def help_people(*, today: date, random: Random) -> int:
    """Returns how many applications were written."""
    names = {"clerk": "demo_worker", "officer": "demo_county", "leader": "demo_leader"}
    staff = {key: User.objects.get(username=name) for key, name in names.items()}
    for code, amount in BUDGETS.items():
        org = Organization.objects.get(code=code, valid_to=None)
        set_budget(org=org, year=today.year, amount=Decimal(amount), by=staff["leader"], scope=Scope(("/",)), today=today, note="年初下达（演示）")
    people = Cadre.objects.filter(org__parent__code=HOME, standing=Standing.ACTIVE).exclude(living="").order_by("pk")
    chosen = random.sample(list(people.select_related("org")), len(STORIES))
    made = [_story(story, cadre, staff, today, random) for story, cadre in zip(STORIES, chosen, strict=True)]
    widow = Survivor.objects.filter(cadre__org__parent__code=HOME, alive=True).select_related("cadre__org").order_by("pk").first()
    if widow:
        made.append(_story((6, "survivor", "遗属无固定收入，近期住院。", 3000, ALL[:2], {}), widow.cadre, staff, today, random, widow))
    return len(made)


def _story(story: tuple, cadre: Cadre, staff: dict, today: date, random: Random, survivor: Survivor | None = None) -> HardshipCase:
    """One application; what would have happened before this year or after today is left out."""
    ago, kind, need, amount, steps, given = story
    day = max(today - timedelta(days=ago), date(today.year, 1, 1))
    whose = {"survivor": survivor, "applicant": "survivor", "applicant_name": survivor.name} if survivor else {"applicant": "self"}
    case = apply_for_aid(
        cadre=cadre, kind=kind, reason=need, amount_asked=Decimal(amount), once=uuid.UUID(int=random.getrandbits(128), version=4), by=staff["clerk"], today=day,
        now=_moment(day, 9), proofs=[_proof()], **whose,
    )  # fmt: skip
    for step in steps:
        on = day + timedelta(days=AFTER[step])
        if on > today:
            break
        usual = {"approve": {"amount": case.amount_asked}, "receipt": {"received_by": cadre.name}}.get(step, {})
        case = take_step(case=case, step=step, by=staff[TAKES[step]], today=on, now=_moment(on, 10 + AFTER[step] % 7), **(usual | given.get(step, {})))
    return case


def _moment(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, 20)))


def _proof() -> SimpleUploadedFile:
    """A sheet of paper with grey lines on it."""
    picture = Image.new("RGB", (420, 594), "white")
    draw = ImageDraw.Draw(picture)
    for line in range(12):
        draw.rectangle((50, 70 + line * 38, 370 - line * 37 % 160, 82 + line * 38), fill="#c9c9c9")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return SimpleUploadedFile("诊断证明（演示）.png", out.getvalue(), content_type="image/png")
