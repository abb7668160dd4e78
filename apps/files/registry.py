"""What the apps above tell this one about: who may open which stored file. Sheet kinds stand in ``apps.files.sheetkinds``."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.accounts.models import User
from apps.accounts.permissions import Right
from apps.core.registry import Registry
from apps.core.scope import Scope
from apps.files.models import StoredFile


@dataclass(frozen=True)
class RowOffer:
    """What an app above can do about rows refused for one reason: a page that takes the batch, opened by whoever holds ``right``."""

    kinds: tuple[str, ...]
    right: Right
    label: str
    url_name: str


ROW_OFFERS: Registry[RowOffer] = Registry("offer for refused rows")
"""Code of a problem → what can be done about it; registered in an app's ``sheets``."""


@dataclass(frozen=True)
class OwnMaking:
    """Rows that the portal opens by itself, untouched by anybody: no reason to keep a record that an import is taken back of. They go with it.

    ``condition``: SQL over the table, named ``x``. ``with_them``: (table, column) of rows that hang on these and go first.
    """

    condition: str
    with_them: tuple[tuple[str, str], ...] = ()


OWN_MAKING: Registry[OwnMaking] = Registry("rows opened by the portal itself")
"""Table → which of its rows; registered in an app's ``undoing.py``."""


def _nobody(user: User, scope: Scope, stored: StoredFile) -> bool:
    return False


def _anything(scope: Scope, stored: StoredFile) -> bool:
    return True


@dataclass(frozen=True)
class DownloadRule:
    """Files of one label open for whoever holds one of ``rights``, has the file's organisation in scope, and passes ``check(scope, file)``.

    ``check`` asks what the label's own object asks (is the visit still visible?). ``beyond(user, scope, file)`` lets in who reads the object though it lies outside the
    scope (a judge from another county); asked inside ``system_scope``. ``inline`` lets pictures show inside a page.
    """

    rights: tuple[Right, ...]
    check: Callable[[Scope, StoredFile], bool] = _anything
    beyond: Callable[[User, Scope, StoredFile], bool] = _nobody
    inline: bool = False
    title: str = "附件"


DOWNLOADS: Registry[DownloadRule] = Registry("download rule")
"""Label → rule. An app registers its labels in its ``attachments.py``: ``DOWNLOADS.add("care.visit", DownloadRule((Right.CARE_VIEW,), inline=True))``."""
