"""What may be attached to a record: told from the content, never from the name; pictures are drawn anew so that nothing hides in them."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from apps.core.refusal import Refused

LONGEST_NAME = 150
_HIDDEN = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]+')
LONGEST_SIDE = 2560
MOST_PIXELS = 120_000_000
JPEG_QUALITY = 85
PICTURES = ("JPEG", "PNG", "WEBP")
OFFICE = {
    "word/document.xml": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
Image.MAX_IMAGE_PIXELS = None  # MOST_PIXELS decides, with a sentence instead of a warning


@dataclass(frozen=True)
class Accepted:
    """Bytes that may be kept: ``storage.save(a.content, name=a.name, content_type=a.content_type, …)``."""

    content: bytes
    name: str
    content_type: str


def clean_file_name(name: str, fallback: str = "文件") -> str:
    """The last part of the name without characters that hide, reverse or break it; the extension survives shortening."""
    last = unicodedata.normalize("NFC", name or "").replace("\\", "/").rsplit("/", 1)[-1]
    last = _FORBIDDEN.sub("_", _HIDDEN.sub("", last)).strip(" .")
    stem, dot, extension = last.rpartition(".")
    if not dot or len(extension) > 8:
        stem, extension = last, ""
    return (stem[:LONGEST_NAME] or fallback) + (f".{extension}" if extension else "")


def accept_photo(upload) -> Accepted:
    """A JPEG without any metadata, upright, at most 2560 px long, from an uploaded JPEG, PNG or WebP.

    Raises ``Refused`` (code ``photo_size``, ``photo_type``, ``photo_broken``) with a sentence for the user.
    """
    limit = settings.PHOTO_MAX_BYTES
    if upload.size > limit:
        raise Refused(f"照片“{upload.name}”超过 {limit // 2**20} MB，请压缩后再传。", code="photo_size")
    upload.seek(0)
    content = upload.read()
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        raise Refused(f"“{upload.name}”是 HEIC 格式，暂不支持。请在手机上改存为 JPG 后再传。", code="photo_type")
    stem = clean_file_name(upload.name, "照片").rsplit(".", 1)[0]
    return Accepted(_redrawn(content, upload.name), f"{stem}.jpg", "image/jpeg")


def _redrawn(content: bytes, name: str) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=PICTURES) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused(f"照片“{name}”的像素太大，请缩小后再传。", code="photo_size")
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _as_jpeg(upright)
    except UnidentifiedImageError:
        raise Refused(f"“{name}”不是照片。请选 JPG 或 PNG 格式的图片。", code="photo_type") from None
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        raise Refused(f"照片“{name}”已损坏，打不开。请重新拍摄或另选一张。", code="photo_broken") from None


def _as_jpeg(picture: Image.Image) -> bytes:
    if picture.mode in ("RGBA", "LA", "PA", "P"):
        picture = picture.convert("RGBA")
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(picture, mask=picture.getchannel("A"))
        picture = flat
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=JPEG_QUALITY, optimize=True, exif=b"")
    return out.getvalue()


def accept_document(upload) -> Accepted:
    """A PDF, .docx, .xlsx or picture (pictures as ``accept_photo`` makes them). Raises ``Refused`` (``file_size``, ``file_type``)."""
    limit = settings.PHOTO_MAX_BYTES * 2
    if upload.size > limit:
        raise Refused(f"文件“{upload.name}”超过 {limit // 2**20} MB，请压缩后再传。", code="file_size")
    upload.seek(0)
    content = upload.read()
    stem = clean_file_name(upload.name).rsplit(".", 1)[0]
    if content.startswith(b"%PDF-"):
        return Accepted(content, f"{stem}.pdf", "application/pdf")
    if content.startswith(b"PK\x03\x04") and (found := _office(content)):
        extension, content_type = found
        return Accepted(content, f"{stem}.{extension}", content_type)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG")):
        return accept_photo(upload)
    raise Refused(f"不能上传“{upload.name}”这类文件。可以上传 PDF、Word（.docx）、Excel（.xlsx）和 JPG、PNG 图片。", code="file_type")


def accept_documents(uploads: Iterable, *, most: int, field: str) -> list[Accepted]:
    """Each as ``accept_document`` gives it. Raises ``Refused`` at ``field``, also for more than ``most``."""
    chosen = list(uploads)
    if len(chosen) > most:
        raise Refused(f"一次最多传 {most} 份文件。", code="file_count", field=field)
    try:
        return [accept_document(one) for one in chosen]
    except Refused as problem:
        raise Refused(problem.sentence, code=problem.code, field=field) from None


def _office(content: bytes) -> tuple[str, str] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, ValueError):
        return None
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Refused("文件里含有宏，为安全起见不能上传。请另存为不含宏的 .docx 或 .xlsx。", code="file_type")
    return next((kind for part, kind in OFFICE.items() if part in names), None)
