"""调入申请: asked by one side, confirmed, refused or left by the other. Nothing moves before the giving side says yes, and then everything does.

The confirmation crosses the fence: it runs in a scope of exactly two places, where the record stands and the unit that asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from apps.accounts.models import Organization, User
from apps.activity import audit, notify
from apps.cadres import selectors
from apps.cadres.actions.changes import register_status_change
from apps.cadres.columns import id_index
from apps.cadres.models import Cadre, ChangeKind, Standing, StatusChange, TransferRequest, TransferState
from apps.core.id_numbers import clean_id
from apps.core.personal_data import mask_id
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files.models import ImportBatch, ImportRow

LAPSED = "此人的情况有变化，申请已失效。如仍需调入，请与对方联系后重新申请。"
SHORTEST_ANSWER = 2


@dataclass(frozen=True)
class Asked:
    """What came of asking for several: how many requests were opened, how many stood open already, how many couldn't be asked for."""

    opened: int
    already: int
    not_found: int


@transaction.atomic
def ask_transfer(*, number: str, name: str, org: Organization, reason: str, by: User, scope: Scope, today: date, now: datetime, document_no: str = "") -> TransferRequest:
    """Ask for the person with exactly this ID number. Raises ``Refused``: a wrong number, nobody's, one's own, asked for already; tells a county's name, no more."""
    _own_place(org, scope)
    known = clean_id(number)
    if not known.value:
        raise Refused("身份证号不对，请与证件核对。", code="id_wrong", field="number")
    found = selectors.registered([id_index(known.value)]).get(id_index(known.value))
    if found is None:
        raise Refused("系统里没有登记过这个身份证号，可以直接建档。", code="not_registered", field="number")
    if scope.covers(found.path):
        raise Refused("此人就登记在您的管理范围内，请在他的档案里登记调动。", code="own", field="number")
    if TransferRequest.objects.asked_by(scope).filter(cadre=found.cadre, state=TransferState.OPEN).exists():
        raise Refused("已经为此人发出过调入申请，正等对方确认。", code="already", field="number", status=409)
    request = _request(found, org, by, now, today, name=name, id_masked=mask_id(known.value), reason=reason, document_no=document_no)
    request.save()
    audit.record("transfer.asked", request, by=by, title=str(request), data={"from": request.giver_name})
    _tell_givers([request], today, now)
    return request


@transaction.atomic
def ask_for_rows(*, batch: ImportBatch, rows: Sequence[ImportRow], reason: str, by: User, scope: Scope, today: date, now: datetime) -> Asked:
    """Ask for the people of refused rows of an import, each for the unit the row belongs to. A fixed number of statements, however many rows."""
    rows = [row for row in rows if row.batch_id == batch.pk and row.match_index is not None and scope.covers(row.org_path)]
    places = {org.pk: org for org in Organization.objects.visible_to(scope).filter(pk__in={row.org_id for row in rows})}
    found = selectors.registered({bytes(row.match_index) for row in rows})
    keys = {one.cadre for one in found.values()}
    waiting = set(TransferRequest.objects.asked_by(scope).filter(cadre__in=keys, state=TransferState.OPEN).values_list("cadre_id", flat=True))
    requests, already = {}, 0
    for row in rows:
        one, org = found.get(bytes(row.match_index)), places.get(row.org_id)
        if one is None or org is None or one.path.startswith(org.path):
            continue
        if one.cadre in waiting or one.cadre in requests:
            already += 1
            continue
        shown = {"name": row.values.get("name", "")[:60], "id_masked": row.values.get("id_masked", "")}
        requests[one.cadre] = _request(one, org, by, now, today, **shown, reason=reason, batch=batch, row_id=row.pk)
    made = TransferRequest.objects.bulk_create(requests.values(), batch_size=500)
    if made:
        audit.record("transfer.asked", batch, by=by, title=f"申请调入 {len(made)} 人", data={"rows": len(made), "requests": [one.pk for one in made[:200]]})
        _tell_givers(made, today, now)
    return Asked(len(made), already, len(rows) - len(made) - already)


