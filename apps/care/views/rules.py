"""The rule tables: what is in force, what was, what will be; a new version with its effect shown before."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.cadres.models import RetireKind
from apps.care.actions import rules as actions
from apps.care.forms import FrequencyForm, SignalForm, StageForm, SuggestionForm, ThresholdForm
from apps.care.models import AttentionClass, Stage, StageRule, SuggestionRule
from apps.care.selectors import codes, todos
from apps.care.selectors import rules as selectors
from apps.care.selectors.occasions import in_words
from apps.care.standards import PROPOSAL, SIGNALS, THRESHOLDS
from apps.care.views.common import carried_out, done, or_404
from apps.core.refusal import Refused
from apps.core.workdays import calendar_gap

KINDS = dict(RetireKind.choices)


@requires(Right.TABLES_EDIT)
def rules(request):
    context = {
        "frequencies": _marked(selectors.frequency_history(), request.today), "stages": _marked(selectors.stage_history(), request.today),
        "suggestions": _marked(_in_words(selectors.suggestion_history()), request.today), "thresholds": _marked(selectors.threshold_history(), request.today),
        "occasions": _marked(in_words(list(todos.occasion_history())), request.today),
        "classes": AttentionClass.choices,
        "stage_names": dict(Stage.choices), "proposal": PROPOSAL,
        "calendar_gap": calendar_gap(request.today),
    }  # fmt: skip
    return render(request, "care/rules.html", context)


def _marked(found, today) -> list:
    """Rules with ``now`` in {"in_force", "later", "ended"}; what is in force and what will be come first."""
    rows = list(found)
    for rule in rows:
        rule.now = "later" if rule.valid_from > today else "ended" if rule.valid_to and rule.valid_to < today else "in_force"
    return sorted(rows, key=lambda rule: ("in_force", "later", "ended").index(rule.now))


def _in_words(found) -> list:
    rows, names = list(found), codes.value_names({table for _, _, table in SIGNALS.values() if table})
    for rule in rows:
        rule.words = _condition(rule, names)
    return rows


def _condition(rule: SuggestionRule, names: dict) -> str:
    name, _, table = SIGNALS.get(rule.field, (rule.field, (), ""))
    if table:
        values = rule.value if isinstance(rule.value, list) else [rule.value]
        return f"{name}：{'、'.join(names.get((table, code), str(code)) for code in values)}"
    if rule.operator == "age_gte":
        return f"年满 {rule.value} 岁"
    if rule.operator == "days_gte":
        return f"{name}已满 {rule.value} 天" if rule.value else f"正在{name}"
    if rule.operator == "within":
        return f"{name}在 {rule.value} 天以内"
    return name if rule.value is True else f"{name}：{KINDS.get(rule.value, rule.value)}"


def _version(request, form, act, effect, *, title: str, sub: str):
    """A form with two buttons: look at the effect, put into force."""
    seen, status = None, 200
    if request.method == "POST" and "preview" in request.POST:
        seen, status = (effect(), 200) if form.is_valid() else (None, 422)
    elif request.method == "POST":
        saved, status = carried_out(form, act)
        if saved:
            return done(request, f"新规则将从 {saved.valid_from:%Y-%m-%d} 起启用，原规则保留在历史中。", "care:rules")
    return render(request, "care/rule_form.html", {"form": form, "effect": seen, "title": title, "sub": sub}, status=status)


@requires(Right.TABLES_EDIT)
def frequency(request, attention_class):
    if attention_class not in AttentionClass.values:
        raise Http404
    now = selectors.frequencies(request.today).get(attention_class)
    initial = {name: getattr(now, name) for name in ("contact_days", "visit_days", "away_visit_days")} if now else {}
    form = FrequencyForm(request.POST or None, today=request.today, initial=initial)

    def effect():
        found = selectors.frequency_effect(request.scope, attention_class, today=request.today, **form.cleaned_data)
        return f"涉及 {found.plans} 人。启用当天逾期的人：按现行规则 {found.late_before} 人，按新规则 {found.late_after} 人（按期间不再走访估算）。"

    def act():
        return actions.new_frequency(attention_class=attention_class, by=request.user, today=request.today, **form.cleaned_data)

    return _version(request, form, act, effect, title=f"走访频次：{AttentionClass(attention_class).label}", sub="上门、医院、养老机构见面算走访；电话、视频、委托只算联系。")


@requires(Right.TABLES_EDIT)
def stage(request, stage):
    if stage not in Stage.values:
        raise Http404
    now = selectors.present_stage(stage, request.today)
    form = StageForm(request.POST or None, today=request.today, initial={"offset_days": now.offset_days, "goes_to": now.goes_to, "also_to": now.also_to} if now else {})

    def act():
        return actions.new_stage(stage=stage, by=request.user, today=request.today, **form.cleaned_data)

    def effect():
        days, names = form.cleaned_data["offset_days"], dict(StageRule.RECIPIENTS)
        whom = "和".join(names[role] for role in dict.fromkeys((form.cleaned_data["goes_to"], form.cleaned_data["also_to"] or form.cleaned_data["goes_to"])))
        return f"到期日{'当天' if days == 0 else f'前 {-days} 天' if days < 0 else f'后 {days} 天'}提醒{whom}。"

    return _version(request, form, act, effect, title=f"提醒阶段：{Stage(stage).label}", sub="")


@requires(Right.TABLES_EDIT)
def suggestion_add(request):
    """First what the rule looks at (``?field=``), then the rest."""
    signal = request.GET.get("field", "")
    if signal not in SIGNALS:
        return render(request, "care/rule_signal.html", {"form": SignalForm(), "title": "新增类别建议规则", "step": "第一步：根据档案里的哪一项"})
    return _suggestion(request, signal, None)


@requires(Right.TABLES_EDIT)
@or_404
def suggestion(request, pk):
    rule = selectors.suggestion_rule(pk)
    if rule.field not in SIGNALS:
        raise Http404
    return _suggestion(request, rule.field, rule)


def _suggestion(request, signal: str, replaces: SuggestionRule | None):
    initial = {"weight": replaces.weight, "reason": replaces.reason, "value": replaces.value} if replaces else {}
    form = SuggestionForm(request.POST or None, today=request.today, signal=signal, initial=initial)

    def effect():
        values = form.values()
        rule = SuggestionRule(key=replaces.key if replaces else "", field=signal, **{name: values[name] for name in ("weight", "operator", "value", "reason")})
        found = selectors.suggestion_effect(request.scope, rule, replaces=replaces, today=request.today)
        return f"在册人员中有 {found.people} 人符合；其中 {found.changed} 人的建议类别会因此改变。已确定的类别不会自动变动。"

    def act():
        return actions.new_suggestion(field=signal, by=request.user, today=request.today, replaces=replaces, **form.values())

    return _version(request, form, act, effect, title=f"类别建议：{SIGNALS[signal][0]}", sub="系统只作建议，由人确定类别。")


@requires(Right.TABLES_EDIT)
def threshold(request, attention_class):
    """From how many points on the record speaks for 重点关注 or 定期关注."""
    if attention_class not in dict(THRESHOLDS):
        raise Http404
    form = ThresholdForm(request.POST or None, today=request.today, initial={"points": selectors.present_threshold(attention_class, request.today)})

    def effect():
        changed = selectors.threshold_effect(request.scope, attention_class, form.cleaned_data["points"], today=request.today)
        return f"在册人员中有 {changed} 人的建议类别会因此改变。已确定的类别不会自动变动。"

    def act():
        return actions.new_threshold(attention_class=attention_class, by=request.user, today=request.today, **form.cleaned_data)

    return _version(request, form, act, effect, title=f"类别分数线：{AttentionClass(attention_class).label}", sub="系统只作建议，由人确定类别。")


@require_POST
@requires(Right.TABLES_EDIT)
@or_404
def suggestion_end(request, pk):
    try:
        actions.end_suggestion(rule=selectors.suggestion_rule(pk), by=request.user, today=request.today)
        messages.success(request, "已停用，从明天起不再据此建议。")
    except Refused as problem:
        messages.error(request, problem.sentence)
    return redirect("care:rules")
