"""Refused rows corrected in the browser: by keyboard alone, with a block pasted from a spreadsheet, without a line, on a phone."""

import re

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.browser.steps import roster

PATIENCE = 60_000


@pytest.fixture(scope="module")
def checked(browser, portal, tmp_path_factory):
    """Path of a checked batch's grid; the roster has eight bad rows, that of line 18 about somebody no other test brings in."""
    from tests.browser.conftest import Visitor

    book, path = load_workbook(roster.ROSTER), tmp_path_factory.mktemp("grid") / roster.ROSTER.name
    book["花名册"]["B18"], book["花名册"]["D18"] = "郑格新", roster.whole_id("36049919431106928")
    book.save(path)
    window = Visitor(browser, portal.base_url, "wide").sign_in("demo_import")
    roster.upload(window, path)
    path = window.page.url.removeprefix(portal.base_url) + "grid/"
    window.context.close()
    return path


def opened(visitor, path, size="wide"):
    window = visitor("demo_import", size)
    window.go(path)
    expect(window.page.locator("#grid-counts")).to_contain_text("不能导入")
    return window


def row(window, number):
    return window.page.locator(f"tbody[data-row]:has(span:text-is('第 {number} 行'))").first


def refused(window) -> int:
    """How many rows are still wrong; other tests of this file put some right."""
    return int(re.search(r"还有 (\d+) 行", window.page.locator("#grid-counts").inner_text())[1])


def titled(window, number, letter):
    return row(window, number).locator(f"input[name='cell-{letter}']")


def test_by_keyboard_alone(visitor, checked, artifacts):
    window = opened(visitor, checked)
    keyboard, page = window.page.keyboard, window.page
    bad = titled(window, 18, "K")
    expect(bad).to_have_attribute("aria-invalid", "true")
    bad.focus()
    told = page.locator(f"#{bad.get_attribute('aria-describedby')}")
    expect(told).to_have_class("error on")
    before, wrong = bad.input_value(), refused(window)

    # arrows move from cell to cell, F2 and Esc begin and give up
    keyboard.press("ArrowRight")
    expect(titled(window, 18, "L")).to_be_focused()
    keyboard.press("ArrowLeft")
    keyboard.press("F2")
    keyboard.type("乱写")
    keyboard.press("Escape")
    expect(bad).to_have_value(before)
    expect(bad).to_be_focused()

    # typing replaces, Enter goes down, and leaving the row judges it
    below = row(window, 18).evaluate("row => { const all = [...document.querySelectorAll('tbody[data-row]')]; return all[all.indexOf(row) + 1].id; }")
    keyboard.type("2003.11")
    keyboard.press("Enter")
    expect(row(window, 18)).to_contain_text("可新增", timeout=PATIENCE)
    expect(page.locator("#grid-counts")).to_contain_text(f"还有 {wrong - 1} 行不能导入")
    expect(page.locator("#grid-live")).to_contain_text("第 18 行")
    expect(page.locator(f"#{below} input[name='cell-K']")).to_be_focused()
    assert not window.axe()
    assert window.overflow() <= 1
    window.picture(artifacts / "pages" / "import-grid-wide.png")


def test_a_block_from_a_spreadsheet(visitor, checked):
    window = opened(visitor, checked)
    first = titled(window, 14, "B")
    names = [titled(window, number, "B").input_value() for number in (14, 18)]
    first.focus()
    window.page.evaluate(
        """text => { const data = new DataTransfer(); data.setData("text/plain", text);
           document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }""",
        f"{names[0]}甲\t女\n{names[1]}乙\t女\n",
    )
    expect(first).to_have_value(f"{names[0]}甲")
    expect(titled(window, 18, "B")).to_have_value(f"{names[1]}乙")
    expect(titled(window, 18, "C")).to_have_value("女")
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("ArrowDown")
    expect(row(window, 18).locator("[data-state]")).to_have_text("", timeout=PATIENCE)


def test_without_a_line_nothing_is_lost(visitor, checked):
    window = opened(visitor, checked)
    window.context.set_offline(True)
    titled(window, 29, "D").focus()
    window.page.keyboard.type("360402194501010011")
    window.page.keyboard.press("ArrowDown")
    expect(row(window, 29).locator("[data-state]")).to_contain_text("已存在本机", timeout=PATIENCE)
    window.context.set_offline(False)
    expect(row(window, 29).locator("[data-state]")).to_have_text("", timeout=PATIENCE)
    window.page.reload()
    expect(titled(window, 29, "D")).to_have_value("360402194501010011")


def test_a_session_that_ended_keeps_what_was_typed(visitor, checked):
    window = opened(visitor, checked)
    held = window.context.cookies()
    window.context.clear_cookies(name="sessionid")
    titled(window, 50, "B").focus()
    window.page.keyboard.type("改过名")
    window.page.keyboard.press("ArrowUp")
    expect(row(window, 50).locator("[data-state]")).to_contain_text("登录", timeout=PATIENCE)
    window.context.add_cookies(held)
    window.go(checked)
    expect(row(window, 50).locator("[data-state]")).to_have_text("", timeout=PATIENCE)
    expect(titled(window, 50, "B")).to_have_value("改过名")


def test_on_a_phone(visitor, checked, artifacts):
    window = opened(visitor, checked, "phone")
    bad = titled(window, 23, "B")
    expect(titled(window, 23, "C")).to_be_hidden()
    row(window, 23).locator("[data-all]").tap()
    expect(titled(window, 23, "C")).to_be_visible()
    bad.tap()
    bad.fill("李补名")
    row(window, 23).locator("button:has-text('核对')").tap()
    expect(row(window, 23).locator("[data-state]")).to_have_text("", timeout=PATIENCE)
    expect(titled(window, 23, "B")).to_have_value("李补名")
    assert window.overflow() <= 1
    assert not window.axe()
    window.page.evaluate("scrollTo(0, 0)")
    window.picture(artifacts / "pages" / "import-grid-phone.png", full=False)
