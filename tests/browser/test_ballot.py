"""群众评议 as it happens in the hall: slips are printed, a phone scans one, votes once, and nothing but shares comes out."""

import re

import pytest


@pytest.fixture
def codes(visitor):
    """Five fresh codes of the demo's running ballot, read off the slips; with the address of its page."""
    desk = visitor("demo_county")
    desk.go("/branches/ballots/?look=open")
    desk.page.locator("main a.who").first.click()
    desk.page.wait_for_url("**/branches/ballots/*/")
    address = desk.page.url.removeprefix(desk.base_url)
    desk.page.fill("[name=member]", "5")
    desk.page.get_by_role("button", name="发号码").click()
    desk.page.locator(".slip-code").first.wait_for()
    assert not desk.axe()
    return desk, address, [re.sub(r"\D", "", text) for text in desk.page.locator(".slip-code").all_inner_texts()]


def test_a_slip_is_scanned_and_votes_once(codes, visitor, artifacts):
    desk, address, (code, *others) = codes
    phone = visitor(size="phone")
    asked = []
    phone.context.on("request", lambda request: asked.append(request.url))
    phone.go(f"/vote/#{code}")
    phone.page.get_by_text("1. 承诺事项兑现").wait_for()
    assert code not in "".join(asked)
    assert code not in phone.page.url
    assert not phone.axe()
    assert phone.overflow() <= 1
    phone.picture(artifacts / "pages" / "vote-phone.png")
    phone.page.get_by_role("button", name="提交").tap()
    phone.page.get_by_text("这一项还没有选").first.wait_for()
    for row in phone.page.locator("fieldset").all():
        row.get_by_text("满意", exact=True).tap()
    phone.page.fill("[name=remark]", "活动办得好。")
    phone.page.get_by_role("button", name="提交").tap()
    phone.page.get_by_text("您的评议已收到").wait_for()
    assert not phone.axe()
    phone.go(f"/vote/#{code}")
    phone.page.get_by_text("或者已经用过").first.wait_for()
    phone.page.fill("[name=code]", others[0])
    phone.page.get_by_role("button", name="下一步").tap()
    phone.page.get_by_text("1. 承诺事项兑现").wait_for()
    desk.go(address)
    desk.page.get_by_text("已收回").wait_for()
    assert "活动办得好" not in desk.page.inner_text("main")
