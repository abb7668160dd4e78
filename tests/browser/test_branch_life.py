"""One branch through a whole life, each step by whoever takes it: activities on a phone, the quarter's sheet, application, return, inspection, mending, 公示 with an
objection from anybody, the name, a look back, a yellow card, the removal, and the door that stays shut for a year."""

import re

import pytest

from tests.browser.conftest import manage

PROOF = {"name": "记录.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 proof"}
PUBLICITY_OVER = """
from datetime import timedelta
from django.utils import timezone
from apps.branches.models import Application
from apps.core.scope import system_scope
with system_scope("browser test"):
    day = timezone.localdate()
    assert Application.objects.filter(state="public").update(public_from=day - timedelta(days=9), public_to=day - timedelta(days=1)) == 1
"""


@pytest.fixture
def branch(visitor):
    """The second branch of the secretary's unit: it has members and a committee, and has logged nothing."""
    desk = visitor("demo_secretary")
    desk.go("/branches/?q=第二党支部")
    desk.page.get_by_role("link", name="教育体育局离退休干部第二党支部").click()
    desk.page.wait_for_url(re.compile(r"/branches/\d+/$"))
    return int(desk.page.url.rstrip("/").rsplit("/", 1)[1])


def save(who, sentence: str, button: str = "保存") -> None:
    who.page.locator("main form").get_by_role("button", name=button, exact=True).last.click()
    who.page.get_by_text(sentence).first.wait_for()


def act(who, address: str, link: str, sentence: str, **fields: str) -> None:
    """One step of a case: its button on the page, what it asks for, the sentence afterwards."""
    who.go(address)
    who.page.get_by_role("link", name=link, exact=True).click()
    who.page.wait_for_url(lambda url: not url.endswith(address))
    for name, value in fields.items():
        who.page.fill(f"[name={name}]", value)
    save(who, sentence, link)


def fill_points(who, prefix: str) -> None:
    """Every item gets all its points."""
    for box in who.page.locator(f"[name^={prefix}_]").all():
        box.fill(box.get_attribute("max"))


def test_from_the_daily_records_to_the_name_and_its_loss(branch, visitor, portal, artifacts):
    phone = visitor("demo_secretary", size="phone")
    phone.go(f"/branches/{branch}/life/")
    phone.page.get_by_role("link", name="主题党日").first.click()
    phone.page.get_by_role("button", name="全部到会").click()
    phone.page.fill("[name=title]", "学习全会精神（演示）")
    assert not phone.axe()
    assert phone.overflow() <= 1
    save(phone, "已登记：主题党日，实到 7 人")
    phone.picture(artifacts / "pages" / "activity-phone.png")

    desk, county, leader = visitor("demo_secretary"), visitor("demo_county"), visitor("demo_leader")
    desk.go(f"/branches/{branch}/life/")
    desk.page.get_by_role("link", name=re.compile("季度统计表")).click()
    sheet = desk.page.url.removeprefix(desk.base_url)
    desk.page.get_by_role("link", name="核对填报").click()
    for name in ("advice", "visits", "news"):
        desk.page.fill(f"[name={name}]", "2")
    save(desk, "已保存，核对后报送")
    act(desk, sheet, "报送", "已报送，等审核")
    act(county, sheet, "接受", "已接受，计入汇总")

    desk.go(f"/branches/{branch}/")
    desk.page.get_by_role("button", name="申报示范党支部").click()
    desk.page.get_by_text("已按记录填好能算的项目").wait_for()
    assert not desk.axe()
    fill_points(desk, "self")
    desk.page.fill("[name=story]", "送学上门，三年不断。（演示）")
    save(desk, "已保存，自评 100.0 分")
    case = desk.page.url.removeprefix(desk.base_url)
    act(desk, case, "提交申报", "已提交，等初审")

    county.go(case)
    county.page.get_by_role("link", name="逐项写意见").click()
    county.page.locator("[name^=comment_]").first.fill("批复没有附")
    save(county, "意见已写在各项上", "保存意见")
    act(county, case, "退回补正", "已退回", note="补批复")
    desk.go(case)
    desk.page.get_by_text("批复没有附").wait_for()
    act(desk, case, "提交申报", "已提交，等初审")
    act(county, case, "初审通过", "初审已通过")

    inspector = visitor("demo_county", size="phone")
    inspector.go(case)
    inspector.page.get_by_role("link", name="核查打分", exact=True).click()
    inspector.page.fill("[name=team]", "张检查、李督查（演示）")
    fill_points(inspector, "team")
    assert not inspector.axe()
    assert inspector.overflow() <= 1
    save(inspector, "全部打完后按")
    act(county, case, "核查打分完成", "核查结果已登记")
    act(county, case, "限期整改", "已开出整改", note="党小组会没有记录")
    _mend(desk, county, branch)
    act(county, case, "整改到位，重新核查", "请重新核查打分")
    act(county, case, "核查打分完成", "核查结果已登记")
    act(leader, case, "拟命名", "已拟命名")
    act(county, case, "开始公示", "公示已开始")

    address = county.page.get_by_role("link", name="打开", exact=True).get_attribute("href")
    anybody = visitor(size="phone")
    anybody.page.goto(address)
    assert not anybody.axe()
    anybody.page.fill("[name=text]", "台账是后补的。（演示）")
    save(anybody, "意见已收到", "提交意见")
    county.go(case)
    county.page.get_by_role("link", name="核实", exact=True).click()
    county.page.fill("[name=answer]", "查阅原件，不属实。（演示）")
    save(county, "核实情况已登记", "登记")
    manage(portal.env, "shell", "-c", PUBLICITY_OVER)
    act(leader, case, "命名授牌", "已命名，列入名册", document_no="浔老干〔演示〕10号")
    act(county, case, "回头看通过", "已登记回头看")
    act(county, case, "黄牌整改", "已亮黄牌", note="半年没有活动")
    act(leader, case, "摘牌", "已摘牌", note="整改不到位")
    desk.go(f"/branches/{branch}/")
    desk.page.get_by_role("button", name="申报示范党支部").click()
    desk.page.get_by_text("起可以再申报").wait_for()
    assert not [line for one in (phone, desk, county, leader, inspector, anybody) for line in one.complaints]


def _mend(desk, county, branch: int) -> None:
    """The branch reports what it mended, with a proof; the county closes."""
    desk.go(f"/branches/rectifications/?branch={branch}")
    desk.page.locator("main a.who").first.click()
    desk.page.wait_for_url(re.compile(r"/rectifications/\d+/$"))
    problem = desk.page.url.removeprefix(desk.base_url)
    desk.page.get_by_role("link", name="报送整改结果").click()
    desk.page.fill("[name=result]", "已补开并记录。（演示）")
    desk.page.locator("[name=proofs]").set_input_files([PROOF])
    save(desk, "已报送，等检查的人销号", "报送整改结果")
    act(county, problem, "销号", "已销号")
