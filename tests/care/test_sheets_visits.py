"""走访记录补录 from file to due days."""

from datetime import date

import pytest
import tablib

from apps.accounts.permissions import Role
from apps.cadres import standards as registry_standards
from apps.cadres.models import Standing, Survivor
from apps.care import standards
from apps.care.actions.plans import open_plans
from apps.care.models import ServicePlan, ToDo, Visit
from apps.care.sheets import LATE, UNTOLD, VisitSheet
from apps.core.scope import system_scope
from tests.cadres.kinds_kit import read, sheet
from tests.cadres.sheets_kit import applied
from tests.factories import registry

TITLES = "姓名 身份证号 走访时间 走访慰问类型 走访方式 是否见到本人 走访人 陪同人员 慰问品 走访情况 需求"


@pytest.fixture(autouse=True)
def codes(db):
    registry_standards.load()
    standards.load()


@pytest.fixture
def clerk(person):
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def zhang(person):
    return person("浔阳区", Role.WORKER, username="zhang", display_name="张敏")


@pytest.fixture
def county(places):
    return places["浔阳区"]


@pytest.fixture
def enrol(places, clerk, inside, scope_of):
    def make(name="王德福", place="浔阳区教育局", seq=1, died=None, **values):
        with inside(place):
            made = registry.register(places[place], clerk, name=name, id_number=registry.number(seq=seq), **values)
            open_plans(scope=scope_of(place), year=2026, by=clerk, today=date(2026, 1, 1))
            if died:
                type(made).objects.filter(pk=made.pk).update(standing=Standing.DECEASED, deceased_on=died)
            return made

    return make


def visits() -> list[Visit]:
    with system_scope("test"):
        return list(Visit.objects.select_related("worker").order_by("visited_on", "pk"))


def plan_of(cadre) -> ServicePlan:
    with system_scope("test"):
        return ServicePlan.objects.get(cadre=cadre)


def test_visits_go_in_once_and_what_is_due_follows(tmp_path, county, clerk, zhang, enrol):
    wang, zhao = enrol(), enrol("赵远", seq=2)
    with system_scope("test"):
        ServicePlan.objects.filter(cadre=wang).update(attention_class="regular")
    path = sheet(
        tmp_path, TITLES, ("王德福", wang.id_number, "2026年9月28日", "春节慰问", "入户", "是", "张 敏、李局长", "王科长", "米油各一", "精神尚可", "换药方便些"),
        ("赵远", zhao.id_number, "2026-10-01", "日常慰问", "电话慰问", None, "陈部长", None, None, None, None),
        ("王德福", wang.id_number, date(2026, 3, 1), None, None, None, None, None, None, "在家", None),
    )  # fmt: skip
    outcome = read("visits", path, county, clerk)
    assert outcome.tally == (3, 0, 0, 0), outcome.problems
    assert {one["code"] for one in outcome.problems} == {"way_assumed", "worker_unknown"}
    assert applied(outcome, clerk).batch.error == ""
    march, september, october = visits()
    assert (september.worker, september.occasion, september.way, september.in_person, september.companions, september.gifts, september.need) == (
        zhang, "festival", "home", True, "王科长", "米油各一", "换药方便些",
    )  # fmt: skip
    assert september.late_reason == f"{LATE}；同行：李局长"
    assert (october.worker, october.in_person, october.situation, october.late_reason) == (clerk, False, UNTOLD, f"{LATE}；走访人：陈部长")
    assert (march.occasion, march.way, march.in_person, march.org_path, march.late_reason) == ("daily", "home", True, wang.org_path, LATE)
    assert (plan_of(wang).last_visit_on, plan_of(zhao).last_visit_on, plan_of(zhao).last_contact_on) == (date(2026, 9, 28), None, date(2026, 10, 1))
    assert read("visits", path, county, clerk).tally == (0, 0, 3, 0)
    applied_twice = read("visits", sheet(tmp_path, TITLES, ("王德福", wang.id_number, "2026-09-28", "节日慰问", "上门", None, None, None, None, "另说"), name="b"), county, clerk)
    assert (applied_twice.tally, set(applied_twice.codes())) == ((0, 0, 1, 0), {"record_kept"})


