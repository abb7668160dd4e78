"""Tables that other systems save under the name .xls though they are web pages or XML 2003 workbooks."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.parsers import expat

from apps.core.workbooks.delimited import find_encoding
from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.values import LAST_COLUMN

BATCH = 500
MOST_BYTES = 128 * 2**20
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", re.I)


def read_markup(path: Path, form: str) -> Iterator[dict]:
    """The messages of the child process for an ``html`` or ``xml2003`` file."""
    if path.stat().st_size > MOST_BYTES:
        raise UnreadableWorkbook("too_large", limit=f"{MOST_BYTES // 2**20} MB")
    yield {"book": {"format": form}}
    found = False
    for name, lines, merged in _pages(path) if form == "html" else _xml_sheets(path):
        found = True
        yield {"sheet": {"name": name, "merged": merged}}
        for start in range(0, len(lines), BATCH):
            part = lines[start : start + BATCH]
            yield {"n": [number for number, _line in part], "r": [line for _number, line in part]}
    if not found:
        raise UnreadableWorkbook("not_a_workbook", what="网页")


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    named = _CHARSET.search(data[:4096])
    names = [named[1].decode("ascii", "ignore").lower()] if named else []
    names = ["gb18030" if name in ("gb2312", "gbk") else name for name in names]
    for name in [*names, find_encoding(path)]:
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    raise UnreadableWorkbook("unknown_encoding")


class _Tables(HTMLParser):
    """Collects the rows of all outermost tables; spanned cells keep their place."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[dict[int, str]]] = []
        self.merged: list[list[tuple[int, int, int, int]]] = []
        self.depth, self.text, self.column, self.taken = 0, None, 0, {}

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append([])
                self.merged.append([])
                self.taken = {}
        elif tag == "tr" and self.depth == 1:
            self._end_cell()
            self.tables[-1].append({})
            self.column = 0
        elif tag in ("td", "th") and self.depth == 1 and self.tables[-1]:
            self._end_cell()
            self._start_cell(dict(attrs))
        elif tag == "br" and self.text is not None:
            self.text.append("\n")

    def _start_cell(self, attributes: dict) -> None:
        row = len(self.tables[-1])
        while self.taken.get(self.column, 0) >= row:
            self.column += 1
        if self.column >= LAST_COLUMN:
            raise UnreadableWorkbook("too_many_columns", sheet=f"表{len(self.tables)}", limit=LAST_COLUMN)
        right, down = (_span(attributes.get(name)) for name in ("colspan", "rowspan"))
        if right > 1 or down > 1:
            self.merged[-1].append((row, self.column, row + down - 1, self.column + right - 1))
        if down > 1:
            self.taken.update(dict.fromkeys(range(self.column, self.column + right), row + down - 1))
        self.text, self.place, self.column = [], self.column, self.column + right

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            if self.depth == 1:
                self._end_cell()
            self.depth = max(0, self.depth - 1)
        elif tag in ("td", "th", "tr") and self.depth == 1:
            self._end_cell()

    def _end_cell(self) -> None:
        if self.text is not None and self.tables and self.tables[-1]:
            text = re.sub(r"[ \t\r]*\n\s*", "\n", "".join(self.text)).strip()
            if text:
                self.tables[-1][-1][self.place] = text
        self.text = None

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)


def _span(text: str | None) -> int:
    return min(max(int(text), 1), 500) if text and text.strip().isdecimal() and len(text) < 5 else 1


def _pages(path: Path) -> Iterator[tuple[str, list, list]]:
    parser = _Tables()
    parser.feed(_decoded(path))
    parser.close()
    for number, (table, merged) in enumerate(zip(parser.tables, parser.merged, strict=True), start=1):
        lines = [(row, _line(cells)) for row, cells in enumerate(table, start=1) if cells]
        if lines:
            yield (f"表{number}" if len(parser.tables) > 1 else ""), lines, merged


def _line(cells: dict[int, object]) -> list:
    line: list = [None] * (max(cells) + 1)
    for column, value in cells.items():
        line[column] = value
    return line


class _Book2003:
    """Collects the sheets of an XML 2003 workbook."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, dict[int, dict[int, object]], list]] = []
        self.row, self.column, self.kind, self.text, self.hidden = 0, 0, "", None, set()

    def start(self, name: str, attributes: dict) -> None:
        tag = name.rpartition(":")[2]
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if tag == "Worksheet":
            self.sheets.append((plain.get("Name", ""), {}, []))
            self.row = 0
        elif tag == "Row" and self.sheets:
            self.row = _number(plain.get("Index"), self.row + 1)
            self.column = 0
        elif tag == "Cell" and self.sheets:
            self.column = _number(plain.get("Index"), self.column + 1)
            across, down = _number(plain.get("MergeAcross"), 0), _number(plain.get("MergeDown"), 0)
            if across or down:
                self.sheets[-1][2].append((self.row, self.column - 1, self.row + down, self.column - 1 + across))
            self.after = self.column + across
        elif tag == "Data" and self.sheets:
            self.kind, self.text = plain.get("Type", "String"), []
        elif tag == "Visible":
            self.text, self.kind = [], "visible"

    def end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag in ("Data", "Visible") and self.text is not None:
            text, self.text = "".join(self.text), None
            if tag == "Visible" and "Hidden" in text and self.sheets:
                self.hidden.add(len(self.sheets) - 1)
            elif tag == "Data" and text and self.column <= LAST_COLUMN:
                self.sheets[-1][1].setdefault(self.row, {})[self.column - 1] = _typed(self.kind, text)
        elif tag == "Cell" and self.sheets:
            self.column = self.after

    def data(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else default


def _typed(kind: str, text: str) -> object:
    if kind == "Number":
        try:
            value = float(text)
        except ValueError:
            return text
        return int(value) if value.is_integer() else value if value - value == 0 else text
    if kind == "DateTime":
        return re.sub(r"T00:00:00(?:\.0+)?$", "", text)
    return text == "1" if kind == "Boolean" else text


def _xml_sheets(path: Path) -> Iterator[tuple[str, list, list]]:
    book, parser = _Book2003(), expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_arguments):
        raise UnreadableWorkbook("unsafe")

    parser.EntityDeclHandler = refuse
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = book.start, book.end, book.data
    try:
        parser.Parse(path.read_bytes(), True)
    except (expat.ExpatError, LookupError, ValueError) as fault:
        raise UnreadableWorkbook("broken") from fault
    for index, (name, rows, merged) in enumerate(book.sheets):
        if index not in book.hidden:
            yield name, [(number, _line(rows[number])) for number in sorted(rows)], merged
