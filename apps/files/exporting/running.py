"""The life of an export: asked for, made in the background with the eyes of the one who asked, kept encrypted for some days."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

from apps.accounts import selectors as accounts
from apps.accounts.models import Organization, User
from apps.activity import audit, notify
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.core.sheets_out import XLSX
from apps.files import selectors, storage
from apps.files.exporting.kinds import EXPORTS, ExportKind
from apps.files.exporting.writing import Wanted, write
from apps.files.models import UNDER_WAY, ExportChoice, ExportRun, ExportState

log = structlog.get_logger(__name__)
LABEL, LOCK_CLASS, CHUNK, SHORTEST_REASON = "export", 0x0CAF, 1 << 20, 2
UNEXPECTED = "生成时出了意外，已记录。请再试一次；如再次出现，请联系系统管理员。"


class Stopped(Exception):
    """The one who asked took it back."""


def check(*, kind: ExportKind, columns: list[str], full: bool, reason: str, count: int, rights: frozenset) -> None:
    """Raises ``Refused`` with the field: nothing to export, too much, no column, no reason where one is due, no right to closed values."""
    if not count:
        raise Refused("名单是空的，没有可导出的内容。", code="empty")
    if count > settings.EXPORT_MOST:
        raise Refused(f"超过 {settings.EXPORT_MOST:,} {kind.unit}，一次导不完。请先按单位或条件缩小范围。", code="too_many")
    if not kind.chosen(columns):
        raise Refused("请至少选一列。", code="no_columns", field="columns")
    if full and (kind.reveal is None or kind.reveal not in rights):
        raise Refused("您的角色不能导出原文。", code="no_reveal", field="full", status=403)
    if (full or count > settings.EXPORT_REASON_ABOVE) and len(reason.strip()) < SHORTEST_REASON:
        why = "导出原文，请写明用途。" if full else f"超过 {settings.EXPORT_REASON_ABOVE} {kind.unit}，请写明用途。"
        raise Refused(why, code="reason_required", field="reason")


@transaction.atomic
def remember(*, kind: ExportKind, columns: list[str], by: User) -> None:
    """The columns one chose are offered the next time."""
    ExportChoice.objects.update_or_create(user=by, kind=kind.key, defaults={"columns": [column.key for column in kind.chosen(columns)]})


@transaction.atomic
def request_run(*, kind: ExportKind, query: dict[str, str], columns: list[str], full: bool, reason: str, count: int, org: Organization, by: User) -> ExportRun:
    """Queue an export that ``check`` has passed. Pressing twice makes one: the same question still under way is returned."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS + 1, by.pk % 2**31])
    keys, asked = [column.key for column in kind.chosen(columns)], json.dumps(query, ensure_ascii=False, sort_keys=True)
    for run in selectors.exports_of(by, Scope((org.path,))).filter(kind=kind.key, state__in=UNDER_WAY, org=org, full=full, reason=reason.strip()):
        if (run.query, run.columns) == (asked, keys):
            return run
    return ExportRun.objects.create(kind=kind.key, org=org, query=asked, columns=keys, full=full, reason=reason.strip(), total=count, created_by=by)


def build(*, run_id: int, today: date, now: datetime) -> bool:
    """Make a queued export, or one whose maker died; False when somebody else is at it or it is over. Never raises: the run says what went wrong."""
    with _alone(run_id) as ours:
        if not ours:
            return False
        run = selectors.export_for_work(run_id)
        if run is None or run.state not in UNDER_WAY:
            return False
        scope = Scope((run.org.path,))
        try:
            _move(run, scope, state=ExportState.RUNNING)
            _make(run, scope, today, now)
        except Stopped:
            pass
        except Refused as refused:
            _fail(run, scope, refused.sentence, now)
        except Exception:  # noqa: BLE001 - a run must never stay under way for ever
            log.exception("export.failed", run=run.pk)
            _fail(run, scope, UNEXPECTED, now)
        return True


