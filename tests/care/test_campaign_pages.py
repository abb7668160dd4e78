"""Pages of campaigns: a head makes, divides, starts and ends one; a county sees what the city has started, and only its own part of it."""

import io
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from docx import Document

from apps.accounts.permissions import Role
from apps.care import standards
from apps.care.actions import campaigns as actions
from apps.care.models import Campaign, ToDo
from apps.core.scope import entered, system_scope
from tests.factories import duties as make


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def county(places, person, today):
    """Two workers and three people of 浔阳区, one of 濂溪区 with a worker."""
    from apps.cadres import standards as registry

    with system_scope("test"):
        registry.load()
        standards.load()
        for n in range(3):
            make.cadre(places["浔阳区教育局"], f"老人{n}", born_on=today.replace(year=today.year - 90, day=1))
        make.cadre(places["濂溪区卫生局"], "邻县老人", born_on=today.replace(year=today.year - 90, day=1))
    return {name: person(place, Role.WORKER, username=name, display_name=name) for name, place in (("甲", "浔阳区"), ("乙", "浔阳区"), ("邻", "濂溪区"))}


@pytest.fixture
def head(client, person, county):
    user = person("浔阳区", Role.COUNTY_OFFICER, username="head")
    client.force_login(user)
    return user


def filled(today, org, **given):
    return {
        "title": "重阳走访", "occasion": "festival", "starts_on": today, "ends_on": today + timedelta(days=10), "meet": "1", "concerns": "cadre", "org": org.pk,
        "age": 80, "share": "workers",
    } | given  # fmt: skip


def make_one(client, today, org, **given) -> Campaign:
    answer = client.post(reverse("care:campaign_add"), filled(today, org, **given))
    assert answer.status_code == 302, answer.content.decode()
    with system_scope("test"):
        return Campaign.objects.latest("pk")


def page(client, name, *args, **query) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_from_draft_to_end(client, head, county, places, today):
    found = make_one(client, today, places["浔阳区"])
    shown = page(client, "care:campaign", found.pk)
    assert "启动（3 人）" in shown
    assert "在册人员：80 岁以上" in shown
    assert "老人0" in page(client, "care:campaign_targets", found.pk)
    for sentence in ("已启动，开出 3 项", "没有重复开出任务"):
        assert sentence in client.post(reverse("care:campaign_start", args=[found.pk]), follow=True).content.decode()
    shown = page(client, "care:campaign", found.pk)
    assert "各单位进展" in shown
    assert "还没走访" in shown
    moved = client.post(reverse("care:campaign_extend", args=[found.pk]), {"ends_on": today + timedelta(days=20), "note": "大雪", "version": 2}, follow=True)
    assert "3 人随之改期" in moved.content.decode()
    content = client.get(reverse("care:campaign_report", args=[found.pk])).content
    text = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)
    assert "应走访 3 人，已走访 0 人" in text
    assert client.post(reverse("care:campaign_end", args=[found.pk]), {"reason": "", "version": 3}).status_code == 422
    assert "3 人不再走访" in client.post(reverse("care:campaign_end", args=[found.pk]), {"reason": "改在春节", "version": 3}, follow=True).content.decode()
    assert "集中走访结束：改在春节" in page(client, "care:campaign", found.pk)


def test_what_is_wrong_is_said_at_the_field(client, head, places, today):
    for given, sentence in (
        ({"title": " "}, "这一项必须填写"),
        ({"ends_on": today - timedelta(days=1)}, "截止日期早于开始日期"),
        ({"share": "chosen"}, "请选出由谁分担"),
    ):
        answer = client.post(reverse("care:campaign_add"), filled(today, places["浔阳区"], **given))
        assert answer.status_code == 422
        assert sentence in answer.content.decode()


def test_nobody_fits_and_it_can_not_start(client, head, places, today):
    found = make_one(client, today, places["浔阳区"], age=120)
    assert "没有符合条件的人" in page(client, "care:campaign", found.pk)
    assert "没有符合条件的人" in client.post(reverse("care:campaign_start", args=[found.pk]), follow=True).content.decode()
    with system_scope("test"):
        assert Campaign.objects.get().state == "draft"


def test_a_draft_is_changed_and_a_form_made_before_is_refused(client, head, places, today):
    found = make_one(client, today, places["浔阳区"])
    assert "重阳走访" in page(client, "care:campaign_edit", found.pk)
    url = reverse("care:campaign_edit", args=[found.pk])
    assert client.post(url, filled(today, places["浔阳区"], title="敬老走访", version=1)).status_code == 302
    assert client.post(url, filled(today, places["浔阳区"], title="又一个", version=1)).status_code == 409
    assert "敬老走访" in page(client, "care:campaign", found.pk)


