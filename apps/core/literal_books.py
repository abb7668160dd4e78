"""The only way a workbook is written here: what people typed stays text, in every cell and whatever function puts it there.

A name such as ``=HYPERLINK(…)`` would otherwise be calculated by the spreadsheet of whoever opens the export. XlsxWriter's strings
are never turned into formulas, numbers or links; formulas and links out of the workbook are refused outright.
"""

from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
INSIDE = "internal:"


class LiteralSheet(Worksheet):
    """A sheet that takes text, numbers, dates and links to other cells of its workbook. ValueError for formulas and other links."""

    def _write_formula(self, *_args: Any, **_kwargs: Any) -> int:
        raise ValueError("a workbook that goes out holds no formulas")

    def _write_array_formula(self, *_args: Any, **_kwargs: Any) -> int:
        raise ValueError("a workbook that goes out holds no formulas")

    def _write_url(self, row: int, column: int, url: Any, *args: Any, **kwargs: Any) -> int:
        if not str(url).startswith(INSIDE):
            raise ValueError("a workbook that goes out links to its own cells only")
        return super()._write_url(row, column, url, *args, **kwargs)


class LiteralBook(xlsxwriter.Workbook):
    """``LiteralBook(target, {"constant_memory": True})``: XlsxWriter's workbook with literal sheets."""

    worksheet_class = LiteralSheet

    def __init__(self, target: str | Path | BinaryIO, options: dict[str, Any] | None = None) -> None:
        super().__init__(target, (options or {}) | PLAIN)
