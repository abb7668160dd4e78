"""一县一品: brands as a list and one by one, writing, comments, the steps, places, meetings, the document."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.brands.actions import brands as actions
from apps.brands.documents import proposal_document
from apps.brands.forms.brands import LOOKS, STEP_FORMS, BrandFilter, BrandForm, CommentsForm, MeetingForm, PlaceEndForm, PlaceForm, StepForm, brand_initial
from apps.brands.models import ThemeLine
from apps.brands.selectors import brands as selectors
from apps.brands.selectors import reports
from apps.brands.selectors.practices import learners_of
from apps.brands.selectors.show import shown
from apps.brands.views.common import carried_out, document, done, may_edit, may_review, or_404, refused
from apps.brands.workflow import BRAND, OWN, from_above
from apps.core.refusal import Refused

PAGE = 30
FLOW = ("申报", "立项", "创建", "评审", "公示", "命名", "推广")
AT = {
    "draft": 1, "applied": 1, "returned": 1, "hearing": 2, "building": 3, "applying": 4, "shortlisted": 4, "proposed": 5, "public": 5, "named": 6, "spreading": 7, "rectifying": 7,
}  # fmt: skip


@requires(Right.BRAND_VIEW)
def brand_list(request):
    form = BrandFilter(request.GET, scope=request.scope)
    wanted = form.wanted()
    page = Paginator(selectors.filtered(request.scope, wanted, request.today), PAGE).get_page(request.GET.get("page"))
    rows, here = list(page), reverse("brands:list")
    counted, rungs = selectors.tally(request.scope), selectors.ladder(rows)
    figures = [{"label": label, "value": counted[key], "unit": "个", "url": f"{here}?look={key}"} for key, label in LOOKS if key != "ended"]
    lines = [{"label": label, "value": counted[line], "unit": "个", "url": f"{here}?{urlencode({'line': line})}"} for line, label in ThemeLine.choices]
    context = {
        "form": form, "page": page, "rows": [(one, rungs.get(one.pk, {})) for one in rows], "narrowed": bool(wanted), "figures": figures, "lines": lines,
        "can_edit": may_edit(request), "query": request.GET.urlencode(), "announced": selectors.announced(request.membership.org, request.today),
    }  # fmt: skip
    return render(request, "brands/_brand_table.html" if request.htmx else "brands/brands.html", context)


@requires(Right.BRAND_VIEW)
@or_404
def brand(request, pk):
    found = selectors.brand(request.scope, pk)
    judges = not from_above(found.org.path, request.user, request.today)
    acts = [
        {"key": key, "label": BRAND.steps[key].label, "back": BRAND.steps[key].back, "reason": BRAND.reason_against(found, key, by=request.user, today=request.today)}
        for key in BRAND.open_to(found, request.rights) if judges or key in OWN
    ]  # fmt: skip
    files = selectors.files_of(found)
    context = {
        "brand": found, "five": selectors.five(found), "goals": selectors.standing(found), "planned": selectors.planned(found),
        "places": selectors.places(found),
        "meetings": selectors.meetings(found), "learners": learners_of(found),
        "steps": selectors.steps(found), "reports": reports.reports_of(found), "chart": reports.course(found),
        "pictures": files.pictures, "papers": files.papers,
        "names": {key: step.label for key, step in BRAND.steps.items()} | {"open": "建立"}, "flow": FLOW, "at": AT.get(found.state, 0), "acts": acts,
        "alive": found.state not in ("removed", "stopped"), "can_edit": may_edit(request), "can_write": may_edit(request) and found.state in actions.WRITABLE,
        "can_comment": may_review(request) and found.state in actions.COMMENTABLE and judges,
        "remarks": [(found._meta.get_field(name).verbose_name, text) for name, text in found.comments.items()], "today": request.today,
    }  # fmt: skip
    return render(request, "brands/brand.html", context)


@requires(Right.BRAND_VIEW)
@or_404
def brand_show(request, pk):
    """The brand for a visitor: story, pictures, figures, where it spread; two A4 pages when printed. Places that a list of practices reaches read it too."""
    return render(request, "brands/show.html", shown(request.scope, pk))


def _write(request, found):
    given = {"goals": selectors.goals(found) if found else [], "months": selectors.planned(found) if found else [], "comments": found.comments if found else {}}
    form, status = BrandForm(request.POST or None, request.FILES or None, initial=brand_initial(found), **given), 200
    if request.method == "POST":
        org = found.org if found else request.membership.org
        saved, status = carried_out(form, lambda: actions.write_brand(org=org, brand=found, by=request.user, now=timezone.now(), **form.values()))
        if saved:
            return done(request, "已保存。", "brands:brand", saved.pk, draft=f"brand-{found.pk if found else 'new'}")
    back = reverse("brands:brand", args=[found.pk]) if found else reverse("brands:list")
    return render(request, "brands/brand_form.html", {"form": form, "brand": found, "back": back, "title": "填写品牌" if found else "新建品牌"}, status=status)


@requires(Right.BRAND_EDIT)
def brand_add(request):
    return _write(request, None)


@requires(Right.BRAND_EDIT)
@or_404
def brand_edit(request, pk):
    found = selectors.brand(request.scope, pk)
    if found.state not in actions.WRITABLE:
        return refused(request, Refused(f"这个品牌现在是“{found.get_state_display()}”，不能再改。"), "brands:brand", pk)
    return _write(request, found)


@requires(Right.BRAND_REVIEW)
@or_404
def brand_comment(request, pk):
    found, status = selectors.brand(request.scope, pk), 200
    form = CommentsForm(request.POST or None, brand=found, initial={"version": found.version})
    if request.method == "POST":
        given = {"brand": found, "by": request.user, "today": request.today}
        saved, status = carried_out(form, lambda: actions.comment_brand(comments=form.comments(), version=form.cleaned_data["version"], **given))
        if saved:
            return done(request, "意见已写在各项上。接着列入立项评审、立项，或退回修改。", "brands:brand", pk, draft=f"brand-comments-{pk}")
    return render(request, "brands/comments.html", {"form": form, "brand": found, "back": reverse("brands:brand", args=[pk])}, status=status)


@requires(Right.BRAND_EDIT, Right.BRAND_REVIEW, Right.BRAND_NAME)
@or_404
def brand_step(request, pk, step):
    """What a step asks for, and the step itself."""
    found, rule, status = selectors.brand(request.scope, pk), BRAND.steps.get(step), 200
    if rule is None:
        raise Http404
    if not request.rights.intersection(rule.rights):
        raise PermissionDenied(f"您现在的角色不能{rule.label}。")
    if (reason := BRAND.reason_against(found, step, by=request.user, today=request.today)) and (request.method == "GET" or found.state not in rule.sources):
        return refused(request, Refused(reason), "brands:brand", pk)
    form = STEP_FORMS.get(step, StepForm)(request.POST or None, asks=rule.asks, initial={"version": found.version})
    if request.method == "POST":
        act = {"brand": found, "step": step, "by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: actions.take_step(**act, **form.cleaned_data))
        if saved:
            return done(request, rule.done, "brands:brand", pk)
    return _form(request, form, rule.label, rule.label, found, status)


def _form(request, form, title: str, label: str, found, status: int):
    context = {"form": form, "title": title, "label": label, "brand": found, "back": reverse("brands:brand", args=[found.pk])}
    return render(request, "brands/form.html", context, status=status)


@requires(Right.BRAND_EDIT)
@or_404
def place_add(request, pk):
    found, status = selectors.brand(request.scope, pk), 200
    form = PlaceForm(request.POST or None, initial={"since": request.today, "rung": "pilot"})
    if request.method == "POST":
        made, status = carried_out(form, lambda: actions.add_place(brand=found, by=request.user, today=request.today, **form.cleaned_data))
        if made:
            return done(request, "已登记推广点。", "brands:brand", pk)
    return _form(request, form, "登记推广点", "登记", found, status)


@requires(Right.BRAND_EDIT)
@or_404
def place_end(request, pk, key):
    found, status = selectors.brand(request.scope, pk), 200
    place = selectors.place(found, key)
    form = PlaceEndForm(request.POST or None, initial={"on": request.today})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.end_place(place=place, by=request.user, today=request.today, **form.cleaned_data))
        if saved:
            return done(request, "已登记停止。", "brands:brand", pk)
    return _form(request, form, f"停止：{place}", "登记", found, status)


@requires(Right.BRAND_EDIT)
@or_404
def meeting_add(request, pk):
    found, status = selectors.brand(request.scope, pk), 200
    form = MeetingForm(request.POST or None, initial={"held_on": request.today})
    if request.method == "POST":
        made, status = carried_out(form, lambda: actions.add_meeting(brand=found, by=request.user, today=request.today, **form.cleaned_data))
        if made:
            return done(request, "已登记会议。", "brands:brand", pk)
    return _form(request, form, "登记领导小组会议", "登记", found, status)


@requires(Right.BRAND_EDIT)
@require_POST
@or_404
def step_tick(request, pk, key):
    found = selectors.brand(request.scope, pk)
    try:
        held = actions.tick_step(step=selectors.planned_step(found, key), by=request.user, today=request.today)
    except Refused as problem:
        return refused(request, problem, "brands:brand", pk)
    return done(request, "已办结。" if held.done_on else "已恢复为没有办结。", "brands:brand", pk)


@requires(Right.BRAND_EDIT)
@require_POST
@or_404
def file_remove(request, pk, key):
    found = selectors.brand(request.scope, pk)
    try:
        actions.remove_file(brand=found, stored=selectors.file(found, key), by=request.user)
    except Refused as problem:
        return refused(request, problem, "brands:brand", pk)
    return done(request, "文件已删除。", "brands:brand", pk)


@requires(Right.BRAND_VIEW)
@or_404
def brand_docx(request, pk):
    found = selectors.brand(request.scope, pk)
    content, name = proposal_document(brand=found, today=request.today, now=timezone.now())
    audit.record("brand.exported", found, by=request.user, title=str(found), note="申报表")
    return document(content, name)
