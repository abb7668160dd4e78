"""What the pages of branches share."""

from apps.accounts.permissions import Right
from apps.cadres.views.common import carried_out, done, or_404, refused
from apps.core.web import site

__all__ = ["carried_out", "done", "may_edit", "or_404", "refused", "site", "year_of"]


def may_edit(request) -> bool:
    return Right.BRANCH_EDIT in request.rights


def year_of(request) -> int:
    """``?year=``; the running one for nonsense."""
    text = request.GET.get("year", "")
    return int(text) if text.isdecimal() and len(text) == 4 and 2000 <= int(text) <= request.today.year + 1 else request.today.year
