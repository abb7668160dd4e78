"""Pages of visits: the form of half a minute, the list, the neighbour."""

import io
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres.models import Standing, Survivor
from apps.care import standards
from apps.care.actions.items import add_item
from apps.care.actions.plans import open_plans
from apps.care.actions.visits import log_visit
from apps.care.models import PlanItem, Visit
from apps.core.scope import system_scope
from tests.factories import duties as make


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def officer(person):
    return person()


@pytest.fixture
def signed_in(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def who(places, officer, scope_of, today):
    with system_scope("test"):
        standards.load()
        who = make.cadre(places["浔阳区"], "王德福", address="人民路 18 号")
        open_plans(scope=scope_of("浔阳区"), year=today.year, by=officer, today=today)
    return who


@pytest.fixture
def logged(who, officer, today):
    """``logged(day=…, situation=…)`` → a visit."""

    def log(by=officer, days_ago=0, **given):
        values = {"occasion": "daily", "way": "home", "situation": "精神尚可。", "once": uuid.uuid4(), "today": today, "late_reason": "补"} | given
        with system_scope("test"):
            return log_visit(cadre=who, visited_on=today - timedelta(days=days_ago), by=by, **values)

    return log


def form(today, **given):
    return {"once": str(uuid.uuid4()), "visited_on": today, "way": "home", "occasion": "daily", "in_person": "1", "situation": "精神尚可。"} | given


def url_for(who):
    return reverse("care:visit_log") + f"?cadre={who.pk}"


def count(model=Visit):
    with system_scope("test"):
        return model.objects.count()


class TestForm:
    def test_it_knows_the_person_the_last_visit_and_what_is_open(self, signed_in, who, officer, logged):
        visit = logged(situation="嘱复查心电图", need="修灯")
        text = signed_in.get(url_for(who)).content.decode()
        for known in ("王德福", "人民路 18 号", "嘱复查心电图", "修灯"):
            assert known in text
        assert visit.pk

    def test_a_sentence_is_all_it_takes(self, signed_in, who, today):
        answer = signed_in.post(url_for(who), form(today))
        assert (answer.status_code, answer.url) == (302, reverse("worklist"))
        assert count() == 1

    def test_the_same_form_sent_twice_is_saved_once(self, signed_in, who, today):
        sent = form(today, need="修灯")
        assert {signed_in.post(url_for(who), sent).status_code for _ in range(2)} == {302}
        assert (count(), count(PlanItem)) == (1, 1)

    def test_occasion_and_way_come_from_the_link(self, signed_in, who):
        initial = signed_in.get(url_for(who) + "&occasion=hospital&way=phone").context["form"].initial
        assert (initial["occasion"], initial["way"]) == ("hospital", "phone")

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"situation": ""}, "situation"),
            ({"situation": "写了很久", "visited_on": "2099-01-01"}, "晚于今天"),
            ({"situation": "写了很久", "visited_on": "2026-01-01"}, "补记原因"),
            ({"situation": "写了很久", "way": "carrier-pigeon"}, "way"),
        ],
    )
    def test_a_refusal_loses_no_word(self, signed_in, who, today, given, sentence):
        answer = signed_in.post(url_for(who), form(today) | given)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert sentence in text
        assert given["situation"] in text
        assert count() == 0

    def test_somebody_deceased_only_through_the_survivor(self, signed_in, places, today):
        with system_scope("test"):
            standards.load()
            dead = make.cadre(places["浔阳区"], "已故者", standing=Standing.DECEASED, deceased_on=today - timedelta(days=9))
            widow = Survivor.objects.create(cadre=dead, org=dead.org, name="李秀英")
        assert "李秀英" in signed_in.get(url_for(dead)).content.decode()
        assert signed_in.post(url_for(dead), form(today, occasion="survivor")).status_code == 422
        assert signed_in.post(url_for(dead), form(today, occasion="survivor", survivor=widow.pk)).status_code == 302

    def test_first_one_finds_the_person(self, signed_in, who):
        assert signed_in.get(reverse("care:visit_log")).status_code == 200
        assert "没有找到这个人" in signed_in.get(reverse("care:visit_log") + "?q=查无此人").content.decode()

    def test_getting_the_page_writes_nothing(self, signed_in, who):
        signed_in.get(url_for(who))
        assert count() == 0


