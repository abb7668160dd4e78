"""活动情况统计表: counted from the books, corrected with a reason, every state against every step, sums of what was accepted, the form as .xlsx."""

import io
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from apps.accounts.permissions import Role
from apps.activity.models import Notification
from apps.branches.actions import sheets as actions
from apps.branches.actions.activities import log_activity, remove_activity
from apps.branches.models import Activity, PartyMember, QuarterSheet, QuarterSheetStep, SheetLayout, SheetState
from apps.branches.selectors import sheets as selectors
from apps.branches.selectors.sheets import Column
from apps.branches.sheet_forms import LayoutForm
from apps.branches.workflow import SHEET
from apps.core.calendar import Quarter, quarter_of
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from tests.branches.conftest import TODAY

Q3 = Quarter(2026, 3)
DAY = date(2026, 8, 10)
PLAIN = {"place": "", "speaker": "", "by_secretary": False, "group": "", "hours": None, "guests": 0, "minutes": ""}
TYPED = {"advice": 2, "visits": 5, "news": 0}
S = SheetState
WAY = {S.DRAFT: (), S.SUBMITTED: ("submit",), S.RETURNED: ("submit", "return"), S.ACCEPTED: ("submit", "accept")}
PAIRS = [(state, step) for state in S.values for step in SHEET.steps]


@pytest.fixture
def secretary(person):
    return person("浔阳区教育局", Role.BRANCH_SECRETARY, username="secretary")


@pytest.fixture
def county_data_admin(person):
    return person("浔阳区", Role.DATA_ADMIN, username="admin")


@pytest.fixture
def branch(set_up, comrade):
    return set_up(members=[comrade("甲"), comrade("乙"), comrade("丙")])


@pytest.fixture
def people(branch):
    with system_scope("test"):
        return list(PartyMember.objects.filter(branch=branch).order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def log(branch, officer):
    def build(kind, day=DAY, **given):
        values = {"branch": branch, "once": uuid.uuid4(), "by": officer, "today": TODAY, "kind": kind, "held_on": day, "title": "学习"}
        with system_scope("test"):
            return log_activity(**values | PLAIN | given)

    return build


@pytest.fixture
def fill(branch, secretary):
    def build(corrected=(), typed=TYPED, version=None, problems=""):
        with system_scope("test"):
            return actions.fill_sheet(branch=branch, quarter=Q3, typed=typed, corrected=dict(corrected), problems=problems, by=secretary, version=version)

    return build


@pytest.fixture
def step(branch, officer, secretary):
    def take(key, today=TODAY, **given):
        by = secretary if SHEET.steps[key].actor == "支部" else officer
        with system_scope("test"):
            return actions.take_step(branch=branch, quarter=Q3, step=key, today=today, now=timezone.now(), **{"note": "说明", "by": by} | given)

    return take


def test_the_books_fill_it(log, people, branch):
    log("theme", present=people[:2])
    log("meeting", present=people)
    log("lecture", present=people[:1], by_secretary=True, at_home=people[1:2])
    log("talk", present=people[:2])
    log("volunteer", present=people[:2])
    log("home", at_home=people[2:])
    log("theme", day=date(2026, 9, 30))
    log("theme", day=date(2026, 10, 1))
    gone = log("theme")
    with system_scope("test"):
        remove_activity(activity=Activity.objects.get(pk=gone.activity_id), reason="记重了", by=branch.created_by)
        found = selectors.counted_for([branch.pk], Q3)[branch.pk]
    assert found == {
        "members": 3, "expected": 12, "present": 6, "meeting": 1, "committee": 0, "group": 0, "lecture": 1, "lecture_secretary": 1, "theme": 2, "life": 0, "review": 0,
        "talk": 2, "home": 2, "volunteer": 1, "volunteer_people": 2,
    }  # fmt: skip


def test_a_correction_needs_its_reason_and_falls_away_when_the_books_agree(fill, log, step):
    with pytest.raises(Refused) as problem:
        fill({"theme": (2, " ")})
    assert problem.value.field == "why_theme"
    for corrected, typed, field in (({"theme": (-1, "x")}, TYPED, "theme"), ({}, TYPED | {"news": 100_001}, "news"), ({"theme": (True + 0.5, "x")}, TYPED, "theme")):
        with pytest.raises(Refused) as problem:
            fill(corrected, typed)
        assert problem.value.field == field
    sheet = fill({"theme": (1, "有一次没有登记"), "meeting": (0, ""), "advice": (9, "x")})
    assert sheet.corrected == {"theme": {"value": 1, "reason": "有一次没有登记"}}
    assert selectors.values_of(sheet, selectors.columns_of(Q3))["theme"] == 1
    log("theme")
    assert step("submit").corrected == {}


def bring(state, fill, step):
    fill()
    for key in WAY[state]:
        step(key)


@pytest.mark.parametrize(("state", "key"), PAIRS)
def test_every_state_against_every_step(fill, step, state, key):
    bring(state, fill, step)
    with system_scope("test"):
        before = QuarterSheetStep.objects.count()
    if state in SHEET.steps[key].sources:
        assert step(key).state == SHEET.steps[key].target
        with system_scope("test"):
            last = QuarterSheetStep.objects.order_by("-pk")[0]
        assert (last.step, last.before, last.after) == (key, state, SHEET.steps[key].target)
        return
    with pytest.raises(Refused) as problem:
        step(key)
    assert problem.value.status == 409
    with system_scope("test"):
        assert QuarterSheetStep.objects.count() == before


def test_not_before_the_quarter_is_over_nor_with_open_columns(fill, step):
    fill(typed={})
    with pytest.raises(Refused, match="2026-09-30 才结束"):
        step("submit", today=date(2026, 9, 30))
    with pytest.raises(Refused, match="还没有填：建言献策、走访慰问、信息上报"):
        step("submit", today=date(2026, 10, 1))
    fill()
    assert step("submit", today=date(2026, 10, 1)).submitted_on == date(2026, 10, 1)
    assert selectors.due_on(Q3) == date(2026, 10, 5)


def test_who_submitted_does_not_accept(fill, step, officer, secretary):
    fill()
    step("submit", by=officer)
    with pytest.raises(Refused, match="须由别人审核"):
        step("accept", by=officer)
    with system_scope("test"), pytest.raises(IntegrityError), transaction.atomic():
        QuarterSheet.objects.update(state="accepted", accepted_by=officer)


@pytest.mark.django_db(transaction=True)
def test_six_accept_and_one_does(fill, step, branch, officer):
    fill()
    step("submit")

    def press(_):
        try:
            with system_scope("test"):
                actions.take_step(branch=branch, quarter=Q3, step="accept", by=officer, today=TODAY, now=timezone.now())
            return 1
        except Refused:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(press, range(6))) == 1


