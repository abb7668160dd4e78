"""待判断 by keyboard alone: rows that may be somebody already there are judged side by side, without touching the mouse."""

from openpyxl import Workbook

from tests.browser.steps import roster

TITLES = ["姓名", "性别", "出生日期", "离退休类型", "现管单位", "特长"]


def a_roster_without_numbers(window, folder):
    """Three people of the register as they would stand in somebody's list: no ID number, the month of birth only."""
    window.go("/cadres/?sort=name")
    rows = window.page.locator("table.people tbody tr")
    book = Workbook()
    sheet = book.active
    sheet.append(TITLES)
    taken = 0
    for n in range(rows.count()):
        name = rows.nth(n).locator("a.who").inner_text().strip()
        born, unit = rows.nth(n).locator("td").nth(2).inner_text().strip(), rows.nth(n).locator("td").nth(3).inner_text().split("\n")[0].strip()
        if born.count(".") != 2 or taken == 3:
            continue
        sheet.append([name, "", born.rsplit(".", 1)[0], "退休", unit.split(" · ")[-1], "书法"])
        taken += 1
    path = folder / "没有身份证号的名单.xlsx"
    book.save(path)
    return path


def upload(window, path):
    page = window.page
    window.go("/files/imports/new/")
    page.set_input_files("[name=file]", path)
    page.click("button:has-text('上传并核对')")
    page.locator(".confirm-bar").wait_for(timeout=90_000)


def waiting(window) -> int:
    return roster.figure(window, "待判断")


def press(window, key: str) -> None:
    """Press a key and wait for the page it leads to."""
    with window.page.expect_navigation(timeout=60_000):
        window.page.keyboard.press(key)


def test_judged_by_keyboard(visitor, tmp_path):
    # given a list of three people who are on the register, without their numbers
    window = visitor("demo_county")
    upload(window, a_roster_without_numbers(window, tmp_path))
    assert waiting(window) == 3
    batch = window.page.url

    # when the first is looked at beside whom he may be
    window.page.locator("a:has-text('逐个对照')").focus()
    press(window, "Enter")
    assert window.page.locator("table.beside tbody tr").count() > 3
    assert window.axe() == []
    first = window.page.url

    # then the arrows lead to and fro
    press(window, "ArrowRight")
    assert "第 2 个" in window.page.locator(".about").inner_text()
    press(window, "ArrowLeft")

    # and one key each says: the same, somebody else, later
    press(window, "1")
    press(window, "0")
    press(window, "l")
    window.go(batch.removeprefix(window.base_url))
    assert waiting(window) == 1

    # and what was said can be taken back
    window.go(first.removeprefix(window.base_url).split("?")[0])
    assert "共 1 个待判断" in window.page.locator(".about").inner_text()

    # and nothing is judged while one types
    window.page.locator("#find").focus()
    window.page.keyboard.type("01l")
    assert window.page.url.startswith(batch)


def test_side_by_side_on_a_phone(visitor, tmp_path):
    desk = visitor("demo_county")
    upload(desk, a_roster_without_numbers(desk, tmp_path))
    window = visitor("demo_county", "phone")
    window.go("/files/imports/review/")
    assert window.overflow() == 0
    window.page.locator("a.btn:has-text('对照')").first.click()
    window.page.locator("table.beside").wait_for()
    assert window.overflow() == 0
    assert window.axe() == []
