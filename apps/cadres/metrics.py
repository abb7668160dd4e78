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

LEDGER_KINDS = "'moved_out', 'received', 'restored', 'registered'"
INTERNAL = "((kind = 'moved_out' AND after ? 'org') OR (kind = 'received' AND before ? 'org' AND NOT before ? 'standing'))"
"""A hand-over between two units of the system: the person stays on the register."""

FACTS = """
WITH event AS (
  SELECT cadre_id, id, effective_on AS day, before ->> 'retire_kind' AS kind_before,
    CASE WHEN {internal} THEN 'handed' WHEN kind = 'registered' AND before ? 'retire_kind' THEN 'converted' ELSE kind END AS kind
  FROM cadres_statuschange WHERE kind IN ({kinds}) AND {inside}
), change AS (
  SELECT cadre_id,
    (array_agg(kind ORDER BY day DESC, id DESC) FILTER (WHERE kind NOT IN ('handed', 'converted') AND day <= %(as_of)s))[1] = 'moved_out' AS out_at_close,
    (array_agg(kind ORDER BY day DESC, id DESC) FILTER (WHERE kind NOT IN ('handed', 'converted') AND day < %(first)s))[1] = 'moved_out' AS out_at_open,
    (array_agg(kind ORDER BY day, id) FILTER (WHERE kind NOT IN ('handed', 'converted')))[1] IN ('registered', 'received')
      AND min(day) FILTER (WHERE kind NOT IN ('handed', 'converted')) > %(as_of)s AS later,
    bool_or(kind = 'registered' AND day BETWEEN %(first)s AND %(as_of)s) AS fresh,
    bool_or(kind = 'received' AND day BETWEEN %(first)s AND %(as_of)s) AS came,
    bool_or(kind = 'moved_out' AND day BETWEEN %(first)s AND %(as_of)s) AS went,
    bool_or(kind = 'handed' AND day BETWEEN %(first)s AND %(as_of)s) AS handed,
    bool_or(kind = 'converted' AND day BETWEEN %(first)s AND %(as_of)s) AS converted,
    bool_or(kind = 'restored' AND day BETWEEN %(first)s AND %(as_of)s) AS restored,
    (array_agg(kind_before ORDER BY day, id) FILTER (WHERE kind = 'converted' AND day >= %(first)s))[1] AS kind_open,
    (array_agg(kind_before ORDER BY day, id) FILTER (WHERE kind = 'converted' AND day > %(as_of)s))[1] AS kind_close
  FROM event GROUP BY cadre_id
), person AS (
  SELECT c.id AS pk, c.org_path, c.attention_class, c.born_on,
    COALESCE(ch.kind_close, c.retire_kind) AS kind, COALESCE(ch.kind_open, c.retire_kind) AS kind_open,
    CASE WHEN %(past)s THEN (c.deceased_on IS NULL OR c.deceased_on > %(as_of)s) AND NOT COALESCE(ch.out_at_close, ch.cadre_id IS NULL AND c.standing = 'moved')
           AND NOT COALESCE(ch.later, false) AND (c.retired_on IS NULL OR c.retired_on <= %(as_of)s)
         ELSE c.standing = 'active' END AS here,
    (c.deceased_on IS NULL OR c.deceased_on >= %(first)s) AND NOT COALESCE(ch.out_at_open, ch.cadre_id IS NULL AND c.standing = 'moved', false)
      AND NOT COALESCE(ch.fresh OR ch.came OR ch.later, false) AND (c.retired_on IS NULL OR c.retired_on < %(first)s) AS opening,
    COALESCE(ch.fresh, false) AS fresh,
    COALESCE(ch.came AND NOT ch.fresh, false) AS came,
    COALESCE(ch.went AND ch.out_at_close, false) AS went,
    COALESCE(c.deceased_on BETWEEN %(first)s AND %(as_of)s AND NOT COALESCE(ch.out_at_close, false), false) AS died,
    COALESCE(ch.handed, false) AS handed, COALESCE(ch.converted, false) AS converted, COALESCE(ch.restored, false) AS restored{more}
  FROM cadres_cadre c LEFT JOIN change ch ON ch.cadre_id = c.id{joins}
  WHERE {inside_c} AND c.standing <> 'merged'
)
"""
"""One row per person: on the register when the period opened and closes, what happened in between, 离休 or 退休 then and now.

A 新办离退休 entry of somebody who was on the register already (退休 becomes 离休) is a conversion: nobody comes or goes.
``more`` and ``joins`` let other tables ask for further columns of ``c``.
"""

