"""Side notes of a person: added, changed, removed by hand."""

from django.db import transaction

from apps.accounts.models import User
from apps.activity import audit
from apps.cadres.actions.people import write
from apps.cadres.models import Cadre
from apps.cadres.workflow import reason_against_editing
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope
from apps.files.importing.asides import LONGEST_LABEL, mask_numbers

MOST = 200


@transaction.atomic
def change_notes(*, cadre: Cadre, notes: dict[str, str], version: int, by: User, scope: Scope) -> Cadre:
    """Set these notes (label → text, "" removes one); others stay. What looks like an ID number or a telephone is kept masked.

    Raises ``Stale`` when somebody else saved since ``version``, ``Refused`` for a person who has left.
    """
    cadre = Cadre.objects.visible_to(scope).select_for_update(of=("self",)).select_related("org").get(pk=cadre.pk)
    if reason := reason_against_editing(cadre):
        raise Refused(reason, code="moved", status=409)
    if cadre.version != version:
        raise Stale("您打开之后，这份档案被别人改过。请对照后再保存。")
    wanted = {mask_numbers(label.strip())[:LONGEST_LABEL]: mask_numbers(text.strip()) for label, text in notes.items() if label.strip()}
    changed = {label: text for label, text in wanted.items() if cadre.extra.get(label, "") != text}
    if not changed:
        return cadre
    extra = {label: text for label, text in (cadre.extra | changed).items() if text}
    if len(extra) > MOST:
        raise Refused(f"一个人最多 {MOST} 条附注。", code="too_many")
    write(cadre, {"extra": extra})
    audit.record("cadre.changed", cadre, by=by, data={"fields": ["extra"], "notes": sorted(changed)})
    return cadre
