"""What happens to a person at the browser: signing in, a session that ended, errors."""


def test_each_demo_login_lands_on_its_first_screen(visitor):
    first = {"demo_worker": "待访", "demo_leader": "驾驶舱", "demo_import": "导入", "demo_sys": "九江市", "demo_sec": "账号安全", "demo_audit": "审计记录"}
    for username, words in first.items():
        window = visitor(username)
        assert words in window.page.inner_text("main h1"), username


def test_a_page_that_is_not_there(visitor):
    window = visitor("demo_worker")
    answer = window.go("/cadres/99999999/")
    assert answer.status == 404
    assert "管理范围" in window.page.inner_text("main")
    assert not window.axe()


def test_a_page_that_is_not_allowed_says_why(visitor):
    window = visitor("demo_audit")
    answer = window.go("/cadres/")
    assert answer.status == 403
    assert "查看一人一档" in window.page.inner_text("main")
    assert not window.axe()


def test_the_sign_in_page(visitor, artifacts):
    for size in ("wide", "phone"):
        window = visitor(size=size)
        window.go("/login/")
        assert not window.axe()
        assert window.overflow() <= 1
        window.picture(artifacts / "pages" / f"login-{size}.png")


def test_strict_headers(visitor):
    window = visitor("demo_worker")
    headers = window.go("/").headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-request-id"]
