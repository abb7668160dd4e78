"""遗属表 and 待遇表 from file to register."""

from datetime import date
from pathlib import Path

import pytest
import tablib

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.models import Standing, Survivor, Treatment
from apps.cadres.sheets import treatments
from apps.cadres.sheets.survivors import SurvivorSheet
from apps.cadres.sheets.treatments import TreatmentSheet
from apps.core.scope import system_scope
from tests.cadres.kinds_kit import read, sheet
from tests.cadres.sheets_kit import applied
from tests.factories import registry


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
    def make(name="王德福", place="浔阳区教育局", seq=1, died=None, **values):
        with inside(place):
            made = registry.register(places[place], clerk, name=name, id_number=registry.number(seq=seq), **values)
            if died:
                type(made).objects.filter(pk=made.pk).update(standing=Standing.DECEASED, deceased_on=died)
            return made

    return make


def all_of(model) -> list:
    with system_scope("test"):
        return list(model.objects.order_by("pk"))


def test_an_office_list_of_survivors(tmp_path, county, clerk, enrol):
    """The survivor's own ID number stands in it: no column of ours, and never taken for the cadre's."""
    wang = enrol(died=date(2020, 3, 5))
    enrol("李健在", seq=2)
    titles = "序号 遗属姓名 性别 身份证号 出生年月 与离休干部关系 离休干部姓名 原单位 定期补助 家庭住址 联系电话 有无固定收入"
    row = (1, "李 梅", "女", registry.number(seq=40), "1948.05", "遗孀", "王德福", "某局", "1,650元", "某路1号", 12012345678.0, "无固定收入")
    path = sheet(tmp_path, titles, row, (2, "赵英", "女", None, None, "配偶", "李健在", None, 800, None, None, None))
    outcome = read("survivors", path, county, clerk)
    assert outcome.tally == (1, 0, 0, 1), outcome.problems
    assert outcome.errors == {"person_alive"}
    assert {one["title"] for one in outcome.problems if one["code"] == "column_unused"} == {"性别", "身份证号"}
    applied(outcome, clerk)
    (mei,) = all_of(Survivor)
    assert (mei.cadre_id, mei.name, mei.relation, mei.born_year, mei.monthly_subsidy, mei.has_income, mei.alive, mei.phone, mei.org_path) == (
        wang.pk, "李梅", "遗孀", 1948, 1650, False, True, "12012345678", wang.org_path,
    )  # fmt: skip
    assert read("survivors", path, county, clerk).tally == (0, 0, 1, 1)


def test_survivors_change_and_a_neighbours_stay(tmp_path, county, clerk, enrol):
    wang, other = enrol(died=date(2020, 3, 5)), enrol("赵远", "濂溪区卫生局", seq=5, died=date(2020, 3, 5))
    titles = "干部身份证号 遗属姓名 是否健在 定期补助"
    applied(read("survivors", sheet(tmp_path, titles, (wang.id_number, "李梅", "健在", 800)), county, clerk), clerk)
    outcome = read("survivors", sheet(tmp_path, titles, (wang.id_number, "李梅", "已故", 900), (other.id_number, "钱英", "健在", 1)), county, clerk)
    assert (outcome.tally, outcome.errors) == ((0, 1, 0, 1), {"other_unit"})
    applied(outcome, clerk)
    assert [(one.name, one.alive, one.monthly_subsidy, one.version) for one in all_of(Survivor)] == [("李梅", False, 900, 2)]


def test_sums_that_cannot_be(tmp_path, county, clerk, enrol):
    wang = enrol(died=date(2020, 3, 5))
    rows = [(wang.id_number, name, value) for name, value in (("甲梅", -1), ("乙梅", 1e12), ("丙梅", "若干"))]
    outcome = read("survivors", sheet(tmp_path, "干部身份证号 遗属姓名 定期补助", *rows), county, clerk)
    assert (outcome.tally, outcome.errors) == ((0, 0, 0, 3), {"number_range", "number_unparseable"})


