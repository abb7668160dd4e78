"""请假代管: who is away and who stands in; registering one, ending one early."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.care.actions import absences as actions
from apps.care.forms.handovers import AbsenceForm
from apps.care.selectors import handovers as selectors
from apps.care.views.common import carried_out, done, or_404, refused
from apps.care.views.handovers import is_head
from apps.core.refusal import Refused

PAGE = 50


def _may_end(request, one) -> bool:
    return not selectors.is_over(one, request.today) and (is_head(request) or one.worker_id == request.user.pk)


@requires(Right.CARE_VIEW)
def absences(request):
    head = is_head(request)
    page = Paginator(selectors.absences(request.scope, user=None if head else request.user), PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    for one in rows:
        one.over, one.may_end, one.now = selectors.is_over(one, request.today), _may_end(request, one), one.starts_on <= request.today
    return render(request, "care/absence_list.html", {"page": page, "rows": rows, "may_add": head or Right.CARE_VISIT in request.rights})


@requires(Right.CARE_VISIT, Right.CARE_CAMPAIGN)
def absence_add(request):
    """One's own; a head's for anybody in the place."""
    own = None if is_head(request) else request.user
    form = AbsenceForm(request.POST or None, scope=request.scope, today=request.today, own=own, initial={"starts_on": request.today, "worker": request.user.pk})
    status = 200
    if request.method == "POST":
        values = form.cleaned_data if form.is_valid() else {}
        made, status = carried_out(form, lambda: actions.register_absence(scope=request.scope, by=request.user, today=request.today, now=timezone.now(), **values))
        if made:
            return done(request, f"已登记，{made.starts_on:%Y-%m-%d} 至 {made.ends_on:%Y-%m-%d} 由{made.deputy}代管。", "care:absences")
    return render(request, "care/absence_form.html", {"form": form}, status=status)


@require_POST
@requires(Right.CARE_VISIT, Right.CARE_CAMPAIGN)
@or_404
def absence_end(request, pk):
    found = selectors.absence(request.scope, pk)
    if found.worker_id != request.user.pk and not is_head(request):
        raise PermissionDenied("只能结束自己的请假代管。")
    try:
        actions.end_absence(absence=found, by=request.user, now=timezone.now())
    except Refused as problem:
        return refused(request, problem, "care:absences")
    return done(request, f"代管已结束，{found.worker}负责的走访联系不再出现在{found.deputy}的工作台上。", "care:absences")
