"""What a voter sees: the code, the questions, thanks. No login, large type, nothing stored in any cache."""

from axes.helpers import get_client_ip_address
from django.shortcuts import redirect, render

from apps.accounts.permissions import public
from apps.branches.actions import voting as actions
from apps.branches.pledge_forms import VoteForm
from apps.branches.views.common import carried_out
from apps.core.forms import CodeForm


def _page(request, template: str, context: dict, status: int = 200):
    response = render(request, template, context | {"elder": True}, status=status)
    response["Cache-Control"] = "no-store"
    return response


@public
def vote(request):
    """GET asks for the code (the script takes it from behind ``#``); POST with the code shows the questions, with them filled in it votes."""
    form = CodeForm(request.POST or None)
    if request.method != "POST":
        return _page(request, "branches/vote.html", {"form": form})
    given = {"today": request.today, "address": get_client_ip_address(request) or "-"}
    ballot, status = carried_out(form, lambda: actions.ballot_of(code=form.cleaned_data["code"], **given))
    if not ballot:
        return _page(request, "branches/vote.html", {"form": form}, status)
    filled = "remark" in request.POST
    answers = VoteForm(request.POST if filled else None, questions=ballot.questions, initial={"code": form.cleaned_data["code"]})
    status = 200
    if filled:
        cast, status = carried_out(answers, lambda: _cast(answers, given))
        if cast:
            return redirect("voted")
    return _page(request, "branches/vote.html", {"form": answers, "ballot": ballot}, status)


def _cast(form, given: dict) -> bool:
    actions.vote(code=form.cleaned_data["code"], grades=form.grades(), remark=form.cleaned_data["remark"], **given)
    return True


@public
def voted(request):
    return _page(request, "branches/voted.html", {})
