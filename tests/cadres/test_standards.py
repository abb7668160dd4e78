"""Code tables: complete, with sources, loaded once, never overwritten."""

import pytest

from apps.cadres import selectors
from apps.cadres.models import Cadre, Code
from apps.cadres.standards import FIELD_TABLES, TABLES, load, plain
from tests.cadres.conftest import TODAY


def test_loading_twice_adds_nothing(db):
    assert load() == sum(len(table.rows) for table in TABLES.values())
    assert load() == 0


def test_what_an_office_edited_stays(codes):
    Code.objects.filter(table="living", code="alone").update(name="一人独居", aliases=["寡居"])
    load()
    assert Code.objects.get(table="living", code="alone").name == "一人独居"


def test_every_value_has_a_source(codes):
    assert not Code.objects.filter(source="").exists()


def test_codes_fit_their_column():
    assert all(len(code) <= 20 and len(name) <= 60 for table in TABLES.values() for code, name, _ in table.rows)


def test_fifty_six_peoples():
    assert len([code for code, _, _ in TABLES["ethnicity"].rows if code <= "56"]) == 56
    assert TABLES["ethnicity"].rows[55][:2] == ("56", "基诺族")


def test_every_coded_field_is_a_field():
    names = {field.name for field in Cadre._meta.get_fields()}
    assert set(FIELD_TABLES) <= names


@pytest.mark.parametrize("key", TABLES)
def test_a_spelling_means_one_value(key):
    seen = {}
    for code, name, aliases in TABLES[key].rows:
        for text in [name, *aliases.split()]:
            assert seen.setdefault(plain(text), code) == code, f"{key}: {text}"


@pytest.mark.parametrize(
    ("table", "text", "code"),
    [
        ("sex", "男", "1"),
        ("ethnicity", "汉", "01"),
        ("ethnicity", "维吾尔族", "05"),
        ("political_status", "中国共产党党员", "01"),
        ("rank", "副县(处)级", "132"),
        ("rank", "副县（处） 级", "132"),
        ("rank", "正处级", "131"),
        ("treatment_level", "副处级待遇", "132"),
        ("treatment_level", "副县（处）级", "132"),
        ("living", "养老院", "care_home"),
        ("self_care", "失能", "dependent"),
        ("self_care", "full", "full"),
        ("education", "大专", "30"),
        ("living", "", ""),
        ("living", "月球", None),
    ],
)
def test_spellings_found_in_sheets(codes, table, text, code):
    assert selectors.codebook().code(table, text) == code


def test_a_hint_names_what_looks_alike(codes):
    assert "独居" in selectors.codebook().hint("living", "独居老人")


def test_a_retired_code_is_not_offered_but_keeps_its_word(codes):
    Code.objects.filter(table="living", code="alone").update(valid_to=TODAY.replace(day=1))
    book = selectors.codebook()
    assert "alone" not in dict(book.choices("living", TODAY))
    assert "alone" in dict(book.choices("living", TODAY, keep="alone"))
    assert book.name("living", "alone") == "独居"
