"""一人一卡 for one person, or a sheet of cards for a place; numbers in the clear only with a reason, which the audit keeps."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render

from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.care.cards import card_of
from apps.care.forms.cards import CardsForm, ReasonForm
from apps.care.selectors import doctors, due, people
from apps.care.views.common import or_404
from apps.core.web import site

MOST = 200


def _shown(request, found: list, template: str, context: dict):
    """The cards; POST with a reason shows the numbers."""
    form, full = ReasonForm(request.POST or None), False
    if request.method == "POST":
        if Right.CADRE_REVEAL not in request.rights:
            raise PermissionDenied("您现在的角色不能查看电话原文。")
        full = form.is_valid()
    reason = form.cleaned_data["reason"] if full else ""
    plans = due.newest_plans(request.scope, [cadre.pk for cadre in found])
    terms = doctors.in_force(request.scope, [cadre.pk for cadre in found], request.today)
    cards = [card_of(cadre, plans.get(cadre.pk), site=site(request), full=full, contract=terms.get(cadre.pk)) for cadre in found]
    if cards:
        only = found[0] if len(found) == 1 else None
        audit.record("cadre.printed", only, by=request.user, note=reason, data={"cards": len(cards), "full": full}, title=f"一人一卡 {len(cards)} 张")
    may = Right.CADRE_REVEAL in request.rights
    answer = render(request, template, context | {"cards": cards, "full": full, "reason_form": form if may else None}, status=422 if form.errors else 200)
    answer["Cache-Control"] = "private, no-store"
    return answer


@requires(Right.CARE_VIEW)
@or_404
def card(request, pk):
    cadre = people.person(request.scope, pk)
    return _shown(request, [cadre], "care/card.html", {"cadre": cadre, "size": "a5"})


@requires(Right.CARE_VIEW)
def cards(request):
    """``?org=``, ``worker=``, ``attention_class=``: whose; at most ``MOST`` at once. ``size`` is a5 (one a page) or a6 (four on an A4)."""
    form = CardsForm(request.GET, scope=request.scope, today=request.today)
    wanted = form.wanted()
    size = wanted.pop("size", "a6")
    chosen = bool(wanted)
    found = list(people.people_for_cards(request.scope, wanted)[: MOST + 1]) if chosen else []
    context = {"form": form, "size": size, "chosen": chosen, "cut": len(found) > MOST, "most": MOST, "query": request.GET.urlencode()}
    return _shown(request, found[:MOST], "care/cards.html", context)
