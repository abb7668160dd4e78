"""What work groups are told by their robots: how many are due below each organisation; names only where the administrator of the robot ticked them."""

from datetime import date, datetime

from django.db import connection
from django.urls import reverse

from apps.activity.models import GroupMessage, GroupRobot
from apps.activity.robots import sending
from apps.activity.selectors import robots_at_work
from apps.core.scope import Scope, upper_bound

NAMED = 20
"""People named in one message at most."""
COUNTED = """
SELECT r.stage, r.rule, count(DISTINCT COALESCE(r.plan_id, -r.todo_id))
FROM care_reminder r JOIN care_digest d ON d.id = r.digest_id AND d.day = %(day)s
WHERE r.org_path >= %(first)s AND r.org_path < %(beyond)s GROUP BY 1, 2
"""
WHO = """
SELECT DISTINCT ON (c.id) c.id, c.name, r.due_on FROM care_reminder r JOIN care_digest d ON d.id = r.digest_id AND d.day = %(day)s
LEFT JOIN care_serviceplan p ON p.id = r.plan_id LEFT JOIN care_todo t ON t.id = r.todo_id JOIN cadres_cadre c ON c.id = COALESCE(p.cadre_id, t.cadre_id)
WHERE r.org_path >= %(first)s AND r.org_path < %(beyond)s ORDER BY c.id, r.due_on
"""


def tell_groups(scope: Scope, *, today: date, now: datetime, worded) -> int:
    """Queue the day's message of every robot below whose organisation somebody was reminded today; once a day. ``worded`` turns counts into (title, lines)."""
    messages = []
    for robot in robots_at_work(scope):
        found: dict[str, dict[str, int]] = {}
        for stage, rule, number in _rows(COUNTED, robot, today):
            found.setdefault(stage, {})[rule] = number
        if found:
            messages.append(_message(robot, found, today, now, worded))
    return sending.queue(messages) if messages else 0


def _message(robot: GroupRobot, found: dict, today: date, now: datetime, worded) -> GroupMessage:
    title, lines = worded(found, today)
    if robot.with_names:
        people = sorted((due, name) for _, name, due in _rows(WHO, robot, today))
        more = f" 等 {len(people)} 人" if len(people) > NAMED else ""
        lines.append("、".join(name for _, name in people[:NAMED]) + more)
    body = "\n".join([robot.org.label, *lines])
    return GroupMessage(robot=robot, org=robot.org, org_path=robot.org_path, key=f"digest:{today:%Y-%m-%d}", title=title, body=body, url=reverse("worklist"), created_at=now)


def _rows(sql: str, robot: GroupRobot, today: date) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"day": today, "first": robot.org_path, "beyond": upper_bound(robot.org_path)})
        return cursor.fetchall()
