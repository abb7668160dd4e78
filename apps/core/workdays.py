"""The working days of this deployment: the published ones, overruled by what an administrator entered."""

from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from apps.core import trail
from apps.core.calendar import WorkingDays
from apps.core.models import WorkingDayException
from apps.core.refusal import Refused

AHEAD_FROM_MONTH = 11
"""The State Council publishes the next year's holidays about this month."""


def exceptions(year: int) -> QuerySet[WorkingDayException]:
    return WorkingDayException.objects.filter(day__year=year)


def exception(pk: int) -> WorkingDayException:
    """Raises ``WorkingDayException.DoesNotExist``."""
    return WorkingDayException.objects.get(pk=pk)


def working_days() -> WorkingDays:
    """One query; ask once per run."""
    return WorkingDays(dict(WorkingDayException.objects.values_list("day", "works")))


def calendar_gap(today: date) -> str:
    """What the administrator is warned of: statutory holidays of this year, and from November on of the next, that nobody has entered; "" when all are there."""
    days = working_days()
    years = [today.year, today.year + 1] if today.month >= AHEAD_FROM_MONTH else [today.year]
    gaps = [year for year in years if days.missing(year)]
    if not gaps:
        return ""
    return f"{'、'.join(f'{year} 年' for year in gaps)}的节假日安排还没有录全，未录的日子按周一至周五上班计算，节日里也会照常发提醒。请按国务院办公厅当年通知录入。"


@transaction.atomic
def set_day(*, day: date, works: bool, name: str, by) -> WorkingDayException:
    """Enter or correct one day. Raises ``Refused`` (field ``name``) without a reason."""
    if not name.strip():
        raise Refused("请写明原因，如「国庆节调休」。", code="name_required", field="name")
    found, _ = WorkingDayException.objects.update_or_create(day=day, defaults={"works": works, "name": name.strip()})
    trail.record("calendar.changed", found, by=by, data={"day": str(day), "works": works, "name": found.name})
    return found


@transaction.atomic
def forget_day(*, day: WorkingDayException, by) -> None:
    """The published calendar, or else the weekday, counts again."""
    trail.record("calendar.changed", by=by, title=f"删除：{day}", data={"day": str(day.day)})
    day.delete()


@transaction.atomic
def fill_statutory(*, year: int, by) -> int:
    """Enter the holidays the law names where they fall on weekdays and nobody has entered them; the weekends worked for them follow from the year's notice."""
    missing = {one.day: one.title for one in working_days().missing(year)}
    WorkingDayException.objects.bulk_create([WorkingDayException(day=day, works=False, name=title) for day, title in missing.items()], ignore_conflicts=True)
    if missing:
        trail.record("calendar.changed", by=by, title=f"预填 {year} 年法定节假日", data={"days": [str(day) for day in missing]})
    return len(missing)


