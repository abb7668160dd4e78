"""Stored files on their way to a browser: same rights as the record they belong to, audited, never guessed at by the browser."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.core.scope import system_scope
from apps.files import selectors, storage
from apps.files.models import StoredFile
from apps.files.registry import DOWNLOADS

DRAWN_BY_US = ("image/jpeg",)


@require_GET
@requires(*[right for right in Right if right not in (Right.ACCOUNT_OWN, Right.SECURITY_MANAGE, Right.AUDIT_VIEW)])
def download(request, key):
    """The file named by ``key`` (UUID). 404 outside the scope, 403 without the right its label asks for."""
    try:
        stored = selectors.file_to_open(request.user, request.scope, key)
    except StoredFile.DoesNotExist:
        raise Http404 from None
    rule = DOWNLOADS[stored.label]
    if not request.rights.intersection(rule.rights):
        raise PermissionDenied("您现在的角色不能打开这个文件。")
    try:
        storage.verify(stored)
        content = storage.opened(stored)
    except storage.NotToBeHad as gone:
        return unavailable(request, stored, gone)
    with system_scope("a file may lie beyond its reader's place"):
        audit.record("file.opened", stored, by=request.user, title=rule.title, data={"label": stored.label, "subject": stored.subject_id})
    inline = rule.inline and stored.content_type in DRAWN_BY_US
    response = delivered(content, name=stored.name, content_type=stored.content_type, inline=inline)
    response["Content-Length"] = stored.size
    return response


def unavailable(request, stored: StoredFile, why: storage.NotToBeHad):
    """Back to the page one came from, with the sentence; a redirect, since an answer of 400 and above would take the audit back."""
    with system_scope("a file may lie beyond its reader's place"):
        audit.record("file.unavailable", stored, by=request.user, data={"code": why.code})
    messages.error(request, why.sentence)
    before = request.headers.get("Referer", "")
    return redirect(before if url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()) else "/")


def delivered(content, *, name: str, content_type: str, inline: bool = False) -> FileResponse:
    """An answer that streams ``content``; the name in UTF-8 (RFC 5987); nothing is sniffed, cached or run."""
    response = FileResponse(content, as_attachment=not inline, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
