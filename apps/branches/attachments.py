"""Who may open a photo of an activity or a proof of a rectification, an application or a 换届: whoever may see these where the branch lies."""

from apps.accounts.permissions import Right
from apps.branches.models import Activity, Application, ElectionPaper, Rectification
from apps.branches.standards import ACTIVITY_PHOTO, ELECTION_PAPER, EVIDENCE, RECTIFY_PROOF
from apps.core.scope import Scope
from apps.files.models import StoredFile
from apps.files.registry import DOWNLOADS, DownloadRule


def activity_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return Activity.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


def rectification_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return Rectification.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


def application_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return Application.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


def paper_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return ElectionPaper.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


DOWNLOADS.add(ELECTION_PAPER, DownloadRule((Right.BRANCH_VIEW,), check=paper_is_visible, inline=True, title="换届材料"))
DOWNLOADS.add(EVIDENCE, DownloadRule((Right.BRANCH_VIEW,), check=application_is_visible, inline=True, title="示范党支部申报佐证"))
DOWNLOADS.add(RECTIFY_PROOF, DownloadRule((Right.BRANCH_VIEW,), check=rectification_is_visible, inline=True, title="整改佐证材料"))
DOWNLOADS.add(ACTIVITY_PHOTO, DownloadRule((Right.BRANCH_VIEW,), check=activity_is_visible, inline=True, title="组织生活照片"))
