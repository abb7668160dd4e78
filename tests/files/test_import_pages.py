"""The import pages: what each state shows, what a press does, and what a neighbour gets."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.scope import system_scope
from apps.files import actions, selectors
from apps.files.models import BatchState, ImportBatch
from tests.cadres.sheets_kit import NOW, TODAY, applied, looked_at, opened, read
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import TITLES
from tests.import_corpus.people import person as row


@pytest.fixture
def clerk(person):
    standards.load()
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def neighbour(person):
    return person("濂溪区", Role.COUNTY_OFFICER)


@pytest.fixture
def county(places):
    return places["浔阳区"]


@pytest.fixture
def outcome(tmp_path, county, clerk):
    """A checked batch: two new, one changed in the phone, one refused, an unknown column."""
    titles = [*TITLES, "微信号"]
    applied(read(xlsx(tmp_path / "old.xlsx", ("花名册", grid([row(3)]))), county, clerk), clerk)
    rows = [row(1), row(2, 微信号="abc"), row(3, 手机="12000008888"), row(4, 出生日期="不晓得")]
    return read(xlsx(tmp_path / "花名册.xlsx", ("花名册", grid(rows, titles))), county, clerk)


def sent(callbacks) -> list[tuple]:
    """(task, batch) of what goes to the worker when the transaction is committed."""
    return [(one.func.__self__.name.rsplit(".", 1)[-1], *one.args) for one in callbacks]


def page(client, name, *args, query=""):
    answer = client.get(reverse(f"files:{name}", args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_uploading_keeps_the_file_and_leads_to_the_batch(client, clerk, county, tmp_path, django_capture_on_commit_callbacks):
    client.force_login(clerk)
    content = xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1)]))).read_bytes()
    with django_capture_on_commit_callbacks() as callbacks:
        answer = client.post(reverse("files:upload"), {"kind": "roster", "org": county.pk, "file": SimpleUploadedFile("花名册.xlsx", content)})
    with system_scope("test"):
        batch = ImportBatch.objects.get()
    assert answer.url == reverse("files:batch", args=[batch.pk])
    assert (batch.state, batch.org, batch.created_by, sent(callbacks)) == (BatchState.QUEUED, county, clerk, [("read_batch", batch.pk)])
    assert "等待读取" in page(client, "batch", batch.pk)
    actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY)
    assert client.get(reverse("files:progress", args=[batch.pk]))["HX-Redirect"] == answer.url


def test_an_organisation_outside_the_scope_cannot_be_chosen(client, neighbour, county):
    client.force_login(neighbour)
    assert "浔阳区" not in page(client, "upload")
    answer = client.post(reverse("files:upload"), {"kind": "roster", "org": county.pk, "file": SimpleUploadedFile("a.xlsx", b"x")})
    assert answer.status_code == 422
    with system_scope("test"):
        assert not ImportBatch.objects.exists()


def test_no_file_chosen(client, clerk, county):
    client.force_login(clerk)
    answer = client.post(reverse("files:upload"), {"kind": "roster", "org": county.pk})
    assert answer.status_code == 422
    assert "请选择要导入的文件。" in answer.content.decode()


def test_the_check_page_shows_everything(client, clerk, outcome):
    client.force_login(clerk)
    text = page(client, "batch", outcome.batch.pk)
    for words in ("1 行不能导入", "花名册!D5", "不晓得", "日期看不懂", "将变更", "120****0003", "120****8888", "将新增", row(1)["姓名"], "微信号", "导入 3 行，1 行留待修改"):
        assert words in text
    assert row(1)["身份证号"] not in text


@pytest.mark.parametrize(("state", "words"), [("new", "第 2 行"), ("changed", "120****8888"), ("refused", "看不懂这个日期"), ("unchanged", "没有这样的行")])
def test_rows_of_each_result(client, clerk, outcome, state, words):
    client.force_login(clerk)
    assert words in page(client, "rows", outcome.batch.pk, query=f"?state={state}")


def test_problems_of_one_code(client, clerk, outcome):
    client.force_login(clerk)
    assert "花名册!D5" in page(client, "problems", outcome.batch.pk, query="?code=date_unparseable")
    assert "花名册!D5" not in page(client, "problems", outcome.batch.pk, query="?code=id_length")


def test_pages_cost_the_same_for_more_rows(client, clerk, county, tmp_path, django_assert_max_num_queries):
    client.force_login(clerk)
    batches = [read(xlsx(tmp_path / f"{n}.xlsx", ("花名册", grid([row(k) for k in range(1, n)]))), county, clerk).batch for n in (3, 60)]
    for one in batches:
        page(client, "batch", one.pk)
        with django_assert_max_num_queries(40) as queries:
            page(client, "batch", one.pk)
        one.cost = len(queries)
    assert batches[0].cost == batches[1].cost


def test_applying_from_the_page(client, clerk, outcome, django_capture_on_commit_callbacks):
    client.force_login(clerk)
    pk = outcome.batch.pk
    with django_capture_on_commit_callbacks() as callbacks:
        assert client.post(reverse("files:apply", args=[pk])).status_code == 302
    assert sent(callbacks) == [("apply_batch", pk)]
    again = client.post(reverse("files:apply", args=[pk]))
    assert again.status_code == 409
    actions.apply_batch(batch_id=pk, now=NOW)
    text = page(client, "batch", pk)
    for words in ("已新增", "还有 1 行没有导入", reverse("cadres:list")):
        assert words in text


def test_all_or_nothing_is_refused_while_a_row_is_wrong(client, clerk, outcome):
    client.force_login(clerk)
    answer = client.post(reverse("files:apply", args=[outcome.batch.pk]), {"whole": "1"})
    assert answer.status_code == 409
    assert "还有 1 行有问题。" in answer.content.decode()
    assert looked_at(outcome.batch).batch.state == BatchState.CHECKED


def test_mapping_a_column_and_reading_again(client, clerk, outcome, django_capture_on_commit_callbacks):
    client.force_login(clerk)
    with django_capture_on_commit_callbacks() as callbacks:
        answer = client.post(reverse("files:again", args=[outcome.batch.pk]), {"0:I": "note"})
    assert (answer.status_code, sent(callbacks)) == (302, [("read_batch", outcome.batch.pk)])
    actions.read_batch(batch_id=outcome.batch.pk, now=NOW, today=TODAY)
    done = applied(looked_at(outcome.batch), clerk)
    assert "column_unknown" not in done.codes()
    with system_scope("test"):
        assert Cadre.objects.get(name=row(2)["姓名"]).note == "abc"


def test_a_value_for_the_whole_file_from_the_page(client, clerk, county, tmp_path):
    client.force_login(clerk)
    batch = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1)], ["姓名", "身份证号"]))), county, clerk).batch
    assert "表里没有“离退休类型”，全表都填" in page(client, "batch", batch.pk)
    client.post(reverse("files:again", args=[batch.pk]), {"given:retire_kind": "退休"})
    actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY)
    assert looked_at(batch).tally == (1, 0, 0, 0)


def test_a_file_that_is_none_says_so(client, clerk, county, tmp_path):
    client.force_login(clerk)
    path = tmp_path / "照片.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50)
    batch = read(path, county, clerk).batch
    text = page(client, "batch", batch.pk)
    assert "这个文件没有导入。" in text
    assert "图片" in text


def test_the_same_file_is_recognised(client, clerk, county, tmp_path):
    client.force_login(clerk)
    path = xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1)])))
    first = applied(read(path, county, clerk), clerk).batch
    second = read(path, county, clerk).batch
    assert f"第 {first.pk} 批" in page(client, "batch", second.pk)
    assert "内容已经导入过" in page(client, "batch", second.pk)
    assert "完全一致，不用导入" in page(client, "batch", second.pk)


def test_refused_rows_come_back_and_go_in_when_corrected(client, clerk, county, outcome, tmp_path):
    applied(outcome, clerk)
    client.force_login(clerk)
    answer = client.get(reverse("files:refused", args=[outcome.batch.pk]))
    content = b"".join(answer.streaming_content)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["花名册"]
    assert [cell.value for cell in sheet[1]] == [*TITLES, "微信号", "问题"]
    assert sheet.max_row == 2
    assert (sheet["A2"].value, sheet["D2"].value) == (row(4)["姓名"], "不晓得")
    assert "看不懂这个日期" in sheet["J2"].value
    sheet["D2"] = row(4)["出生日期"]
    book.save(tmp_path / "改好.xlsx")
    corrected = read(tmp_path / "改好.xlsx", county, clerk)
    assert corrected.tally == (1, 0, 0, 0)
    assert corrected.codes() == {}


def test_a_stalled_batch_can_be_taken_up(client, clerk, county, tmp_path, django_capture_on_commit_callbacks):
    client.force_login(clerk)
    batch = opened(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1)]))), county, clerk)
    with system_scope("test"):
        ImportBatch.objects.filter(pk=batch.pk).update(moved_at="2026-01-01T00:00:00Z", state=BatchState.READING)
    assert "处理中断了" in page(client, "batch", batch.pk)
    with django_capture_on_commit_callbacks() as callbacks:
        client.post(reverse("files:resume", args=[batch.pk]))
    assert sent(callbacks) == [("read_batch", batch.pk)]


def test_cancelling(client, clerk, outcome):
    client.force_login(clerk)
    client.post(reverse("files:cancel", args=[outcome.batch.pk]))
    assert "已经放弃" in page(client, "batch", outcome.batch.pk)
    with system_scope("test") as scope:
        assert not selectors.rows(scope, outcome.batch).exists()


GETS = ["batch", "progress", "rows", "problems", "refused"]
POSTS = ["apply", "cancel", "again", "resume"]


@pytest.mark.parametrize("name", GETS)
def test_a_neighbour_sees_no_batch(client, neighbour, outcome, name):
    client.force_login(neighbour)
    assert client.get(reverse(f"files:{name}", args=[outcome.batch.pk])).status_code == 404


@pytest.mark.parametrize("name", POSTS)
def test_a_neighbour_changes_no_batch(client, neighbour, outcome, name):
    client.force_login(neighbour)
    assert client.post(reverse(f"files:{name}", args=[outcome.batch.pk])).status_code == 404
    assert looked_at(outcome.batch).batch.state == BatchState.CHECKED


def test_a_neighbour_sees_neither_list_nor_file(client, neighbour, outcome):
    client.force_login(neighbour)
    assert outcome.batch.file.name not in page(client, "batches")
    assert client.get(reverse("files:download", args=[outcome.batch.file.key])).status_code == 404


@pytest.mark.parametrize("role", [Role.WORKER, Role.LEADER, Role.BRANCH_SECRETARY, Role.AUDIT_ADMIN])
def test_roles_that_may_not_import(client, person, outcome, role):
    client.force_login(person("浔阳区", role))
    assert client.get(reverse("files:batches")).status_code == 403
    assert client.get(reverse("files:batch", args=[outcome.batch.pk])).status_code == 403
    assert client.post(reverse("files:apply", args=[outcome.batch.pk])).status_code == 403


def test_the_uploader_opens_the_original(client, clerk, outcome):
    client.force_login(clerk)
    answer = client.get(reverse("files:download", args=[outcome.batch.file.key]))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"PK")


def test_the_template_has_drop_downs_and_text_columns(client, clerk):
    client.force_login(clerk)
    answer = client.get(reverse("files:template", args=["roster"]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    assert titles[:3] == ["序号", "姓名*", "离退休类型*"]
    assert len(sheet.data_validations.dataValidation) >= 14
    letter = sheet.cell(1, titles.index("身份证号") + 1).column_letter
    assert sheet.column_dimensions[letter].width >= 22
    assert sheet[f"{letter}2"].number_format == "@"


def test_the_list_of_batches(client, clerk, outcome):
    client.force_login(clerk)
    text = page(client, "batches")
    assert "花名册.xlsx" in text
    assert "待确认" in text
