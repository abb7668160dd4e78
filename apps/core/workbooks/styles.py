"""Number formats of an .xlsx: which cells are dates, which show a fixed number of decimals."""

import re
from datetime import datetime, timedelta
from functools import lru_cache

from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.package import Package

BUILT_IN_DATES = {14, 15, 16, 22, *range(27, 32), *range(34, 37), *range(50, 59)}
BUILT_IN_MONTHS = {17, 27, 36, 50, 57, 52, 55}
BUILT_IN_TIMES = {18, 19, 20, 21, 32, 33, 45, 46, 47}
MOST_STYLES, LONGEST_CODE = 300_000, 255
_PARTS = frozenset(("numFmt", "xf", "cellXfs", "cellStyleXfs", "cellStyles", "dxfs"))
BUILT_IN_DECIMALS = {1: 0, 2: 2, 3: 0, 4: 2, 37: 0, 38: 0, 39: 2, 40: 2, 41: 0, 42: 0, 43: 2, 44: 2}
_NOISE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', re.S)


def kind_of_format(number: int, code: str) -> str:
    """"" (plain), "d" (date), "m" (year and month only), "t" (time of day), or the count of decimals as a digit."""
    if not code:
        if number in BUILT_IN_MONTHS:
            return "m"
        if number in BUILT_IN_DATES:
            return "d"
        if number in BUILT_IN_TIMES:
            return "t"
        return str(BUILT_IN_DECIMALS.get(number, ""))
    return _kind_of_code(code)


@lru_cache(maxsize=4096)
def _kind_of_code(code: str) -> str:
    elapsed = re.search(r"\[(?:h+|m+|s+)\]", code, re.I)
    plain = _NOISE.sub("", code.split(";")[0]).lower()
    if plain.strip() in ("general", "@", "") or "general" in plain or "g/通用格式" in plain:
        return ""
    if re.search("[yegd年月]", plain) or ("m" in plain and not re.search("[hs]", plain)):
        return "d" if "d" in plain or "y" not in plain else "m" if "m" in plain else "d"
    if elapsed or re.search("[hms]", plain):
        return "t"
    decimals = re.search(r"\.(0+)", plain)
    if "%" in plain or "e+" in plain or "#" in plain.partition(".")[2]:
        return ""
    return str(min(len(decimals[1]), 9)) if decimals else "0" if re.search("[0#]", plain) else ""


def read_styles(package: Package, part: str) -> list[str]:
    """The kind of format of each cell style, by its number in ``s="…"``. An unreadable style sheet means no formats."""
    codes: dict[int, str] = {}
    ids: list[int] = []
    inside = ""
    try:
        for tag, attributes in package.elements(part, _PARTS):
            if tag == "numFmt":
                codes.setdefault(_number(attributes.get("numFmtId")), attributes.get("formatCode", "")[:LONGEST_CODE])
            elif tag != "xf":
                inside = tag
            elif inside == "cellXfs" and len(ids) < MOST_STYLES:
                ids.append(_number(attributes.get("numFmtId")))
    except UnreadableWorkbook as fault:
        if fault.code == "unsafe":
            raise
        return []
    return [kind_of_format(number, codes.get(number, "")) for number in ids]


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 7 else 0


@lru_cache(maxsize=65_536)
def serial_to_iso(serial: float, date1904: bool) -> str | None:
    """ISO date or date-time of an Excel serial; ``None`` when it is no date (negative, or past the year 9999)."""
    if not 1 <= serial < 2_958_466:
        return None
    if date1904:
        moment = datetime(1904, 1, 1) + timedelta(days=serial)
    else:  # the 1900 system counts a 29 February 1900 that never was
        moment = datetime(1899, 12, 31 if serial < 60 else 30) + timedelta(days=serial)
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    return moment.date().isoformat() if serial == int(serial) else moment.isoformat()
