"""Plans, the work list and a visit."""

from PIL import Image, ImageDraw

SENTENCE = "精神尚可，说近来膝盖疼，已约下周二社区医生上门。"


def open_plans(window) -> None:
    """Everybody in the registry gets this year's plan."""
    page = window.page
    window.go("/care/plans/")
    page.click("button:has-text('为他们建立方案')")
    page.click("#confirm-ok")
    page.get_by_text("人员没有").wait_for(state="detached")


def accept_suggestions(window, album) -> None:
    """Accept for everybody what the system suggests; it can be undone as a whole."""
    page = window.page
    window.go("/care/plans/?look=undecided")
    album.take(window, "plans")
    page.click("button[value=all]")
    page.click("#confirm-ok")
    page.locator(".note-box.success").wait_for()
    assert "撤销" in page.inner_text(".note-box.success")
    album.take(window, "plans-accepted")
    window.go("/care/plans/?look=undecided")
    assert "没有符合条件的人" in page.inner_text("#rows")


def who_is_due(wide, phone, names: set[str], album) -> tuple[str, str]:
    """(name, address) of somebody of the roster on the work list, with the reason, as the desk and the phone show it."""
    wide.go("/worklist/")
    album.take(wide, "worklist")
    phone.go("/worklist/")
    album.take(phone, "worklist-phone")
    for row in phone.page.locator("#due tbody tr:has(a.who)").all():
        link = row.locator("a.who")
        if link.inner_text() in names:
            assert "一次" in row.locator("td").nth(1).inner_text()
            return link.inner_text(), link.get_attribute("href")
    raise AssertionError("nobody of the roster is on the work list")


def log_visit(window, name: str, folder, album) -> None:
    """Three taps (the row's button, the way, save), one sentence, one photo."""
    page = window.page
    window.go("/worklist/")
    page.locator("#due tr", has_text=name).first.locator("a.btn.go").tap()
    page.locator("form[data-visit] label", has_text="上门").tap()
    album.take(window, "visit-phone")
    page.fill("[name=situation]", SENTENCE)
    page.set_input_files("[name=photos]", photo(folder))
    album.take(window, "visit-phone-text", at="[name=need]")
    assert window.overflow() <= 1
    page.locator("form[data-visit] button:has-text('保存')").tap()
    page.wait_for_url("**/worklist/")
    assert f"已记下对{name}的走访" in page.inner_text("body")


def photo(folder):
    """A picture as a phone takes it: large, with the place where it was taken."""
    path = folder / "IMG_0001.jpg"
    picture = Image.linear_gradient("L").rotate(180).resize((1600, 1200)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 820, 1600, 1200), fill="#8a7355")
    draw.rectangle((180, 160, 760, 640), fill="#bcd7e6", outline="#f4efe6", width=24)
    draw.line((470, 160, 470, 640), fill="#f4efe6", width=18)
    draw.rectangle((960, 560, 1440, 900), fill="#7d3b32")
    draw.rectangle((1040, 900, 1080, 1060), fill="#4d2a22")
    draw.rectangle((1320, 900, 1360, 1060), fill="#4d2a22")
    draw.ellipse((1150, 420, 1250, 520), fill="#d8b08c")
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (29.0, 36.0, 0.0), 3: "E", 4: (115.0, 54.0, 0.0)})
    picture.save(path, exif=exif)
    return path


def visit_is_in_the_file(window, name: str, person: str, album) -> str:
    """The person's page tells of the visit once, and the photo comes through the portal; return the address of the visit."""
    page = window.page
    window.go(f"/search/?q={name}")
    assert name in page.inner_text("main")
    window.go(person)
    album.take(window, "person")
    window.go(person + "?tab=visits")
    assert page.get_by_text(SENTENCE).count() == 1
    page.locator("main a[href*='/care/visits/']:not([href*='log'])").first.click()
    page.wait_for_url("**/care/visits/*/")
    picture = page.locator(".photos img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.photos img').naturalWidth > 0")
    album.take(window, "visit")
    return page.url


def neighbour_sees_nothing(window, addresses: list[str], name: str) -> None:
    """Neither by search, nor in a list, nor by an address she was told."""
    page = window.page
    window.go(f"/search/?q={name}")
    assert "没有符合条件的人" in page.inner_text("main")
    for path in ("/cadres/?standing=all", f"/care/plans/?q={name}", "/care/visits/"):
        window.go(path)
        assert page.locator("main tbody tr", has_text=name).count() == 0
    for address in addresses:
        answer = window.go(address.removeprefix(window.base_url))
        assert answer.status == 404
        assert name not in page.inner_text("body")
