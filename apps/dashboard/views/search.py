"""The search box at the top: one person found opens at once, several are listed by the registry."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.permissions import Right, requires
from apps.cadres import selectors


@requires(Right.CADRE_VIEW)
def index(request):
    text = request.GET.get("q", "").strip()
    if not text:
        return redirect("cadres:list")
    found = list(selectors.matching(request.scope, text).values_list("pk", flat=True).order_by()[:2])
    if len(found) == 1:
        return redirect("cadres:detail", found[0])
    return redirect(f"{reverse('cadres:list')}?{urlencode({'q': text, 'standing': 'all'})}")
