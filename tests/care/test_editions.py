"""A plan before the head: submitted, returned, approved; frozen; never by whoever submitted it; and in force all the while."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import InternalError, ProgrammingError, connections, transaction
from django.urls import reverse
from django.utils import timezone
from docx import Document

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent, Notification
from apps.care import standards
from apps.care.actions import editions as actions
from apps.care.actions.items import add_item
from apps.care.actions.plans import begin_year, open_plans
from apps.care.models import PlanEdition, PlanItem, ServicePlan
from apps.care.selectors.editions import content_of, differences
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from tests.factories import duties as make

TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def tables(db):
    standards.load()
    make.rules()


@pytest.fixture
def worker(person):
    return person(username="worker")


@pytest.fixture
def head(person):
    return person("浔阳区", Role.LEADER, username="head")


@pytest.fixture
def plan(places, worker):
    with system_scope("test"):
        made = make.plan(make.cadre(places["浔阳区教育局"]), date(TODAY.year, 1, 1), worker=worker, class_decided=True)
        item(made, worker, "送药上门")
        return made


def item(plan, by, need, **given) -> PlanItem:
    values = {"category": "medical", "need": need, "measure": "", "frequency": "once", "starts_on": None, "due_on": None, "lead_unit": "", "worker": None}
    return add_item(plan=plan, by=by, today=TODAY, **values | given)


def submit(plan, by):
    with system_scope("test") as scope:
        return actions.submit_plans(scope=scope, plan_ids=[plan.pk], by=by, now=timezone.now())


def waiting() -> PlanEdition:
    with system_scope("test"):
        return PlanEdition.objects.get(state="submitted")


def decide(act, **given):
    with system_scope("test"):
        return act(now=timezone.now(), **given)


def test_submitted_returned_submitted_again_and_approved(plan, worker, head):
    assert submit(plan, worker).submitted == 1
    with pytest.raises(Refused, match="退回原因"):
        decide(actions.return_edition, edition=waiting(), by=head, note=" ")
    decide(actions.return_edition, edition=waiting(), by=head, note="写清频次")
    assert Notification.objects.filter(user=worker, title__startswith="方案已退回").count() == 1
    submit(plan, worker)
    first = decide(actions.approve_edition, edition=waiting(), by=head)
    assert first.number == 1
    with pytest.raises(Refused, match="没有改动"):
        submit(plan, worker)
    with system_scope("test"):
        item(plan, worker, "配助听器")
        assert actions.changed_since_approval(plan) == ["新增事项：配助听器"]
    submit(plan, worker)
    second = decide(actions.approve_edition, edition=waiting(), by=head)
    assert (second.number, differences(first.content, second.content)) == (2, ["新增事项：配助听器"])


def test_who_submitted_does_not_decide(plan, head):
    submit(plan, head)
    for act, given in ((actions.approve_edition, {}), (actions.return_edition, {"note": "x"})):
        with pytest.raises(Refused, match="由别人审批"):
            decide(act, edition=waiting(), by=head, **given)


def test_what_changed_after_submitting_is_not_approved_unseen(plan, worker, head):
    submit(plan, worker)
    seen = waiting()
    with system_scope("test"):
        item(plan, worker, "陪诊")
    with pytest.raises(Refused, match="又有改动（新增事项：陪诊）"):
        decide(actions.approve_edition, edition=seen, by=head)
    assert submit(plan, worker).submitted == 1
    with pytest.raises(Stale):
        decide(actions.approve_edition, edition=seen, by=head, version=seen.version)
    assert decide(actions.approve_edition, edition=waiting(), by=head, version=2).number == 1


def test_left_out_and_said_why(plan, worker, places):
    with system_scope("test"):
        open_class = make.plan(make.cadre(places["浔阳区教育局"], "待定者"), date(TODAY.year, 1, 1))
    with pytest.raises(Refused, match="类别还没有确定"):
        submit(open_class, worker)
    submit(plan, worker)
    with pytest.raises(Refused, match="正在等审批"):
        submit(plan, worker)
    with system_scope("test") as scope, pytest.raises(Refused, match="没有可以送审"):
        actions.submit_plans(scope=scope, plan_ids=[], by=worker, now=timezone.now())


def test_a_decided_edition_never_changes_but_for_its_place(plan, worker, head, places):
    submit(plan, worker)
    done = decide(actions.approve_edition, edition=waiting(), by=head)
    with system_scope("test"):
        for act in (lambda: PlanEdition.objects.filter(pk=done.pk).update(content={}), lambda: PlanEdition.objects.filter(pk=done.pk).delete()):
            with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
                act()
        assert PlanEdition.objects.filter(pk=done.pk).update(org=places["濂溪区"], org_path=places["濂溪区"].path) == 1
    with pytest.raises(Refused, match="已批准"):
        decide(actions.withdraw_edition, edition=done, by=worker)


@pytest.mark.django_db(transaction=True)
def test_two_heads_at_once_make_one_edition(plan, worker, person):
    heads = [person("浔阳区", Role.LEADER, username=f"head{n}") for n in range(2)]
    submit(plan, worker)
    one = waiting()

    def press(head):
        try:
            decide(actions.approve_edition, edition=one, by=head)
        except Refused as problem:
            return problem.code
        finally:
            connections.close_all()
        return "approved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, heads)) == ["approved", "edition_decided"]


def test_differences_in_words(plan, worker):
    with system_scope("test"):
        old = content_of([plan])[plan.pk]
        PlanItem.objects.update(need="送药到床头", lead_unit="社区", frequency="weekly", starts_on=TODAY)
        ServicePlan.objects.update(wishes="下午来", attention_class="key")
        new = content_of([ServicePlan.objects.select_related("cadre", "org", "worker").get()])[plan.pk]
    assert differences(old, new) == [
        "类别由“定期关注”改为“重点关注”", "本人意愿由“未填”改为“下午来”", "事项“送药上门”改为“送药到床头”",
        f"事项“送药到床头”：牵头单位由“未填”改为“社区”，频次由“一次”改为“每周”，起由“未填”改为“{TODAY}”",
    ]  # fmt: skip
    assert differences(new, new) == []


def words(answer) -> str:
    made = Document(io.BytesIO(b"".join(answer.streaming_content)))
    return "\n".join([one.text for one in made.paragraphs] + [cell.text for table in made.tables for row in table.rows for cell in row.cells])


def test_the_document_says_whether_it_was_approved(client, plan, worker, head):
    client.force_login(worker)
    address = reverse("care:plan_document", args=[plan.pk])
    draft = words(client.get(address))
    for text in ("一人一策服务方案", "草案，未经批准", "送药上门", "尚未批准"):
        assert text in draft
    submit(plan, worker)
    done = decide(actions.approve_edition, edition=waiting(), by=head, note="同意")
    approved = words(client.get(address))
    assert "草案" not in approved
    assert "为第1版" in approved
    with system_scope("test"):
        item(plan, worker, "陪诊")
        assert AuditEvent.objects.filter(verb="plan.printed").count() == 2
    assert "陪诊" in words(client.get(address))
    assert "陪诊" not in words(client.get(reverse("care:edition_document", args=[done.pk])))


def test_next_year_s_draft_is_approved_ahead_and_nothing_differs_when_it_begins(plan, worker, head):
    with system_scope("test") as scope:
        opened = open_plans(scope=scope, year=TODAY.year + 1, by=worker, today=TODAY)
        draft = ServicePlan.objects.select_related("cadre", "org", "worker").get(pk=opened.plan_ids[0])
        item(draft, worker, "新年送学")
    submit(draft, worker)
    assert decide(actions.approve_edition, edition=waiting(), by=head).number == 1
    with system_scope("test"):
        assert begin_year(today=date(TODAY.year + 1, 1, 1)) == 1
        begun = ServicePlan.objects.select_related("cadre", "org", "worker").get(pk=draft.pk)
        assert sorted(begun.items.values_list("need", flat=True)) == ["新年送学", "送药上门"]
        assert actions.changed_since_approval(begun) == []


def test_a_draft_follows_what_is_decided_in_the_plan_in_force_until_it_is_submitted(client, plan, worker):
    with system_scope("test") as scope:
        ServicePlan.objects.update(class_decided=False)
        draft = ServicePlan.objects.get(pk=open_plans(scope=scope, year=TODAY.year + 1, by=worker, today=TODAY).plan_ids[0])
    with pytest.raises(Refused, match="类别还没有确定"):
        submit(draft, worker)
    client.force_login(worker)
    assert "到时转入的：送药上门" in client.get(reverse("care:plan", args=[draft.pk])).content.decode()
    with system_scope("test"):
        ServicePlan.objects.filter(pk=plan.pk).update(class_decided=True, attention_class="key", wishes="下午来")
    assert submit(draft, worker).submitted == 1
    assert (waiting().content["class"], waiting().content["wishes"]) == ("重点关注", "下午来")


def test_from_the_page(client, plan, worker, head):
    client.force_login(worker)
    plans = reverse("care:plan", args=[plan.pk])
    assert "还没有送审" in client.get(plans).content.decode()
    assert "已送审 1 份方案" in client.post(reverse("care:plan_submit"), {"plan": plan.pk, "single": 1}, follow=True).content.decode()
    assert client.post(reverse("care:editions_approve"), {}).status_code == 403
    client.force_login(head)
    assert plan.cadre.name in client.get(reverse("care:editions")).content.decode()
    one = waiting()
    address = reverse("care:edition", args=[one.pk])
    assert "送药上门" in client.get(address).content.decode()
    decide_url = reverse("care:edition_decide", args=[one.pk])
    assert client.post(decide_url, {"decision": "return", "version": 1, "note": ""}).status_code == 422
    assert client.post(decide_url, {"decision": "approve", "version": 9, "note": ""}).status_code == 409
    assert "已批准 1 份" in client.post(reverse("care:editions_approve"), {"edition": one.pk}, follow=True).content.decode()
    assert "第 1 版" in client.get(plans).content.decode()
    assert plan.cadre.name not in client.get(reverse("care:plans"), {"look": "unapproved"}).content.decode()
