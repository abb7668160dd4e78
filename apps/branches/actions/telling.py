"""Telling whoever keeps a branch what is due, once per occasion and day of telling."""

from datetime import date, datetime

from django.db.models import QuerySet

from apps.accounts.models import Organization
from apps.accounts.permissions import Right
from apps.accounts.selectors import nearest_with
from apps.activity.notify import Message, tell_each
from apps.branches.models import Branch
from apps.branches.selectors.desk import items_of
from apps.core.telling import deadline, reached

AT_ONCE = 1000


def tell_branches(*, today: date, now: datetime, found: QuerySet | None = None) -> int:
    """Messages that are new. ``found``: which branches, all in the scope without it. Random inspections and what isn't due yet stay untold."""
    keys = list((found if found is not None else Branch.objects.all()).filter(dissolved_on=None).order_by("pk").values_list("pk", flat=True))
    told = 0
    for start in range(0, len(keys), AT_ONCE):
        told += _tell(Branch.objects.filter(pk__in=keys[start : start + AT_ONCE]), today, now)
    return told


def _tell(part: QuerySet, today: date, now: datetime) -> int:
    people: dict[int, list] = {}
    messages = []
    for item in items_of(part, today):
        if not (day := reached(item.tells, today)):
            continue
        org: Organization = item.branch.org
        if org.pk not in people:
            people[org.pk] = nearest_with(org, today, Right.BRANCH_EDIT)
        body = f"{item.note}。" if item.note else ""
        body += deadline(item.due_on, today)
        for user in people[org.pk]:
            messages.append(Message(user, f"{item.branch.name}：{item.title}", f"branch:{item.key}:{day}", body, item.address))
    return len(tell_each(messages, now=now))
