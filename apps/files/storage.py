"""Bytes outside the web root: each file under a name of its own, readable by the portal's user alone, found through its StoredFile row.

The bytes are written before the row. A transaction that is rolled back leaves bytes without a row, which nobody can reach.
"""

import hashlib
import os
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from apps.files.accepting import Accepted, accept_document, accept_photo, clean_file_name
from apps.files.models import StoredFile

__all__ = ["Accepted", "accept_document", "accept_photo", "clean_file_name", "path_of", "read", "save"]


def path_of(stored: StoredFile) -> Path:
    return Path(settings.MEDIA_ROOT) / stored.path


def read(stored: StoredFile) -> bytes:
    """Raises FileNotFoundError when the bytes have been removed."""
    return path_of(stored).read_bytes()


def save(
    content: bytes | Iterable[bytes], *, name: str, content_type: str, label: str, org, by, subject_id: int | None = None, expires_on=None
) -> StoredFile:
    """Keep ``content`` (bytes, or chunks of them: an uploaded file's ``chunks()``) for the object that ``label`` and ``subject_id`` name.

    ``label`` must have a rule in ``apps.files.registry.DOWNLOADS``, else nobody will be able to open the file.
    """
    key = uuid.uuid4()
    relative = f"{key.hex[:2]}/{key.hex}"
    size, digest = _write(Path(settings.MEDIA_ROOT) / relative, [content] if isinstance(content, bytes) else content)
    return StoredFile.objects.create(
        key=key, name=clean_file_name(name), content_type=content_type, size=size, sha256=digest, path=relative,
        label=label, subject_id=subject_id, org=org, created_by=by, expires_on=expires_on,
    )  # fmt: skip


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """(bytes, SHA-256) of what was written; mode 0600, on disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for chunk in chunks:
            digest.update(chunk)
            size += out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return size, digest.hexdigest()
