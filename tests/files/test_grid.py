"""Refused rows corrected on a page: judged as the file's are, kept, raced for, fenced; what an applied batch has left goes on as a batch of its own."""

import io
import json

import openpyxl
import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions, selectors
from apps.files.importing import correcting
from apps.files.models import BatchState, ImportBatch, ImportRow, RowState
from tests.cadres.sheets_kit import NOW, TODAY, applied, looked_at, read
from tests.import_corpus.books import csv_file, grid, xlsx
from tests.import_corpus.people import TITLES
from tests.import_corpus.people import person as row

FETCH = {"HTTP_X_PORTAL_FETCH": "1"}


@pytest.fixture
def clerk(person):
    standards.load()
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


@pytest.fixture
def outcome(tmp_path, county, clerk):
    """One good row, one with a bad date, one that repeats the good one, an unknown column."""
    rows = [row(1), row(2, 出生日期="不晓得", 微信号="abc"), row(1, 手机="12000009999")]
    return read(xlsx(tmp_path / "花名册.xlsx", ("花名册", grid(rows, [*TITLES, "微信号"]))), county, clerk)


def staged(batch, number) -> ImportRow:
    with system_scope("test"):
        return ImportRow.objects.get(batch=batch, number=number)


def correct(batch, number, by, version=None, **cells):
    """Save cells by letter, as the page does."""
    one = staged(batch, number)
    with entered(Scope((batch.org.path,))):
        version = selectors.row_version(one) if version is None else version
        return actions.correct_row(batch=batch, row_id=one.pk, cells=cells, version=version, by=by, today=TODAY, now=NOW)


def test_refused_rows_keep_their_cells_sealed_and_good_ones_do_not(outcome):
    assert correcting.cells_of(staged(outcome.batch, 3))["D"] == "不晓得"
    assert correcting.cells_of(staged(outcome.batch, 3))["I"] == "abc"
    assert staged(outcome.batch, 2).cells is None
    with system_scope("test"):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(cells::text, ' ') FROM files_importrow")
            assert "不晓得".encode().hex() not in cursor.fetchone()[0]


def test_rows_refused_by_the_checks_get_theirs_from_the_file(outcome):
    assert staged(outcome.batch, 4).cells is None
    assert actions.keep_cells(batch_id=outcome.batch.pk) == 1
    assert correcting.cells_of(staged(outcome.batch, 4))["H"] == "12000009999"
    assert actions.keep_cells(batch_id=outcome.batch.pk) == 0


def test_a_corrected_row_is_new_and_written_with_the_batch(outcome, clerk):
    before = staged(outcome.batch, 3)
    rows = correct(outcome.batch, 3, clerk, D=row(2)["出生日期"])
    assert [(one.state, one.problems, one.pk) for one in rows] == [(RowState.NEW, [], before.pk)]
    now = looked_at(outcome.batch)
    assert now.tally == (2, 0, 0, 1)
    assert applied(now, clerk).tally == (2, 0, 0, 1)
    with system_scope("test"):
        person = Cadre.objects.get(name=row(2)["姓名"])
        assert (person.id_number, person.phone) == (row(2)["身份证号"], row(2)["手机"])
        assert not ImportBatch.objects.filter(pk__lt=0).exists()
        assert not ImportRow.objects.filter(pk__lt=0).exists()


def test_a_correction_may_become_a_change_of_somebody_on_record(tmp_path, county, clerk, outcome):
    applied(read(xlsx(tmp_path / "old.xlsx", ("花名册", grid([row(2)]))), county, clerk), clerk)
    assert correct(outcome.batch, 3, clerk, D=row(2)["出生日期"], H="12000007777")[0].state == RowState.CHANGED
    assert correct(outcome.batch, 3, clerk, H=row(2)["手机"], I="")[0].state == RowState.UNCHANGED


def test_a_correction_that_is_still_wrong_says_what_and_keeps_what_was_typed(outcome, clerk):
    rows = correct(outcome.batch, 3, clerk, D="也不晓得", C="123")
    assert rows[0].state == RowState.REFUSED
    assert {one["code"] for one in rows[0].problems} == {"date_unparseable", "id_length"}
    assert correcting.cells_of(rows[0])["D"] == "也不晓得"
    assert correct(outcome.batch, 3, clerk, D=row(2)["出生日期"], C=row(2)["身份证号"])[0].state == RowState.NEW


