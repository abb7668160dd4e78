"""What may be attached, how it is kept, and who may open it."""

import io
import stat
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from apps.accounts.permissions import Right, Role
from apps.activity.models import AuditEvent
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from apps.files import storage
from apps.files.registry import DOWNLOADS, DownloadRule

LABEL = "tests.paper"


@pytest.fixture
def rule():
    DOWNLOADS._items[LABEL] = DownloadRule((Right.CARE_VIEW,), inline=True)
    yield
    DOWNLOADS._items.pop(LABEL, None)


@pytest.fixture
def paper(places, rule):
    with system_scope("test"):
        return storage.save(b"%PDF-1.7 paper", name="报告 2026.pdf", content_type="application/pdf", label=LABEL, org=places["浔阳区教育局"], by=None)


def picture(form="JPEG", size=(3000, 1000), **kwargs):
    out = io.BytesIO()
    Image.new(kwargs.pop("mode", "RGB"), size, "red").save(out, form, **kwargs)
    return SimpleUploadedFile("IMG_1.jpg", out.getvalue())


def test_bytes_are_kept_for_the_portal_alone(paper):
    path = storage.path_of(paper)
    assert storage.read(paper) == b"%PDF-1.7 paper"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert paper.name not in str(path)
    assert paper.size == 14
    assert len(paper.sha256) == 64


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\花名册\\2026.xlsx", "2026.xlsx"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("..", "文件"),
        ("", "文件"),
        ("长" * 300 + ".xlsx", "长" * 150 + ".xlsx"),
    ],
)
def test_file_names(given, kept):
    assert storage.clean_file_name(given) == kept


def test_download_by_a_colleague(client, person, paper):
    client.force_login(person("浔阳区", Role.WORKER))
    answer = client.get(reverse("files:download", args=[paper.key]))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 paper"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A%202026.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    with system_scope("test"):
        assert AuditEvent.objects.filter(verb="file.opened", key=str(paper.pk)).count() == 1


def test_a_neighbour_gets_404_and_leaves_no_trace(client, person, paper):
    client.force_login(person("濂溪区", Role.WORKER))
    assert client.get(reverse("files:download", args=[paper.key])).status_code == 404
    with system_scope("test"):
        assert not AuditEvent.objects.filter(verb="file.opened").exists()


def test_without_the_right_of_its_label(client, person, paper):
    DOWNLOADS._items[LABEL] = DownloadRule((Right.TABLES_EDIT,))
    client.force_login(person("浔阳区", Role.WORKER))
    assert client.get(reverse("files:download", args=[paper.key])).status_code == 403


def test_the_record_it_belongs_to_may_refuse(client, person, paper):
    DOWNLOADS._items[LABEL] = DownloadRule((Right.CARE_VIEW,), check=lambda scope, stored: stored.subject_id == 7)
    client.force_login(person("浔阳区", Role.WORKER))
    assert client.get(reverse("files:download", args=[paper.key])).status_code == 404


def test_a_label_nobody_registered_opens_for_nobody(client, person, paper):
    del DOWNLOADS._items[LABEL]
    client.force_login(person("浔阳区", Role.WORKER))
    assert client.get(reverse("files:download", args=[paper.key])).status_code == 404


def test_photo_loses_size_and_metadata():
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated
    exif[0x010E] = "机密"
    accepted = storage.accept_photo(picture(exif=exif))
    with Image.open(io.BytesIO(accepted.content)) as drawn:
        assert drawn.format == "JPEG"
        assert max(drawn.size) <= 2560
        assert drawn.height > drawn.width
        assert not drawn.getexif()
    assert (accepted.name, accepted.content_type) == ("IMG_1.jpg", "image/jpeg")


def test_transparent_png_becomes_white():
    accepted = storage.accept_photo(picture("PNG", (10, 10), mode="RGBA"))
    assert accepted.content.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"GIF89a....", "photo_type"),
        (b"<svg onload=alert(1)>", "photo_type"),
        (b"\xff\xd8\xff\xe0 not a picture", "photo_broken"),
        (b"\x00\x00\x00\x18ftypheic....", "photo_type"),
        (b"", "photo_type"),
    ],
)
def test_what_is_no_photo(content, code):
    with pytest.raises(Refused) as refused:
        storage.accept_photo(SimpleUploadedFile("照片.jpg", content))
    assert refused.value.code == code


def test_a_cut_off_photo_is_broken():
    with pytest.raises(Refused) as refused:
        storage.accept_photo(SimpleUploadedFile("照片.jpg", picture("PNG").read()[:-200]))
    assert refused.value.code == "photo_broken"


def test_a_huge_photo_is_refused(settings):
    settings.PHOTO_MAX_BYTES = 100
    with pytest.raises(Refused, match="超过"):
        storage.accept_photo(picture())


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_drawn():
    with pytest.raises(Refused) as refused:
        storage.accept_photo(picture("PNG", (20_000, 7_000), mode="1"))
    assert refused.value.code == "photo_size"


def zipped(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in names:
            package.writestr(zipfile.ZipInfo(name), "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.4", "通知.pdf"),
        (zipped("word/document.xml"), "通知.docx"),
        (zipped("xl/workbook.xml"), "通知.xlsx"),
        (picture("PNG", (9, 9)).read(), "通知.jpg"),
    ],
)
def test_documents_are_told_by_content(content, name):
    assert storage.accept_document(SimpleUploadedFile("通知.bin", content)).name == name


@pytest.mark.parametrize("content", [b"MZ\x90", b"hello", zipped("a.txt"), zipped("word/document.xml", "word/vbaProject.bin"), b"PK\x03\x04 broken"])
def test_other_documents_are_refused(content):
    with pytest.raises(Refused) as refused:
        storage.accept_document(SimpleUploadedFile("通知.pdf", content))
    assert refused.value.code == "file_type"
