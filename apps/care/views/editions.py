"""Plans before the head: submitting, the list of what waits, one edition beside the one before, the decision."""

from io import BytesIO

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.care.actions import editions as actions
from apps.care.forms.editions import DecisionForm
from apps.care.models import EditionState
from apps.care.reports import plan as plan_report
from apps.care.selectors import editions as selectors
from apps.care.selectors.plans import plan as one_plan
from apps.care.views.common import carried_out, done, or_404, refused
from apps.core.refusal import Refused
from apps.files.reporting import DOCX

PAGE = 50


@require_POST
@requires(Right.CARE_PLAN)
def plan_submit(request):
    """The ticked plans, or the one named; back to where one came from."""
    chosen = [int(pk) for pk in request.POST.getlist("plan") if pk.isdecimal() and len(pk) < 19]
    one = "single" in request.POST and len(chosen) == 1
    back = reverse("care:plan", args=chosen) if one else reverse("care:plans") + (f"?{request.GET.urlencode()}" if request.GET else "")
    try:
        found = actions.submit_plans(scope=request.scope, plan_ids=chosen, by=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, problem.sentence)
        return redirect(back)
    left = [f"{n} 份{why}" for n, why in ((found.undecided, "类别待定"), (found.unchanged, "自批准以来没有改动"), (found.waiting, "已在等审批")) if n]
    messages.success(request, f"已送审 {found.submitted} 份方案" + (f"，未送：{'、'.join(left)}。" if left else "，批准或退回时会收到消息。"))
    return redirect(back)


@requires(Right.CARE_VIEW)
def editions(request):
    """``?state=`` narrows; what waits for the head by default."""
    state = request.GET.get("state", "")
    state = state if state in EditionState.values else EditionState.SUBMITTED
    found = selectors.waiting(request.scope) if state == EditionState.SUBMITTED else selectors.editions(request.scope).filter(state=state)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    can = Right.PLAN_APPROVE in request.rights and state == EditionState.SUBMITTED
    rows = list(page)
    for row in rows:
        row.size = len(row.content["items"])
        row.against = actions.reason_against_approving(row, request.user) if can else ""
    context = {"rows": rows, "page": page, "state": state, "states": EditionState.choices, "can_approve": can, "query": request.GET.urlencode()}
    return render(request, "care/editions.html", context)


@require_POST
@requires(Right.PLAN_APPROVE)
def editions_approve(request):
    chosen = [int(pk) for pk in request.POST.getlist("edition") if pk.isdecimal() and len(pk) < 19]
    approved, refused = actions.approve_several(scope=request.scope, edition_ids=chosen, by=request.user, now=timezone.now())
    if approved:
        messages.success(request, f"已批准 {approved} 份方案。")
    for sentence in refused[:10]:
        messages.error(request, sentence)
    if not approved and not refused:
        messages.error(request, "请先勾选要批准的方案。")
    return redirect("care:editions")


@requires(Right.CARE_VIEW)
@or_404
def edition(request, pk):
    return render(request, "care/edition.html", _shown(request, selectors.edition(request.scope, pk)))


def _shown(request, found, form=None) -> dict:
    before = selectors.edition_before(found)
    against = actions.reason_against_approving(found, request.user)
    return {
        "edition": found, "content": found.content, "rows": found.content["items"], "plain": [(label, found.content.get(name, "")) for name, label in selectors.PLAIN.items()],
        "before": before, "changes": selectors.differences(before.content, found.content) if before else [], "against": against,
        "can_decide": Right.PLAN_APPROVE in request.rights and found.state == EditionState.SUBMITTED,
        "can_withdraw": Right.CARE_PLAN in request.rights and found.state == EditionState.SUBMITTED,
        "form": form or DecisionForm(initial={"version": found.version}),
    }  # fmt: skip


@require_POST
@requires(Right.PLAN_APPROVE)
@or_404
def edition_decide(request, pk):
    found, form = selectors.edition(request.scope, pk), DecisionForm(request.POST)
    approve = request.POST.get("decision") == "approve"
    act = actions.approve_edition if approve else actions.return_edition
    decided, status = carried_out(form, lambda: act(edition=found, by=request.user, now=timezone.now(), **form.cleaned_data))
    if decided:
        return done(request, f"已批准，为第 {decided.number} 版。" if approve else "已退回，提交人会看到原因。", "care:editions")
    return render(request, "care/edition.html", _shown(request, selectors.edition(request.scope, pk), form), status=status)


@require_POST
@requires(Right.CARE_PLAN)
@or_404
def edition_withdraw(request, pk):
    found = selectors.edition(request.scope, pk)
    try:
        actions.withdraw_edition(edition=found, by=request.user, now=timezone.now())
    except Refused as problem:
        return refused(request, problem, "care:edition", pk)
    return done(request, "已撤回送审。", "care:plan", found.plan_id)


def _document(request, plan, edition):
    content, name = plan_report.document(plan=plan, edition=edition, today=request.today, now=timezone.now())
    audit.record("plan.printed", plan, by=request.user, title=str(plan.cadre), data={"edition": edition.number if edition else None})
    response = FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=DOCX)
    response["Cache-Control"] = "private, no-store"
    return response


@requires(Right.CARE_VIEW)
@or_404
def plan_document(request, pk):
    """The plan as it stands; as its last edition where nothing has changed since."""
    plan = one_plan(request.scope, pk)
    last = selectors.latest_approved(plan)
    return _document(request, plan, last if last and not actions.changed_since_approval(plan) else None)


@requires(Right.CARE_VIEW)
@or_404
def edition_document(request, pk):
    found = selectors.edition(request.scope, pk)
    return _document(request, found.plan, found)
