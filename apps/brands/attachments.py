"""Who may open a picture or paper: whoever may see its brand, report or practice where it lies; judges, and readers of what a city issued, wherever they sit."""

from apps.accounts.models import User
from apps.accounts.permissions import Right
from apps.brands.models import Brand, Practice, QuarterReport
from apps.brands.selectors import practices, reviews
from apps.brands.standards import BRAND_FILE, PRACTICE_FILE, REPORT_FILE
from apps.core.scope import Scope
from apps.files.models import StoredFile
from apps.files.registry import DOWNLOADS, DownloadRule


def brand_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return Brand.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


def brand_is_read(user: User, scope: Scope, stored: StoredFile) -> bool:
    return reviews.judges_brand(user, stored.subject_id) or (
        stored.content_type.startswith("image/") and practices.shown_to(scope).filter(pk=stored.subject_id).exists()
    )  # fmt: skip


def report_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return QuarterReport.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


def report_is_read(user: User, scope: Scope, stored: StoredFile) -> bool:
    found = QuarterReport.objects.filter(pk=stored.subject_id, state="accepted").first()
    return found is not None and reviews.judges_brand(user, found.brand_id)


def practice_is_visible(scope: Scope, stored: StoredFile) -> bool:
    return Practice.objects.visible_to(scope).filter(pk=stored.subject_id).exists()


def practice_is_read(user: User, scope: Scope, stored: StoredFile) -> bool:
    return practices.practices(scope).filter(pk=stored.subject_id).exists()


VIEW = (Right.BRAND_VIEW,)
DOWNLOADS.add(BRAND_FILE, DownloadRule(VIEW, brand_is_visible, brand_is_read, inline=True, title="品牌图片和材料"))
DOWNLOADS.add(REPORT_FILE, DownloadRule(VIEW, report_is_visible, report_is_read, inline=True, title="季度进展佐证"))
DOWNLOADS.add(PRACTICE_FILE, DownloadRule(VIEW, practice_is_visible, practice_is_read, inline=True, title="经验做法材料"))
