"""What a leader does: look at a county's figures, take the quarter's report along."""

from docx import Document


def open_county(window, county: str) -> None:
    window.go("/dashboard/")
    window.page.locator("#places-table th a", has_text=county).click()
    window.page.wait_for_load_state("load")
    assert county in window.page.inner_text("main")


def people_of(window, county: str) -> int:
    """The county's number in the city's table, which is a link to the list it counted."""
    window.go("/dashboard/")
    row = window.page.locator("#places-table tr", has=window.page.locator("th a", has_text=county))
    shown = whole(row.locator("td a").first.inner_text())
    row.locator("td a").first.click()
    window.page.wait_for_load_state("load")
    assert f"{shown:,}" in window.page.inner_text("main")
    return shown


def visits_of(window, county: str) -> int:
    """Visits made in the running quarter."""
    open_county(window, county)
    return whole(window.page.locator("table.dense tr", has_text="走访联系").first.locator("td a").inner_text())


def whole(text: str) -> int:
    return int("".join(filter(str.isdigit, text)))


def shot(window, album) -> None:
    window.go("/dashboard/")
    album.take(window, "dashboard")


def build_report(window, county: str, folder, album) -> str:
    """Have the running quarter's report made; return the whole text of the document as downloaded."""
    page = window.page
    window.go("/files/reports/")
    page.select_option("[name=org]", label=county)
    page.locator("[name=period]").select_option(index=0)
    album.take(window, "reports")
    page.click("main button:has-text('生成')")
    word = page.locator("main a:has-text('正文（Word）')")
    word.wait_for(timeout=120_000)
    album.take(window, "report")
    with page.expect_download() as coming:
        word.click()
    path = folder / "报告.docx"
    coming.value.save_as(path)
    document = Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
