"""每周抽看 for the head, and the friendly sentence while a visit is being written."""

from datetime import date, timedelta

from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.care.actions.sampling import draw_sample
from apps.care.selectors import codes, people, plausible, visits
from apps.care.standards import MEETING_WAYS
from apps.care.views.common import or_404, refused
from apps.core.refusal import Refused

SHOWN = 26


@requires(Right.CARE_CAMPAIGN)
def samples(request):
    last = request.today - timedelta(days=request.today.weekday() + 7)
    found = list(plausible.samples(request.scope)[:SHOWN])
    own = any(one.week == last and one.org_id == request.membership.org_id for one in found)
    return render(request, "care/samples.html", {"rows": found, "last": last, "until": last + timedelta(days=6), "drawn": own})


@require_POST
@requires(Right.CARE_CAMPAIGN)
def sample_draw(request):
    """Last week's."""
    try:
        made = draw_sample(org=request.membership.org, week=request.today - timedelta(days=7), by=request.user, today=request.today)
    except Refused as problem:
        return refused(request, problem, "care:samples")
    return redirect("care:sample", made.pk)


@requires(Right.CARE_CAMPAIGN)
@or_404
def sample(request, pk):
    found = plausible.sample(request.scope, pk)
    signs = dict(found.rows)
    rows = list(visits.visits(request.scope).filter(pk__in=signs).order_by("worker", "-visited_on", "pk"))
    for row in rows:
        row.signs = [plausible.SIGNS[name] for name in signs[row.pk] if name in plausible.SIGNS]
    return render(request, "care/sample.html", {"sample": found, "rows": rows, "until": found.week + timedelta(days=6), "names": codes.names()})


@require_POST
@requires(Right.CARE_VISIT)
@or_404
def visit_hint(request, pk):
    """What might be worth a look before saving; it never keeps anybody from saving."""
    cadre, given = people.person(request.scope, pk), request.POST
    try:
        day = date.fromisoformat(given.get("visited_on", ""))
    except ValueError:
        day = None
    met = given.get("in_person") == "1" and given.get("way") in MEETING_WAYS
    sentence = plausible.hint(cadre=cadre, worker=request.user, situation=given.get("situation", ""), visited_on=day, in_person=met)
    return render(request, "care/_visit_hint.html", {"sentence": sentence})
