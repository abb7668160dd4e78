"""Pages of a survey: questions written, put at the door, needs taken with one press, results and lists, the sheet that leaves."""

import io
import uuid

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.care import standards
from apps.care.actions.campaigns import make_campaign, start_campaign
from apps.care.models import NeedTaken, SurveyAnswer, SurveyQuestion, ToDo
from apps.core.scope import system_scope
from tests.factories import duties as make


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def head(person):
    return person("浔阳区", Role.COUNTY_OFFICER, username="head", display_name="干事")


@pytest.fixture
def draft(head, places, scope_of, today):
    from apps.cadres import standards as registry

    with system_scope("test"):
        registry.load()
        standards.load()
        for n in range(2):
            make.cadre(places["浔阳区教育局"], f"老人{n}", born_on=today.replace(year=today.year - 90, day=n + 1))
        values = {"title": "问需敲门", "occasion": "daily", "concerns": "cadre", "meet": True, "starts_on": today, "ends_on": today, "note": ""}
        return make_campaign(scope=scope_of("浔阳区"), org=places["浔阳区"], by=head, today=today, whom={}, share="workers", helpers=[], **values)


@pytest.fixture
def running(client, draft, head, today):
    """With the default questions, the head signed in."""
    client.force_login(head)
    client.post(reverse("care:campaign_questions", args=[draft.pk]), {"set": "1", "key": "needs"})
    with system_scope("test"):
        start_campaign(campaign=draft, by=head, today=today, now=timezone.now())
        draft.refresh_from_db()
        draft.rows = {row.text[:4]: row for row in SurveyQuestion.objects.all()}
        draft.todos = list(ToDo.objects.order_by("pk"))
    return draft


def filled(running, today, **given):
    rows = running.rows
    return {"once": uuid.uuid4(), "manner": "door", "answered_on": today, rows["近来身体"].key: "一般", rows["要不要装"].key: "yes"} | given


def page(client, name, *args, **query) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_questions_are_written_changed_and_removed(client, draft, head):
    client.force_login(head)
    url = reverse("care:campaign_questions", args=[draft.pk])
    assert "用一套缺省问题" in page(client, "care:campaign_questions", draft.pk)
    for given, sentence in (({"kind": "one", "options": "一个"}, "至少写两个选项"), ({"kind": "number", "category": "living"}, "可以当作需求转办"), ({"text": ""}, "必须填写")):
        answer = client.post(url, {"text": "要不要装扶手", "kind": "yes_no", "category": "", "options": ""} | given)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    for text in ("要不要装扶手", "用什么取暖"):
        kind = {"kind": "one", "options": "空调\n火桶"} if "取暖" in text else {"kind": "yes_no", "category": "living", "need": "安装扶手"}
        assert client.post(url, {"text": text} | kind).status_code == 302
    with system_scope("test"):
        first, second = SurveyQuestion.objects.order_by("order")
    assert client.post(reverse("care:question", args=[first.pk]), {"text": "要不要装卫生间扶手", "kind": "yes_no", "category": "living"}).status_code == 302
    client.post(reverse("care:question_act", args=[second.pk, "up"]))
    client.post(reverse("care:question_act", args=[first.pk, "remove"]))
    assert client.post(reverse("care:question_act", args=[second.pk, "down"])).status_code == 404
    with system_scope("test"):
        assert list(SurveyQuestion.objects.values_list("text", "options")) == [("用什么取暖", ["空调", "火桶"])]
    assert "要换一套" in client.post(url, {"set": "1", "key": "needs"}).content.decode()
    assert "已删去 1 题" in client.post(url, {"clear": "1"}, follow=True).content.decode()
    assert "已放入 11 题" in client.post(url, {"set": "1", "key": "needs"}, follow=True).content.decode()
    assert "要换一套" in client.post(url, {"set": "1", "key": "needs"}).content.decode()


def test_put_at_the_door_and_taken_with_one_press(client, running, person, today):
    worker = person("浔阳区", Role.WORKER, username="worker", display_name="甲")
    client.force_login(worker)
    todo = running.todos[0]
    assert reverse("care:survey", args=[todo.pk]) in page(client, "care:campaign_targets", running.pk)
    assert "要不要装一键呼叫" in page(client, "care:survey", todo.pk)
    url = reverse("care:survey", args=[todo.pk])
    missing = client.post(url, filled(running, today, **{running.rows["近来身体"].key: ""}))
    assert missing.status_code == 422
    saved = client.post(url, filled(running, today, situation="在家，精神好"), follow=True).content.decode()
    assert "提出了 1 项需求" in saved
    assert "列入一人一策" in saved
    with system_scope("test"):
        answer, need = SurveyAnswer.objects.get(), running.rows["要不要装"]
        assert ToDo.objects.get(pk=todo.pk).state == "done"
    take = reverse("care:answer_take", args=[answer.pk, need.pk])
    assert client.post(take, {"into": "item", "due_on": "2020-01-01"}).status_code == 422
    assert "甲负责" in client.post(take, {"into": "item", "due_on": today}, follow=True).content.decode()
    assert "甲已经转办过" in client.post(take, {"into": "todo", "due_on": today}).content.decode()
    with system_scope("test"):
        assert NeedTaken.objects.get().item.worker == worker
    assert "已问需" in page(client, "care:campaign_targets", running.pk)
    assert "已走访" in page(client, "care:answer", answer.pk)
    assert "问需（上门）：问需敲门" in page(client, "cadres:detail", todo.cadre_id)
    assert "提出：安装一键呼叫" in page(client, "cadres:detail", todo.cadre_id)


