"""亲属表 from file to register."""

import openpyxl
import pytest
import tablib
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.models import Relative, Standing
from apps.cadres.sheets.relatives import RelativeSheet
from apps.core.scope import system_scope
from apps.files import actions, selectors
from apps.files.importing import giving_back
from tests.cadres.kinds_kit import read, sheet
from tests.cadres.sheets_kit import NOW, applied
from tests.factories import registry

TITLES = "干部姓名 干部身份证号 称谓 姓名 出生年份 单位及职务 电话 同住 备注"


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
    """``enrol("王德福", "浔阳区教育局", seq=1)`` registers somebody."""

    def make(name="王德福", place="浔阳区教育局", seq=1, **values):
        with inside(place):
            return registry.register(places[place], clerk, name=name, id_number=registry.number(seq=seq), **values)

    return make


def family(**where) -> list[Relative]:
    with system_scope("test"):
        return list(Relative.objects.filter(**where).order_by("pk"))


def test_relatives_go_in_and_the_same_file_again_changes_nothing(tmp_path, county, clerk, enrol):
    wang = enrol()
    wife, son = ("老伴", "李梅", 1948, "某局退休", "12012345678", "是", "有糖尿病"), ("长子", "王 强", None, "某厂", None, None, None)
    path = sheet(tmp_path, TITLES, ("王德福", wang.id_number, *wife), ("王德福", wang.id_number, *son))
    outcome = read("relatives", path, county, clerk)
    assert (outcome.tally, outcome.problems) == ((2, 0, 0, 0), [])
    done = applied(outcome, clerk)
    assert done.batch.error == ""
    mei, qiang = family()
    assert (mei.cadre_id, mei.org_id, mei.org_path, mei.relation, mei.name, mei.born_year, mei.phone, mei.phone_masked, mei.lives_with) == (
        wang.pk, wang.org_id, wang.org_path, "老伴", "李梅", 1948, "12012345678", "120****5678", True,
    )  # fmt: skip
    assert (qiang.relation, qiang.name, qiang.unit, qiang.phone) == ("长子", "王强", "某厂", None)
    assert read("relatives", path, county, clerk).tally == (0, 0, 2, 0)


def test_what_differs_is_changed_and_the_telephone_stays_closed(tmp_path, county, clerk, enrol):
    wang = enrol()
    row = ("王德福", wang.id_number, "配偶", "李梅", 1948, "某局", "12012345678", "是", "甲")
    applied(read("relatives", sheet(tmp_path, TITLES, row), county, clerk), clerk)
    outcome = read("relatives", sheet(tmp_path, TITLES, (*row[:2], "爱人", "李梅", None, "某局", "12012349999", None, "乙"), name="b"), county, clerk)
    assert outcome.tally == (0, 1, 0, 0)
    done = applied(outcome, clerk)
    with system_scope("test"):
        staged = done.batch.rows.get()
        changes = {one["column"]: (one["was"], one["now"]) for one in staged.changes}
        assert changes == {"relation": ("配偶", "爱人"), "note": ("甲", "乙"), "phone": ("120****5678", "120****9999")}
        assert staged.before["note"] == "甲"
    mei = family()[0]
    assert (mei.phone, mei.note, mei.born_year, mei.version) == ("12012349999", "乙", 1948, 2)


def test_a_neighbours_people_are_never_touched(tmp_path, county, clerk, enrol):
    other = enrol("赵远", "濂溪区卫生局", seq=5)
    outcome = read("relatives", sheet(tmp_path, TITLES, ("赵远", other.id_number, "配偶", "钱英"), ("赵远", None, "配偶", "钱英")), county, clerk)
    assert outcome.tally == (0, 0, 0, 2)
    assert outcome.codes() == {"other_unit": ["表!B2"], "person_unknown": ["表!A3"]}
    assert "濂溪区" in outcome.problems[0]["message"]
    assert family() == []


