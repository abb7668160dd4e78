"""What obliges to a visit: events, birthdays by both calendars, festivals, seasons; opened once however often asked, caught up after an outage."""

from datetime import date, timedelta

import pytest

from apps.accounts.permissions import Role
from apps.cadres.models import ChangeKind, StatusChange, Survivor
from apps.care import standards
from apps.care.models import OccasionRule, ToDo
from apps.care.reminders import open_occasions, settle
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER, username="worker")


@pytest.fixture
def only(db):
    """``only("admitted")`` leaves these default rules alone in force."""
    standards.load()

    def keep(*keys):
        OccasionRule.objects.exclude(key__in=keys).delete()

    return keep


def born(places, day: date, **given):
    return make.cadre(places["浔阳区教育局"], born_on=day, born_precision=given.pop("precision", "day"), **given)


def opened() -> list[tuple]:
    return list(ToDo.objects.order_by("due_on", "pk").values_list("rule", "due_on"))


def test_an_admission_obliges_within_three_days_and_once(places, worker, only):
    only("admitted")
    who = born(places, date(1940, 1, 1))
    plan = make.plan(who, date(2026, 1, 1), worker=worker)
    StatusChange.objects.create(cadre=who, org=who.org, kind=ChangeKind.ADMITTED, effective_on=date(2026, 3, 10), recorded_by=worker)
    assert open_occasions(today=date(2026, 3, 10)) == 1
    assert [open_occasions(today=date(2026, 3, day)) for day in (10, 11, 20)] == [0, 0, 0]
    todo = ToDo.objects.get()
    assert (todo.due_on, todo.worker, todo.meet, todo.org_path) == (date(2026, 3, 13), plan.worker, True, who.org_path)


def test_an_event_registered_long_after_opens_nothing(places, worker, only):
    only("admitted")
    who = born(places, date(1940, 1, 1))
    StatusChange.objects.create(cadre=who, org=who.org, kind=ChangeKind.ADMITTED, effective_on=date(2026, 3, 10), recorded_by=worker)
    assert open_occasions(today=date(2026, 6, 10)) == 0


@pytest.mark.parametrize(
    ("day", "today", "due"),
    [
        (date(1945, 3, 20), date(2026, 3, 12), []),
        (date(1945, 3, 20), date(2026, 3, 13), [date(2026, 3, 20)]),
        (date(1945, 3, 20), date(2026, 3, 20), [date(2026, 3, 20)]),
        (date(1945, 3, 20), date(2026, 3, 30), [date(2026, 3, 20)]),
        (date(1945, 3, 20), date(2026, 3, 31), []),
        (date(1946, 12, 31), date(2026, 12, 28), [date(2026, 12, 31)]),
        (date(1947, 1, 2), date(2026, 12, 28), [date(2027, 1, 2)]),
        (date(1944, 2, 29), date(2026, 2, 27), [date(2026, 3, 1)]),
        (date(1944, 2, 29), date(2028, 2, 27), [date(2028, 2, 29)]),
        (date(1944, 3, 1), date(2026, 2, 27), [date(2026, 3, 1)]),
    ],
)  # fmt: skip
def test_birthdays_by_the_solar_calendar(places, only, day, today, due):
    only("birthday_80")
    born(places, day)
    open_occasions(today=today)
    assert [on for _, on in opened()] == due


def test_round_birthdays_and_only_those(places, only):
    only("birthday_round")
    for years in (59, 60, 65, 70, 80):
        born(places, date(2026 - years, 5, 5), name=f"{years}岁")
    open_occasions(today=date(2026, 5, 5))
    assert sorted(todo.cadre.name for todo in ToDo.objects.all()) == ["60岁", "70岁"]


def test_a_birthday_known_to_the_month_obliges_to_nothing(places, only):
    only("birthday_80")
    born(places, date(1940, 5, 1), precision="month")
    assert open_occasions(today=date(2026, 5, 1)) == 0


@pytest.mark.parametrize(
    ("day", "today", "due"),
    [
        (date(1940, 10, 9), date(2026, 10, 18), date(2026, 10, 18)),  # 农历九月初九
        (date(1941, 3, 27), date(2026, 4, 14), date(2026, 4, 16)),  # 二月三十；2026 年二月只有二十九天
        (date(1944, 6, 15), date(2026, 6, 9), date(2026, 6, 10)),  # 闰四月廿五，按四月廿五过
    ],
)
def test_birthdays_by_the_lunar_calendar_where_the_plan_says_so(places, worker, only, day, today, due):
    only("birthday_80")
    make.plan(born(places, day), date(2026, 1, 1), worker=worker, lunar_birthday=True)
    for n in range(-7, 12):
        open_occasions(today=today + timedelta(days=n))
    assert [on for _, on in opened()] == [due]


