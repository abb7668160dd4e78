"""A year's work on the demo people: plans, classes, what happens, visits, open needs, promises."""

import uuid
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.care.actions.classes import accept_suggestions
from apps.care.actions.plans import assign_worker, open_plans
from apps.care.models import PlanItem, PlanState, ServicePlan, ToDo, ToDoState, Visit
from apps.care.reminders import open_occasions, settle
from apps.core.scope import Scope
from apps.dashboard.demo import aid, approvals, branches, brands, campaigns, duties, handovers, parts, samples, services, year
from apps.dashboard.demo.particulars import grant_treatments
from apps.dashboard.demo.staff import officers

RHYTHM = {"key": (7, 30), "regular": (30, 90), "routine": (90, 180)}
MET = (
    "精神尚可，饮食正常，送去学习材料，拉了家常。",
    "身体恢复较好，已能下楼走动，嘱按时服药。",
    "本人和老伴都在家，谈到孙辈工作很高兴。",
    "血压偏高，已提醒复查，家属在旁照料。",
    "聊起当年参加水库建设，愿意给青年干部讲一讲。",
    "屋里取暖设备正常，电线已请社区看过。",
)
CALLED = ("电话问候，近况平稳，暂无需要办的事。", "电话联系，天气转凉，提醒添衣和用电安全。", "通话时正在公园锻炼，声音洪亮。", "家属接听，说近期在女儿家小住。")
FESTIVALS = ((2, 10), (6, 28), (9, 28))
"""Days about which people are visited for a festival."""
NEEDS = (
    ("medical", "希望家庭医生上门量血压"),
    ("errand", "想请人代办老年优待证换证"),
    ("living", "卫生间要装扶手"),
    ("comfort", "想参加老年大学书法班"),
    ("study", "希望定期送学习材料上门"),
    ("hardship", "住院自付部分较多，想了解困难帮扶"),
)


def do_the_work(units: dict[str, list[Organization]], *, today: date, random: Random) -> dict[str, int]:
    """Open and class this year's plans, let the year happen, log its visits with some left undone. Returns counts."""
    worker, officer = (User.objects.get(username=name) for name in ("demo_worker", "demo_county"))
    by, events = officers(units, today=today), Random(2028)
    year.last_year(units, by, today=today, random=events)
    opened = _open(by, worker, officer, today, random)
    happened = year.this_year(units, today=today, random=events)
    visits = _log_visits(officer, year.in_our_care(happened), today, random)
    settle(today=today)
    year.register(happened, by, today=today)
    items = _voice_needs(today, random)
    grant_treatments(by, today=today, random=events)
    settle(today=today)
    open_occasions(today=today)
    visits += duties.pay_visits(today=today, random=events)
    duties.keep_promises(worker, today=today, random=events)
    settle(today=today)
    duties.put_off(worker, today=today)
    duties.ask_for_people(today=today)
    campaigns.hold_campaigns(today=today, random=Random(2029))
    handovers.hand_some_over(today=today)
    samples.look_at_some(today=today)
    aid.help_people(today=today, random=Random(2031))
    branches.set_up_branches(by, today=today)
    brands.set_up_brands(by, today=today)
    services.serve(worker, officer, Organization.objects.get(code="360403", valid_to=None), today=today)
    secretary = User.objects.filter(username="demo_secretary").first()
    parts.share_some(officer, secretary.memberships.get().org, today=today)
    approvals.put_before_the_head(worker, User.objects.get(username="demo_leader"), now=timezone.now())
    return {"plans": opened, "visits": visits, "items": items, "todos": ToDo.objects.filter(state=ToDoState.OPEN).count()}


def _open(by: dict[str, User], worker: User, officer: User, today: date, random: Random) -> int:
    new_year = date(today.year, 1, 1)
    opened = open_plans(scope=Scope(("/",)), year=today.year, by=officer, today=new_year)
    undecided = set(random.sample(list(ServicePlan.objects.order_by("pk").values_list("pk", flat=True)), 24))
    for place, local in by.items():
        scope = Scope((place,))
        keys = list(ServicePlan.objects.filter(org__parent__path=place).order_by("pk").values_list("pk", flat=True))
        accept_suggestions(scope=scope, plans=[key for key in keys if key not in undecided], by=local, today=new_year)
        mine = keys[:64] if local == officer else []
        assign_worker(scope=scope, plan_ids=mine, worker=worker, by=officer)
        assign_worker(scope=scope, plan_ids=keys[64:110] if mine else keys, worker=local, by=local)
    return opened.opened


