"""Every read of stored files and import batches; the scope comes first."""

from apps.core.scope import Scope
from apps.files.models import StoredFile


def stored_file(scope: Scope, key) -> StoredFile:
    """Raises ``StoredFile.DoesNotExist`` outside the scope."""
    return StoredFile.objects.visible_to(scope).get(key=key)