def _own_place(org: Organization, scope: Scope) -> None:
    if not scope.covers(org.path):
        raise Refused("这个单位不在您的管理范围内。", code="region_out_of_scope", field="org")


def _request(found: selectors.Elsewhere, org: Organization, by: User, now: datetime, today: date, **more) -> TransferRequest:
    return TransferRequest(
        cadre_id=found.cadre, giver_path=found.path, giver_name=found.county, org=org, org_path=org.path, asked_by=by, asked_at=now,
        expires_on=today + timedelta(days=settings.TRANSFER_DAYS), **more,
    )  # fmt: skip


def _tell_givers(requests: Sequence[TransferRequest], today: date, now: datetime) -> None:
    """One message to each who may answer, however many are asked for."""
    asking, key = requests[0].org.name, f"transfers:{requests[0].pk}"
    _tell_answerers((one.giver_path for one in requests), f"{asking}申请调入 {{count}} 人", key, today, now)


def _tell_answerers(paths: Iterable[str], title: str, key: str, today: date, now: datetime) -> int:
    """``title`` with the number of requests put in; ``paths``: one for each request. How many people were told."""
    answerers: dict[str, list[User]] = {}
    counted: dict[int, tuple[User, int]] = {}
    for path in paths:
        if path not in answerers:
            answerers[path] = selectors.who_answers(path, today)
        for user in answerers[path]:
            counted[user.pk] = (user, counted.get(user.pk, (user, 0))[1] + 1)
    url, body = reverse("cadres:transfers"), "请核实后确认调出，或说明理由不同意。"
    return len(notify.tell_each([notify.Message(user, title.format(count=count), key, body, url) for user, count in counted.values()], now=now))


@transaction.atomic
def confirm_transfer(*, request: TransferRequest, by: User, scope: Scope, today: date, now: datetime) -> StatusChange:
    """The giving side's yes: the person moves with everything, by the same change as any other transfer. Raises ``Refused`` when it can't be any more."""
    request = _answerable(request, scope)
    person = Cadre.objects.visible_to(scope).filter(pk=request.cadre_id).first()
    if person is None:
        raise Refused("此人的档案已不在您的管理范围内，不能确认。", code="gone", status=409)
    _close(request, TransferState.CONFIRMED, now, by=by)
    audit.record("transfer.confirmed", request, by=by, title=str(request), data={"cadre": person.pk}, org_path=person.org_path)
    with entered(Scope((person.org_path, request.org_path))) as both:
        change = register_status_change(
            cadre=person, kind=ChangeKind.MOVED_OUT if person.standing != Standing.MOVED else ChangeKind.RECEIVED, effective_on=today, by=by, scope=both, today=today,
            document_no=request.document_no, note=f"按{request.org.name}的调入申请（第 {request.pk} 号）", org=request.org,
        )  # fmt: skip
    _tell_asker(request, f"已调入：{request.name or '申请的人员'}", f"{request.giver_name}已确认，档案已移交{request.org.name}。", now)
    return change


@transaction.atomic
def refuse_transfer(*, request: TransferRequest, answer: str, by: User, scope: Scope, now: datetime) -> None:
    """The giving side's no, with its reason."""
    request = _answerable(request, scope)
    if len(answer.strip()) < SHORTEST_ANSWER:
        raise Refused("请写明不同意的理由，对方会看到。", code="reason_required", field="answer")
    _close(request, TransferState.REFUSED, now, by=by, answer=answer.strip())
    audit.record("transfer.refused", request, by=by, note=answer.strip()[:100], title=str(request), org_path=request.giver_path)
    _tell_asker(request, f"没有同意调出：{request.name or '申请的人员'}", f"{request.giver_name}：{answer.strip()}", now)


@transaction.atomic
def withdraw_transfer(*, request: TransferRequest, by: User, scope: Scope, now: datetime) -> None:
    """The asking side takes its request back."""
    found = TransferRequest.objects.asked_by(scope).select_for_update(of=("self",)).filter(pk=request.pk).first()
    if found is None:
        raise Refused("这不是您这一方发出的申请。", code="not_asked", status=403)
    _still_open(found)
    _close(found, TransferState.WITHDRAWN, now, by=by)
    audit.record("transfer.withdrawn", found, by=by, title=str(found))


