"""Stored files and the copies given back of them."""

from datetime import date

from django.urls import reverse

from apps.accounts.models import User
from apps.core.scope import Scope, system_scope
from apps.files.models import ImportBatch, StoredFile
from apps.files.registry import DOWNLOADS


def stored_file(scope: Scope, key) -> StoredFile:
    """Raises ``StoredFile.DoesNotExist`` outside the scope."""
    return StoredFile.objects.visible_to(scope).get(key=key)


def file_to_open(user: User, scope: Scope, key) -> StoredFile:
    """The file named by ``key`` if the rule of its label lets this reader have it. Raises ``StoredFile.DoesNotExist`` otherwise."""
    try:
        stored = stored_file(scope, key)
    except StoredFile.DoesNotExist:
        with system_scope("a file of an object that is read beyond its place"):
            stored = StoredFile.objects.get(key=key)
            if stored.label in DOWNLOADS and DOWNLOADS[stored.label].beyond(user, scope, stored):
                return stored
        raise
    if stored.label not in DOWNLOADS or not DOWNLOADS[stored.label].check(scope, stored):
        raise StoredFile.DoesNotExist
    return stored


def sealed_files(scope: Scope):
    """Files that lie encrypted and still have their bytes, in pages."""
    return StoredFile.objects.visible_to(scope).filter(sealed=True, removed_at=None).order_by("pk").iterator(chunk_size=1000)


def copy_url(batch: ImportBatch, what: str) -> str:
    """``what``: annotated or refused."""
    return reverse(f"files:{what}", args=[batch.pk])


def copy_name(batch: ImportBatch, what: str) -> str:
    """What the copy of a batch's file is called: the whole with its problems, or the refused rows."""
    stem = batch.file.name.rsplit(".", 1)[0]
    rest = f"待修改的 {batch.counts.get('refused', 0)} 行" if what == "refused" else "已标注"
    return f"{stem}－{rest}.xlsx"


def kept_copy(scope: Scope, batch: ImportBatch, what: str) -> StoredFile | None:
    """The newest copy made in the background since the batch last changed."""
    since = max(moment for moment in (batch.created_at, batch.checked_at, batch.applied_at) if moment)
    found = StoredFile.objects.visible_to(scope).filter(label=batch.file.label, subject_id=batch.pk, name=copy_name(batch, what), created_at__gte=since, removed_at=None)
    return found.exclude(pk=batch.file_id).order_by("-pk").first()


def expired_files(scope: Scope, today: date):
    """Files whose time is over and whose bytes are still there."""
    return StoredFile.objects.visible_to(scope).filter(expires_on__lt=today, removed_at=None).order_by("pk")
