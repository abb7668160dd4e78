"""What must hold among the values of one person: asked by the form, the API and the import alike.

Codes and sentences come from the catalogue of problems (``apps.core.workbooks.problems``). Errors refuse, warnings are shown and kept.
Rules: 离休 means revolutionary work begun by 1949-09-30; birth < work ≤ retirement; dates aren't in the future.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.cadres.columns import PARTIAL_DATES
from apps.cadres.models import Cadre, RetireKind, periods
from apps.core.dates import PartialDate, in_future
from apps.core.id_numbers import clean_id
from apps.core.workbooks.problems import Problem, problem

IN_ORDER = (
    ("born_on", "party_joined_on"),
    ("born_on", "work_started_on"),
    ("born_on", "revolution_started_on"),
    ("born_on", "retired_on"),
    ("work_started_on", "retired_on"),
    ("revolution_started_on", "retired_on"),
)
YOUNGEST_MEMBER = 15
YOUNGEST_RETIRED = 40
SEXES = {"male": ("1", "男"), "female": ("2", "女")}


@dataclass(frozen=True)
class Finding:
    """A problem at a field of ``Cadre``."""

    field: str
    problem: Problem

    @property
    def is_error(self) -> bool:
        return self.problem.is_error


def title(name: str) -> str:
    return str(Cadre._meta.get_field(name).verbose_name)


def dates_of(values: dict[str, Any]) -> dict[str, PartialDate]:
    """The given dates with their precision; ``values`` hold ``PartialDate``, or a date beside its precision column."""
    found = {}
    for name, precision in PARTIAL_DATES.items():
        value = values.get(name)
        if value:
            found[name] = value if isinstance(value, PartialDate) else PartialDate(value, values.get(precision) or "day")
    return found


def findings(values: dict[str, Any], today: date) -> list[Finding]:
    """Everything there is to say about the values of one person (clean, as ``columns.prepare`` takes them), in one pass."""
    dates = dates_of(values)
    found = [*_required(values), *_in_time(dates, today), *_order(dates), *_retirement(values, dates)]
    return found + _identity(values, dates)


def period_choices(values: dict[str, Any]) -> tuple[str, ...]:
    """The periods among which somebody must choose because the date straddles a boundary; () when the date settles it."""
    started = dates_of(values).get("revolution_started_on")
    open_to = periods.candidates(started.value, started.precision) if started else ()
    return open_to if len(open_to) > 1 else ()


def _required(values):
    for name in ("name", "retire_kind"):
        if not values.get(name):
            yield Finding(name, problem("required_missing", title=title(name)))
    if not values.get("id_number") and not values.get("born_on"):
        yield Finding("born_on", problem("required_missing", title="身份证号或出生日期"))


def _in_time(dates, today):
    for name, value in dates.items():
        if in_future(value, today):
            yield Finding(name, problem("date_future", title=title(name)))


def _order(dates):
    for earlier, later in IN_ORDER:
        if earlier in dates and later in dates and dates[later].value < dates[earlier].value:
            yield Finding(later, problem("date_order", later=title(later), earlier=title(earlier)))
    born = dates.get("born_on")
    for name, youngest, what in (("party_joined_on", YOUNGEST_MEMBER, "入党"), ("retired_on", YOUNGEST_RETIRED, "离退休")):
        if born and name in dates and 0 <= dates[name].value.year - born.value.year < youngest:
            detail = f"{what}时不满 {youngest} 岁"
            yield Finding(name, problem("date_order_unusual", later=title(name), earlier=title("born_on"), detail=detail))


def _retirement(values, dates):
    started = dates.get("revolution_started_on")
    if values.get("retire_kind") == RetireKind.LIXIU:
        if started is None:
            yield Finding("revolution_started_on", problem("period_unknown", title=title("revolution_started_on")))
        elif started.value > periods.LAST_DAY:
            detail = "离休要求 1949 年 9 月 30 日以前参加革命工作"
            yield Finding("revolution_started_on", problem("retire_kind_conflict", kind="离休", title=title("revolution_started_on"), detail=detail))
    elif started and started.latest <= periods.LAST_DAY:
        detail = "建国前参加革命工作而办理退休，请核对是否应为离休"
        yield Finding("retire_kind", problem("date_order_unusual", later=title("retire_kind"), earlier=title("revolution_started_on"), detail=detail))


def _identity(values, dates) -> list[Finding]:
    if not values.get("id_number"):
        return [Finding("id_number", problem("id_missing"))]
    found = clean_id(values["id_number"])
    if found.value is None:
        return [Finding("id_number", one) for one in found.problems]
    noted = [Finding("id_number", one) for one in found.problems]
    code, word = SEXES[found.sex]
    if values.get("sex") in ("1", "2") and values["sex"] != code:
        noted.append(Finding("sex", problem("sex_mismatch", expected=word)))
    born = dates.get("born_on")
    if born and not born.earliest <= found.birth <= born.latest:
        noted.append(Finding("born_on", problem("birth_mismatch", expected=f"{found.birth:%Y年%m月%d日}")))
    return noted
