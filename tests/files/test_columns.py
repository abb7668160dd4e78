"""Columns that are asked about, what becomes of the answers, and who remembers them."""

import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions, selectors
from apps.files.models import ASIDE, IGNORED, BatchState, ColumnMemory
from tests.cadres.sheets_kit import NOW, TODAY, applied, looked_at, read
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import TITLES, person


@pytest.fixture(autouse=True)
def codes(db):
    standards.load()


@pytest.fixture
def clerk(person):
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


def people(count=3, **more):
    return [person(n, **{title: value(n) if callable(value) else value for title, value in more.items()}) for n in range(1, count + 1)]


def sheet(path, rows, titles, name="花名册"):
    return xlsx(path, (name, grid(rows, titles)))


def told(outcome, by, mapping, sheet="花名册"):
    """The answer given as on the page, read again where it makes a difference."""
    with entered(Scope((outcome.batch.org.path,))):
        again = actions.read_again(batch=outcome.batch, by=by, today=TODAY, mapping={sheet: mapping})
    if again:
        actions.read_batch(batch_id=outcome.batch.pk, now=NOW, today=TODAY)
    return looked_at(outcome.batch), again


def column(outcome, letter):
    return next(one for sheet in outcome.batch.sheets for one in sheet["columns"] if one["letter"] == letter)


def asked(outcome):
    return [one["letter"] for one in selectors.open_columns(outcome.batch)]


def cadres():
    with system_scope("test"):
        return list(Cadre.objects.order_by("pk"))


@pytest.fixture
def two_births(tmp_path, county, clerk):
    """出生日期 in D and 出生年月 in I, both filled: two columns for one field."""
    return read(sheet(tmp_path / "a.xlsx", people(出生年月="1941.02"), [*TITLES, "出生年月"]), county, clerk)


@pytest.mark.parametrize(
    ("title", "values", "field"),
    [
        ("联系电话", lambda n: f"1210000000{n}", "phone"),
        ("联系电话", lambda n: f"0792-822123{n}", "landline"),
        ("单位", "浔阳区教育局", "unit"),
        ("单位", lambda n: f"第{n}机床厂", "original_unit"),
        ("人员类别", "公务员", "personnel_kind"),
    ],
)
def test_values_that_decide_ask_nothing(tmp_path, county, clerk, title, values, field):
    titles = [one for one in TITLES if one != "手机"]
    outcome = read(sheet(tmp_path / "a.xlsx", people(**{title: values}), [*titles, title]), county, clerk)
    assert (asked(outcome), column(outcome, "H")["use"]) == ([], field)


def test_an_ordinary_sheet_asks_nothing(tmp_path, county, clerk):
    outcome = read(sheet(tmp_path / "a.xlsx", people(), TITLES), county, clerk)
    assert asked(outcome) == []
    assert {one["why"] for one in outcome.batch.sheets[0]["columns"]} == {"title"}


def test_a_title_of_several_meanings_whose_values_cannot_decide(tmp_path, county, clerk):
    """Half of the words are units of ours."""
    rows = people(2, 单位=lambda n: "浔阳区教育局" if n == 1 else "老机床厂")
    outcome = read(sheet(tmp_path / "a.xlsx", rows, [*TITLES, "单位"]), county, clerk)
    assert asked(outcome) == ["I"]
    assert set(column(outcome, "I")["may"]) == {"unit", "original_unit"}
    with entered(Scope((county.path,))), pytest.raises(Refused, match="还有 1 列需要您说明。"):
        actions.confirm_batch(batch=outcome.batch, by=clerk)


def test_two_columns_for_one_field_are_asked(two_births, clerk):
    assert asked(two_births) == ["D", "I"]
    assert two_births.codes() == {"column_ambiguous": ["花名册!I1"]}
    with entered(Scope((two_births.batch.org.path,))), pytest.raises(Refused, match="还有 2 列需要您说明。"):
        actions.confirm_batch(batch=two_births.batch, by=clerk)
    assert cadres() == []


def test_a_second_column_without_content_asks_nothing(tmp_path, county, clerk):
    for n, (first, second) in enumerate([("1941.02", None), (None, "1941.02")]):
        outcome = read(sheet(tmp_path / f"{n}.xlsx", people(出生日期=first, 出生年月=second, 手机=None), [*TITLES, "出生年月"]), county, clerk)
        assert asked(outcome) == []
        assert column(outcome, "D" if first else "I")["use"] == "born_on"


def test_the_answer_it_was_read_by_costs_no_second_reading(two_births, clerk):
    outcome, again = told(two_births, clerk, {"D": "born_on", "I": ASIDE})
    assert (again, outcome.batch.state, asked(outcome), outcome.codes()) == (False, BatchState.CHECKED, [], {})
    applied(outcome, clerk)
    assert [(one.born_on.year, one.extra) for one in cadres()] == [(1941, {"出生年月": "1941.02"}), (1942, {"出生年月": "1941.02"}), (1943, {"出生年月": "1941.02"})]


