"""Lists that answer a question of the day: who is in hospital unvisited, alone and silent, far away and unseen, promised something late.

One row per person as things stand today; of a past period nothing can be said. Numbers of days are ``apps.care.standards``.
"""

from datetime import date, timedelta

from apps.cadres.metrics import people_list
from apps.cadres.selectors.people import years_before
from apps.care.standards import ALONE_AGE, ALONE_SILENT_DAYS
from apps.core.calendar import quarter_of
from apps.core.metrics import Family, Metric, Period, inside, register
from apps.core.scope import Scope

ANSWERS = ("key_unseen", "hospital_unseen", "alone_silent", "away_unseen", "promises_late", "doctor_ends", "plan_unapproved", "parts_late", "unassigned")
"""What the page of lists shows, in its order; the first and the last belong to the figures of plans."""

NOW = """
SELECT c.id AS pk, c.org_path,
  c.standing = 'active' AND h.kind = 'admitted' AND COALESCE(v.met < h.effective_on, true) AS hospital_unseen,
  COALESCE(c.standing = 'active' AND c.living = 'alone' AND c.born_on <= %(born)s
    AND COALESCE(p.last_contact_on, p.starts_on, '-infinity') <= %(silent)s, false) AS alone_silent,
  c.standing = 'active' AND COALESCE(p.away, c.resettled) AND COALESCE(p.last_visit_on < %(year)s, true) AS away_unseen,
  t.cadre_id IS NOT NULL AS promises_late,
  COALESCE(c.standing = 'active' AND k.ends_on BETWEEN %(quarter)s AND %(quarter_end)s, false) AS doctor_ends,
  c.standing = 'active' AND p.id IS NOT NULL AND e.plan_id IS NULL AS plan_unapproved,
  c.standing = 'active' AND q.cadre_id IS NOT NULL AS parts_late
FROM cadres_cadre c
LEFT JOIN care_serviceplan p ON p.cadre_id = c.id AND p.state = 'active' AND {inside_p}
LEFT JOIN (
  SELECT DISTINCT ON (cadre_id) cadre_id, kind, effective_on FROM cadres_statuschange
  WHERE kind IN ('admitted', 'discharged') AND effective_on <= %(today)s AND {inside} ORDER BY cadre_id, effective_on DESC, id DESC
) h ON h.cadre_id = c.id
LEFT JOIN (
  SELECT cadre_id, max(visited_on) AS met FROM care_visit
  WHERE voided_at IS NULL AND survivor_id IS NULL AND in_person AND visited_on >= %(year_ago)s AND {inside} GROUP BY cadre_id
) v ON v.cadre_id = c.id
LEFT JOIN (
  SELECT DISTINCT cadre_id FROM care_todo WHERE state = 'open' AND source = 'promise' AND due_on < %(today)s AND {inside}
) t ON t.cadre_id = c.id
LEFT JOIN (SELECT DISTINCT plan_id FROM care_planedition WHERE state = 'approved' AND {inside}) e ON e.plan_id = p.id
LEFT JOIN (SELECT cadre_id, max(ends_on) AS ends_on FROM care_doctorcontract WHERE {inside} GROUP BY cadre_id) k ON k.cadre_id = c.id
LEFT JOIN (
  SELECT DISTINCT y.cadre_id FROM care_itempart x JOIN care_planitem i ON i.id = x.item_id JOIN care_serviceplan y ON y.id = i.plan_id
  WHERE x.state = 'open' AND NOT x.over AND x.due_on < %(today)s AND {inside_x}
) q ON q.cadre_id = c.id
WHERE {inside_c} AND c.standing IN ('active', 'deceased')
"""
LONGEST_STAY = timedelta(days=3 * 366)
"""Visits further back can't have been made in a stay that still runs."""
NEVER = (
    "SELECT id AS pk, org_path, false AS hospital_unseen, false AS alone_silent, false AS away_unseen, false AS promises_late, false AS doctor_ends,"
    " false AS plan_unapproved, false AS parts_late"
    " FROM cadres_cadre WHERE false"
)


def select_answers(scope: Scope, period: Period) -> tuple[str, dict]:
    if period.past:
        return NEVER, {}
    condition, parameters = inside(scope)
    sql = NOW.format(inside=condition, inside_c=inside(scope, "c.org_path")[0], inside_p=inside(scope, "p.org_path")[0], inside_x=inside(scope, "x.org_path")[0])
    today = period.as_of
    quarter = quarter_of(today)
    return sql, parameters | {
        "quarter": quarter.first, "quarter_end": quarter.last,
        "today": today, "year": date(today.year, 1, 1), "year_ago": today - LONGEST_STAY, "silent": today - timedelta(days=ALONE_SILENT_DAYS),
        "born": years_before(today, ALONE_AGE),
    }  # fmt: skip


FAMILY = Family("answers", "cadres.Cadre", select_answers)


def _people(key: str, name: str, order: int, help: str) -> Metric:
    return register(Metric(key, name, "人", FAMILY, key, people_list, order=order, good=-1, late=True, help=help))


_people("hospital_unseen", "住院还没有看望", 73, "登记了住院、没有登记出院的在册人员，入院以来没有人见过面。")
_people("alone_silent", f"独居高龄 {ALONE_SILENT_DAYS} 天未联系", 74, f"年满 {ALONE_AGE} 岁、居住状况为独居的在册人员，见面、电话都没有；从未联系的，从方案起算。")
_people("away_unseen", "易地安置今年未走访", 75, "按易地安置走访的人员，今年还没有见过面。")
_people("promises_late", "答应的事逾期", 76, "走访时答应、过了期限还没有办结的，按人计。")
_people("doctor_ends", "家庭医生签约本季度到期", 77, "最近一期签约在本季度内到期、还没有续约的在册人员。")
_people("plan_unapproved", "方案未经批准", 78, "方案在执行、还没有任何一版经负责人批准的在册人员；提醒和走访不受影响。")
_people("parts_late", "四方分工逾期", 79, "老干部工作部门、主管部门、原单位、社区有一方过了期限还没有办的在册人员，按人计。")