def _log_visits(officer: User, spans: dict[int, tuple[date, date]], today: date, random: Random) -> int:
    rows = []
    for plan in ServicePlan.objects.select_related("cadre").order_by("pk"):
        contact_every, visit_every = RHYTHM[plan.attention_class]
        diligence = 0.75 + 0.6 * random.random() if random.random() < 0.12 else 0.8 + 0.22 * random.random()
        who = plan.worker or officer
        rows += _series(plan, who, visit_every * diligence, today, random, way=None)
        if contact_every <= 90:
            rows += _series(plan, who, max(contact_every * diligence, 12), today, random, way="phone")
    kept = [visit for visit in rows if _could(visit, spans.get(visit.cadre_id))]
    return len(Visit.objects.bulk_create(kept, batch_size=1000))


def _could(visit: Visit, span: tuple[date, date] | None) -> bool:
    return span is None or span[0] <= visit.visited_on < span[1]


def _series(plan: ServicePlan, who: User, every: float, today: date, random: Random, *, way: str | None) -> list[Visit]:
    day, rows = date(today.year - 1, 10, 1) + timedelta(days=random.randint(0, int(every))), []
    while day < today:
        rows.append(_visit(plan, who, day, random, way or random.choices(("home", "hospital", "institution"), (88, 9, 3))[0]))
        day += timedelta(days=max(3, int(random.gauss(every, every * 0.12))))
    return rows


def _visit(plan: ServicePlan, who: User, day: date, random: Random, way: str) -> Visit:
    met = way not in ("phone", "video") and random.random() < 0.94
    return Visit(
        cadre_id=plan.cadre_id,
        org_id=plan.org_id,
        org_path=plan.org_path,
        visited_on=day,
        occasion=_occasion(plan, day, way),
        way=way,
        in_person=met,
        place="" if way == "phone" else plan.cadre.address[:20],
        situation=random.choice(CALLED if way == "phone" else MET) if met or way == "phone" else "本人外出，向家属了解近况，一切平稳。",
        worker=who,
        once=uuid.UUID(int=random.getrandbits(128), version=4),
        logged_at=timezone.make_aware(datetime.combine(day, time(17, random.randint(0, 59)))),
    )


def _occasion(plan: ServicePlan, day: date, way: str) -> str:
    if way in ("hospital", "phone"):
        return "hospital" if way == "hospital" else "daily"
    if plan.cadre.born_on and plan.cadre.born_on.month == day.month and abs(plan.cadre.born_on.day - day.day) < 8:
        return "birthday"
    return "festival" if any(abs((day - date(day.year, *eve)).days) < 6 for eve in FESTIVALS) else "daily"


def _voice_needs(today: date, random: Random) -> int:
    """Some visits of the last two months leave something to do; half of it is already late or nearly so."""
    recent = list(Visit.objects.filter(visited_on__gte=today - timedelta(days=60), way="home").order_by("pk"))
    plans = dict(ServicePlan.objects.filter(state=PlanState.ACTIVE).values_list("cadre_id", "pk"))
    recent = list({visit.cadre_id: visit for visit in recent if visit.cadre_id in plans}.values())
    rows = []
    for visit in random.sample(recent, min(60, len(recent))):
        category, need = random.choice(NEEDS)
        due = visit.visited_on + timedelta(days=random.choice((14, 30, 45)))
        belongs = {"plan_id": plans[visit.cadre_id], "org_id": visit.org_id, "org_path": visit.org_path, "visit": visit, "worker": visit.worker}
        rows.append(PlanItem(category=category, need=need, starts_on=visit.visited_on, due_on=due, **belongs))
    return len(PlanItem.objects.bulk_create(rows))
