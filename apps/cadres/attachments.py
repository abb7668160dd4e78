"""Who may open a paper kept with a person."""

from apps.accounts.permissions import Right
from apps.cadres import selectors
from apps.cadres.models import Cadre
from apps.cadres.selectors.person import LABEL
from apps.files.registry import DOWNLOADS, DownloadRule


def _visible(scope, stored) -> bool:
    try:
        selectors.cadre(scope, stored.subject_id)
    except Cadre.DoesNotExist:
        return False
    return True


DOWNLOADS.add(LABEL, DownloadRule((Right.CADRE_VIEW,), _visible, title="人员档案文件"))