def test_two_who_fill_the_same_fresh_sheet(fill):
    assert fill(version=0).version == 2
    with pytest.raises(Stale):
        fill(version=0)
    with pytest.raises(Stale):
        fill(version=1)
    fill(version=2)


def test_frozen_when_submitted_and_what_changed_since_is_told(fill, step, log, branch):
    fill()
    step("submit")
    log("theme")
    with system_scope("test") as scope:
        sheet = selectors.sheet_of(scope, branch, Q3)
        assert selectors.values_of(sheet, selectors.columns_of(Q3))["theme"] == 0
        assert ("主题党日", 0, 1) in selectors.changed_since(sheet)
    with pytest.raises(Refused, match="不能再改"):
        fill()
    step("return", note="补了一次")
    with system_scope("test") as scope:
        assert selectors.values_of(selectors.sheet_of(scope, branch, Q3), selectors.columns_of(Q3))["theme"] == 1
        assert Notification.objects.filter(body="补了一次").count() == 1


def test_the_trail_can_be_neither_altered_nor_deleted(fill, step):
    fill()
    step("submit")
    with system_scope("test"):
        for act in (lambda rows: rows.update(note="x"), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                act(QuarterSheetStep.objects.all())


def test_who_owes_one_and_what_is_summed(fill, step, log, set_up, branch, places):
    set_up("未报支部", org="浔阳区")
    set_up("书画班", org="浔阳区", kind="functional")
    set_up("新支部", org="浔阳区", founded_on=date(2026, 10, 2))
    log("theme")
    fill()
    step("submit")
    with system_scope("test") as scope:
        rows = selectors.lines(selectors.owing(scope, Q3), Q3)
        assert {line.branch.name: line.state for line in rows} == {branch.name: "submitted", "未报支部": "missing"}
        assert selectors.sums(rows, selectors.columns_of(Q3))["theme"] == 0, "only what was accepted is summed"
    step("accept")
    with system_scope("test") as scope:
        rows = selectors.lines(selectors.owing(scope, Q3), Q3)
        assert selectors.sums(rows, selectors.columns_of(Q3))["theme"] == 1
        assert {one.key: n for one, n in selectors.totals(scope, Q3)} == selectors.sums(rows, selectors.columns_of(Q3))
        assert [(name, len(found)) for name, found in selectors.by_place(rows, places["浔阳区"].path)] == [("浔阳区", 1), ("浔阳区教育局", 1)]
        assert [name for name, _ in selectors.by_place(rows, places["九江市"].path)] == ["浔阳区"]
        assert [one.name for one in selectors.owing(scope, Q3, places["浔阳区"]).filter(state="missing")] == ["未报支部"]


def test_from_the_books_to_the_county_s_form_by_hand(client, branch, log, people, officer, secretary):
    log("theme", present=people)
    address = {"args": [branch.pk, 2026, 3]}
    client.force_login(secretary)
    assert "主题党日（次）" in client.get(reverse("branches:sheet", **address)).content.decode()
    wrong = client.post(reverse("branches:sheet_edit", **address), TYPED | {"version": 0, "theme": 3})
    assert wrong.status_code == 422
    assert "请写明原因" in wrong.content.decode()
    saved = client.post(reverse("branches:sheet_edit", **address), TYPED | {"version": 0, "theme": 3, "why_theme": "两次补记不上", "problems": "场地小"}, follow=True)
    assert "按记录 1，更正：两次补记不上" in saved.content.decode()
    assert "已报送" in client.post(reverse("branches:sheet_step", args=[branch.pk, 2026, 3, "submit"]), {"version": 2}, follow=True).content.decode()
    assert client.get(reverse("branches:sheet_step", args=[branch.pk, 2026, 3, "accept"])).status_code == 403
    client.force_login(officer)
    assert branch.name in client.get(reverse("branches:sheets") + "?quarter=2026Q3&state=submitted").content.decode()
    assert client.get(reverse("branches:sheets") + "?quarter=x&state=y").status_code == 200
    assert "已接受" in client.post(reverse("branches:sheet_step", args=[branch.pk, 2026, 3, "accept"]), {"version": 3}, follow=True).content.decode()
    out = client.get(reverse("branches:sheet_export") + "?quarter=2026Q3")
    book = load_workbook(io.BytesIO(b"".join(out.streaming_content)))
    cells = [[cell.value for cell in row] for row in book["按支部"].iter_rows()]
    line = next(row for row in cells if row[1] == branch.name)
    heads = [row for row in cells if "主题党日（次）" in row][0]
    assert line[heads.index("主题党日（次）")] == 3
    assert book.sheetnames == ["按支部", "按单位"]
    for bad in ("/1999/3/", "/2026/5/"):
        assert client.get(f"/branches/{branch.pk}/sheets{bad}").status_code == 404
    later = timezone.localdate() + timedelta(days=400)
    assert client.get(reverse("branches:sheet", args=[branch.pk, later.year, 4])).status_code == 404


def test_other_columns_from_a_quarter_on(client, officer, county_data_admin):
    admin = county_data_admin
    now = Quarter(2026, 4)
    columns = selectors.columns_of(now)
    changed = [replace(columns[0], name="党员总数"), *columns[2:], Column("", "报刊发稿", "篇", "作用发挥", True)]
    given = {"quarter": now, "basis": "浔老干〔2026〕4号", "by": admin, "today": TODAY}
    for wrong, why in (
        ({"quarter": Q3}, "最早从本季度起"), ({"basis": " "}, "依据"), ({"columns": []}, "至少一栏"), ({"columns": [replace(columns[0], name="")]}, "名称"),
        ({"columns": [Column("x", "自动", "次", "", False)]}, "不是系统能统计"), ({"columns": [columns[0], columns[0]]}, "写了两次"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=why):
            actions.change_layout(**given | {"columns": changed} | wrong)
    made = actions.change_layout(columns=changed, **given)
    with pytest.raises(Stale):
        actions.change_layout(columns=changed, **given)
    assert [one.key for one in selectors.columns_of(now)][-1] == "own1"
    assert selectors.columns_of(now.next)[0].name == "党员总数"
    assert [one.key for one in selectors.columns_of(Q3)] == [one.key for one in columns], "earlier quarters keep theirs"
    actions.change_layout(columns=[*selectors.columns_of(now), Column("", "又一栏", "", "", True)], version=made.pk, **given)
    assert [one.key for one in selectors.columns_of(now)][-2:] == ["own1", "own2"]
    newest = SheetLayout.objects.order_by("-pk").first()
    without = [one for one in selectors.columns_of(now) if one.key not in ("own1", "own2")]
    actions.change_layout(columns=[*without, Column("", "另一栏", "", "", True)], version=newest.pk, **given)
    assert selectors.columns_of(now)[-1].key == "own3", "the key of a column taken out is never another's"
    with pytest.raises(DatabaseError), transaction.atomic():
        SheetLayout.objects.update(basis="x")
    client.force_login(admin)
    page = client.get(reverse("branches:layout")).content.decode()
    assert "党员总数" in page
    assert "应到" in page, "left out, it may come back"
    client.force_login(officer)
    assert client.get(reverse("branches:layout")).status_code == 403


def test_columns_changed_by_hand(client, county_data_admin):
    client.force_login(county_data_admin)
    today = timezone.localdate()
    form = LayoutForm(None, today=today)
    data = {"quarter": str(quarter_of(today)), "basis": "浔老干〔2026〕4号", "version": 0}
    for n, row in enumerate(form.rows):
        one = row["column"]
        data |= {f"name_{n}": one.name, f"unit_{n}": one.unit, f"group_{n}": one.group, f"place_{n}": "" if n < 2 or not one.name else n + 1}
    blank = next(n for n, row in enumerate(form.rows) if not row["column"].key)
    data |= {f"name_{blank}": "报刊发稿", f"place_{blank}": 1}
    saved = client.post(reverse("branches:layout"), data, follow=True).content.decode()
    assert "已修订" in saved
    columns = selectors.columns_of(quarter_of(today))
    assert columns[0].name == "报刊发稿"
    assert "members" not in [one.key for one in columns]
    assert client.post(reverse("branches:layout"), data).status_code == 409
