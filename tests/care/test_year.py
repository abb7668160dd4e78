"""The year 2028 day by day over 500 people: leap day, holidays, lunar birthdays, three outages, two schedulers at once; the ledger is what a plain model says."""

import threading
import uuid
from collections import Counter
from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from django.db import connections
from django.utils import timezone

from apps.accounts.models import Membership
from apps.accounts.permissions import Role
from apps.activity.models import Notification
from apps.cadres.models import Cadre
from apps.care.models import Digest, OccasionRule, Reminder, ServicePlan, StageRule, ToDo, Visit
from apps.care.reminders import settle
from apps.care.tasks import run_day
from apps.core.models import WorkingDayException
from apps.core.scope import system_scope
from tests.care.year_model import Model, Person
from tests.factories import duties as make

PEOPLE, WORKERS = 500, 12
DAYS = [date(2028, 1, 1) + timedelta(days=n) for n in range(366)]
HOLIDAYS = [(1, 3), (1, 25), (1, 26), (1, 27), (1, 28), (4, 4), (5, 1), (5, 2), (5, 29), (10, 2), (10, 3), (10, 4), (10, 5)]
WORKED = [(1, 22), (10, 7)]
OUTAGES = [(date(2028, 2, 26), 4), (date(2028, 5, 11), 6), (date(2028, 9, 25), 10)]
TOGETHER = {date(2028, 1, 10), date(2028, 2, 29) + timedelta(days=2), date(2028, 6, 15), date(2028, 10, 9)}
DEATHS = {date(2028, 3, 7): 5, date(2028, 5, 13): 77, date(2028, 8, 19): 300}


def down(day: date) -> bool:
    return any(first <= day < first + timedelta(days=length) for first, length in OUTAGES)


def people(random: Random) -> list[Person]:
    found = []
    for n in range(PEOPLE):
        born = date(1932, 1, 1) + timedelta(days=random.randrange(7300))
        born = date(1940, 2, 29) if n % 50 == 7 else born
        start = date(2027, 9, 1) + timedelta(days=random.randrange(120))
        found.append(Person(f"人{n:03}", random.choice(("key", "regular", "regular", "routine")), born, n % 4 == 1, start, f"w{n % WORKERS}"))
    return found


@pytest.fixture
def year(places, person):
    """(model, plans by name, user by name): everybody with a plan in the portal and the same in the model."""
    random = Random(2028)
    with system_scope("test"):
        make.rules()
        StageRule.objects.filter(stage="escalated").update(goes_to=Role.LEADER)
        StageRule.objects.filter(stage="overdue").update(also_to=Role.COUNTY_OFFICER)
        born = {"trigger": "birthday", "setting": {"from_age": 80, "every": 1}, "due_days": 0, "ahead_days": 7, "occasion": "birthday"}
        OccasionRule.objects.create(key="birthday", name="生日", valid_from=make.LONG_AGO, **born)
        users = {f"w{n}": person(username=f"w{n}") for n in range(WORKERS)} | {f"l{n}": person("浔阳区", Role.LEADER, username=f"l{n}") for n in range(2)}
        Membership.objects.filter(user=users["w0"]).update(role=Role.COUNTY_OFFICER)
        off = {day for day in DAYS if day.weekday() >= 5} | {date(2028, *day) for day in HOLIDAYS}
        WorkingDayException.objects.bulk_create([WorkingDayException(day=date(2028, *day), works=False, name="放假") for day in HOLIDAYS])
        WorkingDayException.objects.bulk_create([WorkingDayException(day=date(2028, *day), works=True, name="调休") for day in WORKED])
        model = Model(people(random), ["l0", "l1"], "w0", off - {date(2028, *day) for day in WORKED})
        plans = {}
        for one in model.people:
            cadre = make.cadre(places["浔阳区教育局"], one.name, born_on=one.born, born_precision="day")
            plans[one.name] = make.plan(cadre, one.start, one.attention_class, worker=users[one.worker], lunar_birthday=one.lunar)
        settle(today=DAYS[0] - timedelta(days=1))
    return model, plans, users


def morning(day: date) -> None:
    now = timezone.make_aware(datetime.combine(day, time(7, 30)))
    if day not in TOGETHER:
        run_day(day, now=now)
        return
    errors: list[Exception] = []

    def scheduler():
        try:
            run_day(day, now=now)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)
        finally:
            connections.close_all()

    both = [threading.Thread(target=scheduler) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert errors == []


def noon(day: date, model: Model, plans: dict[str, ServicePlan], users: dict, random: Random) -> None:
    """Some are seen, some called, some die; a tenth of the people are never seen at all."""
    seen = [(one, random.random() < 0.6) for n, one in enumerate(model.people) if n % 10 and not one.dead and random.random() < 0.02]
    visits = []
    for one, in_person in seen:
        plan = plans[one.name]
        about = {"cadre": plan.cadre, "org": plan.org, "org_path": plan.org_path, "visited_on": day, "worker": users[one.worker], "in_person": in_person}
        visits.append(Visit(**about, occasion="daily", way="home" if in_person else "phone", situation="好。", once=uuid.uuid4()))
        model.seen(one, day, in_person=in_person)
    gone = [model.people[DEATHS[day]]] if day in DEATHS else []
    with system_scope("test"):
        Visit.objects.bulk_create(visits)
        met = [plans[one.name].cadre_id for one, in_person in seen if in_person]
        ToDo.objects.filter(cadre__in=met, state="open", opens_on__lte=day).update(state="done", done_on=day)
        for one in gone:
            model.died(one)
            Cadre.objects.filter(pk=plans[one.name].cadre_id).update(standing="deceased", deceased_on=day)
            ToDo.objects.filter(cadre=plans[one.name].cadre_id, state="open").update(state="closed")
        settle([plans[one.name].pk for one in [*(one for one, _ in seen), *gone]], today=day)


def ledger() -> dict[tuple, list]:
    found = {}
    for row in Reminder.objects.select_related("plan__cadre", "todo__cadre", "user", "digest"):
        who = (row.plan or row.todo).cadre.name
        key = (who, row.rule, row.due_on, row.stage, row.user.username)
        assert key not in found
        found[key] = [row.opened_on, row.digest.day if row.digest else None, row.settled_at is not None]
    return found


@pytest.mark.django_db(transaction=True)
def test_a_whole_year_is_what_the_rules_say(year):
    model, plans, users = year
    random = Random(366)
    for day in DAYS:
        if not down(day):
            morning(day)
            model.run(day)
        noon(day, model, plans, users, random)
    with system_scope("test"):
        kept = ledger()
        assert {key: row for key, row in kept.items() if model.rows.get(key) != row} == {key: model.rows.get(key) for key in kept if model.rows.get(key) != kept[key]}
        assert kept == model.rows
        told = {(user, row[1]) for (*_, user), row in kept.items() if row[1]}
        assert set(Digest.objects.values_list("user__username", "day")) == told
        assert max(Counter(Notification.objects.values_list("user", "key")).values()) == 1
        assert Notification.objects.count() == len(told)
    assert {stage for _, _, _, stage, _ in kept} == {"upcoming", "overdue", "escalated"}
    assert any(rule == "occasion" and due == date(2028, 2, 29) for _, rule, due, _, _ in kept)
    assert any(row[2] for row in kept.values())
    assert not {row[1] for row in kept.values()} & model.off
