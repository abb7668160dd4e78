"""The audit read back: filtered pages of events, and the proof that nobody changed them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.activity.models import AuditEvent, AuditHead
from apps.core.scope import Scope, system_scope


def events(scope: Scope, *, text: str = "", verb: str = "", first: date | None = None, last: date | None = None, before: int | None = None):
    """Events of the scope, newest first; ``text`` is looked for in person, object and note; ``before`` pages by key."""
    found = AuditEvent.objects.visible_to(scope).order_by("-pk")
    if text:
        found = found.filter(Q(actor__icontains=text) | Q(title__icontains=text) | Q(note__icontains=text))
    if verb:
        found = found.filter(verb=verb)
    if first:
        found = found.filter(at__gte=_start(first))
    if last:
        found = found.filter(at__lt=_start(last + timedelta(days=1)))
    if before:
        found = found.filter(pk__lt=before)
    return found


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


@dataclass(frozen=True)
class Verdict:
    """Outcome of a verification. ``broken_at`` is the first place in the chain that doesn't fit, ``head`` the last hash (hex)."""

    checked: int
    broken_at: int | None
    unsealed: int
    head: str

    @property
    def sound(self) -> bool:
        return self.broken_at is None and self.unsealed == 0


VERIFY = """
WITH linked AS (
  SELECT s.seq, s.hash, lag(s.hash) OVER (ORDER BY s.seq) AS before, lag(s.seq) OVER (ORDER BY s.seq) AS place_before, e.id IS NULL AS gone,
         activity_audit_text(e) AS text
  FROM activity_auditseal s LEFT JOIN activity_auditevent e ON e.id = s.event_id
)
SELECT count(*), min(seq) FILTER (WHERE gone OR seq <> COALESCE(place_before, 0) + 1
                                      OR hash <> sha256(COALESCE(before, ''::bytea) || convert_to(text, 'UTF8')))
FROM linked
"""


def verify() -> Verdict:
    """Recompute the whole chain in the database. A missing, changed or inserted event shows as ``broken_at``, a cut-off end too."""
    with system_scope("verify the audit chain"), connection.cursor() as cursor:
        cursor.execute(VERIFY)
        checked, broken = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM activity_auditevent e WHERE NOT EXISTS (SELECT FROM activity_auditseal s WHERE s.event_id = e.id)")
        unsealed = cursor.fetchone()[0]
        head = AuditHead.objects.filter(pk=1).first()
    if broken is None and head is not None and head.seq != checked:
        broken = checked + 1
    return Verdict(checked=checked, broken_at=broken, unsealed=unsealed, head=bytes(head.hash).hex() if head else "")
