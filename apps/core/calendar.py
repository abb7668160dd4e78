"""The Chinese calendar as the portal needs it: lunar dates (1900-2100), festivals, birthdays, quarters, working days.

Everything works on ``datetime.date`` in Asia/Shanghai and takes the day as an argument; nothing here asks the clock.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from apps.core.refusal import Refused


class NotInCalendar(ValueError):
    """No such lunar day (the month has 29 days, the year no such leap month), or outside 1900-01-31 … 2101-01-28."""


@dataclass(frozen=True)
class Lunar:
    """A day of the lunar calendar; ``leap`` marks the second of two months with one number."""

    year: int
    month: int
    day: int
    leap: bool = False

    @property
    def title(self) -> str:
        """农历二〇二六年九月初九"""
        return "农历" + _borax(self.year, self.month, self.day, self.leap).cn_str()


def _borax(year, month, day, leap=False):
    from borax.calendars.lunardate import InvalidLunarDateError, LunarDate

    try:
        return LunarDate(year, month, day, int(leap))
    except InvalidLunarDateError as wrong:
        raise NotInCalendar(f"lunar {year}-{month}-{day}{' leap' if leap else ''}") from wrong


def lunar_of(day: date) -> Lunar:
    """The lunar date of a solar day. NotInCalendar outside 1900-01-31 … 2101-01-28."""
    from borax.calendars.lunardate import LunarDate

    if not date(1900, 1, 31) <= day <= LunarDate.max.to_solar_date():
        raise NotInCalendar(str(day))
    found = LunarDate.from_solar_date(day.year, day.month, day.day)
    return Lunar(found.year, found.month, found.day, bool(found.leap))


def solar_of_lunar(year: int, month: int, day: int, leap: bool = False) -> date:
    """The solar day of a lunar date. NotInCalendar when that year has no such day."""
    return _borax(year, month, day, leap).to_solar_date()


def birthday_in(year: int, born: date) -> date:
    """The solar birthday in a year; who was born on 29 February has it on 1 March in a common year."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def lunar_birthdays_in(year: int, month: int, day: int) -> list[date]:
    """Solar days of ``year`` on which the lunar day (month, day) falls: one, rarely none or two.

    A 30th that a year's month lacks is kept on its 29th; leap months are not celebrated again.
    """
    found = []
    for lunar_year in (year - 1, year):
        try:
            solar = solar_of_lunar(lunar_year, month, day)
        except NotInCalendar:
            if day != 30:
                continue
            solar = solar_of_lunar(lunar_year, month, 29)
        if solar.year == year:
            found.append(solar)
    return found


@dataclass(frozen=True)
class Festival:
    code: str
    title: str
    day: date


@lru_cache(maxsize=256)
def festivals(year: int) -> tuple[Festival, ...]:
    """The festivals of a solar year in order of the day (1901-2100)."""
    from borax.calendars.lunardate import TermUtils

    spring = solar_of_lunar(year, 1, 1)
    found = (
        Festival("new_year", "元旦", date(year, 1, 1)),
        Festival("new_years_eve", "除夕", spring - timedelta(days=1)),
        Festival("spring_festival", "春节", spring),
        Festival("qingming", "清明节", TermUtils.nth_term_day(year, 6)),
        Festival("labour_day", "劳动节", date(year, 5, 1)),
        Festival("dragon_boat", "端午节", solar_of_lunar(year, 5, 5)),
        Festival("party_day", "七一建党节", date(year, 7, 1)),
        Festival("army_day", "八一建军节", date(year, 8, 1)),
        Festival("mid_autumn", "中秋节", solar_of_lunar(year, 8, 15)),
        Festival("national_day", "国庆节", date(year, 10, 1)),
        Festival("double_ninth", "重阳节", solar_of_lunar(year, 9, 9)),
    )
    return tuple(sorted(found, key=lambda festival: festival.day))


def festival_day(year: int, code: str) -> date:
    """The day of one festival by code; KeyError for an unknown code."""
    return {festival.code: festival.day for festival in festivals(year)}[code]


