"""The occasions that oblige to a visit (必访规则), on the page of rules: new ones, new versions, ended ones."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.care.actions import rules as actions
from apps.care.forms.occasions import OccasionForm, TriggerForm, initial_of
from apps.care.models import OccasionRule, Trigger
from apps.care.models.rules import STANDING
from apps.care.selectors import todos as selectors
from apps.care.selectors.occasions import effect_of
from apps.care.views.common import carried_out, done, or_404
from apps.core.refusal import Refused


@requires(Right.TABLES_EDIT)
def occasion_add(request):
    """First what sets it off (``?trigger=``), then the rest."""
    trigger = request.GET.get("trigger", "")
    if trigger not in Trigger.values or trigger in STANDING:
        return render(request, "care/rule_signal.html", {"form": TriggerForm(), "title": "新增必访规则", "step": "第一步：什么情况下必访"})
    return _version(request, trigger, None)


@requires(Right.TABLES_EDIT)
@or_404
def occasion(request, pk):
    rule = selectors.occasion_rule(pk)
    return _version(request, rule.trigger, rule)


def _version(request, trigger: str, replaces: OccasionRule | None):
    form = OccasionForm(request.POST or None, trigger=trigger, today=request.today, initial=initial_of(replaces) if replaces else {})
    seen, status = None, 200
    if request.method == "POST" and "preview" in request.POST:
        seen, status = (effect_of(request.scope, OccasionRule(**form.values()), today=request.today), 200) if form.is_valid() else (None, 422)
    elif request.method == "POST":
        saved, status = carried_out(form, lambda: actions.new_occasion(by=request.user, today=request.today, replaces=replaces, **form.values()))
        if saved:
            return done(request, f"“{saved.name}”将从 {saved.valid_from:%Y-%m-%d} 起启用。", "care:rules", anchor="occasions")
    title = f"必访规则：{replaces.name if replaces else Trigger(trigger).label}"
    return render(request, "care/rule_form.html", {"form": form, "effect": seen, "title": title, "sub": "启用后由系统按规则开出待办，走访后自动办结。"}, status=status)


@require_POST
@requires(Right.TABLES_EDIT)
@or_404
def occasion_end(request, pk):
    rule = selectors.occasion_rule(pk)
    if rule.valid_from > request.today and rule.valid_to:
        raise Http404
    try:
        actions.end_occasion(rule=rule, by=request.user, today=request.today)
        messages.success(request, "已停用，从明天起不再开出新的待办；已开出的仍要办。")
    except Refused as problem:
        messages.error(request, problem.sentence)
    return redirect("care:rules")
