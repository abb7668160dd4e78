"""Rows of one .xlsx sheet as a stream. Cells that hold no value cost next to nothing, wherever they claim to be."""

import re
from collections.abc import Iterator, Sequence

from apps.core.workbooks.cells import Cells
from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.package import Package, read_bytes
from apps.core.workbooks.shapes import RowShape
from apps.core.workbooks.shared_strings import CHUNK, decoded_chunks
from apps.core.workbooks.values import column_index

_ROW_END = re.compile(r"</(?:\w+:)?row\s*>|<(?:\w+:)?sheetData\s*/>|<(?:\w+:)?row\b[^<>]*/>")
_ROW = re.compile(r"<row\b([^<>]*)>")
_ROW_NUMBER = re.compile(r"""\br\s*=\s*["'](\d{1,7})["']""")
_PREFIX = re.compile(r"<(\w+):worksheet\b")
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\b[^<>]*?\bref\s*=\s*["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})["']""")
MERGES_UP_TO, MOST_MERGES = 384 * 2**20, 20_000
_BLANK_IN_TAG = re.compile(r"</(?:row|v|is|f)\s+>")
_TIDY_END = re.compile(r"</row\s+>")
_CELLS_BEFORE = re.compile(r"<c[\s>]")


def read_merges(package: Package, part: str) -> list[tuple[int, int, int, int]]:
    """Merged ranges (first row, first column, last row, last column). They stand behind the rows, so this passes over the whole part."""
    if package.size(part) > MERGES_UP_TO:
        return []
    found: list[tuple[int, int, int, int]] = []
    tail = b""
    with package.open(part) as stream:
        while data := read_bytes(stream, CHUNK):
            data = tail + data
            if b"mergeCell" in data:
                end = 0
                for match in _MERGE.finditer(data):
                    end = match.end()
                    if len(found) < MOST_MERGES:
                        found.append(_range(match))
                data = data[end:]
            tail = data[-200:]
    return found


def _range(match: re.Match) -> tuple[int, int, int, int]:
    try:
        left, right = column_index(match[1].decode()), column_index(match[3].decode())
    except ValueError:
        return (0, 0, 0, 0)
    return int(match[2]), left, int(match[4]), right


class SheetReader:
    """Yields the blocks (see :mod:`blocks`) of one sheet."""

    def __init__(self, package: Package, part: str, cells: Cells):
        self.package, self.part, self.cells = package, part, cells
        self.shape = RowShape()
        self.last_row = 0
        self.looked, self.odd, self.explicit, self.prefix = False, False, True, None

    def blocks(self) -> Iterator[dict]:
        for text in decoded_chunks(self.package, self.part, _ROW_END, "</row>"):
            if not self.looked:
                self._look(text)
            if self.odd:
                text = self._usual(text)
            if not self.explicit or "</v>" in text or "</is>" in text or "</f>" in text or self.odd:
                yield from self._chunk(text)

    def _look(self, text: str) -> None:
        """How this sheet is spelt, told from its first rows: a namespace prefix, blanks in end tags, rows without numbers."""
        self.looked = True
        named = _PREFIX.search(text)
        self.prefix = re.compile(rf"<(/?){named[1]}:") if named else None
        self.odd = bool(named or _BLANK_IN_TAG.search(text))
        first = _ROW.search(self._usual(text))
        self.explicit = bool(first and _ROW_NUMBER.search(first[1]))

    def _usual(self, text: str) -> str:
        text = self.prefix.sub(r"<\1", text) if self.prefix else text
        return _TIDY_END.sub("</row>", text)

    def _chunk(self, text: str) -> Iterator[dict]:
        escaped = "&" in text or "_x" in text
        found: list[tuple] = []
        for piece in text.split("</row>"):
            match = self.shape.pattern.fullmatch(piece)
            if match is not None:
                if match.lastindex > 1:
                    found.append(match.groups())
                elif not self.explicit:
                    self.last_row = int(match[1])
                continue
            if found:
                yield self._by_column(found, escaped)
                found = []
            body = self._body(piece)
            if body:
                self.shape.learn(body)
                yield self._by_row(body)
        if found:
            yield self._by_column(found, escaped)

    def _body(self, piece: str) -> str:
        """The cells of the piece's last row, "" when none of them holds a value; moves ``last_row`` on."""
        start = piece.rfind("<row")
        while start >= 0 and piece[start + 4 : start + 5].isalpha():
            start = piece.rfind("<row", 0, start)
        match = _ROW.match(piece, start) if start >= 0 else None
        if match is None:
            return ""
        if "<c" in piece[:start] and _CELLS_BEFORE.search(piece, 0, start):
            raise UnreadableWorkbook("broken")
        number = _ROW_NUMBER.search(match[1])
        self.last_row = int(number[1]) if number else self.last_row + max(1, len(_ROW.findall(piece)))
        body = piece[match.end() :]
        return body if "<v" in body or "<is" in body or "<f" in body else ""

    def _by_row(self, body: str) -> dict:
        found = self.cells.row(body)
        line: list = [None] * (max(found) + 1 if found else 0)
        marked = []
        for column, (kind, value) in found.items():
            if kind:
                marked.append([0, column, kind, value])
            else:
                line[column] = value
        return {"n": [self.last_row], "r": [line], "x": marked} if found else {"n": [], "r": []}

    def _by_column(self, rows: list[tuple], escaped: bool) -> dict:
        numbers, *groups = zip(*rows, strict=True)
        numbers = list(map(int, numbers))
        self.last_row = numbers[-1]
        plan = self.shape.plan
        columns: list[list] = [[None] * len(numbers) for _ in range(plan[-1][0] + 1)] if plan else []
        block = {"n": numbers, "c": columns, "k": {}, "x": []}
        filled: set[int] = set()
        for (column, kind, style), raws in zip(plan, groups, strict=True):
            gaps = None in raws
            present = [index for index, raw in enumerate(raws) if raw is not None] if gaps else range(len(raws))
            if not present:
                continue
            here = [raws[index] for index in present] if gaps else list(raws)
            if column in filled and column in block["k"]:
                self._by_cell(block, column)
            try:
                found, values = self.cells.column(kind, style, here, escaped)
            except (ValueError, TypeError, IndexError, OverflowError):
                for index, raw in zip(present, here, strict=True):
                    self._put(block, column, index, *self.cells.one(kind, style, raw))
            else:
                self._put_all(block, column, present, found, values, column in filled)
            filled.add(column)
        return block

    @staticmethod
    def _by_cell(block: dict, column: int) -> None:
        """Give the kind of a whole column to each of its cells, because cells of another kind are to join them."""
        kind = block["k"].pop(column)
        values, block["c"][column] = block["c"][column], [None] * len(block["n"])
        block["x"] += [[index, column, kind, value] for index, value in enumerate(values) if value is not None]

    @staticmethod
    def _put(block: dict, column: int, index: int, kind: str, value: object) -> None:
        if kind:
            block["x"].append([index, column, kind, value])
        else:
            block["c"][column][index] = value

    def _put_all(self, block: dict, column: int, present: Sequence[int], kind: str, values: list, mixed: bool) -> None:
        """``mixed``: cells of another form stand in this column already, so a kind cannot be given to the whole of it."""
        if len(values) == len(block["n"]):
            block["c"][column] = values
        elif mixed and kind:
            block["x"] += [[index, column, kind, value] for index, value in zip(present, values, strict=True)]
            return
        else:
            line = block["c"][column]
            for index, value in zip(present, values, strict=True):
                line[index] = value
        if kind:
            block["k"][column] = kind
