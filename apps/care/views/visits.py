"""Logging visits, the list of them, and one visit."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render

from apps.accounts.permissions import Right, requires
from apps.cadres.models import Standing
from apps.care.actions import visits as actions
from apps.care.forms import EditVisitForm, VisitFilter, VisitForm, VoidForm
from apps.care.selectors import codes, people, plans, todos
from apps.care.selectors import visits as selectors
from apps.care.selectors.plans import count_up_to
from apps.care.standards import EDIT_WITHIN_DAYS, LATE_AFTER_DAYS, MEETING_WAYS
from apps.care.views.common import carried_out, done, or_404
from apps.core.templatetags.portal import age
from apps.files.views import exports

CARRY = "X-Portal-Carry"
"""Asked with this header, the form comes alone, for a phone that carries it along (static/js/carry.js)."""
TEXTS = ("place", "companions", "gifts", "need", "next_step", "late_reason", "situation")


@requires(Right.CARE_VIEW)
def visit_list(request):
    form = VisitFilter(request.GET, scope=request.scope, today=request.today)
    found = selectors.filtered(request.scope, form.wanted())
    rows, previous, following = selectors.page(found, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    total, about = count_up_to(found)
    context = {
        "form": form, "rows": rows, "previous": previous, "next": following, "total": total, "about": about, "names": codes.names(),
        "can_export": Right.CADRE_EXPORT in request.rights, "can_log": Right.CARE_VISIT in request.rights,
        "query": request.GET.urlencode(), "narrowed": bool(form.wanted()), "meeting_ways": MEETING_WAYS,
    }  # fmt: skip
    return render(request, "care/_visit_table.html" if request.htmx else "care/visit_list.html", context)


visit_export = exports.asks("visits", "care:visit_export")


@requires(Right.CARE_VISIT)
@or_404
def visit_log(request):
    """``?cadre=`` names the person (and ``occasion=`` what for); without it one first finds the person."""
    pk = request.GET.get("cadre", "")
    if not pk.isdecimal():
        text = request.GET.get("q", "")
        return render(request, "care/visit_who.html", {"q": text, "people": people.people_to_visit(request.scope, text), "occasion": request.GET.get("occasion", "")})
    cadre = people.person(request.scope, int(pk))
    if cadre.standing == Standing.MOVED and request.method != "POST":  # what was written before is refused with its words kept
        messages.error(request, f"{cadre.name}已转出，不再登记走访。")
        return redirect("cadres:detail", cadre.pk)
    open_items = plans.open_items(request.scope, cadre.pk, without_todo=True)
    waiting = todos.for_a_visit(cadre.pk, request.today)
    form = VisitForm(
        request.POST or None, request.FILES or None, scope=request.scope, today=request.today, cadre=cadre, open_items=open_items, todos=waiting, initial=_defaults(request, cadre)
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        visit, status = carried_out(form, lambda: _log(request, cadre, form.cleaned_data))
        if visit:
            return done(request, f"已记下对{cadre.name}的走访。{_settled(visit)}{_settled_before(request, visit)}", "worklist", draft=f"visit-{cadre.pk}")
    carried = CARRY in request.headers and request.method == "GET"
    answer = render(request, f"care/{'_' if carried else ''}visit_form.html", _about(request, cadre, form, open_items), status=status)
    if carried:
        answer["Cache-Control"] = "private, no-store"
    return answer


def _settled(visit) -> str:
    """Which to-dos the visit settled, as a sentence."""
    titles = [todo.title for todo in todos.settled_by(visit)]
    return f"同时办结：{'、'.join(titles)}。" if titles else ""


def _settled_before(request, visit) -> str:
    """What the form ticked and somebody else had settled by the time it arrived."""
    chosen = [int(key) for key in request.POST.getlist("settles") if key.isdecimal()]
    found = todos.settled_elsewhere(visit, chosen)
    return "此前已办结或不再需要，不重复计：" + "、".join(f"{todo.title}（{todo.done_by}）" if todo.done_by else todo.title for todo in found) + "。" if found else ""


def _defaults(request, cadre) -> dict:
    survivor = bool(cadre.deceased_on)
    return {"visited_on": request.today, "way": request.GET.get("way", "home"), "occasion": request.GET.get("occasion") or ("survivor" if survivor else "daily"), "in_person": "1"}


def _log(request, cadre, data: dict):
    item = {"category": data.get("need_category"), "worker": data.get("need_worker"), "due_on": data.get("need_due_on")}
    plain = {name: data[name] for name in ("visited_on", "way", "occasion", "in_person", "once", "photos")}
    texts = {name: data.get(name, "") for name in TEXTS}
    return actions.log_visit(
        cadre=cadre, survivor=data.get("survivor"), done=data.get("done") or (), item=item, settles=data.get("settles", ()),
        promised=data.get("promised", ""), promise_due_on=data.get("promise_due_on"), by=request.user, today=request.today, **plain, **texts,
    )  # fmt: skip


def _about(request, cadre, form, open_items) -> dict:
    return {
        "form": form, "cadre": cadre, "sub": f"{cadre.get_retire_kind_display()} · {age(cadre.born_on, request.today)} · {cadre.org}",
        "plan": plans.plan_of(request.scope, cadre.pk), "last": selectors.last_visit(request.scope, cadre.pk),
        "open_items": list(open_items), "names": codes.names(), "late_after": LATE_AFTER_DAYS, "meeting_ways": ",".join(MEETING_WAYS),
    }  # fmt: skip


@requires(Right.CARE_VIEW)
@or_404
def visit_detail(request, pk):
    visit = selectors.visit(request.scope, pk)
    return render(request, "care/visit.html", _shown(request, visit, VoidForm(initial={"version": visit.version})))


def _shown(request, visit, form) -> dict:
    own, may = request.user.pk == visit.worker_id, Right.CARE_VISIT in request.rights
    return {
        "visit": visit, "photos": selectors.photos(visit), "items": selectors.items_of(visit), "settled": todos.settled_by(visit), "names": codes.names(), "void_form": form,
        "edit_reason": actions.reason_against_edit(visit, request.user, request.today), "may": may,
        "may_void": not visit.voided_at and (own and may or Right.CARE_PLAN in request.rights),
    }  # fmt: skip


@requires(Right.CARE_VISIT)
@or_404
def visit_edit(request, pk):
    visit = selectors.visit(request.scope, pk)
    if reason := actions.reason_against_edit(visit, request.user, request.today):
        raise PermissionDenied(reason)
    initial = {name: getattr(visit, name) for name in (*actions.EDITABLE, "late_reason", "version")} | {"in_person": "1" if visit.in_person else "0"}
    form = EditVisitForm(request.POST or None, request.FILES or None, scope=request.scope, today=request.today, cadre=visit.cadre, initial=initial)
    status = 200
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.edit_visit(visit=visit, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, "走访记录已修改。", "care:visit", visit.pk, draft=f"visit-edit-{visit.pk}")
    context = {"form": form, "visit": visit, "late_after": LATE_AFTER_DAYS, "meeting_ways": ",".join(MEETING_WAYS), "edit_within": EDIT_WITHIN_DAYS}
    return render(request, "care/visit_edit.html", context, status=status)


@requires(Right.CARE_VISIT, Right.CARE_PLAN)
@or_404
def visit_void(request, pk):
    """One's own visit, or anybody's for whoever answers for the plans."""
    visit = selectors.visit(request.scope, pk)
    if request.user.pk != visit.worker_id and Right.CARE_PLAN not in request.rights:
        raise PermissionDenied("只能作废自己登记的走访。")
    form, status = VoidForm(request.POST or None, initial={"version": visit.version}), 200
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.void_visit(visit=visit, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, "这条走访已作废，到期日已重新计算。", "care:visit", visit.pk)
    return render(request, "care/visit_void.html", {"visit": visit, "form": form, "names": codes.names()}, status=status)
