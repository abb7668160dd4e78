"""The questions of a campaign's survey, as its head writes them."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.care.actions import questions as actions
from apps.care.forms.surveys import QuestionForm, SetForm, question_initial
from apps.care.selectors import campaigns, codes, surveys
from apps.care.views.common import carried_out, done, or_404, refused
from apps.core.refusal import Refused


def _own(request, pk: int):
    """The question, if its campaign may be changed from here."""
    found = surveys.question(pk)
    campaigns.own_campaign(request.scope, found.campaign_id)
    return found


@requires(Right.CARE_CAMPAIGN)
@or_404
def question_list(request, pk):
    """GET: the questions and the form of a new one. POST with ``set``: a default set; with ``clear``: none any more; else a new question."""
    campaign, status = campaigns.own_campaign(request.scope, pk), 200
    form, sets = QuestionForm(None, today=request.today), SetForm(None)
    if request.method == "POST" and "clear" in request.POST:
        return _cleared(request, campaign)
    if request.method == "POST" and "set" in request.POST:
        sets = SetForm(request.POST)
        made, status = carried_out(sets, lambda: actions.use_set(campaign=campaign, by=request.user, key=sets.cleaned_data["key"]))
        if made:
            return done(request, f"已放入 {made} 题，可逐题修改。", "care:campaign_questions", pk)
    elif request.method == "POST":
        form = QuestionForm(request.POST, today=request.today)
        made, status = carried_out(form, lambda: actions.add_question(campaign=campaign, by=request.user, **form.values()))
        if made:
            return done(request, "已加一题。", "care:campaign_questions", pk, draft=f"question-{pk}")
    rows = list(surveys.questions(campaign))
    context = {"campaign": campaign, "rows": rows, "form": form, "sets": sets, "reason": actions.reason_against(campaign), "names": codes.names()}
    return render(request, "care/questions.html", context, status=status)


def _cleared(request, campaign):
    try:
        gone = actions.clear_questions(campaign=campaign, by=request.user)
    except Refused as problem:
        return refused(request, problem, "care:campaign_questions", campaign.pk)
    return done(request, f"已删去 {gone} 题。", "care:campaign_questions", campaign.pk)


@requires(Right.CARE_CAMPAIGN)
@or_404
def question(request, pk):
    found, status = _own(request, pk), 200
    form = QuestionForm(request.POST or None, today=request.today, initial=question_initial(found))
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.change_question(question=found, by=request.user, **form.values()))
        if saved:
            return done(request, "已修改。", "care:campaign_questions", found.campaign_id, draft=f"question-edit-{pk}")
    return render(request, "care/question.html", {"question": found, "campaign": found.campaign, "form": form, "draft": f"question-edit-{pk}"}, status=status)


@require_POST
@requires(Right.CARE_CAMPAIGN)
@or_404
def question_act(request, pk, act):
    """``act``: up or remove."""
    found = _own(request, pk)
    if act not in ("up", "remove"):
        raise Http404
    try:
        (actions.move_up if act == "up" else actions.remove_question)(question=found, by=request.user)
    except Refused as problem:
        return refused(request, problem, "care:campaign_questions", found.campaign_id)
    return done(request, "已上移。" if act == "up" else "已删去。", "care:campaign_questions", found.campaign_id)
