"""The search box at the top: one person found opens at once, several are listed."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.permissions import Right, requires
from apps.cadres import selectors

SHOWN = 20


@requires(Right.CADRE_VIEW)
def index(request):
    text = request.GET.get("q", "").strip()
    found = list(selectors.found(request.scope, text, limit=SHOWN + 1)) if text else []
    if len(found) == 1:
        return redirect("cadres:detail", found[0].pk)
    more = f"{reverse('cadres:list')}?{urlencode({'q': text})}" if len(found) > SHOWN else ""
    return render(request, "dashboard/search.html", {"found": found[:SHOWN], "q": text, "more": more})
