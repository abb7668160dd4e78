"""Pages of the 系统管理员: robots kept and tried, and the ledger of what was sent."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity import actions
from apps.activity.models import Delivery, DeliveryState, GroupRobot
from apps.activity.notify import tell
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from tests.activity.test_robots import administrator, receiver, robot, say  # noqa: F401 - fixtures

NOW = timezone.now()


@pytest.fixture
def signed_in(client, administrator):  # noqa: F811
    client.force_login(administrator)
    return client


def test_a_robot_is_added_tried_changed_and_switched_off(signed_in, receiver, places):  # noqa: F811
    given = {"org": places["浔阳区"].pk, "name": "区工作群", "kind": "wecom", "url": receiver.url(), "form": "markdown"}
    assert signed_in.post(reverse("robot_add"), given).status_code == 302
    with system_scope("test"):
        made = GroupRobot.objects.get()
    assert signed_in.post(reverse("robot_add"), given).status_code == 422
    page = signed_in.post(reverse("robot_try", args=[made.pk]), follow=True).content.decode()
    assert "已发出" in page
    assert "abc-123" not in page
    assert receiver.asked[0][2]["markdown"]["content"].startswith("**提醒机器人试发**")
    receiver.answer(200, {"errcode": 93000, "errmsg": "invalid webhook url"})
    assert "已被移出群" in signed_in.post(reverse("robot_try", args=[made.pk]), follow=True).content.decode()
    form = signed_in.get(reverse("robot_edit", args=[made.pk])).content.decode()
    assert "abc-123" not in form
    assert signed_in.post(reverse("robot_edit", args=[made.pk]), {"name": "改名", "kind": "wecom", "form": "text"}).status_code == 302
    with system_scope("test"):
        after = GroupRobot.objects.get()
    assert (after.name, after.form, after.is_active, after.url) == ("改名", "text", False, receiver.url())
    assert signed_in.post(reverse("robot_edit", args=[made.pk]), {"name": "改名", "kind": "dingtalk", "form": "text"}).status_code == 422
    assert [state for (state,) in Delivery.objects.order_by("pk").values_list("state")] == ["sent", "failed"]


def test_a_wrong_address_is_said_at_the_field(signed_in, places):
    given = {"org": places["浔阳区"].pk, "name": "群", "kind": "wecom", "url": "https://evil.example/x", "form": "markdown"}
    page = signed_in.post(reverse("robot_add"), given)
    assert page.status_code == 422
    assert "只能发往" in page.content.decode()


def test_only_for_places_below(signed_in, places):
    given = {"org": places["濂溪区"].pk, "name": "群", "kind": "wecom", "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", "form": "markdown"}
    assert signed_in.post(reverse("robot_add"), given).status_code == 422


def test_the_ledger_says_who_how_and_why_not(signed_in, person, receiver, robot):  # noqa: F811
    told = person("浔阳区", email="w@example.test", display_name="周干事")
    tell([told], title="王德福到期", body="", url="", key="digest:2026-11-26", now=NOW)
    tell([person("濂溪区", email="n@example.test", display_name="邻县人")], title="x", key="k", now=NOW)
    say(robot())
    with system_scope("test"):
        Delivery.objects.filter(channel="mail").update(state=DeliveryState.FAILED, error="SMTPRecipientsRefused：no such user", tries=4)
    page = signed_in.get(reverse("deliveries")).content.decode()
    for shown in ("周干事", "每日提醒", "w@example.test", "no such user", "重试", "工作群", "1</strong> 条没有发成"):
        assert shown in page
    for hidden in ("邻县人", "n@example.test", "王德福"):
        assert hidden not in page
    assert "工作群" not in signed_in.get(reverse("deliveries"), {"state": "failed"}).content.decode()
    assert signed_in.get(reverse("deliveries"), {"state": "x", "after": "y", "channel": "z"}).status_code == 200


def test_trying_again_works_once(signed_in, administrator, person):  # noqa: F811
    tell([person("浔阳区", email="w@example.test")], title="x", key="k", now=NOW)
    row = Delivery.objects.get()
    Delivery.objects.update(state=DeliveryState.FAILED, error="x", tries=4)
    assert "已重新排队" in signed_in.post(reverse("delivery_retry", args=[row.pk]), follow=True).content.decode()
    row.refresh_from_db()
    assert (row.state, row.tries) == (DeliveryState.QUEUED, 0)
    assert "不在失败状态" in signed_in.post(reverse("delivery_retry", args=[row.pk]), follow=True).content.decode()
    with pytest.raises(Refused):
        actions.retry_delivery(delivery=row, by=administrator, org_path="/36/")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM_ADMIN])
def test_nobody_else_opens_them(client, person, role):
    client.force_login(person("浔阳区", role))
    for name in ("robots", "robot_add", "deliveries"):
        assert client.get(reverse(name)).status_code == 403
