"""Telling whoever creates a brand or learns a practice what is due, once per occasion and day of telling."""

from datetime import date, datetime

from apps.accounts.permissions import Right
from apps.accounts.selectors import nearest_with
from apps.activity.notify import Message, tell_each
from apps.brands.actions.brands import above
from apps.brands.selectors.desk import items_of
from apps.core.scope import Scope
from apps.core.telling import deadline, reached


def tell_duties(*, scope: Scope, today: date, now: datetime) -> int:
    """Messages that are new. What is late and ``escalates`` is told to those above as well."""
    people: dict[int, list] = {}
    messages = []
    for item in items_of(scope, today):
        if not (day := reached(item.tells, today)):
            continue
        if item.org.pk not in people:
            people[item.org.pk] = nearest_with(item.org, today, Right.BRAND_EDIT)
        others = above(item.org, today, Right.BRAND_REVIEW) if item.escalates and day > item.due_on else []
        body = (f"{item.note}。" if item.note else "") + deadline(item.due_on, today)
        messages += [Message(user, item.title, f"brands:{item.key}:{day}", body, item.url) for user in (*people[item.org.pk], *others)]
    return len(tell_each(messages, now=now))
