"""The life of a report: asked for, built in the background, shown, published and from then on frozen.

    queued → running → ready → published        queued, running → failed

An app above declares its kinds in ``reports`` (``REPORTS.add``). A kind first makes a plain context (every figure and every list behind it, JSON) and
then files from that context alone. A published run is never changed (a trigger refuses it too) and its organisation and quarter never built again.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from django.db import connection, transaction

from apps.accounts.models import Organization, User
from apps.activity import audit, notify
from apps.core.calendar import Quarter, quarter_of
from apps.core.refusal import Refused
from apps.core.registry import Registry
from apps.core.scope import Scope, entered, system_scope
from apps.files import selectors, storage
from apps.files.models import ReportRun, RunState

log = structlog.get_logger(__name__)
LABEL = "report"
LOCK_CLASS = 0x0CAD
DUE_LOCK = 0x0CAD_0D0F
DUE_DAYS = 31
"""So many days after a quarter's end a missing report is still made by itself."""
UNEXPECTED = "生成时出了意外，已记录。请再试一次；如再次出现，请联系系统管理员。"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Output:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class ReportKind:
    """What an app above declares.

    ``context(org, quarter, today=, now=)`` runs inside the organisation's scope and gives plain JSON; raises ``Refused`` when there is nothing to report.
    ``files(context)`` gives document and annex. ``page(context)`` gives what the detail page shows: {"figures": [{"label", "value", "unit", "list"}],
    "head": [...], "rows": [{"name", "cells": [{"value", "list", "place"}]}], "sentences": [...]}. ``people(scope, context, list, place, today=, start=, size=)``
    gives part of a frozen list: {"title", "rows": [{"name", "url", "detail"}], "count", "visible", "gone": number no longer in the reader's scope};
    raises ``KeyError`` for an unknown one.
    ``places(today)`` are the organisations that get one by themselves each quarter.
    """

    key: str
    title: str
    levels: tuple[str, ...]
    context: Callable[..., dict]
    files: Callable[[dict], tuple[Output, Output]]
    page: Callable[[dict], dict]
    people: Callable[..., dict]
    places: Callable[[date], Iterable[Organization]]


REPORTS: Registry[ReportKind] = Registry("report")


def request_run(*, kind: str, org: Organization, quarter: Quarter, by: User | None, today: date) -> ReportRun:
    """Queue a build, or return the one that is under way; raises ``Refused``: unknown kind or level, a quarter to come, published already."""
    if kind not in REPORTS:
        raise Refused("没有这种报告。", code="kind_unknown")
    if org.level not in REPORTS[kind].levels:
        raise Refused("这种报告按市或县（市、区）生成，请选择市或县区。", code="level", field="org")
    if quarter > quarter_of(today):
        raise Refused(f"{quarter.title}还没有到。", code="quarter_future", field="quarter")
    with entered(Scope((org.path,))) as scope, _turn(org.pk):
        same = selectors.runs(scope).filter(org=org, kind=kind, period=str(quarter))
        if same.filter(state=RunState.PUBLISHED).exists():
            raise Refused(f"{org.name}{quarter.title}的报告已经发布，不能重新生成。", code="published", status=409)
        under_way = same.filter(state__in=(RunState.QUEUED, RunState.RUNNING)).first()
        return under_way or ReportRun.objects.create(kind=kind, org=org, period=str(quarter), created_by=by)


@contextmanager
def _turn(number: int) -> Iterator[None]:
    """Asking for the same organisation's report at the same moment: one after the other, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, number % 2**31])
    yield


def build(*, run_id: int, today: date, now: datetime) -> bool:
    """Build a queued run, or one whose builder died; False when somebody else is at it or it is over. Never raises: the run says what went wrong."""
    with _alone(run_id) as ours:
        if not ours:
            return False
        run = selectors.run_for_work(run_id)
        if run is None or run.state not in (RunState.QUEUED, RunState.RUNNING):
            return False
        scope = Scope((run.org.path,))
        try:
            _move(run, scope, state=RunState.RUNNING, done=10)
            kind = REPORTS[run.kind]
            with entered(scope):
                context = kind.context(run.org, Quarter.parse(run.period), today=today, now=now)
            _move(run, scope, done=60)
            outputs = kind.files(context)
            _move(run, scope, done=90)
            _finish(run, scope, context, outputs, now)
        except Refused as refused:
            _fail(run, scope, refused.sentence, now)
        except Exception:  # noqa: BLE001 - a run must never stay under way for ever
            log.exception("report.failed", run=run.pk)
            _fail(run, scope, UNEXPECTED, now)
        return True


@contextmanager
def _alone(run_id: int) -> Iterator[bool]:
    """Whether this session is the run's only builder; the lock ends with the session, so a killed builder leaves nothing behind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS + 1, run_id % 2**31])
        ours = cursor.fetchone()[0]
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS + 1, run_id % 2**31])


