"""Dates as people write them in old files, with the precision they were written in.

Forms understood: 1945-08-15, 1945/8/15, 1945.08.15, 19450815, 1945年8月15日, 一九四五年八月十五日, 民国三十四年八月;
without a day 1945.08, 1945.8, 194508, 19450800, 1945年8月, Aug-45; a year alone 1945, 1945年; two-digit years 45.8, 45年8月
(19xx unless a pivot is given); a time of day behind the date is dropped; date cells, year.month numbers and Excel serials.
A day or month that was not written is never invented: ``value`` then holds the first day and ``precision`` says so.
"""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from apps.core.text import clean_text
from apps.core.workbooks.problems import Problem, problem
from apps.core.workbooks.values import CellError, MonthDate, Number, shown

FIRST_YEAR, LAST_YEAR = 1840, 2099
EPOCH_1900, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
NOTHING = frozenset({"", "无", "不详", "未知", "不清楚", "不明", "空", "-", "--", "—", "——", "/", "\\", "0", "否", "未"})


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date known to the year, month or day. ``raw`` is what the cell showed."""

    value: date
    precision: str
    raw: str = ""

    @property
    def earliest(self) -> date:
        return self.value

    @property
    def latest(self) -> date:
        """The last day this date can mean."""
        if self.precision == "year":
            return date(self.value.year, 12, 31)
        if self.precision == "month":
            return self.value.replace(day=calendar.monthrange(self.value.year, self.value.month)[1])
        return self.value

    def certainly_before(self, other: "PartialDate | date") -> bool:
        """True when no reading of the two dates puts this one on or after the other."""
        return self.latest < (other.earliest if isinstance(other, PartialDate) else other)

    def certainly_after(self, other: "PartialDate | date") -> bool:
        return self.earliest > (other.latest if isinstance(other, PartialDate) else other)

    def __str__(self) -> str:
        form = {"year": "{0.year}年", "month": "{0.year}年{0.month}月", "day": "{0.year}年{0.month}月{0.day}日"}
        return form[self.precision].format(self.value)


def parse_date(
    cell: object, *, pivot: int | None = None, date1904: bool = False, lost_zeros: bool = False
) -> PartialDate | Problem | None:
    """The date in a cell; ``None`` for blank (and 不详, 无, —); else a Problem.

    Two-digit years are 19xx; with ``pivot`` those up to and including it are 20xx. ``lost_zeros``: the text comes from a
    source without types (csv), so "1945.1" may have been the number 1945.10. Problems: ``date_ambiguous`` for a number that
    may be January or October, ``date_unparseable`` for everything that is no date, ``cell_error`` for error cells.
    """
    if cell is None:
        return None
    if isinstance(cell, CellError):
        return problem("cell_error", found=cell)
    if isinstance(cell, str):
        return _from_text(cell, pivot, lost_zeros, date1904)
    if isinstance(cell, date):
        return _from_date_cell(cell)
    if isinstance(cell, Number):
        return _from_number(float(cell), cell.decimals, pivot, date1904)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _from_number(cell, -1, pivot, date1904)
    return problem("date_unparseable")


def in_future(when: PartialDate, today: date) -> bool:
    """True when the date, however it is read, lies after today."""
    return when.certainly_after(today)


def _from_date_cell(cell: date) -> PartialDate | Problem:
    if isinstance(cell, MonthDate):
        return _made(cell.year, cell.month, 0, shown(cell))
    if isinstance(cell, datetime) and cell.time() != time() and cell.year in (1904, 1905):
        return problem("date_unparseable")  # 1945.08 typed into a cell of date format is shown as a day in 1905
    return _made(cell.year, cell.month, cell.day, shown(cell))


def _made(year: int, month: int, day: int, raw: str) -> PartialDate | Problem:
    """Zero for what is not known."""
    if not FIRST_YEAR <= year <= LAST_YEAR or (day and not month):
        return problem("date_unparseable")
    try:
        value = date(year, month or 1, day or 1)
    except ValueError:
        return problem("date_unparseable")
    return PartialDate(value, "day" if day else "month" if month else "year", raw)


@lru_cache(maxsize=16_384)
def _from_number(number: float, decimals: int, pivot: int | None, date1904: bool) -> PartialDate | Problem:
    if not 0 <= number < 1e8:
        return problem("date_unparseable")
    text = f"{number:.{decimals}f}" if decimals == 2 else f"{round(float(number), 6):.6f}".rstrip("0").rstrip(".")
    whole, _, fraction = text.partition(".")
    if not fraction or (decimals == 2 and fraction == "00"):
        return _from_whole(int(whole), text, date1904)
    if len(whole) == 5 and number < 60_000:
        return _serial(int(whole), text, date1904)
    if len(whole) not in (2, 4):
        return problem("date_unparseable")
    if fraction == "1":
        return _ambiguous(text, _year(whole, pivot))
    if decimals == 2 and fraction[1] == "0" and int(fraction) > 12:
        fraction = fraction[0]
    if len(fraction) == 4:
        return _made(_year(whole, pivot), int(fraction[:2]), int(fraction[2:]), text)
    return _made(_year(whole, pivot), int(fraction), 0, text) if len(fraction) <= 2 else problem("date_unparseable")


def _ambiguous(text: str, year: int) -> Problem:
    return problem("date_ambiguous", found=text, choices=f"{year}年1月或{year}年10月", example=f"{year}年10月")


def _from_whole(number: int, raw: str, date1904: bool) -> PartialDate | Problem:
    digits = str(number)
    if FIRST_YEAR <= number <= LAST_YEAR:
        return _made(number, 0, 0, raw)
    if len(digits) in (6, 8):
        return _compact(digits, raw)
    if LAST_YEAR < number < 60_000:
        return _serial(number, raw, date1904)
    return problem("date_unparseable")


def _serial(number: int, raw: str, date1904: bool) -> PartialDate | Problem:
    day = (EPOCH_1904 if date1904 else EPOCH_1900) + timedelta(days=number)
    return _made(day.year, day.month, day.day, raw)


def _year(digits: str, pivot: int | None) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return 2000 + year if pivot is not None and year <= pivot else 1900 + year


def _compact(digits: str, raw: str) -> PartialDate | Problem:
    """YYYYMM, YYYYMMDD (00 for unknown) or YYMMDD."""
    if len(digits) == 6 and digits[:2] not in ("18", "19", "20"):
        return _made(1900 + int(digits[:2]), int(digits[2:4]), int(digits[4:]), raw)
    return _made(int(digits[:4]), int(digits[4:6]), int(digits[6:] or 0), raw)


_TIME = re.compile(r"(?:[T ]|(?<=日))\s*(?:上午|下午)?\s*\d{1,2}[:时]\d{1,2}(?:[:分](?:\d{1,2}(?:\.\d+)?秒?)?)?(?:Z|[+-]\d\d:?\d\d)?$")
_SEPARATED = re.compile(r"(\d{4}|\d{2})[-./年](\d{1,2})(?:[-./月](\d{1,2})?)?[-./日号]?")
_YEAR_ONLY = re.compile(r"(\d{4})年?|(\d{2})年")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_NAMED = re.compile(r"(?:(\d{1,2})[-. ,]*)?([A-Za-z]{3,9})[-. ,]*(?:(\d{1,2}),)?[-. ]*(\d{4}|\d{2})")
_MINGUO = re.compile(r"民国(元|\d{1,2})年(?:(\d{1,2})月)?(?:(\d{1,2})日?)?")
_VAGUE = re.compile(r"(?<=[年月])(?:份|上旬|中旬|下旬|初|底|末)$|(?<=\d{4})年(?:初|底|末)$")
_MARKS = str.maketrans({"。": ".", "、": ".", ",": ".", "，": ".", "．": ".", "·": ".", "\\": "/", "_": "-", "—": "-",
                        "–": "-", "－": "-", "―": "-", "−": "-", "‐": "-", "‑": "-", "~": "-"})  # fmt: skip
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}


@lru_cache(maxsize=65_536)
def _from_text(cell: str, pivot: int | None, lost_zeros: bool, date1904: bool) -> PartialDate | Problem | None:
    raw = clean_text(cell)
    text = unicodedata.normalize("NFKC", raw).replace("\n", " ").strip()
    if text in NOTHING:
        return None
    text = _TIME.sub("", text)
    named = _NAMED.fullmatch(text)
    if named:
        return _from_named(named, raw, pivot)
    text = _arabic(re.sub(r"\s+", "", text).translate(_MARKS).removeprefix("公元"))
    text = re.sub(r"[-./]{2,}", "-", _VAGUE.sub("", text))
    if text.isascii() and text.isdigit():
        return _from_digits(text, raw, date1904)
    return _from_parts(text, raw, pivot, lost_zeros)


def _from_digits(text: str, raw: str, date1904: bool) -> PartialDate | Problem:
    if len(text) in (6, 8):
        return _compact(text, raw)
    if len(text) == 5:
        return _five_digits(text, raw, date1904)
    return _made(int(text), 0, 0, raw) if len(text) == 4 else problem("date_unparseable")


def _five_digits(text: str, raw: str, date1904: bool) -> PartialDate | Problem:
    """A serial, unless the digits are just as well a year and a month that lost their point (19458)."""
    if not 10_000 <= int(text) < 60_000:
        return problem("date_unparseable")
    found = _serial(int(text), raw, date1904)
    if text[:2] in ("19", "20") and text[4] != "0":
        month = f"{text[:4]}年{text[4]}月"
        return problem("date_ambiguous", found=raw, choices=f"{month}或{found}", example=month)
    return found


def _from_parts(text: str, raw: str, pivot: int | None, lost_zeros: bool) -> PartialDate | Problem:
    if match := _SEPARATED.fullmatch(text):
        if lost_zeros and re.fullmatch(r"\d+\.1", text):
            return _ambiguous(text, _year(match[1], pivot))
        if not int(match[2]) and int(match[3] or 0):
            return problem("date_unparseable")
        return _made(_year(match[1], pivot), int(match[2]), int(match[3] or 0), raw)
    if match := _YEAR_ONLY.fullmatch(text):
        return _made(_year(match[1] or match[2], pivot), 0, 0, raw)
    if match := _MINGUO.fullmatch(text):
        return _made(1911 + (1 if match[1] == "元" else int(match[1])), int(match[2] or 0), int(match[3] or 0), raw)
    if match := _MONTH_FIRST.fullmatch(text):
        return _from_month_first(int(match[1]), int(match[2]), int(match[3]), raw)
    if re.fullmatch(r"\d{4,5}\.0+", text):
        return _from_whole(int(text.partition(".")[0]), raw, False)
    if re.fullmatch(r"\d{6}(?:\d{2})?\.0+", text):
        return _compact(text.partition(".")[0], raw)
    return problem("date_unparseable")


def _from_month_first(first: int, second: int, year: int, raw: str) -> PartialDate | Problem:
    """8/15/1945 and 15/8/1945; when both readings are possible and differ, nobody can know."""
    if first <= 12 and second <= 12 and first != second:
        choices = f"{year}年{first}月{second}日或{year}年{second}月{first}日"
        return problem("date_ambiguous", found=raw, choices=choices, example=f"{year}年{first}月{second}日")
    return _made(year, first, second, raw) if first <= 12 else _made(year, second, first, raw)


def _from_named(match: re.Match, raw: str, pivot: int | None) -> PartialDate | Problem:
    month = _MONTHS.get(match[2][:3].title())
    if not month:
        return problem("date_unparseable")
    return _made(_year(match[4], pivot), month, int(match[1] or match[3] or 0), raw)


_DIGITS = {**{mark: str(number) for number, mark in enumerate("零一二三四五六七八九")}, "〇": "0", "○": "0", "◯": "0",
           "Ｏ": "0", "O": "0", "o": "0", "两": "2", "壹": "1", "贰": "2", "叁": "3", "肆": "4", "伍": "5", "陆": "6",
           "柒": "7", "捌": "8", "玖": "9", "元": "1", "正": "1"}  # fmt: skip
_HAN_NUMBER = re.compile("[零〇○◯Oo一二三四五六七八九十廿卅两壹贰叁肆伍陆柒捌玖拾]+|元(?=月)")


def _arabic(text: str) -> str:
    """一九四五年十二月廿一日 → 1945年12月21日. The names of lunar months stay, and so fail to parse."""
    return _HAN_NUMBER.sub(lambda match: _han_number(match[0]), text) if not text.isascii() else text


def _han_number(word: str) -> str:
    word = word.replace("拾", "十").replace("廿", "二十").replace("卅", "三十")
    if "十" not in word:
        return "".join(_DIGITS[mark] for mark in word)
    tens, _, units = word.partition("十")
    if len(tens) > 1 or len(units) > 1:
        return word
    return str(int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(units, "0")))
