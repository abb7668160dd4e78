"""Who is asking, on whose behalf, and the transaction that sees only that."""

import time

import pghistory
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from apps.accounts import selectors
from apps.accounts.navigation import navigation_for
from apps.accounts.permissions import CARRYING
from apps.core import asking
from apps.core.offline import CARRIED_UNTIL, NARROWED
from apps.core.scope import NOWHERE, entered


class TokenUserMiddleware:
    """On ``/api/`` a token in the Authorization header signs the caller in for this one request."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        request.api_token = None
        if request.path.startswith("/api/") and "Authorization" in request.headers:
            request.user = AnonymousUser()
            try:
                if found := TokenAuthentication().authenticate(request):
                    request.user, request.api_token = found
            except AuthenticationFailed:
                pass
        return self.get_response(request)


class SessionClockMiddleware:
    """Ends a session after ``SESSION_IDLE_SECONDS`` without a request; stamps it at most once a minute.

    Whoever carries a work list along (``CARRIED_UNTIL``, seconds since 1970) has no line to keep the session awake: until then it isn't ended but
    narrowed, and stays so until one signs in again.
    """

    STAMP = "seen_at"

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and request.api_token is None:
            now = int(time.time())
            seen = request.session.get(self.STAMP, now)
            if now - seen > settings.SESSION_IDLE_SECONDS and not self.is_carried(request, now):
                logout(request)
                request.session_ended = True
            elif now - seen >= 60 or self.STAMP not in request.session:
                request.session[self.STAMP] = now
        return self.get_response(request)

    def is_carried(self, request, now: int) -> bool:
        if now >= request.session.get(CARRIED_UNTIL, 0) or not settings.OFFLINE_HOURS:
            return False
        request.session[NARROWED] = True
        return True


class ScopeMiddleware:
    """Gives the request ``memberships``, ``membership``, ``scope``, ``rights``, ``today`` and ``navigation``, and runs it inside that scope.

    One transaction holds the view and its rendering; any answer of 400 and above rolls it back.
    """

    FREE = ("password_change", "logout", "keepalive", "elder_mode", "choose_membership", "service_worker", "offline")

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        request.today = timezone.localdate()
        request.membership, request.memberships, request.scope, request.rights, request.navigation = None, [], NOWHERE, frozenset(), []
        if not request.user.is_authenticated:
            return self.get_response(request)
        self.know(request)
        if away := self.must_go_first(request):
            return away
        with pghistory.context(user=request.user.pk, url=request.path), entered(request.scope):
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def know(self, request) -> None:
        chosen = request.session.get("membership") if request.api_token is None else None
        request.memberships = list(selectors.memberships_of(request.user, request.today))
        request.membership = selectors.acting_membership(request.memberships, chosen)
        if request.membership:
            request.scope = selectors.scope_of(request.membership)
            asking.current().role = request.membership.role
            request.rights = selectors.rights_of(request.membership)
            if request.api_token is None and request.session.get(NARROWED):
                request.rights &= CARRYING
            request.navigation = navigation_for(request.rights)

    def must_go_first(self, request):
        """An initial or expired password is changed before anything else."""
        if request.api_token is not None or not selectors.password_is_due(request.user, timezone.now()):
            return None
        if request.path in {reverse(name) for name in self.FREE} or request.path.startswith(settings.STATIC_URL):
            return None
        return redirect("password_change")
