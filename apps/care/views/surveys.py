"""问需: putting the questions to one person, one person's answers with their needs, the results of a campaign and the answers behind them."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.accounts.selectors import organization
from apps.cadres.models import Standing
from apps.care.actions import surveys as actions
from apps.care.forms.surveys import AnswerFilter, DeclineForm, SurveyForm, TakeForm
from apps.care.selectors import campaigns, codes
from apps.care.selectors import surveys as selectors
from apps.care.selectors import todos as todo_selectors
from apps.care.views.common import carried_out, done, or_404, refused
from apps.core.refusal import Refused
from apps.core.templatetags.portal import age
from apps.files.views import exports

PAGE = 50


@requires(Right.CARE_VISIT)
@or_404
def survey(request, pk):
    """The form for the person of a campaign's to-do; what was answered before stands in it."""
    todo = todo_selectors.todo(request.scope, pk)
    if todo.source != "campaign":
        raise Http404
    campaign = campaigns.campaign(request.scope, todo.subject_id)
    rows, before, status = list(selectors.questions(campaign)), selectors.answer_of(request.scope, todo), 200
    if not rows:
        return refused(request, Refused("这次走访没有问需问题。"), "care:campaign", campaign.pk)
    form = SurveyForm(request.POST or None, campaign=campaign, rows=rows, today=request.today, again=before is not None, initial=_initial(request, before))
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.answer_survey(todo=todo, by=request.user, today=request.today, **form.values()))
        if saved:
            return _saved(request, saved, rows, pk)
    context = {
        "form": form, "todo": todo, "cadre": todo.cadre, "campaign": campaign, "before": before, "draft": f"survey-{pk}",
        "sub": f"{todo.cadre.get_retire_kind_display()} · {age(todo.cadre.born_on, request.today)} · {todo.org}",
    }  # fmt: skip
    return render(request, "care/survey_form.html", context, status=status)


def _initial(request, before) -> dict:
    if before is None:
        return {"answered_on": request.today, "manner": "phone" if request.GET.get("manner") == "phone" else "door"}
    return before.answers | {"answered_on": before.answered_on, "manner": before.manner, "version": before.version}


def _saved(request, saved, rows, pk: int):
    voiced = selectors.needs(saved, rows)
    waiting = [need for need in voiced if need.taken is None]
    draft = f"survey-{pk}"
    if waiting:
        return done(request, f"已保存。提出了 {len(waiting)} 项需求，点一下就有人办。", "care:answer", saved.pk, draft=draft, anchor="needs")
    return done(request, f"已保存{saved.cadre.name}的问需表。", "care:answer", saved.pk, draft=draft)


@requires(Right.CARE_VIEW)
@or_404
def answer(request, pk):
    found = selectors.answer(request.scope, pk)
    return _answer_page(request, found, None, 200)


def _answer_page(request, found, form, status: int):
    rows = list(selectors.questions(found.campaign))
    may = Right.CARE_VISIT in request.rights
    context = {
        "answer": found, "campaign": found.campaign, "lines": [(row.text, said) for row in rows if (said := selectors.words(row, found.answers))],
        "unasked": [row.text for row in rows if row.key not in found.answers], "needs": selectors.needs(found, rows), "todo": selectors.todo_of(request.scope, found),
        "form": form if isinstance(form, TakeForm) else TakeForm(None, scope=request.scope, today=request.today), "refused": form,
        "can_take": may, "can_plan": found.cadre.standing == Standing.ACTIVE,
        "can_edit": may and found.campaign.state == "running", "names": codes.names(),
    }  # fmt: skip
    return render(request, "care/answer.html", context, status=status)


@require_POST
@requires(Right.CARE_VISIT)
@or_404
def answer_take(request, pk, question):
    """One press: the need becomes an item of the plan or a to-do; or nothing, with the reason, which can be taken back."""
    found, asked = selectors.answer(request.scope, pk), selectors.question(question)
    if "again" in request.POST:
        try:
            actions.take_up_again(answer=found, question=asked, by=request.user)
        except Refused as problem:
            return refused(request, problem, "care:answer", pk)
        return done(request, "已恢复，等待转办。", "care:answer", pk, anchor="needs")
    if request.POST.get("into") == "nothing":
        form = DeclineForm(request.POST)
        declined, status = carried_out(form, lambda: actions.decline_need(answer=found, question=asked, reason=form.cleaned_data["declined"], by=request.user))
        if declined is None:
            return _answer_page(request, found, form, status)
        return done(request, "已标为不需办理，随时可以恢复。", "care:answer", pk, anchor="needs")
    form = TakeForm(request.POST, scope=request.scope, today=request.today)
    taken, status = carried_out(form, lambda: actions.take_need(answer=found, question=asked, by=request.user, today=request.today, **form.cleaned_data))
    if taken is None:
        return _answer_page(request, found, form, status)
    worker = (taken.item or taken.todo).worker
    return done(request, f"已转办，{worker}负责，{(taken.item or taken.todo).due_on:%Y-%m-%d} 前办好。", "care:answer", pk, anchor="needs")


@requires(Right.CARE_VIEW)
@or_404
def results(request, pk):
    campaign = campaigns.campaign(request.scope, pk)
    rows = list(selectors.questions(campaign))
    if not rows or campaign.state == "draft":
        return redirect("care:campaign", pk)
    found = selectors.results(request.scope, campaign, rows)
    context = {"campaign": campaign, "found": found, "can_export": Right.CADRE_EXPORT in request.rights, "names": codes.names(), "url": reverse("care:campaign_answers", args=[pk])}
    return render(request, "care/survey_results.html", context)


@requires(Right.CARE_VIEW)
@or_404
def answer_list(request, pk):
    """``?question=&value=&waiting=&org=&own=&q=``: the answers behind each figure."""
    campaign = campaigns.campaign(request.scope, pk)
    rows = list(selectors.questions(campaign))
    form = AnswerFilter(request.GET, rows=rows, scope=request.scope, today=request.today)
    wanted = form.wanted()
    places = {name: organization(request.scope, wanted[name]) for name in ("org", "own") if wanted.get(name)}
    page = Paginator(selectors.filtered(request.scope, campaign, rows, wanted | places), PAGE).get_page(request.GET.get("page"))
    shown = [row for row in rows if row.key == wanted.get("question")] or rows
    lines = [{"answer": one, "said": _said(shown, one, bool(wanted.get("question")))} for one in page]
    context = {
        "campaign": campaign, "form": form, "page": page, "lines": lines, "narrowed": bool(wanted), "query": request.GET.urlencode(),
        "can_export": Right.CADRE_EXPORT in request.rights,
    }  # fmt: skip
    return render(request, "care/_answer_table.html" if request.htmx else "care/answer_list.html", context)


def _said(rows, one, plain: bool) -> str:
    if plain:
        return "；".join(selectors.words(row, one.answers) for row in rows)
    return "；".join(need for row in rows if (need := selectors.need_of(row, one.answers)))


answer_export = exports.asks("survey_answers", "care:answer_export")
