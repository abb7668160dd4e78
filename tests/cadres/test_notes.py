"""Side notes: from columns nobody knows onto the person, changed, found, shown, edited; never a number in clear."""

import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.cadres import actions, selectors, standards
from apps.cadres.columns import MOST_NOTE_BYTES, note_tokens, search_vector
from apps.cadres.exports import exported_fields
from apps.cadres.models import Cadre
from apps.cadres.values import as_words
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope, entered, system_scope
from apps.files.importing.asides import mask_numbers
from apps.files.models import ImportRow
from tests.cadres.sheets_kit import applied, read
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


def sheet(path, *rows, titles=("微信号", "生活习惯")):
    return xlsx(path, ("花名册", grid(rows, [*TITLES, *titles])))


def cadre(n=1):
    with system_scope("test"):
        return Cadre.objects.get(name=person(n)["姓名"])


@pytest.fixture
def noted(tmp_path, county, clerk):
    """Person 1 with two notes, person 2 with one."""
    rows = person(1, 微信号="laozhao", 生活习惯="每天早上打太极拳"), person(2, 微信号="li")
    return applied(read(sheet(tmp_path / "a.xlsx", *rows), county, clerk), clerk)


def test_notes_of_new_people(noted):
    assert noted.tally == (2, 0, 0, 0)
    assert (cadre(1).extra, cadre(2).extra) == ({"微信号": "laozhao", "生活习惯": "每天早上打太极拳"}, {"微信号": "li"})


def test_changed_unchanged_blank_and_added_notes(tmp_path, county, clerk, noted):
    rows = (
        person(1, 微信号="zhao2", 生活习惯=None), person(2, 微信号="li"), person(3, 微信号="wang"),
    )  # fmt: skip
    outcome = read(sheet(tmp_path / "b.xlsx", *rows), county, clerk)
    assert outcome.tally == (1, 1, 1, 0)
    with system_scope("test"):
        changed = ImportRow.objects.get(batch=outcome.batch, state="changed")
    assert changed.changes == [{"column": "extra", "title": "微信号", "was": "laozhao", "now": "zhao2"}]
    applied(outcome, clerk)
    assert cadre(1).extra == {"微信号": "zhao2", "生活习惯": "每天早上打太极拳"}


def test_what_was_there_is_kept_note_by_note(tmp_path, county, clerk, noted):
    """For taking back: only the notes the row names, null for one that wasn't there."""
    outcome = applied(read(sheet(tmp_path / "b.xlsx", person(1, 微信号="zhao2", 车牌="赣G00001"), titles=("微信号", "车牌")), county, clerk), clerk)
    with system_scope("test"):
        row = ImportRow.objects.get(batch=outcome.batch)
    assert row.before == {"extra": {"微信号": "laozhao", "车牌": None}}
    assert cadre(1).extra == {"微信号": "zhao2", "生活习惯": "每天早上打太极拳", "车牌": "赣G00001"}


def test_two_level_titles_and_a_title_twice(tmp_path, county, clerk):
    upper = ["姓名", "身份证号", "离退休类型", "配偶", None, "爱称", "爱称"]
    lower = [None, None, None, "姓名", "出生日期", None, None]
    rows = [upper, lower, [person(1)["姓名"], person(1)["身份证号"], "退休", "小红", "1950.01", "老赵", "赵叔"]]
    path = xlsx(tmp_path / "a.xlsx", ("花名册", rows), merged={"花名册": ["A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2", "G1:G2"]})
    applied(read(path, county, clerk), clerk)
    assert cadre(1).extra == {"配偶/姓名": "小红", "配偶/出生日期": "1950.01", "爱称": "老赵", "爱称（2）": "赵叔"}


def test_the_words_of_an_unknown_unit_stay_beside_the_notes(tmp_path, county, clerk):
    row = person(1, 微信号="wx", 原工作单位="老厂", 现管单位="没有的单位")
    applied(read(sheet(tmp_path / "a.xlsx", row, titles=("微信号", "原工作单位", "现管单位")), county, clerk), clerk)
    assert cadre(1).extra == {"微信号": "wx", "现管单位": "没有的单位"}
    assert list(found(county, "没有的单位")) == [person(1)["姓名"]]


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("12012345678", "120****5678"),
        ("女儿 12012345678（晚上打）", "女儿 120****5678（晚上打）"),
        ("120 1234 5678", "120****5678"),
        ("360499194508150013", "3604**********0013"),
        ("36049919450815001X", "3604**********001X"),
        ("360499 19450815 001X", "3604**********001X"),
        ("6222 0000 1111 2222 333", "6222***********2333"),
        ("6222000011112222333", "6222***********2333"),
        ("0792-8221234", "079****1234"),
        ("卡号6222000011112222", "卡号6222********2222"),
        ("2019-05-01 2020-06-01", "2019-05-01 2020-06-01"),
        ("1945.08.15", "1945.08.15"),
        ("每月 3500 元，2024 年起", "每月 3500 元，2024 年起"),
        ("QQ 123456789", "QQ 123456789"),
    ],
)
def test_numbers_of_people_are_masked(text, kept):
    assert mask_numbers(text) == kept


def test_a_number_in_a_column_nobody_knows_is_stored_masked_with_a_warning(tmp_path, county, clerk):
    outcome = read(sheet(tmp_path / "a.xlsx", person(1, 老伴手机="12012345678", 老伴证件=360499194508150013), titles=("老伴手机", "老伴证件")), county, clerk)
    assert outcome.codes()["note_masked"] == ["花名册!I1", "花名册!J1"]
    assert "“老伴手机”有 1 格" in next(one["message"] for one in outcome.problems if one["column"] == "I" and one["code"] == "note_masked")
    applied(outcome, clerk)
    assert cadre(1).extra["老伴手机"] == "120****5678"
    with system_scope("test"):
        stored = list(ImportRow.objects.values_list("values", flat=True))
    assert "12012345678" not in f"{stored}{outcome.batch.sheets}{outcome.problems}"


