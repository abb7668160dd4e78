"""Items of a plan: adding, changing, closing."""

from django.shortcuts import render
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.care.actions import items as actions
from apps.care.forms import CloseItemForm, ItemForm
from apps.care.models import ItemState, PlanState
from apps.care.selectors import codes, todos
from apps.care.selectors import plans as selectors
from apps.care.views.common import carried_out, done, or_404, refused
from apps.core.refusal import Refused


def _form(request, initial: dict) -> ItemForm:
    return ItemForm(request.POST or None, scope=request.scope, today=request.today, initial=initial)


@requires(Right.CARE_VISIT, Right.CARE_PLAN)
@or_404
def item_add(request, pk):
    plan, status = selectors.plan(request.scope, pk), 200
    form = _form(request, {"starts_on": request.today, "worker": plan.worker_id})
    if request.method == "POST":
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"} if form.is_valid() else {}
        saved, status = carried_out(form, lambda: actions.add_item(plan=plan, by=request.user, today=request.today, **values))
        if saved:
            return done(request, "事项已加入方案。", "care:plan", plan.pk, draft=f"item-{plan.pk}", anchor="items")
    return render(request, "care/item_form.html", {"plan": plan, "form": form, "item": None, "draft": f"item-{plan.pk}", "title": "新增服务事项"}, status=status)


@requires(Right.CARE_VISIT, Right.CARE_PLAN)
@or_404
def item_edit(request, pk):
    item, status = selectors.item(request.scope, pk), 200
    form = _form(request, {name: getattr(item, name) for name in (*actions.FIELDS, "version")})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.edit_item(item=item, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, "事项已修改。", "care:plan", item.plan_id, draft=f"item-edit-{item.pk}", anchor="items")
    return render(request, "care/item_form.html", {"plan": item.plan, "form": form, "item": item, "draft": f"item-edit-{item.pk}", "title": "修改服务事项"}, status=status)


@requires(Right.CARE_VISIT, Right.CARE_PLAN)
@or_404
def item_close(request, pk):
    item, status = selectors.item(request.scope, pk), 200
    form = CloseItemForm(request.POST or None, initial={"version": item.version, "state": "done"})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.close_item(item=item, by=request.user, **form.cleaned_data))
        if saved:
            return done(request, "已办结。", "care:plan", item.plan_id, draft=f"item-close-{item.pk}", anchor="items")
    return render(request, "care/item_close.html", {"plan": item.plan, "form": form, "item": item}, status=status)


@requires(Right.CARE_VIEW)
@or_404
def item_record(request, pk):
    """办理记录: every date of an item, what was done, by whom, with what to show for it."""
    item = selectors.item(request.scope, pk)
    rows = list(todos.todos_of_item(request.scope, item.pk))
    files = todos.evidence([row.pk for row in rows])
    for row in rows:
        row.files = files.get(row.pk, [])
    can_item = bool(request.rights & {Right.CARE_VISIT, Right.CARE_PLAN}) and item.plan.state == PlanState.ACTIVE and item.state == ItemState.OPEN
    context = {"item": item, "rows": rows, "names": codes.names(), "can_item": can_item, "can_log": Right.CARE_VISIT in request.rights}
    return render(request, "care/item_record.html", context)


@require_POST
@requires(Right.CARE_PLAN)
@or_404
def item_reopen(request, pk):
    item = selectors.item(request.scope, pk)
    try:
        actions.reopen_item(item=item, by=request.user)
    except Refused as problem:
        return refused(request, problem, "care:plan", item.plan_id)
    return done(request, "事项已重新打开。", "care:plan", item.plan_id, anchor="items")
