"""Every way of writing a date in an old roster, and what can't be one."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.core.dates import EPOCH_1900, PartialDate, in_future, parse_date
from apps.core.workbooks.problems import Problem
from apps.core.workbooks.values import CellError, MonthDate, Number

AUGUST = (date(1945, 8, 1), "month")
DAY = (date(1945, 8, 15), "day")
YEAR = (date(1945, 1, 1), "year")


def read(cell, **kwargs):
    found = parse_date(cell, **kwargs)
    if isinstance(found, Problem):
        return found.code
    return found and (found.value, found.precision)


@pytest.mark.parametrize(
    "cell",
    [
        "1945.08", "1945.8", "1945-08", "1945-8", "1945/8", "1945/08", "194508", "19450800", "1945年8月", "1945年08月", "一九四五年八月", "45.8", "45年8月", "45-8", "45/08",
        "1945. 8", "1945 . 08", " 1945.08 ", "１９４５．０８", "１９４５年８月", "1945.8月", "1945年8", "1945。8", "1945、8", "1945,8", "1945．08", "1945.08.",
        "1945—08", "1945-08-00",
        "1945.8.0", "1945\\8", "1945_08", "1945年8月份", "1945年8月初", "1945年8月上旬", "公元1945年8月", "民国三十四年八月", "民国34年8月", "一九四五 年 八 月",
        "Aug-45", "Aug 1945", "August 1945", "\ufeff1945.08", "1945.08\u200b", "'1945.08", "1945·08", "194508.0", "1945年 8 月", "壹玖肆伍年捌月",
        1945.08, 1945.8, 194508, 194508.0, 19450800, 45.8, 45.08, Number(1945.8, 2), Number(1945.08, 2), Number(1945.8, 1), MonthDate(1945, 8, 1), 1945.0800000000002,
    ],
)  # fmt: skip
def test_month(cell):
    assert read(cell) == AUGUST


@pytest.mark.parametrize(
    "cell",
    [
        "1945-08-15", "1945/8/15", "1945.8.15", "1945.08.15", "1945.08.15.", "19450815", "1945年8月15日", "1945年08月15号", "一九四五年八月十五日", "一九四五年八月一十五日",
        "1945-8-15 00:00:00", "1945/8/15 0:00", "1945-08-15T00:00:00", "1945-08-15T08:30:00.000Z", "1945年8月15日 8时30分", "45.8.15", "45年8月15日", "450815", "8/15/1945",
        "15/8/1945", "15-Aug-1945", "15-Aug-45", "August 15, 1945", "１９４５／８／１５", "1945 年 8 月 15 日", "民国三十四年八月十五日", "16664", "19450815.0", "1945-8-15日",
        date(1945, 8, 15), datetime(1945, 8, 15), datetime(1945, 8, 15, 9, 30), 16664, 16664.0, 16664.5, 19450815, 19450815.0, 1945.0815, "民国卅四年八月十五日",
    ],
)  # fmt: skip
def test_day(cell):
    assert read(cell) == DAY


@pytest.mark.parametrize("cell", ["1945", "1945年", "1945.0", 1945, 1945.0, Number(1945, 2), "一九四五年", "45年", "民国三十四年", "19450000", "１９４５", "1945年初",
"1945年底", "1945-00-00"])
def test_year(cell):
    assert read(cell) == YEAR


@pytest.mark.parametrize(
    ("cell", "month"), [("1945.10", 10), ("1945.1", 1), ("1945.01", 1), (Number(1945.1, 2), 10), (1945.01, 1), (1945.11, 11), (1945.12, 12), (1945.2, 2),
    ("一九四五年十月", 10),
                        ("一九四五年十二月", 12), ("一九四五年元月", 1), ("1945年元月", 1), ("一九四五年一十二月", 12)]
)  # fmt: skip
def test_january_and_october(cell, month):
    assert read(cell) == (date(1945, month, 1), "month")


@pytest.mark.parametrize("cell", [1945.1, 45.1, Number(1945.1, 1), 1945.1000000000001])
def test_a_number_that_may_have_lost_its_zero_is_asked_about(cell):
    found = parse_date(cell)
    assert found.code == "date_ambiguous"
    assert "1945年1月或1945年10月" in found.message


def test_text_from_a_source_without_types_may_have_lost_its_zero_too():
    assert read("1945.1", lost_zeros=True) == "date_ambiguous"
    assert read("1945.10", lost_zeros=True) == (date(1945, 10, 1), "month")
    assert read("1945-1", lost_zeros=True) == (date(1945, 1, 1), "month")


def test_month_and_day_of_another_order_are_asked_about():
    assert read("3/4/1945") == "date_ambiguous"
    assert read("4/4/1945") == (date(1945, 4, 4), "day")


@pytest.mark.parametrize(
    "cell",
    [
        "1945.13", "1945.00.15", "1945年2月30日", "1943-02-29", "19451301", "194513", "1945年8月32日", "八月", "秋天", "1945年秋", "约1945年", "1945.8-1946.9",
        "194", 12345678901,
        "一九四五年腊月", "农历八月十五", "1945-8-15-1", "1945081", 0.5, -5, True, 1945.13, 1945.081, 3000, "3000-01-01", "1700.5", "2月30日", "十十十年", "Foo-45", 99999,
        datetime(1905, 4, 28, 1, 55, 12), "1e5", "nan", "inf", "٣", "1945.8.15.3", "79.13",
    ],
)  # fmt: skip
def test_what_is_no_date_gets_a_sentence_with_the_forms(cell):
    found = parse_date(cell)
    if cell == 3000:
        assert found.value == EPOCH_1900 + timedelta(days=3000), "a small whole number outside the years is a serial"
        return
    assert found.code == "date_unparseable"
    assert "1945.08" in found.message


@pytest.mark.parametrize("cell", [None, "", "  ", "　", "无", "不详", "—", "-", "/", "\u200b"])
def test_nothing_is_nothing(cell):
    assert parse_date(cell) is None


def test_error_cells_are_named():
    assert parse_date(CellError("#VALUE!")).code == "cell_error"


def test_two_digit_years_follow_the_pivot():
    assert read("05.3") == (date(1905, 3, 1), "month")
    assert read("05.3", pivot=26) == (date(2005, 3, 1), "month")
    assert read("45.3", pivot=26) == (date(1945, 3, 1), "month")


def test_five_digits_in_a_text_may_be_a_year_and_month():
    assert read("19458") == "date_ambiguous"
    assert read(19458) == (date(1953, 4, 9), "day")
    assert read("19450") == (date(1953, 4, 1), "day")


def test_serials_of_the_1904_system():
    assert read(15202, date1904=True) == DAY


def test_raw_keeps_what_was_written():
    assert parse_date(" 一九四五年八月 ").raw == "一九四五年八月"
    assert parse_date(1945.08).raw == "1945.08"


def test_comparison_knows_what_is_certain():
    year, august, day = (PartialDate(*each) for each in (YEAR, AUGUST, DAY))
    assert (august.earliest, august.latest) == (date(1945, 8, 1), date(1945, 8, 31))
    assert year.latest == date(1945, 12, 31)
    assert not august.certainly_before(day)
    assert not day.certainly_before(august)
    assert PartialDate(date(1945, 7, 1), "month").certainly_before(day)
    assert PartialDate(date(1946, 1, 1), "year").certainly_after(year)
    assert in_future(PartialDate(date(2026, 4, 1), "month"), date(2026, 3, 31))
    assert not in_future(PartialDate(date(2026, 3, 1), "month"), date(2026, 3, 1))
    assert [str(each) for each in (year, august, day)] == ["1945年", "1945年8月", "1945年8月15日"]


DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2030, 12, 31))
HAN = str.maketrans("0123456789", "〇一二三四五六七八九")


def han(number: int) -> str:
    tens, units = divmod(number, 10)
    return ("十" if tens == 1 else f"{tens}十" if tens else "").translate(HAN) + (str(units).translate(HAN) if units or not tens else "")


@given(DAYS)
def test_every_day_survives_every_form(day):
    forms = [
        f"{day:%Y-%m-%d}", f"{day:%Y/%m/%d}", f"{day:%Y.%m.%d}", f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", f"{day.year}.{day.month}.{day.day}",
        f"{str(day.year).translate(HAN)}年{han(day.month)}月{han(day.day)}日", day, datetime(day.year, day.month, day.day), f"{day:%Y-%m-%d} 00:00:00",
        int(f"{day:%Y%m%d}"), float(f"{day:%Y%m%d}"), (f"{day:%Y-%m-%d}").translate({48 + n: 0xFF10 + n for n in range(10)}),
    ]  # fmt: skip
    assert {read(form) for form in forms} == {(day, "day")}


@given(DAYS)
def test_every_month_survives_every_form(day):
    first = day.replace(day=1)
    forms = [f"{day:%Y.%m}", f"{day:%Y-%m}", f"{day:%Y/%m}", f"{day:%Y%m}", f"{day.year}年{day.month}月", f"{str(day.year).translate(HAN)}年{han(day.month)}月",
             int(f"{day:%Y%m}"), float(f"{day:%Y%m}"), Number(float(f"{day:%Y.%m}"), 2), MonthDate(day.year, day.month, 1), f"{day:%Y%m}00"]  # fmt: skip
    assert {read(form) for form in forms} == {(first, "month")}


@given(st.dates(min_value=date(1927, 6, 1), max_value=date(2060, 12, 31)))
def test_every_serial_is_its_day(day):
    serial = (day - EPOCH_1900).days
    assert read(serial) == read(float(serial)) == (day, "day")
    assert read(str(serial)) in ((day, "day"), "date_ambiguous")


@given(st.one_of(st.text(max_size=20), st.floats(), st.integers(), st.booleans(), st.text(alphabet="0123456789.-/年月日 一二三十〇", max_size=14)))
@example("1945年" * 3)
def test_nothing_breaks_it(cell):
    found = parse_date(cell)
    assert found is None or isinstance(found, (PartialDate, Problem))
    if isinstance(found, PartialDate):
        assert found.earliest <= found.latest
        assert 1840 <= found.value.year <= 2099