def test_people_of_one_name_are_told_apart_or_refused(tmp_path, county, clerk, enrol):
    first, second = enrol(seq=1, original_unit="一中"), enrol(place="浔阳区", seq=2, original_unit="二中")
    titles = "老干部姓名 老干部出生年月 原工作单位 与干部关系 家属姓名"
    outcome = read(
        "relatives",
        sheet(
            tmp_path, titles, ("王德福", None, None, "配偶", "甲梅"), ("王德福", None, "二中", "配偶", "乙梅"), ("王德福", "1990.01", None, "配偶", "丙梅"),
            ("王德福", None, "浔阳区教育局", "配偶", "丁梅"), (None, None, None, "配偶", "戊梅"),
        ),
        county, clerk,
    )  # fmt: skip
    assert outcome.tally == (2, 0, 0, 3), outcome.problems
    assert outcome.codes() == {"person_ambiguous": ["表!A2"], "person_unknown": ["表!A4"], "person_missing": ["表!A6"]}
    assert "2 位" in outcome.problems[0]["message"]
    applied(outcome, clerk)
    assert {one.name: one.cadre_id for one in family()} == {"乙梅": second.pk, "丁梅": first.pk}


def test_a_name_alone_is_taken_with_a_warning(tmp_path, county, clerk, enrol):
    enrol()
    outcome = read("relatives", sheet(tmp_path, "干部姓名 称谓 姓名", ("王德福", "配偶", "李梅")), county, clerk)
    assert (outcome.tally, set(outcome.codes())) == ((1, 0, 0, 0), {"person_by_name"})


def test_a_number_under_another_name_is_refused(tmp_path, county, clerk, enrol):
    wang = enrol()
    outcome = read("relatives", sheet(tmp_path, TITLES, ("李建国", wang.id_number, "配偶", "李梅")), county, clerk)
    assert (outcome.tally, outcome.errors) == ((0, 0, 0, 1), {"person_differs"})
    assert outcome.problems[0]["value"] == "李建国"


def test_merged_cells_of_the_person_count_for_each_row(tmp_path, county, clerk, enrol):
    wang = enrol()
    path = sheet(tmp_path, TITLES, ("王德福", wang.id_number, "配偶", "李梅"), (None, None, "儿子", "王强"), (None, None, "女儿", "王芳"), merged=("A2:A4", "B2:B4"))
    outcome = read("relatives", path, county, clerk)
    assert (outcome.tally, outcome.problems) == ((3, 0, 0, 0), [])


def test_a_family_packed_into_one_row(tmp_path, county, clerk, enrol):
    wang, zhao = enrol(), enrol("赵远", seq=2)
    titles = "姓名 身份证号 称谓 家属姓名 年龄 联系电话"
    path = sheet(
        tmp_path, titles, ("王德福", wang.id_number, "配偶,儿子,女儿", "李梅、王强、王芳", "76,50,48", None), ("赵远", zhao.id_number, "配偶,儿子", "钱英", "70,40", "12012345678"),
    )  # fmt: skip
    outcome = read("relatives", path, county, clerk)
    assert outcome.tally == (3, 0, 0, 1)
    assert set(outcome.codes()) == {"packed_uneven"}
    applied(outcome, clerk)
    assert [(one.relation, one.name, one.born_year) for one in family()] == [("配偶", "李梅", 1950), ("儿子", "王强", 1976), ("女儿", "王芳", 1978)]
    again = read("relatives", path, county, clerk)
    assert again.tally == (0, 0, 3, 1)


def test_the_same_relative_twice_in_a_file(tmp_path, county, clerk, enrol):
    wang = enrol()
    outcome = read("relatives", sheet(tmp_path, TITLES, ("王德福", wang.id_number, "配偶", "李梅"), ("王德福", wang.id_number, "妻子", "李 梅")), county, clerk)
    assert (outcome.tally, outcome.codes()) == ((1, 0, 0, 1), {"duplicate_in_file": ["表!D3"]})


def test_those_who_left_keep_their_family_as_it_is(tmp_path, county, clerk, enrol):
    wang = enrol()
    with system_scope("test"):
        type(wang).objects.filter(pk=wang.pk).update(standing=Standing.MOVED)
    outcome = read("relatives", sheet(tmp_path, TITLES, ("王德福", wang.id_number, "配偶", "李梅")), county, clerk)
    assert (outcome.tally, outcome.errors) == ((0, 0, 0, 1), {"record_closed"})


