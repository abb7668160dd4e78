"""How the API knows its caller: the middleware has already read session or token, so both share one scope and one set of fences."""

from django.core.exceptions import PermissionDenied
from knox.auth import TokenAuthentication
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from apps.core.refusal import Refused


class RequestUserAuthentication(BaseAuthentication):
    """The user the middleware found; a session caller must also bring the CSRF token."""

    def authenticate(self, request):
        user = getattr(request._request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        token = getattr(request._request, "api_token", None)
        if token is None:
            SessionAuthentication().enforce_csrf(request)
        return user, token

    def authenticate_header(self, request):
        return TokenAuthentication().authenticate_header(request)


class HasRight(BasePermission):
    """The view names its rights: ``rights`` for reading, ``write_rights`` for the rest."""

    message = "您的角色没有这项权限。"

    def has_permission(self, request, view) -> bool:
        held = getattr(request, "rights", frozenset())
        needed = view.rights if request.method in ("GET", "HEAD", "OPTIONS") else view.write_rights
        return bool(held.intersection(needed))


def refusals_as_json(error, context):
    """Every error becomes ``{"code", "message"}`` with its status: refusals with their ``field``, wrong input with ``errors`` by field."""
    from rest_framework.views import exception_handler  # rest_framework.views imports this module while it is loaded

    if isinstance(error, Refused):
        return Response({"code": error.code, "message": error.sentence, "field": error.field}, status=error.status)
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        errors = response.data if isinstance(response.data, dict) else {"": response.data}
        response.data = {"code": "invalid", "message": f"有 {len(errors)} 项需要改正。", "errors": errors}
    elif isinstance(response.data, dict) and "detail" in response.data:
        response.data = {"code": response.data["detail"].code, "message": str(response.data["detail"])}
    return response