PEOPLE = """
SELECT *, here AND kind = 'lixiu' AS lixiu, here AND kind = 'retired' AS retired,
  here AND attention_class = 'key' AS class_key, here AND attention_class = 'regular' AS class_regular,
  here AND attention_class = 'routine' AS class_routine, here AND attention_class = '' AS class_none,
  here AND born_on > %(b70)s AS under_70, here AND born_on <= %(b70)s AND born_on > %(b80)s AS age_70,
  here AND born_on <= %(b80)s AND born_on > %(b90)s AS age_80, here AND born_on <= %(b90)s AS age_90, here AND born_on IS NULL AS age_unknown,
  here::int - opening::int - fresh::int - came::int + went::int + died::int <> 0 AS unexplained, {by_kind}
FROM person
"""
BY_KIND = """
  opening AND kind_open = '{kind}' AS opening_{kind}, fresh AND kind = '{kind}' AS fresh_{kind}, came AND kind = '{kind}' AS came_{kind},
  went AND kind = '{kind}' AS went_{kind}, died AND kind = '{kind}' AS died_{kind},
  (here AND kind = '{kind}')::int - (opening AND kind_open = '{kind}')::int
    - (CASE WHEN kind = '{kind}' THEN fresh::int + came::int - went::int - died::int ELSE 0 END) <> 0 AS unexplained_{kind}"""


def facts(scope: Scope, period: Period, more: str = "", joins: str = "") -> tuple[str, dict]:
    """The common table expressions that end in ``person``, and their parameters."""
    condition, parameters = inside(scope)
    sql = FACTS.format(internal=INTERNAL, kinds=LEDGER_KINDS, inside=condition, inside_c=inside(scope, "c.org_path")[0], more=more, joins=joins)
    return sql, {**parameters, "first": period.first, "as_of": period.as_of, "past": period.past}


def select_people(scope: Scope, period: Period) -> tuple[str, dict]:
    sql, parameters = facts(scope, period)
    bands = {f"b{age}": years_before(period.as_of, age) for age in (70, 80, 90)}
    return sql + PEOPLE.format(by_kind=", ".join(BY_KIND.format(kind=kind) for kind in ("lixiu", "retired"))), parameters | bands


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
_metric("ledger_converted", "离退休类别变更", "converted", 47, help="本期登记了新办手续、此前已按另一类别在册的人员，如退休改办离休；总数不变，两类各有增减。")
LEDGER = ("ledger_opening", "ledger_new", "ledger_in", "ledger_out", "deaths", "people")
for _order, (_kind, _word) in enumerate((("lixiu", "离休"), ("retired", "退休"))):
    for _number, (_key, _name, _flag) in enumerate(
        (
            ("ledger_opening", "期初在册", "opening"), ("ledger_new", "新办", "fresh"), ("ledger_in", "接收调入", "came"), ("ledger_out", "调出移交", "went"),
            ("deaths", "去世", "died"), ("ledger_unexplained", "增减对不上", "unexplained"),
        )
    ):  # fmt: skip
        _metric(f"{_key}_{_kind}", f"{_word}干部{_name}", f"{_flag}_{_kind}", 50 + _order * 10 + _number)


def ledger_keys(kind: str = "") -> tuple[str, ...]:
    """Metrics of the six terms, of everybody or of one ``RetireKind``."""
    return tuple(f"{key}_{kind}" for key in LEDGER) if kind else LEDGER


def ledger_difference(numbers: dict[str, int], kind: str = "") -> int:
    """Closing minus what opening and the recorded changes amount to; 0 when the books agree."""
    opening, new, received, out, died, closing = (numbers[key] for key in ledger_keys(kind))
    return closing - (opening + new + received - out - died)
