"""请假代管: who stands in for whom on a day. The work list, the digest and whoever else asks "whose" ask here.

The pairing stays as it is; on the days of the absence the deputy sees the duties besides the own ones, and what is still to be told goes to the deputy.
"""

from datetime import date

from django.db import connection

from apps.care.models import Absence

STAND_IN = """
UPDATE care_reminder r SET user_id = a.deputy_id
FROM care_absence a JOIN accounts_user u ON u.id = a.deputy_id AND u.is_active
WHERE a.worker_id = r.user_id AND a.ended_at IS NULL AND %(today)s BETWEEN a.starts_on AND a.ends_on AND r.digest_id IS NULL AND r.settled_at IS NULL AND {nobody_twice}
"""
READDRESS = """
UPDATE care_reminder r SET user_id = a.deputy_id
FROM (SELECT %(new)s::bigint AS deputy_id) a
WHERE r.user_id = %(old)s AND r.digest_id IS NULL AND r.settled_at IS NULL AND (r.plan_id = ANY(%(plans)s::bigint[]) OR r.todo_id = ANY(%(todos)s::bigint[])) AND {nobody_twice}
"""
NOBODY_TWICE = """NOT EXISTS (
  SELECT FROM care_reminder n WHERE n.user_id = a.deputy_id AND n.rule = r.rule AND n.due_on = r.due_on AND n.stage = r.stage
    AND n.plan_id IS NOT DISTINCT FROM r.plan_id AND n.todo_id IS NOT DISTINCT FROM r.todo_id)"""


def absences_on(day: date):
    return Absence.objects.filter(ended_at=None, starts_on__lte=day, ends_on__gte=day)


def stands_in_for(user, today: date) -> dict[int, str]:
    """Key → name of those whose duties ``user`` sees on this day."""
    return {row.worker_id: str(row.worker) for row in absences_on(today).filter(deputy=user).select_related("worker").order_by("pk")}


def send_to_deputies(today: date) -> int:
    """What is not yet told goes to the deputy of whoever is away today. Run in the whole scope."""
    with connection.cursor() as cursor:
        cursor.execute(STAND_IN.format(nobody_twice=NOBODY_TWICE), {"today": today})
        return cursor.rowcount


def readdress(*, plans: list[int], todos: list[int], old: int, new: int) -> int:
    """What ``old`` was still to be told of these plans and to-dos, ``new`` is told."""
    with connection.cursor() as cursor:
        cursor.execute(READDRESS.format(nobody_twice=NOBODY_TWICE), {"plans": plans, "todos": todos, "old": old, "new": new})
        return cursor.rowcount
