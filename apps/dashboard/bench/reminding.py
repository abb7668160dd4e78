"""Opening the reminders of a day for everybody, beside a bare ``INSERT … SELECT`` of the same rows."""

from collections.abc import Iterator

from django.db import connection, transaction
from django.utils import timezone

from apps.care.models import Reminder, ServicePlan
from apps.care.reminders import open_reminders
from apps.core.scope import system_scope
from apps.dashboard.bench.clock import Watch, timed
from apps.dashboard.bench.figures import Figure
from apps.dashboard.bench.options import Options

COPY = "bench_reminder"
KEYS = """
SELECT format('ALTER TABLE {copy} ADD CONSTRAINT %I %s', 'bench_' || conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE conrelid = 'care_reminder'::regclass AND contype = 'f'
"""


def reminders(options: Options) -> Iterator[Figure]:
    """The first run of a day with nothing told yet, the second run of the same day, and the floor with and without foreign keys."""
    today = timezone.localdate()
    with timed() as first, system_scope("bench"):
        opened, _ = open_reminders(today=today)
    with timed() as second, system_scope("bench"):
        again, already = open_reminders(today=today)
    if again or already != opened:
        raise RuntimeError(f"the second run opened {again}, knew {already} of {opened}")
    with system_scope("bench"):
        plans = ServicePlan.objects.filter(state="active").count()
    floor, floor_keyed = _floor(keys=False), _floor(keys=True)
    bare, keyed = floor.seconds, floor_keyed.seconds
    per = f"{plans:,} plans, {opened:,} reminders"
    yield Figure.beside("reminders.first_run", first.seconds, "s", bare, f"bare INSERT … SELECT, {bare:.2f} s", of=per, by_cpu=first.cpu / floor.cpu if floor.cpu else None)
    by_cpu = first.cpu / floor_keyed.cpu if floor_keyed.cpu else None
    yield Figure.beside("reminders.first_run_keyed", first.seconds, "s", keyed, f"the same with foreign keys, {keyed:.2f} s", by_cpu=by_cpu)
    yield Figure.beside("reminders.second_run", second.seconds, "s", first.seconds, "first run", already=already)
    yield Figure("reminders.rate", opened / first.seconds, "reminders/s")


def _floor(*, keys: bool) -> Watch:
    """Seconds for writing the opened rows once more into an empty table with the same indexes and checks, commit included."""
    names = ", ".join(f'"{one.column}"' for one in Reminder._meta.concrete_fields if not one.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {COPY}")
        cursor.execute(f"CREATE TABLE {COPY} (LIKE care_reminder INCLUDING ALL)")
        cursor.execute(f"GRANT ALL ON {COPY} TO portal_root")
        if keys:
            cursor.execute(KEYS.format(copy=COPY))
            for (statement,) in cursor.fetchall():
                cursor.execute(statement)
    with timed() as writing, transaction.atomic(), system_scope("bench"), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {COPY} ({names}) SELECT {names} FROM care_reminder ORDER BY id")
    return writing
