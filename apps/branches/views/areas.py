"""片区, and the numbers of the set-up rules."""

from django.shortcuts import render
from django.urls import reverse

from apps.accounts.permissions import Right, requires
from apps.accounts.selectors import organization
from apps.branches.actions.branches import save_area
from apps.branches.actions.rules import new_rule
from apps.branches.checking import plain
from apps.branches.forms import AreaForm, RuleForm, area_initial
from apps.branches.selectors import branches as selectors
from apps.branches.selectors import rules as rule_selectors
from apps.branches.views.common import carried_out, done, may_edit, or_404


@requires(Right.BRANCH_VIEW)
def areas(request):
    return render(request, "branches/areas.html", {"rows": list(selectors.areas(request.scope)), "can_edit": may_edit(request)})


@requires(Right.BRANCH_EDIT)
@or_404
def area_add(request):
    form, status = AreaForm(request.POST or None, scope=request.scope, today=request.today, initial={"org": request.membership.org_id}), 200
    if request.method == "POST":
        made, status = carried_out(form, lambda: _save(request, form))
        if made:
            return done(request, "已建立。在党支部的“修改”里选片区。", "branches:areas")
    return render(request, "branches/form.html", {"form": form, "title": "新建片区", "label": "保存", "back": reverse("branches:areas")}, status=status)


@requires(Right.BRANCH_EDIT)
@or_404
def area(request, pk):
    found, status = selectors.area(request.scope, pk), 200
    form = AreaForm(request.POST or None, scope=request.scope, today=request.today, initial=area_initial(found))
    if request.method == "POST":
        saved, status = carried_out(form, lambda: _save(request, form, found))
        if saved:
            return done(request, "已修改。", "branches:areas")
    return render(request, "branches/form.html", {"form": form, "title": f"片区：{found}", "label": "保存", "back": reverse("branches:areas")}, status=status)


def _save(request, form, found=None):
    org = organization(request.scope, form.cleaned_data["org"])
    return save_area(scope=request.scope, org=org, area=found, version=form.cleaned_data["version"], by=request.user, **form.values())


@requires(Right.TABLES_EDIT)
def rules(request):
    rows = rule_selectors.rule_history()
    for one in rows:
        over = one.valid_to is not None and one.valid_to < request.today
        one.shown = plain(one.value)
        one.now = "ended" if over else "coming" if one.valid_from > request.today else "in_force"
    return render(request, "branches/rules.html", {"rows": rows})


@requires(Right.TABLES_EDIT)
@or_404
def rule(request, key):
    old, status = rule_selectors.newest_rule(key), 200
    form = RuleForm(request.POST or None, initial={"value": old.value, "basis": old.basis, "source": old.source})
    form.fields["value"].label = f"数值（{old.unit}）"
    if request.method == "POST":
        made, status = carried_out(form, lambda: new_rule(key=key, by=request.user, today=request.today, **form.cleaned_data))
        if made:
            return done(request, "已订新规则，原规则到前一天为止。", "branches:rules")
    return render(request, "branches/form.html", {"form": form, "title": f"{old.name} … {old.unit}", "label": "启用", "back": reverse("branches:rules")}, status=status)
