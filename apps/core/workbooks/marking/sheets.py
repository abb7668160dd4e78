"""One sheet's XML on its way from package to package as a stream: marked cells get another format, nothing else of the rows is touched."""

import re
from collections.abc import Callable, Iterator, Mapping

from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.marking.surgery import Surgery, relation_id, with_attributes
from apps.core.workbooks.package import Package
from apps.core.workbooks.shared_strings import decoded_chunks
from apps.core.workbooks.values import column_index, column_letter

Levels = Mapping[int, str]
"""column index → level of one row."""
_ROW_END = re.compile(r"</(?:\w+:)?row\s*>|<(?:\w+:)?sheetData\s*/>")
_DATA = re.compile(r"<((?:\w+:)?)sheetData\s*(/?)>")
_DATA_END = re.compile(r"</(?:\w+:)?sheetData\s*>")
_ROOT = re.compile(r"<(?:\w+:)?worksheet\b[^<>]*>")
_NUMBER = re.compile(r"""\br\s*=\s*["'](\d{1,7})["']""")
_STYLE = re.compile(r"""\ss\s*=\s*["'](\d{1,6})["']""")
_REFERENCE = re.compile(r"""\br\s*=\s*["']\s*([A-Za-z]{1,3})\d*["']""")
_FOREIGN = re.compile(r"\[\d+\]")
_FORMULA = re.compile(r"<((?:\w+:)?)f\b([^<>]*?)(?:/>|>([^<]*)</(?:\w+:)?f\s*>)")
_SHARED = re.compile(r"""\bsi\s*=\s*["'](\d+)["']""")
ACTIVE = ("oleObjects", "controls")
BEHIND_NOTES = ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst", "AlternateContent")
Restyle = Callable[[int, str], int]


