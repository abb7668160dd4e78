"""Asking the database about staged rows."""

import json
from contextlib import contextmanager
from typing import Any

from django.db import connection

from apps.core.workbooks.problems import Problem

Flag = tuple[int, str, Problem]
"""(staged row, field of the kind, what is wrong there)."""


def rows_of(sql: str, params: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@contextmanager
def by_hash():
    """The statements within join by hash: PostgreSQL takes rows staged a moment ago for few and would go through them one by one."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def loaded(value: Any) -> Any:
    """A jsonb column as Python values; a bare cursor may give its text."""
    return json.loads(value) if isinstance(value, str) else value