def _move(run: ReportRun, scope: Scope, **values) -> None:
    """Its own transaction, so that whoever waits sees it."""
    with entered(scope):
        ReportRun.objects.filter(pk=run.pk).update(**values)


def _finish(run: ReportRun, scope: Scope, context: dict, outputs: tuple[Output, Output], now: datetime) -> None:
    with entered(scope):
        document, annex = (
            storage.save(one.content, name=one.name, content_type=one.content_type, label=LABEL, org=run.org, by=run.created_by, subject_id=run.pk)
            for one in outputs
        )
        ReportRun.objects.filter(pk=run.pk).update(state=RunState.READY, done=100, context=context, document=document, annex=annex, data_until=now, error="")
        audit.record("report.built", run, by=run.created_by, data={"kind": run.kind, "period": run.period})
        _tell(run, f"{REPORTS[run.kind].title}已生成：{run.org.name} {Quarter.parse(run.period).title}", "请打开核对，确认无误后再发布。", now)


def _fail(run: ReportRun, scope: Scope, sentence: str, now: datetime) -> None:
    with entered(scope):
        ReportRun.objects.filter(pk=run.pk).update(state=RunState.FAILED, error=sentence[:300])
        _tell(run, f"{REPORTS[run.kind].title}没有生成：{run.org.name} {run.period}", sentence, now)


def _tell(run: ReportRun, title: str, body: str, now: datetime) -> None:
    if run.created_by:
        notify.tell([run.created_by], title=title, body=body, url=selectors.run_url(run.pk), key=f"report:{run.pk}", now=now)


def reason_against_publishing(run: ReportRun, today: date) -> str:
    """The sentence of the grey button; "" when it may be published."""
    if run.state == RunState.PUBLISHED:
        return "已经发布。"
    if run.state != RunState.READY:
        return "还没有生成。"
    if run.data_until is None or Quarter.parse(run.period).last >= today:
        return "本季度还没有结束，只能预览。"
    if quarter_of(_day(run.data_until)) <= Quarter.parse(run.period):
        return "这份是季度结束前生成的，请重新生成后再发布。"
    return ""


def _day(moment: datetime) -> date:
    from django.utils import timezone

    return timezone.localdate(moment)


def publish(*, run: ReportRun, by: User, scope: Scope, today: date, now: datetime) -> ReportRun:
    """Freeze a ready run. Raises ``Refused``: not ready, quarter not over, or another one of the same quarter is published."""
    with transaction.atomic(), _turn(run.org_id):
        run = selectors.runs(scope).select_for_update(of=("self",)).get(pk=run.pk)
        if reason := reason_against_publishing(run, today):
            raise Refused(reason, code="not_publishable", status=409)
        if selectors.runs(scope).filter(org=run.org_id, kind=run.kind, period=run.period, state=RunState.PUBLISHED).exists():
            raise Refused("这个单位这个季度的报告已经发布过。", code="published", status=409)
        ReportRun.objects.filter(pk=run.pk).update(state=RunState.PUBLISHED, published_at=now, published_by=by)
        audit.record("report.published", run, by=by, data={"kind": run.kind, "period": run.period})
    return selectors.run(scope, run.pk)


def request_due(*, today: date) -> list[int]:
    """Queue what the quarter just ended still lacks, for every place that should have it; returns the runs to build, those left lying included.

    Made once whoever asks and however often; a day missed is caught up for ``DUE_DAYS``. A failed one is tried again the next day.
    """
    quarter = quarter_of(today).previous
    if today - quarter.last > timedelta(days=DUE_DAYS):
        return []
    with system_scope("reports due") as scope:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DUE_LOCK])
        made: list[int] = []
        for kind in REPORTS.values():
            known = set(selectors.runs(scope).filter(kind=kind.key, period=str(quarter)).exclude(state=RunState.FAILED).values_list("org_id", flat=True))
            wanted = [org for org in kind.places(today) if org.pk not in known]
            rows = [ReportRun(kind=kind.key, org=org, org_path=org.path, period=str(quarter)) for org in wanted]
            made += [row.pk for row in ReportRun.objects.bulk_create(rows)]
        left = selectors.runs(scope).filter(state__in=(RunState.QUEUED, RunState.RUNNING), period=str(quarter)).values_list("pk", flat=True)
        return sorted({*made, *left})
