"""One to-do: putting it off, finishing it without a visit."""

from django.shortcuts import render

from apps.accounts.permissions import Right, requires
from apps.care.actions import todos as actions
from apps.care.forms.todos import FinishForm, MoveForm
from apps.care.models import Source
from apps.care.selectors import plans
from apps.care.selectors import todos as selectors
from apps.care.views.common import carried_out, done, or_404


@requires(Right.CARE_VISIT)
@or_404
def todo_move(request, pk):
    todo, status = selectors.todo(request.scope, pk), 200
    form = MoveForm(request.POST or None, today=request.today, initial={"version": todo.version, "due_on": todo.due_on})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.move_todo(todo=todo, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, f"“{todo.title}”已改到 {saved.due_on:%Y-%m-%d}。", "worklist")
    return render(request, "care/todo_move.html", {"form": form, "cadre": todo.cadre, "title": todo.title, "was": todo.due_on, "first": todo.first_due_on}, status=status)


@requires(Right.CARE_VISIT)
@or_404
def visit_move(request, pk):
    """The visit owed by the rhythm of a plan."""
    plan, status = plans.plan(request.scope, pk), 200
    form = MoveForm(request.POST or None, today=request.today, initial={"version": plan.version, "due_on": plan.visit_due_on})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.move_visit(plan=plan, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, f"{plan.cadre.name}的走访已改到 {saved.visit_due_on:%Y-%m-%d}。", "worklist")
    return render(request, "care/todo_move.html", {"form": form, "cadre": plan.cadre, "title": "定期走访", "was": plan.visit_due_on, "first": None}, status=status)


@requires(Right.CARE_VISIT)
@or_404
def todo_finish(request, pk):
    todo, status = selectors.todo(request.scope, pk), 200
    form = FinishForm(request.POST or None, request.FILES or None, initial={"version": todo.version, "end": "dropped" if todo.meet or todo.source == Source.DOCTOR else "done"})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: _finish(request, todo, **form.cleaned_data))
        if saved:
            if todo.item_id:
                return done(request, f"“{todo.title}”已办结。", "care:item_record", todo.item_id)
            return done(request, f"“{todo.title}”已办结。", "cadres:detail", todo.cadre_id)
    return render(request, "care/todo_finish.html", {"form": form, "todo": todo}, status=status)


def _finish(request, todo, *, end: str, result: str, version: int, files: list):
    if end == "dropped":
        return actions.drop_todo(todo=todo, reason=result, by=request.user, version=version)
    return actions.finish_todo(todo=todo, result=result, by=request.user, today=request.today, version=version, files=files)
