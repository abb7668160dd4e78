"""What the scripts of the shell promise, in Debian's Chromium: nothing typed is lost, nothing is sent twice, every key works."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.core import shell_pages

AXE = Path(__file__).resolve().parents[1] / "vendor/axe"
PASSWORD = "Demo-12345"
pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.core.shell_pages")]


@pytest.fixture
def page(browser):
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(page, live_server, person):
    """A signed-in worker at a desk; complaints of the content security policy fail the test."""
    shell_pages.RECEIVED.clear()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(15000)
    sign_in(page, live_server.url, person().username)
    yield page
    assert not complaints


def sign_in(page, base, username):
    page.goto(f"{base}/login/?next=/try/done/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/try/done/")


def axe_findings(page):
    page.evaluate((AXE / "axe.min.js").read_text())
    page.evaluate(f"axe.configure({{locale: {(AXE / 'zh_CN.json').read_text()}}})")
    found = page.evaluate("axe.run(document)")
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]


def test_typed_text_comes_back_after_closing_the_page(desk, live_server):
    desk.goto(f"{live_server.url}/try/plain/")
    desk.get_by_label("情况").fill("精神尚可")
    desk.get_by_label("电话").check()
    desk.get_by_label("口令").fill("secret-1")
    expect(desk.get_by_text("已存草稿")).to_be_visible()
    desk.goto(f"{live_server.url}/try/plain/")
    expect(desk.get_by_text("已恢复未提交的内容")).to_be_visible()
    expect(desk.get_by_label("情况")).to_have_value("精神尚可")
    expect(desk.get_by_label("电话")).to_be_checked()
    expect(desk.get_by_label("口令")).to_have_value("")
    assert "secret-1" not in desk.evaluate("JSON.stringify(localStorage)")
    desk.get_by_role("button", name="丢弃").click()
    expect(desk.get_by_label("情况")).to_have_value("")
    desk.reload()
    expect(desk.get_by_text("已恢复未提交的内容")).to_have_count(0)


def test_a_saved_form_leaves_no_draft_and_two_presses_send_once(desk, live_server):
    desk.goto(f"{live_server.url}/try/plain/")
    desk.get_by_label("情况").fill("精神尚可")
    desk.get_by_role("button", name="保存").dblclick()
    desk.wait_for_selector("#done")
    expect(desk.get_by_text("已记下。")).to_be_visible()
    assert len(shell_pages.RECEIVED) == 1
    desk.goto(f"{live_server.url}/try/plain/")
    expect(desk.get_by_label("情况")).to_have_value("")


def test_a_refused_form_shows_its_errors_and_keeps_the_draft(desk, live_server):
    desk.goto(f"{live_server.url}/try/offline/")
    desk.get_by_label("情况").fill("   ")
    desk.get_by_role("button", name="保存").click()
    expect(desk.locator(".summary")).to_be_focused()
    desk.locator(".summary a").click()
    expect(desk.get_by_label("情况")).to_be_focused()
    desk.get_by_label("情况").fill("精神尚可")
    desk.get_by_role("button", name="保存").click()
    desk.wait_for_selector("#done")
    expect(desk.get_by_text("已记下。")).to_be_visible()
    assert len(shell_pages.RECEIVED) == 1


def test_a_lost_line_loses_nothing_and_sends_once(desk, live_server):
    desk.goto(f"{live_server.url}/try/offline/")
    desk.get_by_label("情况").fill("院里没有信号")
    desk.context.set_offline(True)
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_text("已保存在本机，网络恢复后自动提交", exact=True)).to_be_visible()
    expect(desk.locator("#outbox-bar")).to_contain_text("有 1 条记录保存在本机")
    assert not shell_pages.RECEIVED
    desk.context.set_offline(False)
    expect(desk.get_by_text("已补交：记走访。")).to_be_visible()
    expect(desk.locator("#outbox-bar")).to_have_count(0)
    desk.goto(f"{live_server.url}/try/done/")
    expect(desk.locator("#done")).to_have_text("共 1 条")
    assert shell_pages.RECEIVED[0]["said"] == "院里没有信号"


def test_what_waits_is_sent_from_the_next_page_too(desk, live_server):
    desk.goto(f"{live_server.url}/try/offline/")
    desk.get_by_label("情况").fill("关了页面再打开")
    desk.route("**/try/offline/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    desk.get_by_role("button", name="保存").click()
    expect(desk.locator("#outbox-bar")).to_be_visible()
    desk.unroute_all()
    desk.goto(f"{live_server.url}/try/done/")
    expect(desk.get_by_text("已补交：记走访。")).to_be_visible()
    assert [one["said"] for one in shell_pages.RECEIVED] == ["关了页面再打开"]


def test_what_is_refused_later_goes_back_into_the_form(desk, live_server):
    desk.goto(f"{live_server.url}/try/offline/")
    desk.get_by_label("情况").fill("   ")
    desk.context.set_offline(True)
    desk.get_by_role("button", name="保存").click()
    expect(desk.locator("#outbox-bar")).to_be_visible()
    desk.context.set_offline(False)
    desk.get_by_role("link", name="打开修改").click()
    expect(desk.get_by_text("已恢复未提交的内容")).to_be_visible()
    expect(desk.get_by_label("上门")).to_be_checked()
    assert not shell_pages.RECEIVED


def test_the_session_warns_and_goes_on_at_a_press(desk, live_server):
    desk.clock.install()
    desk.goto(f"{live_server.url}/try/plain/")
    desk.clock.fast_forward("28:30")
    expect(desk.get_by_text("登录即将到期")).to_be_visible()
    with desk.expect_response("**/keepalive/") as answer:
        desk.get_by_role("button", name="继续工作").click()
    assert answer.value.status == 204
    expect(desk.get_by_text("登录即将到期")).to_be_hidden()


def test_an_expired_session_keeps_the_form_and_takes_up_the_new_login(desk, live_server, person):
    desk.goto(f"{live_server.url}/try/offline/")
    username = desk.evaluate("document.body.dataset.user")
    desk.get_by_label("情况").fill("写到一半")
    cookies = desk.context.cookies()
    desk.context.clear_cookies(name="sessionid")
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_text("登录已到期", exact=True)).to_be_visible()
    desk.get_by_role("button", name="我已登录，继续").click()
    expect(desk.get_by_text("还没有登录成功")).to_be_visible()
    other = desk.context.new_page()
    from apps.accounts.models import User

    sign_in(other, live_server.url, User.objects.get(pk=username).username)
    assert {one["value"] for one in desk.context.cookies() if one["name"] == "csrftoken"} != {one["value"] for one in cookies if one["name"] == "csrftoken"}
    desk.get_by_role("button", name="我已登录，继续").click()
    expect(desk.get_by_text("登录已到期", exact=True)).to_be_hidden()
    expect(desk.get_by_label("情况")).to_have_value("写到一半")
    desk.get_by_role("button", name="保存").click()
    desk.wait_for_selector("#done")
    assert {one["said"] for one in shell_pages.RECEIVED} == {"写到一半"}
    assert len({one["once"] for one in shell_pages.RECEIVED}) == 1  # what waited may be sent by itself and by hand: under one id, which the database keeps once


def test_drafts_of_one_user_are_not_shown_to_the_next_and_go_at_logout(desk, live_server, person):
    desk.goto(f"{live_server.url}/try/plain/")
    desk.get_by_label("情况").fill("别人的草稿")
    expect(desk.get_by_text("已存草稿")).to_be_visible()
    desk.locator(".tools details.menu summary").click()
    desk.get_by_role("button", name="退出").click()
    desk.wait_for_url("**/login/**")
    assert "别人的草稿" not in desk.evaluate("JSON.stringify(localStorage)")


def test_a_fragment_asked_after_the_session_ended_says_so(desk, live_server):
    desk.goto(f"{live_server.url}/try/done/")
    desk.context.clear_cookies(name="sessionid")
    desk.locator("#clash").click()
    expect(desk.get_by_text("登录已到期", exact=True)).to_be_visible()
    expect(desk.get_by_label("密码")).to_have_count(0)


def test_errors_of_htmx_are_sentences(desk, live_server):
    desk.goto(f"{live_server.url}/try/done/")
    desk.locator("#clash").click()
    expect(desk.locator("#toasts")).to_contain_text("刚刚被别人改过")
    desk.locator("#toasts [data-dismiss]").click()
    expect(desk.locator("#toasts .note-box")).to_have_count(0)


def test_keys_reach_search_rows_and_help(desk, live_server):
    desk.goto(f"{live_server.url}/gallery/")
    desk.locator("h1").click()
    desk.keyboard.press("/")
    expect(desk.locator("#find")).to_be_focused()
    desk.keyboard.press("Tab")
    desk.evaluate("document.activeElement.blur()")
    desk.keyboard.press("j")
    expect(desk.get_by_role("link", name="王德福")).to_be_focused()
    desk.keyboard.press("j")
    desk.keyboard.press("k")
    expect(desk.get_by_role("link", name="王德福")).to_be_focused()
    desk.keyboard.press("?")
    expect(desk.locator("#keys-dialog")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("#keys-dialog")).to_be_hidden()


def test_columns_are_chosen_and_remembered(desk, live_server):
    desk.goto(f"{live_server.url}/gallery/")
    desk.locator("[data-columns-for] summary").click()
    desk.get_by_label("上次情况").uncheck()
    expect(desk.get_by_role("columnheader", name="上次情况")).to_be_hidden()
    desk.reload()
    expect(desk.get_by_role("columnheader", name="上次情况")).to_be_hidden()
    expect(desk.get_by_role("columnheader", name="人员")).to_be_visible()
    expect(desk.locator("tr.group td").first).to_be_visible()


def test_a_chart_turns_into_its_table(desk, live_server):
    desk.goto(f"{live_server.url}/gallery/")
    expect(desk.locator("#bars canvas")).to_be_visible()
    expect(desk.locator("#bars-table")).to_be_hidden()
    desk.locator("figure[data-chart=bars] [data-chart-toggle]").click()
    expect(desk.locator("#bars-table").get_by_role("link", name="148", exact=True)).to_be_visible()
    expect(desk.locator("#bars")).to_be_hidden()


def test_a_question_is_asked_before_what_cannot_be_undone(desk, live_server):
    sent = []
    desk.goto(f"{live_server.url}/gallery/")
    desk.wait_for_load_state("networkidle")  # the key to unsent forms is fetched by a POST of its own
    desk.on("request", lambda request: sent.append(request.method))
    desk.locator("[data-dialog=sample-dialog]").click()
    desk.locator("#sample-dialog .btn.go").click()
    expect(desk.get_by_text("调出后，本单位不再看到这个人。")).to_be_visible()
    desk.locator("#confirm-dialog [data-close]").click()
    assert "POST" not in sent
    desk.locator("#sample-dialog .btn.go").click()
    with desk.expect_request(lambda request: request.method == "POST"):
        desk.locator("#confirm-ok").click()


@pytest.mark.parametrize("width", [1440, 375])
@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
def test_gallery_is_accessible_and_fits(desk, live_server, width, elder):
    if elder:
        desk.locator(".tools form button").first.click()
        expect(desk.locator("body.elder")).to_be_visible()
    desk.set_viewport_size({"width": width, "height": 900})
    desk.goto(f"{live_server.url}/gallery/")
    expect(desk.locator("#bars canvas")).to_be_visible()
    assert desk.evaluate("document.documentElement.scrollWidth") <= width
    quiet = desk.context.new_page()
    quiet.set_viewport_size({"width": width, "height": 900})
    quiet.goto(f"{live_server.url}/gallery/")
    expect(quiet.locator("#bars canvas")).to_be_visible()
    assert axe_findings(quiet) == []


def test_the_menu_of_a_phone_works_without_scripts(browser, live_server, person):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 800})
    phone = context.new_page()
    sign_in(phone, live_server.url, person().username)
    phone.goto(f"{live_server.url}/try/done/")
    expect(phone.locator("nav.side")).to_be_hidden()
    phone.get_by_role("link", name="菜单", exact=True).click()
    expect(phone.locator("nav.side")).to_be_visible()
    phone.get_by_role("link", name=re.compile("关闭菜单")).click()
    expect(phone.locator("nav.side")).to_be_hidden()
    context.close()