def test_days_that_cannot_be(tmp_path, county, clerk, enrol):
    wang, li = enrol(), enrol("李故", seq=2, died=date(2026, 5, 1))
    days = ((wang, "2027-01-01"), (wang, "2026.05"), (wang, "1930-01-01"), (li, "2026-05-02"), (li, "2026-04-30"))
    rows = [(one.name, one.id_number, day, "日常走访", "上门") for one, day in days]
    outcome = read("visits", sheet(tmp_path, TITLES, *rows), county, clerk)
    assert outcome.tally == (1, 0, 0, 4)
    assert outcome.errors == {"date_future", "date_incomplete", "date_order", "survivor_unknown"}


def test_after_a_death_one_visits_the_survivor(tmp_path, county, clerk, enrol):
    li = enrol("李故", died=date(2026, 5, 1))
    with system_scope("test"):
        mei = Survivor.objects.create(cadre=li, org=li.org, name="梅英")
    outcome = read("visits", sheet(tmp_path, TITLES, ("李故", li.id_number, "2026-06-01", "遗属看望", "上门")), county, clerk)
    assert outcome.tally == (1, 0, 0, 0)
    applied(outcome, clerk)
    assert [(one.survivor_id, one.occasion) for one in visits()] == [(mei.pk, "survivor")]


def test_a_neighbours_people_and_those_who_left(tmp_path, county, clerk, enrol):
    other, gone = enrol("邻人", "濂溪区卫生局", seq=5), enrol("走人", seq=6)
    with system_scope("test"):
        type(gone).objects.filter(pk=gone.pk).update(standing=Standing.MOVED)
    rows = [(one.name, one.id_number, "2026-06-01", "日常走访", "上门") for one in (other, gone)] + [("邻人", None, "2026-06-01", "日常走访", "上门")]
    outcome = read("visits", sheet(tmp_path, TITLES, *rows), county, clerk)
    assert (outcome.tally, outcome.errors) == ((0, 0, 0, 3), {"other_unit", "record_closed", "person_unknown"})
    assert visits() == []


def test_a_visit_settles_the_to_do_of_its_occasion(tmp_path, county, clerk, enrol):
    wang = enrol()
    with system_scope("test"):
        for title, occasion, meet in (("住院看望", "hospital", True), ("节日慰问", "festival", False)):
            ToDo.objects.create(
                cadre=wang, org=wang.org, source="occasion", rule=f"r-{occasion}", title=title, occasion=occasion, meet=meet, opens_on=date(2026, 6, 1),
                due_on=date(2026, 6, 10), first_due_on=date(2026, 6, 10),
            )  # fmt: skip
    rows = (("王德福", wang.id_number, "2026-06-05", "住院慰问", "医院"), ("王德福", wang.id_number, "2026-05-05", "节日慰问", "上门"))
    applied(read("visits", sheet(tmp_path, TITLES, *rows), county, clerk), clerk)
    with system_scope("test"):
        assert {todo.occasion: (todo.state, todo.done_on) for todo in ToDo.objects.filter(cadre=wang, source="occasion", rule__startswith="r-")} == {
            "hospital": ("done", date(2026, 6, 5)), "festival": ("open", None),
        }  # fmt: skip


def test_import_data_reads_the_same_declaration(clerk, enrol, inside):
    wang = enrol()
    data = tablib.Dataset((wang.id_number, "2026-06-05", "住院慰问", "医院"), headers=["干部身份证号", "走访日期", "事由", "方式"])
    with inside("浔阳区"):
        assert VisitSheet().import_data(data, raise_errors=True, by=clerk).totals["new"] == 1
    assert [(one.cadre_id, one.occasion, one.way, one.worker, one.late_reason) for one in visits()] == [(wang.pk, "hospital", "hospital", clerk, LATE)]
