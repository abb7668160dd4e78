"""One box: names, pinyin with surname readings, units, numbers; never further than the scope."""

import pytest

from apps.cadres import selectors
from apps.cadres.columns import MOST_SEARCH_BYTES, search_vector
from apps.cadres.models import Cadre
from tests.factories import registry

NAMES = ("单小芳", "查东明", "曾庆华", "仇英", "尉迟恭", "王建国", "汪建", "吕秀兰", "阿卜杜拉·买买提", "O'Brien", "欧阳明")


@pytest.fixture
def people(places, worker, inside):
    with inside("浔阳区"):
        for n, name in enumerate(NAMES):
            unit = places["浔阳区教育局"] if n % 2 else places["浔阳区"]
            registry.register(
                unit,
                worker,
                name,
                id_number=registry.number(f"194{n % 10}-03-0{n % 9 + 1}", 11 + 2 * n),
                phone=f"1281111{n:04d}",
                original_unit="九江市农业农村局" if n == 5 else "",
            )


def found(scope, text):
    return sorted(selectors.matching(scope, text).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("单小芳", ["单小芳"]),
        ("小芳", ["单小芳"]),
        ("芳", ["单小芳"]),
        ("sxf", ["单小芳"]),
        ("SXF", ["单小芳"]),
        ("shan", ["单小芳"]),
        ("shanxiao", ["单小芳"]),
        ("shan xiao fang", ["单小芳"]),
        ("dan", []),
        ("zha", ["查东明"]),
        ("cha", []),
        ("zeng", ["曾庆华"]),
        ("qiu", ["仇英"]),
        ("yuchi", ["尉迟恭"]),
        ("wangjian", ["汪建", "王建国"]),
        ("wjg", ["王建国"]),
        ("lv", ["吕秀兰"]),
        ("lu", ["吕秀兰"]),
        ("ouyang", ["欧阳明"]),
        ("买买提", ["阿卜杜拉·买买提"]),
        ("阿卜杜拉买买提", ["阿卜杜拉·买买提"]),
        ("o'b", ["O'Brien"]),
        ("农业农村局", ["王建国"]),
        ("农业 wjg", ["王建国"]),
        ("王 国", ["王建国"]),
        ("王 建国", ["王建国"]),
        ("教育局 查", ["查东明"]),
        ("zzzz", []),
        ("%", []),
        ("'", []),
        ("\\", []),
        ("':* | 'w", []),
    ],
)
def test_found_by(people, inside, text, names):
    with inside("浔阳区") as scope:
        assert found(scope, text) == sorted(names)


def test_a_unit_finds_its_people(people, inside):
    with inside("浔阳区") as scope:
        assert found(scope, "教育局") == sorted(NAMES[1::2])


def test_numbers(people, inside):
    number = registry.number("1945-03-06", 21)
    with inside("浔阳区") as scope:
        assert found(scope, number) == ["王建国"]
        assert found(scope, f"{number[:6]} {number[6:14]} {number[14:]}".lower()) == ["王建国"]
        assert "王建国" in found(scope, number[-4:])
        assert found(scope, "128 1111 0005") == ["王建国"]
        assert found(scope, number[:-1] + ("0" if number[-1] != "0" else "1")) == []


def test_blank_is_everybody(people, inside):
    with inside("浔阳区") as scope:
        assert len(found(scope, "  　")) == len(NAMES)


@pytest.mark.parametrize("text", ["sxf", "单小芳", "教育局", ""])
def test_a_neighbour_finds_nobody(people, inside, text):
    with inside("濂溪区") as scope:
        assert found(scope, text) == []


def test_neither_by_number(people, inside):
    with inside("濂溪区") as scope:
        assert not selectors.by_id_number(scope, registry.number("1945-03-06", 21)).exists()
        assert found(scope, registry.number("1945-03-06", 21)) == []


def test_a_very_long_name_still_fits_the_index(places, worker, inside):
    with inside("浔阳区") as scope:
        long = "欧" * 60
        registry.register(places["浔阳区"], worker, long, original_unit="某" * 100)
        assert Cadre.objects.get(name=long).search
        assert found(scope, "欧欧欧") == [long]
    assert len(search_vector("王" * 60, "李" * 60, "某" * 120).encode()) <= MOST_SEARCH_BYTES * 2
