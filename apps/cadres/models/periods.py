"""参加革命工作时期 as a generated column: derived from the date, never typed.

Boundaries: two independent retiree systems and a 2011 notice on 离休 living supplements agree on them. A date known only to
the month or the year may straddle a boundary (1937-07, 1945-09; the years 1927, 1937, 1945): then the period stays empty until a
person confirms one of the candidates in ``revolution_period_confirmed``.
"""

from datetime import date

from django.db import models
from django.db.models import Case, F, Q, Value, When

PERIODS = (
    ("1", "第一次国内革命战争时期", date(1, 1, 1), date(1927, 7, 31)),
    ("2", "第二次国内革命战争时期", date(1927, 8, 1), date(1937, 7, 6)),
    ("3", "抗日战争前期", date(1937, 7, 7), date(1942, 12, 31)),
    ("4", "抗日战争后期", date(1943, 1, 1), date(1945, 9, 2)),
    ("5", "解放战争时期", date(1945, 9, 3), date(1949, 9, 30)),
)
LAST_DAY = date(1949, 9, 30)
AMBIGUOUS_MONTHS = {date(1937, 7, 1): ("2", "3"), date(1945, 9, 1): ("4", "5")}
AMBIGUOUS_YEARS = {date(1927, 1, 1): ("1", "2"), date(1937, 1, 1): ("2", "3"), date(1945, 1, 1): ("4", "5")}
CHOICES = [(code, name) for code, name, _, _ in PERIODS]


def candidates(value: date, precision: str) -> tuple[str, ...]:
    """Period codes that a date of this precision may fall into: one, two where it straddles a boundary, none after 1949-09-30."""
    if precision == "month" and value in AMBIGUOUS_MONTHS:
        return AMBIGUOUS_MONTHS[value]
    if precision == "year" and value in AMBIGUOUS_YEARS:
        return AMBIGUOUS_YEARS[value]
    return tuple(code for code, _, first, last in PERIODS if first <= value <= last)


def expression() -> Case:
    """The same rule for the database."""
    confirmed, started, precision = "revolution_period_confirmed", "revolution_started_on", "revolution_started_precision"
    straddling = [
        When(Q(**{precision: kind, started: day}), then=Case(When(**{f"{confirmed}__in": codes}, then=F(confirmed)), default=Value(None)))
        for kind, table in (("month", AMBIGUOUS_MONTHS), ("year", AMBIGUOUS_YEARS))
        for day, codes in table.items()
    ]
    plain = [When(**{f"{started}__lte": last}, then=Value(code)) for code, _, _, last in PERIODS]
    return Case(*straddling, *plain, default=Value(None), output_field=models.CharField(max_length=1))
