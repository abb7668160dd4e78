"""Who may open a photo of an activity: whoever may see the activity where it was held."""

from apps.accounts.permissions import Right
from apps.branches.models import Activity
from apps.branches.standards import ACTIVITY_PHOTO
from apps.core.scope import Scope
from apps.files.models import StoredFile
from apps.files.registry import DOWNLOADS, DownloadRule


def activity_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return Activity.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


DOWNLOADS.add(ACTIVITY_PHOTO, DownloadRule((Right.BRANCH_VIEW,), check=activity_is_visible, inline=True, title="组织生活照片"))