class SheetRewriter:
    """``pieces()`` yields the part's new text. ``marks``: row number → column → level.

    ``dropped``: ids of relations that don't come along; what refers to them goes too. ``notes``: id of the relation to the drawing of the
    comments, when the sheet hasn't one yet. ``foreign``: formulas into other files become their stored results.
    """

    def __init__(self, package: Package, part: str, *, marks: Mapping[int, Levels], restyle: Restyle, dropped: frozenset[str], notes: str = "", foreign: bool = False):
        self.package, self.part, self.restyle = package, part, restyle
        self.waiting = sorted(marks.items(), reverse=True)
        self.dropped, self.notes, self.foreign = dropped, notes, foreign
        self.prefix, self.root, self.columns = "", "", []
        self.row = 0
        self.unshared: set[str] = set()

    def pieces(self) -> Iterator[str]:
        inside, behind = False, []
        for text in decoded_chunks(self.package, self.part, _ROW_END, "</row>"):
            if behind:
                behind.append(text)
                continue
            if not inside:
                opened = _DATA.search(text)
                if opened is None:
                    raise UnreadableWorkbook("broken")
                inside = True
                yield self._head(text[: opened.start()], opened)
                text = "</sheetData>" + text[opened.end() :] if opened[2] else text[opened.end() :]
            closed = _DATA_END.search(text) if "sheetData" in text else None
            rows = text[: closed.start()] if closed else text
            if rows:
                yield self._rows(rows)
            if closed:
                behind = [text[closed.end() :]]
        yield "".join(self._missing(None)) + f"</{self.prefix}sheetData>" + self._tail("".join(behind))

    def _head(self, text: str, opened: re.Match) -> str:
        root = _ROOT.search(text)
        if root is None:
            raise UnreadableWorkbook("broken")
        self.prefix, self.root = opened[1], root[0]
        surgery = Surgery(root[0] + text[root.end() :] + f"</{self.prefix}worksheet>")
        for view in surgery.root.below("sheetView"):
            if view.attributes.get("tabSelected"):
                surgery.put(view, tabSelected="0")
        self.columns = [
            (int(one.attributes.get("min", 0)), int(one.attributes.get("max", 0)), int(one.attributes["style"]))
            for one in surgery.root.below("col")
            if one.attributes.get("style", "").isdecimal()
        ]
        head = surgery.result().decode()
        return head[: head.rindex("</")] + f"<{self.prefix}sheetData>"

    def _rows(self, text: str) -> str:
        if self.foreign and "[" in text:
            text = _FORMULA.sub(self._own_formula, text)
        if not self.waiting and self.row:
            return text
        found, at = [], 0
        for row in self._row_heads(text):
            self._count(row[1])
            if not self.waiting or self.waiting[-1][0] > self.row:
                continue
            found += [text[at : row.start()], *self._missing(self.row)]
            at = row.start()
            if self.waiting and self.waiting[-1][0] == self.row:
                end = self._row_end(text, row)
                found.append(self._marked(row, text[row.end() : end], self.waiting.pop()[1]))
                at = end
        return "".join([*found, text[at:]])

    def _row_heads(self, text: str) -> Iterator[re.Match]:
        return re.finditer(rf"<{self.prefix}row\b([^<>]*)>", text)

    def _count(self, attributes: str) -> None:
        number = _NUMBER.search(attributes)
        self.row = int(number[1]) if number else self.row + 1

    def _row_end(self, text: str, row: re.Match) -> int:
        """Where the row's cells end; a row without cells ends with its own tag."""
        if row[1].endswith("/"):
            return row.end()
        end = re.compile(rf"</{self.prefix}row\s*>").search(text, row.end())
        if end is None:
            raise UnreadableWorkbook("broken")
        return end.end()

    def _marked(self, row: re.Match, body: str, levels: Levels) -> str:
        head = row[0][:-2] + ">" if row[1].endswith("/") else row[0]
        fallback = _STYLE.search(row[1]) if "customFormat" in row[1] else None
        cells, column, missing, found = re.split(rf"(?=<{self.prefix}c[\s/>])", body), -1, dict(sorted(levels.items())), []
        found.append(cells[0] if not cells[0].startswith("</") else "")
        for cell in cells[1:]:
            start = cell[: cell.index(">") + 1]
            reference = _REFERENCE.search(start)
            column = column_index(reference[1].upper()) if reference else column + 1
            for before in [one for one in missing if one < column]:
                found.append(self._new_cell(before, missing.pop(before), fallback))
            if level := missing.pop(column, ""):
                style = _STYLE.search(start)
                cell = with_attributes(start, {"s": str(self.restyle(int(style[1]) if style else 0, level))}) + cell[len(start) :]
            found.append(cell)
        end = f"</{self.prefix}row>"
        text = "".join(found)
        text = re.sub(rf"{end[:-1]}\s*>$", "", text)
        return head + text + "".join(self._new_cell(one, level, fallback) for one, level in missing.items()) + end

    def _new_cell(self, column: int, level: str, fallback: re.Match | None) -> str:
        """A marked cell where the sheet has none: formatted as its row or column is."""
        style = int(fallback[1]) if fallback else next((style for first, last, style in self.columns if first <= column + 1 <= last), 0)
        return f'<{self.prefix}c r="{column_letter(column)}{self.row}" s="{self.restyle(style, level)}"/>'

    def _missing(self, before: int | None) -> Iterator[str]:
        """Rows that are to be marked and don't exist, up to row ``before``."""
        current = self.row
        while self.waiting and (before is None or self.waiting[-1][0] < before):
            number, levels = self.waiting.pop()
            self.row = number
            cells = "".join(self._new_cell(column, level, None) for column, level in sorted(levels.items()))
            yield f'<{self.prefix}row r="{number}">{cells}</{self.prefix}row>'
        self.row = current

    def _own_formula(self, match: re.Match) -> str:
        shared = _SHARED.search(match[2])
        if _FOREIGN.search(match[3] or ""):
            if shared:
                self.unshared.add(shared[1])
            return ""
        return "" if shared and shared[1] in self.unshared and not match[3] else match[0]

    def _tail(self, text: str) -> str:
        surgery = Surgery(self.root + text)
        root = surgery.root
        for name in ACTIVE:
            for one in list(root.below(name)):
                surgery.cut(next((above for above in _above(one) if above.name == "AlternateContent"), one))
        cut_dangling(surgery, self.dropped)
        if self.notes:
            behind = next((one for one in root.children if one.name in BEHIND_NOTES), None)
            surgery.insert(behind.start if behind else root.tail, f'<{self.prefix}legacyDrawing {relation_id(self.root, self.notes)}/>')
        tail = surgery.result().decode()
        return tail[tail.index(self.root) + len(self.root) :]


def _above(element):
    while element is not None:
        yield element
        element = element.parent


def cut_dangling(surgery: Surgery, dropped: frozenset[str]) -> None:
    """Take out what refers to relations that don't come along; a page set-up only loses the reference."""
    for one in list(surgery.root.below()):
        keys = {key for key, value in one.attributes.items() if key.startswith("rel:") and value in dropped}
        if not keys or one.cut:
            continue
        if one.name == "pageSetup":
            surgery.drop_attribute(one, r"\w+:id")
        else:
            surgery.cut(one)
