"""A roster into the registry: the portal's own way, and the floor below every way."""

import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from apps.accounts.models import Organization, User
from apps.cadres.models import Cadre
from apps.core.scope import Scope, entered, system_scope
from apps.dashboard.bench.clock import median, timed, watched
from apps.dashboard.bench.figures import Figure, memory, rate
from apps.dashboard.bench.options import COUNTY, Options
from apps.files import actions, selectors
from apps.files.models import ImportBatch

COPY = "bench_floor"
PREVIEWS = {"check_page": ("files:batch", ""), "rows_page": ("files:rows", "?state=new"), "problems_page": ("files:problems", "")}


def portal(options: Options) -> Iterator[Figure]:
    """Everything the page does: keep the file, read it in a child process, clean, check, stage, compare, then apply with history and audit.

    Between check and confirmation the pages that show the checked batch are opened; they don't count as import.
    """
    name, roster = f"import.portal.{options.rows}", options.roster(options.rows)
    _applied(_read(options.warming))
    with watched() as reading:
        batch = _read(roster)
    _expect(batch, "new", options.rows)
    yield from _previews(batch, options)
    with watched() as applying:
        batch = _applied(batch)
    _expect(batch, "new", options.rows)
    with timed() as again:
        batch = _read(roster)
    _expect(batch, "unchanged", options.rows)
    whole = reading + applying
    yield rate(name, options.rows, whole)
    for part, watch in (("read_and_check", reading), ("apply", applying), ("same_file_again", again)):
        yield Figure(f"{name}.{part}", watch.seconds, "s", more={"cpu": watch.cpu})
    yield memory(name, whole)


def _read(path: Path) -> ImportBatch:
    """The file kept, read and checked as the county's own."""
    org, user, today = Organization.objects.get(code=COUNTY, valid_to=None), User.objects.get(username=f"scale_{COUNTY}"), timezone.localdate()
    with entered(Scope((org.path,))), path.open("rb") as content:
        batch = actions.open_batch(kind="roster", content=iter(lambda: content.read(2**20), b""), name=path.name, content_type="", org=org, by=user, today=today)
    actions.read_batch(batch_id=batch.pk, now=timezone.now(), today=today)
    return selectors.batch_for_work(batch.pk)


def _applied(batch: ImportBatch) -> ImportBatch:
    with entered(Scope((batch.org.path,))):
        actions.confirm_batch(batch=batch, by=batch.created_by)
    actions.apply_batch(batch_id=batch.pk, now=timezone.now())
    return selectors.batch_for_work(batch.pk)


def _expect(batch: ImportBatch, state: str, rows: int) -> None:
    if batch.counts.get(state) != rows or batch.counts["rows"] != rows:
        raise RuntimeError(f"every one of {rows} rows was to be {state}: {batch.counts} {batch.error}")


def _previews(batch: ImportBatch, options: Options) -> Iterator[Figure]:
    """The pages of a checked batch as whole requests: the first opening, and the median of further ones."""
    client = Client()
    client.force_login(batch.created_by)
    for page, (view, query) in PREVIEWS.items():
        url = reverse(view, args=[batch.pk]) + query
        start = time.perf_counter()
        answer = client.get(url)
        first = (time.perf_counter() - start) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{url} answered {answer.status_code}")
        took = median(lambda url=url: client.get(url), options.repeats)
        yield Figure(f"import.{page}.{options.rows}", took.ms, "ms", more={"first_ms": first, "cpu_ms": took.cpu_ms, "kb": len(answer.content) // 1024, "n": took.times})


def floor(options: Options) -> Iterator[Figure]:
    """calamine over the same file, then ``COPY`` of the very rows the portal made into a copy of the table: same columns, indexes and checks, no trigger, no foreign key.

    Runs after ``portal``, in its database. What lies between is the price of cleaning, checking, comparing, encrypting, history and audit.
    """
    with _finished_rows(options).open("rb") as lines, watched() as whole:
        with timed() as parsing:
            read = _parsed(options.roster(options.rows))
        with timed() as copying, transaction.atomic(), connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {COPY} ({_columns()}) FROM STDIN", lines)
            copied = cursor.rowcount
    if not read == copied == options.rows:
        raise RuntimeError(f"{read} rows read, {copied} copied, {options.rows} wanted")
    yield rate(f"import.floor.{options.rows}", options.rows, whole, calamine=parsing.seconds, copy=copying.seconds)
    yield memory(f"import.floor.{options.rows}", whole)


def _parsed(path: Path) -> int:
    """Rows below the titles of all sheets."""
    book = CalamineWorkbook.from_path(str(path))
    return sum(sum(1 for _ in book.get_sheet_by_name(name).iter_rows()) - 1 for name in book.sheet_names)


def _finished_rows(options: Options) -> Path:
    """The people imported last as lines of ``COPY``, and an empty table of the same make for them."""
    path = options.folder / "finished.copy"
    with path.open("wb") as lines, system_scope("bench"), connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT {_columns()} FROM cadres_cadre ORDER BY id DESC LIMIT {options.rows}) TO STDOUT", lines)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {COPY} (LIKE cadres_cadre INCLUDING ALL)")
    return path


def _columns() -> str:
    return ", ".join(f'"{one.column}"' for one in Cadre._meta.concrete_fields if not one.generated)
