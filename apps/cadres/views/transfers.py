"""调动申请: asking for a person registered elsewhere, by hand or for refused rows of an import; answering; the queue of both sides."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.cadres import actions, selectors
from apps.cadres.forms import AnswerForm, TransferForm, TransferRowsForm
from apps.cadres.models import TransferState
from apps.cadres.selectors.places import managing_units, place_name
from apps.cadres.views.common import carried_out, or_404
from apps.core.context import badge
from apps.core.refusal import Refused
from apps.files import actions as imports
from apps.files import selectors as files
from apps.files.importing.presenting import where
from apps.files.models import BatchState, RowState

PAGE = 30
ELSEWHERE = "other_unit"
IMPORTED = "花名册"


@badge("cadres:transfers")
def to_answer(request):
    return selectors.to_answer(request.scope)


@requires(Right.CADRE_EDIT)
def index(request):
    """``?side=sent`` for what we have asked; else what waits for our answer."""
    sent = request.GET.get("side") == "sent"
    page = Paginator(selectors.sent(request.scope) if sent else selectors.to_answer(request.scope), PAGE).get_page(request.GET.get("page"))
    tabs = [
        {"label": "待我方确认", "url": "?", "count": to_answer(request).count(), "active": not sent},
        {"label": "我方发出", "url": "?side=sent", "active": sent},
    ]
    return render(request, "cadres/transfers.html", {"page": page, "tabs": tabs, "sent": sent})


@requires(Right.CADRE_EDIT)
def ask(request):
    places = managing_units(request.scope, request.today)
    first = {"org": places.filter(path=request.scope.roots[0]).first()} if request.scope.roots else {}
    form = TransferForm(request.POST or None, places=places, initial=first)
    status = 200
    if request.method == "POST":
        made, status = carried_out(form, lambda: actions.ask_transfer(by=request.user, scope=request.scope, today=request.today, now=timezone.now(), **form.cleaned_data))
        if made:
            messages.success(request, f"此人登记在{made.giver_name}，申请已发出，等对方确认。")
            return redirect("cadres:transfer", made.pk)
    return render(request, "cadres/transfer_form.html", {"form": form}, status=status)


@requires(Right.CADRE_EDIT)
@or_404
def detail(request, pk: int):
    """GET shows what one's side may see; POST ``do=confirm|refuse|withdraw``."""
    found = selectors.transfer(request.scope, pk)
    form = AnswerForm(request.POST if request.POST.get("do") == "refuse" else None)
    status = 200
    if request.method == "POST":
        done, status = _answered(request, found, form)
        if done:
            messages.success(request, done)
            return redirect("cadres:transfers")
        found = selectors.transfer(request.scope, pk)
    person = selectors.person_asked_for(request.scope, found)
    context = {
        "asked": found, "form": form, "person": person, "person_place": place_name(person.org) if person else "",
        "open": found.state == TransferState.OPEN, "giving": request.scope.covers(found.giver_path), "asking": request.scope.covers(found.org_path),
        "same_name": bool(person and found.name and person.name == found.name),
    }  # fmt: skip
    return render(request, "cadres/transfer.html", context, status=status)


def _answered(request, found, form) -> tuple[str, int]:
    """(sentence, 200), or ("", status) with the refusal said."""
    given = {"request": found, "by": request.user, "scope": request.scope, "now": timezone.now()}
    wanted = request.POST.get("do", "")
    try:
        with transaction.atomic():
            if wanted == "confirm":
                actions.confirm_transfer(today=request.today, **given)
                return f"已确认，档案已移交{found.org.name}。", 200
            if wanted == "withdraw":
                actions.withdraw_transfer(**given)
                return "申请已撤回。", 200
            if wanted != "refuse":
                raise Refused("请选择确认、不同意或撤回。", code="unknown")
            if form.is_valid():
                actions.refuse_transfer(answer=form.cleaned_data["answer"], **given)
                return "已答复对方。", 200
    except Refused as refused:
        messages.error(request, refused.sentence)
        return "", refused.status
    return "", 422


def _batch(request, pk: int):
    batch = files.batch(request.scope, pk)
    if batch.kind != "roster" or batch.state not in (BatchState.CHECKED, BatchState.APPLIED):
        raise Http404
    return batch


@requires(Right.CADRE_EDIT)
@or_404
def rows(request, pk: int):
    """Rows of an import refused because the person is registered elsewhere; POST asks for those ticked (``row``), or for all (``all``)."""
    batch = _batch(request, pk)
    refused = files.rows(request.scope, batch, RowState.REFUSED, ELSEWHERE)
    form = TransferRowsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = list(refused if request.POST.get("all") else refused.filter(pk__in=[int(one) for one in request.POST.getlist("row") if one.isdecimal()][:PAGE]))
        _asked(request, actions.ask_for_rows(batch=batch, rows=chosen, by=request.user, scope=request.scope, today=request.today, now=timezone.now(), **form.cleaned_data))
        return redirect("cadres:transfer_rows", pk)
    page, requests = Paginator(refused, PAGE).get_page(request.GET.get("page")), selectors.of_batch(request.scope, pk)
    places = files.place_names({row.org_id for row in page})
    lines = [
        {"row": row, "name": row.values.get("name", ""), "where": where(row), "place": places.get(row.org_id, ""), "said": _said(row), "asked": requests.get(row.pk)}
        for row in page
    ]  # fmt: skip
    arrived = sum(one.state == TransferState.CONFIRMED for one in requests.values())
    context = {"batch": batch, "page": page, "lines": lines, "form": form, "arrived": arrived, "total": page.paginator.count}
    return render(request, "cadres/transfer_rows.html", context, status=422 if form.errors else 200)


def _said(row) -> str:
    return next((one["message"] for one in row.problems if one["code"] == ELSEWHERE), "")


def _asked(request, came) -> None:
    parts = [f"已申请调入 {came.opened} 人。" if came.opened else "没有新的申请。"]
    if came.already:
        parts.append(f"{came.already} 人已申请过。")
    if came.not_found:
        parts.append(f"{came.not_found} 人现在已不在别处登记，请重新核对。")
    (messages.success if came.opened else messages.info)(request, "".join(parts))


@require_POST
@requires(Right.IMPORT_UPDATE)
@or_404
def recheck(request, pk: int):
    """Rows whose people have come over are checked anew; of an applied batch they are written at once."""
    batch = _batch(request, pk)
    arrived = [row for row, one in selectors.of_batch(request.scope, pk).items() if one.state == TransferState.CONFIRMED]
    try:
        states = imports.recheck_rows(batch=batch, keys=arrived, code=ELSEWHERE, by=request.user, rights=request.rights, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("cadres:transfer_rows", pk)
    count = sum(states.values())
    left = f"，其中 {states[RowState.REFUSED]} 行仍有问题" if states.get(RowState.REFUSED) else ""
    messages.success(request, f"已重新核对 {count} 行{left}。" if count else "没有可以重新核对的行。")
    return redirect("files:batch", pk)