def test_what_changed_between_check_and_import_is_left_alone(tmp_path, county, clerk, enrol):
    wang, zhao = enrol(), enrol("赵远", seq=2)
    rows = (("王德福", wang.id_number, "配偶", "李梅"), ("赵远", zhao.id_number, "配偶", "钱英"))
    outcome = read("relatives", sheet(tmp_path, TITLES, *rows), county, clerk)
    with system_scope("test"):
        Relative.objects.create(cadre=wang, org=wang.org, relation="爱人", name="李梅")
        type(zhao).objects.filter(pk=zhao.pk).update(standing=Standing.MOVED)
    done = applied(outcome, clerk)
    assert (done.tally, done.errors) == ((0, 0, 0, 2), {"record_changed", "record_closed"})
    assert len(family()) == 1


def test_the_statements_are_as_many_for_many_rows(tmp_path, county, clerk, enrol):
    def statements(rows: int) -> int:
        wang = enrol(f"王{'甲乙丙丁'[rows % 4]}", seq=rows)
        digits = str.maketrans("0123456789", "零一二三四五六七八九")
        path = sheet(tmp_path, TITLES, *((wang.name, wang.id_number, "儿子", f"王{n}".translate(digits)) for n in range(rows)), name=str(rows))
        with CaptureQueriesContext(connection) as seen:
            outcome = read("relatives", path, county, clerk)
            applied(outcome, clerk)
        assert outcome.tally == (rows, 0, 0, 0)
        return len(seen)

    assert statements(3) == statements(300)


def test_import_data_reads_the_same_declaration(county, clerk, enrol, inside):
    wang = enrol()
    titles = ["干部姓名", "干部身份证号", "称谓", "亲属姓名", "出生年份", "电话"]
    good = tablib.Dataset(("王德福", wang.id_number, "配偶", "李梅", "1948.05", "12012345678"), headers=titles)
    with inside("浔阳区"):
        stranger = RelativeSheet().import_data(tablib.Dataset(("赵远", "", "配偶", "钱英", "", ""), headers=titles))
        first, again = RelativeSheet().import_data(good), RelativeSheet().import_data(good)
    assert (stranger.totals["error"], first.totals["new"], again.totals["new"], again.totals["update"]) == (1, 1, 0, 1)
    mei = family()[0]
    assert (mei.cadre_id, mei.born_year, mei.phone, mei.phone_masked) == (wang.pk, 1948, "12012345678", "120****5678")


def test_nothing_is_written_when_the_batch_is_not_confirmed(tmp_path, county, clerk, enrol):
    wang = enrol()
    outcome = read("relatives", sheet(tmp_path, TITLES, ("王德福", wang.id_number, "配偶", "李梅")), county, clerk)
    assert actions.apply_batch(batch_id=outcome.batch.pk, now=NOW) == ""
    assert family() == []


def test_refused_rows_given_back_go_in_again_as_they_are(tmp_path, county, clerk, enrol):
    """The column 问题 that they come back with is passed over, whatever the kind of sheet, and asked about by nobody."""
    wang = enrol()
    outcome = read("relatives", sheet(tmp_path, TITLES, ("王德福", wang.id_number, "配偶", "李梅"), ("查无此人", None, "儿子", "王强")), county, clerk)
    assert outcome.tally == (1, 0, 0, 1)
    with system_scope("test") as scope:
        path = tmp_path / "refused.xlsx"
        with giving_back.refused(scope, outcome.batch) as content:
            path.write_bytes(content.read())
    book = openpyxl.load_workbook(path)
    page = next(one for one in book if one.title == "表")
    assert page.cell(1, page.max_column).value == "问题"
    page["A2"], page["B2"] = "王德福", wang.id_number
    book.save(path)
    again = read("relatives", path, county, clerk)
    assert (again.tally, again.codes()) == ((1, 0, 0, 0), {}), again.problems
    assert selectors.open_columns(again.batch) == []
