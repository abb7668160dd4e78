"""增减变动表: each row registered as the page does it."""

from datetime import date

import pytest
import tablib

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.actions import register_status_change
from apps.cadres.models import Cadre, Relative, Standing, StatusChange, Survivor
from apps.cadres.sheets.changes import ChangeSheet
from apps.core.scope import Scope, system_scope
from tests.cadres.kinds_kit import read, sheet
from tests.cadres.sheets_kit import TODAY, applied
from tests.factories import registry

TITLES = "姓名 身份证号 变动类别 发生时间 文号 去向 医院 自理能力 安置地 备注"


@pytest.fixture(autouse=True)
def codes(db):
    standards.load()


@pytest.fixture
def clerk(person):
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


@pytest.fixture
def enrol(places, clerk, inside):
    def make(name="王德福", place="浔阳区教育局", seq=1, **values):
        with inside(place):
            return registry.register(places[place], clerk, name=name, id_number=registry.number(seq=seq), **values)

    return make


def event(cadre, kind, on, **more) -> tuple:
    columns = ("文号", "去向", "医院", "自理能力", "安置地", "备注")
    return (cadre.name, cadre.id_number, kind, on, *(more.get(one) for one in columns))


def events() -> list[tuple]:
    with system_scope("test"):
        return list(StatusChange.objects.order_by("pk").values_list("cadre__name", "kind", "effective_on"))


def test_a_life_in_one_file_is_done_in_the_order_of_its_days(tmp_path, county, clerk, enrol, places):
    wang, zhao = enrol(), enrol("赵远", seq=2)
    with system_scope("test"):
        Relative.objects.create(cadre=wang, org=wang.org, relation="配偶", name="李梅")
    path = sheet(
        tmp_path, TITLES, event(wang, "病故", "2026.03.05", 备注="心脏病"), event(wang, "住院", "2026年2月1日", 医院="市一院"), event(wang, "出院", date(2026, 2, 10)),
        event(zhao, "调出", "2026-01-20", 去向="外省某市"), event(zhao, "异地安置", "2025-12-01", 安置地="深圳市"),
    )  # fmt: skip
    outcome = read("changes", path, county, clerk)
    assert (outcome.tally, outcome.problems) == ((5, 0, 0, 0), [])
    done = applied(outcome, clerk)
    assert (done.tally, done.batch.error) == ((5, 0, 0, 0), "")
    assert [(name, kind) for name, kind, _ in events()] == [("赵远", "resettled"), ("赵远", "moved_out"), ("王德福", "admitted"), ("王德福", "discharged"), ("王德福", "deceased")]
    with system_scope("test"):
        wang, zhao = Cadre.objects.get(pk=wang.pk), Cadre.objects.get(pk=zhao.pk)
        assert (wang.standing, wang.deceased_on, wang.hospital) == (Standing.DECEASED, date(2026, 3, 5), "市一院")
        assert (zhao.standing, zhao.resettled, zhao.resettled_place) == (Standing.MOVED, True, "深圳市")
        assert Survivor.objects.get().name == "李梅"
        assert StatusChange.objects.get(kind="moved_out").note == "去向：外省某市"
        assert set(done.batch.rows.values_list("target_id", flat=True)) == set(StatusChange.objects.values_list("pk", flat=True))
    assert read("changes", path, county, clerk).tally == (0, 0, 5, 0)


def test_a_list_of_deaths_without_a_column_that_says_so(tmp_path, county, clerk, enrol):
    people = [enrol(f"王{'甲乙丙'[n]}", seq=n) for n in range(3)]
    path = sheet(tmp_path, "老干部姓名 身份证号 去世时间 死因", *((one.name, one.id_number, "2026-05-01", "病") for one in people))
    assert read("changes", path, county, clerk).errors == {"required_missing"}
    outcome = read("changes", path, county, clerk, {"变动类别": "去世"})
    assert outcome.tally == (3, 0, 0, 0)
    assert applied(outcome, clerk).tally == (3, 0, 0, 0)


def test_what_cannot_be_is_refused_beforehand(tmp_path, county, clerk, enrol):
    wang, zhao, other = enrol(), enrol("赵远", seq=2), enrol("邻人", "濂溪区卫生局", seq=7)
    with system_scope("test"):
        register_status_change(cadre=zhao, kind="deceased", effective_on=date(2026, 1, 5), by=clerk, scope=Scope(("/36/3604/",)), today=TODAY)
    outcome = read(
        "changes",
        sheet(
            tmp_path, TITLES, event(wang, "去世", "2027-01-01"), event(wang, "去世", "2026.05"), event(wang, "去世", "1930-01-01"), event(wang, "飞升", "2026-01-01"),
            event(wang, "失能", "2026-01-01"), event(zhao, "住院", "2026-01-02"), event(zhao, "去世", "2026-01-06"), event(other, "去世", "2026-01-06"),
            event(wang, "去世", "2026-06-01"), event(wang, "住院", "2026-06-02"), event(zhao, "去世", "2026-01-05"),
        ),
        county, clerk,
    )  # fmt: skip
    assert outcome.tally == (1, 0, 1, 9)
    codes = outcome.codes()
    assert {code: [cell.split("!")[1] for cell in cells] for code, cells in codes.items()} == {
        "date_future": ["D2"], "date_incomplete": ["D3"], "date_order": ["D4"], "code_unknown": ["C5"], "required_missing": ["H6"],
        "standing": ["C7", "C8", "C11"], "other_unit": ["B9"],
    }  # fmt: skip


def test_a_transfer_inside_takes_the_person_along(tmp_path, county, clerk, enrol, places):
    wang = enrol()
    applied(read("changes", sheet(tmp_path, TITLES, event(wang, "调出", "2026-01-20", 去向="浔阳区")), places["九江市"], clerk), clerk)
    with system_scope("test"):
        wang = Cadre.objects.get(pk=wang.pk)
    assert (wang.standing, wang.org_id) == (Standing.ACTIVE, county.pk)


def test_an_action_that_refuses_at_the_last_moment_refuses_its_row_alone(tmp_path, county, clerk, enrol):
    wang, zhao = enrol(), enrol("赵远", seq=2)
    outcome = read("changes", sheet(tmp_path, TITLES, event(wang, "住院", "2026-03-01"), event(zhao, "住院", "2026-03-01")), county, clerk)
    with system_scope("test"):
        register_status_change(cadre=wang, kind="deceased", effective_on=date(2026, 3, 5), by=clerk, scope=Scope(("/36/3604/",)), today=TODAY)
    done = applied(outcome, clerk)
    assert (done.tally, done.errors) == ((1, 0, 0, 1), {"standing"})
    assert [name for name, kind, _ in events() if kind == "admitted"] == ["赵远"]


def test_import_data_registers_too(clerk, enrol, inside):
    wang = enrol()
    data = tablib.Dataset((wang.id_number, "去世", "2026-03-05"), headers=["干部身份证号", "变动类别", "发生日期"])
    with inside("浔阳区"):
        result = ChangeSheet().import_data(data, raise_errors=True, by=clerk, today=TODAY)
    assert result.totals["new"] == 1
    with system_scope("test"):
        assert Cadre.objects.get(pk=wang.pk).standing == Standing.DECEASED
