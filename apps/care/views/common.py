"""What the pages of care share."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.outbox import saved
from apps.core.refusal import Refused

SHOWN_TOTAL = 10_000


def or_404(view):
    """What isn't there, or isn't in one's scope, is not found; the two look alike."""

    @wraps(view)
    def found(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist:
            raise Http404 from None

    return found


def carried_out(form, act) -> tuple[object, int]:
    """(result, 200) of ``act()``; or (None, status) with the refusal shown in the form. What a refused act has written is taken back."""
    if not form.is_valid():
        return None, 422
    try:
        with transaction.atomic():
            return act(), 200
    except Refused as refused:
        form.refuse(refused)
        return None, 409 if refused.status == 409 else 422


def done(request, sentence: str, url_name: str, *args, draft: str = "", anchor: str = ""):
    """Say it and go on; forgets the draft of the form that was saved."""
    messages.success(request, sentence, extra_tags=f"draft:{draft}" if draft else "")
    return saved(redirect(reverse(url_name, args=args) + (f"#{anchor}" if anchor else "")))


def refused(request, problem: Refused, url_name: str, *args):
    """Say why not and go back; for buttons without a form of their own."""
    messages.error(request, problem.sentence)
    return redirect(reverse(url_name, args=args))


def tabs(*entries: tuple) -> list[dict]:
    return [{"label": label, "url": url, "active": active} for label, url, active in entries]
