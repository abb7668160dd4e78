"""What calamine does not tell of .xls cells (BIFF 5 and 8): number formats, without which a month would become its first day, and errors,
without which #N/A would be a blank.

Only cells whose format matters are kept: dates shown without their day, and small numbers shown with a fixed count of decimals.
Record layouts: [MS-XLS] 2.4 (BoundSheet8, Format, XF, Number, RK, MulRk, Formula, BoolErr).
"""

import struct
from pathlib import Path

from apps.core.workbooks.ole import workbook_stream
from apps.core.workbooks.styles import kind_of_format

BOF, EOF, BOUND_SHEET, FORMAT, XF = 0x0809, 0x000A, 0x0085, 0x041E, 0x00E0
NUMBER, RK, MANY_RK, FORMULA, BOOL_OR_ERROR = 0x0203, 0x027E, 0x00BD, 0x0006, 0x0205
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
MOST_CELLS = 500_000

Formats = dict[tuple[int, int], str]


def read_formats(path: Path) -> list[Formats]:
    """Per sheet in the order of the workbook: (row, column) counted from 0 → kind (see ``styles.kind_of_format``) or error.

    A file that cannot be followed gives an empty list: then the values are read without their formats.
    """
    try:
        return _Book(workbook_stream(path.read_bytes())).sheets()
    except (struct.error, ValueError, IndexError, KeyError):
        return []


class _Book:
    def __init__(self, data: bytes):
        self.data = data
        self.codes: dict[int, str] = {}
        self.formats: list[int] = []
        self.starts: list[int] = []
        self.wide = struct.unpack_from("<H", data, 4)[0] == 0x0600 if data else True

    def sheets(self) -> list[Formats]:
        for record, start, length in self._records(0):
            if record == FORMAT:
                self._format(self.data[start : start + length])
            elif record == XF:
                self.formats.append(struct.unpack_from("<H", self.data, start + 2)[0])
            elif record == BOUND_SHEET and self.data[start + 5] == 0:
                self.starts.append(struct.unpack_from("<I", self.data, start)[0])
        kinds = [kind_of_format(number, self.codes.get(number, "")) for number in self.formats]
        wanted = {style: kind for style, kind in enumerate(kinds) if kind == "m" or kind.isdecimal() and kind != "0"}
        return [self._cells(start, wanted) for start in self.starts]

    def _records(self, position: int):
        """(type, start, length) of each record up to the end of this substream."""
        unpack, end = struct.Struct("<HH").unpack_from, len(self.data) - 4
        while position <= end:
            record, length = unpack(self.data, position)
            if record == EOF:
                return
            yield record, position + 4, length
            position += 4 + length

    def _format(self, body: bytes) -> None:
        number = struct.unpack_from("<H", body)[0]
        if not self.wide:
            self.codes[number] = body[3 : 3 + body[2]].decode("gb18030", "replace")
            return
        length, flags = struct.unpack_from("<HB", body, 2)
        text = body[5 : 5 + length * 2].decode("utf-16-le", "replace") if flags & 1 else body[5 : 5 + length].decode("latin-1")
        self.codes[number] = text

    def _cells(self, start: int, wanted: dict[int, str]) -> Formats:
        found: Formats = {}
        unpack, data = struct.Struct("<HHH").unpack_from, self.data
        for record, position, length in self._records(start):
            if record in (NUMBER, RK, FORMULA, BOOL_OR_ERROR):
                row, column, style = unpack(data, position)
                if error := self._error(record, position):
                    found[row, column] = error
                elif style in wanted:
                    found[row, column] = wanted[style]
            elif record == MANY_RK:
                row, column = struct.unpack_from("<HH", data, position)
                for offset in range(4, length - 2, 6):
                    style = struct.unpack_from("<H", data, position + offset)[0]
                    if style in wanted:
                        found[row, column + offset // 6] = wanted[style]
            if len(found) > MOST_CELLS:
                break
        return found

    def _error(self, record: int, position: int) -> str:
        """The error a cell shows, "" for none."""
        data = self.data
        if record == BOOL_OR_ERROR:
            return ERRORS.get(data[position + 6], "") if data[position + 7] else ""
        if record == FORMULA and data[position + 12 : position + 14] == b"\xff\xff" and data[position + 6] == 2:
            return ERRORS.get(data[position + 8], "")
        return ""
