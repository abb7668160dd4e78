"""Signing in and out, as Django and axes announce it, goes into the audit."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from apps.activity import audit


@receiver(user_logged_in)
def signed_in(sender, user, **kwargs):
    audit.record("session.signed_in", user, by=user)


@receiver(user_logged_out)
def signed_out(sender, user, **kwargs):
    if user is not None:
        audit.record("session.signed_out", user, by=user)


@receiver(user_login_failed)
def failed(sender, credentials, **kwargs):
    audit.record("session.failed", title=str(credentials.get("username", ""))[:60])


@receiver(user_locked_out)
def locked(sender, username=None, ip_address=None, **kwargs):
    audit.record("session.locked", title=str(username or "")[:60], note=str(ip_address or ""))
