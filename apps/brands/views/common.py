"""What the pages of brands share."""

import io

from django.http import FileResponse, Http404

from apps.accounts.permissions import Right
from apps.cadres.views.common import carried_out, done, or_404, refused
from apps.core.calendar import Quarter
from apps.files.reporting import DOCX

__all__ = ["carried_out", "document", "done", "may_edit", "may_review", "or_404", "quarter_or_404", "refused"]


def may_edit(request) -> bool:
    return Right.BRAND_EDIT in request.rights


def may_review(request) -> bool:
    return Right.BRAND_REVIEW in request.rights


def quarter_or_404(year: int, quarter: int) -> Quarter:
    if not 2000 <= year <= 2100 or quarter not in (1, 2, 3, 4):
        raise Http404
    return Quarter(year, quarter)


def document(content: bytes, name: str) -> FileResponse:
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=DOCX)