def test_the_other_answer_reads_again(two_births, clerk):
    outcome, again = told(two_births, clerk, {"D": IGNORED, "I": "born_on"})
    assert (again, asked(outcome)) == (True, [])
    applied(outcome, clerk)
    assert {(one.born_on.year, one.born_on.month, str(one.extra)) for one in cadres()} == {(1941, 2, "{}")}


def test_answering_one_of_two_leaves_the_other_open(two_births, clerk):
    outcome, _ = told(two_births, clerk, {"D": "born_on"})
    assert asked(outcome) == ["I"]


def test_an_answer_nobody_knows_is_refused(two_births, clerk):
    with entered(Scope((two_births.batch.org.path,))), pytest.raises(Refused, match="选的项目不存在"):
        actions.read_again(batch=two_births.batch, by=clerk, today=TODAY, mapping={"花名册": {"D": "password"}})


def test_nothing_is_dropped_silently(tmp_path, county, clerk):
    """A column nobody knows becomes a side note unless a person says otherwise; one without content is passed over."""
    rows = people(微信号=lambda n: f"wx{n}" if n < 3 else "无", 空列=None)
    outcome = read(sheet(tmp_path / "a.xlsx", rows, [*TITLES, "微信号", "空列"]), county, clerk)
    assert outcome.codes() == {"column_unknown": ["花名册!I1"]}
    assert "作为附注保留" in outcome.problems[0]["message"]
    assert column(outcome, "I")["samples"] == ["wx1", "wx2", "无"]
    applied(outcome, clerk)
    assert [one.extra for one in cadres()] == [{"微信号": "wx1"}, {"微信号": "wx2"}, {}]


@pytest.mark.parametrize("end", ["applied", "cancelled"])
def test_a_batch_that_is_over_keeps_no_samples(tmp_path, county, clerk, end):
    outcome = read(sheet(tmp_path / "a.xlsx", people(微信号="wx"), [*TITLES, "微信号"]), county, clerk)
    assert column(outcome, "I")["samples"] == ["wx"]
    if end == "applied":
        applied(outcome, clerk)
    else:
        with entered(Scope((county.path,))):
            actions.cancel_batch(batch=outcome.batch, by=clerk)
    assert column(looked_at(outcome.batch), "I")["samples"] == []


# --- memory -----------------------------------------------------------------------------------------------------------


def remembered():
    with system_scope("test"):
        return {(one.org.name, one.title): one.field for one in ColumnMemory.objects.select_related("org")}


def test_a_confirmed_answer_is_remembered_and_offered(tmp_path, county, clerk, two_births):
    outcome, _ = told(two_births, clerk, {"D": IGNORED, "I": "born_on"})
    assert remembered() == {}
    applied(outcome, clerk)
    assert remembered() == {("浔阳区", "出生日期"): IGNORED, ("浔阳区", "出生年月"): "born_on"}
    again = read(sheet(tmp_path / "b.xlsx", people(出生年月="1941.02"), ["出 生 年 月", "出生日期", *[one for one in TITLES if one != "出生日期"]]), county, clerk)
    assert asked(again) == []
    found = column(again, "B")
    assert (found["why"], found["use"], found["origin"][:4]) == ("memory", IGNORED, "浔阳区，")
    with system_scope("test"):
        event = AuditEvent.objects.get(verb="import.columns_remembered")
    assert event.data == {"kind": "roster", "columns": {"出生日期": "", "出生年月": "born_on"}}


def test_a_batch_given_up_is_not_remembered(two_births, clerk):
    outcome, _ = told(two_births, clerk, {"D": "born_on", "I": IGNORED})
    with entered(Scope((outcome.batch.org.path,))):
        actions.cancel_batch(batch=outcome.batch, by=clerk)
    assert remembered() == {}


def test_an_accepted_side_note_is_remembered(tmp_path, county, clerk):
    applied(read(sheet(tmp_path / "a.xlsx", people(微信号="wx"), [*TITLES, "微信号"]), county, clerk), clerk)
    assert remembered() == {("浔阳区", "微信号"): ASIDE}
    again = read(sheet(tmp_path / "b.xlsx", people(微信号="wy"), [*TITLES, "微信号"]), county, clerk)
    assert (column(again, "I")["why"], again.codes()) == ("memory", {})


def memory(org, title, use, by, kind="roster"):
    with system_scope("test"):
        return ColumnMemory.objects.create(org=org, kind=kind, title=title, field=use, confirmed_by=by)


