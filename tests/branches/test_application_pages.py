"""示范党支部 by hand: from the first draft to the name, each by whoever does it; the public page; standards; coverage."""

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from docx import Document

from apps.accounts.permissions import Role
from apps.branches.actions.activities import log_activity
from apps.branches.actions.committees import Holder, save_committee
from apps.branches.models import Application, Objection, PartyMember, Standard
from apps.core.scope import system_scope
from apps.files.models import StoredFile
from tests.branches.test_activities import VALUES


@pytest.fixture
def branch(set_up, comrade, officer):
    today = timezone.localdate()
    found = set_up(members=[comrade(f"党员{n}") for n in range(4)])
    with system_scope("test"):
        first = PartyMember.objects.filter(branch=found).order_by("pk").first()
        term = {"starts_on": today - timedelta(days=300), "today": today}
        save_committee(branch=found, holders=[Holder("secretary", first.cadre_id)], by=officer, **term)
        log_activity(branch=found, once=uuid.uuid4(), by=officer, today=today, **VALUES | {"held_on": today - timedelta(days=2)})
    return found


@pytest.fixture
def signed(client, person):
    users = {
        "secretary": person("浔阳区教育局", Role.BRANCH_SECRETARY, username="secretary"), "county": person("浔阳区", Role.COUNTY_OFFICER, username="inspector"),
        "leader": person("浔阳区", Role.LEADER, username="leader"), "admin": person("浔阳区", Role.DATA_ADMIN, username="admin"),
    }  # fmt: skip

    def sign(name):
        client.force_login(users[name])
        return client

    return sign


def case() -> Application:
    with system_scope("test"):
        return Application.objects.select_related("standard").get()


def step(client, key, **given):
    found = case()
    answer = client.post(reverse("branches:application_step", args=[found.pk, key]), {"version": found.version} | given, follow=True)
    return answer.content.decode()


def test_from_the_first_draft_to_the_name(signed, branch, client):
    secretary = signed("secretary")
    assert "申报示范党支部" in secretary.get(reverse("branches:branch", args=[branch.pk])).content.decode()
    begun = secretary.post(reverse("branches:application_add", args=[branch.pk]), follow=True).content.decode()
    assert "任期未满，建议 4 分" in begun
    found = case()
    items = list(found.standard.items.all())
    form = {"version": found.version, "story": "送学上门，三年不断。", "bonus": "0"}
    form |= {f"self_{item.pk}": f"{item.points}" for item in items}
    wrong = secretary.post(reverse("branches:application_edit", args=[found.pk]), form | {f"self_{items[0].pk}": "99"})
    assert wrong.status_code == 422
    assert "在 0 到" in wrong.content.decode()
    pdf = SimpleUploadedFile("批复.pdf", b"%PDF-1.4 x", content_type="application/pdf")
    saved = secretary.post(reverse("branches:application_edit", args=[found.pk]), form | {f"papers_{items[0].pk}": pdf}, follow=True).content.decode()
    assert "自评 100.0 分" in saved
    assert "01 批复.pdf" in saved
    assert "已提交" in step(secretary, "submit")
    assert secretary.get(reverse("branches:application_score", args=[found.pk])).status_code == 403
    county = signed("county")
    comments = {"version": case().version} | {f"comment_{item.pk}": "" for item in items} | {f"comment_{items[3].pk}": "拨款单不清楚"}
    county.post(reverse("branches:application_comment", args=[found.pk]), comments)
    assert "已退回" in step(county, "return", note="补拨款单")
    secretary = signed("secretary")
    assert "拨款单不清楚" in secretary.get(reverse("branches:application_edit", args=[found.pk])).content.decode()
    step(secretary, "submit")
    county = signed("county")
    assert "初审已通过" in step(county, "review")
    scores = {"version": case().version, "team": "张三、李四"} | {f"team_{item.pk}": f"{item.points}" for item in items}
    short = county.post(reverse("branches:application_score", args=[found.pk]), scores | {f"team_{items[1].pk}": "1"})
    assert "扣了分，请写原因" in short.content.decode()
    county.post(reverse("branches:application_score", args=[found.pk]), scores | {f"team_{items[1].pk}": "3", f"why_{items[1].pk}": "没有设备"})
    assert "核查结果已登记" in step(county, "score")
    assert step(county, "propose").count("您现在的角色不能拟命名") == 1
    leader = signed("leader")
    assert "已拟命名" in step(leader, "propose")
    county = signed("county")
    assert "公示已开始" in step(county, "publish")
    found = case()
    client.logout()
    address = reverse("public_name", args=[found.public_key])
    assert branch.name in client.get(address).content.decode()
    assert client.post(address, {"text": ""}).status_code == 422
    assert "意见已收到" in client.post(address, {"text": "台账后补", "contact": "老李"}).content.decode()
    assert client.get(reverse("public_name", args=[uuid.uuid4()])).status_code == 404
    county = signed("county")
    page = county.get(reverse("branches:application", args=[found.pk])).content.decode()
    assert "台账后补" in page
    with system_scope("test"):
        objection = Objection.objects.get()
        stored = StoredFile.objects.get()
    county.post(reverse("branches:objection_answer", args=[found.pk, objection.pk]), {"answer": "已核实，不属实"})
    with system_scope("test"):
        Application.objects.update(public_from=timezone.localdate() - timedelta(days=9), public_to=timezone.localdate() - timedelta(days=1))
    assert "公示已经结束" in client.get(address).content.decode()
    leader = signed("leader")
    assert "已命名，列入名册" in step(leader, "name", document_no="浔老干〔2026〕9号", plaque_no="001")
    assert branch.name in leader.get(reverse("branches:applications") + "?look=named&q=教育").content.decode()
    assert "覆盖" in leader.get(reverse("branches:coverage")).content.decode()
    paper = leader.get(reverse("branches:application_docx", args=[found.pk]))
    text = "\n".join(one.text for one in Document(BytesIO(b"".join(paper.streaming_content))).paragraphs)
    assert "送学上门，三年不断。" in text
    assert "核查合计98分" in text
    assert b"".join(leader.get(reverse("files:download", args=[stored.key])).streaming_content)
    secretary = signed("secretary")
    assert "老李" not in secretary.get(reverse("branches:application", args=[found.pk])).content.decode(), "who objected is for those who inspect"


