"""Tokens with which programs act as their owner on ``/api/``."""

from datetime import timedelta

from django.db import transaction
from knox.models import AuthToken

from apps.accounts.models import User
from apps.core import trail


@transaction.atomic
def issue_token(*, user: User, days: int) -> str:
    """A new token that ends after ``days``; only its hash is kept, so this is the one time it can be seen."""
    row, token = AuthToken.objects.create(user, expiry=timedelta(days=days))
    trail.record("token.issued", user, by=user, data={"key": row.token_key, "days": days})
    return token


@transaction.atomic
def revoke_token(*, user: User, key: str) -> bool:
    """End one of the user's tokens, named by its beginning; False when there is none."""
    gone, _ = AuthToken.objects.filter(user=user, token_key=key).delete()
    if gone:
        trail.record("token.revoked", user, by=user, data={"key": key})
    return bool(gone)