@pytest.mark.parametrize(
    ("whose", "use"),
    [(("九江市",), "note"), (("九江市", "浔阳区"), "hobbies"), (("濂溪区",), ASIDE), (("浔阳区教育局",), ASIDE), ((), ASIDE)],
)
def test_whose_memory_counts(tmp_path, places, clerk, whose, use):
    """One's own before the city's; neither a neighbour's nor a unit's below."""
    answers = {"九江市": "note", "浔阳区": "hobbies", "濂溪区": "skills", "浔阳区教育局": "skills"}
    for name in whose:
        memory(places[name], "微信号", answers[name], clerk)
    outcome = read(sheet(tmp_path / "a.xlsx", people(微信号="wx"), [*TITLES, "微信号"]), places["浔阳区"], clerk)
    assert column(outcome, "I")["use"] == use


def test_memory_of_another_kind_or_a_field_that_is_gone(tmp_path, county, clerk):
    memory(county, "微信号", "note", clerk, kind="other")
    memory(county, "企鹅号", "gone", clerk)
    outcome = read(sheet(tmp_path / "a.xlsx", people(微信号="wx", 企鹅号="1"), [*TITLES, "微信号", "企鹅号"]), county, clerk)
    assert [(column(outcome, letter)["why"], column(outcome, letter)["use"]) for letter in "IJ"] == [("unknown", ASIDE)] * 2


def test_a_memory_that_meets_a_sure_column_is_asked(tmp_path, county, clerk):
    memory(county, "微信号", "phone", clerk)
    outcome = read(sheet(tmp_path / "a.xlsx", people(微信号="12100000009"), [*TITLES, "微信号"]), county, clerk)
    assert asked(outcome) == ["H"]


def test_a_title_that_meant_two_things_is_not_remembered(tmp_path, county, clerk):
    path = xlsx(tmp_path / "a.xlsx", ("离休", grid(people(2, 微信号="a"), [*TITLES, "微信号"])), ("退休", grid([person(7, 微信号="b")], [*TITLES, "微信号"])))
    outcome = read(path, county, clerk)
    outcome, again = told(outcome, clerk, {"I": "note"}, "离休")
    assert again
    applied(outcome, clerk)
    assert remembered() == {}


# --- pages ------------------------------------------------------------------------------------------------------------


def page(client, outcome):
    return client.get(reverse("files:batch", args=[outcome.batch.pk])).content.decode()


def test_the_check_page_asks_and_keeps_the_button_grey(client, clerk, two_births):
    client.force_login(clerk)
    text = page(client, two_births)
    for words in ("有 2 列需要您说明", "还有 2 列需要您说明。", "1941.02", "请选择…", "可能是"):
        assert words in text
    url = reverse("files:again", args=[two_births.batch.pk])
    answer = client.post(url, {"0:D": "", "0:I": "born_on"})
    assert answer.status_code == 422
    assert "请选择这一列对应什么。" in answer.content.decode()
    answer = client.post(url, {"0:D": "born_on", "0:I": "born_on"})
    assert answer.status_code == 422
    assert "“出生日期”只能对应一列，D 列和 I 列重复了。" in answer.content.decode()
    assert client.post(url, {"0:D": "born_on", "0:I": "~ignore"}).status_code == 302
    assert asked(looked_at(two_births.batch)) == ["D", "I"], "another answer reads again"
    actions.read_batch(batch_id=two_births.batch.pk, now=NOW, today=TODAY)
    assert "需要您说明" not in page(client, two_births)


def test_remembered_columns_are_marked(client, clerk, county, tmp_path):
    memory(county, "微信号", "note", clerk)
    client.force_login(clerk)
    text = page(client, read(sheet(tmp_path / "a.xlsx", people(微信号="wx"), [*TITLES, "微信号"]), county, clerk))
    assert "1 列按上次的对应读取" in text
    assert "上次这样对应" in text
    assert "浔阳区，2" in text


def test_the_memory_is_seen_and_forgotten(client, clerk, person, places):
    memory(places["九江市"], "微信号", ASIDE, clerk)
    mine = memory(places["浔阳区"], "企鹅号", IGNORED, clerk)
    officer = person("浔阳区", Role.COUNTY_OFFICER)
    client.force_login(officer)
    text = client.get(reverse("files:memories")).content.decode()
    for words in ("企鹅号", "不导入", "上级的记忆", "微信号", "作为附注保留", "九江市"):
        assert words in text
    assert client.post(reverse("files:memory_forget", args=[mine.pk])).status_code == 302
    assert remembered() == {("九江市", "微信号"): ASIDE}
    with system_scope("test"):
        assert AuditEvent.objects.get(verb="import.column_forgotten").actor == str(officer)
        above = ColumnMemory.objects.get()
    assert client.post(reverse("files:memory_forget", args=[above.pk])).status_code == 404


def test_a_neighbour_does_not_see_it(client, clerk, person, places):
    memory(places["浔阳区"], "企鹅号", IGNORED, clerk)
    client.force_login(person("濂溪区", Role.COUNTY_OFFICER))
    assert "企鹅号" not in client.get(reverse("files:memories")).content.decode()
