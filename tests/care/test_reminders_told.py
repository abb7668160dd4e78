"""What leaves the house: messages to work groups, and mails that are no longer wanted when their turn comes."""

import threading
from datetime import date

import pytest
from django.db import connections
from django.utils import timezone

from apps.activity import sending
from apps.activity.models import Delivery, DeliveryState, GroupMessage, GroupRobot, Notification
from apps.care.models import Reminder
from apps.care.reminders import open_reminders, send_digests, settle
from apps.core.scope import system_scope
from tests.factories import duties as make

START, DAY = date(2026, 1, 3), date(2026, 1, 26)
NOW = timezone.now()


@pytest.fixture
def opened(places, person, settings, tmp_path):
    """Five people of 浔阳区 and one of 濂溪区 with a contact due in a week, reminders opened and not told. Returns (worker, plans)."""
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    worker = person(email="worker@example.test")
    with system_scope("test"):
        make.rules()
        plans = [make.plan(make.cadre(places["浔阳区教育局"], f"测试{n}"), START, worker=worker) for n in range(5)]
        plans.append(make.plan(make.cadre(places["濂溪区卫生局"], "邻县"), START, worker=person("濂溪区")))
        settle(today=DAY)
        assert open_reminders(today=DAY) == (6, 0)
    return worker, plans


def robot(org, **given) -> GroupRobot:
    return GroupRobot.objects.create(org=org, name="群", kind="wecom", url="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", **given)


def tell() -> int:
    with system_scope("test"):
        return send_digests(today=DAY, now=NOW)


def see(plans, worker) -> None:
    with system_scope("test"):
        for plan in plans:
            make.visit(plan.cadre, DAY, worker)
        settle([plan.pk for plan in plans], today=DAY)


def test_a_group_hears_counts_of_its_own_place(opened, places):
    with system_scope("test"):
        robot(places["浔阳区"])
        robot(places["九江市"])
        robot(places["黑龙江省"])
        robot(places["濂溪区卫生局"], is_active=False)
    tell()
    with system_scope("test"):
        said = {message.org.name: message for message in GroupMessage.objects.select_related("org")}
    assert {name: message.title for name, message in said.items()} == {"浔阳区": "1 月 26 日走访提醒：即将到期 5 项", "九江市": "1 月 26 日走访提醒：即将到期 6 项"}
    assert said["浔阳区"].body == "浔阳区\n即将到期：联系 5 人。"
    assert Delivery.objects.filter(channel="group").count() == 2
    tell()
    assert Delivery.objects.filter(channel="group").count() == 2


def test_names_only_where_ticked(opened, places):
    with system_scope("test"):
        robot(places["浔阳区"], with_names=True)
        robot(places["濂溪区"])
    tell()
    with system_scope("test"):
        named, plain = GroupMessage.objects.order_by("-robot__with_names").values_list("body", flat=True)
    assert all(f"测试{n}" in named for n in range(5))
    assert "邻县" not in named + plain


def test_a_mail_whose_reasons_are_all_settled_stays_in_the_house(opened):
    worker, plans = opened
    tell()
    see(plans[:5], worker)
    assert sending.deliver_all(now=NOW)["dropped"] == 1
    row = Delivery.objects.get()
    assert (row.state, row.error) == (DeliveryState.DROPPED, "提醒的事都已办结，不再发送。")


def test_a_mail_with_one_reason_left_goes_out(opened):
    worker, plans = opened
    tell()
    see(plans[:4], worker)
    assert sending.deliver_all(now=NOW)["sent"] == 1


@pytest.mark.django_db(transaction=True)
def test_visited_while_the_message_is_written(opened):
    """Visits by one thread, digests by another: who was seen before the claim is settled, who wasn't is told, and nobody is both."""
    worker, plans = opened
    errors: list[Exception] = []

    def run(act):
        try:
            act()
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in (*[lambda plan=plan: see([plan], worker) for plan in plans[:5]], tell, tell)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell()
    assert errors == []
    with system_scope("test"):
        for reminder in Reminder.objects.exclude(plan=plans[5]):
            assert (reminder.digest_id is None) != (reminder.settled_at is None)
        told = Reminder.objects.filter(digest__isnull=False, digest__user=worker).count()
        title = Notification.objects.filter(user=worker).values_list("title", flat=True).first()
    assert title == (f"1 月 26 日走访提醒：即将到期 {told} 项" if told else None)
