"""经验做法: the lists, one practice, writing and issuing, questions and answers, taking one over."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.brands.actions import practices as actions
from apps.brands.documents import list_document
from apps.brands.forms.practices import AnswerForm, ListForm, PracticeFilter, PracticeForm, QuestionForm, practice_initial
from apps.brands.models import FitFor
from apps.brands.selectors import practices as selectors
from apps.brands.selectors.effort import without_plan
from apps.brands.selectors.plans import plans
from apps.brands.views.common import carried_out, document, done, may_edit, may_review, or_404, refused
from apps.core.refusal import Refused

PAGE, SHOWN = 30, 20
FIT = dict(FitFor.choices)


def _writable(request, listed) -> bool:
    """In the making, and at or below one's own place."""
    return may_review(request) and listed.issued_on is None and listed.org.path.startswith(request.membership.org.path)


@requires(Right.BRAND_VIEW)
def practice_list_all(request):
    form = PracticeFilter(request.GET)
    page = Paginator(selectors.filtered(request.scope, form.wanted(), request.today), PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    taken = selectors.adoptions(rows)
    lists = list(selectors.lists(request.scope)[:30])
    without = list(without_plan(request.scope, request.today).values_list("name", flat=True)) if may_review(request) and not request.htmx else []
    context = {
        "form": form, "page": page, "rows": [(one, taken.get(one.pk, 0)) for one in rows], "lists": lists, "narrowed": bool(form.wanted()), "fit": FIT,
        "can_list": may_review(request), "query": request.GET.urlencode(), "without": without[:SHOWN], "more": max(0, len(without) - SHOWN),
    }  # fmt: skip
    return render(request, "brands/_practice_table.html" if request.htmx else "brands/practices.html", context)


@requires(Right.BRAND_REVIEW)
def list_add(request):
    form, status = ListForm(request.POST or None), 200
    if request.method == "POST":
        made, status = carried_out(form, lambda: actions.begin_list(org=request.membership.org, by=request.user, today=request.today, **form.cleaned_data))
        if made:
            return done(request, "已新建，接着写做法。", "brands:practice_list", made.pk)
    context = {"form": form, "title": "新一期经验做法清单", "label": "新建", "back": reverse("brands:practices")}
    return render(request, "brands/form.html", context, status=status)


@requires(Right.BRAND_VIEW)
@or_404
def practice_list(request, pk):
    listed = selectors.practice_list(request.scope, pk)
    rows = list(selectors.practices(request.scope).filter(listed=listed).order_by("number"))
    taken = selectors.adoptions(rows)
    context = {"listed": listed, "rows": [(one, taken.get(one.pk, 0)) for one in rows], "fit": FIT, "can_write": _writable(request, listed)}
    return render(request, "brands/practice_list.html", context)


@requires(Right.BRAND_VIEW)
@or_404
def list_docx(request, pk):
    listed = selectors.practice_list(request.scope, pk)
    rows = list(selectors.practices(request.scope).filter(listed=listed).order_by("number"))
    content, name = list_document(listed=listed, practices=rows, today=request.today, now=timezone.now())
    audit.record("brand.exported", listed, by=request.user, title=listed.title, note="经验做法清单")
    return document(content, name)


@requires(Right.BRAND_REVIEW)
@require_POST
@or_404
def list_issue(request, pk):
    try:
        held = actions.issue_list(listed=selectors.own_list(request.scope, pk), by=request.user, today=request.today, now=timezone.now())
    except Refused as problem:
        return refused(request, problem, "brands:practice_list", pk)
    return done(request, f"{held}已印发，各县区收到消息。", "brands:practice_list", pk)


def _write(request, listed, found):
    initial = practice_initial(found) if found else {"fit_for": ["county"]}
    form, status = PracticeForm(request.POST or None, request.FILES or None, offered=selectors.may_be_listed(request.scope), initial=initial), 200
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.write_practice(listed=listed, practice=found, by=request.user, **form.values()))
        if saved:
            return done(request, "已保存。", "brands:practice_list", listed.pk)
    context = {"form": form, "title": "写经验做法", "label": "保存", "back": reverse("brands:practice_list", args=[listed.pk])}
    return render(request, "brands/form.html", context, status=status)


