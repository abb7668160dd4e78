"""Values of .xlsx cells: from the text between the tags to JSON values, one at a time or a column at once."""

import re
from collections.abc import Sequence

from apps.core.workbooks.shared_strings import LONGEST_TEXT, text_of, unescape
from apps.core.workbooks.styles import serial_to_iso

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_CELL_START = re.compile(r"<c(?=[\s/>])")
_CELL_END = re.compile(r"</c\s*>")
_REFERENCE = re.compile(r"""\br\s*=\s*["']\s*([A-Za-z]{1,3})(\d*)["']""")
_ATTRIBUTE = re.compile(r"""(?<![\w:])(s|t)\s*=\s*["'](\w*)["']""")
_VALUE = re.compile(r"<v\b[^>]*?(?<!/)>([^<]*)</v\s*>")
_INLINE = re.compile(r"<is\b[^>]*>(.*?)</is\s*>", re.S)
_LITERAL = re.compile(r'<f\b[^>]*>\s*=?"([^"<]*)"\s*</f\s*>')


class Cells:
    """Turns raw cells into values, knowing the workbook's shared strings, styles and date system."""

    def __init__(self, strings: Sequence[str], styles: Sequence[str], date1904: bool):
        self.strings, self.styles, self.date1904 = strings, styles, date1904

    def style(self, number: int) -> str:
        return self.styles[number] if 0 <= number < len(self.styles) else ""

    def one(self, kind: str, style: int, raw: str) -> tuple[str, object]:
        """(kind, JSON value) of one raw value; ("", None) when there is nothing in it."""
        if kind == "s":
            number = raw.strip()
            known = number.isdecimal() and len(number) < 10 and int(number) < len(self.strings)
            return "", (self.strings[int(number)] or None) if known else None
        if kind in ("str", "inlineStr"):
            return "", unescape(raw)[:LONGEST_TEXT] or None
        raw = raw.strip()
        if not raw:
            return "", None
        if kind == "b":
            return "", raw not in ("0", "false")
        if kind == "e":
            return "e", unescape(raw)[:20]
        if kind == "d":
            return self._iso(raw)
        return self._number(raw, self.style(style))

    def _number(self, raw: str, style: str) -> tuple[str, object]:
        if not _NUMBER.fullmatch(raw) or len(raw) > 400:
            return "", unescape(raw) or None
        value = float(raw)
        if value in (float("inf"), float("-inf")):
            return "", raw
        if style in ("d", "m"):
            iso = serial_to_iso(value, self.date1904)
            return (style, iso) if iso else ("", _whole(value))
        if style == "t":
            return "", _time_of_day(value)
        if style and style != "0":
            return style, value
        return "", _whole(value)

    @staticmethod
    def _iso(raw: str) -> tuple[str, object]:
        match = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d+)?Z?)?", raw)
        if not match:
            return "", raw
        return "d", match[1] if match[2] in (None, "00:00:00") else f"{match[1]}T{match[2]}"

    def column(self, kind: str, style: int, raws: list[str | None], escaped: bool) -> tuple[str, list]:
        """(kind, values) of one column. Raises ValueError or TypeError when its values are not all of one kind."""
        if kind == "s":
            found = list(map(self.strings.__getitem__, map(int, raws)))
            return "", [text or None for text in found] if "" in found else found
        if kind in ("str", "inlineStr"):
            if escaped or None in raws or "" in raws:
                raise ValueError("each cell needs a look")
            return "", raws
        form = self.style(style)
        if kind == "n" and form in ("", "0"):
            return "", list(map(int, raws)) if all(map(str.isdecimal, raws)) else list(map(_plain_number, raws))
        if kind == "n" and form in ("d", "m"):
            days = [serial_to_iso(float(raw), self.date1904) for raw in raws]
            if None in days:
                raise ValueError("not all are dates")
            return form, days
        raise ValueError("each cell needs a look")

    def row(self, body: str) -> dict[int, tuple[str, object]]:
        """column → (kind, value) of a row in any legal spelling; columns without a value are left out."""
        found: dict[int, tuple[str, object]] = {}
        column = -1
        for piece in _CELL_START.split(body)[1:]:
            attributes, _, content = piece.partition(">")
            reference = _REFERENCE.search(attributes)
            column = _column(reference[1]) if reference else column + 1
            end = _CELL_END.search(content)
            if attributes.endswith("/") or not end or not 0 <= column < 16_384:
                continue
            content = content[: end.start()]
            kind, value = self._content(dict(_ATTRIBUTE.findall(attributes)), content)
            if value is not None:
                found[column] = (kind, value)
        return found

    def _content(self, attributes: dict[str, str], content: str) -> tuple[str, object]:
        if inline := _INLINE.search(content):
            return "", text_of(inline[1]) or None
        kind, style = attributes.get("t") or "n", attributes.get("s", "")
        if value := _VALUE.search(content):
            return self.one(kind, int(style) if style.isdecimal() and len(style) < 7 else -1, value[1])
        literal = _LITERAL.search(content)
        return "", (unescape(literal[1]) or None) if literal else None


def _column(letters: str) -> int:
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def _whole(value: float) -> int | float:
    return int(value) if value.is_integer() else value


def _plain_number(raw: str) -> int | float:
    value = float(raw)
    return int(value) if value.is_integer() else value


def _time_of_day(value: float) -> str | int | float:
    if not 0 <= value < 1:
        return _whole(value)
    seconds = round(value * 86_400)
    return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
