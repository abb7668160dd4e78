"""Annual tables against a population made by hand, cell by cell; what stands behind each difference; the workbook's head."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.urls import reverse

from apps.accounts.models import Level, Organization
from apps.accounts.permissions import Role
from apps.cadres.models import StatusChange, periods
from apps.cadres.statistics import annual, differences
from apps.cadres.statistics.counted import condition, judged, year
from apps.cadres.statistics.layout import PERIODS, TABLES
from apps.core.metrics import METRICS
from apps.core.scope import Scope
from tests.factories import duties as make

TODAY, NOW = date(2026, 3, 9), datetime(2026, 3, 9, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("whole")


@pytest.fixture
def changed(person):
    clerk = person()

    def change(who, kind, day, **kwargs):
        return StatusChange.objects.create(cadre=who, org=who.org, kind=kind, effective_on=day, recorded_by=clerk, **kwargs)

    return change


def table(key, org, number=2025, today=TODAY, **more):
    return annual.filled(key, org, number, today=today, now=NOW, **more)


def numbers(key, org, line="总计", **more):
    found = table(key, org, **more)
    row = next(row for row in found.rows if row.title == line)
    return {column.key: cell.value for column, cell in zip(found.table.columns, row.cells, strict=True)}


def old(org, name, started, **given):
    given = {"retire_kind": "lixiu", "retired_on": date(1985, 1, 1), "born_on": date(1928, 1, 1), "unit_nature": "organ", "political_status": "01"} | given
    return make.cadre(org, name, revolution_started_on=started, **given)


def retired(org, name, **given):
    return make.cadre(org, name, **({"retired_on": date(2010, 1, 1), "unit_nature": "organ", "rank": "131"} | given))


@pytest.fixture
def veterans(places):
    unit = places["浔阳区教育局"]
    old(unit, "大革命", date(1927, 7, 31), residence_region="110108")
    old(unit, "土地革命", date(1937, 7, 6), unit_nature="institution")
    old(unit, "抗战前期", date(1937, 7, 7), unit_nature="enterprise", political_status="13", born_on=date(1950, 1, 1))
    old(unit, "抗战后期", date(1945, 9, 2), self_care="dependent", residence_region="360403")
    old(unit, "解放一", date(1945, 9, 3), residence_region="110000")
    old(unit, "解放二", date(1945, 10, 1), unit_nature="")
    old(unit, "解放三", date(1949, 9, 30), born_on=None)
    old(unit, "不知哪日", date(1945, 9, 1), revolution_started_precision="month")
    old(unit, "不计入", date(1948, 1, 1), counts_in_statistics=False)
    old(unit, "早已去世", date(1948, 1, 1), standing="deceased", deceased_on=date(2024, 12, 31))
    old(unit, "年底去世", date(1948, 1, 1), standing="deceased", deceased_on=date(2026, 1, 1))
    return unit


def test_table_a_cell_by_cell(veterans, places):
    found = numbers("A", places["浔阳区"])
    assert found == {
        "all": 9, "party": 8, "dependent": 1, "70": 1, "80": 7, "p1": 1, "p1b": 1, "p2": 1, "p2b": 0, "p3": 1, "p3b": 0, "p4": 1, "p4b": 0, "p5": 4, "p5b": 1,
    }  # fmt: skip
    assert [numbers("A", places["浔阳区"], line)["all"] for line in ("机关", "事业单位", "企业")] == [6, 1, 1]


def test_the_war_of_liberation_does_not_end_in_1945(veterans, places):
    """A known system prints 1945年9月底 here and loses nearly everybody."""
    assert PERIODS[4][1] == "1945年9月3日至1949年9月30日"
    assert periods.PERIODS[4][2:] == (date(1945, 9, 3), date(1949, 9, 30))
    assert set(METRICS["annual_a1_p5"].rows(Scope((places["浔阳区"].path,)), year(2025, TODAY)).values_list("name", flat=True)) == {"解放一", "解放二", "解放三", "年底去世"}


def test_nobody_vanishes(veterans, places):
    """Total = periods + those told below; total = natures + those told below."""
    found = table("A", places["浔阳区"])
    notes = {behind: number for _, number, behind, _ in found.notes}
    told = {key: next((n for words, n in notes.items() if key in words), 0) for key in ("跨两个时期", "单位性质", "出生日期", "不计入年报", "居住地代码")}
    assert told == {"跨两个时期": 1, "单位性质": 1, "出生日期": 1, "不计入年报": 1, "居住地代码": 6}
    total = numbers("A", places["浔阳区"])
    assert total["all"] == sum(total[f"p{n}"] for n in range(1, 6)) + told["跨两个时期"]
    assert total["all"] == sum(row.cells[0].value for row in found.rows[1:]) + told["单位性质"]


@pytest.fixture
def two_years(places, changed):
    """退休, 浔阳区教育局, 2025: 6 at the end of 2024; 2 newly retired; 1 died; 1 received, 1 moved out, 1 retired without an entry, 1 handed over."""
    unit = places["浔阳区教育局"]
    people = {name: retired(unit, name) for name in ("甲", "乙", "丙", "丁", "戊")}
    for name, rank in (("新一", "122"), ("新二", "g02")):
        people[name] = retired(unit, name, retired_on=date(2025, 6, 1), rank=rank)
        changed(people[name], "registered", date(2025, 6, 2))
    people["甲"].standing, people["甲"].deceased_on = "deceased", date(2025, 12, 31)
    changed(people["甲"], "deceased", date(2025, 12, 31))
    people["接收"] = retired(unit, "接收", unit_nature="institution")
    changed(people["接收"], "received", date(2025, 3, 3), note="由省直转来")
    people["乙"].standing = "moved"
    changed(people["乙"], "moved_out", date(2025, 4, 4))
    people["漏登"] = retired(unit, "漏登", retired_on=date(2025, 12, 1), retired_precision="month", unit_nature="enterprise")
    people["移交"] = retired(unit, "移交")
    changed(people["移交"], "moved_out", date(2025, 9, 9), before={"org": places["濂溪区卫生局"].pk}, after={"org": unit.pk})
    people["不计入"] = retired(unit, "不计入", counts_in_statistics=False)
    changed(people["不计入"], "received", date(2025, 3, 3))
    for one in people.values():
        one.save()
    retired(places["濂溪区卫生局"], "邻县")
    return people


def test_table_d_counts_and_derives_apart(two_years, places):
    found = numbers("D", places["浔阳区"])
    assert (found["opening"], found["new_all"], found["died"], found["due"], found["here"], found["difference"]) == (6, 2, 1, 7, 8, 1)
    assert (found["new_122"], found["new_131"]) == (2, 0)
    assert numbers("D", places["浔阳区"], "机关")["difference"] == -1
    assert numbers("D", places["浔阳区"], "事业单位")["difference"] == 1
    assert numbers("D", places["浔阳区"], "机关·县级")["here"] == 6
    assert [numbers("D", places["浔阳区"], f"机关·{level}")["here"] for level in ("中央", "省级", "市级", "乡级")] == [0, 0, 0, 0]


def test_behind_the_difference_stand_people_and_reasons(two_years, places):
    table_d = TABLES["D"]
    found = differences.annual(places["浔阳区"], "retired", table_d.lines[0].where, year(2025, TODAY))
    assert found.difference == 1
    shown = differences.shown(Scope((places["浔阳区"].path,)), found.rows, date(2025, 1, 1), date(2025, 12, 31))
    assert {(row["cadre"].name, row["amount"], row["reason"]) for row in shown} == {("接收", 1, "接收调入"), ("乙", -1, "调出移交"), ("漏登", 1, "没有登记新办离退休")}
    assert [entry.note for row in shown for entry in row["entries"] if row["cadre"].name == "接收"] == ["由省直转来"]
    organ = differences.annual(places["浔阳区"], "retired", table_d.lines[1].where, year(2025, TODAY))
    assert [amount for _, amount, _ in organ.rows] == [-1]


def test_a_difference_that_cancels_is_still_named(places, changed):
    unit = places["浔阳区教育局"]
    who = retired(unit, "走", standing="moved")
    changed(who, "moved_out", date(2025, 4, 4))
    changed(retired(unit, "来"), "received", date(2025, 4, 4))
    cell = table("D", places["浔阳区"]).rows[0].cells[-1]
    assert (cell.value, cell.people) == (0, 2)
    assert "line=1" in cell.url


def test_from_retired_to_lixiu(places, changed):
    """Counted as 退休 at the end of 2024, as 离休 at the end of 2025: one table loses, the other wins, and both say why."""
    who = old(places["浔阳区教育局"], "改办", date(1948, 5, 1))
    changed(who, "registered", date(2025, 5, 5), before={"retire_kind": "retired"}, after={"retire_kind": "lixiu"})
    b, d = (numbers(key, places["浔阳区"]) for key in "BD")
    assert (b["opening"], b["new"], b["here"], b["difference"]) == (0, 1, 1, 0)
    assert (d["opening"], d["new_all"], d["here"], d["difference"]) == (1, 0, 0, -1)
    found = differences.annual(places["浔阳区"], "retired", {}, year(2025, TODAY))
    assert found.reasons == [{"key": "converted", "name": "离退休类别变更", "means": differences.REASONS["converted"][1], "people": 1, "amount": -1}]
    assert numbers("B", places["浔阳区"], number=2024)["here"] == 0
    assert numbers("D", places["浔阳区"], number=2024)["here"] == 1


@pytest.mark.parametrize(("key", "column", "here"), [("A", "all", "here"), ("B", "here", "here")])
def test_a_year_closes_as_the_next_one_opens(veterans, two_years, places, key, column, here):
    assert numbers(key, places["浔阳区"])[column] == numbers("B", places["浔阳区"], number=2026)["opening"]
    assert numbers("D", places["浔阳区"])["here"] == numbers("D", places["浔阳区"], number=2026)["opening"]


def test_restored_after_a_death_of_last_year(places, changed):
    who = old(places["浔阳区教育局"], "误登", date(1948, 5, 1))
    changed(who, "deceased", date(2024, 5, 5))
    changed(who, "restored", date(2025, 2, 2))
    found = numbers("B", places["浔阳区"])
    assert (found["opening"], found["here"], found["difference"]) == (1, 1, 0)


def test_moved_out_by_mistake_and_taken_back(places, changed):
    who = old(places["浔阳区教育局"], "误调", date(1948, 5, 1))
    changed(who, "moved_out", date(2024, 5, 5))
    changed(who, "restored", date(2025, 2, 2), before={"standing": "moved"})
    assert numbers("B", places["浔阳区"])["difference"] == 1
    assert [one["key"] for one in differences.annual(places["浔阳区"], "lixiu", {}, year(2025, TODAY)).reasons] == ["restored"]


def test_whoever_died_after_moving_away_is_not_among_our_dead(places, changed):
    who = old(places["浔阳区教育局"], "先走", date(1948, 5, 1), standing="deceased", deceased_on=date(2025, 8, 8))
    changed(who, "moved_out", date(2025, 5, 5))
    found = numbers("B", places["浔阳区"])
    assert (found["opening"], found["died"], found["here"], found["difference"]) == (1, 0, 0, -1)


def test_table_c_by_rank_nature_and_level(places):
    county, city = places["浔阳区教育局"], places["九江市"]
    town = Organization.objects.create(parent=places["浔阳区"], name="甘棠街道", level=Level.TOWNSHIP, path="/36/3604/360403/t1/")
    retired(city, "正省", rank="101", sex="2", political_status="02")
    retired(city, "副厅", rank="g02")
    retired(county, "科员", rank="150")
    retired(town, "无职级", rank="")
    retired(county, "事业", rank="121", unit_nature="institution")
    retired(county, "企业", unit_nature="enterprise", sex="2")
    retired(county, "其他", unit_nature="other")
    total = numbers("C", city)
    assert {key: n for key, n in total.items() if n} == {"all": 7, "organ_all": 4, "organ_111": 1, "organ_122": 1, "organ_other": 1, "institution": 1, "enterprise": 1}
    assert (numbers("C", city, "女")["all"], numbers("C", city, "中共党员")["all"]) == (2, 1)
    assert [numbers("C", city, level)["all"] for level in ("中央", "省级", "市级", "县级", "乡级")] == [0, 0, 2, 4, 1]
    notes = [(number, behind[:8]) for _, number, behind, _ in table("C", city).notes]
    assert notes == [(1, " 人单位性质为「"), (1, " 人是机关人员而")]


def test_past_years_show_the_rank_of_then(places, changed):
    who = retired(places["浔阳区教育局"], "升", rank="121")
    changed(who, "treatment", date(2026, 2, 1), before={"rank": "122"}, after={"rank": "121"})
    assert numbers("C", places["浔阳区"])["organ_122"] == 1
    assert numbers("C", places["浔阳区"], number=2026)["organ_121"] == 1


@pytest.mark.parametrize(
    ("retired_on", "precision", "counted"),
    [(date(2025, 12, 31), "day", 1), (date(2026, 1, 1), "day", 0), (date(2025, 12, 1), "month", 1), (date(2026, 1, 1), "month", 0), (date(2025, 1, 1), "year", 1)],
)
def test_the_cut_off(places, retired_on, precision, counted):
    retired(places["浔阳区教育局"], "界", retired_on=retired_on, retired_precision=precision)
    assert numbers("C", places["浔阳区"])["all"] == counted


@pytest.mark.parametrize(
    ("born", "precision", "band"),
    [(date(1945, 12, 31), "day", "80"), (date(1946, 1, 1), "day", "70"), (date(1945, 12, 1), "month", "80"), (date(1956, 1, 1), "year", "")],
)
def test_ages_at_the_cut_off(places, born, precision, band):
    old(places["浔阳区教育局"], "岁", date(1948, 1, 1), born_on=born, born_precision=precision)
    found = numbers("A", places["浔阳区"])
    assert (found["70"], found["80"]) == (int(band == "70"), int(band == "80"))


def test_the_running_year_says_until_when(two_years, places):
    found = table("D", places["浔阳区"], number=2026)
    assert (found.day, found.period.past) == ("2026年3月9日", False)
    assert found.rows[0].cells[-2].value == 8


def test_every_cell_is_its_list(veterans, two_years, places):
    scope, period = Scope((places["九江市"].path,)), year(2025, TODAY)
    for key in TABLES:
        found = table(key, places["九江市"])
        for line, row in zip(found.table.lines, found.rows, strict=True):
            for column, cell in zip(found.table.columns, row.cells, strict=True):
                if column.where is not None and (cell.value or column.key == "all"):
                    assert METRICS[annual.key_of(found.table, line.key, column.key)].rows(scope, period).count() == cell.value, (key, line.key, column.key)


def test_rows_by_place_add_up(veterans, two_years, places):
    children = [places["浔阳区"], places["濂溪区"]]
    old(places["九江市"], "市直", date(1948, 1, 1))
    found = table("B", places["九江市"], by_place=children)
    assert [row.title for row in found.rows] == ["总计", "浔阳区", "本级直接管理"]
    for n in range(6):
        assert found.rows[0].cells[n].value == sum(row.cells[n].value for row in found.rows[1:])
    assert not found.rows[-1].cells[0].url


def test_one_query_for_a_table(two_years, places, django_assert_num_queries):
    with django_assert_num_queries(2):
        table("D", places["九江市"])


def test_conditions_hold_no_input(places):
    sql, _ = judged(Scope((places["浔阳区"].path,)), year(2025, TODAY))
    assert "%(root0)s" in sql
    assert condition({"here": "yes", "nature": ("organ", "rest")}) == "counted AND here AND nature IN ('organ', 'rest')"


@pytest.fixture
def reader(client, person):
    client.force_login(person("浔阳区", Role.LEADER))
    return client


def page(client, name, **query):
    return client.get(reverse(name), query)


def test_the_pages(reader, two_years, places):
    shown = page(reader, "cadres:annual", table="D", year=2025).content.decode()
    assert "填报单位：浔阳区" in shown
    assert "2025年12月31日" in shown
    assert 'rowspan="2" colspan="2">项目' in shown
    assert "漏登" in page(reader, "cadres:differences", table="D", line=1, year=2025).content.decode()
    listed = reader.get(reverse("cadres:list"), {"metric": "annual_d1_new_122", "period": "2025", "org": places["浔阳区"].pk}).content.decode()
    assert "新一" in listed
    assert "退休干部两年数字变化情况统计表" in listed


@pytest.mark.parametrize(
    "query",
    [{"table": "E"}, {"year": "x"}, {"year": "1066"}, {"year": "9999"}, {"year": "1" * 30}, {"org": "x"}, {"org": "9" * 30}],
)
def test_bad_addresses_are_not_there(reader, places, query):
    assert page(reader, "cadres:annual", **query).status_code == 404


@pytest.mark.parametrize(
    "query", [{"table": "A"}, {"table": "B", "line": "77"}, {"ledger": "x"}, {"ledger": "2026Q9"}, {"ledger": "2026", "kind": "x"}, {"ledger": "20260301-20260101"}]
)
def test_bad_addresses_of_differences(reader, places, query):
    assert page(reader, "cadres:differences", **query).status_code == 404


def test_a_neighbour_sees_nothing_of_it(client, person, two_years, veterans, places):
    client.force_login(person("濂溪区", Role.LEADER))
    for name in ("cadres:annual", "cadres:annual_workbook", "cadres:ledger", "cadres:ledger_workbook", "cadres:differences"):
        assert page(client, name, org=places["浔阳区"].pk, year=2025).status_code == 404
        assert page(client, name, org=places["九江市"].pk).status_code == 404
    assert "总数" in page(client, "cadres:annual", year=2025).content.decode()
    assert numbers("D", places["濂溪区"])["here"] == 1


def workbook(client, **query):
    answer = page(client, "cadres:annual_workbook", **query)
    return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


MERGED = {
    "表A": {
        "A1:Q1", "A2:Q2", "A3:A5", "B3:B5", "C3:C5", "D3:D5", "E3:E5", "F3:F5", "G3:G5", "H3:Q3", "H4:I4", "J4:K4", "L4:M4", "N4:O4", "P4:Q4",
    },
    "表B": {"A1:H1", "A2:H2"},
    "表C": {"A1:P1", "A2:P2", "A3:B4", "C3:C4", "D3:D4", "E3:N3", "O3:O4", "P3:P4", "A5:B5", "A6:A7", "A8:A12"},
    "表D": {
        "A1:R1", "A2:R2", "A3:B4", "C3:C4", "D3:D4", "E3:N3", "O3:O4", "P3:P4", "Q3:Q4", "R3:R4", "A5:B5", "A6:A11", "A12:B12", "A13:B13",
    },
}  # fmt: skip


def test_the_workbook_has_the_official_heads(reader, veterans, two_years, places):
    book = workbook(reader, year=2025)
    assert book.sheetnames == list(MERGED)
    for name, wanted in MERGED.items():
        sheet = book[name]
        notes = {str(one) for one in sheet.merged_cells.ranges if one.min_row > 5 and one.min_col == 1 and one.max_col == sheet.max_column}
        assert {str(one) for one in sheet.merged_cells.ranges} - notes == wanted, name
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet["A2"].value.startswith("填报单位：浔阳区")
        assert sheet["A2"].alignment.horizontal == "left"
    assert [book["表A"].cell(4, column).value for column in (8, 16)] == ["1927年7月底以前", "1945年9月3日至1949年9月30日"]
    assert [book["表A"].cell(5, column).value for column in (8, 9, 17)] == ["人数", "其中在京", "其中在京"]
    assert [book["表C"].cell(4, column).value for column in (5, 6, 14)] == ["合计", "正省部级", "科员、办事员及其他"]
    assert [cell.value for cell in book["表B"][3]][2:] == [head.text for head in TABLES["B"].head[0]][2:]
    row = [cell.value for cell in book["表D"][5]]
    assert row == ["总计", None, "1", 6, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 7, 8, 1]
    assert all(isinstance(value, int) for value in row[3:])


def test_a_hostile_name_stays_text(client, person, veterans, places):
    Organization.objects.filter(pk=places["浔阳区"].pk).update(name="=HYPERLINK(1)")
    client.force_login(person("九江市", Role.LEADER))
    cell = workbook(client, year=2025, by="place")["表B"]["A5"]
    assert (cell.data_type, cell.value) == ("s", "=HYPERLINK(1)")
