"""Telling: one message per person and day, however many reminders; claimed, asked again whether still due, and told in one transaction."""

from collections import defaultdict
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.db.models.functions import Coalesce
from django.urls import reverse

from apps.accounts.models import User
from apps.activity.notify import Message, tell_each
from apps.activity.sending import asked_again
from apps.care.models import Digest, Reminder, Source, Stage
from apps.care.reminders.deputies import send_to_deputies
from apps.care.reminders.groups import tell_groups
from apps.care.reminders.ledger import take_turns
from apps.care.reminders.rules import RULES
from apps.core.scope import NOWHERE, current_scope, system_scope
from apps.core.workdays import working_days

DUE_ONCE = "t.state = 'open' AND t.due_on = r.due_on"
DUE = """p.state = 'active' AND c.standing = 'active'
  AND r.due_on IS NOT DISTINCT FROM CASE WHEN r.rule = 'contact' THEN p.contact_due_on ELSE p.visit_due_on END
  AND (r.rule = 'contact' OR (r.rule = 'away') = p.away)"""
"""Whether what a reminder ``r`` says is still owed: by the to-do ``t``, by the plan ``p`` of the person ``c``."""
DROP_SETTLED_ONCE = f"""
UPDATE care_reminder r SET settled_at = %(now)s FROM care_todo t
WHERE t.id = r.todo_id AND r.digest_id IS NULL AND r.settled_at IS NULL AND NOT ({DUE_ONCE})
"""
DROP_SETTLED = f"""
UPDATE care_reminder r SET settled_at = %(now)s
FROM care_serviceplan p JOIN cadres_cadre c ON c.id = p.cadre_id
WHERE p.id = r.plan_id AND r.digest_id IS NULL AND r.settled_at IS NULL AND NOT ({DUE})
"""
OVER = f"""
SELECT d.notification_id FROM care_digest d WHERE d.notification_id = ANY(%(told)s) AND NOT EXISTS (
  SELECT FROM care_reminder r LEFT JOIN care_todo t ON t.id = r.todo_id LEFT JOIN care_serviceplan p ON p.id = r.plan_id LEFT JOIN cadres_cadre c ON c.id = p.cadre_id
  WHERE r.digest_id = d.id AND (r.todo_id IS NOT NULL AND {DUE_ONCE} OR r.plan_id IS NOT NULL AND {DUE}))
"""
"""Messages of which nothing is owed any more."""
DROP_PASSED = """
UPDATE care_reminder r SET settled_at = %(now)s FROM care_reminder n
WHERE r.digest_id IS NULL AND r.settled_at IS NULL AND r.opened_on < %(day)s AND n.digest_id IS NULL AND n.settled_at IS NULL AND n.opened_on > r.opened_on
  AND n.user_id = r.user_id AND n.due_on = r.due_on AND n.rule = r.rule AND COALESCE(n.plan_id, -n.todo_id) = COALESCE(r.plan_id, -r.todo_id)
"""
"""Stages gone through while nobody was told: only the newest one is."""
CLAIM = """
WITH digest AS (
  INSERT INTO care_digest (user_id, day, created_at)
  SELECT DISTINCT r.user_id, %(day)s::date, %(now)s::timestamptz
  FROM care_reminder r JOIN accounts_user u ON u.id = r.user_id AND u.is_active
  WHERE r.digest_id IS NULL AND r.settled_at IS NULL
  ON CONFLICT (user_id, day) DO NOTHING
  RETURNING id, user_id
), claimed AS (
  UPDATE care_reminder r SET digest_id = d.id FROM digest d
  WHERE r.user_id = d.user_id AND r.digest_id IS NULL AND r.settled_at IS NULL
)
SELECT id FROM digest
"""
NAMES = {key: rule.name for key, rule in RULES.items()} | dict(Source.choices)
STAGES = ((Stage.ESCALATED, "督促"), (Stage.OVERDUE, "已逾期"), (Stage.UPCOMING, "即将到期"))


def is_quiet(today: date) -> bool:
    """Whether nobody is told anything on this day: weekends and holidays, but not the weekends that are worked."""
    return not settings.REMIND_ON_DAYS_OFF and not working_days().is_working(today)


@transaction.atomic
def send_digests(*, today: date, now: datetime) -> int:
    """Tell everybody who has untold reminders, once a day; returns how many people were told.

    Reminders no longer due (visited meanwhile, dead, moved, closed, due day moved), and stages passed on days off, are settled and never told. What opens after somebody was told
    today waits for tomorrow's message. All or nothing: a run that dies leaves no trace and is simply repeated. Run in the whole scope.
    """
    take_turns()
    send_to_deputies(today)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # the ledger has just grown: what PostgreSQL believes of its size is of yesterday
        cursor.execute(DROP_SETTLED, {"now": now})
        cursor.execute(DROP_SETTLED_ONCE, {"now": now})
        cursor.execute(DROP_PASSED, {"day": today, "now": now})
        cursor.execute(CLAIM, {"day": today, "now": now})
        made = [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_nestloop = on")
    if made:
        _tell(made, today, now)
        tell_groups(current_scope() or NOWHERE, today=today, now=now, worded=_worded)
    return len(made)


@asked_again("digest:")
def over(notifications: list[int]) -> set[int]:
    """Which of these daily messages remind of nothing that is still owed; asked right before a mail leaves the house."""
    with system_scope("still due"), connection.cursor() as cursor:
        cursor.execute(OVER, {"told": notifications})
        return {pk for (pk,) in cursor.fetchall()}


def _tell(made: list[int], today: date, now: datetime) -> None:
    counted: dict[int, dict] = defaultdict(dict)
    groups = Reminder.objects.filter(digest__in=made).values("digest__user_id", "stage", "rule").annotate(n=Count(Coalesce("plan", "todo"), distinct=True))
    for row in groups.order_by():
        counted[row["digest__user_id"]].setdefault(row["stage"], {})[row["rule"]] = row["n"]
    users = User.objects.in_bulk(counted.keys())
    key = f"digest:{today:%Y-%m-%d}"
    told = tell_each([_message(users[pk], found, key, today) for pk, found in counted.items()], now=now)
    of_user = {row.user_id: row for row in told}
    digests = list(Digest.objects.filter(pk__in=made))
    for digest in digests:
        digest.notification = of_user[digest.user_id]
    Digest.objects.bulk_update(digests, ["notification"], batch_size=1000)


def _message(user: User, found: dict, key: str, today: date) -> Message:
    """Counts only: names stay inside the portal, since the same words go out by mail."""
    title, lines = _worded(found, today)
    lines.append("请登录平台查看名单并安排走访、联系。" if set(found) != {Stage.ESCALATED} else "以上服务对象逾期较久，请过问并督促落实。")
    where = reverse("dashboard") if set(found) == {Stage.ESCALATED} else reverse("worklist")
    return Message(user=user, title=title, body="\n".join(lines), url=where, key=key)


def _worded(found: dict, today: date) -> tuple[str, list[str]]:
    """Title and a line per stage for counts by stage and rule."""
    lines, short = [], []
    for stage, word in STAGES:
        if rules := found.get(stage):
            short.append(f"{word} {sum(rules.values())} 项")
            lines.append(f"{word}：" + "、".join(f"{NAMES[rule]} {n} {'人' if rule in RULES else '项'}" for rule, n in sorted(rules.items())) + "。")
    return f"{today.month} 月 {today.day} 日走访提醒：" + "，".join(short), lines
