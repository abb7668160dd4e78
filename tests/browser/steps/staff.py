"""A new colleague: made by the system administrator, lets herself in with the initial password, gets one of her own."""

USERNAME, PASSWORD = "chen_guiying", "Chaisang-2026-Fang"


def make_officer(window, album) -> str:
    """Make a county officer of 柴桑区; return the initial password, shown once."""
    page = window.page
    window.go("/accounts/users/")
    page.click("main a:has-text('新建用户')")
    page.fill("[name=username]", USERNAME)
    page.fill("[name=display_name]", "陈桂英")
    page.fill("[name=email]", "chen@demo.invalid")
    page.select_option("[name=role]", "county_officer")
    page.select_option("[name=org]", page.locator("[name=org] option", has_text="柴桑区").first.get_attribute("value"))
    album.take(window, "users-new")
    page.click("main button:has-text('新建')")
    assert "只显示这一次" in page.inner_text("main")
    album.take(window, "users-password")
    return page.locator("dd .cell").nth(1).inner_text().strip()


def first_sign_in(window, initial: str, album) -> None:
    """The initial password opens nothing but the page that replaces it."""
    page = window.page
    window.sign_in(USERNAME, initial)
    assert "请先换成自己的密码" in page.inner_text("main")
    window.go("/cadres/")
    assert "请先换成自己的密码" in page.inner_text("main")
    album.take(window, "password-first")
    page.fill("[name=old_password]", initial)
    page.fill("[name=new_password1]", PASSWORD)
    page.fill("[name=new_password2]", PASSWORD)
    page.click("button:has-text('保存新密码')")
    page.wait_for_url(lambda url: "/password/" not in url)
    assert "陈桂英" in page.inner_text("header.bar")
