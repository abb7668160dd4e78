"""The one definition of "due".

A person is owed two things: to be seen in person (``visit``; ``away`` for those settled elsewhere, 易地安置) and to be contacted
(``contact``; a meeting is a contact too). The due day is the day of the last one plus the interval of the class; where there was none yet,
the first day of the person's first plan counts, so that a new year's plan never hides somebody forgotten. A visit put off with a reason is due
on the new day, until somebody has been there. All visits of the person count,
whatever plan or year they fell in, unless voided; a visit to the survivor (遗属) is not a visit to the person.

Owed by the newest active plan of a person on the register; the dead, those moved out and closed plans owe nothing.
Due days depend on plan, visits and the rule in force, not on the passing of days: they stand in the plan's own columns and
``settle`` writes them, after every change of one of the three. Intervals: table ``FrequencyRule`` (defaults in ``apps.care.standards``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Max, Q, TextChoices

from apps.care.models import DailyRun, FrequencyRule, ServicePlan


class Rule(TextChoices):
    VISIT = "visit", "走访"
    AWAY = "away", "易地走访"
    CONTACT = "contact", "联系"


@dataclass(frozen=True)
class DutyRule:
    """One kind of duty: where its due day and last day stand on the plan, whom it binds, and which interval it takes."""

    key: str
    name: str
    due: str
    last: str
    interval: str
    binds: Q
    in_person: bool


RULES: dict[str, DutyRule] = {
    rule.key: rule
    for rule in (
        DutyRule(Rule.AWAY, Rule.AWAY.label, "visit_due_on", "last_visit_on", "away_visit_days", Q(away=True), True),
        DutyRule(Rule.CONTACT, Rule.CONTACT.label, "contact_due_on", "last_contact_on", "contact_days", Q(), False),
        DutyRule(Rule.VISIT, Rule.VISIT.label, "visit_due_on", "last_visit_on", "visit_days", Q(away=False), True),
    )
}

SETTLE = """
UPDATE care_serviceplan p
SET last_contact_on = n.contact, last_visit_on = n.visit, contact_due_on = n.contact_due, visit_due_on = n.visit_due
FROM (
  SELECT p.id, v.contact, v.visit,
         CASE WHEN owes THEN COALESCE(v.contact, s.first_day) + r.contact_days END AS contact_due,
         CASE WHEN owes AND p.moved_on > COALESCE(v.visit, s.first_day) THEN p.moved_to
              WHEN owes THEN COALESCE(v.visit, s.first_day) + CASE WHEN p.away THEN r.away_visit_days ELSE r.visit_days END END AS visit_due
  FROM care_serviceplan p
  JOIN cadres_cadre c ON c.id = p.cadre_id
  JOIN (SELECT cadre_id, min(starts_on) AS first_day, max(year) FILTER (WHERE state = 'active') AS newest
        FROM care_serviceplan {of_people} GROUP BY cadre_id) s ON s.cadre_id = p.cadre_id
  LEFT JOIN (SELECT cadre_id, max(visited_on) AS contact, max(visited_on) FILTER (WHERE in_person) AS visit
        FROM care_visit WHERE voided_at IS NULL AND survivor_id IS NULL AND visited_on <= %(today)s {and_of_people} GROUP BY cadre_id) v ON v.cadre_id = p.cadre_id
  LEFT JOIN (SELECT DISTINCT ON (attention_class) * FROM care_frequencyrule
        WHERE valid_from <= %(today)s AND (valid_to IS NULL OR valid_to >= %(today)s)
        ORDER BY attention_class, valid_from DESC) r ON r.attention_class = p.attention_class
  CROSS JOIN LATERAL (SELECT c.standing = 'active' AND p.year = s.newest AS owes) o
  WHERE p.state = 'active'
) n
WHERE n.id = p.id
  AND (p.last_contact_on, p.last_visit_on, p.contact_due_on, p.visit_due_on) IS DISTINCT FROM (n.contact, n.visit, n.contact_due, n.visit_due)
"""


def settle(plan_ids: Iterable[int] | None = None, *, today: date) -> int:
    """Write the last and due days of active plans anew, in one statement; returns how many plans changed.

    ``plan_ids`` narrows it to the people of these plans (a person's other plans are settled along, since only the newest one owes);
    ``None`` settles every plan the present scope sees, as after a change of the rules. Visits dated after ``today`` don't count.
    """
    parameters: dict = {"today": today}
    clauses = {"of_people": "", "and_of_people": ""}
    sql = SETTLE
    if plan_ids is not None:
        people = list(ServicePlan.objects.filter(pk__in=list(plan_ids)).values_list("cadre_id", flat=True).distinct())
        if not people:
            return 0
        parameters["people"] = people
        clauses = {"of_people": "WHERE cadre_id = ANY(%(people)s)", "and_of_people": "AND cadre_id = ANY(%(people)s)"}
        sql += " AND p.cadre_id = ANY(%(people)s)"
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**clauses), parameters)
        return cursor.rowcount


def settle_after_rule_change(*, today: date) -> int:
    """Settle everything when a frequency came into force or ended since the last day reminders were opened (or none ever were)."""
    last = DailyRun.objects.filter(day__lte=today).aggregate(last=Max("day"))["last"]
    changed = FrequencyRule.objects.all()
    if last is not None:
        changed = changed.filter(Q(valid_from__gte=last, valid_from__lte=today) | Q(valid_to__gte=last, valid_to__lt=today))
    return settle(today=today) if changed.exists() else 0