def test_buttons_pressed_at_the_wrong_time_say_why(signed, branch):
    secretary = signed("secretary")
    add = reverse("branches:application_add", args=[branch.pk])
    secretary.post(add)
    assert "已有一份申报" in secretary.post(add, follow=True).content.decode()
    found = case()
    assert "还有" in step(secretary, "submit")
    assert secretary.get(reverse("branches:application_step", args=[found.pk, "nonsense"])).status_code == 404
    county = signed("county")
    assert "不能核查打分完成" in county.get(reverse("branches:application_score", args=[found.pk]), follow=True).content.decode()
    assert "不能初审通过" in county.get(reverse("branches:application_step", args=[found.pk, "review"]), follow=True).content.decode()


def test_the_administrator_revises_the_standard(signed):
    admin = signed("admin")
    old = Standard.objects.get()
    assert "合计" in admin.get(reverse("branches:standard", args=[old.pk])).content.decode()
    assert "不能直接改" in admin.get(reverse("branches:standard_edit", args=[old.pk]), follow=True).content.decode()
    admin.post(reverse("branches:standard_act", args=[old.pk, "revise"]))
    assert "已经有一份修订中" in admin.post(reverse("branches:standard_act", args=[old.pk, "revise"]), follow=True).content.decode()
    draft = Standard.objects.get(state="draft")
    words = ("requirement", "deduction", "evidence", "source")
    form = {"version": 1, "basis": "浔老干〔2026〕3号", "pass_score": "85", "publicity_days": "7", "bonus_cap": "5"}
    form |= {"mode": "quota", "bands": "好 90\n一般 60", "vetoes": "台账弄虚作假"}
    for item in draft.items.all():
        form |= {f"points_{item.pk}": f"{item.points}"} | {f"{name}_{item.pk}": getattr(item, name) for name in words}
    first = draft.items.first()
    saved = admin.post(reverse("branches:standard_edit", args=[draft.pk]), form | {f"points_{first.pk}": "6"}, follow=True).content.decode()
    assert "请填每年命名的比例" in saved
    form |= {"quota": "40"}
    assert "看不懂" in admin.post(reverse("branches:standard_edit", args=[draft.pk]), form | {"bands": "好九十"}).content.decode()
    saved = admin.post(reverse("branches:standard_edit", args=[draft.pk]), form | {f"points_{first.pk}": "6"}, follow=True).content.decode()
    assert "合计 101" in saved
    assert "每年不超过 40 %" in saved
    assert "一般" in saved
    assert "应为 100" in admin.post(reverse("branches:standard_act", args=[draft.pk, "in-force"]), follow=True).content.decode()
    last, n = draft.items.last(), draft.items.count()
    new = {"group_new0": first.group, "name_new0": "有特色", "points_new0": f"{last.points}", "requirement_new0": "有一项可推广的做法"}
    missing = admin.post(reverse("branches:standard_edit", args=[draft.pk]), form | new | {"version": 2, "requirement_new0": ""})
    assert "请写要求" in missing.content.decode()
    admin.post(reverse("branches:standard_edit", args=[draft.pk]), form | new | {"version": 2, f"remove_{last.pk}": "on"})
    items = list(draft.items.all())
    assert [item.order for item in items] == list(range(1, n + 1))
    assert not draft.items.filter(pk=last.pk).exists()
    added = next(item for item in items if item.name == "有特色")
    assert items[added.order - 2].group == first.group
    assert items[added.order].group != first.group
    assert "已启用" in admin.post(reverse("branches:standard_act", args=[draft.pk, "in-force"]), follow=True).content.decode()
    assert "现行" in admin.get(reverse("branches:standards")).content.decode()
    county = signed("county")
    assert county.post(reverse("branches:standard_act", args=[old.pk, "revise"])).status_code == 403
