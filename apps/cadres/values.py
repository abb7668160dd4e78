"""Values of a person as they are compared and as people read them."""

from datetime import date
from typing import Any

from apps.cadres.columns import PARTIAL_DATES
from apps.cadres.fields import EDITABLE, MASKED_BESIDE
from apps.cadres.models import AttentionClass, Cadre, RetireKind, Standing, periods
from apps.cadres.standards import FIELD_TABLES
from apps.core.dates import PartialDate
from apps.core.templatetags.portal import date_partial

CHOICES = {
    "retire_kind": dict(RetireKind.choices),
    "standing": dict(Standing.choices),
    "attention_class": dict(AttentionClass.choices),
    "revolution_period": dict(periods.CHOICES),
    "revolution_period_confirmed": dict(periods.CHOICES),
}


def values_of(cadre: Cadre, names: tuple[str, ...] = EDITABLE) -> dict[str, Any]:
    """Present values as ``rules`` and ``columns`` take them: dates with precision, closed values in the clear."""
    return {name: value_of(cadre, name) for name in names}


def value_of(cadre: Any, name: str) -> Any:
    """One value of a person or of an event of his history."""
    value = getattr(cadre, name)
    if name in PARTIAL_DATES:
        return PartialDate(value, getattr(cadre, PARTIAL_DATES[name])) if value else None
    return value


def same(one: Any, other: Any) -> bool:
    """Blank is blank, and a date is the same whatever it was written like."""
    if isinstance(one, PartialDate) and isinstance(other, PartialDate):
        return (one.value, one.precision) == (other.value, other.precision)
    return one == other or (one in (None, "") and other in (None, ""))


def as_words(name: str, value: Any, book) -> str:
    """The value as it is read: codes and choices by name, dates as far as they are known, "" for blank. ``book`` is a ``CodeBook``."""
    if value is None or value == "":
        return ""
    if name == "extra":
        return "；".join(f"{label}：{text}" for label, text in value.items())
    if name in FIELD_TABLES:
        return book.field(name, value)
    if name in CHOICES:
        return CHOICES[name].get(value, value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, PartialDate):
        return date_partial(value.value, value.precision)
    return date_partial(value) if isinstance(value, date) else str(value)


def shown(cadre: Any, name: str, book) -> str:
    """``as_words`` of a person's field, closed ones by their mask."""
    return getattr(cadre, MASKED_BESIDE[name]) if name in MASKED_BESIDE else as_words(name, value_of(cadre, name), book)


def written(value: PartialDate) -> str:
    """The short form people use in forms and sheets: 1945, 1945.08, 1945.08.15."""
    day = value.value
    return {"year": f"{day.year}", "month": f"{day:%Y.%m}"}.get(value.precision, f"{day:%Y.%m.%d}")


def plain_value(value: Any) -> Any:
    """For JSON columns: dates as ISO text."""
    if isinstance(value, PartialDate):
        return value.value.isoformat()
    return value.isoformat() if isinstance(value, date) else value
