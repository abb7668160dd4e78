"""What comes back of a file: marked as a whole, or its refused rows alone; either goes in again once corrected, whatever it was made with."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent, Notification
from apps.cadres import standards
from apps.core.scope import system_scope
from apps.files import actions, storage
from apps.files.models import ImportBatch, StoredFile
from apps.files.views import copies
from tests.cadres.sheets_kit import NOW, TODAY, applied, read
from tests.import_corpus.books import csv_file, grid, xls, xlsx
from tests.import_corpus.people import TITLES
from tests.import_corpus.people import person as row

RED, AMBER = "FFFFC7CF", "FFFFE69B"


@pytest.fixture
def clerk(person):
    standards.load()
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


def two_row_header(path):
    """A headline over all, titles in two rows of which most are merged downwards."""
    titles = list(TITLES)
    lines = [["离退休干部花名册", *[None] * (len(titles) - 1)], ["填报单位：浔阳区", *[None] * (len(titles) - 1)], titles, [None] * len(titles)]
    merged = ["A1:C1", *[f"{chr(65 + column)}3:{chr(65 + column)}4" for column in range(len(titles))]]
    return xlsx(path, ("花名册", lines + grid([row(1), row(2, 出生日期="不晓得"), row(3)])[1:]), merged={"花名册": merged})


SHAPES = {
    "one sheet": (lambda path: xlsx(path.with_suffix(".xlsx"), ("花名册", grid([row(1), row(2, 出生日期="不晓得"), row(3)]))), "花名册", 3, 2),
    "two-row header": (lambda path: two_row_header(path.with_suffix(".xlsx")), "花名册", 6, 5),
    "old Excel": (lambda path: xls(path.with_suffix(".xls"), "花名册", grid([row(1), row(2, 出生日期="不晓得"), row(3)])), "花名册", 3, 2),
    "text in GB18030": (lambda path: csv_file(path.with_suffix(".csv"), grid([row(1), row(2, 出生日期="不晓得"), row(3)]), "gb18030"), "", 3, 2),
}
"""How to make it, the sheet, the bad row, and where the bad row stands among the refused ones."""


def fetched(client, name, batch):
    answer = client.get(reverse(f"files:{name}", args=[batch.pk]))
    assert answer.status_code == 200, answer
    assert "attachment" in answer["Content-Disposition"]
    return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_whole_file_comes_back_marked_and_goes_in_corrected(client, clerk, county, tmp_path, shape):
    make, name, line, _ = SHAPES[shape]
    outcome = read(make(tmp_path / "花名册"), county, clerk)
    assert outcome.tally == (2, 0, 0, 1)
    client.force_login(clerk)
    book = fetched(client, "annotated", outcome.batch)
    sheet = book[name or "数据"]
    cell = sheet[f"D{line}"]
    assert (cell.value, cell.fill.fgColor.rgb) == ("不晓得", RED)
    assert "看不懂这个日期" in cell.comment.text
    assert book["问题清单"].max_row > 3
    assert f"'{name or '数据'}'!D{line}" in [one.hyperlink.location for one in book["问题清单"]["B"] if one.hyperlink]
    assert sheet[f"C{line}"].value == row(2)["身份证号"]
    cell.value = row(2)["出生日期"]
    book.save(tmp_path / "改好.xlsx")
    corrected = read(tmp_path / "改好.xlsx", county, clerk)
    assert corrected.tally == (3, 0, 0, 0)
    again = fetched(client, "annotated", corrected.batch)
    assert again[name or "数据"][f"D{line}"].comment is None
    assert again[name or "数据"][f"D{line}"].fill.fill_type is None


@pytest.mark.parametrize("shape", SHAPES)
def test_the_refused_rows_alone_have_the_same_marks_and_go_in_corrected(client, clerk, county, tmp_path, shape):
    make, name, _, line = SHAPES[shape]
    outcome = applied(read(make(tmp_path / "花名册"), county, clerk), clerk)
    client.force_login(clerk)
    book = fetched(client, "refused", outcome.batch)
    assert book.sheetnames == [name or "待修改"]
    sheet = book.active
    assert sheet.max_row == line
    assert (sheet[f"D{line}"].value, sheet[f"D{line}"].fill.fgColor.rgb) == ("不晓得", RED)
    assert "看不懂这个日期" in sheet[f"D{line}"].comment.text
    assert "看不懂这个日期" in sheet.cell(line, len(TITLES) + 1).value
    assert sheet[f"C{line}"].number_format == "@"
    unchanged = tmp_path / "没改.xlsx"
    book.save(unchanged)
    assert read(unchanged, county, clerk).tally == (0, 0, 0, 1)
    sheet[f"D{line}"] = row(2)["出生日期"]
    book.save(tmp_path / "改好.xlsx")
    corrected = read(tmp_path / "改好.xlsx", county, clerk)
    assert (corrected.tally, corrected.codes()) == ((1, 0, 0, 0), {})


def test_several_sheets(client, clerk, county, tmp_path):
    first, second = grid([row(1), row(2, 出生日期="不晓得")]), grid([row(3, 身份证号="12345"), row(4)])
    outcome = read(xlsx(tmp_path / "a.xlsx", ("离休", first), ("说明", [["请认真填写"]]), ("退休", second)), county, clerk)
    client.force_login(clerk)
    whole, rest = fetched(client, "annotated", outcome.batch), fetched(client, "refused", outcome.batch)
    assert whole.sheetnames == ["问题清单", "离休", "说明", "退休"]
    assert rest.sheetnames == ["离休", "退休"]
    assert (whole["退休"]["C2"].fill.fgColor.rgb, rest["退休"]["C2"].value) == (RED, "12345")


def test_numbers_that_lost_their_end_stay_numbers_in_a_column_of_text(client, clerk, county, tmp_path):
    """Written out as text such a number might pass for a right one; typed anew into a column of text it stays whole."""
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1, 身份证号=int(row(1)["身份证号"][:15] + "000"))]))), county, clerk)
    assert "id_precision_lost" in outcome.errors
    client.force_login(clerk)
    book = fetched(client, "refused", outcome.batch)
    assert (book.active["C2"].data_type, book.active["C2"].number_format) == ("n", "@")
    book.save(tmp_path / "b.xlsx")
    assert "id_precision_lost" in read(tmp_path / "b.xlsx", county, clerk).errors


def test_values_given_for_the_whole_file_go_along(client, clerk, county, tmp_path):
    titles = [title for title in TITLES if title != "离退休类型"]
    path = xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1, 出生日期="不晓得")], titles)))
    outcome = read(path, county, clerk, {"retire_kind": "退休"})
    client.force_login(clerk)
    book = fetched(client, "refused", outcome.batch)
    titles = [cell.value for cell in book.active[1]]
    assert titles[-2:] == ["离退休类型", "问题"]
    assert [cell.value for cell in book.active[2]][-2] == "退休"
    book.active.cell(2, titles.index("出生日期") + 1).value = row(1)["出生日期"]
    book.save(tmp_path / "b.xlsx")
    assert read(tmp_path / "b.xlsx", county, clerk).tally == (1, 0, 0, 0)


def test_closed_values_are_masked_in_the_list_and_nothing_acts(client, clerk, county, tmp_path):
    number = row(1)["身份证号"]
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1, 身份证号=wrong, 出生日期="=cmd|' /C calc'!A0")]))), county, clerk)
    client.force_login(clerk)
    book = fetched(client, "annotated", outcome.batch)
    texts = [str(cell.value) for line in book["问题清单"].iter_rows() for cell in line if cell.value]
    assert not [text for text in texts if wrong in text]
    assert f"{wrong[:4]}**********{wrong[-4:]}" in texts
    assert {cell.data_type for line in book["问题清单"].iter_rows() for cell in line if cell.value} == {"s"}
    assert book["花名册"]["C2"].value == wrong


def test_a_row_without_the_column_is_marked_at_the_name(client, clerk, county, tmp_path):
    outcome = read(csv_file(tmp_path / "a.csv", grid([row(1)], ["姓名", "身份证号"])), county, clerk)
    client.force_login(clerk)
    cell = fetched(client, "annotated", outcome.batch)["数据"]["A2"]
    assert "【离退休类型】" in cell.comment.text


def test_what_is_given_back_is_in_the_audit(client, clerk, county, tmp_path):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1, 出生日期="不晓得")]))), county, clerk)
    client.force_login(clerk)
    fetched(client, "annotated", outcome.batch)
    fetched(client, "refused", outcome.batch)
    with system_scope("test"):
        events = AuditEvent.objects.filter(verb="import.given_back").order_by("pk")
        assert [(one.data, one.actor_id) for one in events] == [({"what": what, "refused": 1}, clerk.pk) for what in ("annotated", "refused")]


def test_a_file_without_problems_comes_back_too(client, clerk, county, tmp_path):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1)]))), county, clerk)
    client.force_login(clerk)
    assert fetched(client, "annotated", outcome.batch)["问题清单"]["A2"].value == "没有发现问题。"
    assert client.get(reverse("files:refused", args=[outcome.batch.pk])).status_code == 404


def test_a_large_file_is_made_in_the_background_and_fetched_later(client, clerk, county, tmp_path, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(copies, "AT_ONCE_ROWS", 0)
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1, 出生日期="不晓得")]))), county, clerk)
    client.force_login(clerk)
    url = reverse("files:annotated", args=[outcome.batch.pk])
    assert "开始生成" in client.get(url).content.decode()
    with django_capture_on_commit_callbacks() as callbacks:
        answer = client.post(url)
    assert [(one.func.__self__.name, one.args) for one in callbacks] == [("apps.files.tasks.build_copy", (outcome.batch.pk, "annotated", clerk.pk))]
    assert "hx-trigger" in client.get(answer.url).content.decode()
    actions.build_copy(batch_id=outcome.batch.pk, what="annotated", by=clerk, today=TODAY, now=NOW)
    with system_scope("test"):
        kept = StoredFile.objects.exclude(pk=outcome.batch.file_id).get()
        assert (kept.sealed, kept.expires_on, kept.subject_id, kept.label) == (True, TODAY + timedelta(days=7), outcome.batch.pk, outcome.batch.file.label)
        assert openpyxl.load_workbook(io.BytesIO(storage.read(kept))).sheetnames == ["问题清单", "花名册"]
    assert Notification.objects.get(user=clerk, title__startswith="已做好").url == url
    text = client.get(answer.url).content.decode()
    assert reverse("files:download", args=[kept.key]) in text
    assert "hx-trigger" not in text
    with system_scope("test"):
        ImportBatch.objects.filter(pk=outcome.batch.pk).update(checked_at=timezone.now())
    assert "开始生成" in client.get(url).content.decode()


def test_a_copy_that_cannot_be_made_says_so(clerk, county, tmp_path):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1, 出生日期="不晓得")]))), county, clerk)
    storage.path_of(outcome.batch.file).unlink()
    actions.build_copy(batch_id=outcome.batch.pk, what="refused", by=clerk, today=TODAY, now=NOW)
    assert Notification.objects.get(user=clerk, title__startswith="没有做成").body == storage.LOST
