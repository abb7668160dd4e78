"""Pages of plans and items: lists that cost the same for many rows, forms that lose nothing, neighbours that see nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.care import standards
from apps.care.actions.items import add_item
from apps.care.actions.plans import open_plans
from apps.care.models import PlanItem, ServicePlan
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
def people(places, officer, scope_of, today):
    """``people(3)`` adds three with a plan and gives the newest plan."""
    with system_scope("test"):
        standards.load()

    def add(number=1, **record):
        with system_scope("test"):
            for n in range(number):
                make.cadre(places["浔阳区"], f"测试{n}号", **record)
            open_plans(scope=scope_of("浔阳区"), year=today.year, by=officer, today=today)
            return ServicePlan.objects.order_by("-pk").first()

    return add


def reread(row):
    with system_scope("test"):
        return type(row).objects.get(pk=row.pk)


def queries_of(client, url):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


class TestList:
    def test_it_costs_the_same_for_two_and_for_twenty(self, signed_in, people):
        people(2)
        signed_in.get(reverse("care:plans"))
        few = queries_of(signed_in, reverse("care:plans"))
        people(20)
        assert queries_of(signed_in, reverse("care:plans")) == few

    def test_who_has_no_plan_is_said_and_one_button_opens_them(self, signed_in, places, people, today):
        people(1)
        with system_scope("test"):
            make.cadre(places["浔阳区"], "还没方案")
        assert "还有 <strong>1</strong> 位在册人员没有" in signed_in.get(reverse("care:plans")).content.decode()
        signed_in.post(reverse("care:plan_open"), {"year": today.year})
        with system_scope("test"):
            assert ServicePlan.objects.count() == 2

    def test_a_city_opens_one_county_alone_and_never_another_city(self, client, places, person, people, today):
        people(1)
        with system_scope("test"):
            make.cadre(places["浔阳区"], "浔阳人")
            make.cadre(places["濂溪区"], "濂溪人")
        client.force_login(person("九江市", Role.COUNTY_OFFICER))
        assert client.post(reverse("care:plan_open"), {"year": today.year, "org": places["齐齐哈尔市"].pk}).status_code == 404
        client.post(reverse("care:plan_open"), {"year": today.year, "org": places["濂溪区"].pk})
        with system_scope("test"):
            assert sorted(ServicePlan.objects.values_list("cadre__name", flat=True)) == ["测试0号", "濂溪人"]

    def test_a_province_first_chooses_a_place(self, client, person, people):
        people(1)
        client.force_login(person("江西省", Role.COUNTY_OFFICER))
        assert "请先在下面选一个县区或市" in client.get(reverse("care:plans")).content.decode()

    def test_filters_stand_in_the_address(self, signed_in, people):
        people(2, living="alone")
        people(3)
        url = reverse("care:plans")
        assert signed_in.get(url + "?attention_class=key").content.decode().count('class="who"') == 2
        assert signed_in.get(url + "?look=undecided&attention_class=routine").content.decode().count('class="who"') == 3
        assert "没有符合条件的人" in signed_in.get(url + "?attention_class=regular").content.decode()
        assert signed_in.get(url + "?attention_class=nonsense&after=x&year=1").status_code == 200

    def test_pages_go_on_by_key_and_back(self, signed_in, people):
        people(55)
        first = signed_in.get(reverse("care:plans"))
        second = signed_in.get(reverse("care:plans") + f"?after={first.context['next']}")
        assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 5)
        back = signed_in.get(reverse("care:plans") + f"?before={second.context['previous']}")
        assert [row.pk for row in back.context["rows"]] == [row.pk for row in first.context["rows"]]

    def test_the_fragment_is_the_table_alone(self, signed_in, people):
        people(1)
        text = signed_in.get(reverse("care:plans"), headers={"HX-Request": "true"}).content.decode()
        assert "测试0号" in text
        assert "<html" not in text

    def test_accepting_and_taking_back(self, signed_in, people):
        people(3, living="alone")
        answer = signed_in.post(reverse("care:plan_bulk"), {"accept": "all"}, follow=True)
        text = answer.content.decode()
        assert "已按系统建议确定 3 人的类别" in text
        with system_scope("test"):
            assert ServicePlan.objects.filter(class_decided=True).count() == 3
        signed_in.post(reverse("care:plan_undo"), {"token": answer.context["undo"]["token"]})
        with system_scope("test"):
            assert not ServicePlan.objects.filter(class_decided=True).exists()

    def test_accepting_all_means_what_the_filter_shows(self, signed_in, people):
        people(2, living="alone")
        people(3)
        signed_in.post(reverse("care:plan_bulk") + "?attention_class=key", {"accept": "all"})
        with system_scope("test"):
            assert ServicePlan.objects.filter(class_decided=True).count() == 2

    def test_ticked_rows_get_a_worker(self, signed_in, officer, people):
        plan = people(2)
        signed_in.post(reverse("care:plan_bulk"), {"plan": [plan.pk], "assign": "1", "worker": officer.pk})
        with system_scope("test"):
            assert ServicePlan.objects.get(worker=officer) == plan


class TestOne:
    def test_it_shows_reasons_and_costs_the_same_with_many_items(self, signed_in, officer, people):
        plan = people(1, living="alone")
        url = reverse("care:plan", args=[plan.pk])
        assert "独居，身边无人照料" in signed_in.get(url).content.decode()
        with system_scope("test"):
            add_item(plan=plan, category="errand", need="修灯", by=officer)
        few = queries_of(signed_in, url)
        with system_scope("test"):
            for n in range(15):
                add_item(plan=plan, category="errand", need=f"修灯{n}", by=officer)
        assert queries_of(signed_in, url) == few

    def test_deciding(self, signed_in, people):
        plan = people(1, living="alone")
        signed_in.post(reverse("care:plan_class", args=[plan.pk]), {"attention_class": "key", "note": "", "version": 1})
        assert reread(plan).class_decided

    def test_a_refusal_keeps_the_words_and_writes_nothing(self, signed_in, people):
        plan = people(1, living="alone")
        url = reverse("care:plan_class", args=[plan.pk])
        answer = signed_in.post(url, {"attention_class": "routine", "note": "", "version": 1})
        assert answer.status_code == 422
        assert "请写明理由" in answer.content.decode()
        signed_in.post(url, {"attention_class": "key", "note": "", "version": 1})
        answer = signed_in.post(url, {"attention_class": "routine", "note": "写了很久的理由", "version": 1})
        assert answer.status_code == 409
        assert "写了很久的理由" in answer.content.decode()
        assert reread(plan).attention_class == "key"

    def test_worker_and_wishes(self, signed_in, officer, people):
        plan = people(1)
        signed_in.post(reverse("care:plan_worker", args=[plan.pk]), {"worker": officer.pk, "version": 1})
        signed_in.post(reverse("care:plan_edit", args=[plan.pk]), {"wishes": "上午方便", "away": "on", "version": 2})
        plan = reread(plan)
        assert (plan.worker_id, plan.wishes, plan.away) == (officer.pk, "上午方便", True)

    def test_items_from_need_to_done(self, signed_in, people, today):
        plan = people(1)
        answer = signed_in.post(reverse("care:item_add", args=[plan.pk]), {"category": "errand", "frequency": "once", "need": "", "measure": "找社区"})
        assert answer.status_code == 422
        assert "找社区" in answer.content.decode()
        signed_in.post(reverse("care:item_add", args=[plan.pk]), {"category": "errand", "frequency": "once", "need": "修灯", "due_on": today})
        with system_scope("test"):
            item = PlanItem.objects.get()
        signed_in.post(reverse("care:item_edit", args=[item.pk]), {"category": "living", "frequency": "once", "need": "修两盏灯", "due_on": today, "version": 1})
        assert signed_in.post(reverse("care:item_edit", args=[item.pk]), {"category": "living", "frequency": "once", "need": "旧表单", "version": 1}).status_code == 409
        assert signed_in.post(reverse("care:item_close", args=[item.pk]), {"state": "done", "result": "", "version": 2}).status_code == 422
        signed_in.post(reverse("care:item_close", args=[item.pk]), {"state": "done", "result": "已修好", "version": 2})
        assert (reread(item).state, reread(item).need) == ("done", "修两盏灯")
        signed_in.post(reverse("care:item_reopen", args=[item.pk]))
        assert reread(item).state == "open"


class TestWhoMay:
    def test_a_branch_secretary_reads_but_decides_nothing(self, client, person, people):
        plan = people(1)
        client.force_login(person("浔阳区", Role.BRANCH_SECRETARY))
        assert client.get(reverse("care:plan", args=[plan.pk])).status_code == 200
        assert client.post(reverse("care:plan_class", args=[plan.pk]), {"attention_class": "key", "version": 1}).status_code == 403
        assert client.post(reverse("care:plan_bulk"), {"accept": "all"}).status_code == 403

    def test_the_neighbour_neither_sees_nor_changes(self, client, person, people, officer):
        plan = people(1)
        with system_scope("test"):
            item = add_item(plan=plan, category="errand", need="修灯", by=officer)
        client.force_login(person("濂溪区", Role.COUNTY_OFFICER))
        assert "测试0号" not in client.get(reverse("care:plans")).content.decode()
        for name, key in (("plan", plan.pk), ("item_edit", item.pk), ("item_close", item.pk), ("item_add", plan.pk)):
            assert client.get(reverse(f"care:{name}", args=[key])).status_code == 404
        for name, key in (("plan_class", plan.pk), ("plan_worker", plan.pk), ("plan_edit", plan.pk), ("item_edit", item.pk), ("item_close", item.pk), ("item_reopen", item.pk)):
            assert client.post(reverse(f"care:{name}", args=[key]), {"version": 1, "attention_class": "key"}).status_code == 404
        client.post(reverse("care:plan_bulk"), {"accept": "picked", "plan": [plan.pk]})
        client.post(reverse("care:plan_bulk"), {"assign": "1", "plan": [plan.pk], "worker": ""})
        assert (reread(plan).class_decided, reread(plan).version) == (False, 1)
