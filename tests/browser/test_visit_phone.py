"""Writing a visit down on a phone: a lost line, an impatient thumb, an ended session and a slip lose nothing and save nothing twice."""

import itertools

import pytest

from apps.accounts.demo import DEMO_PASSWORD

numbers = itertools.count(1)


@pytest.fixture
def sentence():
    """A sentence no other test writes."""
    return f"精神好，第 {next(numbers)} 次试写，嘱按时复诊。"


@pytest.fixture
def phone(visitor):
    return visitor("demo_worker", "phone")


def open_form(phone, at: int) -> str:
    """The visit form of the work list's row number ``at``; return the person's page."""
    phone.go("/worklist/")
    row = phone.page.locator("#due tbody tr:has(a.btn.go[href*='/visits/log/']):not(:has-text('遗属'))").nth(at)
    person = row.locator("a.who").get_attribute("href")
    row.locator("a.btn.go").tap()
    phone.page.locator("form[data-visit]").wait_for()
    return person


def press_save(phone):
    phone.page.locator("form[data-visit] .form-acts button").tap()


def times_saved(phone, person: str, sentence: str) -> int:
    phone.go(person + "?tab=visits")
    return phone.page.locator("main").get_by_text(sentence).count()


def test_a_lost_line_keeps_the_visit_and_sends_it_once(phone, sentence):
    person = open_form(phone, 0)
    phone.context.set_offline(True)
    phone.page.fill("[name=situation]", sentence)
    press_save(phone)
    phone.page.get_by_text("有 1 条记录保存在本机").wait_for()
    assert phone.page.locator("form[data-visit] .form-acts button").is_disabled()

    phone.context.set_offline(False)

    phone.page.get_by_text("已补交：记走访").wait_for()
    phone.page.locator("#outbox-bar").wait_for(state="detached")
    assert times_saved(phone, person, sentence) == 1
    phone.go("/worklist/")
    assert times_saved(phone, person, sentence) == 1


def test_what_waits_survives_the_window_being_closed(phone, sentence):
    person = open_form(phone, 1)
    phone.context.set_offline(True)
    phone.page.fill("[name=situation]", sentence)
    press_save(phone)
    phone.page.locator("#outbox-bar").wait_for()
    phone.page.close()

    phone.context.set_offline(False)
    phone.page = phone.context.new_page()
    phone.go("/worklist/")

    phone.page.get_by_text("已补交：记走访").wait_for()
    assert times_saved(phone, person, sentence) == 1


def test_pressing_twice_saves_once(phone, sentence):
    person = open_form(phone, 2)
    phone.page.fill("[name=situation]", sentence)
    phone.page.locator("form[data-visit] .form-acts button").dblclick(no_wait_after=True)
    phone.page.wait_for_url("**/worklist/")
    assert times_saved(phone, person, sentence) == 1


def test_the_same_letter_arriving_twice_at_once_is_saved_once(phone, sentence):
    person = open_form(phone, 3)
    phone.page.fill("[name=situation]", sentence)
    answers = phone.page.evaluate(
        """async () => {
            const form = document.querySelector("form[data-visit]");
            const send = () => fetch(form.action, {method: "POST", body: new FormData(form), redirect: "manual"});
            return (await Promise.all([send(), send(), send()])).map(answer => answer.type);
        }"""
    )
    assert answers == ["opaqueredirect"] * 3
    assert times_saved(phone, person, sentence) == 1


def test_typed_text_outlives_the_page(phone, sentence):
    open_form(phone, 4)
    phone.page.fill("[name=situation]", sentence)
    phone.page.get_by_text("已存草稿").wait_for()
    phone.page.reload()
    phone.page.get_by_text("已恢复未提交的内容").wait_for()
    assert phone.page.input_value("[name=situation]") == sentence
    phone.page.get_by_text("丢弃").tap()
    assert phone.page.input_value("[name=situation]") == ""


def test_an_ended_session_keeps_the_text_until_one_has_signed_in_again(phone, sentence):
    person = open_form(phone, 5)
    phone.page.fill("[name=situation]", sentence)
    phone.context.clear_cookies(name="sessionid")
    press_save(phone)
    phone.page.locator("#expired-dialog[open]").wait_for()

    with phone.context.expect_page() as opened:
        phone.page.locator("#expired-login").tap()
    window = opened.value
    window.fill("[name=username]", "demo_worker")
    window.fill("[name=password]", DEMO_PASSWORD)
    window.click("button:has-text('登录')")
    window.wait_for_url(lambda url: "/login/" not in url)
    window.close()
    phone.page.locator("#expired-check").tap()
    phone.page.locator("#expired-dialog[open]").wait_for(state="detached")

    assert phone.page.input_value("[name=situation]") == sentence
    press_save(phone)
    phone.page.wait_for_url("**/worklist/")
    assert times_saved(phone, person, sentence) == 1


def test_a_slip_is_said_at_the_field_and_keeps_the_rest(phone, sentence):
    person = open_form(phone, 6)
    phone.page.fill("[name=need]", "想要一副老花镜")
    press_save(phone)
    phone.page.locator(".field.bad:has([name=situation])").wait_for()
    assert phone.page.input_value("[name=need]") == "想要一副老花镜"
    assert not phone.axe()
    phone.page.fill("[name=situation]", sentence)
    press_save(phone)
    phone.page.wait_for_url("**/worklist/")
    assert times_saved(phone, person, sentence) == 1
