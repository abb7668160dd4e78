"""django-import-export's spreadsheet format without openpyxl: reads in the fenced child process, writes by XlsxWriter."""

import io
import tempfile
from datetime import date
from pathlib import Path

import tablib
from import_export.formats.base_formats import Format

from apps.core.sheets_out import Column, SheetOut, write_xlsx
from apps.core.workbooks.reading import read_workbook


class FastXLSX(Format):
    """.xlsx of one sheet whose first row holds the column names; give it as ``import_formats`` and ``export_formats``."""

    CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, encoding=None):
        self.encoding = encoding

    def get_title(self):
        return "xlsx"

    def get_extension(self):
        return "xlsx"

    def get_content_type(self):
        return self.CONTENT_TYPE

    def is_binary(self):
        return True

    def get_read_mode(self):
        return "rb"

    @classmethod
    def is_available(cls):
        return True

    def can_import(self):
        return True

    def can_export(self):
        return True

    def create_dataset(self, in_stream):
        """Data set of the first visible sheet (bytes or a binary file). UnreadableWorkbook when it isn't one that can be read."""
        data = in_stream if isinstance(in_stream, (bytes, bytearray)) else in_stream.read()
        with tempfile.TemporaryDirectory(prefix="import-") as folder:
            path = Path(folder) / "in.xlsx"
            path.write_bytes(data)
            with read_workbook(path) as book:
                sheet = next(iter(book), None)
                rows = (row.cells for row in sheet.rows()) if sheet else iter(())
                titles = [str(cell or "").strip() for cell in next(rows, [])]
                found = tablib.Dataset(headers=titles)
                for cells in rows:
                    cells = list(cells[: len(titles)])
                    found.append(cells + [None] * (len(titles) - len(cells)))
        return found

    def export_data(self, dataset, **kwargs):
        """The data set as bytes; numbers stay numbers, everything else is text."""
        titles = [str(title) for title in dataset.headers or []]
        columns = [Column(title, min(40, max(10, 2 * len(title))), _kind(dataset, number)) for number, title in enumerate(titles)]
        out = io.BytesIO()
        write_xlsx(out, [SheetOut(dataset.title or "Sheet1", "", columns, dataset)])
        return out.getvalue()


def _kind(dataset, number):
    values = [row[number] for row in dataset if row[number] not in (None, "")]
    if values and all(type(value) in (int, float) for value in values):
        return "int" if all(type(value) is int for value in values) else "number"
    return "date" if values and all(isinstance(value, date) for value in values) else "text"
