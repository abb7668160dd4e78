"""What a browser keeps so that the portal opens without a line: the files of the shell, and one page without anybody's data (static/js/vault.js has the rest)."""

import hashlib
from collections.abc import Iterable

from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.crypto import salted_hmac

SHELL = (
    "css/tokens.css", "css/base.css", "css/layout.css", "css/components.css", "css/tables.css", "css/forms.css", "css/elder.css", "css/print.css", "css/care.css",
    "js/portal.js", "js/vault.js", "js/drafts.js", "js/outbox.js", "js/care.js", "js/offline.js", "img/icons.svg", "img/favicon.svg",
)  # fmt: skip
"""Everything templates/offline/page.html asks for; a test compares the two."""
CARRIED_UNTIL, NARROWED = "carried_until", "narrowed"
"""Keys of the session: until when (seconds since 1970) a list is carried along; that it outlived its idle time and opens only what that needs."""


def shell_urls() -> list[str]:
    return [static(name) for name in SHELL]


def version(*texts: str) -> str:
    """Changes with every file of the shell and with ``texts``; the same on every machine that runs the same release."""
    digest = hashlib.sha256()
    for part in (*shell_urls(), *texts):
        digest.update(part.encode() + b"\0")
    for content in _contents(SHELL):
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def _contents(names: Iterable[str]) -> Iterable[bytes]:
    for name in names:
        if path := finders.find(name):
            with open(path, "rb") as file:
                yield file.read()


def acting_mark(request: HttpRequest) -> str:
    """Changes when somebody signs in anew, takes another role or reading size; says nothing of the session. "" for nobody."""
    user, membership = getattr(request, "user", None), getattr(request, "membership", None)
    session = getattr(request, "session", None)
    if not (user and user.is_authenticated and session is not None and session.session_key):
        return ""
    parts = (session.session_key, user.pk, getattr(membership, "pk", ""), bool(getattr(user, "elder_mode", False)))
    return salted_hmac("portal.acting", repr(parts), algorithm="sha256").hexdigest()[:24]
