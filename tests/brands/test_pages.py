"""Pages of brands by hand: from an empty list to a named brand's page, each by whoever does it; nonsense in, sentences out."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from apps.accounts.permissions import Role
from apps.brands.models import Brand, GoalFigure, QuarterReport, StudyPlan
from apps.brands.selectors import brands, reports
from apps.core.scope import system_scope
from apps.files.storage import path_of
from tests.brands.conftest import QUARTERS

PLAIN = {
    "name": "银龄先锋站", "line": "role", "meaning": "在身边", "problem": "没岗位", "carrier": "派单", "gn_0": "派单", "gu_0": "次", "gs_0": "0", "gt_0": "40", "mm_0": "2026-03",
    "mt_0": "试点开张",
}  # fmt: skip


def picture() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (40, 40), "red").save(out, "PNG")
    return SimpleUploadedFile("标识.png", out.getvalue(), content_type="image/png")


def only() -> Brand:
    with system_scope("test"):
        return Brand.objects.select_related("logo").get()


def test_an_empty_house(client, county):
    client.force_login(county)
    for name, words in (("list", "还没有品牌"), ("reports", "没有要报进展的品牌"), ("practices", "还没有印发的做法"), ("plans", "还没有学习推广计划"), ("learned", "还没有人学"),
                        ("rounds", "还没有展评"), ("judging", "现在没有请您评审的"), ("effort", "浔阳区</a>")):  # fmt: skip
        assert words in client.get(reverse(f"brands:{name}")).content.decode(), name


def test_written_and_written_again(client, county):
    client.force_login(county)
    add = reverse("brands:brand_add")
    bad = client.post(add, PLAIN | {"gt_0": "", "mm_1": "2026-04", "name": ""})
    page = bad.content.decode()
    assert bad.status_code == 422
    assert "目标要写指标、单位和目标值。" in page
    assert "月份和工作都要写。" in page
    answer = client.post(add, PLAIN | {"logo": picture()}, follow=True)
    assert "已保存" in answer.content.decode()
    brand = only()
    assert brand.logo.name == "标识.jpg"
    with system_scope("test"):
        goal, month = brand.goals.get(), brand.planned.get()
    edit = reverse("brands:brand_edit", args=[brand.pk])
    assert f'value="{goal.pk}"' in client.get(edit).content.decode()
    rows = {"gk_0": goal.pk, "mk_0": month.pk, "gt_0": "60", "gn_1": "满意率", "gu_1": "%", "gs_1": "80", "gt_1": "95", "version": brand.version}
    assert "已保存" in client.post(edit, PLAIN | rows, follow=True).content.decode()
    with system_scope("test"):
        assert [(one.pk == goal.pk, one.target) for one in brand.goals.all()] == [(True, 60), (False, 95)]
    assert client.post(edit, PLAIN | rows).status_code == 409
    assert client.post(edit, PLAIN | {"version": only().version, "logo": SimpleUploadedFile("a.png", b"x")}).status_code == 422


def test_from_a_draft_to_the_report_that_was_returned(client, county, city, approved):
    brand = approved()
    client.force_login(county)
    here = reverse("brands:brand", args=[brand.pk])
    page = client.get(here).content.decode()
    assert "品牌是您申报的" not in page
    assert reverse("brands:brand_edit", args=[brand.pk]) in page
    assert reverse("brands:brand_comment", args=[brand.pk]) not in page
    quarter = QUARTERS[2]
    args = [brand.pk, quarter.year, quarter.q]
    edit, show = reverse("brands:report_edit", args=args), reverse("brands:report", args=args)
    assert "还没有填写" in client.get(show).content.decode()
    with system_scope("test"):
        goal = brand.goals.get()
    written = {"planned": "摸底", "done": "九场", "next_step": "再办", "activities": "9", "participants": "120", "beneficiaries": "60", f"goal_{goal.pk}": "12"}
    assert "还没有报送" in client.post(edit, written, follow=True).content.decode()
    assert client.post(edit, written).status_code == 409  # another tab began it
    assert client.post(edit, written | {"activities": "-1", "version": 2}).status_code == 422
    step = reverse("brands:report_step", args=[*args, "submit"])
    assert "已报送" in client.post(step, {"version": 2}, follow=True).content.decode()
    assert "不能再改" in client.get(edit, follow=True).content.decode()
    review = reverse("brands:report_review", args=args)
    assert "须由别人审阅" in client.get(review, follow=True).content.decode()
    client.force_login(city)
    assert "九场" in client.get(review).content.decode()
    assert client.post(review, {"step": "accept", "version": 3}).status_code == 422
    assert client.post(review, {"step": "return", "version": 3}).status_code == 422
    back = client.post(review, {"step": "return", "note": "请写清", "comment_done": "数字呢", "version": 3}, follow=True).content.decode()
    assert "已退回" in back
    client.force_login(county)
    assert "数字呢" in client.get(edit).content.decode()
    client.post(edit, written | {"done": "九场，一百二十人次", "version": 4})
    client.post(step, {"version": 5})
    client.force_login(city)
    assert "已接受" in client.post(review, {"step": "accept", "mark": "good", "version": 6}, follow=True).content.decode()
    listed = client.get(reverse("brands:reports") + f"?quarter={quarter}&state=accepted").content.decode()
    assert brand.name in listed
    document = client.post(reverse("brands:collection"), {"quarter": str(quarter)})
    assert document.headers["Content-Type"].endswith("wordprocessingml.document")
    assert client.post(reverse("brands:collection"), {"quarter": "x"}).status_code == 404
    for name in ("brand_docx", "brand_show", "brand"):
        assert client.get(reverse(f"brands:{name}", args=[brand.pk])).status_code == 200
    assert client.get(reverse("brands:report_docx", args=args)).status_code == 200
    with system_scope("test"):
        assert GoalFigure.objects.get().now == Decimal(12)
        assert QuarterReport.objects.get().mark == "good"


@pytest.mark.parametrize("query", ["?q=%00", "?org=x&look=y&line=z", "?metric=nonsense", "?metric=brands&period=nonsense", "?page=x", "?org=99999999999"])
def test_nonsense_in_addresses(client, city, query):
    client.force_login(city)
    for name in ("list", "reports", "practices", "plans", "effort", "rounds"):
        assert client.get(reverse(f"brands:{name}") + query).status_code == 200, name


def test_a_step_pressed_late_says_why(client, county, city, write):
    brand = write()
    client.force_login(city)
    answer = client.get(reverse("brands:brand_step", args=[brand.pk, "name"]), follow=True)
    assert answer.status_code == 403
    assert client.get(reverse("brands:brand_step", args=[brand.pk, "nonsense"])).status_code == 404
    client.force_login(county)
    page = client.get(reverse("brands:brand", args=[brand.pk])).content.decode()
    assert "列入立项评审" not in page  # what comes from above isn't offered to the creators
    assert client.post(reverse("brands:brand_step", args=[brand.pk, "apply"]), {"version": brand.version}, follow=True).status_code == 200
    assert only().state == "applied"


def test_a_filter_of_many_places_leaves_the_lowest_out_but_the_one_asked_for(client, city, places, monkeypatch):
    client.force_login(city)
    here = reverse("brands:list")
    asked = f"{here}?org={places['浔阳区'].pk}"
    assert f'<option value="{places["浔阳区"].pk}" selected>浔阳区</option>' in client.get(asked).content.decode()
    monkeypatch.setattr("apps.accounts.forms.MOST_PLACES", 2)
    assert "濂溪区</option>" not in client.get(here).content.decode()
    page = client.get(asked).content.decode()
    assert f'<option value="{places["浔阳区"].pk}" selected>浔阳区</option>' in page
    assert "濂溪区</option>" not in page


def test_learning_by_hand(client, listed, county, neighbour, city):
    practice = listed()
    client.force_login(neighbour)
    here = reverse("brands:practice", args=[practice.pk])
    assert "我们也学" in client.get(here).content.decode()
    assert "已提问" in client.post(reverse("brands:question_add", args=[practice.pk]), {"text": "钱谁出？"}, follow=True).content.decode()
    form = client.post(reverse("brands:practice_adopt", args=[practice.pk]), follow=True)
    assert "请改阶段和责任人" in form.content.decode()
    with system_scope("test"):
        plan = StudyPlan.objects.get()
        rows = list(plan.phases.all())
    given = {f"pt_{n}": one.text for n, one in enumerate(rows)} | {f"pd_{n}": one.due_on for n, one in enumerate(rows)} | {f"pk_{n}": one.pk for n, one in enumerate(rows)}
    edit = reverse("brands:plan_edit", args=[plan.pk])
    assert client.post(edit, given | {"pt_3": "总结", "version": plan.version}).status_code == 422
    saved = client.post(edit, given | {"pt_3": "总结", "pd_3": date(2030, 1, 1), "why": "一样的难处", "version": plan.version}, follow=True)
    assert "已保存" in saved.content.decode()
    assert "阶段已完成" in client.post(reverse("brands:phase_done", args=[plan.pk, rows[0].pk]), {"text": "看过"}, follow=True).content.decode()
    assert "进展已登记" in client.post(reverse("brands:plan_progress", args=[plan.pk]), {"text": "开会"}, follow=True).content.decode()
    assert client.post(reverse("brands:plan_end", args=[plan.pk]), {"state": "dropped", "version": 2}).status_code == 422
    assert "结果已登记" in client.post(reverse("brands:plan_end", args=[plan.pk]), {"state": "adopted", "outcome": "两处", "version": 2}, follow=True).content.decode()
    client.force_login(county)
    page = client.get(here).content.decode()
    assert "我们也学" not in page
    assert "濂溪区" in page
    with system_scope("test"):
        key = practice.questions.get().pk
    assert "已答复" in client.post(reverse("brands:question_answer", args=[practice.pk, key]), {"text": "医保"}, follow=True).content.decode()
    client.force_login(city)
    page = client.get(reverse("brands:learned")).content.decode()
    assert 'title="濂溪区学浔阳区">1</a>' in page
    assert "濂溪区学浔阳区：1 项，已采用 1 项" in page
    assert client.get(reverse("brands:list_docx", args=[practice.listed_id])).status_code == 200


def test_a_file_is_taken_away_while_it_may_be_written(client, county, neighbour, approved, report, step):
    brand = approved()
    client.force_login(county)
    edit = reverse("brands:brand_edit", args=[brand.pk])
    client.post(edit, PLAIN | {"version": only().version, "logo": picture(), "files": [SimpleUploadedFile("制度.pdf", b"%PDF-1.4 x")]})
    with system_scope("test"):
        logo, paper = only().logo, brands.pictures(brand).get(name="制度.pdf")
        path = path_of(paper)
    assert path.exists()
    remove = [reverse("brands:brand_file_remove", args=[brand.pk, one.key]) for one in (logo, paper)]
    client.force_login(neighbour)
    assert client.post(remove[0]).status_code == 404
    client.force_login(county)
    for address in remove:
        assert "文件已删除" in client.post(address, follow=True).content.decode()
    assert only().logo is None
    with system_scope("test"):
        assert not brands.pictures(brand).exists()
    quarter = QUARTERS[2]
    args = [brand.pk, quarter.year, quarter.q]
    client.post(reverse("brands:report_edit", args=args), {"done": "九场", "files": [SimpleUploadedFile("照片.png", picture().read())]})
    with system_scope("test"):
        kept = reports.files(QuarterReport.objects.get()).get()
    address = reverse("brands:report_file_remove", args=[*args, kept.key])
    assert kept.name in client.get(reverse("brands:report", args=args)).content.decode()
    with system_scope("test"):
        QuarterReport.objects.update(state="submitted")
    assert "不能再改" in client.post(address, follow=True).content.decode()
    with system_scope("test"):
        QuarterReport.objects.update(state="draft")
    assert "文件已删除" in client.post(address, follow=True).content.decode()
    assert client.post(address).status_code == 404


def test_publicity_is_read_in_the_whole_city_and_no_further(client, named, neighbour, person):
    brand, today = named(), timezone.localdate()
    with system_scope("test"):
        Brand.objects.filter(pk=brand.pk).update(state="public", public_from=today, public_to=today)
    for who, told in ((neighbour, True), (person("齐齐哈尔市", Role.LEADER), False)):
        client.force_login(who)
        assert ("浔阳区“银龄先锋站”" in client.get(reverse("brands:list")).content.decode()) is told
    with system_scope("test"):
        Brand.objects.filter(pk=brand.pk).update(public_from=today - timedelta(days=9), public_to=today - timedelta(days=1))
    client.force_login(neighbour)
    assert "银龄先锋站" not in client.get(reverse("brands:list")).content.decode()
