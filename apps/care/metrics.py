"""Plans and visits: who should have been seen in a period, who was, who is late.

People are counted, not calls. A person with a plan in force at the period's end (or today)
* should have been seen (应访) if, without any visit in the period, the visit would have fallen due by its end: last meeting before the period
  (or the first day of the first plan) plus the interval of the class; whoever was late already when it began is one of them;
* is late (逾期) if at the end the visit owed is past its due day;
* has been seen (已访) if due, met in person in the period, and not late at its end.
What remains falls due this very day. So due = seen + late + today, in past periods due = seen + late.

Plan in force: the newest active plan of somebody on the register, as ``settle`` left it; for past periods the newest one begun by then (a later plan or death does
not change it). Interval: the rule version in force on the last day; class: the one decided by then. Visits: not voided, to the person; also those
logged later. So a past quarter can be counted again and differs only by what was registered later; published reports are frozen.
Late here, on the work list and in the ledger is one rule: ``apps.care.reminders.rules``.
"""

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from apps.cadres.metrics import people_list, select_people
from apps.care import answers  # noqa: F401 - registers itself
from apps.care.models import PlanState, ServicePlan
from apps.care.selectors.suggestions import class_only
from apps.core.metrics import Family, Metric, Period, inside, named, register
from apps.core.scope import Scope

SILENT_DAYS = 30
"""Somebody of 重点关注 not contacted for so long is named to the leaders."""

RULE = """rule AS (
  SELECT DISTINCT ON (attention_class) * FROM care_frequencyrule
  WHERE valid_from <= %(as_of)s AND (valid_to IS NULL OR valid_to >= %(as_of)s) ORDER BY attention_class, valid_from DESC
)"""

SERVED_NOW = """
WITH {rule}, person AS MATERIALIZED (
  SELECT p.id, p.cadre_id, p.org_path, p.worker_id, p.away, p.attention_class, p.last_visit_on AS visit,
    COALESCE(p.last_contact_on, p.contact_due_on - r.contact_days) AS contact,
    COALESCE(p.last_visit_on, p.visit_due_on - d.days) AS met,
    p.visit_due_on AS due_on, p.contact_due_on,
    CASE WHEN p.visit_due_on <= %(as_of)s OR p.last_visit_on IS NULL OR p.last_visit_on < %(first)s THEN p.visit_due_on
         WHEN p.starts_on < %(first)s AND %(first)s::date - 1 + d.days <= %(as_of)s THEN %(as_of)s
         ELSE COALESCE((SELECT v.visited_on FROM care_visit v WHERE v.cadre_id = p.cadre_id AND v.visited_on < %(first)s AND v.in_person
                          AND v.voided_at IS NULL AND v.survivor_id IS NULL ORDER BY v.visited_on DESC LIMIT 1),
                       LEAST((SELECT min(s.starts_on) FROM care_serviceplan s WHERE s.cadre_id = p.cadre_id), p.last_visit_on)) + d.days
    END AS due_without
  FROM care_serviceplan p
  LEFT JOIN rule r ON r.attention_class = p.attention_class
  CROSS JOIN LATERAL (SELECT CASE WHEN p.away THEN r.away_visit_days ELSE r.visit_days END AS days) d
  WHERE {inside_p} AND p.state = 'active' AND (p.visit_due_on IS NOT NULL OR p.attention_class NOT IN (SELECT attention_class FROM rule))
)
"""
"""The running period stands on the columns that ``settle`` keeps. Whoever was met in it and isn't due again would have been due without that
meeting: always, where a whole interval fits into the period, else by the meeting before."""

SERVED_THEN = """
WITH plan AS (
  SELECT DISTINCT ON (p.cadre_id) p.id, p.cadre_id, p.org_path, p.worker_id, p.away,
    COALESCE((SELECT COALESCE(NULLIF(d.before, ''), d.suggested) FROM care_classdecision d
              WHERE d.plan_id = p.id AND d.at >= %(ended_at)s ORDER BY d.at, d.id LIMIT 1), p.attention_class) AS attention_class
  FROM care_serviceplan p
  WHERE {inside_p} AND p.year <= %(year)s AND p.starts_on <= %(as_of)s AND p.cadre_id IN (SELECT g.pk FROM ({register}) g WHERE g.here)
  ORDER BY p.cadre_id, p.year DESC
), start AS (
  SELECT cadre_id, min(starts_on) AS first_day FROM care_serviceplan WHERE {inside} GROUP BY cadre_id
), seen AS (
  SELECT cadre_id, max(visited_on) AS contact, max(visited_on) FILTER (WHERE in_person) AS visit,
         max(visited_on) FILTER (WHERE in_person AND visited_on < %(first)s) AS before
  FROM care_visit WHERE voided_at IS NULL AND survivor_id IS NULL AND visited_on <= %(as_of)s AND {inside} GROUP BY cadre_id
), {rule}, person AS (
  SELECT p.*, COALESCE(v.contact, s.first_day) AS contact, v.visit,
    COALESCE(v.visit, s.first_day) AS met,
    COALESCE(v.visit, s.first_day) + d.days AS due_on,
    COALESCE(v.before, LEAST(s.first_day, v.visit)) + d.days AS due_without,
    COALESCE(v.contact, s.first_day) + r.contact_days AS contact_due_on
  FROM plan p
  JOIN start s ON s.cadre_id = p.cadre_id
  LEFT JOIN seen v ON v.cadre_id = p.cadre_id
  LEFT JOIN rule r ON r.attention_class = p.attention_class
  CROSS JOIN LATERAL (SELECT CASE WHEN p.away THEN r.away_visit_days ELSE r.visit_days END AS days) d
)
"""

