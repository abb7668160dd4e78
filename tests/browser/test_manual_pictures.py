"""Pages of the manual that the main job does not pass."""

import pytest

from tests.browser.pictures import Album

PAGES = (
    ("demo_worker", "/cadres/", "cadres", "一人一档"),
    ("demo_leader", "/cadres/annual/?table=D", "annual", "年报与台账"),
    ("demo_leader", "/cadres/annual/ledger/", "ledger", "年报与台账"),
    ("demo_county", "/cadres/export/?kind=retired", "export-ask", "导出离退休干部名单"),
    ("demo_sec", "/accounts/security/", "security", "账号安全"),
    ("demo_audit", "/audit/", "audit", "审计记录"),
)


@pytest.mark.parametrize(("username", "path", "name", "title"), PAGES)
def test_a_page_of_the_manual(visitor, artifacts, username, path, name, title):
    window = visitor(username)
    answer = window.go(path)
    assert answer.status == 200
    assert window.page.inner_text("main h1").startswith(title)
    assert window.page.locator("main tbody tr, main .facts, main .export-form").count() > 0
    Album(artifacts).take(window, name)