@requires(Right.BRAND_REVIEW)
@or_404
def practice_add(request, pk):
    return _write(request, selectors.own_list(request.scope, pk), None)


@requires(Right.BRAND_REVIEW)
@or_404
def practice_edit(request, pk):
    found = selectors.practice(request.scope, pk)
    return _write(request, selectors.own_list(request.scope, found.listed_id), found)


@requires(Right.BRAND_REVIEW)
@require_POST
@or_404
def practice_off(request, pk):
    found = selectors.practice(request.scope, pk)
    listed = selectors.own_list(request.scope, found.listed_id)
    try:
        actions.take_off(practice=found, by=request.user)
    except Refused as problem:
        return refused(request, problem, "brands:practice_list", listed.pk)
    return done(request, "已从清单撤下。", "brands:practice_list", listed.pk)


@requires(Right.BRAND_REVIEW)
@require_POST
@or_404
def practice_file_remove(request, pk, key):
    found = selectors.practice(request.scope, pk)
    selectors.own_list(request.scope, found.listed_id)
    try:
        actions.remove_file(practice=found, stored=selectors.file(found, key), by=request.user)
    except Refused as problem:
        return refused(request, problem, "brands:practice", pk)
    return done(request, "材料已删除。", "brands:practice", pk)


@requires(Right.BRAND_VIEW)
@or_404
def practice(request, pk):
    found, org = selectors.practice(request.scope, pk), request.membership.org
    owns = selectors.owns(found, org)
    running = plans(request.scope).filter(practice=found, org=org).first()
    context = {
        "practice": found, "learners": selectors.learners(found), "questions": selectors.questions(found), "fit": FIT, "running": running,
        "can_adopt": may_edit(request) and not owns and not (running and running.state == "doing") and found.listed.issued_on,
        "can_ask": may_edit(request) and not owns and found.listed.issued_on, "can_answer": may_edit(request) and owns, "form": QuestionForm(),
        "can_write": _writable(request, found.listed), "files": selectors.files_read(found), "shown": selectors.brand_shown(request.scope, found),
    }  # fmt: skip
    return render(request, "brands/practice.html", context)


@requires(Right.BRAND_EDIT)
@or_404
def question_add(request, pk):
    found, status = selectors.practice(request.scope, pk), 200
    form = QuestionForm(request.POST or None)
    if request.method == "POST":
        act = {"practice": found, "org": request.membership.org, "by": request.user, "today": request.today, "now": timezone.now()}
        made, status = carried_out(form, lambda: actions.ask(**act, **form.cleaned_data))
        if made:
            return done(request, "已提问，来源单位收到消息。", "brands:practice", pk, anchor="questions")
    context = {"form": form, "title": "提问", "label": "提问", "back": reverse("brands:practice", args=[pk])}
    return render(request, "brands/form.html", context, status=status)


@requires(Right.BRAND_EDIT)
@or_404
def question_answer(request, pk, key):
    found, status = selectors.practice(request.scope, pk), 200
    asked = selectors.question(found, key)
    form = AnswerForm(request.POST or None, initial={"text": asked.answer})
    if request.method == "POST":
        act = {"question": asked, "org": request.membership.org, "by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: actions.answer(**act, **form.cleaned_data))
        if saved:
            return done(request, "已答复。", "brands:practice", pk, anchor="questions")
    context = {"form": form, "title": "答复", "label": "答复", "back": reverse("brands:practice", args=[pk]), "explain": asked.text}
    return render(request, "brands/form.html", context, status=status)


@requires(Right.BRAND_EDIT)
@require_POST
@or_404
def practice_adopt(request, pk):
    try:
        made = actions.adopt(practice=selectors.practice(request.scope, pk), org=request.membership.org, by=request.user, today=request.today)
    except Refused as problem:
        return refused(request, problem, "brands:practice", pk)
    return done(request, "已列为本单位的学习推广计划，请改阶段和责任人。", "brands:plan_edit", made.pk)