@contextmanager
def _alone(run_id: int) -> Iterator[bool]:
    """Whether this session is the run's only maker; the lock ends with the session, so a killed one leaves nothing behind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, run_id % 2**31])
        ours = cursor.fetchone()[0]
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, run_id % 2**31])


def _make(run: ExportRun, scope: Scope, today: date, now: datetime) -> None:
    kind = EXPORTS[run.kind]
    if reason := reason_against(run, kind, today):
        raise Refused(reason, code="rights_gone", status=403)
    wanted = Wanted(kind, json.loads(run.query), run.columns, run.full, run.reason, run.created_by, run.org, run.created_at)
    with tempfile.TemporaryFile() as out, entered(scope):
        count = kind.count(scope, wanted.query, wanted.today, settings.EXPORT_MOST + 1)
        if count > settings.EXPORT_MOST:
            raise Refused(f"超过 {settings.EXPORT_MOST:,} {kind.unit}，一次导不完。请先按单位或条件缩小范围。", code="too_many")
        rows = write(wanted, scope, count, out, lambda done: _tick(run, done))
        out.seek(0)
        chunks = iter(lambda: out.read(CHUNK), b"")
        until = today + timedelta(days=settings.EXPORT_KEPT_DAYS)
        stored = storage.save(
            chunks, name=wanted.name, content_type=XLSX, label=LABEL, org=run.org, by=run.created_by, subject_id=run.pk, expires_on=until, sealed=True
        )
        moved = ExportRun.objects.filter(pk=run.pk, state=ExportState.RUNNING).update(state=ExportState.READY, file=stored, total=rows, finished_at=now, error="")
        if not moved:
            raise Stopped
        _tell(run, f"导出好了：{kind.title} {rows:,} {kind.unit}", f"请在 {until.month} 月 {until.day} 日以前下载，过期删除。", now)


def reason_against(run: ExportRun, kind: ExportKind, today: date) -> str:
    """Why the one who asked may not have this (any more); "" when he may. Rights are asked again when it is made and when it is fetched."""
    needed = {kind.right} | ({kind.reveal} if run.full else set())
    held = accounts.memberships_of(run.created_by, today)
    may = run.created_by.is_active and any(run.org.path.startswith(one.org.path) and needed <= accounts.rights_of(one) for one in held)
    return "" if may else "您的任职或权限已经变动，不能再导出这份名单。"


def _tick(run: ExportRun, done: int) -> None:
    """Progress goes past the transaction, through the cache; a run taken back stops here."""
    cache.set(_place(run.pk), done, 3600)
    if not ExportRun.objects.filter(pk=run.pk, state=ExportState.RUNNING).exists():
        raise Stopped


def _place(pk: int) -> str:
    return f"export:{connection.settings_dict['NAME']}:{pk}"


def progress(run: ExportRun) -> int:
    """Rows done."""
    return min(cache.get(_place(run.pk), 0), run.total) if run.state == ExportState.RUNNING else 0


def _move(run: ExportRun, scope: Scope, **values) -> None:
    """Its own transaction, so that whoever waits sees it. Only while the run is under way."""
    with entered(scope):
        if not ExportRun.objects.filter(pk=run.pk, state__in=UNDER_WAY).update(**values):
            raise Stopped


def _fail(run: ExportRun, scope: Scope, sentence: str, now: datetime) -> None:
    try:
        _move(run, scope, state=ExportState.FAILED, error=sentence[:300], finished_at=now)
    except Stopped:
        return
    with entered(scope):
        _tell(run, f"没有导出：{EXPORTS[run.kind].title}", sentence, now)


def _tell(run: ExportRun, title: str, body: str, now: datetime) -> None:
    notify.tell([run.created_by], title=title, body=body, url=selectors.export_url(run.pk), key=f"export:{run.pk}", now=now)


@transaction.atomic
def cancel(*, run: ExportRun, by: User, now: datetime) -> bool:
    """Take it back; False when it is over already."""
    moved = ExportRun.objects.filter(pk=run.pk, created_by=by, state__in=UNDER_WAY).update(state=ExportState.CANCELLED, finished_at=now)
    if moved:
        audit.record("export.cancelled", run, by=by)
    return bool(moved)


def expire(*, today: date) -> tuple[int, list[int]]:
    """(how many were ready and are past their day, runs left lying that should be made again). Daily."""
    with system_scope("exports past their day") as scope:
        past = selectors.all_exports(scope).filter(state=ExportState.READY, file__expires_on__lt=today)
        number = ExportRun.objects.filter(pk__in=[run.pk for run in past]).update(state=ExportState.EXPIRED)
        return number, [run.pk for run in selectors.all_exports(scope).filter(state__in=UNDER_WAY)]
