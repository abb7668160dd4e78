"""Plans: the list with what is to be decided, one plan, and the buttons on both."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.accounts.selectors import organization
from apps.care.actions import classes
from apps.care.actions import plans as actions
from apps.care.actions.editions import changed_since_approval
from apps.care.forms import AssignForm, DecideForm, PlanFilter, PlanForm, workers
from apps.care.models import AttentionClass, PlanState
from apps.care.selectors import codes, rules, todos
from apps.care.selectors import editions as edition_selectors
from apps.care.selectors import plans as selectors
from apps.care.selectors import visits as visit_selectors
from apps.care.selectors.parts import parts_of
from apps.care.selectors.suggestions import rules_in_force, suggestion_of
from apps.care.views.common import carried_out, done, or_404
from apps.core.refusal import Refused
from apps.core.scope import Scope

DECIDE, ASSIGN, CHANGE = "decide", "assign", "change"


@requires(Right.CARE_VIEW)
def plan_list(request):
    form = PlanFilter(request.GET, scope=request.scope, today=request.today)
    wanted = form.wanted()
    found = selectors.filtered(request.scope, wanted, request.today)
    rules_now = rules_in_force(request.today)
    cursors = {name: request.GET.get(name, "") for name in ("after", "before")}
    rows, previous, following = selectors.page(found, request.scope, request.today, rules_now, **cursors)
    for plan in rows:
        plan.suggestion = suggestion_of(plan, rules_now)
    total, about = selectors.count_up_to(found)
    can_plan = Right.CARE_PLAN in request.rights
    context = {
        "form": form, "rows": rows, "previous": previous, "next": following, "total": total, "about": about,
        "undecided_total": selectors.filtered(request.scope, wanted | {"undecided": True}, request.today).count() if can_plan else 0,
        "narrowed": bool(wanted), "reviewing": bool(wanted.get("differs") or wanted.get("review")) and can_plan,
        "workers": workers(request.scope, request.today) if can_plan else [], "can_plan": can_plan, "query": request.GET.urlencode(),
    }  # fmt: skip
    if request.htmx:
        return render(request, "care/_plan_table.html", context)
    return render(request, "care/plan_list.html", context | _above(request, wanted))


def is_wide(scope: Scope) -> bool:
    """Larger than a city: there one first chooses a county."""
    return any(root.count("/") < 3 for root in scope.roots)


def _above(request, wanted: dict) -> dict:
    year = wanted.get("year") or request.today.year
    counts, base = selectors.counts(request.scope, year), reverse("care:plans")
    figures = [{"label": label, "value": counts[name], "unit": "人", "url": f"{base}?attention_class={name}&state=active&year={year}"} for name, label in AttentionClass.choices]
    figures.append({"label": "类别待定", "value": counts["undecided"], "unit": "人", "url": f"{base}?look=undecided&year={year}", "tone": "late" if counts["undecided"] else ""})
    figures.append({"label": "未指定责任人", "value": counts["unassigned"], "unit": "人", "url": f"{base}?worker=none&state=active&year={year}"})
    place = wanted.get("org")
    wide = place is None and is_wide(request.scope)
    ask = year >= request.today.year and not wide
    if not wide:
        looks = (("differs", "类别与档案不一致"), ("review", "到期复核"))
        figures += [
            {"label": label, "value": selectors.filtered(request.scope, {"year": year, look: True}, request.today).count(), "unit": "人", "url": f"{base}?look={look}&year={year}"}
            for look, label in looks
        ]
    return {
        "figures": figures, "counts": counts, "year": year, "undo": request.session.pop("care_undo", None), "wide": wide, "place": place,
        "without": selectors.people_without_plan(Scope((place.path,)) if place else request.scope, year).count() if ask else 0,
    }  # fmt: skip


@require_POST
@requires(Right.CARE_PLAN)
@or_404
def plan_open(request):
    """Plans for everybody in the scope, or in the place chosen, who has none; or for the one person named."""
    year, place = request.POST.get("year", ""), request.POST.get("org", "")
    scope = Scope((organization(request.scope, int(place)).path,)) if place.isdecimal() else request.scope
    chosen = [int(pk) for pk in request.POST.getlist("cadre") if pk.isdecimal()] or None
    try:
        opened = actions.open_plans(scope=scope, year=int(year) if year.isdecimal() else request.today.year, by=request.user, today=request.today, cadres=chosen)
    except Refused as problem:
        messages.error(request, problem.sentence)
        return redirect("care:plans")
    ahead = year.isdecimal() and int(year) > request.today.year
    if ahead and opened.opened:
        text = f"已建立 {opened.opened} 份 {year} 年草案，到 1 月 1 日自动开始执行；在那之前按现行方案走访和提醒。"
        return done(request, text, "care:plan", opened.plan_ids[0]) if chosen and len(opened.plan_ids) == 1 else done(request, text, "care:plans")
    if chosen and len(opened.plan_ids) == 1:
        return done(request, "方案已建立，请确定类别。", "care:plan", opened.plan_ids[0])
    taken = f"，其中 {opened.carried} 人沿用上年类别、{opened.items} 件未办结事项一并转入" if opened.carried or opened.items else ""
    return done(request, f"已建立 {opened.opened} 份方案{taken}。" if opened.opened else "所有在册人员都已有方案。", "care:plans")


@require_POST
@requires(Right.CARE_PLAN)
def plan_bulk(request):
    """Accept the suggestion for the ticked rows or every undecided one the filters show; or give the ticked rows to somebody."""
    if request.POST.get("accept") == "all":
        form = PlanFilter(request.GET, scope=request.scope, today=request.today)
        chosen = selectors.filtered(request.scope, form.wanted() | {"undecided": True}, request.today)
    else:
        chosen = [int(pk) for pk in request.POST.getlist("plan") if pk.isdecimal()]
    back = reverse("care:plans") + (f"?{request.GET.urlencode()}" if request.GET else "")
    try:
        _accept(request, chosen) if "accept" in request.POST else _assign(request, chosen)
    except Refused as problem:
        messages.error(request, problem.sentence)
    return redirect(back)


def _accept(request, chosen) -> None:
    accepted = classes.accept_suggestions(scope=request.scope, plans=chosen, by=request.user, today=request.today)
    if accepted.undo:
        request.session["care_undo"] = {"token": accepted.undo, "count": accepted.decided}
    else:
        messages.info(request, "没有待定的人，类别没有变动。")


def _assign(request, chosen) -> None:
    pk = request.POST.get("worker", "")
    worker = workers(request.scope, request.today).filter(pk=int(pk)).first() if pk.isdecimal() else None
    if pk and worker is None:
        raise Refused("这位责任人不在您的管理范围内。")
    moved = actions.assign_worker(scope=request.scope, plan_ids=chosen, worker=worker, by=request.user)
    messages.success(request, f"已把 {moved} 人交给{worker or '（未指定）'}。")


@require_POST
@requires(Right.CARE_PLAN)
def plan_review(request):
    """Decided classes looked at again with one reason: the ticked rows, or all that the filters show."""
    form = PlanFilter(request.GET, scope=request.scope, today=request.today)
    follow, whole = request.POST.get("review", "").partition("-")[::2]
    chosen = selectors.filtered(request.scope, form.wanted(), request.today) if whole == "all" else [int(pk) for pk in request.POST.getlist("plan") if pk.isdecimal()]
    try:
        found = classes.review_classes(scope=request.scope, plans=chosen, follow=follow == "follow", note=request.POST.get("note", ""), by=request.user, today=request.today)
        messages.success(request, f"已复核 {found.changed + found.kept} 人：改定 {found.changed} 人，维持不变 {found.kept} 人。")
    except Refused as problem:
        messages.error(request, problem.sentence)
    return redirect(reverse("care:plans") + (f"?{request.GET.urlencode()}" if request.GET else ""))


@require_POST
@requires(Right.CARE_PLAN)
def plan_undo(request):
    try:
        taken_back = classes.undo_acceptance(scope=request.scope, token=request.POST.get("token", ""), by=request.user, today=request.today)
        messages.success(request, f"已撤销，{taken_back} 人的类别恢复为待定。")
    except Refused as problem:
        messages.error(request, problem.sentence)
    return redirect("care:plans")


@requires(Right.CARE_VIEW)
@or_404
def plan_detail(request, pk):
    plan, rules_now = selectors.plan_with_suggestion(request.scope, pk, request.today)
    return render(request, "care/plan.html", _shown(request, plan, rules_now))


def _shown(request, plan, rules_now, **bound) -> dict:
    about = {"scope": request.scope, "today": request.today}
    suggestion, items = suggestion_of(plan, rules_now), selectors.items(plan)
    first = {"version": plan.version, "attention_class": plan.attention_class if plan.class_decided else suggestion.attention_class}
    forms = {
        DECIDE: DecideForm(initial=first),
        ASSIGN: AssignForm(initial={"version": plan.version, "worker": plan.worker_id}, **about),
        CHANGE: PlanForm(initial={"version": plan.version, "wishes": plan.wishes, "community": plan.community, "lunar_birthday": plan.lunar_birthday, "away": plan.away}),
    } | bound
    return {
        "plan": plan, "suggestion": suggestion, "parts": parts_of(request.scope, [item.pk for item in items]), "reviews": selectors.reviews_of(plan.cadre_id, request.today),
        "forms": forms, "items": items, "dates": todos.of_items([item.pk for item in items]), "decisions": selectors.decisions(plan),
        "visits": visit_selectors.visits_of(request.scope, plan.cadre_id)[:5], "years": selectors.plans_of(request.scope, plan.cadre_id),
        "frequency": rules.frequencies(request.today).get(plan.attention_class), "names": codes.names(),
        "can_plan": Right.CARE_PLAN in request.rights and plan.state == PlanState.ACTIVE,
        "can_draft": Right.CARE_PLAN in request.rights and plan.state == PlanState.DRAFT, "next_year": _next_year(request, plan),
        "coming": list(selectors.open_items(request.scope, plan.cadre_id)) if plan.state == PlanState.DRAFT else [], "can_log": Right.CARE_VISIT in request.rights,
        "can_item": bool(request.rights & {Right.CARE_VISIT, Right.CARE_PLAN}),
        "editions": edition_selectors.editions_of(plan), "changes": changed_since_approval(plan),
        "differs": plan.class_decided and suggestion.attention_class != plan.attention_class,
    }  # fmt: skip


def _next_year(request, plan) -> int:
    """The year one may make a draft of now: in the last quarter, of somebody in our care, once; else 0."""
    year = request.today.year + 1
    due = request.today.month >= 10 and plan.state == PlanState.ACTIVE and Right.CARE_PLAN in request.rights
    return year if due and not selectors.plans_of(request.scope, plan.cadre_id).filter(year=year).exists() else 0


def _change(request, pk, name: str, form, act, sentence: str):
    """One of the plan's forms: carry it out, or show the plan again with what is wrong."""
    saved, status = carried_out(form, act)
    if saved is not None:
        return done(request, sentence, "care:plan", pk)
    plan, rules_now = selectors.plan_with_suggestion(request.scope, pk, request.today)
    return render(request, "care/plan.html", _shown(request, plan, rules_now, **{name: form}), status=status)


@require_POST
@requires(Right.CARE_PLAN)
@or_404
def plan_class(request, pk):
    plan, form = selectors.plan(request.scope, pk), DecideForm(request.POST)
    given = {"scope": request.scope, "plan": plan, "by": request.user, "today": request.today}
    return _change(request, pk, DECIDE, form, lambda: classes.decide_class(**given, **form.cleaned_data), "类别已确定。")


@require_POST
@requires(Right.CARE_PLAN)
@or_404
def plan_worker(request, pk):
    plan, form = selectors.plan(request.scope, pk), AssignForm(request.POST, scope=request.scope, today=request.today)
    return _change(request, pk, ASSIGN, form, lambda: actions.assign_worker(scope=request.scope, plan_ids=[plan.pk], by=request.user, **form.cleaned_data), "责任人已更新。")


@require_POST
@requires(Right.CARE_PLAN)
@or_404
def plan_edit(request, pk):
    plan, form = selectors.plan(request.scope, pk), PlanForm(request.POST)
    return _change(request, pk, CHANGE, form, lambda: actions.edit_plan(plan=plan, by=request.user, today=request.today, **form.cleaned_data), "方案已保存。")
