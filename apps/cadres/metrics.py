"""People on the register: how many, of which kind, class and age; who came, went and died.

On the register at the end of a past period: neither dead nor moved out by its last day, retired and registered by then. For a running period
it is simply who is on the register today. A person is counted where the file is now: a file handed over between two counties counts
in the receiving one for the past too (published reports keep what they showed).

The population ledger: opening + new + received − moved out − died = closing. Each term is counted from records of its own and not from the
others, so that a difference shows what was not recorded: above all people who retired in the period without a 新办离退休 entry.
Cut-off and terms after table B/D of the annual statistics (两年数字变化).
"""

from urllib.parse import urlencode

from django.urls import reverse

from apps.cadres.selectors.people import years_before
from apps.core.metrics import Family, Metric, Period, inside, register
from apps.core.scope import Scope

INTERNAL = "((kind = 'moved_out' AND after ? 'org') OR (kind = 'received' AND before ? 'org' AND NOT before ? 'standing'))"
"""A hand-over between two units of the system: the person stays on the register."""

PEOPLE = """
WITH change AS (
  SELECT cadre_id,
    (array_agg(kind ORDER BY effective_on DESC, id DESC) FILTER (WHERE NOT {internal} AND effective_on <= %(as_of)s))[1] = 'moved_out' AS out_at_close,
    (array_agg(kind ORDER BY effective_on DESC, id DESC) FILTER (WHERE NOT {internal} AND effective_on < %(first)s))[1] = 'moved_out' AS out_at_open,
    (array_agg(kind ORDER BY effective_on, id) FILTER (WHERE NOT {internal}))[1] IN ('registered', 'received')
      AND min(effective_on) FILTER (WHERE NOT {internal}) > %(as_of)s AS later,
    bool_or(kind = 'registered' AND effective_on BETWEEN %(first)s AND %(as_of)s) AS fresh,
    bool_or(kind = 'received' AND NOT {internal} AND effective_on BETWEEN %(first)s AND %(as_of)s) AS came,
    bool_or(kind = 'moved_out' AND NOT {internal} AND effective_on BETWEEN %(first)s AND %(as_of)s) AS went,
    bool_or({internal} AND effective_on BETWEEN %(first)s AND %(as_of)s) AS handed
  FROM cadres_statuschange
  WHERE kind IN ('moved_out', 'received', 'restored', 'registered') AND {inside}
  GROUP BY cadre_id
), person AS (
  SELECT c.id AS pk, c.org_path, c.retire_kind, c.attention_class, c.born_on,
    CASE WHEN %(past)s THEN (c.deceased_on IS NULL OR c.deceased_on > %(as_of)s) AND NOT COALESCE(ch.out_at_close, ch.cadre_id IS NULL AND c.standing = 'moved')
           AND NOT COALESCE(ch.later, false) AND (c.retired_on IS NULL OR c.retired_on <= %(as_of)s)
         ELSE c.standing = 'active' END AS here,
    (c.deceased_on IS NULL OR c.deceased_on >= %(first)s) AND NOT COALESCE(ch.out_at_open, ch.cadre_id IS NULL AND c.standing = 'moved', false)
      AND NOT COALESCE(ch.fresh OR ch.came OR ch.later, false) AND (c.retired_on IS NULL OR c.retired_on < %(first)s) AS opening,
    COALESCE(ch.fresh, false) AS fresh,
    COALESCE(ch.came AND NOT ch.fresh, false) AS came,
    COALESCE(ch.went AND ch.out_at_close, false) AS went,
    COALESCE(c.deceased_on BETWEEN %(first)s AND %(as_of)s, false) AS died,
    COALESCE(ch.handed, false) AS handed
  FROM cadres_cadre c LEFT JOIN change ch ON ch.cadre_id = c.id
  WHERE {inside_c}
)
SELECT *, here AND retire_kind = 'lixiu' AS lixiu, here AND retire_kind = 'retired' AS retired,
  here AND attention_class = 'key' AS class_key, here AND attention_class = 'regular' AS class_regular,
  here AND attention_class = 'routine' AS class_routine, here AND attention_class = '' AS class_none,
  here AND born_on > %(b70)s AS under_70, here AND born_on <= %(b70)s AND born_on > %(b80)s AS age_70,
  here AND born_on <= %(b80)s AND born_on > %(b90)s AS age_80, here AND born_on <= %(b90)s AS age_90, here AND born_on IS NULL AS age_unknown,
  here::int - opening::int - fresh::int - came::int + went::int + died::int <> 0 AS unexplained
FROM person
"""


