"""The key to what a user's browsers have not been able to send yet."""

import base64
import secrets

from django.db import transaction

from apps.accounts.models import LetterKey, User


@transaction.atomic
def letter_key(*, user: User) -> str:
    """The user's own, base64 of 32 bytes; made at the first asking, however many windows ask at once."""
    found, _ = LetterKey.objects.get_or_create(user=user, defaults={"secret": base64.b64encode(secrets.token_bytes(32)).decode()})
    return found.secret
