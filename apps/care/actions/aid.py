"""Applying for aid (困难帮扶): writing it once, correcting it while it is one's own, its papers, and going on from it after a death."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.activity import audit
from apps.cadres.models import Cadre, Standing, Survivor
from apps.care.models import Applicant, CaseState, CaseStep, HardshipCase
from apps.care.models.aid import WRITABLE
from apps.care.selectors import aid as selectors
from apps.care.selectors.aid import PROOF_LABEL
from apps.care.standards import AID_FOR_SURVIVORS, AID_MOST_PROOFS
from apps.core.refusal import Refused
from apps.core.workflow import lock
from apps.files import storage
from apps.files.models import StoredFile

FIELDS = ("kind", "applicant", "applicant_name", "reason", "amount_asked")


@transaction.atomic
def apply_for_aid(
    *, cadre: Cadre, kind: str, applicant: str, reason: str, amount_asked: Decimal, once: UUID, by, today: date, now: datetime,
    survivor: Survivor | None = None, applicant_name: str = "", proofs: Iterable = (), follows: HardshipCase | None = None,
) -> HardshipCase:  # fmt: skip
    """Write an application down as a draft of this year; the same ``once`` again gives the first one back. Raises ``Refused`` naming the field.

    One application per person and year is under way at a time; a further one after a grant is possible, its approval asks for a reason.
    """
    if known := _known(once, cadre):
        return known
    cadre = Cadre.objects.select_for_update(of=("self",)).select_related("org").get(pk=cadre.pk)
    _check_person(cadre, survivor)
    if other := selectors.open_already(cadre, survivor, today.year):
        raise Refused(f"{today.year} 年已有一份申请（{other.get_state_display()}），请在那一份上办理。", code="aid_open", status=409)
    values = _checked({"kind": kind, "applicant": applicant, "applicant_name": applicant_name, "reason": reason, "amount_asked": amount_asked}, survivor, today)
    accepted = accepted_papers(proofs, "proofs")
    case = HardshipCase(cadre=cadre, survivor=survivor, org=cadre.org, year=today.year, created_by=by, created_at=now, once=once, follows=follows, **values)
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        if known := _known(once, cadre):
            return known
        raise
    keep_papers(case, accepted, PROOF_LABEL, by)
    CaseStep.objects.create(case=case, org=case.org, step="open", before="", after=case.state, amount=case.amount_asked, by=by, at=now)
    audit.record("aid.applied", case, by=by, title=str(cadre), data={"kind": kind, "proofs": len(accepted), "survivor": bool(survivor)})
    return case


def _known(once: UUID, cadre: Cadre) -> HardshipCase | None:
    found = HardshipCase.objects.filter(once=once).first()
    if found and found.cadre_id != cadre.pk:
        raise Refused("这张表单已经用过，请重新打开再填。", code="once_used")
    return found


def _check_person(cadre: Cadre, survivor: Survivor | None) -> None:
    if cadre.standing in (Standing.MOVED, Standing.MERGED):
        raise Refused("此人已转出或档案已合并，不能申请。", code="standing", status=409)
    if survivor is None and cadre.standing == Standing.DECEASED:
        raise Refused(f"{cadre.name}已去世，只能为遗属申请。", code="deceased", field="survivor")
    if survivor is not None and (survivor.cadre_id != cadre.pk or cadre.standing != Standing.DECEASED or not survivor.alive):
        raise Refused("所选遗属不属于这位干部，或已去世。", code="survivor_unknown", field="survivor")


def _checked(values: dict, survivor: Survivor | None, today: date) -> dict:
    """What an application must hold, in 元; the sum against the standard of its kind."""
    values = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    if not values["reason"]:
        raise Refused("请写明困难情况。", code="reason_required", field="reason")
    fitting = (Applicant.SURVIVOR, Applicant.UNIT) if survivor else (Applicant.SELF, Applicant.SPOUSE, Applicant.UNIT)
    if values["applicant"] not in fitting:
        raise Refused("请选由谁申请。", code="applicant_unknown", field="applicant")
    if values["applicant"] != Applicant.SELF and not values["applicant_name"]:
        raise Refused("由别人申请的，请写申请人姓名或单位名称。", code="name_required", field="applicant_name")
    if values["kind"] == AID_FOR_SURVIVORS and survivor is None:
        raise Refused("这一类只帮扶遗属，请另选类别。", code="kind_of_survivors", field="kind")
    standard = selectors.standard(values["kind"], today)
    if standard is None:
        raise Refused("这一类帮扶现在没有标准，请先订标准或另选类别。", code="no_standard", field="kind")
    if values["amount_asked"] <= 0:
        raise Refused("申请金额须大于 0 元。", code="amount", field="amount_asked")
    if values["amount_asked"] > standard.ceiling:
        raise Refused(f"这一类帮扶最多 {standard.ceiling:,.2f} 元。", code="over_standard", field="amount_asked")
    return values


def accepted_papers(uploads: Iterable, field: str) -> list[storage.Accepted]:
    """Papers that may be kept. Raises ``Refused`` at ``field``."""
    return storage.accept_documents(uploads, most=AID_MOST_PROOFS, field=field)


def keep_papers(case: HardshipCase, accepted: list[storage.Accepted], label: str, by) -> None:
    """Stored encrypted: they tell of illness and income."""
    for paper in accepted:
        storage.save(paper.content, name=paper.name, content_type=paper.content_type, label=label, org=case.org, by=by, subject_id=case.pk, sealed=True)


def locked(case: HardshipCase, version: int | None = None) -> HardshipCase:
    """The case under a row lock. Raises ``Stale`` when it isn't the version the form was made with."""
    return lock(HardshipCase.objects.select_related("cadre", "survivor", "org", "standard", "budget_org", "created_by"), case.pk, version)


