"""Taking in a roster: upload, read what is wrong, apply, correct, upload again."""

from pathlib import Path

from openpyxl import load_workbook

from apps.core.embedded.stack import ROOT
from apps.core.id_numbers import check_character

ROSTER = ROOT / "fixtures" / "demo" / "柴桑区离退休干部花名册.xlsx"
GOOD, BAD, PEOPLE = 52, 8, 59
"""Rows of the roster; one of the eight bad ones is there twice, so that 59 people come of 60 rows."""
BAD_CELLS = {
    "花名册!D10": "最后一位不对",
    "花名册!D14": "末尾几位已丢失",
    "花名册!K18": "看不懂这个日期",
    "花名册!B23": "没有填写",
    "花名册!D29": "16 位",
    "花名册!I34": "离休要求 1949 年 9 月 30 日以前",
    "花名册!D39": "与本文件第 38 行重复",
    "花名册!P50": "“跟战友住”不在",
}
HEADERS = 4


def names() -> set[str]:
    """Who is in the roster, as the portal writes the names."""
    cells = load_workbook(ROSTER)["花名册"].iter_rows(min_row=HEADERS + 1, min_col=2, max_col=2, values_only=True)
    return {"".join(cell.split()) for (cell,) in cells if cell}


def upload(window, path: Path, album=None) -> None:
    """Choose 柴桑区 and the file; wait until the worker has checked it."""
    page = window.page
    window.go("/files/imports/new/")
    county = page.locator("[name=org] option", has_text="柴桑区").first.get_attribute("value")
    page.select_option("[name=org]", county)
    page.set_input_files("[name=file]", path)
    if album:
        album.take(window, "import-upload")
    page.click("button:has-text('上传并核对')")
    page.locator(".confirm-bar").wait_for(timeout=90_000)


def every_bad_cell_is_named(window, album) -> None:
    page = window.page
    assert figure(window, "新增") == GOOD
    assert figure(window, "不能导入") == BAD
    album.take(window, "import-check")
    rows = page.locator("#errors tbody tr").all_inner_texts()
    for cell, words in BAD_CELLS.items():
        assert any(cell in row and words in row for row in rows), (cell, rows)
    album.take(window, "import-problems", at="#errors")


def figure(window, label: str) -> int:
    return int(window.page.locator(".figs > *", has_text=label).first.locator("strong").inner_text().replace(",", ""))


def apply_good_rows(window, folder: Path, album) -> Path:
    """Write the good rows; return the workbook of those refused, as downloaded."""
    page = window.page
    page.click(f"button:has-text('导入 {GOOD} 行，{BAD} 行留待修改')")
    page.locator(".note-box.success").wait_for(timeout=90_000)
    album.take(window, "import-result")
    with page.expect_download() as coming:
        page.click("a:has-text('下载未导入的行')")
    path = folder / "待修改.xlsx"
    coming.value.save_as(path)
    return path


def correct(path: Path) -> None:
    """Do in the refused rows what the sentences ask for: what a person would do with the certificates at hand."""
    book = load_workbook(path)
    sheet = book["花名册"]
    rows = {row[1].value: row for row in sheet.iter_rows(min_row=HEADERS + 1)}
    assert all(row[20].value for row in rows.values())
    rows["黄国林"][3].value = whole_id("36049919490205613")
    rows["莫立文"][3].value = whole_id("36049919590104661")
    rows["郑美金"][10].value = "2003年11月"
    rows[None][1].value = "钟秀兰"
    rows["严华建"][3].value = whole_id("36049919540316651")
    rows["石耀本"][7].value, rows["石耀本"][8].value = "退休", None
    rows["苏昌昌"][15].value = "其他"
    sheet.delete_rows(rows["毛华清"][0].row)
    book.save(path)


def whole_id(first17: str) -> str:
    return first17 + check_character(first17)


def apply_all(window) -> None:
    page = window.page
    page.click(f"button:has-text('确认导入 {PEOPLE - GOOD} 行')")
    page.locator(".note-box.success").wait_for(timeout=90_000)
    assert figure(window, "已新增") == PEOPLE - GOOD
    assert figure(window, "未导入") == 0
