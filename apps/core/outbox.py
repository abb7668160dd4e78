"""The server's half of forms that can be sent later (static/js/outbox.js)."""

from django.http import HttpResponse

HEADER = "X-Portal-Fetch"
SENDER = "X-Portal-For"
SAVED = "X-Portal-Saved"


def saved(response):
    """Mark the answer to a form as "it is stored": a script forgets what was typed only when it sees this."""
    response[SAVED] = "1"
    return response


def acting_for(request) -> str:
    """Who a form sent by this request would be stored for: user and membership."""
    membership = getattr(request, "membership", None)
    return f"{request.user.pk or ''}.{membership.pk if membership else ''}"


class FetchRedirectMiddleware:
    """Answers a form sent by fetch with 204 and ``X-Location`` where a browser would get a redirect.

    A script that follows a redirect itself would use up the success message before the user sees the page. A form that names in ``X-Portal-For`` whose
    it is, is refused (401) when somebody else has signed in meanwhile, in this browser or in this role.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if HEADER in request.headers and response.status_code in (301, 302, 303, 307, 308):
            response["X-Location"] = response["Location"]
            del response["Location"]
            response.status_code = 204
            response.content = b""
        return response

    def process_view(self, request, view, arguments, named):
        sender = request.headers.get(SENDER)
        if sender and request.user.is_authenticated and sender != acting_for(request):
            return HttpResponse(status=401)
        return None
