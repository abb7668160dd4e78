"""What the pages of care share."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse

from apps.cadres.views.common import carried_out, or_404, refused
from apps.core.outbox import saved

__all__ = ["SHOWN_TOTAL", "carried_out", "done", "or_404", "refused", "tabs"]
SHOWN_TOTAL = 10_000


def done(request, sentence: str, url_name: str, *args, draft: str = "", anchor: str = ""):
    """Say it and go on; forgets the draft of the form that was saved."""
    messages.success(request, sentence, extra_tags=f"draft:{draft}" if draft else "")
    return saved(redirect(reverse(url_name, args=args) + (f"#{anchor}" if anchor else "")))


def tabs(*entries: tuple) -> list[dict]:
    return [{"label": label, "url": url, "active": active} for label, url, active in entries]