def test_divided_on_the_page(client, head, county, places, today):
    found = make_one(client, today, places["浔阳区"])
    client.post(reverse("care:campaign_start", args=[found.pk]))
    with system_scope("test"):
        keys = list(ToDo.objects.values_list("pk", flat=True))
    divide = reverse("care:campaign_divide", args=[found.pk])
    assert "2 人交给乙" in client.post(divide, {"row": keys, "worker": county["乙"].pk, "assign": "1"}, follow=True).content.decode()
    with system_scope("test"):
        assert set(ToDo.objects.values_list("worker", flat=True)) == {county["乙"].pk}
    assert "请写明为什么不走访" in client.post(divide, {"row": keys[:1], "exclude": "1"}, follow=True).content.decode()
    assert "1 人不列入" in client.post(divide, {"row": keys[:1], "exclude": "1", "reason": "在外地"}, follow=True).content.decode()
    assert "不列入：在外地" in page(client, "care:campaign_targets", found.pk, state="closed")
    assert "1 人重新列入" in client.post(divide, {"row": keys[:1], "readmit": "1"}, follow=True).content.decode()
    assert "请先勾选" in client.post(divide, {"assign": "1"}, follow=True).content.decode()
    assert "请从名单里选" in client.post(divide, {"row": keys, "worker": county["邻"].pk, "assign": "1"}, follow=True).content.decode()


def test_a_city_sees_all_a_county_its_part(client, person, county, places, today):
    client.force_login(person("九江市", Role.LEADER, username="city"))
    found = make_one(client, today, places["九江市"])
    client.force_login(county["甲"])
    assert client.get(reverse("care:campaign", args=[found.pk])).status_code == 404  # a draft is nobody's business yet
    client.force_login(person("九江市", Role.LEADER, username="city2"))
    assert "启动（4 人）" in page(client, "care:campaign", found.pk)
    client.post(reverse("care:campaign_start", args=[found.pk]))
    assert "邻县老人" in page(client, "care:campaign_targets", found.pk)
    client.force_login(county["甲"])
    assert "重阳走访" in page(client, "care:campaigns")
    own = page(client, "care:campaign_targets", found.pk)
    assert "老人0" in own
    assert "邻县老人" not in own
    assert "我要走访的 2 人" in page(client, "care:campaign", found.pk)
    client.force_login(person("浔阳区", Role.COUNTY_OFFICER, username="officer"))
    for name in ("campaign_start", "campaign_end", "campaign_take_in"):
        assert client.post(reverse(f"care:{name}", args=[found.pk]), {"reason": "x", "version": 2}).status_code == 404
    with system_scope("test"):
        strange = list(ToDo.objects.filter(cadre__name="邻县老人").values_list("pk", flat=True))
        client.post(reverse("care:campaign_divide", args=[found.pk]), {"row": strange, "exclude": "1", "reason": "x"})
        assert ToDo.objects.get(pk__in=strange).state == "open"
    client.force_login(person("齐齐哈尔市", Role.LEADER, username="far"))
    assert client.get(reverse("care:campaign", args=[found.pk])).status_code == 404
    assert "还没有集中走访" in page(client, "care:campaigns")


def test_a_place_below_reads_it_and_the_database_lets_it_write_nothing(client, person, county, places, today, scope_of):
    from django.db.utils import ProgrammingError

    client.force_login(person("九江市", Role.LEADER, username="city"))
    found = make_one(client, today, places["九江市"])
    with entered(scope_of("浔阳区")):
        assert Campaign.objects.filter(pk=found.pk).exists()
    with pytest.raises(ProgrammingError, match="row-level security"), entered(scope_of("浔阳区")):
        Campaign.objects.filter(pk=found.pk).update(title="改了")
    with pytest.raises(ProgrammingError, match="permission denied"), entered(scope_of("浔阳区")):
        Campaign.objects.filter(pk=found.pk).delete()


def test_a_worker_makes_none(client, county, places, today):
    client.force_login(county["甲"])
    assert client.post(reverse("care:campaign_add"), filled(today, places["浔阳区"])).status_code == 403


def test_lists_cost_the_same_for_few_and_many(client, head, places, today):
    found = make_one(client, today, places["浔阳区"])
    client.post(reverse("care:campaign_start", args=[found.pk]))
    urls = [reverse("care:campaign", args=[found.pk]), reverse("care:campaign_targets", args=[found.pk]), reverse("care:campaigns")]

    def cost():
        counted = []
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as seen:
                client.get(url)
            counted.append(len(seen))
        return counted

    few = cost()
    with system_scope("test"):
        for n in range(20):
            make.cadre(places["浔阳区教育局"], f"又一位{n}", born_on=today.replace(year=today.year - 85, day=1))
    client.post(reverse("care:campaign_take_in", args=[found.pk]))
    assert cost() == few


@pytest.mark.django_db(transaction=True)
def test_four_who_start_at_once_open_it_once(head, county, places, today, scope_of):
    with entered(scope_of("浔阳区")) as scope:
        values = {"title": "抢着启动", "occasion": "festival", "concerns": "cadre", "meet": True, "starts_on": today, "ends_on": today, "note": ""}
        found = actions.make_campaign(scope=scope, org=places["浔阳区"], by=head, today=today, whom={}, share="workers", helpers=[], **values)
    answers, failures = [], []

    def press():
        try:
            with entered(scope_of("浔阳区")):
                answers.append(actions.start_campaign(campaign=found, by=head, today=today, now=timezone.now()))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(one.opened for one in answers) == [0, 0, 0, 3]
    with entered(scope_of("浔阳区")):
        assert ToDo.objects.count() == 3
