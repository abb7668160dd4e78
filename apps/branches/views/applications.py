"""示范党支部: applications as a list and one by one, writing, reviewing, scoring on the spot, the steps, the papers, 公示, coverage."""

import io
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, public, requires
from apps.accounts.selectors import children
from apps.activity import audit
from apps.branches.actions import applications as actions
from apps.branches.actions.rectifications import usual_due
from apps.branches.application_forms import (  # fmt: skip
    APPLY_FORMS,
    AnswerForm,
    ApplicationForm,
    ApplyStepForm,
    CommentsForm,
    LookbackForm,
    ObjectionForm,
    ScoresForm,
    application_initial,
)
from apps.branches.documents import application_document
from apps.branches.selectors import applications as selectors
from apps.branches.selectors.ballots import on_the_spot
from apps.branches.selectors.branches import branch as one_branch
from apps.branches.selectors.facts import facts_for
from apps.branches.views.common import carried_out, done, may_edit, or_404, refused, site
from apps.branches.workflow import APPLY
from apps.core.refusal import Refused
from apps.files.reporting import DOCX

PAGE = 30
NAMES = {"review": "待初审", "inspect": "待核查、整改", "meeting": "核查后待定", "named": "已命名", "lookback": "抽中待回头看", "yellow": "其中黄牌", "ended": "已结束"}
FLOW = ("申报", "初审", "核查", "拟命名", "公示", "命名")
PLACE = {
    "draft": 1, "returned": 1, "submitted": 2, "to_inspect": 3, "rectifying": 3, "scored": 4, "proposed": 5, "public": 6, "named": 7, "yellow": 7,
}  # fmt: skip


@requires(Right.BRANCH_VIEW)
def applications(request):
    look, text = request.GET.get("look", ""), request.GET.get("q", "")[:60]
    page = Paginator(selectors.filtered(request.scope, {"look": look, "q": text}), PAGE).get_page(request.GET.get("page"))
    tally, here = selectors.tally(request.scope), reverse("branches:applications")
    figures = [{"label": label, "value": tally[key], "unit": "个", "url": f"{here}?{urlencode({'look': key})}"} for key, label in NAMES.items()]
    context = {
        "page": page, "rows": list(page), "figures": figures, "narrowed": bool(text or look in selectors.LOOKS), "q": text, "look": look, "query": request.GET.urlencode(),
        "standard": selectors.standard_in_force(), "to_draw": _to_draw(request),
    }  # fmt: skip
    return render(request, "branches/applications.html", context)


def _to_draw(request) -> int | None:
    """How many names a look back may be drawn from; None for those who draw none."""
    if Right.BRANCH_INSPECT not in request.rights:
        return None
    return selectors.to_look_back(selectors.applications(request.scope), request.today).count()


