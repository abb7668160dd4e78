"""What the annual tables count by: one row per person with every attribute of rows and columns, grouped in one pass.

A cell is a condition on these attributes (``Where``). Counts and the lists behind them ask the same attributes, so they cannot disagree.
Past years are seen as they were: 职级, 自理 and 居住地 go back to what stood before later entries of 增减变动.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.core.cache import cache
from django.db import connection

from apps.accounts.models import Organization
from apps.cadres.metrics import facts
from apps.cadres.selectors.people import PARTY_MEMBERS, years_before
from apps.core.metrics import AS_USUAL, BY_HASH, Period
from apps.core.scope import Scope

Where = dict[str, str | tuple[str, ...]]
LARGE, KEPT = 50_000, 600
"""From so many people on, counts are kept for so many seconds; the page says from when they are."""
RANKS = ("111", "112", "121", "122", "131", "132", "141", "142")
ALSO = {
    "101": "111", "102": "111", "g01": "121", "g02": "122", "g03": "131", "g04": "131", "g05": "132", "g06": "132",
    "g07": "141", "g08": "141", "g09": "142", "g10": "142",
}  # fmt: skip
"""职级公务员 by the 领导职务 they correspond to (职务与职级并行规定, 2019); 国家级 stands in the first column."""
REWOUND = ("rank", "self_care", "residence_region")
FLAGS = ("here", "opening", "new", "died")
ATTRIBUTES = (*FLAGS, "kind", "kind_open", "nature", "rank", "level", "sex", "party", "dependent", "age", "period", "beijing", "region")

MORE = """,
    c.counts_in_statistics AS counted, c.retired_on, c.standing, o.level,
    CASE WHEN c.unit_nature IN ('organ', 'institution', 'enterprise') THEN c.unit_nature ELSE 'rest' END AS nature,
    CASE {rank} WHEN '' THEN 'unknown' {ranks} ELSE 'other' END AS rank,
    CASE WHEN c.sex = '2' THEN 'female' ELSE '' END AS sex,
    CASE WHEN c.political_status IN ({members}) THEN 'yes' ELSE '' END AS party,
    CASE WHEN {self_care} = 'dependent' THEN 'yes' ELSE '' END AS dependent,
    CASE WHEN c.born_on IS NULL THEN 'unknown' WHEN c.born_on <= %(b80)s THEN '80' WHEN c.born_on <= %(b70)s THEN '70' ELSE 'under' END AS age,
    COALESCE(c.revolution_period, 'unknown') AS period,
    CASE WHEN {residence_region} LIKE '11%%' THEN 'yes' ELSE '' END AS beijing,
    CASE WHEN {residence_region} = '' THEN 'unknown' ELSE '' END AS region"""
PLACES = """
    JOIN (SELECT id, CASE WHEN level IN ('township', 'community') THEN 'town' WHEN path ~ '^/[0-9]{{2}}/[0-9]{{4}}/[0-9]{{6}}/' THEN 'county'
            WHEN path ~ '^/[0-9]{{2}}/[0-9]{{4}}/' THEN 'city' WHEN path ~ '^/[0-9]{{2}}/' THEN 'province' ELSE 'centre' END AS level
          FROM accounts_organization) o ON o.id = c.org_id"""
BEFORE = """
    LEFT JOIN (SELECT cadre_id, {first} FROM cadres_statuschange WHERE effective_on > %(as_of)s AND before ?| ARRAY[{names}] GROUP BY cadre_id) w ON w.cadre_id = c.id"""
JUDGED = """
SELECT pk, org_path, kind, kind_open, here, opening,
  fresh OR (converted AND kind_open <> kind) AS new, died, came, went, fresh, converted, handed, restored, counted, retired_on, standing,
  nature, rank, level, sex, party, dependent, age, period, beijing, region
FROM person"""


def judged(scope: Scope, period: Period) -> tuple[str, dict]:
    """SQL and parameters of a SELECT with a row per person: ``pk``, ``org_path``, flags and attributes."""
    now = {name: f"c.{name}" for name in REWOUND}
    joins = PLACES.format()
    if period.past:
        first = ", ".join(f"(array_agg(before ->> '{name}' ORDER BY effective_on, id) FILTER (WHERE before ? '{name}'))[1] AS {name}" for name in REWOUND)
        joins += BEFORE.format(first=first, names=", ".join(f"'{name}'" for name in REWOUND))
        now = {name: f"COALESCE(w.{name}, c.{name})" for name in REWOUND}
    ranks = " ".join(f"WHEN '{code}' THEN '{ALSO.get(code, code)}'" for code in (*RANKS, *ALSO))
    more = MORE.format(**now, ranks=ranks, members=", ".join(f"'{code}'" for code in PARTY_MEMBERS))
    sql, parameters = facts(scope, period, more, joins)
    return sql + JUDGED, parameters | {f"b{age}": years_before(period.as_of, age) for age in (70, 80)}


GROUPED = """
SELECT {child} AS place, here, opening, new, died, kind, kind_open, nature, rank, level,
  CASE WHEN retired THEN sex ELSE '' END, party, CASE WHEN retired THEN '' ELSE dependent END, CASE WHEN retired THEN '' ELSE age END,
  CASE WHEN retired THEN '' ELSE period END, CASE WHEN retired THEN '' ELSE beijing END, CASE WHEN retired THEN '' ELSE region END, counted, count(*)