def test_a_note_too_long_refuses_its_row(tmp_path, county, clerk):
    outcome = read(sheet(tmp_path / "a.xlsx", person(1, 微信号="x" * 2001 + " 12012345678"), titles=("微信号",)), county, clerk)
    assert (outcome.tally, outcome.errors) == ((0, 0, 0, 1), {"too_long"})
    assert outcome.problems[-1]["title"] == "微信号"


# --- search -----------------------------------------------------------------------------------------------------------


def found(place, text):
    with entered(Scope((place.path,))) as scope:
        return list(selectors.matching(scope, text).order_by("pk").values_list("name", flat=True))


@pytest.mark.parametrize("text", ["laozhao", "laoz", "太极拳", "打太极", "每天"])
def test_people_are_found_by_a_note(county, noted, text):
    assert found(county, text) == [person(1)["姓名"]]


def test_a_neighbour_does_not_find_them(places, noted):
    assert found(places["濂溪区"], "太极拳") == []


def test_a_changed_note_is_found_and_the_old_one_no_more(tmp_path, county, clerk, noted):
    applied(read(sheet(tmp_path / "b.xlsx", person(1, 微信号="zhao2")), county, clerk), clerk)
    assert (found(county, "laozhao"), found(county, "zhao2"), found(county, "太极拳")) == ([], [person(1)["姓名"]], [person(1)["姓名"]])


def test_changing_the_name_keeps_the_notes_findable(county, clerk, noted, scope_of):
    one = cadre(1)
    with entered(scope_of("浔阳区")) as scope:
        actions.change_cadre(cadre=one, values={"former_name": "赵某"}, version=one.version, by=clerk, scope=scope, today=noted.batch.created_at.date())
    assert found(county, "太极拳") == [one.name]


def test_words_of_notes_take_limited_room():
    tokens = note_tokens({"一": "很长的一段话" * 200, "二": "第二条"})
    assert sum(len(token.encode()) + 8 for token in tokens) <= MOST_NOTE_BYTES
    assert search_vector("赵建国", notes={"一": "xy'||\\zz"}) == search_vector("赵建国") + " 'xy' 'zz'"


# --- the person's page --------------------------------------------------------------------------------------------------


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER)


def test_shown_with_where_they_came_from(client, worker, noted, clerk):
    client.force_login(worker)
    text = client.get(reverse("cadres:detail", args=[cadre(1).pk])).content.decode()
    for words in ("微信号", "laozhao", "每天早上打太极拳", reverse("files:batch", args=[noted.batch.pk]), str(clerk)):
        assert words in text
    assert "每天早上打太极拳" in client.get(reverse("cadres:card", args=[cadre(1).pk])).content.decode()


def test_edited_added_and_removed_on_the_page(client, worker, county, noted):
    client.force_login(worker)
    one = cadre(1)
    url = reverse("cadres:notes", args=[one.pk])
    assert client.get(url).status_code == 200
    answer = client.post(url, {"version": one.version, "note-0": "", "note-1": "改打乒乓球", "label": "车牌", "text": "赣G00001 电话12012345678"})
    assert answer.status_code == 302
    assert cadre(1).extra == {"生活习惯": "改打乒乓球", "车牌": "赣G00001 电话120****5678"}
    assert (found(county, "乒乓球"), found(county, "laozhao")) == ([one.name], [])
    history = client.get(reverse("cadres:detail", args=[one.pk]) + "?tab=history").content.decode()
    for words in ("附注：微信号", "附注：生活习惯", "改打乒乓球"):
        assert words in history


def test_an_old_page_is_refused_and_loses_nothing(client, worker, noted):
    client.force_login(worker)
    one = cadre(1)
    answer = client.post(reverse("cadres:notes", args=[one.pk]), {"version": one.version + 5, "note-0": "我改的", "note-1": "x", "label": "", "text": ""})
    assert answer.status_code == 409
    assert "我改的" in answer.content.decode()
    with entered(Scope((one.org_path,))) as scope, pytest.raises(Stale):
        actions.change_notes(cadre=one, notes={"微信号": "y"}, version=99, by=worker, scope=scope)
    assert cadre(1).extra["微信号"] == "laozhao"


@pytest.mark.parametrize(("data", "sentence"), [({"label": "", "text": "内容"}, "请写明这条附注叫什么。"), ({"label": "微信号", "text": "x"}, "已有“微信号”")])
def test_an_incomplete_note_is_explained(client, worker, noted, data, sentence):
    client.force_login(worker)
    one = cadre(1)
    answer = client.post(reverse("cadres:notes", args=[one.pk]), {"version": one.version, "note-0": "laozhao", "note-1": "", **data})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_nobody_edits_who_has_left(worker, noted):
    one = cadre(1)
    with system_scope("test"):
        Cadre.objects.filter(pk=one.pk).update(standing="moved")
    with entered(Scope((one.org_path,))) as scope, pytest.raises(Refused, match="已转出"):
        actions.change_notes(cadre=one, notes={"微信号": "y"}, version=one.version, by=worker, scope=scope)


def test_notes_leave_with_a_list():
    assert "extra" in exported_fields()
    assert as_words("extra", {"微信号": "wx", "车牌": "赣G"}, None) == "微信号：wx；车牌：赣G"
