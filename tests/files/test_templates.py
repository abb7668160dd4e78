"""Templates and the pages that explain them: made from the declaration, known again on the way in; the kind a file looks more like."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.accounts.permissions import ROLES, Role
from apps.activity.models import AuditEvent
from apps.cadres import standards
from apps.cadres.models import Cadre, Code
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions
from apps.files.importing import template
from apps.files.models import BatchState
from apps.files.sheetkinds import SHEETS
from tests.cadres.sheets_kit import NOW, TODAY, applied, looked_at, read
from tests.import_corpus.books import xlsx
from tests.import_corpus.people import person

KINDS = list(SHEETS)


@pytest.fixture(autouse=True)
def codes(db):
    standards.load()


@pytest.fixture
def clerk(person):
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


def made(kind="roster"):
    return openpyxl.load_workbook(template.workbook(SHEETS[kind]))


def saved(book, path):
    book.save(path)
    return path


def fill(book, row, **values):
    """Write values under their titles in one row of the first sheet."""
    page = book.worksheets[0]
    titles = {cell.value.rstrip("*"): cell.column for cell in page[1] if cell.value}
    for title, value in values.items():
        page.cell(row, titles[title], value)
    return titles


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_template_is_made_of(kind):
    book, declared = made(kind), SHEETS[kind]
    page = book.worksheets[0]
    assert [cell.value.rstrip("*") for cell in page[1]] == [one.column_name for one in declared.in_template.values()]
    assert all(cell.value.endswith("*") == one.required for cell, one in zip(page[1], declared.in_template.values(), strict=True))
    for cell, one in zip(page[1], declared.in_template.values(), strict=True):
        if one.widget.text_format:
            assert page.column_dimensions[cell.column_letter].width
            assert page.cell(2, cell.column).number_format == "@"
    listed = {str(one.sqref).rstrip("0123456789").split(":")[0].rstrip("0123456789"): one.formula1 for one in page.data_validations.dataValidation}
    chosen = {cell.column_letter for cell, one in zip(page[1], declared.in_template.values(), strict=True) if one.widget.options()}
    assert set(listed) == chosen
    hidden = book.worksheets[-1]
    assert (hidden.sheet_state, hidden["A1"].value, hidden["A2"].value) == ("veryHidden", kind, declared.version)


def test_drop_downs_follow_the_code_tables_in_force(client, clerk):
    with system_scope("test"):
        Code.objects.create(table="living", code="x9", name="候鸟式居住", order=99, source="测试")
        Code.objects.filter(table="living", name="独居").update(valid_to="2020-01-01")
    client.force_login(clerk)
    answer = client.get(reverse("files:template", args=["roster"]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content))
    words = book[template.OPTIONS]
    column = next(column for column in words.iter_cols(values_only=True) if column[0] == "居住状况")
    assert "候鸟式居住" in column
    assert "独居" not in column


def test_filled_and_brought_back_without_a_problem(tmp_path, county, clerk):
    book, one = made(), person(1)
    fill(book, 3, 序号="1", **{title: one[title] for title in ("姓名", "离退休类型", "性别", "身份证号", "出生日期", "参加工作时间", "离退休时间", "手机")})
    outcome = read(saved(book, tmp_path / "a.xlsx"), county, clerk)
    assert (outcome.tally, outcome.problems) == ((1, 0, 0, 0), [])
    assert outcome.batch.sheets[0]["skipped"] == {"example": 1}
    assert len(outcome.batch.sheets) == 1, "its own pages of words and advice are no sheets of people"
    applied(outcome, clerk)
    with system_scope("test"):
        assert Cadre.objects.get().id_number == one["身份证号"]


@pytest.mark.parametrize("what", ["no number", "other number", "moved", "no number column", "cells emptied", "sorted columns"])
def test_the_example_is_skipped_whatever_was_done_around_it(tmp_path, county, clerk, what):
    book = made()
    page = book.worksheets[0]
    titles = fill(book, 3, 序号="2", **{title: person(1)[title] for title in ("姓名", "离退休类型", "身份证号")})
    if what == "no number":
        page.cell(2, titles["序号"]).value = None
    if what == "other number":
        page.cell(2, titles["序号"], "1")
    if what == "moved":
        page.move_range("A2:BB2", rows=5)
        page.cell(7, titles["序号"]).value = None
    if what == "no number column":
        page.delete_cols(titles["序号"])
    if what == "cells emptied":
        for title in ("序号", "性别", "民族", "政治面貌"):
            page.cell(2, titles[title]).value = None
    if what == "sorted columns":
        page.delete_cols(titles["序号"])
        page.move_range("C1:C3", cols=60)
    outcome = read(saved(book, tmp_path / "a.xlsx"), county, clerk)
    assert outcome.tally == (1, 0, 0, 0), outcome.problems
    assert outcome.batch.sheets[0]["skipped"] == {"example": 1}


def test_a_person_who_bears_the_examples_name_is_no_example(tmp_path, county, clerk):
    book = made()
    fill(book, 3, **{**{title: person(1)[title] for title in ("离退休类型", "身份证号")}, "姓名": "张三", "民族": "汉族", "政治面貌": "中共党员"})
    outcome = read(saved(book, tmp_path / "a.xlsx"), county, clerk)
    assert (outcome.tally, outcome.batch.sheets[0]["skipped"]) == ((1, 0, 0, 0), {"example": 1})


def test_an_older_template_is_read_and_says_what_changed(tmp_path, county, clerk):
    book = made()
    page = book.worksheets[0]
    titles = fill(book, 3, **{title: person(1)[title] for title in ("姓名", "离退休类型", "身份证号")}, 特长="书法")
    page.cell(1, titles["特长"], "个人绝活")
    book.worksheets[-1].title = f"{template.MARK} roster 00000000"
    outcome = read(saved(book, tmp_path / "a.xlsx"), county, clerk)
    assert outcome.tally == (1, 0, 0, 0)
    note = next(one for one in outcome.problems if one["code"] == "template_old")
    assert note["level"] == "warning"
    assert "现在多了“特长”" in note["message"]
    assert "不再有“个人绝活”" in note["message"]


def test_the_template_of_another_kind_is_refused_by_name(client, tmp_path, county, clerk, django_capture_on_commit_callbacks):
    outcome = read(saved(made("relatives"), tmp_path / "a.xlsx"), county, clerk)
    assert (outcome.batch.state, outcome.batch.error_code) == (BatchState.FAILED, "other_kind")
    assert "这是“亲属表”的模板" in outcome.batch.error
    client.force_login(clerk)
    assert "按亲属表读取" in client.get(reverse("files:batch", args=[outcome.batch.pk])).content.decode()
    with django_capture_on_commit_callbacks() as callbacks:
        assert client.post(reverse("files:read_as", args=[outcome.batch.pk, "relatives"])).status_code == 302
    assert len(callbacks) == 1
    actions.read_batch(batch_id=outcome.batch.pk, now=NOW, today=TODAY)
    again = looked_at(outcome.batch)
    assert (again.batch.state, again.batch.kind, again.batch.file.label) == (BatchState.CHECKED, "relatives", "import.relatives")
    with system_scope("test"):
        assert AuditEvent.objects.get(verb="import.read_as").data == {"was": "roster", "kind": "relatives"}


RELATIVES = [["姓名", "身份证号", "称谓", "亲属姓名", "联系电话", "工作单位", "是否同住"], [person(1)["姓名"], person(1)["身份证号"], "配偶", "李四", "12012345678", "某厂", "是"]]


def test_a_file_that_is_another_kind_is_told_so(client, tmp_path, county, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("亲属", RELATIVES)), county, clerk)
    assert outcome.batch.sheets[0]["better"] == "relatives"
    client.force_login(clerk)
    text = client.get(reverse("files:batch", args=[outcome.batch.pk])).content.decode()
    assert "按亲属表读取" in text


def test_an_ordinary_roster_looks_like_nothing_else(tmp_path, county, clerk):
    rows = [[*person(1), "微信号"], [*person(1).values(), "wx"]]
    assert read(xlsx(tmp_path / "a.xlsx", ("花名册", rows)), county, clerk).batch.sheets[0]["better"] == ""


def test_a_batch_that_is_over_is_not_read_as_something_else(tmp_path, county, clerk):
    outcome = applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", [[*person(1)], [*person(1).values()]])), county, clerk), clerk)
    with entered(Scope((county.path,))):
        with pytest.raises(Refused, match="不能改按另一种表读取"):
            actions.read_as(batch=outcome.batch, kind="relatives", by=clerk, today=TODAY)
        with pytest.raises(Refused, match="没有这种表"):
            actions.read_as(batch=outcome.batch, kind="nothing", by=clerk, today=TODAY)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_explained(client, person, kind):
    declared = SHEETS[kind]
    client.force_login(person("九江市", next(role for role in Role if ROLES[role] & declared.rights)))
    text = client.get(reverse("files:kind", args=[kind])).content.decode()
    for name, one in declared.in_template.items():
        assert name == "number" or one.column_name in text
    for words in (reverse("files:template", args=[kind]), "至少要有", "空着的格子", "也认得这些写法"):
        assert words in text
    assert reverse("files:kind", args=[kind]) in client.get(reverse("files:upload")).content.decode()


def test_a_kind_that_is_none(client, clerk):
    client.force_login(clerk)
    assert client.get(reverse("files:kind", args=["nothing"])).status_code == 404
    assert client.get(reverse("files:template", args=["nothing"])).status_code == 404


def test_the_upload_page_keeps_the_kind_one_came_for(client, clerk, county):
    client.force_login(clerk)
    text = client.get(reverse("files:upload") + "?kind=relatives").content.decode()
    assert 'value="relatives" required id="id_kind' in text or 'value="relatives"' in text
    answer = client.post(reverse("files:upload"), {"org": county.pk, "kind": "nothing", "file": SimpleUploadedFile("a.xlsx", b"x")})
    assert answer.status_code == 422