FROM (SELECT *, kind = 'retired' AND kind_open = 'retired' AS retired FROM ({judged}) j WHERE here OR opening OR new OR died) f
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
"""


@dataclass(frozen=True)
class Counts:
    """Groups of people alike in every attribute: (child segment, attributes, counted, how many). ``at`` says when they were counted."""

    groups: tuple[tuple[str, dict, bool, int], ...]
    at: object

    def number(self, where: Where, places: frozenset[str] | None = None) -> int:
        """How many people of the statistics satisfy the condition, everywhere or in the children with those path segments ("" is the place itself)."""
        return sum(self.groups[n][3] for n in self._alike(where, places))

    def unbalanced(self, kind: str, where: Where, places: frozenset[str] | None = None) -> int:
        """How many people make 实有 differ from 应有, be it up or down."""
        return sum(self.groups[n][3] for n in self._alike(where, places) if contribution(self.groups[n][1], kind))

    def _alike(self, where: Where, places: frozenset[str] | None) -> frozenset[int]:
        """Numbers of the groups that satisfy the condition."""
        found = self._counted if places is None else frozenset(n for n in self._counted if self.groups[n][0] in places)
        for name, value in where.items():
            found &= self._having(name, value if isinstance(value, tuple) else (value,))
        return found

    @cached_property
    def _counted(self) -> frozenset[int]:
        return frozenset(n for n, (_, _, counted, _) in enumerate(self.groups) if counted)

    @cached_property
    def _known(self) -> dict[tuple, frozenset[int]]:
        return {}

    def _having(self, name: str, values: tuple[str, ...]) -> frozenset[int]:
        """Groups with one of these values, worked out once: a table asks for the same few conditions in every cell."""
        if (name, values) not in self._known:
            self._known[name, values] = frozenset(n for n, (_, row, _, _) in enumerate(self.groups) if row[name] in values)
        return self._known[name, values]

    @property
    def places(self) -> frozenset[str]:
        return frozenset(segment for segment, *_ in self.groups)

    @property
    def left_out(self) -> int:
        """People on the register who are marked as not counting in the annual tables."""
        return sum(n for _, row, counted, n in self.groups if not counted and row["here"] == "yes")


def contribution(row: dict, kind: str) -> int:
    """What a person adds to 实有 − (上年末 + 办理手续 − 去世) of this kind."""
    now, then = row["kind"] == kind, row["kind_open"] == kind
    return (now and row["here"] == "yes") - (then and row["opening"] == "yes") - (now and row["new"] == "yes") + (now and row["died"] == "yes")


def counts(org: Organization, period: Period, now) -> Counts:
    """Everybody at and below ``org``, in one query; runs inside the reader's scope. Large places are kept for ``KEPT`` seconds."""
    place = f"annual:{connection.settings_dict['NAME']}:{org.path}:{period.text}:{period.today}"
    if kept := cache.get(place):
        return kept
    sql, parameters = judged(Scope((org.path,)), period)
    with connection.cursor() as cursor:
        child = f"split_part(org_path, '/', {org.path.count('/') + 1})"
        cursor.execute(f"{BY_HASH}; {GROUPED.format(child=child, judged=sql)}", parameters)
        rows = cursor.fetchall()
        cursor.execute(AS_USUAL)
    found = Counts(tuple(_grouped(rows)), now)
    if sum(n for *_, n in found.groups) >= LARGE:
        cache.set(place, found, KEPT)
    return found


def _grouped(rows: Iterable[tuple]):
    for segment, *values, counted, number in rows:
        flags = ["yes" if value else "" for value in values[: len(FLAGS)]]
        yield segment, dict(zip(ATTRIBUTES, [*flags, *values[len(FLAGS) :]], strict=True)), counted, number


def condition(where: Where) -> str:
    """The same condition in SQL, over the columns of ``judged``. Values are of this package's own making, never input."""
    parts = ["counted"]
    for name, value in where.items():
        if name in FLAGS:
            parts.append(name if value == "yes" else f"NOT {name}")
        else:
            parts.append(f"{name} IN ({', '.join(repr(one) for one in (value if isinstance(value, tuple) else (value,)))})")
    return " AND ".join(parts)


def year(number: int, today: date) -> Period:
    return Period(date(number, 1, 1), date(number, 12, 31), today)
