"""Absences: the deputy sees and is told what is due, from the first day to the last; nothing is lost afterwards."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.care.actions.absences import end_absence, register_absence
from apps.care.models import Digest, Reminder, ServicePlan, ToDo
from apps.care.reminders import counts, duties_due, open_reminders, send_digests, settle
from apps.core.refusal import Refused
from apps.core.scope import Scope
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
FROM, TO, NOW = date(2026, 11, 16), date(2026, 11, 20), timezone.now()
DAY = timedelta(days=1)


@pytest.fixture
def staff(person):
    return {name: person("浔阳区", Role.WORKER, username=name, display_name=name) for name in ("甲", "乙", "丙")}


@pytest.fixture
def county(places):
    return Scope((places["浔阳区"].path,))


@pytest.fixture
def owed(places, staff):
    """甲 owes a visit and a promise, both late by the first day of the absence."""
    make.rules()
    who = make.cadre(places["浔阳区教育局"], "老人")
    make.plan(who, date(2026, 8, 10), "regular", worker=staff["甲"], last_contact_on=None)
    ToDo.objects.create(cadre=who, org=who.org, source="promise", rule="promise", title="送药", opens_on=FROM - DAY, due_on=FROM - DAY, first_due_on=FROM - DAY, worker=staff["甲"])
    settle(today=FROM)
    return who


def away(county, staff, worker="甲", deputy="乙", starts_on=FROM, ends_on=TO, today=FROM, **more):
    values = {"reason": "年休假", "by": staff[worker], "now": NOW} | more
    return register_absence(scope=county, worker=staff[worker], deputy=staff[deputy], starts_on=starts_on, ends_on=ends_on, today=today, **values)


def seen_by(user, county, day):
    rows = list(duties_due(county, today=day, worker=user, unassigned=True))
    assert counts(county, today=day, worker=user, unassigned=True).total == len(rows)
    return len(rows)


def test_the_deputy_sees_the_duties_from_the_first_day_to_the_last(county, staff, owed):
    away(county, staff)
    assert seen_by(staff["乙"], county, FROM - DAY) == 0
    for day in (FROM, TO):
        assert seen_by(staff["乙"], county, day) == seen_by(staff["甲"], county, day) == 3
        assert seen_by(staff["丙"], county, day) == 0
    assert seen_by(staff["乙"], county, TO + DAY) == 0
    assert seen_by(staff["甲"], county, TO + DAY) == 3
    assert ServicePlan.objects.get(cadre=owed).worker == staff["甲"]


def test_the_deputy_is_told_also_what_was_opened_before(county, staff, owed):
    open_reminders(today=FROM)
    away(county, staff)
    assert send_digests(today=FROM, now=NOW) == 1
    assert Digest.objects.get().user == staff["乙"]
    assert set(Reminder.objects.values_list("user__username", flat=True)) == {"乙"}
    after = TO + DAY
    ToDo.objects.update(due_on=after)
    open_reminders(today=after)
    send_digests(today=after, now=NOW)
    assert set(Reminder.objects.filter(opened_on=after).values_list("user__username", flat=True)) == {"甲"}


def test_ended_early_it_is_the_workers_again(county, staff, owed):
    one = away(county, staff)
    end_absence(absence=one, by=staff["甲"], now=NOW)
    assert seen_by(staff["乙"], county, FROM) == 0
    with pytest.raises(Refused, match="已经结束"):
        end_absence(absence=one, by=staff["甲"], now=NOW)
    away(county, staff)


def test_what_overlaps_is_refused_with_a_sentence(county, staff):
    away(county, staff)
    with pytest.raises(Refused, match="甲在 2026-11-16 至 2026-11-20 已经登记过请假"):
        away(county, staff, deputy="丙", starts_on=TO, ends_on=TO + DAY)
    with pytest.raises(Refused, match="甲在 .* 也请假，请换一位代管人"):
        away(county, staff, worker="丙", deputy="甲")
    with pytest.raises(Refused, match="乙这段时间正替甲代管"):
        away(county, staff, worker="乙", deputy="丙", starts_on=FROM - DAY, ends_on=FROM)
    away(county, staff, starts_on=TO + DAY, ends_on=TO + DAY)


def test_wrong_days_and_deputies(county, staff, person):
    staff |= {"邻": person("濂溪区", Role.WORKER, username="邻"), "领导": person("浔阳区", Role.LEADER, username="领导")}
    for given, sentence in (
        ({"ends_on": FROM - DAY}, "早于开始日期"),
        ({"today": TO + DAY}, "已经过去"),
        ({"ends_on": FROM + 180 * DAY}, "请办理交接"),
        ({"deputy": "甲"}, "不能由请假人自己"),
        ({"deputy": "邻"}, "看不到甲负责的老同志"),
        ({"deputy": "领导"}, "看不到甲负责的老同志"),
        ({"reason": " "}, "请写明原因"),
        ({"worker": "邻"}, "没有走访工作"),
    ):
        with pytest.raises(Refused, match=sentence):
            away(county, staff, **given)
