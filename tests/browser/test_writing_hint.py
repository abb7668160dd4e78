"""The friendly sentence while a visit is being written: it appears beside the form and keeps nobody from saving."""

from apps.dashboard.demo.work import MET


def test_it_appears_and_the_visit_is_saved_all_the_same(visitor):
    phone = visitor("demo_worker", "phone")
    phone.go("/worklist/")
    phone.page.locator("#due tbody tr a.btn.go:has-text('记走访')").last.tap()
    phone.page.locator("form[data-visit]").wait_for()
    for sentence in MET:
        with phone.page.expect_response(lambda answer: "/visits/hint/" in answer.url) as answer:
            phone.page.fill("[name=situation]", sentence)
            phone.page.locator("[name=situation]").blur()
        if "保存" in answer.value.text():
            break
    phone.page.get_by_text("保存。").first.wait_for()
    assert phone.overflow() == 0
    phone.page.locator("form[data-visit] .form-acts button").tap()
    phone.page.get_by_text("已记下对").first.wait_for()
