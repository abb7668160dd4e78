from datetime import date

import pytest

from apps.core.calendar import (
    Lunar,
    NotInCalendar,
    Quarter,
    WorkingDays,
    birthday_in,
    festival_day,
    festivals,
    lunar_birthdays_in,
    lunar_of,
    published_exceptions,
    quarter_of,
    solar_of_lunar,
)
from apps.core.refusal import Refused


class TestLunar:
    @pytest.mark.parametrize(
        ("solar", "lunar"),
        [
            (date(2026, 2, 17), Lunar(2026, 1, 1)),
            (date(2026, 10, 18), Lunar(2026, 9, 9)),
            (date(2025, 7, 27), Lunar(2025, 6, 3, leap=True)),
            (date(2025, 6, 27), Lunar(2025, 6, 3)),
            (date(1949, 10, 1), Lunar(1949, 8, 10)),
            (date(1900, 1, 31), Lunar(1900, 1, 1)),
            (date(2101, 1, 28), Lunar(2100, 12, 29)),
        ],
    )
    def test_there_and_back(self, solar, lunar):
        assert lunar_of(solar) == lunar
        assert solar_of_lunar(lunar.year, lunar.month, lunar.day, lunar.leap) == solar

    def test_every_day_of_the_births_of_this_population(self):
        for ordinal in range(date(1915, 1, 1).toordinal(), date(1960, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            lunar = lunar_of(day)
            assert solar_of_lunar(lunar.year, lunar.month, lunar.day, lunar.leap) == day

    @pytest.mark.parametrize("day", [date(1900, 1, 30), date(1890, 5, 1), date(2101, 1, 29)])
    def test_outside_the_table(self, day):
        with pytest.raises(NotInCalendar):
            lunar_of(day)

    @pytest.mark.parametrize("wrong", [(2026, 9, 31, False), (2026, 13, 1, False), (2026, 6, 1, True), (2200, 1, 1, False), (2025, 12, 30, False)])
    def test_no_such_lunar_day(self, wrong):
        with pytest.raises(NotInCalendar):
            solar_of_lunar(*wrong)

    def test_title(self):
        assert lunar_of(date(2026, 10, 18)).title == "农历二〇二六年九月初九"
        assert Lunar(2025, 6, 3, leap=True).title == "农历二〇二五年闰六月初三"


class TestBirthdays:
    @pytest.mark.parametrize(
        ("year", "born", "day"),
        [
            (2026, date(1940, 5, 12), date(2026, 5, 12)),
            (2026, date(1940, 2, 29), date(2026, 3, 1)),
            (2028, date(1940, 2, 29), date(2028, 2, 29)),
            (2100, date(1940, 2, 29), date(2100, 3, 1)),
        ],
    )
    def test_solar(self, year, born, day):
        assert birthday_in(year, born) == day

    def test_lunar(self):
        assert lunar_birthdays_in(2026, 9, 9) == [date(2026, 10, 18)]
        assert lunar_birthdays_in(2026, 12, 30) == [date(2026, 2, 16)]

    def test_lunar_twelfth_month_may_fall_twice_or_never(self):
        falls = {year: lunar_birthdays_in(year, 12, 1) for year in range(2010, 2030)}
        assert {len(days) for days in falls.values()} == {0, 1, 2}
        assert sum(len(days) for days in falls.values()) == 20


class TestFestivals:
    @pytest.mark.parametrize(
        ("code", "day"),
        [
            ("spring_festival", date(2027, 2, 6)),
            ("new_years_eve", date(2027, 2, 5)),
            ("qingming", date(2027, 4, 5)),
            ("dragon_boat", date(2027, 6, 9)),
            ("party_day", date(2027, 7, 1)),
            ("mid_autumn", date(2027, 9, 15)),
            ("national_day", date(2027, 10, 1)),
            ("double_ninth", date(2027, 10, 8)),
        ],
    )
    def test_days_of_2027(self, code, day):
        assert festival_day(2027, code) == day

    def test_in_order_of_the_day_even_when_mid_autumn_is_late(self):
        for year in (2020, 2025, 2026):
            days = [festival.day for festival in festivals(year)]
            assert days == sorted(days)
        assert [festival.title for festival in festivals(2025)][8:10] == ["国庆节", "中秋节"]

    def test_a_whole_century_can_be_asked(self):
        assert all(len(festivals(year)) == 11 for year in range(1901, 2101))

    def test_qingming_agrees_with_the_published_holidays(self):
        off = {day for day, worked, title in published_exceptions() if title == "清明" and not worked}
        weekdays = {festival_day(year, "qingming") for year in range(2008, 2027)} - off
        assert all(day.weekday() >= 5 for day in weekdays)


class TestQuarter:
    @pytest.mark.parametrize(
        ("text", "first", "last", "title"),
        [
            ("2026Q1", date(2026, 1, 1), date(2026, 3, 31), "2026年第一季度"),
            ("2026Q3", date(2026, 7, 1), date(2026, 9, 30), "2026年第三季度"),
            (" 2026-q4 ", date(2026, 10, 1), date(2026, 12, 31), "2026年第四季度"),
        ],
    )
    def test_parse(self, text, first, last, title):
        quarter = Quarter.parse(text)
        assert (quarter.first, quarter.last, quarter.title) == (first, last, title)
        assert Quarter.parse(str(quarter)) == quarter == quarter_of(first) == quarter_of(last)

    @pytest.mark.parametrize("text", ["", None, "2026", "2026Q5", "2026Q0", "26Q1", "2026Q3x", "2026年三季度", "２０２６Q3"])
    def test_anything_else_is_refused_with_a_sentence(self, text):
        with pytest.raises(Refused, match="2026Q3") as refusal:
            Quarter.parse(text)
        assert refusal.value.code == "quarter_format"

    def test_neighbours_and_order(self):
        assert Quarter(2026, 4).next == Quarter(2027, 1)
        assert Quarter(2026, 1).previous == Quarter(2025, 4)
        assert Quarter(2026, 2).next.previous == Quarter(2026, 2)
        assert Quarter(2025, 4) < Quarter(2026, 1)
        assert date(2026, 8, 31) in Quarter(2026, 3)
        assert date(2026, 10, 1) not in Quarter(2026, 3)
        with pytest.raises(ValueError, match="no such quarter"):
            Quarter(2026, 5)


class TestWorkingDays:
    def test_published_days(self):
        days = WorkingDays()
        assert not days.is_working(date(2026, 10, 1))
        assert days.is_working(date(2026, 10, 10))  # a Saturday worked instead
        assert not days.is_working(date(2026, 11, 21))
        assert days.is_working(date(2026, 11, 23))

    def test_exceptions_overrule(self):
        days = WorkingDays({date(2026, 10, 10): False, date(2026, 11, 23): False})
        assert not days.is_working(date(2026, 10, 10))
        assert days.add(date(2026, 11, 20), 1) == date(2026, 11, 24)

    def test_unknown_year_is_monday_to_friday_and_says_so(self):
        days = WorkingDays()
        assert days.is_working(date(2031, 10, 1))
        assert not days.is_working(date(2031, 10, 4))
        assert "2031年、2032年" in days.caveat(2032, 2026, 2031)
        assert days.caveat(2004, 2026) == ""
        assert WorkingDays({date(2031, 10, 1): False}).known(2031)

    @pytest.mark.parametrize(
        ("day", "count", "then"),
        [
            (date(2026, 9, 30), 1, date(2026, 10, 8)),
            (date(2026, 9, 30), 3, date(2026, 10, 10)),
            (date(2026, 10, 8), -1, date(2026, 9, 30)),
            (date(2026, 10, 3), 0, date(2026, 10, 8)),
            (date(2026, 11, 23), 0, date(2026, 11, 23)),
        ],
    )
    def test_add(self, day, count, then):
        assert WorkingDays().add(day, count) == then

    def test_between(self):
        assert WorkingDays().between(date(2026, 9, 28), date(2026, 10, 11)) == 6
        assert WorkingDays().between(date(2026, 10, 2), date(2026, 10, 1)) == 0

    def test_no_exception_repeats_the_week(self):
        assert all(worked == (day.weekday() >= 5) for day, worked, _ in published_exceptions())
        assert {day.year for day, _, _ in published_exceptions()} == set(range(2004, 2027))
