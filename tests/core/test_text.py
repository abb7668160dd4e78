"""Cleaning of names, phones, numbers and free text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.text import clean_name, clean_number, clean_phone, clean_text, match_key
from apps.core.workbooks.problems import DEFAULTS, ERRORS, WARNINGS, Problem, problem
from apps.core.workbooks.values import CellError, Number


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), ("", ""), ("　 ", ""), ("\ufeff九江市\u200b", "九江市"), ("ＡＢＣ１２３", "ABC123"), ("住院，病情：稳定（见附件）！", "住院，病情：稳定（见附件）！"),
        ("a\xa0\xa0b", "a b"), ("一\r\n\r\n二", "一\n二"), ("\x00坏\x07字", "坏字"), ("'0792", "0792"), ('="001"', "001"), ("\t是", "是"), (12.0, "12"), (3.5, "3.5"),
        (True, "TRUE"),
        (CellError("#N/A"), ""), (Number(2.5, 2), "2.50"), ("e\u0301", "é"), ("㎡", "㎡"), ("①", "①"), ("\u202e反", "反"), ("  两 头  ", "两 头"),
    ],
)  # fmt: skip
def test_text(cell, text):
    assert clean_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("王　伟", "王伟"), ("王 伟", "王伟"), (" 欧阳\n震华 ", "欧阳震华"), ("阿卜杜.热合曼", "阿卜杜·热合曼"), ("买买提•艾力", "买买提·艾力"),
        ("买买提・艾力", "买买提·艾力"),
        ("古丽 · 阿依", "古丽·阿依"), ("阿·卜··杜", "阿·卜·杜"), ("Tom  Smith", "Tom Smith"), ("J.R. Smith", "J.R. Smith"), ("王伟*", "王伟"), ("李\u200b雷", "李雷"),
        ("𬱖㛃", "𬱖㛃"),
        ("", ""), (None, ""), ("ＴＯＭ", "TOM"),
    ],
)  # fmt: skip
def test_name(cell, name):
    assert clean_name(cell) == name


@pytest.mark.parametrize("spelling", ["王伟", "王 伟", "王　伟", "王伟（女）", "王伟(已故)", " 王伟 "])
def test_one_key_for_all_spellings(spelling):
    assert match_key(spelling) == "王伟"


def test_keys_of_names_with_a_dot():
    assert match_key("买买提·艾力") == match_key("买买提.艾力") == match_key("买买提艾力")
    assert match_key("Tom Smith") == match_key("tom smith")


@pytest.mark.parametrize(
    ("cell", "number", "note", "code"),
    [
        (13412345678.0, "13412345678", "", None), (13412345678, "13412345678", "", None), ("134 1234 5678", "13412345678", "", None),
        ("134-1234-5678", "13412345678", "", None),
        ("+86 13412345678", "13412345678", "", None), ("8613412345678", "13412345678", "", None), ("013412345678", "13412345678", "", None),
        ("１３４１２３４５６７８", "13412345678", "", None),
        ("0792-8123456", "0792-8123456", "", None), ("07928123456", "0792-8123456", "", None), ("(0792)8123456", "0792-8123456", "", None),
        ("010 66668888", "010-66668888", "", None),
        ("0591-87654321转8012", "0591-87654321-8012", "", None), ("8123456", "8123456", "", None), ("13412345678（儿子）", "13412345678", "儿子", None),
        ("儿子：13412345678", "13412345678", "儿子", None),
        ("13412345678、13512345678", "13412345678", "13512345678", "phone_several"), ("13412345678/0792-8123456", "13412345678", "0792-8123456", "phone_several"),
        ("13412345678（本人）\n13512345678（女儿）", "13412345678", "本人；13512345678（女儿）", "phone_several"),
        ("13412345678 13512345678", "13412345678", "13512345678", "phone_several"),
        ("4008001234", "4008001234", "", "phone_unusual"), ("1341234567", "1341234567", "", "phone_unusual"), ("不知道", "", "不知道", "phone_unparseable"),
        ("无", "", "", None), (None, "", "", None),
        ("'13412345678", "13412345678", "", None), ("12099990001", "12099990001", "", None),
    ],
)  # fmt: skip
def test_phone(cell, number, note, code):
    phone = clean_phone(cell)
    assert (phone.number, phone.note, phone.problem and phone.problem.code) == (number, note, code)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,234.50元", 1234.5), ("３５㎡", 35), (12.0, 12), (12.5, 12.5), ("80岁", 80), ("￥100", 100), (None, None), ("", None), ("-", None), ("-5", -5), ("1，200", 1200),
    (Number(3.0, 2), 3)],
)  # fmt: skip
def test_number(cell, number):
    found = clean_number(cell)
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize("cell", ["abc", "12个半", True, "1.2.3", "1,23", "nan", CellError("#N/A")])
def test_what_is_no_number(cell):
    found = clean_number(cell)
    if isinstance(cell, CellError):
        assert found is None
    else:
        assert found.code == "number_unparseable"


@given(st.text(max_size=40))
def test_cleaning_twice_changes_nothing_more(text):
    once = clean_text(text)
    assert clean_text("x" + once) == "x" + once
    assert "\u3000" not in once
    assert clean_name(clean_name(text)) == clean_name(text)
    assert isinstance(clean_phone(text).number, str)


class TestCatalogue:
    @pytest.mark.parametrize("code", [*ERRORS, *WARNINGS])
    def test_each_sentence_stands_without_facts_and_says_what_to_do(self, code):
        found = problem(code)
        assert found.message.endswith("。")
        assert "{" not in found.message
        assert "请" in found.message or "已" in found.message

    def test_levels(self):
        assert problem("id_checksum").is_error
        assert not problem("sex_mismatch").is_error
        assert problem("id_missing", level="error") == Problem("id_missing", "error", problem("id_missing").message)

    def test_the_codes_the_office_was_promised(self):
        promised = {
            "required_missing", "id_checksum", "id_length", "id_precision_lost", "date_unparseable", "date_ambiguous", "date_order", "code_unknown", "region_unknown",
            "region_out_of_scope", "retire_kind_conflict", "duplicate_in_file", "other_unit", "possible_duplicate",
        }  # fmt: skip
        assert promised <= set(ERRORS)
        assert {"sex_mismatch", "birth_mismatch", "date_order_unusual", "id_15_upgraded", "id_missing", "period_unknown"} <= set(WARNINGS)
        assert not set(ERRORS) & set(WARNINGS)

    def test_an_unknown_code_is_a_mistake_of_the_programmer(self):
        with pytest.raises(KeyError):
            problem("nothing_like_it")

    def test_facts_are_put_in(self):
        assert "“3”" in problem("id_checksum", expected="3").message
        assert set(DEFAULTS.values()) >= {"?"}
