"""正在住院: who is in hospital and whether anybody has been there; the details of one stay."""

from django.core.paginator import Paginator
from django.shortcuts import render

from apps.accounts.permissions import Right, requires
from apps.care.actions import hospital as actions
from apps.care.forms.hospital import StayForm
from apps.care.selectors import hospital as selectors
from apps.care.views.common import carried_out, done, or_404, tabs

PAGE = 50


@requires(Right.CARE_VIEW)
def stays(request):
    """``?show=unseen``: only those nobody has visited yet."""
    unseen = request.GET.get("show") == "unseen"
    page = Paginator(selectors.in_hospital(request.scope, unseen=unseen), PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    for row in rows:
        row.days = selectors.days(row.effective_on, request.today)
    context = {
        "page": page, "rows": rows, "unseen": unseen, "can_log": Right.CARE_VISIT in request.rights,
        "tabs": tabs(("正在住院", "?", not unseen), ("还没看望", "?show=unseen", unseen)),
    }  # fmt: skip
    return render(request, "care/hospital.html", context)


@requires(Right.CARE_VISIT)
@or_404
def stay(request, pk):
    admission, status = selectors.admission(request.scope, pk), 200
    known = getattr(admission, "stay", None)
    initial = {"version": known.version, "hospital": known.hospital, "ward": known.ward, "reason": known.reason, "visitor": known.visitor_id} if known else {}
    initial = initial or {"version": 0, "hospital": admission.after.get("hospital") or admission.cadre.hospital}
    form = StayForm(request.POST or None, scope=request.scope, today=request.today, initial=initial)
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.record_stay(admission=admission, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, "住院情况已登记。", "cadres:detail", admission.cadre_id)
    return render(request, "care/stay_form.html", {"form": form, "admission": admission}, status=status)
