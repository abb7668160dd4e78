"""Telling whoever creates a brand or learns a practice what is due, once per occasion and day of telling."""

from datetime import date, datetime
from functools import cache

from apps.accounts.models import Organization, User
from apps.accounts.permissions import Right
from apps.accounts.selectors import nearest_with
from apps.activity.notify import Message, tell_each
from apps.brands.actions.brands import above
from apps.brands.selectors.desk import items_of
from apps.core.scope import Scope
from apps.core.telling import deadline, reached


def tell_duties(*, scope: Scope, today: date, now: datetime) -> int:
    """Messages that are new. What is late and ``escalates`` is told to those above as well."""
    @cache
    def people(org: Organization) -> list[User]:
        return nearest_with(org, today, Right.BRAND_EDIT)

    @cache
    def reviewers(org: Organization) -> list[User]:
        return above(org, today, Right.BRAND_REVIEW)

    messages = []
    for item in items_of(scope, today):
        if not (day := reached(item.tells, today)):
            continue
        others = reviewers(item.org) if item.escalates and day > item.due_on else []
        body = (f"{item.note}。" if item.note else "") + deadline(item.due_on, today)
        messages += [Message(user, item.title, f"brands:{item.key}:{day}", body, item.url) for user in (*people(item.org), *others)]
    return len(tell_each(messages, now=now))
