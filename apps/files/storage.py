"""Bytes outside the web root: each file under a name of its own, readable by the portal's user alone, found through its StoredFile row.

The bytes are written before the row. A transaction that is rolled back leaves bytes without a row, which nobody can reach. A sealed file lies
encrypted; ``opened`` and ``laid_open`` give both sorts in the clear, and its text never has a name on disk.
"""

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import structlog
from django.conf import settings
from django.db import transaction

from apps.core import sealed_streams
from apps.core.crypto import WrongKey
from apps.core.refusal import Refused
from apps.files.accepting import Accepted, accept_document, accept_documents, accept_photo, clean_file_name
from apps.files.models import StoredFile

__all__ = [
    "Accepted", "NotToBeHad", "accept_document", "accept_documents", "accept_photo", "clean_file_name", "discard",
    "laid_open", "opened", "path_of", "read", "reseal", "save", "verify",
]  # fmt: skip

log = structlog.get_logger(__name__)
OPEN_FILES = Path("/proc/self/fd")
REMOVED = "原文件已按期删除，不能再打开。"
LOST = "服务器上找不到这个文件，可能已丢失。请与系统管理员联系，或重新上传。"
DAMAGED = "这个文件打不开：保存的内容已损坏或被改动过。请与系统管理员联系，或重新上传。"


class NotToBeHad(Refused):
    """The bytes can't be given; ``code`` is ``file_removed`` (as planned), ``file_lost`` or ``file_damaged``."""


def path_of(stored: StoredFile) -> Path:
    """Where the bytes lie; those of a sealed file say nothing, ``opened`` reads them."""
    return Path(settings.MEDIA_ROOT) / stored.path


def opened(stored: StoredFile) -> BinaryIO:
    """A file's content as a stream, use it with ``with``. Raises ``NotToBeHad`` here; ``WrongKey`` while a sealed file that was altered is read."""
    if stored.removed_at:
        raise NotToBeHad(REMOVED, code="file_removed", status=410)
    try:
        source = path_of(stored).open("rb")
    except FileNotFoundError:
        log.error("file.lost", file=stored.pk)
        raise NotToBeHad(LOST, code="file_lost", status=410) from None
    if not stored.sealed:
        return source
    with told_as_damaged(stored):
        return sealed_streams.opened(source, str(stored.key))


@contextmanager
def told_as_damaged(stored: StoredFile) -> Iterator[None]:
    """What a sealed file that doesn't open is told as."""
    try:
        yield
    except WrongKey as why:
        log.error("file.damaged", file=stored.pk, why=str(why))
        raise NotToBeHad(DAMAGED, code="file_damaged", status=410) from None


def verify(stored: StoredFile) -> None:
    """Read a sealed file to its end, so that an altered one is refused before its first byte goes out. Raises ``NotToBeHad``."""
    with opened(stored) as content, told_as_damaged(stored):
        while stored.sealed and content.read(sealed_streams.CHUNK):
            pass


def read(stored: StoredFile) -> bytes:
    """The whole content. Raises ``NotToBeHad``."""
    with opened(stored) as content, told_as_damaged(stored):
        return content.read()


@contextmanager
def laid_open(stored: StoredFile) -> Iterator[Path]:
    """A path for readers that want one. For a sealed file it is ``/proc/self/fd/N``: its text lies in memory and is gone with this process or the block.

    Raises ``NotToBeHad``.
    """
    with opened(stored) as content:
        if not stored.sealed:
            yield path_of(stored)
            return
        number = os.memfd_create("stored", os.MFD_CLOEXEC)
        try:
            with told_as_damaged(stored), open(number, "wb", closefd=False) as text:
                while chunk := content.read(sealed_streams.CHUNK):
                    text.write(chunk)
            yield OPEN_FILES / str(number)
        finally:
            os.close(number)


def save(
    content: bytes | Iterable[bytes], *, name: str, content_type: str, label: str, org, by, subject_id: int | None = None, expires_on=None, sealed: bool = False
) -> StoredFile:
    """Keep ``content`` (bytes, or chunks of them: an uploaded file's ``chunks()``) for the object that ``label`` and ``subject_id`` name.

    ``label`` must have a rule in ``apps.files.registry.DOWNLOADS``, else nobody will be able to open the file. ``sealed`` files lie encrypted;
    after ``expires_on`` the bytes are removed and the row stays. Size and digest are those of the content.
    """
    key = uuid.uuid4()
    relative = f"{key.hex[:2]}/{key.hex}"
    counted = _Counted([content] if isinstance(content, bytes) else content)
    _write(Path(settings.MEDIA_ROOT) / relative, sealed_streams.sealed(counted, str(key)) if sealed else counted)
    return StoredFile.objects.create(
        key=key, name=clean_file_name(name), content_type=content_type, size=counted.size, sha256=counted.digest.hexdigest(), path=relative,
        label=label, subject_id=subject_id, org=org, created_by=by, expires_on=expires_on, sealed=sealed,
    )  # fmt: skip


def discard(stored: StoredFile) -> None:
    """Take a file away that its record may lose: the row now, the bytes once the transaction is through. Call it in one."""
    path = path_of(stored)
    stored.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def reseal(stored: StoredFile) -> None:
    """Write a sealed file anew under the current key; readers of the old bytes finish with them. Raises ``NotToBeHad``."""
    path = path_of(stored)
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        with opened(stored) as content, told_as_damaged(stored):
            _write(fresh, sealed_streams.sealed(iter(lambda: content.read(sealed_streams.CHUNK), b""), str(stored.key)))
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


class _Counted:
    """Chunks on their way, counted and digested."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self.size, self.digest = chunks, 0, hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            self.digest.update(chunk)
            yield chunk


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    """Mode 0600, on disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for chunk in chunks:
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
