"""Reads that leave a trace: the page, a closed value with its reason, a printed record."""

from django.db import transaction

from apps.accounts.models import User
from apps.activity import audit
from apps.cadres.fields import MASKED_BESIDE
from apps.cadres.models import Cadre, Relative, Survivor
from apps.core.refusal import Refused

SHORTEST_REASON = 2


def note_view(*, cadre: Cadre, by: User) -> None:
    audit.record("cadre.viewed", cadre, by=by)


def note_print(*, cadre: Cadre, by: User) -> None:
    audit.record("cadre.printed", cadre, by=by)


@transaction.atomic
def reveal(*, cadre: Cadre, field: str, reason: str, by: User, owner: Relative | Survivor | None = None) -> tuple[str, str]:
    """(name, value) of a closed field in the clear, for this one answer; the reason is kept with the person.

    ``owner`` is the relative or survivor whose phone it is. Raises ``Refused`` without a reason or for another field.
    """
    if field not in (MASKED_BESIDE if owner is None else ("phone",)):
        raise Refused("没有这一项。", code="field_unknown")
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused("请写明查看的理由。", code="reason_required", field="reason")
    title = str((owner or cadre)._meta.get_field(field).verbose_name)
    if owner is not None:
        title = f"{owner.relation}{title}"
    audit.record("cadre.revealed", cadre, by=by, note=reason[:100], data={"field": field, "title": title})
    return title, getattr(owner or cadre, field) or ""
