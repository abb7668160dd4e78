"""What aid may cost: budgets of the year and standards with their history."""

from django.http import Http404
from django.shortcuts import render

from apps.accounts.permissions import Right, requires
from apps.care.actions import aid_money as actions
from apps.care.forms.aid import BudgetForm, StandardForm
from apps.care.selectors import aid as selectors
from apps.care.selectors import codes
from apps.care.selectors.codes import AID_TABLE
from apps.care.views.common import carried_out, done, or_404
from apps.care.views.rules import _marked

BUDGETS = (Right.AID_APPROVE, Right.TABLES_EDIT)


@requires(Right.CARE_VIEW)
def money(request):
    """``?year=``: whose budgets; this year's by default."""
    today = request.today
    asked = request.GET.get("year", "")
    year = int(asked) if asked in {str(today.year + n) for n in range(-4, 2)} else today.year
    granted = selectors.granted_by_place(request.scope, year)
    budgets = list(selectors.budgets(request.scope, year))
    for budget in budgets:
        budget.cases, seen = granted.get(budget.org_id, (0, 0))
        budget.elsewhere = budget.spent - seen
        budget.share = budget.spent / budget.amount if budget.amount else None
    kinds, history = codes.names()[AID_TABLE], _marked(selectors.standard_history(), today)
    without = [(code, name) for code, name in codes.choices(today)[AID_TABLE] if code not in {rule.kind for rule in history if rule.now != "ended"}]
    context = {
        "budgets": budgets, "sums": selectors.money(request.scope, year), "year": year, "years": [today.year + 1, today.year, today.year - 1, today.year - 2],
        "history": history, "kinds": kinds, "without": without, "can_budget": bool(request.rights.intersection(BUDGETS)), "can_rule": Right.TABLES_EDIT in request.rights,
    }  # fmt: skip
    return render(request, "care/aid_money.html", context)


@requires(*BUDGETS)
def budget_add(request):
    form, status = BudgetForm(request.POST or None, scope=request.scope, today=request.today, initial={"year": request.today.year}), 200
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.set_budget(by=request.user, scope=request.scope, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, f"{saved.org} {saved.year} 年预算 {saved.amount:,.2f} 元已登记。", "care:aid_money")
    return render(request, "care/aid_money_form.html", {"form": form, "title": "登记帮扶预算", "sub": "每个县区每年一份，审批时从中扣减，不会超支。"}, status=status)


@requires(*BUDGETS)
@or_404
def budget(request, pk):
    held, status = selectors.budget(request.scope, pk), 200
    initial = {"amount": held.amount, "note": held.note, "version": held.version}
    form = BudgetForm(request.POST or None, scope=request.scope, today=request.today, budget=held, initial=initial)
    if request.method == "POST":
        act = {"org": held.org, "year": held.year, "by": request.user, "scope": request.scope, "today": request.today}
        saved, status = carried_out(form, lambda: actions.set_budget(**act, **form.cleaned_data))
        if saved:
            return done(request, f"{held.org} {held.year} 年预算已改为 {saved.amount:,.2f} 元。", "care:aid_money")
    return render(request, "care/aid_money_form.html", {"form": form, "title": f"{held.org} {held.year} 年预算", "sub": f"余额 {held.remaining:,.2f} 元"}, status=status)


@requires(Right.TABLES_EDIT)
def standard(request, kind):
    """A new version of what a kind may amount to."""
    names = codes.names()[AID_TABLE]
    if kind not in names:
        raise Http404
    now, status = selectors.standard(kind, request.today), 200
    initial = {"ceiling": now.ceiling, "publicity_days": now.publicity_days, "source": now.source} if now else {}
    form = StandardForm(request.POST or None, today=request.today, initial=initial)
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.new_aid_standard(kind=kind, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, f"新标准将从 {saved.valid_from:%Y-%m-%d} 起启用，原标准保留。", "care:aid_money")
    return render(request, "care/aid_money_form.html", {"form": form, "title": f"帮扶标准：{names[kind]}", "sub": "标准对整个部署生效。"}, status=status)
