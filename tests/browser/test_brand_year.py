"""一县一品 through a year by five logins: a report begun on a phone and finished after the browser was closed, returned and accepted, the showing before judges one of
whom is barred, the vote, the name, the list, a neighbour who learns, the re-evaluation and the loss of the name."""

import re

import pytest

from tests.browser.conftest import manage
from tests.browser.test_branch_life import act, save

TWO_MORE_REPORTS = """
from datetime import timedelta
from django.utils import timezone
from apps.brands.models import Brand, QuarterReport
from apps.core.calendar import quarter_of
from apps.core.scope import system_scope
with system_scope("browser test"):
    brand = Brand.objects.get(name="银龄先锋站")
    early = quarter_of(timezone.localdate()).previous.previous.previous
    first = QuarterReport.objects.filter(brand=brand, state="accepted").order_by("year", "quarter").first()
    first.pk, first.year, first.quarter = None, early.year, early.q
    first._state.adding = True
    first.save()
    QuarterReport.objects.filter(brand=brand).update(late=False)
"""
PUBLICITY_OVER = """
from datetime import timedelta
from django.utils import timezone
from apps.brands.models import Brand
from apps.core.scope import system_scope
with system_scope("browser test"):
    day = timezone.localdate()
    assert Brand.objects.filter(name="银龄先锋站", state="public").update(public_from=day - timedelta(days=9), public_to=day - timedelta(days=1)) == 1
"""


@pytest.fixture
def brand(visitor):
    """The key of 浔阳区's brand of the demo."""
    desk = visitor("demo_county")
    desk.go("/brands/?q=银龄先锋站")
    desk.page.get_by_role("link", name="银龄先锋站").first.click()
    desk.page.wait_for_url(re.compile(r"/brands/\d+/$"))
    return int(desk.page.url.rstrip("/").rsplit("/", 1)[1])


def fill_report(who) -> None:
    for name, value in {"activities": "12", "participants": "260", "beneficiaries": "90"}.items():
        who.page.fill(f"[name={name}]", value)
    for box in who.page.locator("[name^=goal_]").all():
        box.fill("30")
    who.page.fill("[name=next_step]", "推到第二个街道。（演示）")


def score(judge, brand: str, part: str, tablet: bool = False) -> None:
    """One sheet with all its points."""
    row = judge.page.locator("ul.rows li").filter(has_text=brand)
    row.get_by_role("link", name=re.compile(part)).click()
    judge.page.get_by_role("button", name="提交").wait_for()
    for box in judge.page.locator(".points input").all():
        box.fill(box.get_attribute("max"))
    if tablet:
        assert not judge.axe()
        assert judge.overflow() <= 1
    judge.page.get_by_role("button", name="提交", exact=True).click()
    judge.page.get_by_role("dialog").get_by_role("button", name="提交", exact=True).click()
    judge.page.get_by_text("已提交。").first.wait_for()


