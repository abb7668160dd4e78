"""A batch's file given back with its problems: at once when it is small, made in the background and kept for some days when it is large."""

from datetime import date, datetime, timedelta
from typing import BinaryIO

import structlog

from apps.accounts.models import User
from apps.activity import audit, notify
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered
from apps.core.workbooks.limits import UnreadableWorkbook
from apps.files import selectors, storage
from apps.files.importing import giving_back
from apps.files.models import BatchState, ImportBatch

log = structlog.get_logger(__name__)
ANNOTATED, REFUSED = "annotated", "refused"
MAKERS = {ANNOTATED: giving_back.annotated, REFUSED: giving_back.refused}
KEPT = timedelta(days=7)
CHUNK = 2**20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GIVEN_BACK = (BatchState.CHECKED, BatchState.APPLIED)
NOT_MADE = "没有做成，已记录。请稍后再试；如再次出现，请联系系统管理员。"


def give_back(*, batch: ImportBatch, what: str, by: User, scope: Scope) -> BinaryIO:
    """The copy as an open file. Raises ``NotToBeHad``, ``Refused``."""
    if batch.state not in GIVEN_BACK or (what == REFUSED and not batch.counts.get("refused")):
        raise Refused("这一批没有可取回的内容。", code="nothing_to_give", status=404)
    try:
        made = MAKERS[what](scope, batch)
    except UnreadableWorkbook as fault:
        raise Refused(fault.sentence, code=fault.code) from fault
    audit.record("import.given_back", batch, by=by, title=batch.file.name, data={"what": what, "refused": batch.counts.get("refused", 0)})
    return made


def build_copy(*, batch_id: int, what: str, by: User, today: date, now: datetime) -> None:
    """Make a large copy, keep it sealed beside the original for a week, and tell who asked for it."""
    batch = selectors.batch_for_work(batch_id)
    name, scope = selectors.copy_name(batch, what), Scope((batch.org.path,))
    title, body = f"没有做成：{name}", NOT_MADE
    try:
        with entered(scope), give_back(batch=batch, what=what, by=by, scope=scope) as made:
            storage.save(
                iter(lambda: made.read(CHUNK), b""), name=name, content_type=XLSX, label=batch.file.label, subject_id=batch.pk, org=batch.org, by=by,
                expires_on=today + KEPT, sealed=True,
            )  # fmt: skip
        title, body = f"已做好：{name}", f"可以下载了，保留 {KEPT.days} 天。"
    except Refused as refused:
        body = refused.sentence
    except Exception:
        log.exception("import.copy_failed", batch=batch.pk)
    with entered(scope):
        notify.tell([by], title=title[:100], body=body, url=selectors.copy_url(batch, what), key=f"import:{batch.pk}:{what}:{now:%H%M%S}", now=now)
