"""Group robots against a real receiver: what they are sent, what their answers mean, and how fast they are written to."""

import base64
import hashlib
import hmac
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity import actions
from apps.activity.models import AuditEvent, Delivery, DeliveryState, GroupMessage, GroupRobot, RobotKind
from apps.activity.robots import sending, wire, words
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from tests.activity.receiver import Receiver

NOW = timezone.now()
DINGTALK = "/robot/send?access_token=abc-123"


@pytest.fixture
def receiver(settings):
    settings.ROBOT_HOSTS, settings.ROBOT_PRIVATE_ALLOWED, settings.ROBOT_TIMEOUT = ["127.0.0.1"], True, 1.0
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def administrator(person):
    return person("浔阳区", Role.SYSTEM_ADMIN)


@pytest.fixture
def robot(receiver, places, administrator):
    def make(kind=RobotKind.WECOM, name="工作群", **given):
        url = given.pop("url", receiver.url(DINGTALK) if kind == RobotKind.DINGTALK else receiver.url())
        with system_scope("test"):
            values = {"secret": "", "form": "markdown", "with_names": False} | given
            return actions.add_robot(org=places["浔阳区"], name=name, kind=kind, url=url, by=administrator, **values)

    return make


def say(robot, count: int = 1, body: str = "已逾期：联系 5 人。", start: int = 0) -> int:
    given = {"robot": robot, "org": robot.org, "org_path": robot.org_path, "title": "走访提醒", "body": body, "url": "/worklist/", "created_at": NOW}
    with system_scope("test"):
        return sending.queue(GroupMessage(key=f"k{start + n}", **given) for n in range(count))


def ends() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("state", "error"))


def test_wecom_gets_markdown_once(receiver, robot, settings):
    settings.PORTAL_URL = "https://portal.example"
    made = robot()
    assert (say(made), say(made)) == (1, 0)
    assert sending.deliver_all(now=NOW) == {"sent": 1, "failed": 0}
    ((path, query, body),) = receiver.asked
    assert (path, query) == ("/cgi-bin/webhook/send", {"key": "abc-123"})
    assert body == {"msgtype": "markdown", "markdown": {"content": "**走访提醒**\n> 已逾期：联系 5 人。\n[登录平台查看](https://portal.example/worklist/)"}}
    assert sending.deliver_all(now=NOW + timedelta(days=1)) == {"sent": 0, "failed": 0}


def test_dingtalk_is_signed_and_text_is_text(receiver, robot):
    say(robot(RobotKind.DINGTALK, secret="SECabc", form="text"))
    sending.deliver_all(now=NOW)
    ((path, query, body),) = receiver.asked
    time = str(int(NOW.timestamp() * 1000))
    wanted = base64.b64encode(hmac.new(b"SECabc", f"{time}\nSECabc".encode(), hashlib.sha256).digest()).decode()
    assert (path, query) == ("/robot/send", {"access_token": "abc-123", "timestamp": time, "sign": wanted})
    assert body == {"msgtype": "text", "text": {"content": "走访提醒\n已逾期：联系 5 人。"}}


@pytest.mark.parametrize(("kind", "form", "most"), [("wecom", "markdown", 4096), ("wecom", "text", 2048), ("dingtalk", "markdown", 18_000)])
def test_long_words_are_cut_at_a_line(kind, form, most):
    robot = GroupRobot(kind=kind, form=form, url="https://h/?key=1")
    body = words.written(GroupMessage(robot=robot, title="走访提醒", body="\n".join(f"第 {n} 行 [甲](http://x) *乙*" for n in range(900))))
    assert most * 0.9 < len(body) < most * 1.2
    assert b"[\\xe7" not in body


@pytest.mark.parametrize(
    ("answer", "says", "again"),
    [
        ((500, "oops"), "HTTP 500", True),
        ((302, "", 0), "转到别的地址", False),
        ((404, "no"), "HTTP 404", False),
        ((429, "slow"), "发得太快", True),
        ((200, "<html>"), "看不懂", False),
        ((200, {"ok": True}), "看不懂", False),
        ((200, {"errcode": 93000, "errmsg": "invalid webhook url"}), "已被移出群", False),
        ((200, {"errcode": 45009, "errmsg": "api freq out of limit"}), "发得太快", True),
        ((200, {"errcode": 7, "errmsg": "odd abc-123 thing"}), "错误码 7）：odd … thing", False),
        ((200, {"errcode": 0}, 3), "1 秒内没有回答", True),
    ],
)
def test_what_goes_wrong_becomes_a_sentence(receiver, robot, answer, says, again):
    receiver.answer(*answer, **({"Location": receiver.url("/elsewhere")} if answer[0] == 302 else {}))
    say(robot())
    assert sending.deliver_all(now=NOW) == {"sent": 0, "failed": 1}
    ((state, error),) = ends()
    assert says in error
    assert "abc-123" not in error
    assert state == (DeliveryState.QUEUED if again else DeliveryState.FAILED)
    assert len(receiver.asked) == 1