def select_people(scope: Scope, period: Period) -> tuple[str, dict]:
    condition, parameters = inside(scope)
    sql = PEOPLE.format(internal=INTERNAL, inside=condition, inside_c=inside(scope, "c.org_path")[0])
    bands = {f"b{age}": years_before(period.as_of, age) for age in (70, 80, 90)}
    return sql, {**parameters, **bands, "first": period.first, "as_of": period.as_of, "past": period.past}


PLAIN = {
    "here": {}, "lixiu": {"kind": "lixiu"}, "retired": {"kind": "retired"},
    "class_key": {"class": "key"}, "class_regular": {"class": "regular"}, "class_routine": {"class": "routine"}, "class_none": {"class": "none"},
    "under_70": {"age": "-69"}, "age_70": {"age": "70-79"}, "age_80": {"age": "80-89"}, "age_90": {"age": "90-"},
}  # fmt: skip
"""Who is on the register today is what the list's own filters find, by index and with the filter in sight."""


def people_list(metric: Metric, org: int, period: Period) -> str:
    """The list of people filtered to exactly the rows of this metric."""
    if metric.family is PEOPLE_FAMILY and not period.past and metric.flag in PLAIN:
        query = {**PLAIN[metric.flag], "org": org}
    else:
        query = {"metric": metric.key, "period": period.text, "org": org}
    return f"{reverse('cadres:list')}?{urlencode(query)}"


PEOPLE_FAMILY = Family("people", "cadres.Cadre", select_people)


def _metric(key: str, name: str, flag: str, order: int, **kwargs) -> Metric:
    return register(Metric(key, name, kwargs.pop("unit", "人"), PEOPLE_FAMILY, flag, people_list, order=order, **kwargs))


_metric("people", "在册人数", "here", 10)
_metric("people_lixiu", "离休干部", "lixiu", 11, of="people")
_metric("people_retired", "退休干部", "retired", 12, of="people")
_metric("people_key", "重点关注", "class_key", 20, of="people")
_metric("people_regular", "定期关注", "class_regular", 21, of="people")
_metric("people_routine", "日常跟踪", "class_routine", 22, of="people")
_metric("people_unclassed", "未定类别", "class_none", 23, of="people", good=-1)
_metric("people_under_70", "70 岁以下", "under_70", 30, of="people")
_metric("people_70", "70–79 岁", "age_70", 31, of="people")
_metric("people_80", "80–89 岁", "age_80", 32, of="people")
_metric("people_90", "90 岁以上", "age_90", 33, of="people")
_metric("people_age_unknown", "出生日期不详", "age_unknown", 34, of="people", good=-1)
_metric("ledger_opening", "期初在册", "opening", 40, help="期初前一日在册，不含本期新办和接收的人员。")
_metric("ledger_new", "新办离退休", "fresh", 41, help="本期登记了「新办离退休」的人员。")
_metric("ledger_in", "接收调入", "came", 42, help="本期从系统以外接收的人员。")
_metric("ledger_out", "调出移交", "went", 43, help="本期调往系统以外的人员。")
_metric("deaths", "去世", "died", 44, help="去世日期在本期内。")
_metric("ledger_handed", "县区间移交", "handed", 45, help="本期在系统内部单位之间移交；人仍在册，期初数随档案归接收单位。")
_metric("ledger_unexplained", "增减对不上", "unexplained", 46, good=-1, late=True, help="期初、增减、期末三方记录对不上的人员，多为本期离退休而没有登记「新办离退休」。")
LEDGER = ("ledger_opening", "ledger_new", "ledger_in", "ledger_out", "deaths", "people")


def ledger_difference(numbers: dict[str, int]) -> int:
    """Closing minus what opening and the recorded changes amount to; 0 when the books agree."""
    return numbers["people"] - (numbers["ledger_opening"] + numbers["ledger_new"] + numbers["ledger_in"] - numbers["ledger_out"] - numbers["deaths"])