JUDGED = """
SELECT id AS pk, org_path, cadre_id, attention_class, worker_id, visit AS last_met, contact AS last_contact, due_on, true AS planned,
  (worker_id IS NULL OR worker_id NOT IN (SELECT u.id FROM accounts_user u WHERE u.is_active)) AS unassigned,
  COALESCE(due_without <= %(as_of)s, false) AS due,
  COALESCE(due_without <= %(as_of)s AND visit >= %(first)s AND due_on >= %(until)s, false) AS done,
  COALESCE(due_on < %(until)s, false) AS overdue,
  COALESCE(due_on < %(month_late)s, false) AS overdue_30,
  COALESCE(due_without <= %(as_of)s AND due_on >= %(until)s AND (visit IS NULL OR visit < %(first)s), false) AS due_today,
  COALESCE(contact_due_on < %(until)s, false) AS contact_overdue,
  COALESCE(attention_class = 'key' AND contact <= %(silent)s, false) AS key_silent,
  COALESCE(attention_class = 'key' AND met <= %(silent)s, false) AS key_unseen,
  away AND COALESCE(due_on < %(until)s, false) AS away_overdue
FROM person
"""

VISITS = """
SELECT id AS pk, org_path, true AS made, in_person AS met, NOT in_person AS called, occasion = 'hospital' AS hospital
FROM care_visit WHERE voided_at IS NULL AND visited_on BETWEEN %(first)s AND %(as_of)s AND {inside}
"""

AID = """
SELECT c.id AS pk, c.org_path,
  now.state IN ('applied', 'first_reviewed', 'published') AS waiting,
  COALESCE(c.approved_on BETWEEN %(first)s AND %(as_of)s, false) AS granted,
  COALESCE(now.state = 'paid', false) AS unreceipted,
  COALESCE(c.approved_on BETWEEN %(first)s AND %(as_of)s AND c.exception, false) AS again
FROM care_hardshipcase c
CROSS JOIN LATERAL (SELECT (SELECT s.after FROM care_casestep s WHERE s.case_id = c.id AND s.at < %(ended_at)s ORDER BY s.id DESC LIMIT 1) AS state) now
WHERE {inside_c}
"""
"""What state a case was in at a period's end is read from its trail. Granted: approved in the period and not revoked since."""


def select_served(scope: Scope, period: Period) -> tuple[str, dict]:
    condition, parameters = inside(scope)
    given: dict = {}
    places = {"inside": condition, "inside_p": inside(scope, "p.org_path")[0], "rule": RULE}
    if period.past:
        register_then, given = select_people(scope, period)
        sql = SERVED_THEN.format(register=register_then, **places) + JUDGED
    else:
        sql = SERVED_NOW.format(**places) + JUDGED
    days = {"silent": period.as_of - timedelta(days=SILENT_DAYS), "month_late": period.until - timedelta(days=30)}
    return sql, {
        **given, **parameters, **days, "first": period.first, "as_of": period.as_of, "until": period.until, "year": period.as_of.year,
        "ended_at": f"{period.as_of + timedelta(days=1):%Y-%m-%d} 00:00:00+08",
    }  # fmt: skip


def select_visits(scope: Scope, period: Period) -> tuple[str, dict]:
    condition, parameters = inside(scope)
    return VISITS.format(inside=condition), {**parameters, "first": period.first, "as_of": period.as_of}


def visit_list(metric: Metric, org: int, period: Period) -> str:
    """The visits themselves: a person seen three times stands there three times."""
    narrowed = {"met": {"met": "yes"}, "called": {"met": "no"}, "hospital": {"occasion": "hospital"}}.get(metric.flag, {})
    return f"{reverse('care:visits')}?{urlencode({'org': org, 'since': period.first, 'until': period.as_of, **narrowed})}"


CLASSED = """
SELECT p.id AS pk, p.org_path, p.class_decided AND p.attention_class <> s.suggested_class AS differs
FROM care_serviceplan p JOIN ({suggested}) s ON s.id = p.id
"""