TREATMENTS = "姓名 身份证号 待遇类别 享受待遇 批准时间 批准文号 起始时间 终止时间 备注"


def kinds() -> list[str]:
    return [name for _, name, _ in standards.TABLES["treatment_kind"].rows]


def test_treatments_go_in_and_the_same_file_again_changes_nothing(tmp_path, county, clerk, enrol):
    wang = enrol()
    path = sheet(
        tmp_path, TREATMENTS, ("王德福", wang.id_number, kinds()[0], "护理费 600 元", "2015年2月", "赣组〔2015〕3 号", "2015.03", "2018.02", None),
        ("王德福", wang.id_number, kinds()[0], "护理费 600 元", None, None, "2018-03-01", None, "续"),
    )  # fmt: skip
    outcome = read("treatments", path, county, clerk)
    assert (outcome.tally, outcome.errors) == ((2, 0, 0, 0), set())
    applied(outcome, clerk)
    first, second = all_of(Treatment)
    assert (first.starts_on, first.ends_on, first.approved_on, first.document_no) == (date(2015, 3, 1), date(2018, 2, 28), date(2015, 2, 1), "赣组〔2015〕3 号")
    assert (second.cadre_id, second.starts_on, second.ends_on, second.note) == (wang.pk, date(2018, 3, 1), None, "续")
    assert read("treatments", path, county, clerk).tally == (0, 0, 2, 0)


def test_a_treatment_without_its_beginning_is_the_one_on_record(tmp_path, county, clerk, enrol):
    wang = enrol()
    with system_scope("test"):
        kind = standards.TABLES["treatment_kind"].rows[0][0]
        Treatment.objects.create(cadre=wang, org=wang.org, kind=kind, content="护理费")
    row = ("王德福", wang.id_number, kinds()[0], "护理费", None, "文1", "2015-03-02", None, None)
    outcome = read("treatments", sheet(tmp_path, TREATMENTS, row), county, clerk)
    assert outcome.tally == (0, 1, 0, 0)
    applied(outcome, clerk)
    assert [(one.starts_on, one.document_no) for one in all_of(Treatment)] == [(date(2015, 3, 2), "文1")]


def test_terms_out_of_order_are_refused_in_the_row_and_against_the_record(tmp_path, county, clerk, enrol):
    wang = enrol()
    row = ("王德福", wang.id_number, kinds()[0], "护理费")
    outcome = read("treatments", sheet(tmp_path, TREATMENTS, (*row, None, None, "2018.03", "2017.05")), county, clerk)
    assert (outcome.tally, outcome.codes()["date_order"]) == ((0, 0, 0, 1), ["表!H2"])
    applied(read("treatments", sheet(tmp_path, TREATMENTS, (*row, None, None, "2018-03-01")), county, clerk), clerk)
    outcome = read("treatments", sheet(tmp_path, TREATMENTS, (*row, None, None, None, "2017-05-01")), county, clerk)
    assert (outcome.tally, outcome.errors) == ((0, 0, 0, 1), {"date_order"})


def test_import_data_reads_the_same_declarations(clerk, enrol, inside):
    wang = enrol(died=date(2020, 3, 5))
    survivors = tablib.Dataset((wang.id_number, "李梅", "1948", "是"), headers=["干部身份证号", "遗属姓名", "出生年份", "有固定收入"])
    treatments = tablib.Dataset((wang.id_number, kinds()[0], "护理费", "2015-03-01"), headers=["干部身份证号", "待遇类别", "待遇内容", "起"])
    with inside("浔阳区"):
        assert SurvivorSheet().import_data(survivors, raise_errors=True).totals["new"] == 1
        assert TreatmentSheet().import_data(treatments, raise_errors=True).totals["new"] == 1
        assert TreatmentSheet().import_data(treatments, raise_errors=True).totals["new"] == 0
    assert (all_of(Survivor)[0].has_income, all_of(Treatment)[0].starts_on) == (True, date(2015, 3, 1))


def test_a_kind_of_sheet_takes_less_than_sixty_lines():
    assert len(Path(treatments.__file__).read_text().splitlines()) < 60