def test_a_row_that_repeats_another_of_the_file_is_refused_whichever_comes_first(outcome, clerk):
    good = row(1)
    rows = correct(outcome.batch, 3, clerk, A=good["姓名"], B=good["性别"], C=good["身份证号"], D=good["出生日期"], F=good["参加工作时间"], G=good["离退休时间"])
    assert [one["code"] for one in rows[0].problems if one["level"] == "error"] == ["duplicate_in_file"]
    assert "第 2 行" in rows[0].problems[0]["message"]
    assert looked_at(outcome.batch).tally == (1, 0, 0, 2)


def test_the_double_becomes_somebody_else(outcome, clerk):
    actions.keep_cells(batch_id=outcome.batch.pk)
    other = row(5)
    rows = correct(outcome.batch, 4, clerk, **{letter: other[title] for letter, title in zip("ABCDEFGH", TITLES, strict=True)})
    assert (rows[0].state, looked_at(outcome.batch).tally) == (RowState.NEW, (2, 0, 0, 1))


def test_somebody_of_another_county_stays_out(tmp_path, places, clerk, outcome):
    applied(read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([row(7)]))), places["濂溪区"], clerk), clerk)
    other = row(7)
    rows = correct(outcome.batch, 3, clerk, **{letter: other[title] for letter, title in zip("ABCDEFGH", TITLES, strict=True)})
    assert [one["code"] for one in rows[0].problems if one["level"] == "error"] == ["other_unit"]
    assert "濂溪区" in rows[0].problems[0]["message"]


def test_values_given_for_the_whole_file_count_here_too(tmp_path, county, clerk):
    titles = [title for title in TITLES if title != "离退休类型"]
    found = read(csv_file(tmp_path / "a.csv", grid([row(1, 出生日期="不晓得")], titles)), county, clerk, {"retire_kind": "退休"})
    assert correct(found.batch, 2, clerk, D=row(1)["出生日期"])[0].state == RowState.NEW


def test_a_number_without_its_last_digits_cannot_slip_through_as_text(tmp_path, county, clerk):
    found = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1, 身份证号=int(row(1)["身份证号"][:15] + "000"), 手机="x")]))), county, clerk)
    assert "E+17" in correcting.cells_of(staged(found.batch, 2))["C"]
    rows = correct(found.batch, 2, clerk, H=row(1)["手机"])
    assert [one["code"] for one in rows[0].problems if one["level"] == "error"] == ["id_precision_lost"]


def test_two_people_in_the_same_row(outcome, clerk, person):
    other = person("浔阳区", Role.COUNTY_OFFICER)
    correct(outcome.batch, 3, other, D="1950")
    with pytest.raises(Stale) as stale:
        correct(outcome.batch, 3, clerk, version="0", D="1951")
    assert "刚刚被别人改过" in stale.value.sentence
    assert correcting.cells_of(staged(outcome.batch, 3))["D"] == "1950"


@pytest.mark.parametrize("state", [BatchState.APPLYING, BatchState.CANCELLED, BatchState.QUEUED])
def test_not_while_the_batch_is_at_work_or_over(outcome, clerk, state):
    with system_scope("test"):
        ImportBatch.objects.filter(pk=outcome.batch.pk).update(state=state)
    with pytest.raises(Refused) as refused:
        correct(outcome.batch, 3, clerk, D="1950")
    assert refused.value.code == "too_late"


def test_columns_the_sheet_lacks_and_endless_texts_are_not_taken(outcome, clerk):
    assert correct(outcome.batch, 3, clerk, ZZ="x")[0].state == RowState.REFUSED
    assert "ZZ" not in correcting.cells_of(staged(outcome.batch, 3))
    with pytest.raises(Refused):
        correct(outcome.batch, 3, clerk, D="x" * 5000)


def test_the_audit_names_the_cells_and_no_value(outcome, clerk):
    correct(outcome.batch, 3, clerk, D=row(2)["出生日期"])
    with system_scope("test"):
        event = AuditEvent.objects.get(verb="import.corrected")
        assert event.data == {"sheet": "花名册", "row": 3, "columns": ["D"], "state": "new"}
        assert row(2)["身份证号"] not in json.dumps(event.data) + event.title


