"""What becomes of applications for aid when something happens in a person's life."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from apps.activity import notify
from apps.cadres.models import Cadre
from apps.care.actions.aid import locked
from apps.care.actions.aid_steps import blank, release, write_step
from apps.care.models import CaseState, CaseStep, HardshipCase
from apps.care.models.aid import OPEN
from apps.care.selectors.aid import PROOF_LABEL, RECEIPT_LABEL
from apps.files.models import StoredFile

LAPSED = "lapse"
STOPPED = (*OPEN, CaseState.APPROVED)


@transaction.atomic
def stop_cases(*, cadre: Cadre, note: str, by, now: datetime, survivors: bool) -> int:
    """End what is under way and what is granted but not paid, the money goes back. ``survivors``: theirs too. Who applied is told, and after a death that the case
    can go on for a survivor. What is paid waits for its receipt as before."""
    found = HardshipCase.objects.filter(cadre=cadre, state__in=STOPPED)
    found = found if survivors else found.filter(survivor=None)
    stopped = [held for case in found.order_by("pk") if (held := _stop(case, note, by, now))]
    for case in stopped:
        body = note if survivors else f"{note}。家里仍有困难的，可以打开这份申请，转为遗属申请。"
        url = reverse("care:aid_case", args=[case.pk])
        notify.tell([case.created_by], title=f"困难帮扶已停办：{cadre.name}", body=body, url=url, key=f"aid:{case.pk}:{case.version}", now=now)
    return len(stopped)


def _stop(case: HardshipCase, note: str, by, now: datetime) -> HardshipCase | None:
    """None when it has been paid or ended while we waited for it."""
    held = locked(case)
    before = held.state
    if before not in STOPPED:
        return None
    if before == CaseState.APPROVED:
        release(held)
    blank(held, "published")
    held.state, held.version = CaseState.WITHDRAWN, held.version + 1
    held.save()
    write_step(held, step=LAPSED, before=before, note=note, by=by, at=now)
    return held


@transaction.atomic
def resume_cases(*, cadre: Cadre, notes: tuple[str, ...], back: str, by, now: datetime) -> int:
    """What a death or transfer registered by mistake had ended stands as returned, to be looked through and handed in again; a survivor's own ends."""
    for case in HardshipCase.objects.filter(cadre=cadre, survivor__isnull=False, state__in=STOPPED):
        _stop(case, back, by, now)
    resumed = 0
    for case in HardshipCase.objects.filter(cadre=cadre, survivor=None, state=CaseState.WITHDRAWN):
        last = CaseStep.objects.filter(case=case).order_by("-pk").first()
        if last.step != LAPSED or last.note not in notes:
            continue
        held = locked(case)
        blank(held, "applied", "reviewed")
        held.state, held.version = CaseState.RETURNED, held.version + 1
        held.save()
        write_step(held, step="resume", before=CaseState.WITHDRAWN, note="人员恢复在册，请核对后重新提交", by=by, at=now)
        resumed += 1
    return resumed


def place_cases(keys: list[int], place: dict) -> None:
    """Put these cases with their trail and papers where ``place`` (org, org_path) says."""
    HardshipCase.objects.filter(pk__in=keys).update(**place)
    CaseStep.objects.filter(case__in=keys).update(**place)
    StoredFile.objects.filter(label__in=(PROOF_LABEL, RECEIPT_LABEL), subject_id__in=keys).update(**place)


def move_cases(*, cadre: Cadre) -> None:
    """Cases go with the person (档随人走); the budget that paid stays what it is."""
    place_cases(list(HardshipCase.objects.filter(cadre=cadre).values_list("pk", flat=True)), {"org": cadre.org, "org_path": cadre.org_path})
