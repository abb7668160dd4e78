"""Writes about passwords and the reading size."""

import secrets

from django.conf import settings
from django.db import transaction
from knox.models import AuthToken

from apps.accounts.models import PasswordRecord, User
from apps.core import trail

LETTERS = "abcdefghjkmnpqrstuvwxyz"
CAPITALS = "ABCDEFGHJKMNPQRSTUVWXYZ"
DIGITS = "23456789"


def make_password_text() -> str:
    """An initial password a person can read out: letters, capitals and digits that can't be mistaken for one another."""
    parts = ["".join(secrets.choice(kind) for _ in range(4)) for kind in (LETTERS, CAPITALS, DIGITS)]
    return "-".join(parts)


@transaction.atomic
def change_password(*, user: User, password: str, by: User, now, must_change: bool = False) -> User:
    """Set a password and remember the old hash; ends every session (their hash no longer fits) and every API token."""
    if user.password:
        PasswordRecord.objects.create(user=user, password=user.password, set_at=now)
    old = list(user.password_records.values_list("pk", flat=True)[settings.PASSWORD_REMEMBERED :])
    PasswordRecord.objects.filter(pk__in=old).delete()
    user.set_password(password)
    user.password_changed_at, user.must_change_password = now, must_change
    user.save(update_fields=["password", "password_changed_at", "must_change_password"])
    AuthToken.objects.filter(user=user).delete()
    trail.record("password.reset" if must_change else "password.changed", user, by=by)
    return user


@transaction.atomic
def reset_password(*, user: User, by: User, now) -> str:
    """Give an initial password, to be changed at the next sign-in; returns it once, it is stored nowhere."""
    text = make_password_text()
    change_password(user=user, password=text, by=by, now=now, must_change=True)
    return text


def set_elder_mode(*, user: User, on: bool) -> None:
    user.elder_mode = on
    user.save(update_fields=["elder_mode"])
