"""问需敲门 from end to end: a head makes a campaign, writes its questions and starts it; a worker puts them at the door with a phone; progress moves."""

from datetime import date, timedelta

TITLE = "入冬问需敲门"


def make(head) -> str:
    """A draft for people of 80 and more who live alone, with the default questions, started; returns its page."""
    page = head.page
    head.go("/care/campaigns/add/")
    page.fill("[name=title]", TITLE)
    page.locator("label:has([name=occasion][value=daily])").click()
    page.fill("[name=ends_on]", (date.today() + timedelta(days=14)).isoformat())
    page.fill("[name=age]", "80")
    page.locator("label:has([name=living][value=alone])").click()
    page.locator("label:has([name=share][value=chosen])").click()
    page.locator("label:has([name=helpers]):has-text('工作人员（浔阳区）')").click()
    assert head.axe() == []
    page.click("button:has-text('存为草稿，看名单')")
    page.locator("h1", has_text=TITLE).wait_for()
    where = page.url.removeprefix(head.base_url)
    page.click("a:has-text('定问题')")
    page.click("button:has-text('放入这套问题')")
    page.get_by_text("已放入 11 题").wait_for()
    assert head.axe() == []
    head.go(where)
    page.click("button:has-text('启动（')")
    page.locator("dialog[open] button:has-text('启动')").click()
    page.get_by_text("已启动，开出").wait_for()
    return where


def figure(window, label: str) -> int:
    return int(window.page.locator(f".figs > *:has(.label:text-is('{label}')) strong").inner_text().replace(",", ""))


def follow(window, link) -> None:
    """Tap a link and wait for the page it leads to."""
    with window.page.expect_navigation(wait_until="load"):
        link.tap()


def test_from_the_head_to_the_door_and_back(visitor):
    # given a campaign of the county, made and started by its head
    head = visitor("demo_county")
    where = make(head)
    asked, done = figure(head, "应走访"), figure(head, "已走访")
    assert asked > done == 0
    assert head.axe() == []

    # when a worker opens his list on a phone and puts the questions to the first
    worker = visitor("demo_worker", "phone")
    worker.go(where)
    follow(worker, worker.page.locator("a:has-text('我要走访的')"))
    assert worker.overflow() == 0
    name = worker.page.locator("tbody tr a.who").first.inner_text()
    follow(worker, worker.page.locator("a.btn:text-is('问需')").first)
    assert worker.overflow() == 0
    assert worker.axe() == []
    form = worker.page.locator("form.survey")
    form.locator("label:has-text('不太好')").tap()
    form.locator("fieldset:has-text('要不要装一键呼叫') label:has-text('是')").tap()
    form.locator("textarea").last.fill("在家，精神好，屋里暖和。")

    # then what was typed outlives the page
    worker.page.get_by_text("已存草稿").wait_for()
    worker.page.reload()
    worker.page.get_by_text("已恢复未提交的内容").wait_for()
    assert form.locator("label:has-text('不太好') input").is_checked()

    # and one press saves the sheet and the visit, another takes the need on
    form.locator("button:has-text('保存')").tap()
    worker.page.get_by_text("提出了 1 项需求").wait_for()
    assert worker.axe() == []
    assert worker.overflow() == 0
    worker.page.locator("button:has-text('列入一人一策')").tap()
    worker.page.get_by_text("已转办").first.wait_for()
    assert worker.page.locator("button:has-text('列入一人一策')").count() == 0

    # and the head sees it move, down to the name
    head.go(where)
    assert figure(head, "已走访") == 1
    with head.page.expect_navigation():
        head.page.locator(".figs a:has(.label:text-is('已走访'))").click()
    assert head.page.locator("tbody a.who").first.inner_text() == name
    head.go(where + "results/")
    assert figure(head, "已问") == 1
    assert head.axe() == []


def test_results_and_lists_on_a_phone(visitor):
    window = visitor("demo_county", "phone")
    window.go("/care/campaigns/")
    for link in ("a.who:has-text('独居高龄老同志问需敲门')", "a:has-text('看结果')", "tfoot a.late", "tbody a.who"):
        follow(window, window.page.locator(link).first)
        assert window.overflow() == 0
        assert window.axe() == []
    assert window.page.locator("button:has-text('转为待办')").count() > 0


def test_a_lost_line_keeps_the_sheet_and_sends_it_once(visitor):
    phone = visitor("demo_worker", "phone")
    phone.go("/care/campaigns/")
    for link in ("a.who:has-text('独居高龄老同志问需敲门')", ".figs a:has(.label:text-is('还没走访'))", "a.btn:text-is('问需')"):
        follow(phone, phone.page.locator(link).first)
    name = phone.page.locator("h1").inner_text()
    phone.context.set_offline(True)
    phone.page.locator("form.survey label:has-text('一般')").tap()
    phone.page.locator("form.survey button:has-text('保存')").tap()
    phone.page.get_by_text("有 1 条记录保存在本机").wait_for()
    phone.context.set_offline(False)
    phone.page.get_by_text("已补交：问需").wait_for()
    phone.go("/care/campaigns/")
    for link in ("a.who:has-text('独居高龄老同志问需敲门')", "a:has-text('看结果')", ".figs a:has(.label:text-is('已问'))"):
        follow(phone, phone.page.locator(link).first)
    assert phone.page.locator("tbody a.who", has_text=name).count() == 1
