"""A number for every request, in the log line and in the answer."""

import re
import uuid

import structlog

from apps.core import asking

SHAPE = re.compile(r"^[0-9A-Za-z-]{8,64}$")
log = structlog.get_logger("portal.request")


class RequestIdMiddleware:
    """Takes ``X-Request-ID`` from a proxy when it looks like one, else makes it; one log line per request, no query string."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if SHAPE.match(given) else uuid.uuid4().hex
        asked = asking.begin(request.META.get("REMOTE_ADDR") or "", request.request_id)
        with structlog.contextvars.bound_contextvars(request_id=request.request_id):
            try:
                response = self.get_response(request)
            finally:
                asking.end(asked)
            user = getattr(request, "user", None)
            log.info("request", method=request.method, path=request.path, status=response.status_code, user_id=getattr(user, "pk", None))
        response["X-Request-ID"] = request.request_id
        return response
