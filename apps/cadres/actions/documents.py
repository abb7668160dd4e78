"""Papers kept with a person: PDF, Word, pictures."""

from django.db import transaction

from apps.accounts.models import User
from apps.activity import audit
from apps.cadres.models import Cadre
from apps.cadres.selectors.person import LABEL
from apps.files import storage
from apps.files.models import StoredFile


@transaction.atomic
def add_document(*, cadre: Cadre, upload, by: User) -> StoredFile:
    """Keep an uploaded file with the person. Raises ``Refused`` for a kind or size that isn't taken."""
    accepted = storage.accept_document(upload)
    stored = storage.save(accepted.content, name=accepted.name, content_type=accepted.content_type, label=LABEL, org=cadre.org, by=by, subject_id=cadre.pk)
    audit.record("cadre.changed", cadre, by=by, note="上传文件", data={"file": stored.name})
    return stored


@transaction.atomic
def remove_document(*, cadre: Cadre, stored: StoredFile, by: User) -> None:
    """Take a file out of the person's record; the bytes go with the row once the transaction is through."""
    path = storage.path_of(stored)
    audit.record("cadre.changed", cadre, by=by, note="删除文件", data={"file": stored.name, "sha256": stored.sha256})
    stored.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
