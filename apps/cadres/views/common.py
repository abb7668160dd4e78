"""What the pages of the registry share."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from apps.accounts.permissions import RIGHT_NAMES, Right
from apps.cadres.workflow import reason_against_editing
from apps.core.outbox import saved
from apps.core.refusal import Refused


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


def lacks(request, right: Right) -> str:
    """Why a button is grey: the role lacks the right; "" when it has it."""
    return "" if right in request.rights else f"您的角色没有「{RIGHT_NAMES[right]}」的权限。"


def reason_not_to_edit(request, cadre) -> str:
    return lacks(request, Right.CADRE_EDIT) or reason_against_editing(cadre)


def no_store(response):
    """An answer with closed values in it stays in no cache."""
    response["Cache-Control"] = "no-store"
    return response
