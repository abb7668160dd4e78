"""The portal without a line: the service worker, the page it shows, and the key to what waits (docs/adr/0012-offline.md)."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from apps.accounts import actions
from apps.accounts.permissions import public, signed_in
from apps.core import offline
from apps.core.outbox import acting_for

PAGE, WORKER, WORKER_OFF = "offline/page.html", "offline/sw.js", "offline/sw_off.js"


@public
def page(request):
    """One and the same for everybody: it holds no data, a script fills it from what this browser has carried along."""
    return HttpResponse(render_to_string(PAGE))


@public
def service_worker(request):
    """At the top, so that it may answer for every page. With ``OFFLINE_HOURS`` = 0 it is one that takes itself and its caches away."""
    context = {"version": offline.version(render_to_string(PAGE)), "files": offline.shell_urls()}
    response = render(request, WORKER if settings.OFFLINE_HOURS else WORKER_OFF, context, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache, max-age=0"
    response["Service-Worker-Allowed"] = "/"
    return response


@signed_in
@require_POST
def letter_key(request):
    """Who this session belongs to and the key to that person's unsent forms; nobody else's can be asked for."""
    answer = JsonResponse({"user": str(request.user.pk), "acting": acting_for(request), "mark": offline.acting_mark(request), "key": actions.letter_key(user=request.user)})
    answer["Cache-Control"] = "no-store"
    return answer
