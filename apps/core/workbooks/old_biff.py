"""Workbooks of Excel 2.0 to 95 (BIFF 2–5): their text is in a code page, their cells are plain records. Only ever read in the child process.

Record layouts follow OpenOffice's "Excel File Format" (5.x).
"""

import struct
from collections.abc import Iterator

from apps.core.workbooks.biff import ERRORS
from apps.core.workbooks.cells import Cells
from apps.core.workbooks.limits import Limits, UnreadableWorkbook
from apps.core.workbooks.styles import kind_of_format

BATCH, MOST_ROWS = 500, 65_536
VERSIONS = {0x0009: 2, 0x0209: 3, 0x0409: 4, 0x0809: 5}
END, CODE_PAGE, DATE_MODE, BOUND_SHEET, FILE_PASS = 0x000A, 0x0042, 0x0022, 0x0085, 0x002F
INTEGER, RK, MANY_RK, RICH = 0x0002, 0x027E, 0x00BD, 0x00D6
NUMBERS, LABELS, CHECKS, FORMULAS = (0x0003, 0x0203), (0x0004, 0x0204, RICH), (0x0005, 0x0205), (0x0006, 0x0206, 0x0406)
STRINGS, FORMATS, LOOKS = (0x0007, 0x0207), (0x001E, 0x041E), (0x0043, 0x0243, 0x0443, 0x00E0)
PAGES = {932: "cp932", 936: "gb18030", 949: "cp949", 950: "big5hkscs", 1250: "cp1250", 1251: "cp1251", 1252: "cp1252", 10_000: "mac-roman", 0x8000: "mac-roman", 0x8001: "cp1252"}


def version_of(stream: bytes) -> int:
    """2 to 5, or 8 for what Excel 97 and later wrote."""
    record, _length, version = struct.unpack_from("<HHH", stream.ljust(6, b"\x00"))
    return 8 if record == 0x0809 and version >= 0x0600 else VERSIONS.get(record, 8)


def read_old_biff(stream: bytes, limits: Limits) -> Iterator[dict]:
    """The messages of the child process for the records of one old workbook."""
    try:
        yield from _Book(stream, limits).messages()
    except (struct.error, IndexError, OverflowError) as fault:
        raise UnreadableWorkbook("broken") from fault


class _Book:
    def __init__(self, data: bytes, limits: Limits):
        self.data, self.limits, self.version = data, limits, version_of(data)
        self.page, self.date1904, self.codes, self.looks = "gb18030", False, [], []
        self.numbered: dict[int, str] = {}
        self.sheets: list[tuple[str, int, bool]] = []

    def messages(self) -> Iterator[dict]:
        for record, body in self._records(0):
            self._globally(record, body)
        sheets = self.sheets if self.version == 5 and self.sheets else [("", 0, False)]
        if len(sheets) > self.limits.sheets:
            raise UnreadableWorkbook("too_many_sheets", limit=self.limits.sheets)
        yield {"book": {"format": "xls", "date1904": self.date1904, "hidden": [name for name, _start, hidden in sheets if hidden]}}
        kinds = [kind_of_format(number, self._code(number)) for number in self.looks]
        for name, start, hidden in sheets:
            if not hidden:
                yield {"sheet": {"name": name, "merged": []}}
                yield from _Sheet(self, Cells((), kinds, self.date1904)).blocks(start)

    def _records(self, position: int) -> Iterator[tuple[int, bytes]]:
        """Records up to the end of the substream, or of the file when it is cut off."""
        while position + 4 <= len(self.data):
            record, length = struct.unpack_from("<HH", self.data, position)
            if record == END:
                return
            yield record, self.data[position + 4 : position + 4 + length]
            position += 4 + length

    def _globally(self, record: int, body: bytes) -> None:
        if record == FILE_PASS:
            raise UnreadableWorkbook("encrypted")
        if record == CODE_PAGE:
            self.page = PAGES.get(struct.unpack_from("<H", body)[0], "gb18030")
        elif record == DATE_MODE:
            self.date1904 = body[:1] == b"\x01"
        elif record == BOUND_SHEET and self.version == 5 and body[5] == 0:
            self.sheets.append((self.text(body[7 : 7 + body[6]]), struct.unpack_from("<I", body)[0], bool(body[4] & 3)))
        elif record in FORMATS:
            start = 2 if record == 0x041E else 0
            code = self.text(body[start + 1 : start + 1 + body[start]])
            self.codes.append(code)
            if self.version == 5:
                self.numbered[struct.unpack_from("<H", body)[0]] = code
        elif record in LOOKS:
            self.looks.append(struct.unpack_from("<H", body, 2)[0] if self.version == 5 else body[1] if record != 0x0043 else body[2] & 0x3F)

    def _code(self, number: int) -> str:
        if self.version == 5:
            return self.numbered.get(number, "")
        return self.codes[number] if number < len(self.codes) else ""

    def text(self, data: bytes) -> str:
        return data.decode(self.page, "replace")