def test_festivals_before_the_day_for_whom_the_rule_names(places, only):
    only("double_ninth")
    born(places, date(1940, 1, 1), name="老")
    born(places, date(1960, 1, 1), name="少")
    days = [date(2026, 9, 20) + timedelta(days=n) for n in range(60)]
    found = {day: open_occasions(today=day) for day in days}
    (first,) = [day for day, many in found.items() if many]
    todo = ToDo.objects.get()
    assert (todo.cadre.name, todo.due_on, first) == ("老", date(2026, 10, 17), date(2026, 10, 3))


def test_a_season_over_the_turn_of_the_year_is_one(places, only):
    only("cold")
    born(places, date(1940, 1, 1), living="alone")
    for day in (date(2026, 12, 14), date(2026, 12, 15), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 20)):
        open_occasions(today=day)
    assert opened() == [("cold", date(2027, 1, 20))]


def test_a_rhythm_goes_on_from_the_last_meeting(places, worker, only):
    only("alone")
    make.rules()
    who = born(places, date(1940, 1, 1), living="alone")
    make.plan(who, date(2026, 1, 1), worker=worker)
    settle(today=date(2026, 1, 1))
    open_occasions(today=date(2026, 1, 24))
    make.visit(who, date(2026, 3, 1), worker)
    settle(today=date(2026, 3, 1))
    open_occasions(today=date(2026, 4, 1))
    assert opened() == [("alone", date(2026, 1, 31)), ("alone", date(2026, 3, 31))]


def test_a_death_obliges_to_the_family_each_survivor_once(places, worker, only):
    only("bereaved")
    who = born(places, date(1930, 1, 1), standing="deceased", deceased_on=date(2026, 5, 1))
    StatusChange.objects.create(cadre=who, org=who.org, kind=ChangeKind.DECEASED, effective_on=date(2026, 5, 1), recorded_by=worker)
    survivor = Survivor.objects.create(cadre=who, org=who.org, name="配偶")
    Survivor.objects.create(cadre=who, org=who.org, name="已故", alive=False)
    open_occasions(today=date(2026, 5, 1))
    assert [(todo.survivor, todo.concerns, todo.due_on) for todo in ToDo.objects.all()] == [(survivor, "survivor", date(2026, 5, 2))]


def test_a_death_without_a_registered_survivor_still_obliges(places, worker, only):
    only("bereaved", "survivor_festival")
    who = born(places, date(1930, 1, 1), standing="deceased", deceased_on=date(2026, 2, 1))
    StatusChange.objects.create(cadre=who, org=who.org, kind=ChangeKind.DECEASED, effective_on=date(2026, 2, 1), recorded_by=worker)
    open_occasions(today=date(2026, 2, 1))
    assert opened() == [("bereaved", date(2026, 2, 2))]


def test_the_dead_and_the_departed_owe_no_birthdays(places, only):
    only("birthday_80")
    born(places, date(1940, 5, 5), standing="deceased", deceased_on=date(2026, 1, 1))
    born(places, date(1940, 5, 5), standing="moved")
    assert open_occasions(today=date(2026, 5, 5)) == 0


def test_a_missed_day_is_caught_up(places, only):
    only("birthday_80")
    born(places, date(1940, 5, 5))
    open_occasions(today=date(2026, 4, 20))
    open_occasions(today=date(2026, 5, 9))
    assert opened() == [("birthday_80", date(2026, 5, 5))]


def test_a_rule_ended_or_not_begun_opens_nothing(places, only):
    only("birthday_80")
    born(places, date(1940, 5, 5))
    OccasionRule.objects.update(valid_to=date(2026, 5, 1))
    assert open_occasions(today=date(2026, 5, 2)) == 0
    OccasionRule.objects.update(valid_from=date(2026, 5, 6), valid_to=None)
    assert open_occasions(today=date(2026, 5, 6)) == 0, "a birthday before the rule came into force"


def test_one_statement_per_rule_however_many_people(places, only, django_assert_max_num_queries):
    only("birthday_80", "double_ninth", "admitted")
    for n in range(30):
        born(places, date(1940, 10, 10), name=f"人{n}")
    with django_assert_max_num_queries(8):
        assert open_occasions(today=date(2026, 10, 10)) == 60
