"""Files kept encrypted: unreadable on disk, read by those who may, and what happens when the bytes are gone or altered."""

import base64
import os

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from apps.accounts.permissions import Right, Role
from apps.activity.models import AuditEvent
from apps.cadres import standards
from apps.core.scope import system_scope
from apps.core.workbooks.reading import read_workbook
from apps.files import actions, storage
from apps.files.models import BatchState
from apps.files.registry import DOWNLOADS, DownloadRule
from tests.cadres.sheets_kit import NOW, TODAY, looked_at, opened, read
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import person as row

LABEL = "tests.paper"
TEXT = "张三的材料".encode() * 20_000


@pytest.fixture
def rule():
    DOWNLOADS._items[LABEL] = DownloadRule((Right.CARE_VIEW,))
    yield
    DOWNLOADS._items.pop(LABEL, None)


@pytest.fixture
def paper(places, rule):
    with system_scope("test"):
        return storage.save(iter([TEXT]), name="材料.pdf", content_type="application/pdf", label=LABEL, org=places["浔阳区教育局"], by=None, sealed=True)


@pytest.fixture
def clerk(person):
    standards.load()
    return person("浔阳区", Role.COUNTY_OFFICER)


def audited(verb):
    with system_scope("test"):
        return list(AuditEvent.objects.filter(verb=verb).values_list("data__code", flat=True))


def tampered(stored):
    path = storage.path_of(stored)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_unreadable_on_disk_and_read_whole(paper):
    assert "张三".encode() not in storage.path_of(paper).read_bytes()
    assert (storage.read(paper), paper.size) == (TEXT, len(TEXT))


def test_laid_open_in_memory_for_as_long_as_it_is_read(paper):
    with storage.laid_open(paper) as path:
        assert path.read_bytes() == TEXT
        assert path.read_bytes() == TEXT
        assert "memfd" in os.readlink(path)
    assert not path.exists()


def test_a_workbook_is_read_by_the_child_process_without_a_name_on_disk(tmp_path, places, clerk):
    batch = opened(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1), row(2)]))), places["浔阳区"], clerk)
    assert batch.file.sealed
    assert not storage.path_of(batch.file).read_bytes().startswith(b"PK")
    with storage.laid_open(batch.file) as path, read_workbook(path) as book:
        assert [len(list(sheet.rows())) for sheet in book] == [3]


def test_downloaded_in_the_clear(client, person, paper):
    client.force_login(person("浔阳区", Role.WORKER))
    answer = client.get(reverse("files:download", args=[paper.key]))
    assert b"".join(answer.streaming_content) == TEXT
    assert answer["Content-Length"] == str(len(TEXT))


@pytest.mark.parametrize(
    ("harm", "code", "words"),
    [
        (tampered, "file_damaged", "已损坏或被改动过"),
        (lambda stored: storage.path_of(stored).unlink(), "file_lost", "找不到这个文件"),
        (lambda stored: storage.path_of(stored).write_bytes(b"PK"), "file_damaged", "已损坏或被改动过"),
    ],
    ids=["altered", "gone", "another file"],
)
def test_what_cannot_be_had_is_said_and_audited(client, person, paper, harm, code, words):
    harm(paper)
    client.force_login(person("浔阳区", Role.WORKER))
    answer = client.get(reverse("files:download", args=[paper.key]), headers={"Referer": "http://elsewhere.example/"}, follow=True)
    assert words in answer.content.decode()
    assert audited("file.unavailable") == [code]
    assert audited("file.opened") == []


@pytest.mark.parametrize(("harm", "code"), [(tampered, "file_damaged"), (lambda stored: storage.path_of(stored).unlink(), "file_lost")])
def test_a_batch_whose_file_cannot_be_had_fails_with_a_sentence(tmp_path, places, clerk, harm, code):
    batch = opened(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1)]))), places["浔阳区"], clerk)
    harm(batch.file)
    assert actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY) == BatchState.FAILED
    assert looked_at(batch).batch.error_code == code
    assert audited("file.unavailable") == [code]


def test_refused_rows_of_a_lost_file_send_back_to_the_batch(client, tmp_path, places, clerk):
    batch = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1), row(2, 身份证号="1")]))), places["浔阳区"], clerk).batch
    storage.path_of(batch.file).unlink()
    client.force_login(clerk)
    page = reverse("files:batch", args=[batch.pk])
    answer = client.get(reverse("files:refused", args=[batch.pk]), headers={"Referer": f"http://testserver{page}"}, follow=True)
    assert answer.redirect_chain[-1][0].endswith(page)
    assert "找不到这个文件" in answer.content.decode()


@pytest.fixture
def two_keys(settings):
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, 9: base64.b64encode(b"9" * 32).decode()}
    return settings


def test_keys_are_rotated_in_files_too(two_keys, paper, capsys):
    before = storage.path_of(paper).read_bytes()
    two_keys.FIELD_KEY_CURRENT = 9
    with pytest.raises(CommandError):
        call_command("rotate_field_keys", "--check")
    call_command("rotate_field_keys")
    assert storage.path_of(paper).read_bytes() != before
    two_keys.FIELD_KEYS = {9: two_keys.FIELD_KEYS[9]}
    assert storage.read(paper) == TEXT
    own = storage.path_of(paper)
    assert [one.name for one in own.parent.iterdir() if own.name in one.name] == [own.name]
    call_command("rotate_field_keys", "--check")


def test_a_file_that_does_not_open_is_named_and_left_alone(two_keys, paper, capsys):
    tampered(paper)
    before = storage.path_of(paper).read_bytes()
    two_keys.FIELD_KEY_CURRENT = 9
    with pytest.raises(CommandError, match="还有 1 条"):
        call_command("rotate_field_keys")
    assert str(paper.pk) in capsys.readouterr().err
    assert storage.path_of(paper).read_bytes() == before
