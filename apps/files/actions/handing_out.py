"""Initial passwords of accounts that an import has made: made at the moment they are handed out, kept nowhere."""

from datetime import datetime

from django.db import transaction

from apps.accounts.actions import reset_password
from apps.accounts.models import User
from apps.activity import audit
from apps.core.refusal import Refused
from apps.files import selectors
from apps.files.models import BatchState, ImportBatch

AT_ONCE = 100
"""Hashing takes its time; the next press gives the next ones."""


@transaction.atomic
def hand_out_passwords(*, batch: ImportBatch, by: User, now: datetime) -> list[tuple[User, str]]:
    """(user, initial password) of those who have none yet, each once: pressed again it gives the others, or ``Refused`` when there are none."""
    if batch.kind != "users" or batch.state != BatchState.APPLIED:
        raise Refused("这一批没有开通账号。", code="no_accounts", status=409)
    waiting = list(selectors.without_password(batch).select_for_update(of=("self",))[:AT_ONCE])
    if not waiting:
        raise Refused("这一批开通的账号都已发过初始密码。忘记的，请在“用户与任职”中逐个重置。", code="handed_out", status=409)
    found = [(user, reset_password(user=user, by=by, now=now)) for user in waiting]
    audit.record("import.passwords_handed_out", batch, by=by, title=batch.file.name, data={"users": len(found)})
    return found
