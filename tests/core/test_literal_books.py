"""What people typed stays text in every workbook that goes out, whichever function writes it."""

import io

import openpyxl
import pytest

from apps.core.literal_books import LiteralBook
from tests.workbooks.typed import EVIL


def test_write_of_any_text_is_text():
    out = io.BytesIO()
    with LiteralBook(out, {"in_memory": True, "strings_to_formulas": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, EVIL)
        sheet.write_row(0, 1, EVIL)
        sheet.write_url(50, 0, "internal:Sheet1!A1", string="=1+1")
    cells = [cell for line in openpyxl.load_workbook(out).active.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value.replace("_x000D_", "\r") for cell in cells if cell.column == 1][:-1] == list(EVIL)


@pytest.mark.parametrize("number", range(4))
def test_formulas_and_links_out_are_refused(number):
    sheet = LiteralBook(io.BytesIO(), {"in_memory": True}).add_worksheet()
    ways = (
        lambda: sheet.write_formula("A1", "=1+1"),
        lambda: sheet.write_array_formula("A1:A2", "{=1+1}"),
        lambda: sheet.write_url("A1", "https://203.0.113.1/"),
        lambda: sheet.write_url("A1", "external:a.xlsx"),
    )
    with pytest.raises(ValueError, match="goes out"):
        ways[number]()