def _answerable(request: TransferRequest, scope: Scope) -> TransferRequest:
    found = TransferRequest.objects.asked_of(scope).select_for_update(of=("self",)).select_related("org", "asked_by").filter(pk=request.pk).first()
    if found is None:
        raise Refused("此人不在您的管理范围内，由对方答复。", code="not_asked", status=403)
    _still_open(found)
    return found


def _still_open(request: TransferRequest) -> None:
    if request.state != TransferState.OPEN:
        raise Refused(f"这份申请{request.get_state_display()}，不能再处理。", code="closed", status=409)


def _close(request: TransferRequest, state: TransferState, now: datetime, *, by: User | None = None, answer: str = "") -> None:
    request.state, request.answered_at, request.answered_by, request.answer = state, now, by, answer[:300]
    request.save(update_fields=["state", "answered_at", "answered_by", "answer"])


def _tell_asker(request: TransferRequest, title: str, body: str, now: datetime) -> None:
    notify.tell([request.asked_by], title=title, body=body, url=reverse("cadres:transfer", args=[request.pk]), key=f"transfer:{request.pk}:{request.state}", now=now)


@transaction.atomic
def follow_person(*, change: StatusChange, by: User, now: datetime) -> None:
    """What a change in the person's life makes of requests for him: kept by the county they follow, fulfilled where he went to the asker, else lapsed."""
    cadre = change.cadre
    if "org_path" not in change.after and cadre.standing != Standing.DECEASED:
        return
    for request in TransferRequest.objects.filter(cadre=cadre, state=TransferState.OPEN).select_for_update(of=("self",)).select_related("org", "asked_by"):
        if cadre.standing == Standing.DECEASED:
            _lapse(request, by, now)
        elif cadre.org_path.startswith(request.org_path):
            _close(request, TransferState.CONFIRMED, now, by=by)
            _tell_asker(request, f"已调入：{request.name or '申请的人员'}", f"档案已移交{cadre.org.name}。", now)
        elif cadre.org_path.split("/")[:4] == request.giver_path.split("/")[:4]:
            TransferRequest.objects.filter(pk=request.pk).update(giver_path=cadre.org_path)
        else:
            _lapse(request, by, now)


def _lapse(request: TransferRequest, by: User | None, now: datetime) -> None:
    _close(request, TransferState.LAPSED, now, by=by, answer=LAPSED)
    _tell_asker(request, f"调入申请已失效：{request.name or '申请的人员'}", LAPSED, now)


def settle_transfers(*, today: date, now: datetime) -> dict[str, int]:
    """Daily: requests past their day expire, and whoever has let some wait for a week is told, at most once a week. ``{"expired", "reminded"}``"""
    with system_scope("transfer requests: expire and remind"):
        late = TransferRequest.objects.filter(state=TransferState.OPEN, expires_on__lt=today).select_for_update(of=("self",), skip_locked=True).select_related("org", "asked_by")
        expired = [_expire(one, now) for one in late]
        waiting = TransferRequest.objects.filter(state=TransferState.OPEN, asked_at__lt=now - timedelta(days=settings.TRANSFER_REMIND_DAYS))
        year, week, _ = today.isocalendar()
        reminded = _tell_answerers(waiting.values_list("giver_path", flat=True), "有 {count} 份调动申请等您答复", f"transfers:waiting:{year}-{week}", today, now)
        return {"expired": len(expired), "reminded": reminded}


def _expire(request: TransferRequest, now: datetime) -> TransferRequest:
    _close(request, TransferState.EXPIRED, now)
    audit.record("transfer.expired", request, title=str(request))
    _tell_asker(request, f"调入申请已过期：{request.name or '申请的人员'}", f"{request.giver_name}没有在期限内答复。如仍需调入，请与对方联系后重新申请。", now)
    return request
