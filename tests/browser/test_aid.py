"""困难帮扶 as people do it: applied for, reviewed, shown in public, approved, paid at the desk; the receipt with a photo on a phone."""

from tests.browser.conftest import manage
from tests.browser.steps.care import photo

NEED = "住院自付三万元，老伴没有收入，请予帮扶。"
A_WEEK_LATER = """
from datetime import timedelta
from apps.care.models import HardshipCase
from apps.core.scope import system_scope
with system_scope("browser test"):
    case = HardshipCase.objects.get(reason__startswith="住院自付三万元")
    week = timedelta(days=7)
    HardshipCase.objects.filter(pk=case.pk).update(published_on=case.published_on - week, publicity_ends_on=case.publicity_ends_on - week)
"""


def sound(window) -> None:
    """No accessibility finding, nothing wider than the window."""
    assert window.axe() == []
    assert window.overflow() <= 1


def press(window, label: str) -> None:
    """A step from the page of the case: its link, then its button."""
    window.page.locator("main .panel a.btn", has_text=label).first.click()
    window.page.locator("main form.form").wait_for()
    sound(window)


def take(window, case: str, label: str, **fields) -> None:
    window.go(case)
    sound(window)
    press(window, label)
    for name, value in fields.items():
        window.page.fill(f"[name={name}]", value)
    window.page.locator("form.form .form-acts button.go").click()
    window.page.wait_for_url(f"**{case}")


def somebody(window) -> str:
    """The page of somebody who never applied for anything."""
    window.go("/cadres/?sort=name")
    for link in [one.get_attribute("href") for one in window.page.locator("table.people tbody a.who").all()]:
        window.go(link)
        if window.page.get_by_text("没有申请过。").count():
            return link
    raise AssertionError("everybody has applied")


def test_from_the_application_to_the_receipt(visitor, portal, tmp_path, artifacts):
    # given somebody whose page offers to apply
    clerk = visitor("demo_worker")
    person = somebody(clerk)
    clerk.page.locator("section", has_text="没有申请过。").locator("a.more").last.click()

    # when the clerk writes it down and hands it in
    page = clerk.page
    page.locator("form.form").wait_for()
    sound(clerk)
    page.fill("[name=amount_asked]", "3000")
    page.locator("label", has_text="重大疾病").click()
    page.fill("[name=reason]", NEED)
    page.set_input_files("[name=proofs]", photo(tmp_path))
    page.locator("button[name=submit]").click()
    page.wait_for_url("**/care/aid/*/")
    case = page.url.removeprefix(clerk.base_url)
    assert "等待：原单位初审" in page.inner_text("main")
    sound(clerk)

    # and the officer reviews it and shows it in public
    officer = visitor("demo_county")
    take(officer, case, "初审通过", note="情况属实")
    take(officer, case, "开始公示", place="单位公示栏")
    officer.go(case + "notice/")
    assert "住院" not in officer.page.inner_text("main")
    sound(officer)

    # then the leader can't approve before the days are over, and can a week later
    leader = visitor("demo_leader")
    leader.go(case)
    assert "第二天起才能审批" in leader.page.inner_text("main")
    assert leader.page.locator("main button[disabled]", has_text="批准").count() == 1
    manage(portal.env, "shell", "-c", A_WEEK_LATER)
    take(leader, case, "批准", amount="2500")
    leader.go("/care/aid/money/")
    sound(leader)

    # and the money is paid, and signed for on a phone
    take(clerk, case, "登记发放")
    phone = visitor("demo_worker", "phone")
    phone.go(case + "notice/")
    sound(phone)
    phone.go(case)
    press(phone, "登记回执")
    phone.picture(artifacts / "pages" / "aid-receipt-phone.png")
    phone.page.set_input_files("[name=papers]", photo(tmp_path))
    phone.page.locator("form.form .form-acts button.go").dblclick(no_wait_after=True)
    phone.page.wait_for_url(f"**{case}")
    text = phone.page.inner_text("main")
    assert "已办结" in text
    assert "2,500.00 元" in text
    sound(phone)

    # and the person's page and the list tell of it
    clerk.go(person)
    assert "批准 2,500.00 元" in clerk.page.inner_text("main")
    for window in (clerk, phone):
        window.go("/care/aid/")
        sound(window)
