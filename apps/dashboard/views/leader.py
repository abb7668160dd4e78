"""The leader's page: one place, one quarter, every number a link."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from apps.accounts.models import Organization
from apps.accounts.permissions import Right, requires
from apps.core.calendar import Quarter, quarter_of
from apps.core.refusal import Refused
from apps.dashboard import selectors
from apps.dashboard.board import Board, address


@require_GET
@requires(Right.DASHBOARD_VIEW)
def index(request):
    try:
        org = selectors.place(request.scope, request.GET.get("org", ""), request.membership.org)
        quarter = Quarter.parse(request.GET["period"]) if request.GET.get("period") else quarter_of(request.today)
    except (Organization.DoesNotExist, Refused) as unknown:
        raise Http404 from unknown
    board = Board(request.scope, org, quarter, today=request.today, now=timezone.now())
    context = {
        "board": board,
        "rows": board.rows,
        "below": selectors.kind_below(org),
        "path": [{"name": one.label, "url": address(one, board.quarter)} for one in selectors.way_down(request.scope, org)[:-1]],
        "previous_url": address(org, board.quarter.previous),
        "next_url": address(org, board.next) if board.next else "",
        "report_url": _report_url(request, org, board.quarter),
    }
    return render(request, "dashboard/leader.html", context)


def _report_url(request, org: Organization, quarter: Quarter) -> str:
    if Right.REPORT_VIEW not in request.rights or org.level not in ("city", "county"):
        return ""
    return f"{reverse('files:reports')}?{urlencode({'org': org.pk, 'period': quarter})}"