def test_the_page_shows_cells_sentences_and_options(client, clerk, outcome):
    actions.keep_cells(batch_id=outcome.batch.pk)
    client.force_login(clerk)
    text = client.get(reverse("files:grid", args=[outcome.batch.pk])).content.decode()
    for words in ("还有 <b>2</b> 行不能导入", 'value="不晓得"', 'value="abc"', "微信号", "看不懂这个日期", 'aria-invalid="true"', '<option value="退休">', "第 3 行", "第 4 行"):
        assert words in text
    assert row(1)["身份证号"] in text
    assert "第 2 行</span>" not in text


def test_a_saved_row_comes_back_alone_with_the_counts(client, clerk, outcome):
    client.force_login(clerk)
    one = staged(outcome.batch, 3)
    url = reverse("files:grid_row", args=[outcome.batch.pk, one.pk])
    answer = client.post(url, {"version": "0", "cell-D": row(2)["出生日期"]}, **FETCH)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "可新增" in text
    assert "还有 <b>1</b> 行" in text
    stale = client.post(url, {"version": "0", "cell-D": "1951"}, **FETCH)
    assert stale.status_code == 409
    for words in ("刚刚被别人改过", "您填的出生日期：1951", f'value="{row(2)["出生日期"]}"'):
        assert words in stale.content.decode()
    gone = client.post(reverse("files:grid_row", args=[outcome.batch.pk, 10**9]), {"version": "0"}, **FETCH)
    assert (gone.status_code, "已经不在了" in gone.content.decode()) == (409, True)


def test_without_scripts_a_row_is_a_form(client, clerk, outcome):
    client.force_login(clerk)
    one = staged(outcome.batch, 3)
    answer = client.post(reverse("files:grid_row", args=[outcome.batch.pk, one.pk]), {"version": "0", "cell-D": row(2)["出生日期"]})
    assert answer.url.startswith(reverse("files:grid", args=[outcome.batch.pk]))
    assert staged(outcome.batch, 3).state == RowState.NEW


def test_ten_thousand_rows_are_paged_with_the_same_queries(client, clerk, county, tmp_path, django_assert_max_num_queries):
    rows = [row(number, 出生日期="不晓得") for number in range(120)]
    found = read(csv_file(tmp_path / "a.csv", grid(rows)), county, clerk)
    client.force_login(clerk)
    with django_assert_max_num_queries(20):
        text = client.get(reverse("files:grid", args=[found.batch.pk]) + "?page=2").content.decode()
    assert text.count('class="refused"') == 50


def test_what_an_applied_batch_has_left_goes_on_as_a_batch_of_its_own(client, clerk, outcome, django_capture_on_commit_callbacks):
    correct(outcome.batch, 3, clerk, A="王改过")
    applied(looked_at(outcome.batch), clerk)
    client.force_login(clerk)
    with django_capture_on_commit_callbacks() as callbacks:
        answer = client.post(reverse("files:continue", args=[outcome.batch.pk]))
    with system_scope("test"):
        fresh = ImportBatch.objects.exclude(pk=outcome.batch.pk).get()
    assert (answer.url, len(callbacks)) == (reverse("files:batch", args=[fresh.pk]), 1)
    actions.read_batch(batch_id=fresh.pk, now=NOW, today=TODAY)
    assert looked_at(fresh).tally == (0, 1, 0, 1)
    assert correcting.cells_of(staged(fresh, 2))["A"] == "王改过"
    assert client.post(reverse("files:continue", args=[outcome.batch.pk])).url == answer.url
    assert correct(fresh, 2, clerk, D=row(2)["出生日期"])[0].state == RowState.NEW


def test_the_rows_given_back_hold_what_was_typed(client, clerk, outcome):
    correct(outcome.batch, 3, clerk, D="还是不晓得", I="")
    client.force_login(clerk)
    answer = client.get(reverse("files:refused", args=[outcome.batch.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert (sheet["D2"].value, sheet["I2"].value) == ("还是不晓得", None)
