"""交接 in two windows: the giver at a desk, the receiver on a phone; the pairing changes when both have said so."""


def test_given_at_a_desk_and_received_on_a_phone(visitor):
    desk = visitor("demo_worker")
    desk.go("/care/handovers/start/")
    row = desk.page.locator("tbody tr:has(input[name=people])").first
    name = row.locator("a.who").inner_text().strip()
    person = row.locator("a.who").get_attribute("href")
    row.locator("input[name=people]").check()
    desk.page.locator("label:has-text('县区干事（浔阳区）') input, input[name=receivers]").first.check(force=True)
    desk.page.fill("[name=note]", "听力不好，电话打给女儿。")
    assert desk.overflow() == 0
    desk.page.click("button:has-text('交接所选')")
    desk.page.get_by_text("确认以前仍由您负责").wait_for()
    sheet = desk.page.url.replace(desk.base_url, "")
    assert desk.axe() == []

    phone = visitor("demo_county", "phone")
    phone.go("/care/handovers/")
    assert phone.overflow() == 0
    phone.page.locator("a.who", has_text=name).first.tap()
    phone.page.get_by_text("听力不好，电话打给女儿。").wait_for()
    assert phone.overflow() == 0
    assert phone.axe() == []
    phone.page.locator("button:has-text('确认接收')").tap()
    phone.page.get_by_text("交接完成").wait_for()

    desk.go(sheet)
    desk.page.get_by_text("已交接").first.wait_for()
    assert desk.page.locator("button:has-text('确认移交')").count() == 0
    desk.go(person)
    desk.page.get_by_text("演示·县区干事（浔阳区）").first.wait_for()
