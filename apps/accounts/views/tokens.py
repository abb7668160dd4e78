"""One's own tokens for the API: issued once, shown once, revoked at will."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.accounts import actions, selectors
from apps.accounts.forms import TokenForm
from apps.accounts.permissions import Right, requires


@requires(Right.ACCOUNT_OWN)
def index(request):
    form = TokenForm(request.POST or None)
    context = {"form": form, "tokens": selectors.tokens_of(request.user), "issued": ""}
    if request.method == "POST" and form.is_valid():
        context |= {"issued": actions.issue_token(user=request.user, days=form.cleaned_data["days"]), "form": TokenForm()}
        context["tokens"] = selectors.tokens_of(request.user)
    response = render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@requires(Right.ACCOUNT_OWN)
def revoke(request, key):
    """``key``: the beginning of the token, as the list shows it; only one's own."""
    if not actions.revoke_token(user=request.user, key=key):
        raise Http404
    messages.success(request, "令牌已撤销，用它的程序立即失效。")
    return redirect("accounts:tokens")
