"""Signing in and out, as Django and axes announce it, goes into the audit."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from apps.activity import audit


@receiver(user_logged_in)
def signed_in(sender, request, user, **kwargs):
    audit.record("session.signed_in", user, by=user, request=request)


@receiver(user_logged_out)
def signed_out(sender, request, user, **kwargs):
    if user is not None:
        audit.record("session.signed_out", user, by=user, request=request)


@receiver(user_login_failed)
def failed(sender, credentials, request=None, **kwargs):
    audit.record("session.failed", title=str(credentials.get("username", ""))[:60], request=request)


@receiver(user_locked_out)
def locked(sender, username=None, ip_address=None, request=None, **kwargs):
    audit.record("session.locked", title=str(username or "")[:60], note=str(ip_address or ""), request=request)
