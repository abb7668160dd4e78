"""Who may open a photo of an activity or a proof of a rectification: whoever may see these where the branch lies."""

from apps.accounts.permissions import Right
from apps.branches.models import Activity, Rectification
from apps.branches.standards import ACTIVITY_PHOTO, RECTIFY_PROOF
from apps.core.scope import Scope
from apps.files.models import StoredFile
from apps.files.registry import DOWNLOADS, DownloadRule


def activity_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return Activity.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


def rectification_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return Rectification.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


DOWNLOADS.add(RECTIFY_PROOF, DownloadRule((Right.BRANCH_VIEW,), check=rectification_is_visible, inline=True, title="整改佐证材料"))
DOWNLOADS.add(ACTIVITY_PHOTO, DownloadRule((Right.BRANCH_VIEW,), check=activity_is_visible, inline=True, title="组织生活照片"))
