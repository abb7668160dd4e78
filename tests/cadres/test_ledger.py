"""The population ledger by kind, place and period: it closes, every number is a list, a difference is named."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.cadres.forms.statistics import usual_periods
from apps.cadres.metrics import ledger_keys
from apps.cadres.models import StatusChange
from apps.cadres.statistics import differences
from apps.cadres.statistics.ledger import KINDS, ledger
from apps.core.metrics import METRICS, Period
from apps.core.scope import Scope
from tests.factories import duties as make

TODAY, NOW = date(2026, 8, 20), datetime(2026, 8, 20, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("whole")


@pytest.fixture
def county(places, person):
    """浔阳区, first half of 2026: 3 离休 and 5 退休 before it; see each line."""
    clerk, unit = person(), places["浔阳区教育局"]

    def change(who, kind, day, **kwargs):
        StatusChange.objects.create(cadre=who, org=who.org, kind=kind, effective_on=day, recorded_by=clerk, **kwargs)

    def made(name, kind="retired", org=unit, **given):
        return make.cadre(org, name, retire_kind=kind, **({"retired_on": date(2000, 1, 1)} | given))

    for name in ("离一", "离二"):
        made(name, "lixiu")
    change(made("离亡", "lixiu", standing="deceased", deceased_on=date(2026, 2, 28)), "deceased", date(2026, 2, 28))
    for name in ("退一", "退二", "退三"):
        made(name)
    change(made("调出", standing="moved"), "moved_out", date(2026, 6, 30))
    change(made("改办", "lixiu"), "registered", date(2026, 3, 1), before={"retire_kind": "retired"}, after={"retire_kind": "lixiu"})
    change(made("新办", retired_on=date(2026, 1, 1)), "registered", date(2026, 1, 4))
    change(made("调入"), "received", date(2026, 1, 1))
    made("漏登", retired_on=date(2026, 6, 1), retired_precision="month")
    change(made("七月", retired_on=date(2026, 7, 1)), "registered", date(2026, 7, 1))
    made("区直", org=places["浔阳区"])
    made("邻县", org=places["濂溪区卫生局"])
    return places["浔阳区"]


def numbers(line):
    return [cell.value for cell in line.cells]


def found(org, text="2026H1", kind="", children=(), today=TODAY):
    return ledger(org, list(children), Period.parse(text, today), kind, now=NOW)


def test_by_kind(county):
    total, lixiu, retired = found(county).kinds
    assert numbers(total) == [9, 1, 1, 1, 1, 10, 1]
    assert numbers(lixiu) == [3, 0, 0, 0, 1, 3, 1]
    assert numbers(retired) == [6, 1, 1, 1, 0, 7, 0]
    assert (lixiu.cells[-1].people, retired.cells[-1].people) == (1, 2)
    assert found(county).converted.value == 1


@pytest.mark.parametrize(
    ("text", "numbers_of_all"),
    [
        ("2026", [9, 2, 1, 1, 1, 11, 1]), ("2026Q1", [9, 1, 1, 0, 1, 10, 0]), ("2026-06", [10, 0, 0, 1, 0, 10, 1]), ("2026H2", [10, 1, 0, 0, 0, 11, 0]),
        ("20260228-20260301", [11, 0, 0, 0, 1, 10, 0]), ("20260701-20260820", [10, 1, 0, 0, 0, 11, 0]), ("2025", [9, 0, 0, 0, 0, 9, 0]),
    ],
)  # fmt: skip
def test_any_period(county, text, numbers_of_all):
    assert numbers(found(county, text).kinds[0]) == numbers_of_all


def test_periods_join(county):
    texts = ["2025", *(f"2026-{month:02d}" for month in range(1, 8))]
    lines = [found(county, text).kinds for text in texts]
    for before, after in zip(lines, lines[1:], strict=False):
        for n in range(3):
            assert before[n].cells[5].value == after[n].cells[0].value


def test_by_place(county, places):
    city = found(places["九江市"], children=[places["浔阳区"], places["濂溪区"]])
    assert [line.title for line in city.places] == ["浔阳区", "濂溪区"]
    assert numbers(city.places[1]) == [1, 0, 0, 0, 0, 1, 0]
    within = found(county, children=[places["浔阳区教育局"]])
    assert [line.title for line in within.places] == ["浔阳区教育局", "本级直接管理"]
    assert [sum(pair) for pair in zip(*map(numbers, within.places), strict=True)] == numbers(within.kinds[0])


def test_every_number_is_its_list(county):
    period = Period.parse("2026H1", TODAY)
    for kind, line in zip(KINDS, found(county).kinds, strict=True):
        for key, cell in zip(ledger_keys(kind), line.cells, strict=False):
            assert METRICS[key].rows(Scope((county.path,)), period).count() == cell.value, key
        assert len(differences.ledger(county, kind, period).rows) == line.cells[-1].people


def test_the_difference_is_named(county):
    assert [one["key"] for one in differences.ledger(county, "", Period.parse("2026H1", TODAY)).reasons] == ["unregistered"]
    assert [one["key"] for one in differences.ledger(county, "retired", Period.parse("2026H1", TODAY)).reasons] == ["converted", "unregistered"]


def test_one_query(county, django_assert_num_queries):
    with django_assert_num_queries(2):
        found(county)


@pytest.fixture
def reader(client, person):
    client.force_login(person("浔阳区", Role.WORKER))
    return client


def page(client, **query):
    return client.get(reverse("cadres:ledger"), query)


def test_the_page(reader, county):
    shown = page(reader, period="2026H1").content.decode()
    assert "2026 年上半年" in shown
    assert "区直" not in shown
    assert "本级直接管理" in shown
    for link in ("metric=ledger_opening_lixiu&amp;period=2026H1", "ledger=2026H1&amp;kind=retired"):
        assert link in shown
    assert "漏登" in reader.get(reverse("cadres:differences"), {"ledger": "2026H1"}).content.decode()


def test_free_dates_and_their_links(reader, county):
    shown = page(reader, period="free", first="2026-02-28", last="2026-03-01").content.decode()
    assert "2026-02-28 至 2026-03-01" in shown
    assert "period=20260228-20260301" in shown
    assert "离亡" in reader.get(reverse("cadres:list"), {"metric": "deaths", "period": "20260228-20260301"}).content.decode()
    assert "2026-02-28 至 2026-03-01" in page(reader, period="20260228-20260301").content.decode()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"period": "free"}, "请填写起止日期"), ({"period": "free", "first": "2026-03-02", "last": "2026-03-01"}, "结束日期早于开始日期"),
        ({"period": "free", "first": "2126-03-02", "last": "2126-03-03"}, "还没有到"), ({"period": "free", "first": "二月", "last": "2026-03-01"}, "日期不对"),
        ({"period": "2026Q7"}, "2026Q7"), ({"period": "free", "first": "1900-01-01", "last": "2026-03-01"}, "1950"),
    ],
)  # fmt: skip
def test_bad_dates_get_a_sentence(reader, county, query, sentence):
    answer = page(reader, **query)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_an_empty_place_says_so(client, person, places):
    client.force_login(person("黑龙江省", Role.LEADER))
    assert "这个单位本期没有人员" in page(client).content.decode()


def test_the_workbook(reader, county):
    answer = reader.get(reverse("cadres:ledger_workbook"), {"period": "2026H1"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_row=13)]
    assert rows[0] == ["浔阳区", "合计", *numbers(found(county).kinds[0])]
    assert rows[1][1:] == ["离休干部", *numbers(found(county).kinds[1])]
    assert [row[0] for row in rows] == ["浔阳区", None, None, "浔阳区教育局", None, None, "本级直接管理", None, None]
    assert {"A5:A7", "A8:A10", "D3:E3", "A1:I1"} <= {str(one) for one in sheet.merged_cells.ranges}


def test_usual_periods_have_names_of_their_own():
    titles = [one.title for one in usual_periods(date(2026, 1, 31))]
    assert len(titles) == len(set(titles))
    assert titles[0] == "2026 年第一季度"
    assert "2025 年下半年" in titles
    assert "2026 年下半年" not in titles
