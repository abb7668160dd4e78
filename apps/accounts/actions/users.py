"""Writes about people who sign in."""

from axes.utils import reset as reset_failures
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from knox.models import AuthToken

from apps.accounts.actions.memberships import grant_membership
from apps.accounts.actions.passwords import make_password_text
from apps.accounts.models import Organization, User
from apps.core import trail
from apps.core.refusal import Refused

CACHED_SESSION = "django.contrib.sessions.cached_db{}"


@transaction.atomic
def create_user(
    *,
    username: str,
    display_name: str,
    email: str = "",
    phone: str = "",
    org: Organization,
    role: str,
    starts_on,
    ends_on=None,
    by: User | None,
    with_password: bool = True,
) -> tuple[User, str]:
    """Make a user together with the first membership; returns the user and the initial password, which is stored nowhere.

    Without a password nobody can sign in as the user until ``reset_password`` has given one.
    """
    text = make_password_text() if with_password else ""
    user = User(username=username, display_name=display_name, email=email, phone=phone, must_change_password=True)
    user.set_password(text or None)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Refused("这个用户名已有人使用。", code="username_taken", field="username") from error
    trail.record("user.created", user, by=by, org_path=org.path)
    grant_membership(user=user, org=org, role=role, starts_on=starts_on, ends_on=ends_on, by=by)
    return user, text


@transaction.atomic
def change_user(*, user: User, display_name: str, email: str, phone: str = "", by: User, org_path: str) -> User:
    user.display_name, user.email, user.phone = display_name, email, phone
    user.save(update_fields=["display_name", "email", "phone"])
    trail.record("user.changed", user, by=by, org_path=org_path)
    return user


@transaction.atomic
def set_active(*, user: User, active: bool, by: User, org_path: str) -> User:
    """Switch an account off (ends its sessions) or on again. Refuses one's own."""
    if user.pk == by.pk:
        raise Refused("不能停用自己的账号。", code="self")
    user.is_active = active
    user.save(update_fields=["is_active"])
    trail.record("user.changed", user, by=by, org_path=org_path, note="启用" if active else "停用")
    if not active:
        _drop_sessions(user)
    return user


@transaction.atomic
def end_sessions(*, user: User, by: User, org_path: str) -> int:
    """Sign a person out everywhere, API tokens included; returns how many browser sessions ended."""
    ended = _drop_sessions(user)
    trail.record("user.sessions_ended", user, by=by, org_path=org_path, data={"sessions": ended})
    return ended


def _drop_sessions(user: User) -> int:
    mine = [row.session_key for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator() if row.get_decoded().get("_auth_user_id") == str(user.pk)]
    Session.objects.filter(session_key__in=mine).delete()
    cache.delete_many([CACHED_SESSION.format(key) for key in mine])
    AuthToken.objects.filter(user=user).delete()
    return len(mine)


@transaction.atomic
def unlock(*, username: str, by: User, org_path: str) -> int:
    """Forget the failed sign-ins of a user name, so that the person may try again at once."""
    forgotten = reset_failures(username=username)
    trail.record("user.unlocked", by=by, title=username, org_path=org_path)
    return forgotten
