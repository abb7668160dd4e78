"""Every write of accounts. Audit of these stands in the callers above, where the audit app is known."""

from django.conf import settings
from django.db import transaction
from knox.models import AuthToken

from apps.accounts.models import PasswordRecord, User


@transaction.atomic
def change_password(*, user: User, password: str, now, must_change: bool = False) -> User:
    """Set a password, remember the old hash, end every token. Sessions end because their hash no longer fits."""
    if user.password:
        PasswordRecord.objects.create(user=user, password=user.password, set_at=now)
    old = list(user.password_records.values_list("pk", flat=True)[settings.PASSWORD_REMEMBERED :])
    PasswordRecord.objects.filter(pk__in=old).delete()
    user.set_password(password)
    user.password_changed_at, user.must_change_password = now, must_change
    user.save(update_fields=["password", "password_changed_at", "must_change_password"])
    AuthToken.objects.filter(user=user).delete()
    return user


def set_elder_mode(*, user: User, on: bool) -> None:
    user.elder_mode = on
    user.save(update_fields=["elder_mode"])
