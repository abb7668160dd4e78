"""Who may open a photo of a visit: whoever may see the visit."""

from apps.accounts.permissions import Right
from apps.care.actions.visits import PHOTO_LABEL
from apps.care.selectors.visits import visits
from apps.core.scope import Scope
from apps.files.models import StoredFile
from apps.files.registry import DOWNLOADS, DownloadRule


def visit_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return visits(scope).filter(pk=stored.subject_id).exists()


DOWNLOADS.add(PHOTO_LABEL, DownloadRule((Right.CARE_VIEW,), check=visit_is_visible, inline=True, title="走访照片"))
