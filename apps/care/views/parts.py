"""四位一体: dividing an item among the sides, and each side's own list with its ticks."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse

from apps.accounts.permissions import Right, requires
from apps.accounts.selectors import organizations
from apps.care.actions import parts as actions
from apps.care.forms.parts import DivideForm, PartForm
from apps.care.models import PartState
from apps.care.selectors import parts as selectors
from apps.care.selectors.plans import item as one_item
from apps.care.views.common import carried_out, done, or_404

PAGE = 50


@requires(Right.CARE_VISIT, Right.CARE_PLAN)
@or_404
def item_divide(request, pk):
    item, status = one_item(request.scope, pk), 200
    present = selectors.parts_of(request.scope, [item.pk]).get(item.pk, [])
    form = DivideForm(request.POST or None, scope=request.scope, today=request.today, present=present, initial={"version": item.version})
    if request.method == "POST":

        def act():
            keys = [value for name, value in form.cleaned_data.items() if name.startswith("org_") and value]
            wanted = form.wanted(organizations(request.scope).in_bulk(keys))
            return actions.divide_item(scope=request.scope, item=item, wanted=wanted, by=request.user, version=form.cleaned_data["version"]) + 1

        saved, status = carried_out(form, act)
        if saved:
            return done(request, "分工已保存，各方在自己的“我方承担”里看到自己的一份。", "care:plan", item.plan_id, anchor="items")
    context = {"plan": item.plan, "item": item, "form": form, "title": "四位一体分工", "ticked": [part for part in present if part.state == PartState.DONE]}
    return render(request, "care/item_divide.html", context, status=status)


@requires(Right.CARE_VISIT)
def own_parts(request):
    """What lies with the place one acts for; ``?state=done`` shows what was done."""
    state = "done" if request.GET.get("state") == "done" else "open"
    page = Paginator(selectors.own(request.scope, request.membership.org.path, state), PAGE).get_page(request.GET.get("page"))
    context = {"rows": list(page), "page": page, "state": state, "place": request.membership.org, "query": request.GET.urlencode()}
    return render(request, "care/parts.html", context)


@requires(Right.CARE_VISIT)
@or_404
def part(request, pk):
    """Tick one's part, or take the tick back."""
    found, status = selectors.part(request.scope, pk), 200
    ticked = found.state == PartState.DONE
    form = PartForm(request.POST or None, initial={"version": found.version})
    form.fields["note"].label = "为什么取消" if ticked else "办理情况"
    if request.method == "POST":

        def act():
            given = {"part": found, "by": request.user, **form.cleaned_data}
            return actions.untick_part(**given) if "untick" in request.POST else actions.tick_part(today=request.today, **given)

        saved, status = carried_out(form, act)
        if saved:
            return done(request, "已办。" if saved.state == PartState.DONE else "已取消，恢复为待办。", "care:parts")
    back = reverse("care:parts")
    return render(request, "care/part.html", {"part": found, "form": form, "ticked": ticked, "back": back}, status=status)
