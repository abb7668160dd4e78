"""The daily run for everybody under thirty rules, beside a bare ``INSERT … SELECT`` of the same rows."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import connection, models, transaction
from django.utils import timezone

from apps.care.models import DailyRun, OccasionRule, Reminder, ServicePlan, ToDo
from apps.care.reminders import RULES, open_occasions, open_reminders, settle
from apps.care.reminders.occasions import occasion_rules
from apps.core.scope import system_scope
from apps.dashboard.bench.clock import Watch, timed
from apps.dashboard.bench.figures import Figure
from apps.dashboard.bench.options import Options

RULES_WANTED = 30
KEYS = """
SELECT format('ALTER TABLE {copy} ADD CONSTRAINT %I %s', 'bench_' || conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE conrelid = '{table}'::regclass AND contype = 'f'
"""


def reminders(options: Options) -> Iterator[Figure]:
    """The run of a morning with nothing opened yet, the second run of the same day, and the floor; settling everything, as after a change of the rules, on its own."""
    today = timezone.localdate()
    with system_scope("bench"):
        rules = _more_rules(today)
        DailyRun.objects.create(day=today - timedelta(days=1))
        plans = ServicePlan.objects.filter(state="active").count()
    with timed() as settling, system_scope("bench"):
        settle(today=today)
    with timed() as first, system_scope("bench"):
        todos = open_occasions(today=today)
        opened, _ = open_reminders(today=today)
    with timed() as second, system_scope("bench"):
        more = open_occasions(today=today)
        again, already = open_reminders(today=today)
    if more or again or already != opened:
        raise RuntimeError(f"the second run opened {more} and {again}, knew {already} of {opened}")
    floor, keyed = _floor(keys=False), _floor(keys=True)
    of = f"{plans:,} plans, {rules} rules, {todos:,} to-dos, {opened:,} reminders"
    yield _beside("reminders.first_run", first, floor, "bare INSERT … SELECT", of=of)
    yield _beside("reminders.first_run_keyed", first, keyed, "the same with foreign keys")
    yield Figure.beside("reminders.second_run", second.seconds, "s", first.seconds, "first run", already=already)
    yield Figure("reminders.settle_all", settling.seconds, "s", more={"cpu": settling.cpu})
    yield Figure("reminders.rate", (opened + todos) / first.seconds, "rows/s")


def _beside(name: str, run: Watch, floor: Watch, words: str, **more) -> Figure:
    by_cpu = run.cpu / floor.cpu if floor.cpu else None
    return Figure.beside(name, run.seconds, "s", floor.seconds, f"{words}, {floor.seconds:.2f} s", by_cpu=by_cpu, **more)


def _more_rules(today: date) -> int:
    """Rules of the rhythm and of occasions together are ``RULES_WANTED``: further birthdays, festivals and seasons for parts of the people."""
    lacking = RULES_WANTED - len(RULES) - len(occasion_rules(today))
    season = {"from": f"{today - timedelta(days=3):%m-%d}", "to": f"{today + timedelta(days=20):%m-%d}"}
    kinds = (("birthday", {"from_age": 71, "every": 1, "to_age": 79}), ("festival", {"festival": "double_ninth"}), ("season", season))
    whom = ([["living", "in", ["alone"]]], [["self_care", "in", ["dependent"]], ["born_on", "age_gte", 85]], [["retire_kind", "eq", "lixiu"]])
    made = []
    for n in range(max(lacking, 0)):
        trigger, setting = kinds[n % len(kinds)]
        made.append(
            OccasionRule(
                key=f"bench{n}", name=f"规则{n}", trigger=trigger, setting=setting, whom=whom[n // len(kinds) % len(whom)], occasion="daily", valid_from=today - timedelta(days=30)
            )
        )
    OccasionRule.objects.bulk_create(made)
    return len(RULES) + len(occasion_rules(today))


def _floor(*, keys: bool) -> Watch:
    """Seconds for writing the opened rows once more into empty tables with the same indexes and checks, commit included."""
    columns = {model: _copied(model, keys) for model in (ToDo, Reminder)}
    with timed() as writing, transaction.atomic(), system_scope("bench"), connection.cursor() as cursor:
        for model, names in columns.items():
            table = model._meta.db_table
            cursor.execute(f"INSERT INTO bench_{table} ({names}) SELECT {names} FROM {table} ORDER BY id")
    return writing


def _copied(model: type[models.Model], keys: bool) -> str:
    """An empty table like the model's, named with ``bench_``; returns its columns."""
    table, names = model._meta.db_table, ", ".join(f'"{one.column}"' for one in model._meta.concrete_fields if not one.primary_key)
    copy = f"bench_{table}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {copy}")
        cursor.execute(f"CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)")
        cursor.execute(f"GRANT ALL ON {copy} TO portal_root")
        if keys:
            cursor.execute(KEYS.format(copy=copy, table=table))
            for (statement,) in cursor.fetchall():
                cursor.execute(statement)
    return names