def test_a_brand_through_a_year(brand, visitor, portal, artifacts):
    here = f"/brands/{brand}/"
    phone = visitor("demo_county", size="phone")
    phone.go("/brands/reports/?state=missing")
    phone.page.get_by_role("link", name="银龄先锋站").click()
    phone.page.get_by_role("link", name="填写").first.click()
    phone.page.wait_for_url("**/edit/")
    report = phone.page.url.removeprefix(phone.base_url).removesuffix("edit/")
    phone.page.fill("[name=done]", "第三季度办了十二场，来的人多了。（演示）")
    phone.page.get_by_text(re.compile("草稿|已存")).first.wait_for()
    assert not phone.axe()
    assert phone.overflow() <= 1
    phone.picture(artifacts / "pages" / "brand-report-phone.png")
    phone.page.goto("about:blank")
    phone.go(report + "edit/")
    phone.page.get_by_text("已恢复未提交的内容").wait_for()
    assert phone.page.input_value("[name=done]") == "第三季度办了十二场，来的人多了。（演示）"
    fill_report(phone)
    save(phone, "已保存，还没有报送")

    county, city, leader, other = (visitor(name) for name in ("demo_county", "demo_city", "demo_leader", "demo_neighbour"))
    act(county, report, "报送", "已报送，等审阅")
    city.go(report + "review/")
    city.page.fill("[name=comment_done]", "满意率怎么问的？")
    city.page.fill("[name=note]", "请补充。")
    assert not city.axe()
    city.page.get_by_role("button", name="退回", exact=True).click()
    city.page.get_by_text("已退回").first.wait_for()
    county.go(report + "edit/")
    county.page.get_by_text("上级意见：满意率怎么问的？").wait_for()
    county.page.fill("[name=done]", "第三季度办了十二场，问卷九十份。（演示）")
    save(county, "已保存，还没有报送")
    act(county, report, "报送", "已报送，等审阅")
    city.go(report + "review/")
    city.page.get_by_text("好", exact=True).click()
    city.page.get_by_role("button", name="接受", exact=True).click()
    city.page.get_by_text("已接受，列入汇编").first.wait_for()
    city.go("/brands/reports/?state=accepted")
    with city.page.expect_download() as download:
        city.page.get_by_role("button", name="汇编（Word）").click()
    assert download.value.suggested_filename.endswith("进展汇编.docx")
    download.value.save_as(artifacts / "汇编.docx")

    county.go(here + "steps/ask/")
    county.page.get_by_text("满 3 份才能申请评审").first.wait_for()
    manage(portal.env, "shell", "-v0", "-c", TWO_MORE_REPORTS)
    act(county, here, "申请评审", "已申请评审")
    act(city, here, "初评通过", "初评已通过")

    city.go("/brands/rounds/add/")
    city.page.get_by_label(re.compile("银龄先锋站")).check()
    for name in ("演示·市级干事", "演示·领导", "演示·邻县干事", "演示·县区干事（浔阳区）"):
        city.page.get_by_label(re.compile(re.escape(name))).first.check()
    assert not city.axe()
    save(city, "已开始，评委收到消息", "开始")
    rounded = city.page.url.removeprefix(city.base_url)
    judging = rounded.replace("/rounds/", "/judging/")
    county.go(judging)
    county.page.get_by_text("回避").wait_for()
    city.page.get_by_role("button", name="开始计时").click()
    city.page.locator("[data-timer]").filter(has_text="还有").wait_for()
    city.page.get_by_role("button", name="结束", exact=True).click()
    city.page.get_by_text("展示结束").first.wait_for()
    for n, judge in enumerate((city, leader, other)):
        for part in ("材料评审", "现场展示"):
            judge.go(judging)
            score(judge, "银龄先锋站", part, tablet=n == 1)
    city.go(rounded)
    city.page.fill("[name=others]", "1")
    city.page.get_by_role("button", name="发号码").click()
    city.page.locator(".slip-code").first.wait_for()
    code = re.sub(r"\D", "", city.page.locator(".slip-code").first.inner_text())
    voter = visitor(size="phone")
    voter.go(f"/brand-vote/#{code}")
    voter.page.get_by_label(re.compile("银龄先锋站")).wait_for()
    assert not voter.axe()
    assert voter.overflow() <= 1
    voter.page.get_by_label(re.compile("银龄先锋站")).check()
    voter.page.get_by_role("button", name="提交").tap()
    voter.page.get_by_text("您的票已收到").wait_for()
    city.go(rounded)
    city.page.get_by_role("button", name="出结果").click()
    city.page.get_by_role("dialog").get_by_role("button", name="出结果", exact=True).click()
    city.page.get_by_text("已出结果").first.wait_for()
    city.page.get_by_role("cell", name="100", exact=True).first.wait_for()
    city.picture(artifacts / "pages" / "brand-round.png")
    with city.page.expect_download() as download:
        city.page.get_by_role("link", name="汇总表（Word）").click()
    download.value.save_as(artifacts / "展评汇总表.docx")

    act(leader, here, "拟命名", "已拟命名")
    act(city, here, "开始公示", "公示已开始")
    manage(portal.env, "shell", "-v0", "-c", PUBLICITY_OVER)
    leader.go(here)
    leader.page.get_by_role("link", name="命名", exact=True).click()
    leader.page.get_by_text("示范品牌", exact=True).click()
    leader.page.fill("[name=document_no]", "九老干〔2026〕8 号（演示）")
    save(leader, "已命名", "命名")
    act(city, here, "进入推广", "已进入推广")
    city.go(here + "show/")
    assert not city.axe()
    city.picture(artifacts / "pages" / "brand-show.png")

    city.go("/brands/practices/lists/add/")
    city.page.fill("[name=title]", "第一批经验做法（演示）")
    save(city, "已新建，接着写做法", "新建")
    listed = city.page.url.removeprefix(city.base_url)
    city.go(listed + "add/")
    city.page.select_option("[name=brand]", label="浔阳区 · 银龄先锋站")
    given = {"title": "专长派单", "step1": "登记专长", "step2": "按需派单", "step3": "用人单位评价", "conditions": "一人", "results": "翻一番", "contact": "演示"}
    for name, value in given.items():
        city.page.fill(f"[name={name}]", value)
    save(city, "已保存")
    city.page.get_by_role("button", name="印发").click()
    city.page.get_by_role("dialog").get_by_role("button", name="印发", exact=True).click()
    city.page.get_by_text("已印发，各县区收到消息").wait_for()

    other.go("/brands/practices/?q=专长派单")
    other.page.get_by_role("link", name="专长派单").first.click()
    other.page.fill("[name=text]", "经费怎么解决？")
    other.page.get_by_role("button", name="提问").click()
    other.page.get_by_text("已提问，来源单位收到消息").wait_for()
    practice = other.page.url.removeprefix(other.base_url).split("#")[0]
    county.go(practice)
    county.page.get_by_role("link", name="答复").click()
    county.page.fill("[name=text]", "从活动经费里列支。（演示）")
    save(county, "已答复", "答复")
    other.go(practice)
    other.page.get_by_role("button", name="我们也学").click()
    other.page.get_by_text("请改阶段和责任人").wait_for()
    other.page.fill("[name=why]", "一样的难处。（演示）")
    assert not other.axe()
    save(other, "已保存")
    plan = other.page.url.removeprefix(other.base_url)
    other.go(plan)
    other.page.get_by_role("link", name="完成第 1 阶段").click()
    other.page.fill("[name=text]", "到来源县看了。（演示）")
    save(other, "阶段已完成", "完成")
    other.go(plan + "end/")
    other.page.get_by_text("改造后采用", exact=True).click()
    other.page.fill("[name=outcome]", "在两个社区用上了。（演示）")
    save(other, "结果已登记", "登记")
    city.go("/brands/plans/learned/")
    city.page.get_by_role("row", name=re.compile("濂溪区")).wait_for()
    assert not city.axe()
    city.picture(artifacts / "pages" / "brand-learned.png")

    act(city, here, "复评整改", "已要求整改", note="停了半年")
    act(leader, here, "撤销命名", "命名已撤销", note="整改不到位")
    county.go(here)
    assert "已撤销" in county.page.inner_text("main")
