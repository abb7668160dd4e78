"""Who may open a picture or paper of a brand or a report: whoever may see these where they lie."""

from apps.accounts.permissions import Right
from apps.brands.models import Brand, QuarterReport
from apps.brands.standards import BRAND_FILE, REPORT_FILE
from apps.core.scope import Scope
from apps.files.models import StoredFile
from apps.files.registry import DOWNLOADS, DownloadRule


def brand_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return Brand.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


def report_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return QuarterReport.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


DOWNLOADS.add(BRAND_FILE, DownloadRule((Right.BRAND_VIEW,), check=brand_is_visible, inline=True, title="品牌图片和材料"))
DOWNLOADS.add(REPORT_FILE, DownloadRule((Right.BRAND_VIEW,), check=report_is_visible, inline=True, title="季度进展佐证"))
