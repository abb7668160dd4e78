"""The working calendar: entered by the administrator, missing days told, and nobody reminded on a day off."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent, Notification
from apps.care.models import Reminder
from apps.care.reminders import is_quiet, settle
from apps.care.tasks import run_day
from apps.core import workdays
from apps.core.calendar import WorkingDays, statutory_days
from apps.core.models import WorkingDayException
from apps.core.scope import system_scope
from tests.factories import duties as make

NOW = timezone.now()


@pytest.fixture
def administrator(client, person):
    user = person("九江市", Role.DATA_ADMIN)
    client.force_login(user)
    return user


def test_what_the_law_names():
    days = {(one.title, one.day) for one in statutory_days(2028)}
    assert len(days) == 13
    assert {("春节", date(2028, 1, 25)), ("春节", date(2028, 1, 28)), ("清明节", date(2028, 4, 4)), ("国庆节", date(2028, 10, 3)), ("中秋节", date(2028, 10, 3))} <= days
    assert WorkingDays().missing(2026) == []


def test_days_are_entered_corrected_and_taken_back(client, administrator):
    url = reverse("care:rule_calendar")
    page = client.get(url, {"year": 2028}).content.decode()
    assert "天法定节假日没有录入" in page
    assert client.post(url, {"day": "2028-10-07", "works": "yes", "name": "国庆节调休"}).status_code == 302
    assert client.post(url, {"day": "2028-10-07", "works": "no", "name": "台风停班"}).status_code == 302
    assert client.post(url, {"day": "2028-10-07", "works": "no", "name": " "}).status_code == 422
    assert client.post(url, {"day": "", "works": "maybe", "name": "x"}).status_code == 422
    row = WorkingDayException.objects.get()
    assert (row.works, row.name) == (False, "台风停班")
    assert "台风停班" in client.get(url, {"year": 2028}).content.decode()
    remove = reverse("care:rule_calendar_remove", args=[row.pk])
    assert client.post(remove).status_code == 302
    assert client.post(remove).status_code == 404
    with system_scope("test"):
        assert AuditEvent.objects.filter(verb="calendar.changed").count() == 3


def test_the_law_s_days_are_filled_in_once_and_leave_what_is_there(client, administrator):
    workdays.set_day(day=date(2028, 1, 3), works=True, name="本地上班", by=administrator)
    for _ in range(2):
        assert client.post(reverse("care:rule_calendar_fill"), {"year": "2028"}).status_code == 302
    weekdays = {one.day for one in statutory_days(2028) if one.day.weekday() < 5}
    assert set(WorkingDayException.objects.filter(works=False).values_list("day", flat=True)) == weekdays
    assert workdays.working_days().missing(2028) == []
    assert workdays.working_days().is_working(date(2028, 1, 3))


@pytest.mark.parametrize("year", ["0", "x", "99999", "-1", ""])
def test_an_odd_year_is_this_year(client, administrator, year):
    assert client.get(reverse("care:rule_calendar"), {"year": year}).status_code == 200


def test_the_administrator_is_warned_in_time(db):
    assert workdays.calendar_gap(date(2026, 10, 31)) == ""
    assert "2027 年" in workdays.calendar_gap(date(2026, 11, 1))
    assert "2027 年的节假日" in workdays.calendar_gap(date(2027, 3, 1))


@pytest.mark.parametrize("role", [Role.WORKER, Role.LEADER, Role.SYSTEM_ADMIN])
def test_only_who_keeps_the_tables(client, person, role):
    client.force_login(person("浔阳区", role))
    assert client.get(reverse("care:rule_calendar")).status_code == 403
    assert client.post(reverse("care:rule_calendar_fill"), {"year": "2028"}).status_code == 403


def test_published_days_entered_days_and_weekends(db, settings):
    quiet = {date(2026, 10, 1): True, date(2026, 10, 9): False, date(2026, 10, 10): False, date(2026, 10, 11): True}
    assert {day: is_quiet(day) for day in quiet} == quiet
    WorkingDayException.objects.create(day=date(2026, 10, 9), works=False, name="停班")
    assert is_quiet(date(2026, 10, 9))
    settings.REMIND_ON_DAYS_OFF = True
    assert not is_quiet(date(2026, 10, 1))


def test_what_opens_on_days_off_is_told_on_the_next_working_day_in_one_message(places, person):
    worker = person()
    with system_scope("test"):
        make.rules()
        for name, start in (("甲", date(2026, 9, 8)), ("乙", date(2026, 9, 10)), ("丙", date(2026, 9, 14))):
            make.plan(make.cadre(places["浔阳区教育局"], name), start, worker=worker)
        settle(today=date(2026, 9, 30))
    told = {}
    for day in range(1, 10):
        told[day] = run_day(date(2026, 10, day), now=NOW)["digests"]
    assert [day for day, number in told.items() if number] == [8, 9]
    assert list(Notification.objects.order_by("pk").values_list("title", flat=True)) == ["10 月 8 日走访提醒：即将到期 3 项", "10 月 9 日走访提醒：已逾期 1 项"]


def test_after_days_off_the_newest_stage_is_told_and_not_those_before(places, person):
    """Due in a week on 30 September, due on 6 October: coming, then late, within the days off."""
    worker = person()
    with system_scope("test"):
        make.rules()
        make.plan(make.cadre(places["浔阳区教育局"], "甲"), date(2026, 9, 4), worker=worker)
        settle(today=date(2026, 9, 25))
    for day in (date(2026, 10, 1), date(2026, 10, 5), date(2026, 10, 8)):
        run_day(day, now=NOW)
    assert list(Notification.objects.values_list("title", flat=True)) == ["10 月 8 日走访提醒：已逾期 1 项"]
    with system_scope("test"):
        assert {row.stage: row.settled_at is None for row in Reminder.objects.all()} == {"upcoming": False, "overdue": True}
