"""家庭医生签约: registering a term, correcting it, renewing it with one press."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.care.actions import doctors as actions
from apps.care.forms import DoctorForm
from apps.care.selectors import doctors as selectors
from apps.care.selectors import people
from apps.care.views.common import carried_out, or_404
from apps.core.refusal import Refused


def _back(cadre_id: int):
    return redirect(reverse("cadres:detail", args=[cadre_id]) + "?tab=plan")


@requires(Right.CARE_VISIT, Right.CARE_PLAN)
@or_404
def doctor_sign(request, pk):
    cadre, status = people.person(request.scope, pk), 200
    form = DoctorForm(request.POST or None, initial={"starts_on": request.today})
    if request.method == "POST":
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"} if form.is_valid() else {}
        saved, status = carried_out(form, lambda: actions.sign_doctor(cadre=cadre, by=request.user, today=request.today, **values))
        if saved:
            messages.success(request, f"已登记，签约至 {saved.ends_on:%Y-%m-%d}，到期前提醒续约。")
            return _back(cadre.pk)
    return render(request, "care/doctor_form.html", {"cadre": cadre, "form": form, "title": "登记家庭医生签约"}, status=status)


@requires(Right.CARE_VISIT, Right.CARE_PLAN)
@or_404
def doctor_edit(request, pk):
    contract, status = selectors.contract(request.scope, pk), 200
    form = DoctorForm(request.POST or None, initial={name: getattr(contract, name) for name in (*actions.FIELDS, "version")})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.edit_doctor(contract=contract, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            messages.success(request, "签约已修改。")
            return _back(contract.cadre_id)
    return render(request, "care/doctor_form.html", {"cadre": contract.cadre, "form": form, "title": "修改家庭医生签约"}, status=status)


@require_POST
@requires(Right.CARE_VISIT, Right.CARE_PLAN)
@or_404
def doctor_renew(request, pk):
    contract = selectors.contract(request.scope, pk)
    try:
        renewed = actions.renew_doctor(contract=contract, by=request.user, today=request.today)
        messages.success(request, f"已续约：{renewed.starts_on:%Y-%m-%d} 至 {renewed.ends_on:%Y-%m-%d}。")
    except Refused as problem:
        messages.error(request, problem.sentence)
    return _back(contract.cadre_id)
