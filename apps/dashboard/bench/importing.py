"""A roster into the registry: the portal's own way, and the floor below every way."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from apps.accounts.models import Organization, User
from apps.cadres.models import Cadre
from apps.core.scope import Scope, entered, system_scope
from apps.dashboard.bench.clock import Watch, timed, watched
from apps.dashboard.bench.figures import Figure, memory, rate
from apps.dashboard.bench.options import COUNTY, Options
from apps.files import actions, selectors

COPY = "bench_floor"


def portal(options: Options) -> Iterator[Figure]:
    """Everything the page does: keep the file, read it in a child process, clean, check, stage, compare, then apply with history and audit."""
    _imported(options.warming)
    with watched() as whole:
        counts, reading, applying = _imported(options.roster(options.rows))
    if counts["new"] != options.rows:
        raise RuntimeError(f"the roster was to be new in every row: {counts}")
    with timed() as again:
        counts = _imported(options.roster(options.rows))[0]
    if counts["unchanged"] != options.rows:
        raise RuntimeError(f"the second time nothing was to change: {counts}")
    yield rate("import.portal", options.rows, whole)
    yield Figure("import.portal.read_and_check", reading.seconds, "s", more={"cpu": reading.cpu})
    yield Figure("import.portal.apply", applying.seconds, "s", more={"cpu": applying.cpu})
    yield Figure("import.portal.same_file_again", again.seconds, "s", more={"cpu": again.cpu})
    yield memory("import.portal", whole)


def _imported(path: Path) -> tuple[dict, Watch, Watch]:
    """The batch's counts, reading and checking, applying (nothing when nothing changes)."""
    org, user = Organization.objects.get(code=COUNTY, valid_to=None), User.objects.get(username=f"scale_{COUNTY}")
    scope, today, applying = Scope((org.path,)), timezone.localdate(), Watch()
    with entered(scope), path.open("rb") as content:
        batch = actions.open_batch(kind="roster", content=iter(lambda: content.read(2**20), b""), name=path.name, content_type="", org=org, by=user, today=today)
    with timed() as reading:
        actions.read_batch(batch_id=batch.pk, now=timezone.now(), today=today)
    batch = selectors.batch_for_work(batch.pk)
    if batch.counts.get("new"):
        with timed() as applying:
            with entered(scope):
                actions.confirm_batch(batch=batch, by=user)
            actions.apply_batch(batch_id=batch.pk, now=timezone.now())
    return selectors.batch_for_work(batch.pk).counts, reading, applying


def floor(options: Options) -> Iterator[Figure]:
    """calamine over the same file, then ``COPY`` of the very rows the portal made into a copy of the table: same columns, indexes and checks, no trigger, no foreign key.

    Runs after ``portal``, in its database. What lies between is the price of cleaning, checking, comparing, encrypting, history and audit.
    """
    lines = _finished_rows(options.rows)
    with watched() as whole:
        with timed() as parsing:
            read = sum(1 for _ in CalamineWorkbook.from_path(str(options.roster(options.rows))).get_sheet_by_index(0).iter_rows()) - 1
        with timed() as copying, transaction.atomic(), connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {COPY} ({_columns()}) FROM STDIN", lines)
            copied = cursor.rowcount
    if not read == copied == options.rows:
        raise RuntimeError(f"{read} rows read, {copied} copied, {options.rows} wanted")
    yield rate("import.floor", options.rows, whole, calamine=parsing.seconds, copy=copying.seconds)
    yield memory("import.floor", whole)


def _finished_rows(count: int) -> StringIO:
    """The people imported last as lines of ``COPY``, and an empty table of the same make for them."""
    lines = StringIO()
    with system_scope("bench"), connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT {_columns()} FROM cadres_cadre ORDER BY id DESC LIMIT {count}) TO STDOUT", lines)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {COPY} (LIKE cadres_cadre INCLUDING ALL)")
    lines.seek(0)
    return lines


def _columns() -> str:
    return ", ".join(f'"{one.column}"' for one in Cadre._meta.concrete_fields if not one.generated)