def select_classed(scope: Scope, period: Period) -> tuple[str, dict]:
    """Decided classes against the record as it is today; of a past period nothing can be said."""
    if period.past:
        return "SELECT id AS pk, org_path, false AS differs FROM care_serviceplan WHERE false", {}
    plans = ServicePlan.objects.visible_to(scope).filter(state=PlanState.ACTIVE, year=period.as_of.year).order_by()
    suggested, given = named(class_only(plans, period.as_of, "cadre__").values("id", "suggested_class"))
    return CLASSED.format(suggested=suggested), given


def plan_list(metric: Metric, org: int, period: Period) -> str:
    return f"{reverse('care:plans')}?{urlencode({'look': metric.flag, 'org': org, 'year': period.as_of.year})}"


def select_aid(scope: Scope, period: Period) -> tuple[str, dict]:
    condition, parameters = inside(scope, "c.org_path")
    ended_at = f"{period.as_of + timedelta(days=1):%Y-%m-%d} 00:00:00+08"
    return AID.format(inside_c=condition), {**parameters, "first": period.first, "as_of": period.as_of, "ended_at": ended_at}


def aid_list(metric: Metric, org: int, period: Period) -> str:
    return f"{reverse('care:aid')}?{urlencode({'metric': metric.key, 'period': period.text, 'org': org})}"


SERVED_FAMILY = Family("served", "care.ServicePlan", select_served)
VISIT_FAMILY = Family("visits", "care.Visit", select_visits)
CLASS_FAMILY = Family("classes", "care.ServicePlan", select_classed)
AID_FAMILY = Family("aid", "care.HardshipCase", select_aid)


def _people(key: str, name: str, flag: str, order: int, **kwargs) -> Metric:
    return register(Metric(key, name, "人", SERVED_FAMILY, flag, people_list, order=order, **kwargs))


def _visits(key: str, name: str, flag: str, order: int, **kwargs) -> Metric:
    return register(Metric(key, name, "人次", VISIT_FAMILY, flag, visit_list, order=order, **kwargs))


def _aid(key: str, name: str, flag: str, order: int, **kwargs) -> Metric:
    return register(Metric(key, name, "件", AID_FAMILY, flag, aid_list, order=order, **kwargs))


_people("planned", "方案执行中", "planned", 50, of="people", good=1, help="有一人一策方案且在执行的在册人员。")
_people("unassigned", "没有责任人", "unassigned", 51, of="planned", good=-1, late=True, help="方案没有指定责任人，或责任人账号已停用。")
_people("visits_due", "应访", "due", 60, help="若本期一次也不走访，到期末（或今天）就会到期的人员，含上期转下来的。")
_people("visits_done", "已访", "done", 61, of="visits_due", good=1, help="应访人员中，本期见过面、期末没有再逾期的。")
_people("visits_overdue", "逾期未访", "overdue", 62, of="visits_due", good=-1, late=True, help="到期末（或今天）已超过应走访日期的人员。")
_people("visits_today", "今天到期", "due_today", 63, of="visits_due")
_people("visits_overdue_30", "逾期超过 30 天", "overdue_30", 64, good=-1, late=True)
_people("contact_overdue", "逾期未联系", "contact_overdue", 65, good=-1, late=True)
_people("key_silent", f"重点关注 {SILENT_DAYS} 天未联系", "key_silent", 70, of="people_key", good=-1, late=True, help="见面、电话、视频都没有；从未联系的，从方案起算。")
_people("key_unseen", f"重点关注 {SILENT_DAYS} 天未见面", "key_unseen", 71, of="people_key", good=-1, late=True)
_people("away_overdue", "易地安置超过一年未走访", "away_overdue", 72, good=-1, late=True)
_visits("visits_made", "走访联系", "made", 80, good=1)
_visits("visits_met", "其中见面", "met", 81, of="visits_made", good=1)
_visits("visits_called", "其中电话、视频等（未见面）", "called", 82, of="visits_made")
_visits("visits_hospital", "其中住院看望", "hospital", 83, of="visits_made")
register(Metric("class_differs", "类别与档案不一致", "人", CLASS_FAMILY, "differs", plan_list, good=-1, late=True, order=90, help="已确定的类别与档案现在的建议不同，应复核。"))
_aid("aid_waiting", "困难帮扶办理中", "waiting", 95, good=-1, help="期末（或今天）已提交、还没有审批结果的申请：待初审、初审通过、公示中。")
_aid("aid_granted", "困难帮扶已批准", "granted", 96, help="本期批准、没有撤销的帮扶。")
_aid("aid_unreceipted", "困难帮扶待回执", "unreceipted", 97, good=-1, help="期末（或今天）已发放、还没有登记回执的。")
_aid("aid_again", "其中年内再次帮扶", "again", 98, of="aid_granted", help="同一人同一年第二笔及以上，经审批并写明理由的。")
