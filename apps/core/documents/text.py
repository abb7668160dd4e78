"""Small rules of official wording: numbers, dates, titles over several lines."""

import math
import re
from datetime import date

from apps.core.documents.measures import TITLE_CHARS, width_pt

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_GOOD_END = "市县区旗局委部处室、，于的和及与年度月"
_ONE_WORD = {"年度", "季度", "月份", "干部", "部门", "部署", "市委", "县委", "区委", "市直", "县区", "和谐", "度假"}
_NEVER_START = "、，。；：！？）》〉」』】〕”’·%％"
_NEVER_END = "（《〈「『【〔“‘"


def clean(text) -> str:
    """Text that XML can hold; None is empty."""
    return _UNWANTED.sub("", "" if text is None else str(text)).replace("\r\n", "\n").replace("\r", "\n")


def official_date(day: date) -> str:
    """2026年10月8日: Arabic figures, no zero before them."""
    return f"{day.year}年{day.month}月{day.day}日"


def document_number(prefix: str, year: int, serial: int) -> str:
    """九老干字〔2026〕12号: six-cornered brackets, no 第, no leading zero."""
    return f"{prefix}〔{year}〕{serial}号"


def _allowed(title: str, at: int) -> bool:
    before, after = title[at - 1], title[at]
    if before in _NEVER_END or after in _NEVER_START or before + after in _ONE_WORD:
        return False
    # A figure stays with its own digits and with the unit behind it (2026|年).
    return not (before.isascii() and after.isascii()) and not before.isdigit()


def _cost(title: str, at: int, ideal: float) -> float:
    return abs(width_pt(title[:at], 1) - ideal) + (0 if title[at - 1] in _GOOD_END else 4)


def title_lines(title: str, width: int = TITLE_CHARS) -> list[str]:
    """Lines of a title: as written where it holds line breaks, else about evenly long ones broken at a likely word end.

    ``width`` in squares of one character; letters and figures take half.
    """
    if "\n" in title:
        return [line.strip() for line in title.split("\n") if line.strip()]
    lines, rest = [], title
    while (whole := width_pt(rest, 1)) > width:
        ideal = whole / math.ceil(whole / width)
        fitting = [at for at in range(1, len(rest)) if width_pt(rest[:at], 1) <= width]
        places = [at for at in fitting if _allowed(rest, at)] or fitting[-1:]
        at = min(places, key=lambda place: _cost(rest, place, ideal))
        lines.append(rest[:at])
        rest = rest[at:]
    return [*lines, rest]
