"""Aid (困难帮扶): the list, one case with its trail and its next step, the application, the notice (公示)."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.cadres.models import Standing
from apps.care import workflow
from apps.care.actions import aid as actions
from apps.care.actions.aid_steps import take_step
from apps.care.forms.aid import FORMS, AidFilter, ApplicationForm, StepForm
from apps.care.models import CaseState
from apps.care.models.aid import WRITABLE
from apps.care.selectors import aid as selectors
from apps.care.selectors import codes, people
from apps.care.selectors.codes import AID_TABLE
from apps.care.views.common import carried_out, done, or_404, refused
from apps.core.context import badge
from apps.core.metrics import METRICS, Period, count
from apps.core.refusal import Refused
from apps.files.models import StoredFile
from apps.files.views import exports

PAGE = 50
AID = (Right.AID_APPLY, Right.AID_REVIEW, Right.AID_APPROVE)
SHOWN_TABS = ("waiting", "approved", "paid", "receipted", "writing", "ended")
FLOW = ("登记", "初审", "公示", "审批", "发放", "回执")
PLACE = {
    CaseState.DRAFT: 1, CaseState.RETURNED: 1, CaseState.APPLIED: 2, CaseState.APPROVED: 5, CaseState.PAID: 6,
    CaseState.RECEIPTED: 7,
}  # fmt: skip


def _kinds() -> dict[str, str]:
    return codes.names()[AID_TABLE]


@badge("care:aid")
def waiting(request):
    """What waits for the next step of whoever signed in."""
    return selectors.waiting_for(request.scope, request.rights, request.user, request.today)


@requires(Right.CARE_VIEW)
def aid_list(request):
    """``tab``: a stage, or ``mine`` for what waits for me; with ``metric`` what a figure counted."""
    form = AidFilter(request.GET, scope=request.scope, today=request.today)
    wanted, mine = form.wanted(), request.GET.get("tab") == "mine"
    found = selectors.filtered(request.scope, wanted, request.today)
    if mine:
        found = found.filter(pk__in=selectors.waiting_for(request.scope, request.rights, request.user, request.today).values("pk"))
    page = Paginator(found.order_by("-year", "-pk"), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "kinds": _kinds(), "mine": mine, "narrowed": set(wanted) - {"tab"} or mine, "behind": _behind(wanted)}
    context["can_apply"] = Right.AID_APPLY in request.rights
    if request.htmx:
        return render(request, "care/_aid_table.html", context)
    return render(request, "care/aid_list.html", context | _around(request, wanted, mine))


def _behind(wanted: dict) -> str:
    """The name of the figure whose rows are shown."""
    return METRICS[wanted["metric"]].name if wanted.get("metric") in METRICS else ""


def _around(request, wanted: dict, mine: bool) -> dict:
    today, here = request.today, reverse("care:aid")
    everything = selectors.filtered(request.scope, {name: value for name, value in wanted.items() if name != "tab"}, today)
    counts, tab = selectors.counts(everything), "mine" if mine else wanted.get("tab", "")
    kept = request.GET.copy()
    for name in ("tab", "page"):
        kept.pop(name, None)
    for_me = everything.filter(pk__in=selectors.waiting_for(request.scope, request.rights, request.user, request.today).values("pk")).count()
    titles = [("mine", "等我办的", for_me), ("", "全部", counts["all"])] + [(key, selectors.TABS[key][0], counts[key]) for key in SHOWN_TABS]
    tabs = [{"label": label, "url": _with(here, kept, key), "count": n, "active": key == tab} for key, label, n in titles]
    year = Period.parse(str(today.year), today)
    metrics = [METRICS[key] for key in ("aid_waiting", "aid_granted", "aid_unreceipted")]
    org = request.membership.org
    numbers, sums = count(metrics, org.path, year), selectors.money(request.scope, today.year)
    figures = [{"label": one.name, "value": numbers[one.key][org.path], "unit": one.unit, "url": one.list_url(org.pk, year)} for one in metrics]
    figures[1]["note"] = f"{today.year} 年 {sums['spent']:,.2f} 元"
    left = {"label": "预算余额", "value": f"{sums['remaining']:,.2f}", "unit": "元", "url": reverse("care:aid_money")}
    figures.append(left | {"note": f"{today.year} 年预算 {sums['amount']:,.2f} 元"})
    return {
        "tabs": tabs, "figures": figures, "query": request.GET.urlencode(), "can_export": Right.CADRE_EXPORT in request.rights,
        "on_show": selectors.in_publicity(request.scope, today).count() if request.rights.intersection(AID) else 0,
    }  # fmt: skip


def _with(url: str, kept, tab: str) -> str:
    query = kept.copy()
    if tab:
        query["tab"] = tab
    return f"{url}?{query.urlencode()}" if query else url


aid_export = exports.asks("aid", "care:aid_export")


@requires(Right.AID_APPLY)
@or_404
def aid_apply(request):
    """``?cadre=`` names the person; without it one first finds him."""
    pk = request.GET.get("cadre", "")
    if not pk.isdecimal():
        text = request.GET.get("q", "")
        return render(request, "care/aid_who.html", {"q": text, "people": selectors.people_to_help(request.scope, text)})
    cadre, status = people.person(request.scope, int(pk)), 200
    if cadre.standing == Standing.DECEASED and not people.survivors(cadre).exists():
        messages.error(request, f"{cadre.name}已去世，档案里还没有健在的遗属。请先在“家庭与遗属”里登记。")
        return redirect("cadres:detail", cadre.pk)
    form = ApplicationForm(request.POST or None, request.FILES or None, cadre=cadre, today=request.today)
    if request.method == "POST":
        saved, status = carried_out(form, lambda: _apply(request, cadre, form.cleaned_data))
        if saved:
            said = workflow.STEPS["submit"].done if saved.state == CaseState.APPLIED else "已存为草稿，核对后再提交。"
            return done(request, said, "care:aid_case", saved.pk, draft=f"aid-{cadre.pk}")
    return render(request, "care/aid_form.html", {"form": form, "cadre": cadre, "case": None, "draft": f"aid-{cadre.pk}", "papers": []}, status=status)


def _apply(request, cadre, data: dict):
    data = {name: value for name, value in data.items() if name != "version"}
    case = actions.apply_for_aid(cadre=cadre, by=request.user, today=request.today, now=timezone.now(), **data)
    return _handed_in(request, case) if "submit" in request.POST and case.state in WRITABLE else case


def _handed_in(request, case):
    return take_step(case=case, step="submit", by=request.user, today=request.today, now=timezone.now())


@requires(Right.AID_APPLY)
@or_404
def aid_edit(request, pk):
    case, status = selectors.case(request.scope, pk), 200
    if case.state not in WRITABLE:
        raise PermissionDenied("提交以后不能再改；需要修改的，请初审人退回。")
    initial = {name: getattr(case, name) for name in (*actions.FIELDS, "version")}
    form = ApplicationForm(request.POST or None, request.FILES or None, cadre=case.cadre, today=request.today, case=case, initial=initial)
    if request.method == "POST":
        saved, status = carried_out(form, lambda: _edit(request, case, form.cleaned_data))
        if saved:
            said = workflow.STEPS["submit"].done if saved.state == CaseState.APPLIED else "申请已修改。"
            return done(request, said, "care:aid_case", saved.pk, draft=f"aid-edit-{case.pk}")
    context = {"form": form, "cadre": case.cadre, "case": case, "draft": f"aid-edit-{case.pk}", "papers": selectors.papers(case)}
    return render(request, "care/aid_form.html", context, status=status)


def _edit(request, case, data: dict):
    saved = actions.edit_case(case=case, by=request.user, today=request.today, **data)
    return _handed_in(request, saved) if "submit" in request.POST else saved


@require_POST
@requires(Right.AID_APPLY)
@or_404
def aid_paper_remove(request, pk, key):
    case = selectors.case(request.scope, pk)
    try:
        actions.remove_paper(case=case, stored=selectors.paper(case, key), by=request.user)
    except (Refused, StoredFile.DoesNotExist) as problem:
        return refused(request, problem if isinstance(problem, Refused) else Refused("这份材料已经删除。"), "care:aid_case", pk)
    return done(request, "材料已删除。", "care:aid_edit", pk)


@requires(Right.CARE_VIEW)
@or_404
def aid_case(request, pk):
    case = selectors.case(request.scope, pk)
    step = workflow.next_step(case)
    may = bool(step) and bool(request.rights.intersection(workflow.STEPS[step].rights))
    sides = [key for key in workflow.side_steps(case) if request.rights.intersection(workflow.STEPS[key].rights)]
    shown = [{"key": key, "label": workflow.STEPS[key].label, "reason": _reason(request, case, key)} for key in sides if not _hidden(case, key)]
    names = {key: rule.label for key, rule in workflow.STEPS.items()} | {"open": "登记申请", "lapse": "停办", "resume": "恢复"}
    context = {
        "case": case, "kind": _kinds().get(case.kind, case.kind), "flow": FLOW, "at": _at(request, case), "step": step,
        "rule": workflow.STEPS.get(step), "reason": _reason(request, case, step) if may else "", "may": may, "sides": shown, "steps": selectors.steps(case), "names": names,
        "inside": bool(request.rights.intersection(AID)), "proofs": selectors.papers(case), "receipts": selectors.papers(case, selectors.RECEIPT_LABEL),
        "again": selectors.granted_already(case), "can_edit": case.state in WRITABLE and Right.AID_APPLY in request.rights, "offer": _offer(request, case),
        "successor": selectors.successor(case),
    }  # fmt: skip
    return render(request, "care/aid_case.html", context)


def _at(request, case) -> int:
    """Which part of ``FLOW`` it is in; 0 when it ended otherwise."""
    if case.state == CaseState.FIRST_REVIEWED:
        return 3 if workflow.next_step(case) == "publish" else 4
    if case.state == CaseState.PUBLISHED:
        return 3 if request.today <= case.publicity_ends_on else 4
    return PLACE.get(case.state, 0)


def _reason(request, case, key: str) -> str:
    return workflow.reason_against(case, key, by=request.user, today=request.today)


def _hidden(case, key: str) -> bool:
    """Approving before the 公示 that the standard asks for is no choice; a voluntary one stays possible."""
    return key == "approve" and workflow.next_step(case) == "publish"


def _offer(request, case) -> list:
    """The survivors for whom a case ended by death may go on."""
    ended = case.state == CaseState.WITHDRAWN and case.survivor_id is None and case.cadre.standing == Standing.DECEASED
    return list(people.survivors(case.cadre)) if ended and Right.AID_APPLY in request.rights and not selectors.successor(case) else []


@requires(*AID)
@or_404
def aid_step(request, pk, step):
    """What a step asks for, and the step itself."""
    case, rule = selectors.case(request.scope, pk), workflow.STEPS.get(step)
    if rule is None:
        raise Http404
    if not request.rights.intersection(rule.rights):
        raise PermissionDenied(f"您现在的角色不能{rule.label}。")
    reason = _reason(request, case, step)
    if reason and (request.method == "GET" or case.state not in rule.sources):
        return refused(request, Refused(reason), "care:aid_case", pk)
    again = selectors.granted_already(case).first() if step == "approve" else None
    form_class, initial = FORMS.get(step, StepForm), {"version": case.version}
    form = form_class(request.POST or None, request.FILES or None, case=case, rule=rule, today=request.today, again=again, initial=initial)
    status = 200
    if request.method == "POST":
        act = {"case": case, "step": step, "by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: take_step(**act, **form.cleaned_data))
        if saved:
            return done(request, rule.done, "care:aid_case", pk, draft=f"aid-{step}-{pk}")
    context = {"case": case, "form": form, "rule": rule, "step": step, "kind": _kinds().get(case.kind, case.kind)}
    context["budget"] = selectors.budget_of(selectors.budget_place(case.org), case.year) if step == "approve" else None
    return render(request, "care/aid_step.html", context, status=status)


@require_POST
@requires(Right.AID_APPLY)
@or_404
def aid_survivor(request, pk):
    """The application of the deceased goes on for one of the survivors."""
    case = selectors.case(request.scope, pk)
    survivor = people.survivors(case.cadre).filter(pk=int(request.POST.get("survivor") or 0)).first() if request.POST.get("survivor", "").isdecimal() else None
    if survivor is None:
        return refused(request, Refused("请选一位健在的遗属。"), "care:aid_case", pk)
    try:
        found = actions.go_on_for_survivor(case=case, survivor=survivor, once=uuid.uuid4(), by=request.user, today=request.today, now=timezone.now())
    except Refused as problem:
        return refused(request, problem, "care:aid_case", pk)
    return done(request, "已转为遗属申请的草稿，请核对情况、附上材料再提交。", "care:aid_edit", found.pk)


def _notice(request, found: list):
    audit.record("aid.printed", found[0] if len(found) == 1 else None, by=request.user, title=f"困难帮扶公示 {len(found)} 件")
    days = [case.published_on for case in found] or [request.today]
    ends = [case.publicity_ends_on for case in found] or [request.today]
    org = selectors.budget_place(found[0].org) if len(found) == 1 else request.membership.org
    place = f"{org}委老干部局" if org.level in selectors.REGIONS else str(org)
    context = {"cases": found, "kinds": _kinds(), "place": place, "since": min(days), "until": max(ends)}
    return render(request, "care/aid_notice.html", context)


@requires(*AID)
@or_404
def aid_notice(request, pk):
    """One application as it is shown in public: no illness, no income, no number of any kind."""
    case = selectors.case(request.scope, pk)
    if case.published_on is None:
        raise Http404
    return _notice(request, [case])


@requires(*AID)
def aid_notices(request):
    """Everything in public today, on one sheet."""
    return _notice(request, list(selectors.in_publicity(request.scope, request.today)))
