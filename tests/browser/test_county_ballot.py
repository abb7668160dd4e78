"""A county asks about its branches: codes are given out, phones vote, one branch reaches the ninety per cent, one doesn't and has to mend; the county sees which."""

import re

import pytest
from django.utils import timezone

SATISFIED, NOT = "满意", "不满意"


def hold_ballot(desk, phone, name: str, verdicts: list[str]) -> str:
    """Open one about the branch, vote once per verdict, close. The address of its page."""
    desk.go(f"/branches/?q={name}")
    desk.page.locator("main a.who").first.click()
    desk.page.wait_for_url(re.compile(r"/branches/\d+/$"))
    desk.go(desk.page.url.removeprefix(desk.base_url) + "ballots/add/")
    desk.page.fill("[name=closes_on]", timezone.localdate().isoformat())
    desk.page.get_by_role("button", name="发起", exact=True).click()
    desk.page.get_by_text("接着发号码").wait_for()
    address = desk.page.url.removeprefix(desk.base_url)
    desk.page.fill("[name=mass]", str(len(verdicts)))
    desk.page.get_by_role("button", name="发号码").click()
    desk.page.locator(".slip-code").first.wait_for()
    codes = [re.sub(r"\D", "", text) for text in desk.page.locator(".slip-code").all_inner_texts()]
    for code, verdict in zip(codes, verdicts, strict=True):
        phone.go("/vote/")
        phone.page.fill("[name=code]", code)
        phone.page.get_by_role("button", name="下一步").tap()
        phone.page.locator("fieldset").first.wait_for()
        rows = phone.page.locator("fieldset").all()
        for row in rows[:-1]:
            row.get_by_text(SATISFIED, exact=True).tap()
        rows[-1].get_by_text(verdict, exact=True).tap()
        phone.page.get_by_role("button", name="提交").tap()
        phone.page.get_by_text("您的评议已收到").wait_for()
    desk.go(address)
    desk.page.get_by_role("button", name="结束并出结果").click()
    desk.page.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    desk.page.get_by_text("评议已结束").first.wait_for()
    return address


@pytest.mark.usefixtures("portal")
def test_a_county_through_the_ninety_per_cent(visitor, artifacts):
    desk, phone = visitor("demo_county"), visitor(size="phone")
    passed = hold_ballot(desk, phone, "公安局离退休", [SATISFIED] * 5)
    assert "总体满意率 100" in desk.page.inner_text("body")
    fell = hold_ballot(desk, phone, "水利局离退休", [SATISFIED] * 4 + [NOT])
    assert "总体满意率 80" in desk.page.inner_text("body")
    desk.page.get_by_role("link", name="看整改").click()
    desk.page.get_by_text("补课").first.wait_for()
    assert "低于 90 %" in desk.page.inner_text("main")
    desk.go("/branches/ballots/?look=below")
    below = desk.page.inner_text("main")
    assert "水利局" in below
    assert "公安局" not in below
    desk.picture(artifacts / "pages" / "ballots-below.png")
    assert not desk.axe()
    for address, sentence in ((passed, "100 %"), (fell, "须在上级指导下补课整改")):
        desk.go(address)
        assert sentence in desk.page.inner_text("main")
