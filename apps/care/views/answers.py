"""名单: questions of the day on one page, each with its number and the people behind it."""

from django.shortcuts import render

from apps.accounts.permissions import Right, requires
from apps.care.answers import ANSWERS
from apps.core.calendar import quarter_of
from apps.core.metrics import METRICS, Period, count


@requires(Right.CARE_VIEW)
def answers(request):
    """Of one's own place; every list can be exported from where it stands."""
    org, period = request.membership.org, Period.of(quarter_of(request.today), request.today)
    found = count([METRICS[key] for key in ANSWERS], org.path, period)
    rows = [{"metric": METRICS[key], "value": found[key][org.path], "url": METRICS[key].list_url(org.pk, period)} for key in ANSWERS]
    return render(request, "care/answers.html", {"rows": rows, "org": org, "head": Right.CARE_CAMPAIGN in request.rights})