def test_a_need_to_be_met_is_no_visit_and_stands_unticked_in_its_form(client, running, today):
    todo = running.todos[0]
    client.post(reverse("care:survey", args=[todo.pk]), filled(running, today))
    with system_scope("test"):
        answer = SurveyAnswer.objects.get()
    client.post(reverse("care:answer_take", args=[answer.pk, running.rows["要不要装"].pk]), {"into": "todo", "due_on": today})
    shown = client.get(reverse("care:visit_log"), {"cadre": todo.cadre_id, "occasion": "daily"})
    assert shown.context["form"].fields["settles"].initial == [todo.pk]
    assert "安装一键呼叫（" in shown.content.decode()


def test_a_sheet_filled_in_meanwhile_is_not_overwritten(client, running, person, today):
    url = reverse("care:survey", args=[running.todos[0].pk])
    client.post(url, filled(running, today))
    client.force_login(person("浔阳区", Role.WORKER, username="worker"))
    late = client.post(url, filled(running, today, **{running.rows["近来身体"].key: "好"}))
    assert late.status_code == 409
    assert "干事在" in late.content.decode()
    assert "没有覆盖" in late.content.decode()
    before = page(client, "care:survey", running.todos[0].pk)
    assert "下面是当时的回答" in before
    assert client.post(url, filled(running, today, version=1, **{running.rows["近来身体"].key: "好"})).status_code == 302


def test_results_lists_and_the_sheet_that_leaves(client, running, today):
    rows = running.rows
    client.post(reverse("care:survey", args=[running.todos[0].pk]), filled(running, today, **{rows["对我们的"].key: "多来坐坐"}))
    shown = page(client, "care:campaign_results", running.pk)
    assert "安装一键呼叫" in shown
    assert "多来坐坐" in shown
    assert "看结果" in page(client, "care:campaign", running.pk)
    assert "老人0" in page(client, "care:campaign_answers", running.pk, question=rows["要不要装"].key, value="yes")
    assert "老人0" in page(client, "care:campaign_answers", running.pk, waiting="on")
    assert "没有符合条件的回答" in page(client, "care:campaign_answers", running.pk, question=rows["近来身体"].key, value="好")
    columns = ["name", "question", "said", "need", "taken"]
    answer = client.post(f"{reverse('care:answer_export')}?campaign={running.pk}", {"columns": columns, "reason": "汇总"})
    cells = [[cell.value for cell in line] for line in openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active.iter_rows()]
    assert any("安装一键呼叫" in line for line in cells)
    document = client.get(reverse("care:campaign_report", args=[running.pk])).content
    assert document.startswith(b"PK")


def test_pages_of_results_cost_the_same_for_few_and_many(client, running, today, head, places):
    urls = [reverse(f"care:{name}", args=[running.pk]) for name in ("campaign_results", "campaign_answers", "campaign_targets")]
    client.post(reverse("care:survey", args=[running.todos[0].pk]), filled(running, today))

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
        for n in range(12):
            who = make.cadre(places["浔阳区教育局"], f"又一位{n}", born_on=today.replace(year=today.year - 85, day=1))
            facts = {"campaign": running, "cadre": who, "org": who.org, "answered_on": today, "by": head, "once": uuid.uuid4()}
            SurveyAnswer.objects.create(answers={running.rows["要不要装"].key: "yes"}, **facts)
    client.post(reverse("care:campaign_take_in", args=[running.pk]))
    assert cost() == few


def test_a_campaign_that_asks_nothing_has_no_form(client, draft, head, today):
    client.force_login(head)
    with system_scope("test"):
        start_campaign(campaign=draft, by=head, today=today, now=timezone.now())
        todo = ToDo.objects.earliest("pk")
    assert "没有问需问题" in client.get(reverse("care:survey", args=[todo.pk]), follow=True).content.decode()
    assert client.get(reverse("care:campaign_results", args=[draft.pk])).status_code == 302


def test_held_again_with_the_same_people_and_questions(client, running, head, places, today, person):
    url = f"{reverse('care:campaign_add')}?like={running.pk}"
    assert 'value="问需敲门"' in client.get(url).content.decode()
    given = {"title": "问需敲门（第二次）", "occasion": "daily", "concerns": "cadre", "meet": "1", "share": "workers"}
    given |= {"starts_on": today, "ends_on": today, "org": places["浔阳区"].pk}
    assert client.post(url, given).status_code == 302
    with system_scope("test"):
        assert SurveyQuestion.objects.filter(campaign__title="问需敲门（第二次）").count() == 11
    client.force_login(person("濂溪区", Role.COUNTY_OFFICER, username="next"))
    assert client.get(url).status_code == 404


def test_a_need_that_asks_for_nothing_is_declined_with_the_reason_and_taken_back(client, running, today):
    client.post(reverse("care:survey", args=[running.todos[0].pk]), filled(running, today))
    with system_scope("test"):
        answer = SurveyAnswer.objects.get()
    take = reverse("care:answer_take", args=[answer.pk, running.rows["要不要装"].pk])
    assert "为什么不需办理" in client.post(take, {"into": "nothing", "declined": " "}).content.decode()
    assert client.post(take, {"into": "nothing", "declined": "子女已装好"}).status_code == 302
    page = client.get(reverse("care:answer", args=[answer.pk])).content.decode()
    assert "子女已装好" in page
    assert client.post(take, {"into": "todo", "due_on": today}).status_code == 409
    waiting = {"question": running.rows["要不要装"].key, "waiting": "1"}
    assert "老人0" not in client.get(reverse("care:campaign_answers", args=[running.pk]), waiting).content.decode()
    assert client.post(take, {"again": "1"}).status_code == 302
    assert "没有标为不需办理" in client.post(take, {"again": "1"}, follow=True).content.decode()
    assert "老人0" in client.get(reverse("care:campaign_answers", args=[running.pk]), waiting).content.decode()
    assert client.post(take, {"into": "todo", "due_on": today}).status_code == 302