class _Sheet:
    def __init__(self, book: _Book, cells: Cells):
        self.book, self.cells = book, cells
        self.rows: dict[int, dict[int, tuple[str, object]]] = {}
        self.waiting: tuple[int, int] | None = None

    def blocks(self, start: int) -> Iterator[dict]:
        for record, body in self.book._records(start):
            self._take(record, body)
        numbers = sorted(self.rows)
        for first in range(0, len(numbers), BATCH):
            block: dict = {"n": [], "r": [], "x": []}
            for row in numbers[first : first + BATCH]:
                line: list = [None] * (max(self.rows[row]) + 1)
                for column, (kind, value) in self.rows[row].items():
                    if kind:
                        block["x"].append([len(block["n"]), column, kind, value])
                    else:
                        line[column] = value
                block["n"].append(row + 1)
                block["r"].append(line)
            yield block

    def _take(self, record: int, body: bytes) -> None:
        if record in STRINGS and self.waiting:
            start = 1 if record == 0x0007 else 2
            self._put(*self.waiting, "", self.book.text(body[start : start + int.from_bytes(body[:start], "little")]))
            self.waiting = None
        elif record == MANY_RK:
            row, first = struct.unpack_from("<HH", body)
            for at in range(4, len(body) - 7, 6):
                look, packed = struct.unpack_from("<HI", body, at)
                self._number(row, first + at // 6, look, _unpacked(packed))
        elif record in (INTEGER, RK, *NUMBERS, *LABELS, *CHECKS, *FORMULAS):
            row, column = struct.unpack_from("<HH", body)
            narrow = self.book.version == 2
            look = body[4] & 0x3F if narrow else struct.unpack_from("<H", body, 4)[0]
            self._cell(record, row, column, look, body[7 if narrow else 6 :])

    def _cell(self, record: int, row: int, column: int, look: int, rest: bytes) -> None:
        if record == INTEGER:
            self._number(row, column, look, struct.unpack_from("<H", rest)[0])
        elif record == RK:
            self._number(row, column, look, _unpacked(struct.unpack_from("<I", rest)[0]))
        elif record in LABELS:
            start = 1 if record == 0x0004 else 2
            self._put(row, column, "", self.book.text(rest[start : start + int.from_bytes(rest[:start], "little")]))
        elif record in CHECKS:
            self._checked(row, column, rest[1], rest[0])
        elif record in FORMULAS and rest[6:8] == b"\xff\xff":
            if rest[0] in (1, 2):
                self._checked(row, column, rest[0] - 1, rest[2])
            self.waiting = (row, column) if rest[0] == 0 else None
        else:
            self._number(row, column, look, struct.unpack_from("<d", rest)[0])

    def _checked(self, row: int, column: int, is_error: int, value: int) -> None:
        if is_error:
            self._put(row, column, "e", ERRORS.get(value, "#N/A"))
        else:
            self._put(row, column, "", bool(value))

    def _number(self, row: int, column: int, look: int, value: float) -> None:
        if value - value == 0:
            self._put(row, column, *self.cells.one("n", look, repr(value)))

    def _put(self, row: int, column: int, kind: str, value: object) -> None:
        if value is not None and value != "" and row < MOST_ROWS and column < 256:
            self.rows.setdefault(row, {})[column] = (kind, value)


def _unpacked(packed: int) -> float:
    """An RK value: 30 bits of an integer or of a float, perhaps a hundredth."""
    value = float((packed & 0xFFFFFFFC) - (2**32 if packed & 0x80000000 else 0) >> 2) if packed & 2 else struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFFFFFC))[0]
    return value / 100 if packed & 1 else value
