"""Who may open a photo of a visit or a paper of an application: whoever may see the visit or the application; papers ask for a right of aid."""

from apps.accounts.permissions import Right
from apps.care.actions.visits import PHOTO_LABEL
from apps.care.selectors.aid import PROOF_LABEL, RECEIPT_LABEL, cases
from apps.care.selectors.todos import todos
from apps.care.selectors.visits import visits
from apps.care.standards import EVIDENCE_LABEL
from apps.core.scope import Scope
from apps.files.models import StoredFile
from apps.files.registry import DOWNLOADS, DownloadRule

AID = (Right.AID_APPLY, Right.AID_REVIEW, Right.AID_APPROVE)


def visit_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return visits(scope).filter(pk=stored.subject_id).exists()


def case_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return cases(scope).filter(pk=stored.subject_id).exists()


def todo_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return todos(scope).filter(pk=stored.subject_id).exists()


DOWNLOADS.add(EVIDENCE_LABEL, DownloadRule((Right.CARE_VIEW,), check=todo_is_visible, inline=True, title="办理凭据"))
DOWNLOADS.add(PHOTO_LABEL, DownloadRule((Right.CARE_VIEW,), check=visit_is_visible, inline=True, title="走访照片"))
DOWNLOADS.add(PROOF_LABEL, DownloadRule(AID, check=case_is_visible, inline=True, title="困难帮扶证明材料"))
DOWNLOADS.add(RECEIPT_LABEL, DownloadRule(AID, check=case_is_visible, inline=True, title="困难帮扶回执"))