def test_a_dead_host_is_tried_four_times_and_keeps_others_waiting_untried(receiver, robot):
    made = robot()
    receiver.close()
    say(made, 3)
    now = NOW
    assert sending.deliver_all(now=now) == {"sent": 0, "failed": 1}
    assert sorted(Delivery.objects.values_list("tries", flat=True)) == [0, 0, 1]
    for _ in range(40):
        now += timedelta(minutes=61)
        sending.deliver_all(now=now)
    assert set(ends()) == {(DeliveryState.FAILED, "连接不上 127.0.0.1，稍后自动重试。")}
    assert set(Delivery.objects.values_list("tries", flat=True)) == {len(sending.PAUSES) + 1}


def test_a_message_that_failed_goes_out_when_the_other_side_is_back(receiver, robot):
    receiver.answers = [(500, "x", 0, {}), (200, {"errcode": 0}, 0, {})]
    say(robot())
    sending.deliver_all(now=NOW)
    assert sending.deliver_all(now=NOW + timedelta(seconds=59)) == {"sent": 0, "failed": 0}
    assert sending.deliver_all(now=NOW + timedelta(seconds=61)) == {"sent": 1, "failed": 0}
    assert Delivery.objects.get().tries == 2


def test_no_more_than_twenty_a_minute(receiver, robot):
    say(robot(), 45)
    for minute, sent in ((0, 20), (0, 0), (1, 20), (2, 5)):
        assert sending.deliver_all(now=NOW + timedelta(minutes=minute, seconds=minute))["sent"] == sent


def test_too_fast_leaves_the_robot_in_peace(receiver, robot):
    receiver.answer(200, {"errcode": 130101, "errmsg": "send too fast"})
    say(robot(RobotKind.DINGTALK), 2)
    sending.deliver_all(now=NOW)
    receiver.answer()
    assert sending.deliver_all(now=NOW + timedelta(minutes=9))["sent"] == 0
    assert sending.deliver_all(now=NOW + timedelta(minutes=11))["sent"] == 2


def test_a_robot_switched_off_says_nothing(receiver, robot):
    made = robot()
    say(made)
    with system_scope("test"):
        GroupRobot.objects.update(is_active=False)
    assert sending.deliver_all(now=NOW) == {"sent": 0, "failed": 0}
    assert ends() == [(DeliveryState.DROPPED, "机器人已停用。")]


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_nothing_twice(receiver, robot):
    say(robot(), 12)
    say(robot(name="另一群"), 12, start=100)

    def work():
        try:
            sending.deliver_all(now=NOW)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    sending.deliver_all(now=NOW)
    assert len(receiver.asked) == 24
    assert set(Delivery.objects.values_list("tries", "state")) == {(1, "sent")}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", "robot_scheme"),
        ("http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", "robot_scheme"),
        ("https://evil.example/cgi-bin/webhook/send?key=1", "robot_host"),
        ("https://qyapi.weixin.qq.com.evil.example/?key=1", "robot_host"),
        ("https://me:pw@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", "robot_url"),
        ("https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=1", "robot_port"),
        ("https://[::1/x", "robot_url"),
        ("https://qyapi.weixin.qq.com/other?key=1", "robot_form"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "robot_form"),
    ],
)
def test_only_addresses_of_robots(places, administrator, url, code):
    with system_scope("test"), pytest.raises(Refused) as refused:
        actions.add_robot(org=places["浔阳区"], name="群", kind="wecom", url=url, secret="", form="text", with_names=False, by=administrator)
    assert refused.value.code == code


def test_a_name_that_leads_inside_is_not_followed(receiver, settings):
    settings.ROBOT_PRIVATE_ALLOWED, settings.ROBOT_HOSTS = False, ["localhost"]
    with pytest.raises(words.Unsent) as unsent:
        wire.post(f"https://localhost/cgi-bin/webhook/send?key={receiver.server.server_port}", b"{}")
    assert "内部网络" in unsent.value.sentence
    assert not unsent.value.again
    assert receiver.asked == []


def test_the_address_lies_encrypted_and_is_audited_without(robot):
    made = robot(RobotKind.DINGTALK, secret="SECabc")
    with system_scope("test"), connection.cursor() as cursor:
        cursor.execute("SELECT url, secret FROM activity_grouprobot")
        assert all(b"abc" not in bytes(value) for value in cursor.fetchone())
        events = str(list(AuditEvent.objects.values_list("data", "title", "note")))
        assert GroupRobot.objects.get().url == made.url
    assert "127.0.0.1" in events
    assert "abc" not in events