@requires(Right.BRANCH_INSPECT)
def lookback_draw(request):
    """Which names are looked at again, drawn on record."""
    waiting, status, n = selectors.applications(request.scope), 200, _to_draw(request)
    form = LookbackForm(request.POST or None, initial={"size": -(-n // 5) or 1})
    if request.method == "POST":
        given = {"by": request.user, "today": request.today, "now": timezone.now()}
        made, status = carried_out(form, lambda: actions.draw_lookbacks(org=request.membership.org, cases=waiting, **given, **form.cleaned_data))
        if made:
            return done(request, f"抽中 {len(made.chosen)} 个，请安排回头看。", "branches:draw", made.pk)
    explain = f"命名满一年、一年内没有看过的有 {n} 个。随机抽取，种子和名单存档，可以当众重抽一遍核对。"
    context = {"form": form, "title": "抽取回头看", "label": "抽取", "back": reverse("branches:applications"), "explain": explain}
    return render(request, "branches/form.html", context, status=status)


@requires(Right.BRANCH_EDIT)
@require_POST
@or_404
def application_add(request, pk):
    try:
        made = actions.begin_application(scope=request.scope, branch=one_branch(request.scope, pk), by=request.user, today=request.today, now=timezone.now())
    except Refused as problem:
        return refused(request, problem, "branches:branch", pk)
    return done(request, "已按记录填好能算的项目，请核对自评分、附佐证。", "branches:application_edit", made.pk)


@requires(Right.BRANCH_VIEW)
@or_404
def application(request, pk):
    case = selectors.application(request.scope, pk)
    acts = [
        {"key": key, "label": APPLY.steps[key].label, "back": APPLY.steps[key].back, "reason": APPLY.reason_against(case, key, by=request.user, today=request.today)}
        for key in APPLY.open_to(case, request.rights)
    ]  # fmt: skip
    inspects = Right.BRANCH_INSPECT in request.rights
    onsite = on_the_spot(case)
    shown = case.state in ("public", "named", "yellow", "removed", "failed") and case.public_from
    context = {
        "case": case, "branch": case.branch, "scores": selectors.scores(case), "acts": acts, "steps": selectors.steps(case), "papers": selectors.evidence(case),
        "names": {key: step.label for key, step in APPLY.steps.items()} | {"open": "开始申报"}, "flow": FLOW, "at": PLACE.get(case.state, 0),
        "can_write": may_edit(request) and case.state in actions.WRITABLE, "can_comment": inspects and case.state == "submitted" and case.applied_by_id != request.user.pk,
        "can_score": inspects and not APPLY.reason_against(case, "score", by=request.user, today=request.today), "objections": selectors.objections(case) if inspects else [],
        "onsite": onsite, "can_ask": inspects and case.state == "to_inspect" and case.applied_by_id != request.user.pk and not any(one.state == "open" for one in onsite),
        "address": site(request) + reverse("public_name", args=[case.public_key]) if shown else "",
    }  # fmt: skip
    return render(request, "branches/application.html", context)


def _rows_page(request, case, form, title: str, template: str, status: int, **more):
    context = {"case": case, "branch": case.branch, "form": form, "title": title, "back": reverse("branches:application", args=[case.pk])} | more
    return render(request, template, context, status=status)


@requires(Right.BRANCH_EDIT)
@or_404
def application_edit(request, pk):
    case, status = selectors.application(request.scope, pk), 200
    if case.state not in actions.WRITABLE:
        return refused(request, Refused(f"这份申报现在是“{case.get_state_display()}”，不能再改。"), "branches:application", pk)
    rows = selectors.scores(case)
    form = ApplicationForm(request.POST or None, request.FILES or None, rows=rows, initial=application_initial(case))
    if request.method == "POST":

        def write():
            return actions.write_application(case=case, by=request.user, version=form.cleaned_data["version"], **form.values())

        saved, status = carried_out(form, write)
        if saved:
            return done(request, f"已保存，自评 {saved.self_total} 分。", "branches:application", pk, draft=f"application-{pk}")
    facts = facts_for(request.scope, case.branch, [row.item for row in rows], request.today)
    for one in form.rows:
        one["fact"] = facts.get(one["item"].pk)
    return _rows_page(request, case, form, "填写申报", "branches/application_form.html", status)


@requires(Right.BRANCH_INSPECT)
@or_404
def application_comment(request, pk):
    case, status = selectors.application(request.scope, pk), 200
    form = CommentsForm(request.POST or None, rows=selectors.scores(case), initial={"version": case.version})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.comment_items(case=case, comments=form.comments(), by=request.user, version=form.cleaned_data["version"]))
        if saved:
            return done(request, "意见已写在各项上。接着初审通过，或退回补正。", "branches:application", pk, draft=f"comments-{pk}")
    return _rows_page(request, case, form, "初审意见", "branches/application_comments.html", status)


@requires(Right.BRANCH_INSPECT)
@or_404
def application_score(request, pk):
    case, status = selectors.application(request.scope, pk), 200
    if reason := APPLY.reason_against(case, "score", by=request.user, today=request.today):
        return refused(request, Refused(reason), "branches:application", pk)
    form = ScoresForm(
        request.POST or None, rows=selectors.scores(case), vetoes=case.standard.vetoes, initial={name: getattr(case, name) for name in ("version", "team", "veto", "veto_why")}
    )  # fmt: skip
    if request.method == "POST":
        given = {"by": request.user, "today": request.today}

        def score():
            data = {name: form.cleaned_data[name] for name in ("team", "veto", "veto_why", "version")}
            return actions.score_items(case=case, given=form.given(), **data, **given)

        saved, status = carried_out(form, score)
        if saved:
            return done(request, "已保存。全部打完后按“核查打分完成”。", "branches:application", pk, draft=f"scores-{pk}")
    return _rows_page(request, case, form, "核查打分", "branches/application_scores.html", status, onsite=on_the_spot(case))


@requires(Right.BRANCH_EDIT, Right.BRANCH_INSPECT, Right.BRANCH_NAME)
@or_404
def application_step(request, pk, step):
    """What a step asks for, and the step itself."""
    case, rule = selectors.application(request.scope, pk), APPLY.steps.get(step)
    if rule is None:
        raise Http404
    if not request.rights.intersection(rule.rights):
        raise PermissionDenied(f"您现在的角色不能{rule.label}。")
    if (reason := APPLY.reason_against(case, step, by=request.user, today=request.today)) and (request.method == "GET" or case.state not in rule.sources):
        return refused(request, Refused(reason), "branches:application", pk)
    form = APPLY_FORMS.get(step, ApplyStepForm)(request.POST or None, asks=rule.asks, usual=usual_due(request.today), initial={"version": case.version})
    status = 200
    if request.method == "POST":
        act = {"case": case, "step": step, "by": request.user, "today": request.today, "now": timezone.now()}
        act |= {"scope": request.scope} if step == "submit" else {}
        saved, status = carried_out(form, lambda: actions.take_step(**act, **form.cleaned_data))
        if saved:
            return done(request, rule.done, "branches:application", pk)
    context = {"form": form, "title": rule.label, "label": rule.label, "branch": case.branch, "back": reverse("branches:application", args=[pk])}
    return render(request, "branches/form.html", context, status=status)


@requires(Right.BRANCH_INSPECT)
@or_404
def objection_answer(request, pk, key):
    case = selectors.application(request.scope, pk)
    found, status = selectors.objection(case, key), 200
    form = AnswerForm(request.POST or None, initial={"answer": found.answer})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.answer_objection(objection=found, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, "核实情况已登记。", "branches:application", pk)
    back = reverse("branches:application", args=[pk])
    context = {"form": form, "title": "核实公示意见", "label": "登记", "branch": case.branch, "back": back, "explain": found.text}
    return render(request, "branches/form.html", context, status=status)


@requires(Right.BRANCH_VIEW)
@or_404
def application_docx(request, pk):
    case = selectors.application(request.scope, pk)
    content, name = application_document(case=case, scores=selectors.scores(case), today=request.today, now=timezone.now())
    audit.record("branch.exported", case, by=request.user, title=str(case.branch), note="申报表")
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=DOCX)


@requires(Right.BRANCH_VIEW)
def coverage(request):
    """Three years to cover everybody: where each place stands, and where the present pace leads."""
    org = request.membership.org
    rows = selectors.coverage(request.scope, [org, *children(request.scope, org)])
    years = selectors.named_by_year(request.scope)
    whole = rows[0] if rows else None
    pace = sum(years.values()) / len(years) if years else 0
    left = whole.eligible - whole.named if whole else 0
    context = {
        "rows": rows, "years": sorted(years.items()), "whole": whole, "left": left, "pace": pace, "more": -(-left // pace) if pace else None,
        "chart": selectors.curve(years, whole.eligible, request.today) if whole else None,
    }  # fmt: skip
    return render(request, "branches/coverage.html", context)


@public
def public_name(request, key: UUID):
    """公示, read by anybody; while it runs one may object."""
    try:
        shown = selectors.public_name(key, request.today)
    except ObjectDoesNotExist:
        raise Http404 from None
    form, status = ObjectionForm(request.POST or None), 200
    if request.method == "POST":
        made, status = carried_out(form, lambda: actions.object_to(key=key, today=request.today, **form.cleaned_data))
        if made:
            form = None
    response = render(request, "branches/public_name.html", {"shown": shown, "form": form, "elder": True}, status=status)
    response["Cache-Control"] = "no-store"
    return response
