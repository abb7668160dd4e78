"""The server's half of forms that can be sent later (static/js/outbox.js)."""

HEADER = "X-Portal-Fetch"


class FetchRedirectMiddleware:
    """Answers a form sent by fetch with 204 and ``X-Location`` where a browser would get a redirect.

    A script that follows a redirect itself would use up the success message before the user sees the page.
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