@dataclass(frozen=True, order=True)
class Quarter:
    year: int
    q: int

    def __post_init__(self) -> None:
        if self.q not in (1, 2, 3, 4) or not 1900 <= self.year <= 2200:
            raise ValueError(f"no such quarter: {self.year}Q{self.q}")

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """2026Q3, 2026-q3. Refused (quarter_format) for anything else."""
        match = re.fullmatch(r"((?:19|20|21)\d\d)-?[Qq]([1-4])", (text or "").strip(), re.ASCII)
        if not match:
            raise Refused("季度请写成“2026Q3”的形式。", code="quarter_format", field="quarter")
        return cls(int(match[1]), int(match[2]))

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.q - 2, 1)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + self.q // 4, self.q % 4 + 1)

    @property
    def previous(self) -> "Quarter":
        return Quarter(self.year - (self.q == 1), (self.q - 2) % 4 + 1)

    @property
    def title(self) -> str:
        """2026年第三季度"""
        return f"{self.year}年第{'一二三四'[self.q - 1]}季度"

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.year}Q{self.q}"


def quarter_of(day: date) -> Quarter:
    return Quarter(day.year, (day.month + 2) // 3)


def published_exceptions() -> list[tuple[date, bool, str]]:
    """(day, is it worked?, name of the holiday) for every day that the State Council moved, 2004-2026: weekdays off and weekends on.

    Source: chinesecalendar, which copies the yearly notices (国务院办公厅关于部分节假日安排的通知).
    """
    from chinese_calendar import Holiday, holidays, workdays

    titles = {item.value: item.chinese for item in Holiday}
    off = [(day, False, titles.get(name, name)) for day, name in holidays.items() if day.weekday() < 5]
    on = [(day, True, titles.get(name, name)) for day, name in workdays.items() if day.weekday() >= 5]
    return sorted(off + on)


STATUTORY = {"new_year": 1, "new_years_eve": 4, "qingming": 1, "labour_day": 2, "dragon_boat": 1, "mid_autumn": 1, "national_day": 3}
"""Festival → days of rest from it on, by 《全国年节及纪念日放假办法》 as in force since 2025; which weekends are worked for it a notice says each year."""


def statutory_days(year: int) -> list[Festival]:
    """The days of rest that the law itself names, in order; two festivals may share one."""
    found = []
    for one in festivals(year):
        title = "春节" if one.code == "new_years_eve" else one.title
        found += [Festival(one.code, title, one.day + timedelta(days=n)) for n in range(STATUTORY.get(one.code, 0))]
    return found


@lru_cache(maxsize=1)
def _published() -> dict[date, bool]:
    return {day: worked for day, worked, _ in published_exceptions()}


class WorkingDays:
    """Which days are worked. ``exceptions`` (day → is it worked?) overrule the published ones.

    A year nobody has published or entered exceptions for counts Monday to Friday, and ``caveat`` says so.
    """

    def __init__(self, exceptions: Mapping[date, bool] | None = None) -> None:
        self._days = _published() | dict(exceptions or {})
        self._years = {day.year for day in self._days}

    def is_working(self, day: date) -> bool:
        return self._days.get(day, day.weekday() < 5)

    def missing(self, year: int) -> list[Festival]:
        """Statutory holidays of the year on weekdays that still count as worked: nobody has published or entered them."""
        return [one for one in statutory_days(year) if self.is_working(one.day)]

    def known(self, year: int) -> bool:
        return year in self._years

    def caveat(self, *years: int) -> str:
        """A sentence for years without published holidays; empty when all are known."""
        unknown = sorted({year for year in years if not self.known(year)})
        if not unknown:
            return ""
        return f"{'、'.join(f'{year}年' for year in unknown)}的节假日安排尚未录入，暂按周一至周五为工作日计算。"

    def add(self, day: date, count: int) -> date:
        """The day ``count`` working days after (or, negative, before) ``day``; 0 gives ``day`` or the next working day."""
        step = timedelta(days=-1 if count < 0 else 1)
        if count == 0:
            while not self.is_working(day):
                day += step
        for _ in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def between(self, first: date, last: date) -> int:
        """Working days from ``first`` to ``last``, both counted; 0 when last is earlier."""
        return sum(self.is_working(first + timedelta(days=n)) for n in range((last - first).days + 1))