def _writable(case: HardshipCase, version: int | None) -> HardshipCase:
    held = locked(case, version)
    if held.state not in WRITABLE:
        raise Refused(f"这份申请现在是“{held.get_state_display()}”，不能再改。", code="aid_closed", status=409)
    return held


@transaction.atomic
def edit_case(*, case: HardshipCase, by, today: date, version: int | None = None, proofs: Iterable = (), **values) -> HardshipCase:
    """Change ``FIELDS`` of a draft, or of one that was returned; may add papers. Raises ``Refused``, ``Stale``."""
    held = _writable(case, version)
    wanted = _checked({name: values.get(name, getattr(held, name)) for name in FIELDS}, held.survivor, today)
    accepted = accepted_papers(proofs, "proofs")
    if accepted and selectors.papers(held).count() + len(accepted) > AID_MOST_PROOFS:
        raise Refused(f"证明材料最多 {AID_MOST_PROOFS} 份。", code="file_count", field="proofs")
    changed = [name for name in FIELDS if getattr(held, name) != wanted[name]]
    for name in changed:
        setattr(held, name, wanted[name])
    held.version += 1
    held.save(update_fields=[*changed, "version"])
    keep_papers(held, accepted, PROOF_LABEL, by)
    if changed or accepted:
        audit.record("aid.changed", held, by=by, title=str(held.cadre), data={"fields": changed, "proofs": len(accepted)})
    return held


@transaction.atomic
def remove_paper(*, case: HardshipCase, stored: StoredFile, by) -> None:
    """Take a proof out of a draft or a returned application; the bytes go once the transaction is through. Raises ``Refused``."""
    held = _writable(case, None)
    audit.record("aid.changed", held, by=by, note="删除证明材料", title=str(held.cadre), data={"file": stored.name, "sha256": stored.sha256})
    storage.discard(stored)


@transaction.atomic
def go_on_for_survivor(*, case: HardshipCase, survivor: Survivor, once: UUID, by, today: date, now: datetime) -> HardshipCase:
    """A draft for a survivor with what the application of the deceased said; its papers stay with the first one. Raises ``Refused``."""
    held = locked(case)
    if held.state != CaseState.WITHDRAWN or held.survivor_id or held.cadre.standing != Standing.DECEASED:
        raise Refused("只有本人去世后停办的申请，才能转为遗属申请。", code="not_offered", status=409)
    if known := selectors.successor(held):
        return known
    found = apply_for_aid(
        cadre=held.cadre, survivor=survivor, kind=held.kind, applicant=Applicant.SURVIVOR, applicant_name=survivor.name, reason=held.reason,
        amount_asked=held.amount_asked, once=once, by=by, today=today, now=now, follows=held,
    )  # fmt: skip
    audit.record("aid.changed", found, by=by, note="由已故干部的申请转来", title=str(held.cadre), data={"from": held.pk})
    return found