class TestList:
    def test_it_costs_the_same_for_two_and_for_twenty(self, signed_in, logged):
        def queries():
            with CaptureQueriesContext(connection) as seen:
                signed_in.get(reverse("care:visits"))
            return len(seen)

        logged()
        logged()
        queries()
        few = queries()
        for _ in range(18):
            logged()
        assert queries() == few

    def test_filters(self, signed_in, officer, logged, today):
        logged(days_ago=0)
        logged(days_ago=5, way="phone")
        logged(days_ago=40, occasion="birthday")
        shown = lambda query: len(signed_in.get(reverse("care:visits") + query).context["rows"])  # noqa: E731
        assert [shown(query) for query in ("", "?way=phone", "?occasion=birthday", "?met=no", f"?worker={officer.pk}")] == [3, 1, 1, 1, 3]
        assert shown(f"?since={today - timedelta(days=5)}&until={today - timedelta(days=1)}") == 1
        assert shown("?since=nonsense&way=nonsense&after=zzz") == 3

    def test_pages_walk_the_whole_list_once(self, signed_in, logged):
        made = [logged(days_ago=n % 4).pk for n in range(53)]
        first = signed_in.get(reverse("care:visits"))
        second = signed_in.get(reverse("care:visits") + f"?after={first.context['next']}")
        seen = [row.pk for page in (first, second) for row in page.context["rows"]]
        assert sorted(seen) == sorted(made)
        back = signed_in.get(reverse("care:visits") + f"?before={second.context['previous']}")
        assert [row.pk for row in back.context["rows"]] == [row.pk for row in first.context["rows"]]

    def test_the_export_holds_the_rows_and_is_on_the_trail(self, signed_in, logged):
        logged(situation="=1+1")
        logged(way="phone")
        answer = signed_in.post(reverse("care:visit_export") + "?way=home", {"columns": ["visited_on", "name", "situation"]})
        rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
        assert rows[2] == ["走访日期", "姓名", "情况"]
        assert [row[2] for row in rows[3:]] == ["=1+1"]
        with system_scope("test"):
            assert AuditEvent.objects.get(verb="visit.exported").data["rows"] == 1


class TestOne:
    def test_correcting_one_s_own(self, signed_in, logged, today):
        visit = logged()
        url = reverse("care:visit_edit", args=[visit.pk])
        assert signed_in.get(url).status_code == 200
        sent = {"visited_on": today, "way": "phone", "occasion": "daily", "in_person": "1", "situation": "改为电话", "version": 1}
        assert signed_in.post(url, sent).status_code == 302
        assert signed_in.post(url, sent | {"situation": "旧表单里的话"}).status_code == 409
        with system_scope("test"):
            assert Visit.objects.values_list("way", "situation", "in_person").get() == ("phone", "改为电话", False)

    def test_somebody_else_s_is_grey_with_the_reason(self, client, person, logged):
        visit = logged()
        client.force_login(person(username="colleague"))
        assert "只能由走访人" in client.get(reverse("care:visit", args=[visit.pk])).content.decode()
        assert client.get(reverse("care:visit_edit", args=[visit.pk])).status_code == 403

    def test_voiding_asks_why(self, signed_in, logged):
        visit = logged()
        url = reverse("care:visit_void", args=[visit.pk])
        assert signed_in.post(url, {"reason": "", "version": 1}).status_code == 422
        assert signed_in.post(url, {"reason": "记错了人", "version": 1}).status_code == 302
        assert "记错了人" in signed_in.get(reverse("care:visit", args=[visit.pk])).content.decode()
        assert len(signed_in.get(reverse("care:visits")).context["rows"]) == 0

    def test_a_branch_secretary_voids_only_his_own(self, client, person, logged):
        visit = logged()
        client.force_login(person("浔阳区", Role.BRANCH_SECRETARY))
        assert client.post(reverse("care:visit_void", args=[visit.pk]), {"reason": "乱", "version": 1}).status_code == 403


def test_the_neighbour_neither_sees_nor_writes(client, person, who, logged, today):
    visit = logged()
    client.force_login(person("濂溪区", Role.COUNTY_OFFICER))
    assert client.get(reverse("care:visits")).context["rows"] == []
    assert client.get(url_for(who)).status_code == 404
    assert client.post(url_for(who), form(today)).status_code == 404
    for name in ("visit", "visit_edit", "visit_void"):
        assert client.get(reverse(f"care:{name}", args=[visit.pk])).status_code == 404
        assert client.post(reverse(f"care:{name}", args=[visit.pk]), {"reason": "x", "version": 1}).status_code == 404
    assert count() == 1
    with system_scope("test"):
        assert Visit.objects.get().voided_at is None


def test_items_ticked_at_the_visit_are_done(signed_in, who, officer, logged, today):
    logged(need="修灯")
    with system_scope("test"):
        item = PlanItem.objects.get()
        stranger = add_item(plan=item.plan, category="errand", need="另一件", by=officer)
    signed_in.post(url_for(who), form(today, done=[item.pk]))
    with system_scope("test"):
        assert PlanItem.objects.get(pk=item.pk).state == "done"
        assert PlanItem.objects.get(pk=stranger.pk).state == "open"
