"""Where rows are put: below the organisation the file speaks for, never outside it."""

import pytest

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.scope import system_scope
from tests.cadres.sheets_kit import applied, read
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import TITLES, person


@pytest.fixture(autouse=True)
def codes(db):
    standards.load()


@pytest.fixture
def clerk(person):
    return person("九江市", Role.DATA_ADMIN)


def with_county(*names):
    return grid([person(n, 县区=name) for n, name in enumerate(names, 1)], [*TITLES, "县区"])


SPELLINGS = ["浔阳区", "浔阳", "九江市浔阳区", "江西省九江市浔阳区", "360403", "360403000000", "浔 阳 区", "浔阳区委老干部局", "中共浔阳区委老干部局", "浔阳区老干部局"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_a_county(tmp_path, places, clerk, spelling):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", with_county(spelling))), places["九江市"], clerk)
    assert outcome.problems == []
    applied(outcome, clerk)
    with system_scope("test"):
        assert Cadre.objects.get().org == places["浔阳区"]


def test_a_code_of_another_county_writes_nothing_there(tmp_path, places, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", with_county("360403", "360402", "230200"))), places["浔阳区"], clerk)
    assert outcome.tally == (1, 0, 0, 2)
    assert outcome.codes() == {"region_out_of_scope": ["花名册!I3", "花名册!I4"]}
    applied(outcome, clerk)
    with system_scope("test"):
        assert set(Cadre.objects.values_list("org_path", flat=True)) == {places["浔阳区"].path}


def test_an_unknown_county(tmp_path, places, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", with_county("某某新区"))), places["九江市"], clerk)
    assert outcome.codes() == {"region_unknown": ["花名册!I2"]}
    assert outcome.problems[0]["value"] == "某某新区"


def test_what_stands_above_says_nothing(tmp_path, places, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", with_county("九江市", "江西省"))), places["浔阳区"], clerk)
    applied(outcome, clerk)
    with system_scope("test"):
        assert set(Cadre.objects.values_list("org__name", flat=True)) == {"浔阳区"}


def line(text):
    return [["离退休干部花名册"], [text], *grid([person(1), person(2)])]


@pytest.mark.parametrize("text", ["填报单位：浔阳区委老干部局", "填报单位（盖章）：浔阳区　　填报日期：2026年10月8日", "单位：浔阳区教育局"])
def test_the_reporting_unit_places_the_rows(tmp_path, places, clerk, text):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", line(text))), places["九江市"], clerk)
    assert outcome.problems == []
    applied(outcome, clerk)
    with system_scope("test"):
        assert all(one.org_path.startswith(places["浔阳区"].path) for one in Cadre.objects.all())


def test_a_reporting_unit_elsewhere_refuses_every_row(tmp_path, places, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", line("填报单位：濂溪区委老干部局"))), places["浔阳区"], clerk)
    assert outcome.tally == (0, 0, 0, 2)
    assert [(one["code"], one["row"], one["title"], one["value"]) for one in outcome.problems] == [
        ("region_out_of_scope", 4, "填报单位", "濂溪区委老干部局"), ("region_out_of_scope", 5, "填报单位", "濂溪区委老干部局"),
    ]  # fmt: skip


def test_a_reporting_unit_nobody_knows_is_noted_at_its_cell(tmp_path, places, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", line("填报单位：第一机床厂"))), places["浔阳区"], clerk)
    assert outcome.tally == (2, 0, 0, 0)
    assert outcome.codes() == {"unit_unknown": ["花名册!A2"]}


def with_unit(*names):
    return grid([person(n, 现管单位=name) for n, name in enumerate(names, 1)], [*TITLES, "现管单位"])


def test_units_by_name(tmp_path, places, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", with_unit("浔阳区教育局", "教育局", "九江市浔阳区教育局", "浔阳区"))), places["浔阳区"], clerk)
    assert outcome.problems == []
    applied(outcome, clerk)
    with system_scope("test"):
        assert list(Cadre.objects.order_by("pk").values_list("org__name", flat=True)) == ["浔阳区教育局"] * 3 + ["浔阳区"]


def test_an_unknown_unit_stays_with_the_county_and_keeps_its_words(tmp_path, places, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", with_unit("第一机床厂"))), places["浔阳区"], clerk)
    assert outcome.tally == (1, 0, 0, 0)
    assert outcome.codes() == {"unit_unknown": ["花名册!I2"]}
    applied(outcome, clerk)
    with system_scope("test"):
        one = Cadre.objects.get()
        assert (one.org, one.original_unit) == (places["浔阳区"], "第一机床厂")


def test_a_unit_of_the_neighbour_is_unknown_here(tmp_path, places, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", with_unit("濂溪区卫生局"))), places["浔阳区"], clerk)
    assert outcome.codes() == {"unit_unknown": ["花名册!I2"]}


def test_a_person_of_another_county_of_the_same_city_is_not_moved(tmp_path, places, clerk):
    applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", with_county("浔阳区"))), places["九江市"], clerk), clerk)
    outcome = read(xlsx(tmp_path / "b.xlsx", ("花名册", with_county("濂溪区"))), places["九江市"], clerk)
    assert outcome.tally == (0, 0, 0, 1)
    assert outcome.codes() == {"other_unit": ["花名册!C2"]}


def test_another_unit_of_the_same_county_is_noted(tmp_path, places, clerk):
    places["another"] = type(places["浔阳区"]).objects.create(name="浔阳区民政局", parent=places["浔阳区"], level="unit", path="/36/3604/360403/u9/")
    applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", with_unit("浔阳区教育局"))), places["浔阳区"], clerk), clerk)
    outcome = read(xlsx(tmp_path / "b.xlsx", ("花名册", with_unit("浔阳区民政局"))), places["浔阳区"], clerk)
    assert outcome.tally == (0, 0, 1, 0)
    assert outcome.codes() == {"unit_differs": ["花名册!I2"]}
