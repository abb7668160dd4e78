"""Duties beside the rhythm of visits: occasions visited or left, promises kept or broken, visits put off, people asked for by another county."""

import uuid
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.cadres.actions.transfers import ask_transfer, refuse_transfer
from apps.cadres.models import Cadre, Standing, Survivor
from apps.care.actions.todos import drop_todo, finish_todo, move_todo, move_visit, promise
from apps.care.actions.visits import log_visit
from apps.care.models import ServicePlan, ToDo, ToDoState, Visit
from apps.core.scope import Scope

SAID = {
    "hospital": ("到病房看望，精神尚可，能进食，家属轮流陪护。", "hospital", "牛奶、水果"),
    "daily": ("上门看望，了解起居和护理安排，商定每周联系一次。", "home", ""),
    "discharge": ("出院后在家休养，能下床走动，按时服药。", "home", ""),
    "hardship": ("老伴走后情绪低落，子女陪着，同社区商量每天有人上门。", "home", "慰问金 500 元"),
    "condolence": ("送花圈并慰问家属，协助办理丧葬手续。", "home", "花圈"),
    "birthday": ("送上生日蛋糕，本人很高兴，讲起当年的事。", "home", "生日蛋糕"),
    "survivor": ("遗属身体尚好，定期补助已到账，住处安全。", "home", "慰问品一份"),
}
PROMISES = (
    ("联系社区医生上门换药", -6),
    ("把《老年日报》送到家里", -2),
    ("问清异地就医备案怎么办，回个电话", 4),
    ("帮助申请加装卫生间扶手", 12),
    ("陪同到医院复查", 1),
    ("送今年的体检报告", -9),
)
"""What was promised, and in how many days from today it is due."""


def pay_visits(*, today: date, random: Random) -> int:
    """Visits for what happened, each settling its to-do; a third of what is open is left, some of it late. Survivors of earlier deaths are visited, too."""
    made = 0
    open_ones = ToDo.objects.filter(state=ToDoState.OPEN, occasion__in=SAID, opens_on__lt=today, meet=True).select_related("cadre__org", "survivor", "worker")
    for todo in open_ones.order_by("pk"):
        day = min(max(todo.opens_on, todo.due_on - timedelta(days=random.randint(0, 4))), today)
        if random.random() < 0.66 and todo.worker and not (todo.concerns == "survivor" and todo.survivor is None):
            _visit(todo.cadre, todo.survivor, todo.occasion, todo.worker, day, random, settles=[todo])
            made += 1
    for survivor in Survivor.objects.filter(cadre__deceased_on__lt=today - timedelta(days=60)).select_related("cadre__org").order_by("pk"):
        plan = ServicePlan.objects.filter(cadre=survivor.cadre, worker__isnull=False).select_related("worker").first()
        worker = plan.worker if plan else User.objects.get(username="demo_county")
        _visit(survivor.cadre, survivor, "condolence", worker, survivor.cadre.deceased_on + timedelta(days=1), random)
        if random.random() < 0.5:
            _visit(survivor.cadre, survivor, "survivor", worker, today - timedelta(days=random.randint(5, 50)), random)
            made += 1
        made += 1
    return made


def _visit(cadre: Cadre, survivor: Survivor | None, occasion: str, worker: User, day: date, random: Random, settles=()) -> Visit:
    situation, way, gifts = SAID[occasion]
    given = {"visited_on": day, "occasion": occasion, "way": way, "situation": situation, "gifts": gifts, "by": worker, "today": day, "settles": settles}
    visit = log_visit(cadre=cadre, survivor=survivor, once=uuid.UUID(int=random.getrandbits(128), version=4), **given)
    Visit.objects.filter(pk=visit.pk).update(logged_at=timezone.make_aware(datetime.combine(day, time(17, visit.pk % 60))))
    return visit


def keep_promises(worker: User, *, today: date, random: Random) -> None:
    """Promises made at the worker's latest visits: some late, some to come, one kept, one no longer wanted."""
    visits = Visit.objects.filter(worker=worker, survivor=None, in_person=True, cadre__standing=Standing.ACTIVE, visited_on__gte=today - timedelta(days=45))
    chosen = random.sample(list(visits.select_related("cadre", "org", "worker").order_by("pk")), len(PROMISES))
    made = []
    for visit, (what, days) in zip(chosen, PROMISES, strict=True):
        made.append(promise(visit=visit, what=what, due_on=max(visit.visited_on, today + timedelta(days=days)), by=worker))
    finish_todo(todo=made[-1], result="体检报告已送到家里，并讲了两项偏高指标。", by=worker, today=today)
    drop_todo(todo=made[-2], reason="女儿已请假陪同，不需要我们再去。", by=worker)


def put_off(worker: User, *, today: date) -> None:
    """One occasion and one visit of the rhythm put off, with the reason."""
    mine = ToDo.objects.filter(worker=worker, state=ToDoState.OPEN, concerns="cadre").order_by("due_on", "pk")
    if todo := mine.exclude(promised_at__isnull=False).last():
        move_todo(todo=todo, due_on=max(todo.due_on, today) + timedelta(days=6), note="本人随女儿去南昌小住，回来后上门", by=worker, today=today)
    if plan := ServicePlan.objects.filter(worker=worker, visit_due_on__lt=today).order_by("visit_due_on", "pk").first():
        move_visit(plan=plan, due_on=today + timedelta(days=5), note="家属来电，本人外出疗养", by=worker, today=today)


def ask_for_people(*, today: date) -> None:
    """调入申请 between neighbouring counties: one that waits for an answer on each side, one that was refused."""
    here, neighbour = (User.objects.get(username=name) for name in ("demo_county", "demo_neighbour"))
    places = {code: Organization.objects.get(code=code, valid_to=None) for code in ("360402", "360403", "360404")}
    _ask("360403", places["360402"], neighbour, 0, today, "随子女迁来濂溪区居住，本人申请就近管理")
    refused = _ask("360403", places["360402"], neighbour, 1, today, "户口已迁入濂溪区")
    refuse_transfer(request=refused, answer="本人户口未迁，经核对仍由我区管理。", by=here, scope=Scope((places["360403"].path,)), now=timezone.now())
    _ask("360404", places["360403"], here, 0, today, "已搬到浔阳区长住，家属申请转来")


def _ask(giver: str, asking: Organization, by: User, number: int, today: date, reason: str):
    people = Cadre.objects.filter(org__parent__code=giver, standing=Standing.ACTIVE, changes=None, id_number__isnull=False).order_by("-pk")
    cadre = people[number]
    unit = Organization.objects.filter(parent=asking, name__endswith="委老干部局").first() or asking
    return ask_transfer(number=cadre.id_number, name=cadre.name, org=unit, reason=reason, by=by, scope=Scope((asking.path,)), today=today, now=timezone.now())
