"""Citizen ID numbers: what is cleaned, what is refused, and never a guess."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.id_numbers import check_character, clean_id, make_id
from apps.core.workbooks.values import CellError, Number

GOOD = make_id("360499", date(1945, 8, 15), 1)
WITH_X = next(number for seq in range(100) if (number := make_id("230299", date(1931, 3, 2), seq)).endswith("X"))


def codes(result):
    return [each.code for each in result.problems]


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_published_examples_are_right(number):
    assert clean_id(number).value == number


def test_birth_and_sex_follow():
    assert (clean_id(GOOD).birth, clean_id(GOOD).sex) == (date(1945, 8, 15), "male")
    assert clean_id(make_id("360499", date(1945, 8, 15), 2)).sex == "female"


WRITTEN = {
    "plain": "{}", "apostrophe": "'{}", "curly": "‘{}", "formula": '="{}"', "spaces": " {} ", "full-width space": "　{}　", "tab": "\t{}", "newline": "{}\n", "bom": "\ufeff{}",
    "zero width": "{}\u200b", "label": "身份证号：{}", "quotes": '"{}"',
}  # fmt: skip


@pytest.mark.parametrize("form", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("number", [GOOD, WITH_X])
def test_what_is_cleaned(form, number):
    assert clean_id(form.format(number)).value == number


@pytest.mark.parametrize("last", ["x", "Ｘ", "ｘ", "×", "Х", "х", "Χ"])
def test_everything_that_looks_like_an_x_is_one(last):
    assert clean_id(WITH_X[:-1] + last).value == WITH_X


def test_groups_and_full_width_digits():
    wide = GOOD.translate({48 + digit: 0xFF10 + digit for digit in range(10)})
    grouped = f"{GOOD[:6]} {GOOD[6:14]} {GOOD[14:]}"
    assert {clean_id(wide).value, clean_id(grouped).value, clean_id(grouped.replace(" ", "-")).value} == {GOOD}


@pytest.mark.parametrize("cell", [float(GOOD[:17] + "1"), int(GOOD[:17] + "1"), Number(3.6e17, 2), "3.60402194005123E+17", "3.60402E+17", "360499194508150000.0", 3.6e17])
def test_a_number_cell_has_lost_its_last_digits(cell):
    result = clean_id(cell)
    assert (result.value, codes(result)) == (None, ["id_precision_lost"])


def test_fifteen_digits_are_upgraded_even_from_a_number_cell():
    old = GOOD[:6] + GOOD[8:17]
    for cell in (old, int(old), float(old)):
        result = clean_id(cell)
        assert (result.value, codes(result)) == (GOOD, ["id_15_upgraded"])
        assert not result.problems[0].is_error


def test_the_right_check_character_is_named():
    wrong = GOOD[:17] + ("0" if GOOD[17] != "0" else "1")
    result = clean_id(wrong)
    assert (result.value, codes(result)) == (None, ["id_checksum"])
    assert f"“{GOOD[17]}”" in result.problems[0].message


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (GOOD[:17], "id_length"), (GOOD + "1", "id_length"), ("12345", "id_length"), (12345, "id_length"), (GOOD[:5] + "A" + GOOD[6:], "id_characters"),
        (GOOD[:6] + "********" + GOOD[14:], "id_characters"), ("护照E12345678", "id_length"), (True, "id_characters"), (date(1945, 8, 15), "id_characters"),
        (make_id("990499", date(1945, 8, 15), 1), "id_province_unknown"), (CellError("#REF!"), "cell_error"),
    ],
)  # fmt: skip
def test_what_is_refused(cell, code):
    result = clean_id(cell)
    assert (result.value, codes(result)) == (None, [code])
    assert result.problems[0].is_error


def test_an_impossible_birth_date_is_named():
    first17 = GOOD[:6] + "19450231" + GOOD[14:17]
    result = clean_id(first17 + check_character(first17))
    assert codes(result) == ["id_birth_impossible"]
    assert "19450231" in result.problems[0].message


def test_county_codes_are_not_looked_at():
    assert clean_id(make_id("510203", date(1935, 1, 1), 7)).value
    assert clean_id(make_id("369999", date(1935, 1, 1), 7)).value


@pytest.mark.parametrize("cell", [None, "", "  ", "无", "—", "不详"])
def test_nothing_is_nothing(cell):
    result = clean_id(cell)
    assert result.is_blank
    assert result.problems == ()


@given(st.dates(min_value=date(1880, 1, 1), max_value=date(2020, 12, 31)), st.integers(0, 999), st.sampled_from(["360499", "230299", "110105"]))
def test_every_made_number_reads_back(birth, seq, area):
    number = make_id(area, birth, seq)
    result = clean_id(number.lower())
    assert (result.value, result.birth, result.sex) == (number, birth, "male" if seq % 2 else "female")


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(place, shift):
    wrong = GOOD[:place] + str((int(GOOD[place]) + shift) % 10) + GOOD[place + 1 :]
    assert clean_id(wrong).value is None


@given(st.integers(0, 16))
def test_two_turned_digits_are_always_noticed(place):
    turned = GOOD[:place] + GOOD[place + 1] + GOOD[place] + GOOD[place + 2 :]
    assert turned == GOOD or clean_id(turned).value is None


@given(st.one_of(st.text(max_size=25), st.floats(), st.integers(), st.text(alphabet="0123456789Xx ", min_size=15, max_size=20)))
def test_nothing_breaks_it_and_only_true_numbers_come_out(cell):
    value = clean_id(cell).value
    assert value is None or (re.fullmatch(r"\d{17}[\dX]", value) and check_character(value[:17]) == value[17])
