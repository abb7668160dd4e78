"""交接: what waits for one's word, handing people over, the sheet of one person, confirming and ending."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.care.actions import handovers as actions
from apps.care.forms.handovers import EndHandoverForm, HandOverForm
from apps.care.selectors import codes
from apps.care.selectors import handovers as selectors
from apps.care.views.common import carried_out, done, or_404
from apps.core.refusal import Refused

PAGE = 50


def is_head(request) -> bool:
    """Whoever organises the work of a place may hand over for others."""
    return Right.CARE_CAMPAIGN in request.rights


@requires(Right.CARE_VIEW)
def handovers(request):
    """``?show=``: waiting (for my word), mine, all (a head's)."""
    head = is_head(request)
    show = request.GET.get("show") if request.GET.get("show") in ("mine", "all" if head else "mine") else "waiting"
    lists = {"waiting": selectors.waiting_for, "mine": selectors.of_user}
    found = lists[show](request.scope, request.user) if show in lists else selectors.handovers(request.scope)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    names = [("waiting", "等我确认的"), ("mine", "我参与的")] + ([("all", "本单位全部")] if head else [])
    context = {
        "page": page, "rows": list(page), "show": show, "head": head, "may_give": Right.CARE_VISIT in request.rights or head,
        "tabs": [{"label": label, "url": f"?show={key}", "active": key == show} for key, label in names],
    }  # fmt: skip
    return render(request, "care/handover_list.html", context)


@requires(Right.CARE_VISIT, Right.CARE_CAMPAIGN)
@or_404
def handover_start(request):
    """Whose people go (one's own; a head chooses), which of them, and to whom."""
    head, chosen = is_head(request), request.GET.get("giver", "")
    givers = selectors.answering(request.scope) if head else []
    giver = givers.get(pk=int(chosen)) if head and chosen.isdecimal() else request.user
    plans = list(selectors.people_of(request.scope, giver))
    only = request.GET.get("cadre", "")
    ticked = {int(pk) for pk in request.POST.getlist("people") if pk.isdecimal()} if request.method == "POST" else {int(only)} if only.isdecimal() else set()
    form = HandOverForm(request.POST or None, scope=request.scope, today=request.today, giver=giver, people=[plan.cadre_id for plan in plans])
    status = 200
    if request.method == "POST":
        made, status = carried_out(form, lambda: _offer(request, giver, form.cleaned_data))
        if made:
            wait = "确认以前仍由您负责。" if giver == request.user else "双方确认以前仍由原责任人负责。"
            return done(request, f"已提出交接 {len(made)} 人，等接收人确认。{wait}", "care:handover", made[0].pk) if len(made) == 1 else _all_offered(request, made, wait)
    context = {"form": form, "giver": giver, "givers": givers, "plans": plans, "free": sum(not plan.handing for plan in plans), "ticked": ticked, "head": head}
    return render(request, "care/handover_start.html", context, status=status)


def _all_offered(request, made, wait: str):
    messages.success(request, f"已提出交接 {len(made)} 人，等接收人确认。{wait}")
    return redirect(reverse("care:handovers") + "?show=mine")


def _offer(request, giver, given: dict):
    people = None if given["whole"] else given["people"]
    return actions.hand_over(
        scope=request.scope, giver=giver, cadres=people, receivers=list(given["receivers"]), note=given["note"], by=request.user, today=request.today, now=timezone.now()
    )


@requires(Right.CARE_VIEW)
@or_404
def handover(request, pk):
    found = selectors.handover(request.scope, pk)
    me, open_ = request.user.pk, found.state == "open"
    stands = open_ and is_head(request) and found.given_at is None and actions.has_left(found.giver, request.today)
    context = {
        "handover": found, "cadre": found.cadre, "names": codes.names(), "head": is_head(request), "receives": me == found.receiver_id,
        "may_confirm": open_ and ((me == found.receiver_id and not found.received_at) or (me == found.giver_id and not found.given_at) or stands),
        "may_end": open_ and (me in (found.giver_id, found.receiver_id, found.created_by_id) or is_head(request)),
    }  # fmt: skip
    return render(request, "care/handover.html", context | selectors.sheet(request.scope, found.cadre_id))


@require_POST
@requires(Right.CARE_VISIT, Right.CARE_CAMPAIGN)
def handover_confirm(request):
    """One's word on the ticked ones."""
    keys = [int(pk) for pk in request.POST.getlist("handover") if pk.isdecimal()]
    try:
        confirmed, complete = actions.confirm_handovers(
            handovers=keys, scope=request.scope, by=request.user, today=request.today, now=timezone.now(), as_head=is_head(request)
        )
    except Refused as problem:
        messages.error(request, problem.sentence)
        return redirect("care:handovers")
    waiting = f"，还等对方确认 {confirmed - complete} 人" if confirmed > complete else ""
    messages.success(request, f"已确认 {confirmed} 人，其中 {complete} 人交接完成{waiting}。" if confirmed else "都已经确认过，没有重复办理。")
    return redirect("care:handover", keys[0]) if len(keys) == 1 and confirmed else redirect("care:handovers")


@requires(Right.CARE_VISIT, Right.CARE_CAMPAIGN)
@or_404
def handover_end(request, pk):
    found, status = selectors.handover(request.scope, pk), 200
    form = EndHandoverForm(request.POST or None)
    if request.method == "POST":
        saved, status = carried_out(
            form, lambda: actions.end_handover(handover=found, by=request.user, now=timezone.now(), as_head=is_head(request), **form.cleaned_data)
        )
        if saved:
            return done(request, f"{found.cadre.name}的交接{saved.get_state_display()}，责任人不变。", "care:handover", pk)
    return render(request, "care/handover_end.html", {"handover": found, "form": form, "receives": request.user.pk == found.receiver_id}, status=status)
